/**
 * A log in memory, with keys, witnesses and a trust file, that serves itself
 * by paths as an honest server would; tests spoil what it serves.
 */
import { hashLeaf } from '#sha256';
import { concat, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { cosign } from '../../src/note/cosignature.ts';
import { formatVerifierKey, signerKey, verifierOf } from '../../src/note/key.ts';
import type { SignerKey } from '../../src/note/key.ts';
import { formatNote, signNote } from '../../src/note/note.ts';
import { formatEntryBundle } from '../../src/tlog/bundle.ts';
import type { Hash } from '../../src/tlog/hash.ts';
import { proveInclusion } from '../../src/tlog/inclusion.ts';
import type { NodeReader } from '../../src/tlog/node.ts';
import { RightEdge } from '../../src/tlog/right-edge.ts';
import { rootOf } from '../../src/tlog/root.ts';
import { parseBundlePath, parseTilePath, tileWidth, tileWidthAt } from '../../src/tlog/tile.ts';
import { assembleBundle } from '../../src/verifier/collecting/assemble.ts';
import type { LeafSource } from '../../src/verifier/proving/leaf-source.ts';
import type { Bundle, BundleLeaf } from '../../src/verifier/proving/bundle.ts';
import type { FetchPath } from '../../src/verifier/proving/tile-reader.ts';
import { parseTrust } from '../../src/verifier/trust.ts';
import type { Trust } from '../../src/verifier/trust.ts';
import { digest, leafHashOf, origin } from '../fixtures/attestations.ts';

const seed = (name: string): Uint8Array => hashLeaf(utf8(`sample log: ${name}`));

export const logKey: SignerKey = signerKey({ name: origin, type: 1, seed: seed('log') });
export const postQuantumKey: SignerKey = signerKey({ name: origin, type: 6, seed: seed('pq') });
export const witnesses: readonly SignerKey[] = ['a', 'b', 'c'].map((name) =>
  signerKey({ name: `witness.example/${name}`, type: 4, seed: seed(name) }),
);

/** The time of every cosignature unless told otherwise, in seconds. */
export const cosignedAt = 1_790_000_000;

export interface SignOptions {
  readonly size?: number;
  readonly keys?: readonly SignerKey[];
  readonly cosigners?: readonly SignerKey[];
  readonly time?: number;
}

/** What `policy` lists: by default the Ed25519 key and all three witnesses, of which two must have cosigned. */
export interface PolicyOptions {
  readonly keys?: readonly SignerKey[];
  readonly quorum?: string;
}

export function policyText({ keys = [logKey], quorum = '2' }: PolicyOptions = {}): string {
  const names = ['a', 'b', 'c'];
  const lines = [
    ...keys.map((key) => `log ${formatVerifierKey(verifierOf(key))} https://ledger.example/`),
    ...(quorum === 'none'
      ? []
      : witnesses.map((key, at) => `witness ${names[at]} ${formatVerifierKey(verifierOf(key))}`)),
    ...(quorum === 'none' ? ['quorum none'] : [`group most ${quorum} a b c`, 'quorum most']),
  ];
  return `${lines.join('\n')}\n`;
}

export class SampleLog {
  readonly leaves: Uint8Array[] = [];
  readonly #edge = RightEdge.empty();
  readonly #indices = new Map<string, number>();
  readonly #nodes = new Map<string, Hash>();
  readonly reader: NodeReader = {
    readNodes: async (ids) => ids.map(({ level, index }) => this.node(level, index)),
  };

  constructor(leaves: readonly Uint8Array[] = []) {
    for (const leaf of leaves) this.append(leaf);
  }

  append(leaf: Uint8Array): void {
    this.#indices.set(leafHashOf(leaf), this.size);
    this.leaves.push(leaf);
    this.#edge.append(hashLeaf(leaf), (level, index, hash) => this.#nodes.set(`${level}/${index}`, hash));
  }

  get size(): number {
    return this.leaves.length;
  }

  root(size: number = this.size): Promise<Hash> {
    return rootOf(size, this.reader);
  }

  node(level: number, index: number): Hash {
    const hash = this.#nodes.get(`${level}/${index}`);
    if (hash === undefined) throw new Error(`no node ${level}/${index}`);
    return hash;
  }

  async note({
    size = this.size,
    keys = [logKey],
    cosigners = witnesses.slice(0, 2),
    time = cosignedAt,
  }: SignOptions = {}): Promise<Uint8Array> {
    const text = formatCheckpoint({ origin, size, root: await this.root(size), extensions: [] });
    const note = signNote(
      text,
      keys.filter(({ type }) => type === 1),
    );
    const more = [
      ...keys.filter(({ type }) => type === 6).map((key) => cosign({ key, text, time: 0 })),
      ...cosigners.map((key) => cosign({ key, text, time })),
    ];
    return utf8(formatNote({ text, signatures: [...note.signatures, ...more] }));
  }

  source(size: number = this.size): LeafSource {
    const byIndex = async (index: number): Promise<BundleLeaf> => {
      const leaf = this.leaves[index];
      if (leaf === undefined || index >= size) throw new LedgerError('out-of-range', 'no such leaf');
      return { index, leaf, proof: await proveInclusion({ index, size }, this.reader) };
    };
    return {
      byIndex,
      byLeafHash: (leafHash) => byIndex(this.#indices.get(leafHash) ?? size),
    };
  }

  async bundle(
    indices: readonly number[],
    options: SignOptions & { readonly authorities?: readonly string[] } = {},
  ): Promise<Bundle> {
    const { authorities = [], size = this.size } = options;
    const checkpoint = await this.note(options);
    return assembleBundle({ checkpoint, source: this.source(size), indices, authorities });
  }

  trust(extra: object = {}, policy: PolicyOptions = {}): Trust {
    return parseTrust(utf8(JSON.stringify({ ...this.trustFile(policy), ...extra })));
  }

  trustFile(policy: PolicyOptions = {}): { format: string; policy: string; genesis: string } {
    const genesis = this.leaves[0] === undefined ? digest('none') : leafHashOf(this.leaves[0]);
    return { format: 'isal-trust/v1', policy: policyText(policy), genesis };
  }

  /** Serves the tree of `size` leaves, as c2sp.org/tlog-tiles says. */
  serve(options: SignOptions = {}): FetchPath {
    const { size = this.size } = options;
    return async (path) => {
      if (path === 'checkpoint') return this.note(options);
      const notFound = new LedgerError('not-found', `no ${path}`);
      if (path.startsWith('tile/entries/')) {
        const { index, width } = parseBundlePath(path);
        if (width > tileWidthAt(0, index, size)) throw notFound;
        return formatEntryBundle(this.leaves.slice(index * tileWidth, index * tileWidth + width));
      }
      const { level, index, width } = parseTilePath(path);
      if (width > tileWidthAt(level, index, size)) throw notFound;
      const hashes = Array.from({ length: width }, (_, at) => this.node(8 * level, index * tileWidth + at));
      return concat(...hashes);
    };
  }
}
