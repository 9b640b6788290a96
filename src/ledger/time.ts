/**
 * A moment as people and programs name it, in whole seconds since 1970:
 *
 *   2026-11-03T12:00:00Z   2026-11-03T13:00:00.25+01:00   1793707200
 */

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** For refusals: what `parseTime` reads. */
export const timeForms = 'a time as 2026-11-03T12:00:00Z, or in seconds since 1970';

/** Undefined for what is neither form, for no day of the calendar, and for times before 1970. */
export function parseTime(text: string): number | undefined {
  if (/^(?:0|[1-9]\d{0,11})$/.test(text)) return Number(text);
  const [, year, month, day] = (rfc3339.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  // `Date` takes the 30th of February for the 2nd of March.
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const seconds = Math.floor(Date.parse(text) / 1000);
  return seconds >= 0 ? seconds : undefined;
}
