/**
 * What a ledger's server and its signer's process say to each other, over one
 * stream: lines of JSON, at most 64 KiB each, every request answered in turn.
 *
 *     signer   {"format":"isal-signer/v1","keys":["<verifier key>", …]}    once, or an error
 *     server   {"do":"open"}
 *     signer   {"head":{"size":7,"root":"<base64>"}}                       what is anchored
 *     server   {"do":"sign","head":{"size":9,"root":"…"},"proof":["…", …]}
 *     signer   {"head":{"size":9,"root":"…"},"note":"<the signed note>"}
 *     signer   {"error":{"code":"…","message":"…","expected":"…","got":"…"},"head":…}
 *
 * `open` reads the anchor anew, and may be said again: a server asks it once
 * more when the database is its own, since another may have signed until then.
 * The signer believes nothing of what it is told: a head is signed if it
 * extends the anchored one. What it tells the server is taken as it stands.
 */
import { fromBase64, toBase64, utf8, fromUtf8 } from '../bytes.ts';
import { defined } from '../defined.ts';
import { LedgerError, isErrorCode } from '../errors.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../note/key.ts';
import type { Hash } from '../tlog/hash.ts';
import type { Head } from '../tlog/head.ts';

const format = 'isal-signer/v1';
/** A consistency proof has 3 KB, a note with both signatures 4 KB. */
export const maxLineBytes: number = 64 * 1024;

export type Request =
  { readonly do: 'open' } | { readonly do: 'sign'; readonly head: Head; readonly proof: readonly Hash[] };

/** What is anchored by then, where that is known, and what was asked for or why not. */
export type Answer =
  | { readonly head: Head; readonly note?: Uint8Array | undefined }
  | { readonly error: LedgerError; readonly head?: Head | undefined };

type Members = Readonly<Record<string, unknown>>;

/** Splits what arrives into lines. Throws `too-large` before a line without end fills the memory. */
export class Lines {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Uint8Array): string[] {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const lines: string[] = [];
    let from = 0;
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, from)) {
      lines.push(fromUtf8(bytes.subarray(from, at)));
      from = at + 1;
    }
    this.#rest = bytes.subarray(from);
    if (this.#rest.length > maxLineBytes) {
      throw new LedgerError('too-large', 'a line between server and signer has no end', {
        expected: `at most ${maxLineBytes} bytes`,
      });
    }
    return lines;
  }
}

export function formatHello(keys: readonly VerifierKey[]): string {
  return line({ format, keys: keys.map(formatVerifierKey) });
}

/** Throws `bad-request` for what is no greeting, and the error that is told in its place. */
export function parseHello(text: string): VerifierKey[] {
  const members = membersOf(text);
  if (members['error'] !== undefined) throw parseError(members['error']);
  const { keys } = members;
  if (members['format'] !== format || !Array.isArray(keys)) throw malformed(`a greeting of ${format}`);
  return keys.map((key) => parseVerifierKey(stringIn(key)));
}

export function formatRequest(request: Request): string {
  if (request.do === 'open') return line(request);
  return line({ do: 'sign', head: headMembers(request.head), proof: request.proof.map(toBase64) });
}

/** Throws `bad-request`, `bad-base64`. */
export function parseRequest(text: string): Request {
  const { do: what, head, proof } = membersOf(text);
  if (what === 'open') return { do: 'open' };
  if (what !== 'sign' || !Array.isArray(proof)) throw malformed('open, or sign with a head and a proof');
  return { do: 'sign', head: parseHead(head), proof: proof.map((hash) => fromBase64(stringIn(hash), 32)) };
}

export function formatAnswer(answer: Answer): string {
  const head = answer.head === undefined ? undefined : headMembers(answer.head);
  if (!('error' in answer)) {
    return line(defined({ head, note: answer.note === undefined ? undefined : fromUtf8(answer.note) }));
  }
  const { code, message, expected, got } = answer.error;
  return line(defined({ error: defined({ code, message, expected, got }), head }));
}

/** Throws `bad-request`, `bad-base64`. */
export function parseAnswer(text: string): Answer {
  const { error, head, note } = membersOf(text);
  if (error !== undefined) {
    return defined({
      error: parseError(error),
      head: head === undefined ? undefined : parseHead(head),
    });
  }
  return defined({ head: parseHead(head), note: note === undefined ? undefined : utf8(stringIn(note)) });
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function headMembers({ size, root }: Head): object {
  return { size, root: toBase64(root) };
}

function parseHead(value: unknown): Head {
  if (!isMembers(value)) throw malformed('a head');
  const { size } = value;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw malformed('the size of a head');
  return { size, root: fromBase64(stringIn(value['root']), 32) };
}

function parseError(value: unknown): LedgerError {
  if (!isMembers(value)) throw malformed('an error');
  const code = stringIn(value['code']);
  const optional = (member: string): string | undefined =>
    value[member] === undefined ? undefined : stringIn(value[member]);
  return new LedgerError(isErrorCode(code) ? code : 'internal', stringIn(value['message']), {
    expected: optional('expected'),
    got: optional('got'),
  });
}

function membersOf(text: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Reported below, as every other fault.
  }
  if (isMembers(value)) return value;
  throw malformed('a JSON object');
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stringIn(value: unknown): string {
  if (typeof value === 'string') return value;
  throw malformed('a string');
}

function malformed(expected: string): LedgerError {
  return new LedgerError('bad-request', 'a line between server and signer cannot be read', { expected });
}
