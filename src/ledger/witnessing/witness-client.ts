/**
 * One witness, as the ledger speaks with it (c2sp.org/tlog-witness):
 *
 *     POST <url>/add-checkpoint      old size, consistency proof, signed checkpoint
 *       200  cosignature lines
 *       409  "<size>\n": it remembers another size; asked again once, from there
 *       422  it holds another history
 *     GET <url>/<hex SHA-256 of the origin>/checkpoint
 *
 * Nothing that it says is believed. A hostile witness may answer for ever, or
 * never, send us elsewhere, or repeat one conflict without end: an answer is
 * bounded in bytes, a conversation in time and in questions, and a cosignature
 * is verified before it is used.
 */
import { sha256 } from '#sha256';
import { retryAfterMs } from '../../client/retry-after.ts';
import { fromUtf8, parseDecimal, toHex, utf8 } from '../../bytes.ts';
import { LedgerError, excerpt } from '../../errors.ts';
import { formatAddCheckpoint } from '../../note/add-checkpoint.ts';
import { verifyCosignature } from '../../note/cosignature.ts';
import { matchesKey } from '../../note/key.ts';
import { maxNoteBytes, parseSignatureLines, type NoteSignature } from '../../note/note.ts';
import type { PolicyWitness } from '../../note/policy.ts';
import { futureTolerance } from '../../note/quorum.ts';
import type { Head } from '../../tlog/head.ts';
import type { Hash } from '../../tlog/hash.ts';

/** A checkpoint for which cosignatures are wanted. */
export interface Submission {
  readonly head: Head;
  /** The note as the log signed it, and its text. */
  readonly note: Uint8Array;
  readonly text: string;
  /** The consistency proof from a size of 1 or more, below that of `head`. */
  readonly prove: (from: number) => Promise<readonly Hash[]>;
}

/** A cosignature that verifies, by the witness that the policy has under `name`. */
export interface Cosignature {
  readonly name: string;
  readonly signature: NoteSignature;
}

export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly cosignatures: readonly Cosignature[] }
  /** It says that it has cosigned a larger tree, or another history; `held` is what it shows for it. */
  | { readonly kind: 'ahead'; readonly size: number; readonly held: Uint8Array | undefined }
  | { readonly kind: 'disputes'; readonly held: Uint8Array | undefined }
  | { readonly kind: 'failed'; readonly error: LedgerError }
  /** It was busy with an earlier question until the answer to this one was no longer wanted. */
  | { readonly kind: 'skipped' };

export interface WitnessClientOptions {
  readonly url: string;
  /** The witnesses that the policy lists under this URL: one, or one for each of its keys. */
  readonly witnesses: readonly PolicyWitness[];
  readonly origin: string;
  /** For a whole conversation. */
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Room for 16 cosignatures with ML-DSA-44, of about 3,300 characters each. */
const maxAnswerBytes = 64 * 1024;
const maxAnswerLines = 16;
/** 2^53 - 1 has 16 digits; then the newline. */
const maxSizeBytes = 17;
/** A witness that says "later" is left alone so long at the most: its voice is its own to lose, for a while. */
const maxLaterMs = 60_000;

export class WitnessClient {
  readonly url: string;
  readonly witnesses: readonly PolicyWitness[];
  readonly #options: WitnessClientOptions;
  readonly #base: string;
  /** The size that it cosigned last, as far as we know. */
  #remembered: number | undefined;
  /** Settles with the last conversation; there is one at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #running: AbortController | undefined;
  /** It is not asked before then, by our clock, since it said so. */
  #notBefore = 0;
  #closed = false;

  /** Throws `malformed-policy` for what is no http or https URL. */
  constructor(options: WitnessClientOptions) {
    this.#options = options;
    this.url = options.url;
    this.witnesses = options.witnesses;
    this.#base = baseOf(options.url);
  }

  /**
   * Asks for cosignatures. Waits for the conversation before it, and is skipped
   * if `unwanted` is aborted before its turn; once begun it goes on to its end,
   * so that a slow witness keeps up. Rejects only with what `prove` throws.
   */
  ask(submission: Submission, unwanted: AbortSignal): Promise<WitnessAnswer> {
    const turn = this.#last.then(async (): Promise<WitnessAnswer> => {
      if (unwanted.aborted || this.#closed) return { kind: 'skipped' };
      return this.#converse(submission);
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Breaks off the conversation that is running, and begins no other. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#running?.abort();
    await this.#last;
  }

  async #converse(submission: Submission): Promise<WitnessAnswer> {
    if (this.#options.now() < this.#notBefore) return { kind: 'failed', error: tooMany() };
    const running = new AbortController();
    this.#running = running;
    const timer = setTimeout(() => running.abort(), this.#options.timeoutMs);
    try {
      return await this.#submit(submission, running.signal);
    } catch (error) {
      if (error instanceof OwnFault) throw error.cause;
      // Whatever was agreed on is open again; the next conversation finds out.
      this.#remembered = undefined;
      return { kind: 'failed', error: running.signal.aborted ? this.#tooSlow() : witnessFault(error) };
    } finally {
      clearTimeout(timer);
      this.#running = undefined;
    }
  }

  async #submit(submission: Submission, signal: AbortSignal): Promise<WitnessAnswer> {
    const { size } = submission.head;
    let old = Math.min(this.#remembered ?? size, size);
    for (let repaired = false; ; repaired = true) {
      const { status, body, retryAfter } = await this.#addCheckpoint(submission, old, signal);
      if (status === 200) {
        const cosignatures = this.#verified(body, submission.text);
        this.#remembered = size;
        return { kind: 'cosigned', cosignatures };
      }
      if (status === 429) {
        const now = this.#options.now();
        this.#notBefore = now + Math.min(retryAfterMs(retryAfter, now) ?? 0, maxLaterMs);
        throw tooMany();
      }
      if (status === 422) return { kind: 'disputes', held: await this.#held(signal) };
      if (status !== 409) {
        throw new LedgerError('server-error', `the witness refused the checkpoint with status ${status}`, {
          expected: 'status 200, 409 or 422',
          got: `status ${status}`,
        });
      }
      const remembered = parseDecimal(fromUtf8(body).replace(/\n$/, ''));
      if (remembered > size) return { kind: 'ahead', size: remembered, held: await this.#held(signal) };
      // Once: a witness that keeps changing its mind must not keep us.
      if (repaired || remembered === old) {
        throw new LedgerError('size-conflict', 'the witness contradicts its own answer', {
          expected: `a cosignature from size ${old} on`,
          got: `409, size ${remembered}`,
        });
      }
      old = remembered;
    }
  }

  async #addCheckpoint(submission: Submission, oldSize: number, signal: AbortSignal): Promise<Answer> {
    const trivial = oldSize === 0 || oldSize === submission.head.size;
    const proof = trivial ? [] : await submission.prove(oldSize).catch(ownFault);
    const body = formatAddCheckpoint({ oldSize, proof, checkpoint: submission.note });
    return exchange(
      `${this.#base}/add-checkpoint`,
      {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: new Uint8Array(body),
      },
      { signal, maxBytes: (status) => (status === 200 ? maxAnswerBytes : status === 409 ? maxSizeBytes : 0) },
    );
  }

  /** Cosignatures of the witness's listed keys, one for each; lines of other keys are ignored. */
  #verified(body: Uint8Array, text: string): Cosignature[] {
    const lines = parseSignatureLines(fromUtf8(body), maxAnswerLines);
    const found: Cosignature[] = [];
    for (const { name, key } of this.witnesses) {
      // Of several by one key the first one is judged and used, so that a witness
      // cannot make verification dear, or fill our checkpoints, by repeating lines.
      const signature = lines.find((line) => matchesKey(key, line));
      if (signature === undefined) continue;
      const { time } = verifyCosignature(key, text, signature);
      this.#requireTime(time);
      found.push({ name, signature });
    }
    if (found.length > 0) return found;
    throw new LedgerError(
      'no-known-signature',
      'the answer has no witness cosignature by a key of the policy',
      {
        expected: excerpt(this.witnesses.map(({ key }) => key.name).join(' or ')),
        got: excerpt(lines.map(({ name }) => name).join(', ')),
      },
    );
  }

  /** A time far ahead counts with no reader; one far back would make the checkpoint stale for all of them. */
  #requireTime(time: number): void {
    const now = Math.floor(this.#options.now() / 1000);
    if (Math.abs(time - now) <= futureTolerance) return;
    throw new LedgerError('stale-checkpoint', 'the time of the witness cosignature is not the present', {
      expected: `at most ${futureTolerance} s from ${now}`,
      got: String(time),
    });
  }

  /** The checkpoint that the witness serves to monitors, if it serves one. Not looked into here. */
  async #held(signal: AbortSignal): Promise<Uint8Array | undefined> {
    const path = `${toHex(sha256(utf8(this.#options.origin)))}/checkpoint`;
    try {
      const maxBytes = (status: number): number => (status === 200 ? maxNoteBytes : 0);
      const { status, body } = await exchange(`${this.#base}/${path}`, {}, { signal, maxBytes });
      return status === 200 ? body : undefined;
    } catch {
      // What it does not show is a claim without proof, and judged as one.
      return undefined;
    }
  }

  #tooSlow(): LedgerError {
    return new LedgerError('unreachable', 'the witness did not answer in time', {
      expected: `an answer within ${this.#options.timeoutMs} ms`,
    });
  }
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
  readonly retryAfter: string | null;
}

/** One request and its answer, read no further than `maxBytes` of its status; no redirect is followed. */
async function exchange(
  url: string,
  init: RequestInit,
  { signal, maxBytes }: { signal: AbortSignal; maxBytes: (status: number) => number },
): Promise<Answer> {
  const response = await fetch(url, { ...init, signal, redirect: 'manual' });
  const { status } = response;
  const limit = maxBytes(status);
  const retryAfter = response.headers.get('retry-after');
  if (limit === 0 || response.body === null) {
    await response.body?.cancel();
    return { status, body: new Uint8Array(0), retryAfter };
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early ends the connection, so that nothing more is received.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) {
      throw new LedgerError('too-large', 'the answer of the witness is too large', {
        expected: `at most ${limit} bytes`,
      });
    }
    chunks.push(chunk);
  }
  return { status, body: new Uint8Array(Buffer.concat(chunks, length)), retryAfter };
}

function tooMany(): LedgerError {
  return new LedgerError('too-many-requests', 'the witness has been asked too much at once', {
    expected: 'the same question again later',
    got: 'status 429',
  });
}

/** A fault of ours on the way to a witness, kept apart from those of the witness. */
class OwnFault extends Error {}

function ownFault(cause: unknown): never {
  throw new OwnFault('no proof for a witness', { cause });
}

function witnessFault(error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new LedgerError('unreachable', 'the witness cannot be reached', {
    got: excerpt(code),
    cause: error,
  });
}

function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && url.search === '' && url.hash === '' && url.username === '';
  if (plain && (url.protocol === 'http:' || url.protocol === 'https:')) {
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  }
  throw new LedgerError('malformed-policy', 'a witness cannot be asked at this URL', {
    expected: 'http://… or https://…, without a query',
    got: excerpt(text),
  });
}
