/**
 * Numbers, plurals, dates and sizes as a language writes them, by `Intl`; and
 * values of statements, which anybody may have filled with anything.
 */
import { excerpt } from '../errors.ts';

export interface Say {
  /** 48211 → "48,211". */
  readonly number: (value: number) => string;
  /** 2, {one: 'entry', other: 'entries'} → "2 entries". */
  readonly count: (value: number, forms: Forms) => string;
  /** Milliseconds since the epoch → "2026-11-03T12:00:00Z", the same in every language. */
  readonly time: (ms: number) => string;
  /** 327155712 → "327 MB". */
  readonly bytes: (value: number) => string;
  /** Things of one kind: "a, b and c". */
  readonly list: (items: readonly string[]) => string;
  /** A length of time in seconds: 93600 → "1 day 2 hours", its two largest units. */
  readonly duration: (seconds: number) => string;
  /** How long something is past, in seconds, by its largest unit: 7300 → "2 hours ago". */
  readonly ago: (seconds: number) => string;
}

/** The forms of a noun by the plural categories of its language; `other` always. */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string };

/** 9999-12-31T23:59:59Z in milliseconds: what comes later has five digits to its year. */
const endOfTime = 253_402_300_800_000;

/** `language`: a BCP 47 tag. */
export function sayIn(language: string): Say {
  const numbers = new Intl.NumberFormat(language);
  const plurals = new Intl.PluralRules(language);
  const lists = new Intl.ListFormat(language);
  return {
    number: (value) => numbers.format(value),
    count: (value, forms) => `${numbers.format(value)} ${forms[plurals.select(value)] ?? forms.other}`,
    time: (ms) => (ms >= endOfTime ? '9999+' : `${new Date(ms).toISOString().slice(0, 19)}Z`),
    bytes: byteCount,
    list: (items) => lists.format(items),
    duration: durationIn(language),
    ago: agoIn(language),
  };
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

function durationIn(language: string): Say['duration'] {
  const formats = units.map(([unit, length]) => {
    const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });
    return { format, length };
  });
  return (seconds) => {
    let rest = Math.max(0, Math.floor(seconds));
    const parts = formats.flatMap(({ format, length }) => {
      const count = Math.floor(rest / length);
      rest -= count * length;
      // "0 seconds" where there is nothing larger either.
      return count > 0 || (length === 1 && seconds < 1) ? [format.format(count)] : [];
    });
    return parts.slice(0, 2).join(' ');
  };
}

function agoIn(language: string): Say['ago'] {
  const format = new Intl.RelativeTimeFormat(language);
  return (seconds) => {
    // Up to two days in hours: "1 day ago" could be anything between.
    const [unit, length] = units.find(([name, each]) => seconds >= (name === 'day' ? 2 * each : each)) ?? [
      'second',
      1,
    ];
    return format.format(-Math.floor(seconds / length), unit);
  };
}

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB'];

function byteCount(value: number): string {
  let shown = value;
  let unit = 0;
  while (shown >= 1_000 && unit < byteUnits.length - 1) {
    shown /= 1_000;
    unit++;
  }
  return `${unit === 0 || shown >= 10 ? Math.round(shown) : shown.toFixed(1)} ${byteUnits[unit]}`;
}

/** A digest or an identifier, cut where it is long. */
export function shortened(value: string): string {
  return value.length > 16 ? `${value.slice(0, 8)}…${value.slice(-4)}` : value;
}

/** A name out of a statement may hold a newline and what looks like a line of our own. */
export function oneLine(name: string): string {
  return excerpt(name.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' '));
}
