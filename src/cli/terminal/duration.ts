/** Lengths of time as people write them: `90s`, `30m`, `6h`, `7d`, or seconds alone. */
import { LedgerError } from '../../errors.ts';

const units = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;

const words = { d: 'day', h: 'hour', m: 'minute', s: 'second' } as const;

/** Seconds. Throws `usage`. */
export function parseDuration(text: string): number {
  const [, count = '', unit = 's'] = /^(0|[1-9][0-9]{0,8})([dhms]?)$/.exec(text) ?? [];
  if (count !== '') return Number(count) * units[(unit === '' ? 's' : unit) as keyof typeof units];
  throw new LedgerError('usage', 'this is no length of time', {
    expected: 'a whole number with d, h, m or s behind it, such as 7d',
    got: text,
  });
}

/** 93600 → "1 day 2 hours": exact for whole units, else its two largest ones. */
export function durationText(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / units[unit]);
    rest -= count * units[unit];
    if (count > 0) parts.push(`${count} ${words[unit]}${count === 1 ? '' : 's'}`);
  }
  return parts.slice(0, 2).join(' ') || '0 seconds';
}
