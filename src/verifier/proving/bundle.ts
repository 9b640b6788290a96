/**
 * The `.isal-bundle`: one file that holds all an answer rests on, so that it
 * can be checked with no network. `schemas/bundle.json`, as canonical JSON
 * (RFC 8785) of at most 4 MiB:
 *
 *   {"checkpoint":"ledger.example/isal\n51002\n…\n\n— …\n","format":"isal-bundle/v1",
 *    "leaves":[{"index":0,"leaf":"{\"payload\":…}","proof":["gSKy…",…]},…]}
 *
 * - `checkpoint` is the signed note, verbatim.
 * - `leaves` ascend by index and begin with leaf 0; they hold every authority
 *   document up to the one that the entries name, and the entries. `leaf` is
 *   the leaf's bytes as text; `proof` is its inclusion proof under that one
 *   checkpoint, from the leaf's sibling upwards.
 *
 * A `.tlog-proof` can be cut out of it for each leaf.
 */
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { canonicalize, parseCanonical } from '../../attestation/canonical.ts';
import type { JsonValue } from '../../attestation/canonical.ts';
import { validateSchema } from '../../attestation/schema.ts';
import type { Bundle as BundleFile } from '../../attestation/types.ts';
import type { TlogProof } from '../../note/proof.ts';
import type { Hash } from '../../tlog/hash.ts';

export const maxBundleBytes: number = 4 << 20;

/** A bundle's JSON nests an array of objects that hold arrays. */
const maxBundleDepth = 8;

export interface BundleLeaf {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Hash[];
}

export interface Bundle {
  /** The signed note, verbatim. */
  readonly checkpoint: Uint8Array;
  /** Ascending by index, distinct, beginning with leaf 0. */
  readonly leaves: readonly BundleLeaf[];
}

/** Reads a bundle; nothing in it is verified yet. Throws `malformed-bundle`, with the cause inside. */
export function parseBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > maxBundleBytes) {
    throw new LedgerError('malformed-bundle', 'too large for a bundle', {
      expected: `at most ${maxBundleBytes} bytes`,
      got: `${bytes.length} bytes`,
    });
  }
  try {
    const value: unknown = parseCanonical(bytes, {
      maxBytes: maxBundleBytes,
      maxDepth: maxBundleDepth,
      code: 'payload-not-canonical',
    });
    validateSchema('bundle', value);
    const bundle = {
      checkpoint: utf8(value.checkpoint),
      leaves: value.leaves.map(({ index, leaf, proof }) => ({
        index,
        leaf: utf8(leaf),
        proof: proof.map((hash) => fromBase64(hash, 32)),
      })),
    };
    requireOrder(bundle.leaves);
    return bundle;
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw new LedgerError('malformed-bundle', `not a bundle: ${cause.message}`, {
      expected: cause.expected ?? 'schemas/bundle.json',
      got: cause.got,
      at: cause.at,
      cause,
    });
  }
}

/** The bytes of a bundle. Throws `malformed-bundle` for one that `parseBundle` would refuse. */
export function formatBundle(bundle: Bundle): Uint8Array {
  const file: BundleFile = {
    format: 'isal-bundle/v1',
    checkpoint: fromUtf8(bundle.checkpoint),
    leaves: bundle.leaves.map(({ index, leaf, proof }) => ({
      index,
      leaf: fromUtf8(leaf),
      proof: proof.map((hash) => toBase64(hash)),
    })),
  };
  const bytes = utf8(canonicalize(file as unknown as JsonValue));
  parseBundle(bytes);
  return bytes;
}

/** One leaf of a bundle as a c2sp.org/tlog-proof, with the leaf's bytes in its `extra` line. */
export function tlogProofOf(bundle: Bundle, index: number): TlogProof {
  const found = bundle.leaves.find((leaf) => leaf.index === index);
  if (found === undefined) {
    throw new LedgerError('not-found', 'the bundle has no leaf of that index', {
      expected: bundle.leaves.map((leaf) => leaf.index).join(', '),
      got: `${index}`,
    });
  }
  return { extra: found.leaf, index, hashes: [...found.proof], checkpoint: bundle.checkpoint };
}

/** Throws `malformed-bundle` unless the leaves begin with leaf 0 and ascend: the walk over them rests on it. */
export function requireOrder(leaves: readonly BundleLeaf[]): void {
  if (leaves.length === 0) {
    throw new LedgerError('malformed-bundle', 'a bundle without leaves', {
      expected: 'leaf 0',
      at: '/leaves',
    });
  }
  for (const [at, { index }] of leaves.entries()) {
    const before = leaves[at - 1];
    if (before === undefined ? index === 0 : index > before.index) continue;
    throw new LedgerError('malformed-bundle', 'the leaves of a bundle begin with leaf 0 and ascend', {
      expected: before === undefined ? '0' : `more than ${before.index}`,
      got: `${index}`,
      at: `/leaves/${at}/index`,
    });
  }
}
