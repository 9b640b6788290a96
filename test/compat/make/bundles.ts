/** Bundles and proofs that an honest ledger never gives: parts of what it has, and damaged ones. */
import { utf8 } from '../../../src/bytes.ts';
import { canonicalize } from '../../../src/attestation/canonical.ts';
import type { JsonValue } from '../../../src/attestation/canonical.ts';
import { assembleBundle, formatBundle } from '../../../src/verifier/index.ts';
import type { SampleLog } from '../../verifier/sample-log.ts';

export interface Parts {
  readonly checkpoint: Uint8Array;
  readonly log: SampleLog;
  readonly indices: readonly number[];
  /** Leaf hashes of authority documents to show. */
  readonly authorities?: readonly string[];
}

/** A bundle of these entries alone, whatever else there is about them. */
export async function bundleOf({ checkpoint, log, indices, authorities = [] }: Parts): Promise<Uint8Array> {
  const source = log.source();
  return formatBundle(await assembleBundle({ checkpoint, source, indices, authorities }));
}

interface BundleFile {
  checkpoint: string;
  format: string;
  leaves: { index: number; leaf: string; proof: string[] }[];
}

const damages: Readonly<Record<string, (file: BundleFile) => void>> = {
  'another-format': (file) => void (file.format = 'isal-bundle/v9'),
  'unknown-member': (file) => void Object.assign(file, { note: 'of tomorrow' }),
  'leaf-changed': ({ leaves }) => {
    const last = leaves.at(-1);
    if (last !== undefined) last.leaf = last.leaf.replace('"sig":"', '"sig":"A');
  },
  'leaf-exchanged': ({ leaves }) => {
    const [last, other] = [leaves.at(-1), leaves.at(-2)];
    if (last !== undefined && other !== undefined) last.leaf = other.leaf;
  },
  'proof-shortened': ({ leaves }) => void leaves.at(-1)?.proof.pop(),
  'index-changed': ({ leaves }) => {
    const last = leaves.at(-1);
    if (last !== undefined) last.index++;
  },
  'leaves-turned-round': (file) => void (file.leaves = file.leaves.toReversed()),
  'no-authority': (file) => void (file.leaves = file.leaves.slice(1)),
  'size-changed': (file) => void (file.checkpoint = file.checkpoint.replace(/\n[0-9]+\n/, '\n4711\n')),
  'no-witness': (file) => void (file.checkpoint = without(file.checkpoint, /^— witness/)),
  'one-witness': (file) => void (file.checkpoint = without(file.checkpoint, /^— witness\.example\/w2/)),
  'no-log': (file) => void (file.checkpoint = without(file.checkpoint, /^— ledger/)),
  'another-origin': (file) =>
    void (file.checkpoint = file.checkpoint.replace(/^[^\n]+/, 'another.example/log')),
  'bad-signature': (file) =>
    void (file.checkpoint = file.checkpoint.replace(
      /(— ledger\S+ \S{20})(.)/,
      (_, before: string, letter: string) => `${before}${letter === 'A' ? 'B' : 'A'}`,
    )),
};

function without(note: string, line: RegExp): string {
  return note
    .split('\n')
    .filter((one) => !line.test(one))
    .join('\n');
}

/** Name → a bundle that was good and is not any more. */
export function damaged(bundle: Uint8Array): Map<string, Uint8Array> {
  const text = Buffer.from(bundle).toString();
  const made = new Map<string, Uint8Array>([
    ['truncated', bundle.slice(0, -40)],
    ['empty', new Uint8Array()],
    ['no-json', utf8('hello')],
    ['not-canonical', utf8(text.replace('{', '{ '))],
  ]);
  for (const [name, damage] of Object.entries(damages)) {
    const file = JSON.parse(text) as BundleFile;
    damage(file);
    made.set(name, utf8(canonicalize(file as unknown as JsonValue)));
  }
  return made;
}

/** The same for a `.tlog-proof`. */
export function damagedProofs(proof: string): Map<string, string> {
  return new Map([
    ['no-leaf', proof.replace(/^extra .*\n/m, '')],
    ['another-index', proof.replace(/^index ([0-9]+)$/m, (_, index: string) => `index ${Number(index) - 1}`)],
    ['a-hash-less', proof.replace(/^[A-Za-z0-9+/]{43}=\n/m, '')],
    ['no-witness', without(proof, /^— witness/)],
    ['another-version', proof.replace('tlog-proof@v1', 'tlog-proof@v9')],
  ]);
}
