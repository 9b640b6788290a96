/** A log to be witnessed: its trees, its checkpoints, its requests, and a second history of it. */
import { sha256 } from '#sha256';
import { concat, fromUtf8, uint64, utf8 } from '../../src/bytes.ts';
import { formatAddCheckpoint } from '../../src/note/add-checkpoint.ts';
import type { AddCheckpoint } from '../../src/note/add-checkpoint.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { cosign } from '../../src/note/cosignature.ts';
import { formatVerifierKey, signerKey, verifierOf } from '../../src/note/key.ts';
import type { SignerKey } from '../../src/note/key.ts';
import { formatNote, signNote } from '../../src/note/note.ts';
import { proveConsistency } from '../../src/tlog/consistency.ts';
import type { Head } from '../../src/tlog/head.ts';
import { emptyRoot, hashLeaf } from '../../src/tlog/hash.ts';
import type { Hash } from '../../src/tlog/hash.ts';
import { RightEdge } from '../../src/tlog/right-edge.ts';

export class WitnessedLog {
  readonly origin: string;
  readonly key: SignerKey;
  readonly mldsaKey: SignerKey;
  readonly #nodes = new Map<string, Hash>();
  readonly #roots: Hash[] = [emptyRoot];

  /** Logs of one origin and different `history` sign with one key and share the first `shared` leaves. */
  constructor({
    origin = 'log.example/witnessed',
    leaves = 40,
    history = 0,
    shared = 0,
  }: { origin?: string; leaves?: number; history?: number; shared?: number } = {}) {
    this.origin = origin;
    this.key = signerKey({ name: origin, type: 1, seed: sha256(utf8(`Ed25519 ${origin}`)) });
    this.mldsaKey = signerKey({ name: origin, type: 6, seed: sha256(utf8(`ML-DSA-44 ${origin}`)) });
    const edge = RightEdge.empty();
    for (let i = 0; i < leaves; i++) {
      const name = i < shared ? 0 : history;
      edge.append(hashLeaf(concat(utf8(origin), uint64(name), uint64(i))), (level, index, hash) =>
        this.#nodes.set(`${level}/${index}`, hash),
      );
      this.#roots.push(edge.root());
    }
  }

  /** Its line for a policy. */
  get line(): string {
    return `log ${formatVerifierKey(verifierOf(this.key))}\n`;
  }

  head(size: number): Head {
    return { size, root: this.#roots[size] ?? new Uint8Array() };
  }

  text(size: number, extensions: readonly string[] = []): string {
    return formatCheckpoint({ origin: this.origin, ...this.head(size), extensions });
  }

  /** The checkpoint of this size, signed by Ed25519 and, where asked for, by ML-DSA-44 too. */
  checkpoint(
    size: number,
    { mldsa = false, text = this.text(size) }: { mldsa?: boolean; text?: string } = {},
  ): Uint8Array {
    const { signatures } = signNote(text, [this.key]);
    const more = mldsa ? [cosign({ key: this.mldsaKey, text, time: 0 })] : [];
    return utf8(formatNote({ text, signatures: [...signatures, ...more] }));
  }

  async proof(from: number, to: number): Promise<Hash[]> {
    return proveConsistency(
      { from, to },
      {
        readNodes: async (ids) =>
          ids.map(({ level, index }) => this.#nodes.get(`${level}/${index}`) ?? new Uint8Array()),
      },
    );
  }

  async request(from: number, to: number): Promise<AddCheckpoint> {
    return { oldSize: from, proof: await this.proof(from, to), checkpoint: this.checkpoint(to) };
  }

  async body(from: number, to: number): Promise<Uint8Array> {
    return formatAddCheckpoint(await this.request(from, to));
  }
}

/** The note with one character of its last signature changed; the key ID, at its beginning, stays. */
export function damaged(note: Uint8Array): Uint8Array {
  const text = fromUtf8(note);
  const at = text.length - 22;
  return utf8(`${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
}
