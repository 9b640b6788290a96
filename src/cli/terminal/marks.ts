/**
 * Verdicts on a terminal: one line for each hop, with its mark.
 *
 *   ✓ Recorded     leaf 48,211 of 51,002; 3 of 4 witnesses
 *   ! Reviewed     targeted: 412 of 9,310 files, not full; no findings (leaf 47,990)
 *   ? Corrections  none shown as of 51,002 (--replay proves it)
 *
 * The mark carries the meaning; colour only repeats it, and NO_COLOR takes it away.
 */
import { printable } from './io.ts';
import type { Io } from './io.ts';
import { defined } from '../../defined.ts';
import type { Hop } from '../../verifier/judging/hops/hop.ts';
import type { Mark } from '../../verifier/mark.ts';
import { en, hopText } from '../../words/index.ts';
import type { Failure } from '../../verifier/proving/failure.ts';

const symbols: Readonly<Record<Mark, string>> = { proven: '✓', contradicted: '✗', 'not-shown': '?' };

/** Green, red, yellow. */
const colours: Readonly<Record<Mark, number>> = { proven: 32, contradicted: 31, 'not-shown': 33 };

const labelWidth = 13;

/** The symbol of a mark, coloured where standard output is a terminal that wants it. */
export function symbol(mark: Mark, io: Io): string {
  return coloured(symbols[mark], colours[mark], io);
}

function coloured(plain: string, colour: number, io: Io): string {
  const wanted = io.colours === true && (io.env['NO_COLOR'] ?? '') === '';
  return wanted ? `\u001b[${colour}m${plain}\u001b[0m` : plain;
}

/** A line with a mark; the text may come from outside. */
export function markLine(mark: Mark, label: string, text: string, io: Io): string {
  return shownLine({ mark, label, text }, io);
}

/** What a command line alone can offer about a hop; words for everybody do not name options. */
function offer(hop: Hop): string {
  if (hop.hop === 'more') return ' (isal verify --replay reads it all)';
  const isOpen = hop.hop === 'revocations' || (hop.hop === 'corrections' && hop.state === 'none');
  if (isOpen && hop.mark === 'not-shown') return ' (--replay proves it)';
  const isUncovered = hop.hop === 'sealed' && hop.state === 'seal' && hop.open === undefined && !hop.covered;
  return isUncovered ? ' (--crl shows them)' : '';
}

/** A hop as a line. `more` is told behind it, such as the age of a checkpoint. */
export function hopLine(hop: Hop, io: Io, more = ''): string {
  const { mark, qualified } = hop;
  const text = `${hopText(hop)}${more}${offer(hop)}`;
  return shownLine({ mark, ...defined({ qualified }), label: en.labels[hop.hop], text }, io);
}

/** What is proven, and less than its name may seem to say, has a mark of its own, so that nobody takes it for a tick. */
export function shownLine(
  {
    mark,
    qualified,
    label,
    text,
  }: { readonly mark: Mark; readonly qualified?: true; readonly label: string; readonly text: string },
  io: Io,
): string {
  const shown = qualified === true ? coloured('!', colours['not-shown'], io) : symbol(mark, io);
  return `${shown} ${label.padEnd(labelWidth)}${printable(text)}\n`;
}

/** A line without a mark, its text in the column of the others. */
export function plainLine(label: string, text: string): string {
  return `${label.padEnd(labelWidth + 2)}${printable(text)}\n`;
}

/** 327155712 → "327 MB". */
export function byteCount(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A time in seconds, as the distance from now. */
export function ago(time: number, io: Io): string {
  const seconds = Math.max(0, Math.round(io.now() / 1_000 - time));
  const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'} ago`;
  if (seconds < 60) return plural(seconds, 'second');
  if (seconds < 3_600) return plural(Math.floor(seconds / 60), 'minute');
  if (seconds < 2 * 86_400) return plural(Math.floor(seconds / 3_600), 'hour');
  return plural(Math.floor(seconds / 86_400), 'day');
}

/** A time in seconds as RFC 3339. A witness may write any number of seconds, beyond what a date can hold. */
export function isoTime(time: number): string {
  if (time >= 253_402_300_800) return 'after the year 9999';
  return `${new Date(time * 1_000).toISOString().slice(0, 19)}Z`;
}

/** Why an answer is not `proven`, one fact to a line. */
export function failureText({ code, message, expected, got, at, index }: Failure): string {
  const lines = [
    ['reason', message],
    ['expected', expected],
    ['got', got],
    ['at', at],
    ['leaf', index === undefined ? undefined : String(index)],
    ['code', `${code} (isal explain ${code})`],
  ] as const;
  return lines.map(([name, text]) => (text === undefined ? '' : `  ${plainLine(name, text)}`)).join('');
}
