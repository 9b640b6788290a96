/**
 * The log's signer. It owns the anchor, and stands on the same rule as a
 * witness (`cosigner/`): a head is checked to extend the anchored one, the
 * anchor is moved and durable, and only then are signatures made.
 *
 * It is an object in the server's process and asks for nothing but a head and a
 * consistency proof, so that it can become a process of its own.
 */
import { CosignThread } from '../cosigner/cosign-thread.ts';
import { Cosigner, type AnchorState } from '../cosigner/cosigner.ts';
import { utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { formatCheckpoint } from '../note/checkpoint.ts';
import type { SignerKey } from '../note/key.ts';
import { formatNote, signNote } from '../note/note.ts';
import type { Head } from '../tlog/head.ts';
import type { Hash } from '../tlog/hash.ts';

export interface SignerParts {
  readonly anchor: AnchorState;
  readonly origin: string;
  /** One Ed25519 key (type 1) at least, and any number of ML-DSA-44 keys (type 6), all named as the origin. */
  readonly keys: readonly SignerKey[];
}

export class Signer {
  readonly #cosigner: Cosigner;
  readonly #origin: string;
  readonly #noteKeys: readonly SignerKey[];
  readonly #threads: readonly CosignThread[];

  /** Throws `bad-key` for keys that cannot sign this log's checkpoints. */
  constructor({ anchor, origin, keys }: SignerParts) {
    requireLogKeys(keys, origin);
    this.#cosigner = new Cosigner(anchor);
    this.#origin = origin;
    this.#noteKeys = keys.filter(({ type }) => type === 1);
    this.#threads = keys.filter(({ type }) => type === 6).map((key) => new CosignThread(key));
  }

  /** What was signed last, or is anchored and about to be. */
  get anchored(): Head {
    return this.#cosigner.head;
  }

  /**
   * The signed note of the checkpoint of `head`; `proof` shows that it extends
   * `anchored`. A crash between anchor and signature leaves a head that is
   * anchored and unsigned: the same size and root is signed again at the next
   * opening. Throws what `Cosigner.extend` throws.
   */
  sign(head: Head, proof: readonly Hash[]): Promise<Uint8Array> {
    const text = formatCheckpoint({ origin: this.#origin, ...head, extensions: [] });
    return this.#cosigner.extend({ head, proof, sign: () => this.#sign(text) });
  }

  /** Ends the threads; a signature that is awaited is refused. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  async #sign(text: string): Promise<Uint8Array> {
    // The threads begin before Ed25519 is computed here, so that both run at once.
    // Time 0: the log says that it signed this head, not that it knows of no larger one.
    const cosigning = Promise.all(this.#threads.map((thread) => thread.cosign(text, 0)));
    const note = signNote(text, this.#noteKeys);
    return utf8(formatNote({ text, signatures: [...note.signatures, ...(await cosigning)] }));
  }
}

function requireLogKeys(keys: readonly SignerKey[], origin: string): void {
  const wrong = keys.find(({ name, type }) => name !== origin || type === 4);
  if (wrong !== undefined || !keys.some(({ type }) => type === 1)) {
    throw new LedgerError('bad-key', 'these keys cannot sign the checkpoints of this log', {
      expected: `keys named ${origin}: Ed25519 (type 1), and ML-DSA-44 (type 6) if wanted`,
      got: wrong === undefined ? 'no key of type 1' : `${wrong.name}, type ${wrong.type}`,
    });
  }
}
