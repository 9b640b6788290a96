/**
 * The evidence file: proof that somebody has broken their word, for a third
 * party who has nothing but the trust file. `schemas/evidence.json`, as
 * canonical JSON (RFC 8785) of at most 4 MiB, with one member beside `format`
 * that is the kind of the evidence:
 *
 *   {"fork":{"newer":"ledger.example/isal\n120\n…","older":"ledger.example/isal\n100\n…",
 *            "olderRoot":"gSKy…","proof":["RoopE…",…]},
 *    "format":"isal-evidence/v1"}
 *
 *   fork               two checkpoints of the log that no one history can have
 *   rollback           witnesses have vouched for a smaller tree after a larger one
 *   unauthorised-leaf  a leaf in the tree that nobody was allowed to record there
 *   equivocation       two contents under one number of a source, or a number recorded twice
 *   broken-promise     a receipt for a leaf, and another leaf in its place
 *
 * This file reads and writes it; `verifyEvidence` judges it.
 */
import { concat, fromBase64, fromUtf8, toBase64, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { canonicalize, parseCanonical } from '../../attestation/canonical.ts';
import type { JsonValue } from '../../attestation/canonical.ts';
import { validateSchema } from '../../attestation/schema.ts';
import type { EvidenceFile, OtherLeaf, PlacedLeaf, UnauthorisedShown } from '../../attestation/types.ts';
import { hashSize } from '../../tlog/hash.ts';
import type { Hash } from '../../tlog/hash.ts';

export const maxEvidenceBytes: number = 4 << 20;
/** As many leaf hashes as `UnauthorisedEvidence.below` can hold. */
export const maxLeavesBelow = 65_536;

/** A leaf with its inclusion proof, as `LogView.inclusion` gives it. */
export interface ProvenLeaf {
  readonly index: number;
  /** Any bytes, well-formed or not: a hostile log records what it likes. */
  readonly leaf: Uint8Array;
  readonly hashes: readonly Hash[];
}

export interface ForkEvidence {
  readonly kind: 'fork';
  /** Signed notes; `older` has the smaller size, or the same. */
  readonly older: Uint8Array;
  readonly newer: Uint8Array;
  /** The root that the newer history has at the older size. */
  readonly olderRoot: Hash;
  /** Consistency proof from `olderRoot` to the newer checkpoint. */
  readonly proof: readonly Hash[];
}

export interface RollbackEvidence {
  readonly kind: 'rollback';
  /** Signed notes with their cosignatures. */
  readonly larger: Uint8Array;
  readonly smaller: Uint8Array;
}

export interface UnauthorisedEvidence {
  readonly kind: 'unauthorised-leaf';
  readonly checkpoint: Uint8Array;
  readonly leaf: ProvenLeaf;
  /** Below the leaf, ascending; see `unauthorisedEvidence`. */
  readonly documents: readonly ProvenLeaf[];
  readonly below?: LeavesBelow;
}

/** The leaf hash of every leaf below one, and the proof that the log has extended exactly these. */
export interface LeavesBelow {
  readonly leafHashes: readonly Hash[];
  readonly proof: readonly Hash[];
}

export interface EquivocationEvidence {
  readonly kind: 'equivocation';
  readonly checkpoint: Uint8Array;
  readonly documents: readonly ProvenLeaf[];
  readonly recorded: ProvenLeaf;
  /** Recorded too, or an envelope that the log has refused. */
  readonly other: ProvenLeaf | { readonly leaf: Uint8Array };
}

export interface BrokenPromiseEvidence {
  readonly kind: 'broken-promise';
  /** The `.tlog-proof` that the log has answered with; its extra line is the leaf. */
  readonly receipt: Uint8Array;
  /** Another signed note of the log, older or newer. */
  readonly checkpoint: Uint8Array;
  /** What stands at the receipt's index there. Its bytes need not be known: the log may withhold them. */
  readonly leafHash: Hash;
  readonly proof: readonly Hash[];
}

export type Evidence =
  ForkEvidence | RollbackEvidence | UnauthorisedEvidence | EquivocationEvidence | BrokenPromiseEvidence;

export type EvidenceKind = Evidence['kind'];

/** Reads an evidence file; nothing in it is verified yet. Throws `malformed-evidence`, with the cause inside. */
export function parseEvidence(bytes: Uint8Array): Evidence {
  try {
    const value: unknown = parseCanonical(bytes, {
      maxBytes: maxEvidenceBytes,
      maxDepth: 8,
      code: 'payload-not-canonical',
    });
    validateSchema('evidence', value);
    return decode(value);
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw new LedgerError('malformed-evidence', `not an evidence file: ${cause.message}`, {
      expected: cause.expected ?? 'schemas/evidence.json',
      got: cause.got,
      at: cause.at,
      cause,
    });
  }
}

/** The bytes of an evidence file. Throws `malformed-evidence` for what `parseEvidence` would refuse. */
export function formatEvidence(evidence: Evidence): Uint8Array {
  const bytes = utf8(canonicalize(encode(evidence) as unknown as JsonValue));
  parseEvidence(bytes);
  return bytes;
}

/**
 * Two checkpoints of one size and two roots need nothing else. Of two sizes,
 * `consistency` is what the newer history says of the older size: its root
 * there and the proof, as `LogView.consistency` gives them.
 */
export function forkEvidence(parts: {
  readonly older: Uint8Array;
  readonly newer: Uint8Array;
  readonly consistency: { readonly fromRoot: Hash; readonly hashes: readonly Hash[] };
}): Uint8Array {
  const { older, newer, consistency } = parts;
  return formatEvidence({
    kind: 'fork',
    older,
    newer,
    olderRoot: consistency.fromRoot,
    proof: consistency.hashes,
  });
}

export function rollbackEvidence(parts: Omit<RollbackEvidence, 'kind'>): Uint8Array {
  return formatEvidence({ kind: 'rollback', ...parts });
}

/**
 * `documents` are the authority documents below the leaf, from leaf 0 on: all
 * up to the one that the leaf names, and one more if that one was no longer in
 * force. Where the leaf names another leaf that is no valid document, that one
 * is among them too; where it names one that is not in the log, `below` shows
 * all leaf hashes. A leaf that is malformed or of another log needs none.
 */
export function unauthorisedEvidence(parts: Omit<UnauthorisedEvidence, 'kind'>): Uint8Array {
  return formatEvidence({ kind: 'unauthorised-leaf', ...parts });
}

/** `documents` are leaf 0 and every authority document after it up to those that the two name. */
export function equivocationEvidence(parts: Omit<EquivocationEvidence, 'kind'>): Uint8Array {
  return formatEvidence({ kind: 'equivocation', ...parts });
}

export function brokenPromiseEvidence(parts: Omit<BrokenPromiseEvidence, 'kind'>): Uint8Array {
  return formatEvidence({ kind: 'broken-promise', ...parts });
}

function decode(file: EvidenceFile): Evidence {
  if (file.fork !== undefined) {
    const { older, newer, olderRoot, proof } = file.fork;
    return {
      kind: 'fork',
      older: utf8(older),
      newer: utf8(newer),
      olderRoot: hashFrom(olderRoot),
      proof: proof.map(hashFrom),
    };
  }
  if (file.rollback !== undefined) {
    const { larger, smaller } = file.rollback;
    return { kind: 'rollback', larger: utf8(larger), smaller: utf8(smaller) };
  }
  if (file['unauthorised-leaf'] !== undefined) {
    const { checkpoint, leaf, documents, below } = file['unauthorised-leaf'];
    return {
      kind: 'unauthorised-leaf',
      checkpoint: utf8(checkpoint),
      leaf: placedFrom(leaf),
      documents: documents.map(placedFrom),
      ...defined({ below: below && belowFrom(below) }),
    };
  }
  if (file.equivocation !== undefined) {
    const { checkpoint, documents, recorded, other } = file.equivocation;
    return {
      kind: 'equivocation',
      checkpoint: utf8(checkpoint),
      documents: documents.map(placedFrom),
      recorded: placedFrom(recorded),
      other: otherFrom(other),
    };
  }
  const broken = file['broken-promise'];
  if (broken === undefined) throw new Error('broken invariant: an evidence file has one kind');
  const { receipt, checkpoint, leafHash, proof } = broken;
  return {
    kind: 'broken-promise',
    receipt: utf8(receipt),
    checkpoint: utf8(checkpoint),
    leafHash: hashFrom(leafHash),
    proof: proof.map(hashFrom),
  };
}

function encode(evidence: Evidence): EvidenceFile {
  const format = 'isal-evidence/v1';
  if (evidence.kind === 'fork') {
    const { older, newer, olderRoot, proof } = evidence;
    const texts = { older: fromUtf8(older), newer: fromUtf8(newer) };
    return { format, fork: { ...texts, olderRoot: toBase64(olderRoot), proof: proof.map(toBase64) } };
  }
  if (evidence.kind === 'rollback') {
    const { larger, smaller } = evidence;
    return { format, rollback: { larger: fromUtf8(larger), smaller: fromUtf8(smaller) } };
  }
  if (evidence.kind === 'broken-promise') {
    const { receipt, leafHash, proof } = evidence;
    const texts = { receipt: fromUtf8(receipt), checkpoint: fromUtf8(evidence.checkpoint) };
    return {
      format,
      'broken-promise': { ...texts, leafHash: toBase64(leafHash), proof: proof.map(toBase64) },
    };
  }
  const shown = {
    checkpoint: fromUtf8(evidence.checkpoint),
    documents: evidence.documents.map(toPlaced),
  };
  if (evidence.kind === 'equivocation') {
    const { recorded, other } = evidence;
    const toOther = 'index' in other ? toPlaced(other) : { leaf: toBase64(other.leaf) };
    return { format, equivocation: { ...shown, recorded: toPlaced(recorded), other: toOther } };
  }
  const { leaf, below } = evidence;
  const all = below && {
    leafHashes: toBase64(concat(...below.leafHashes)),
    proof: below.proof.map(toBase64),
  };
  return {
    format,
    'unauthorised-leaf': {
      ...shown,
      leaf: toPlaced(leaf),
      ...defined({ below: all }),
    },
  };
}

function hashFrom(text: string): Hash {
  return fromBase64(text, hashSize);
}

function placedFrom({ index, leaf, proof }: PlacedLeaf): ProvenLeaf {
  return { index, leaf: fromBase64(leaf), hashes: proof.map(hashFrom) };
}

function toPlaced({ index, leaf, hashes }: ProvenLeaf): PlacedLeaf {
  return { index, leaf: toBase64(leaf), proof: hashes.map(toBase64) };
}

function otherFrom({ index, leaf, proof }: OtherLeaf): EquivocationEvidence['other'] {
  if (index !== undefined && proof !== undefined) return placedFrom({ index, leaf, proof });
  if (index === undefined && proof === undefined) return { leaf: fromBase64(leaf) };
  throw new LedgerError('schema-violation', 'a place in the tree is an index and a proof', {
    expected: 'both, or neither',
    got: index === undefined ? 'a proof alone' : 'an index alone',
    at: '/equivocation/other',
  });
}

function belowFrom({ leafHashes, proof }: NonNullable<UnauthorisedShown['below']>): LeavesBelow {
  const bytes = fromBase64(leafHashes);
  if (bytes.length % hashSize !== 0) {
    throw new LedgerError('schema-violation', 'leaf hashes have 32 bytes each', {
      expected: 'a multiple of 32 bytes',
      got: `${bytes.length} bytes`,
      at: '/unauthorised-leaf/below/leafHashes',
    });
  }
  const hashes: Hash[] = [];
  for (let at = 0; at < bytes.length; at += hashSize) hashes.push(bytes.subarray(at, at + hashSize));
  return { leafHashes: hashes, proof: proof.map(hashFrom) };
}
