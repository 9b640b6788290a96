/**
 * Query parameters, strictly: every name is known and stands once, with a
 * value. A misspelt filter that was ignored would widen an answer in silence.
 */
import { LedgerError, lengthOf } from '../../errors.ts';
import { parseDecimal } from '../../bytes.ts';

/** The parameters of a query string (without `?`). Throws `bad-request`. */
export function parseQuery<N extends string>(query: string, names: readonly N[]): Partial<Record<N, string>> {
  const values: Partial<Record<N, string>> = {};
  if (query === '') return values;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const rawName = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1));
    const name = names.find((candidate) => candidate === rawName);
    if (name === undefined) {
      throw new LedgerError('bad-request', 'unknown query parameter', {
        expected: names.length === 0 ? 'no query parameter' : `only ${names.join(', ')}`,
        got: `a name of ${lengthOf(rawName)}`,
      });
    }
    if (values[name] !== undefined) throw badParameter(name, 'once', 'the same parameter again');
    if (value === '') throw badParameter(name, 'a value', 'nothing');
    values[name] = value;
  }
  return values;
}

/** `got` is told in words, never quoted: what a reader asks for is private, and errors are kept in logs. */
export function badParameter(parameter: string, expected: string, got: string): LedgerError {
  return new LedgerError('bad-request', `query parameter ${parameter} is not acceptable`, {
    expected,
    got,
    facts: { parameter },
  });
}

/** A canonical decimal in `min` to `max`. Throws `bad-request`. */
export function numberParameter(
  name: string,
  text: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number {
  let value: number;
  try {
    value = parseDecimal(text);
  } catch {
    throw badParameter(name, 'a decimal integer without leading zeros', lengthOf(text));
  }
  if (value < min || value > max) throw badParameter(name, `${min} to ${max}`, 'a number beyond');
  return value;
}

/** A value that matches the pattern. Throws `bad-request`. */
export function patternParameter(name: string, text: string, pattern: RegExp, expected: string): string {
  if (!pattern.test(text)) throw badParameter(name, expected, lengthOf(text));
  return text;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new LedgerError('bad-request', 'query is not percent-encoded UTF-8', {
      expected: 'percent-encoded UTF-8',
      got: lengthOf(text),
    });
  }
}
