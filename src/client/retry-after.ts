/** When to come back, as a server that pushes back says it (RFC 9110, section 10.2.3). */

/**
 * Milliseconds from `now` on: the header is a number of seconds or a date.
 * Undefined where it says nothing that can be understood.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^[0-9]{1,10}$/.test(text)) return Number(text) * 1_000;
  // A date has letters: what else the parser would make a year of is no date.
  const date = /^[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
