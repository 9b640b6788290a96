/**
 * The log's signer. It owns the anchor, and stands on the same rule as a
 * witness (`cosigner/`): a head is checked to extend the anchored one, the
 * anchor is moved and durable, and only then are signatures made.
 *
 * The ledger asks it for nothing but the signature of a head, with a
 * consistency proof. `LocalSigner` answers in the process that asks;
 * `RemoteSigner` (remote.ts) asks one in a process that alone has the keys.
 */
import { CosignThread } from '../cosigner/cosign-thread.ts';
import { Cosigner, type AnchorState } from '../cosigner/cosigner.ts';
import { utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { formatCheckpoint } from '../note/checkpoint.ts';
import { verifierOf, type SignerKey, type VerifierKey } from '../note/key.ts';
import { formatNote, signNote, type NoteSignature } from '../note/note.ts';
import type { Head } from '../tlog/head.ts';
import type { Hash } from '../tlog/hash.ts';

/** What a ledger knows of its signer, wherever that is. */
export interface Signer {
  /** The public halves of the keys that it signs with. */
  readonly keys: readonly VerifierKey[];
  /** What was signed last, or is anchored and about to be. */
  readonly anchored: Head;
  /** Resolves with the reason when nothing more can be signed, though no one closed it. */
  readonly lost: Promise<LedgerError>;
  /**
   * The signed note of the checkpoint of `head`; `proof` shows that it extends
   * `anchored`. A crash between anchor and signature leaves a head that is
   * anchored and unsigned: the same size and root is signed again at the next
   * opening. Throws what `Cosigner.extend` throws.
   */
  sign(head: Head, proof: readonly Hash[]): Promise<Uint8Array>;
  /** Signs nothing more; a signature that is awaited is refused. */
  close(): Promise<void>;
}

/** Makes the cosignatures of one ML-DSA-44 key. */
export interface KeyCosigner {
  cosign(text: string, time: number): Promise<NoteSignature>;
  close(): Promise<void>;
}

export interface SignerParts {
  readonly anchor: AnchorState;
  readonly origin: string;
  /** One Ed25519 key (type 1) at least, and any number of ML-DSA-44 keys (type 6), all named as the origin. */
  readonly keys: readonly SignerKey[];
  /** On a thread of its own unless given: it takes milliseconds, in which requests would wait. */
  readonly cosigner?: (key: SignerKey) => KeyCosigner;
}

export class LocalSigner implements Signer {
  readonly keys: readonly VerifierKey[];
  /** Never settles: it goes with the process that would hear of it. */
  readonly lost: Promise<LedgerError> = new Promise(() => undefined);
  readonly #rule: Cosigner;
  readonly #origin: string;
  readonly #noteKeys: readonly SignerKey[];
  readonly #cosigners: readonly KeyCosigner[];

  /** Throws `bad-key` for keys that cannot sign this log's checkpoints. */
  constructor({ anchor, origin, keys, cosigner = (key) => new CosignThread(key) }: SignerParts) {
    requireLogKeys(keys, origin);
    this.keys = keys.map(verifierOf);
    this.#rule = new Cosigner(anchor);
    this.#origin = origin;
    this.#noteKeys = keys.filter(({ type }) => type === 1);
    this.#cosigners = keys.filter(({ type }) => type === 6).map(cosigner);
  }

  get anchored(): Head {
    return this.#rule.head;
  }

  sign(head: Head, proof: readonly Hash[]): Promise<Uint8Array> {
    const text = formatCheckpoint({ origin: this.#origin, ...head, extensions: [] });
    return this.#rule.extend({ head, proof, sign: () => this.#sign(text) });
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.#cosigners.map((cosigner) => cosigner.close()));
  }

  async #sign(text: string): Promise<Uint8Array> {
    // The threads begin before Ed25519 is computed here, so that both run at once.
    // Time 0: the log says that it signed this head, not that it knows of no larger one.
    const cosigning = Promise.all(this.#cosigners.map((cosigner) => cosigner.cosign(text, 0)));
    const note = signNote(text, this.#noteKeys);
    return utf8(formatNote({ text, signatures: [...note.signatures, ...(await cosigning)] }));
  }
}

/** Throws `bad-key` for keys that cannot sign the checkpoints of the log of that origin. */
export function requireLogKeys(keys: readonly Pick<SignerKey, 'name' | 'type'>[], origin: string): void {
  const wrong = keys.find(({ name, type }) => name !== origin || type === 4);
  if (wrong !== undefined || !keys.some(({ type }) => type === 1)) {
    throw new LedgerError('bad-key', 'these keys cannot sign the checkpoints of this log', {
      expected: `keys named ${origin}: Ed25519 (type 1), and ML-DSA-44 (type 6) if wanted`,
      got: wrong === undefined ? 'no key of type 1' : `${wrong.name}, type ${wrong.type}`,
    });
  }
}
