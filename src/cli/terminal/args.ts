/** Values of options as they are typed, with refusals in the project's own form. */
import { LedgerError, lengthOf } from '../../errors.ts';

/** A command line that makes no sense as a whole: `main` shows below it how the command is used. */
export function misused(message: string): LedgerError {
  return new LedgerError('usage', message);
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
