/**
 * A signer in another process, as the server sees it: `SignerLink` is the
 * stream to it, `RemoteSigner` the signer once its anchor is open.
 *
 * The end of the stream before `close` is the loss of the signer, and that ends
 * the server: what was anchored last is then not known here. The next start
 * asks the anchor, and signs again what was anchored and not signed.
 */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { LedgerError } from '../errors.ts';
import type { VerifierKey } from '../note/key.ts';
import type { Head } from '../tlog/head.ts';
import type { Hash } from '../tlog/hash.ts';
import { Lines, formatRequest, parseAnswer, parseHello, type Answer, type Request } from './protocol.ts';
import type { Signer } from './signer.ts';

export interface LinkOptions {
  /** Milliseconds for the greeting; a process that has just been started needs its time. 30 s unless given. */
  readonly patienceMs?: number;
  /** The process at the other end, where it was started for this stream. It is not left behind. */
  readonly child?: ChildProcess;
}

/** For a process that was told to end, and has nothing left to do. */
const endsWithinMs = 5_000;

interface Asked {
  readonly resolve: (line: string) => void;
  readonly reject: (error: LedgerError) => void;
}

export class SignerLink {
  readonly keys: readonly VerifierKey[];
  /** Resolves with `signer-lost` when the stream ends before `close`. */
  readonly lost: Promise<LedgerError>;
  readonly #line: Line;

  private constructor(line: Line, keys: readonly VerifierKey[]) {
    this.#line = line;
    this.keys = keys;
    this.lost = line.lost;
  }

  /** Throws `signer-lost` if no signer greets in time, and what it says in place of a greeting. */
  static async greet(stream: Socket, options: LinkOptions = {}): Promise<SignerLink> {
    const line = new Line(stream, options.child);
    const late = setTimeout(() => line.break('it does not answer'), options.patienceMs ?? 30_000);
    try {
      return new SignerLink(line, parseHello(await line.next()));
    } catch (error) {
      await line.close();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /** The signer with its anchor as it is now. Throws what `Anchor.open` throws, and `signer-lost`. */
  async open(): Promise<RemoteSigner> {
    const answer = await this.ask({ do: 'open' });
    if ('error' in answer) throw answer.error;
    return new RemoteSigner(this, answer.head);
  }

  /** Throws `signer-lost`. */
  async ask(request: Request): Promise<Answer> {
    const text = await this.#line.ask(formatRequest(request));
    try {
      return parseAnswer(text);
    } catch (error) {
      throw this.#line.break(error instanceof Error ? error.message : 'its answer cannot be read');
    }
  }

  /** Resolves when the other side is gone. */
  close(): Promise<void> {
    return this.#line.close();
  }

  /** Lets go at once: for a server that has stopped and answers for nothing more. */
  abandon(): void {
    this.#line.abandon();
  }
}

export class RemoteSigner implements Signer {
  readonly keys: readonly VerifierKey[];
  readonly lost: Promise<LedgerError>;
  readonly #link: SignerLink;
  /** What it said last. It moves before a signature leaves the signer, so no other has seen a later one. */
  #anchored: Head;

  constructor(link: SignerLink, anchored: Head) {
    this.#link = link;
    this.#anchored = anchored;
    this.keys = link.keys;
    this.lost = link.lost;
  }

  get anchored(): Head {
    return this.#anchored;
  }

  async sign(head: Head, proof: readonly Hash[]): Promise<Uint8Array> {
    const answer = await this.#link.ask({ do: 'sign', head, proof });
    if (answer.head !== undefined) this.#anchored = answer.head;
    if ('error' in answer) throw answer.error;
    if (answer.note !== undefined) return answer.note;
    throw new LedgerError('internal', 'the signer answers without a signature', {
      expected: 'a signed note',
    });
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

/** The stream: lines out, and lines back in the same order. */
class Line {
  readonly lost: Promise<LedgerError>;
  readonly #stream: Socket;
  readonly #child: ChildProcess | undefined;
  /** How the process at the other end has ended, where it is one's own. */
  readonly #ended: Promise<string> | undefined;
  readonly #closed: Promise<void>;
  readonly #lines = new Lines();
  /** Lines that came before they were waited for: the greeting alone. */
  readonly #early: string[] = [];
  readonly #asked: Asked[] = [];
  #closing = false;
  /** Why nothing comes any more. */
  #broken: LedgerError | undefined;

  constructor(stream: Socket, child: ChildProcess | undefined) {
    this.#stream = stream;
    this.#child = child;
    this.#ended = child === undefined ? undefined : endOf(child);
    this.#closed = new Promise((resolve) => stream.once('close', () => resolve()));
    stream.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    // Told by 'close', which follows.
    stream.on('error', () => undefined);
    this.lost = this.#closed.then(() => this.#loss());
    // Only an answer that is awaited keeps the process alive.
    stream.unref();
  }

  /** The next line. */
  next(): Promise<string> {
    const early = this.#early.shift();
    if (early !== undefined) return Promise.resolve(early);
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    this.#stream.ref();
    return new Promise((resolve, reject) => this.#asked.push({ resolve, reject }));
  }

  ask(text: string): Promise<string> {
    if (this.#broken === undefined) this.#stream.write(text);
    return this.next();
  }

  /** Gives up on the other side, and returns what is then thrown everywhere. */
  break(got: string): LedgerError {
    const error = this.#break(got);
    this.#stream.destroy();
    return error;
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#stream.ref();
    this.#stream.end();
    const hung = setTimeout(() => this.abandon(), endsWithinMs);
    await this.#closed;
    await this.#ended;
    clearTimeout(hung);
  }

  abandon(): void {
    this.#closing = true;
    this.#stream.destroy();
    // In the middle of a signature it leaves what a crash leaves there.
    this.#child?.kill('SIGKILL');
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const text of this.#lines.push(chunk)) {
        const asked = this.#asked.shift();
        if (asked === undefined) this.#early.push(text);
        else asked.resolve(text);
      }
    } catch (error) {
      this.break(error instanceof Error ? error.message : 'its answer cannot be read');
    }
    if (this.#asked.length === 0 && !this.#closing) this.#stream.unref();
  }

  /** Never resolves for a stream that was to end. */
  async #loss(): Promise<LedgerError> {
    const expected = this.#closing;
    const error = this.#break((await this.#ended) ?? 'the connection to it ended');
    return expected ? new Promise<never>(() => undefined) : error;
  }

  #break(got: string): LedgerError {
    this.#broken ??= new LedgerError('signer-lost', 'the process that signs for the ledger is gone', {
      expected: 'a signer that runs as long as its server; start the server again',
      got,
    });
    for (const { reject } of this.#asked.splice(0)) reject(this.#broken);
    return this.#broken;
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => resolve(signal ?? `exit status ${status ?? 'unknown'}`));
    child.once('error', (error) => resolve(error.message));
  });
}
