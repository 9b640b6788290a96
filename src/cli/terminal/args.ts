/** Strict command lines: `parseArgs` of Node with refusals in the project's own form. */
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { LedgerError, lengthOf } from '../../errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; strict: true; options: T }>
>;

/** Options and positionals. Throws `usage`, with the command's usage as what was expected. */
export function parseCommand<T extends Options>(
  args: readonly string[],
  options: T,
  usage: string,
): Parsed<T> {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, strict: true, options });
  } catch (cause) {
    throw new LedgerError('usage', inOneLine(cause), {
      expected: usage,
      cause,
    });
  }
}

/** Node goes on about words that begin with a dash, for which nobody has asked who has mistyped an option. */
function inOneLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/\. To specify a positional argument .*$/s, '').replaceAll('\n', ' ');
}

/** A whole number in an option. Throws `usage`. */
export function numberOption(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text);
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text) || value < min || value > max) {
    throw new LedgerError('usage', `--${name} is not a number in its range`, {
      expected: `a whole number from ${min} to ${max}`,
      got: text,
    });
  }
  return value;
}

/** A SHA-256 in an option, such as a leaf hash. Throws `usage`. */
export function hexOption(name: string, text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new LedgerError('usage', `--${name} is not the hash of a leaf`, {
    expected: '64 characters of 0-9 a-f',
    got: lengthOf(text),
  });
}

/** `HOST:PORT`, an IPv6 address in brackets. Throws `usage`. */
export function addressOption(name: string, text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port = ''] =
    /^(?:\[([0-9A-Fa-f:.]{2,64})\]|([^:[\]\s]{1,255})):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    throw new LedgerError('usage', `--${name} is not an address with a port`, {
      expected: 'HOST:PORT, for example 127.0.0.1:9464 or [::1]:9464',
      got: lengthOf(text),
    });
  }
  return { host, port: numberOption(name, port, { min: 0, max: 65535 }) };
}

/** Exactly one positional argument. Throws `usage`. */
export function onePositional(positionals: readonly string[], what: string, usage: string): string {
  const [only, ...more] = positionals;
  if (only === undefined || more.length > 0) {
    throw new LedgerError('usage', `name one ${what}`, { expected: usage });
  }
  return only;
}
