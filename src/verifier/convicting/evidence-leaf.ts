/**
 * Evidence about leaves: one that nobody was allowed to record, and two under
 * one number of a source. Both rest on authority documents whose inclusion is
 * proven under the checkpoint that the caller has verified.
 */
import { hashLeaf } from '#sha256';
import { toHex } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { verifySignatures } from '../../attestation/authority.ts';
import { canonicalize } from '../../attestation/canonical.ts';
import type { JsonValue } from '../../attestation/canonical.ts';
import { supervisionOf } from '../../attestation/kinds/index.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { Supervision } from '../../attestation/types.ts';
import type { Checkpoint } from '../../note/checkpoint.ts';
import { verifyConsistency } from '../../tlog/consistency.ts';
import { verifyInclusion } from '../../tlog/inclusion.ts';
import { RightEdge } from '../../tlog/right-edge.ts';
import { ShownDocuments, namedBy } from './evidence-documents.ts';
import type { Absent } from './evidence-documents.ts';
import type { EvidenceFinding } from './evidence-finding.ts';
import type { EquivocationEvidence, LeavesBelow, ProvenLeaf, UnauthorisedEvidence } from './evidence-file.ts';
import type { Trust } from '../trust.ts';
import { withIndex } from '../authorising/walk.ts';

type Roots = Pick<Trust, 'origin' | 'genesis'>;

/**
 * The leaf is in the tree, and every document that could have allowed it is
 * shown not to. What came after the leaf has no say: a key that was revoked
 * later was good then.
 */
export function judgeUnauthorised(
  { leaf, documents, below }: UnauthorisedEvidence,
  checkpoint: Checkpoint,
  trust: Roots,
): EvidenceFinding {
  for (const proven of [...documents, leaf]) requireIncluded(proven, checkpoint);
  const known = below === undefined ? undefined : verifiedBelow(below, leaf.index, checkpoint);
  const absent: Absent = (leafHash, index) =>
    known !== undefined && index <= leaf.index && !((known.get(leafHash) ?? index) < index);
  const shown = new ShownDocuments(documents, trust, absent);
  if (leaf.index <= shown.last) {
    throw new LedgerError('malformed-evidence', 'an authority document rules the leaves above it', {
      expected: `documents below leaf ${leaf.index}`,
      got: `one at leaf ${shown.last}`,
    });
  }
  const refusal = shown.refusal(leaf);
  if (refusal === undefined) {
    throw new LedgerError('not-evidence', 'the leaf was allowed where it stands', {
      expected: 'a leaf that nobody was allowed to record',
      got: `leaf ${leaf.index} of ${checkpoint.size}`,
      index: leaf.index,
    });
  }
  const { code, message, expected, got } = refusal;
  return {
    kind: 'unauthorised-leaf',
    origin: trust.origin,
    against: ['log'],
    sizes: [checkpoint.size],
    indices: [leaf.index],
    leafHash: hashLeaf(leaf.leaf),
    refusal: { code, message, ...defined({ expected, got }) },
  };
}

/**
 * Both envelopes must be authorised in full by the document that each names.
 * One of two parties that sign together could otherwise sign anything under
 * the other's number and call it equivocation.
 *
 * An entry that was refused because another authority document had come into
 * force is signed again under the new one, with the same number: that is one
 * content, so what is compared leaves the name of the document out.
 */
export function judgeEquivocation(
  { documents, recorded, other }: EquivocationEvidence,
  checkpoint: Checkpoint,
  trust: Roots,
): EvidenceFinding {
  const otherIndex = 'index' in other ? other.index : undefined;
  for (const proven of [...documents, recorded, ...('index' in other ? [other] : [])]) {
    requireIncluded(proven, checkpoint);
  }
  const shown = new ShownDocuments(documents, trust);
  const first = authorised(recorded.leaf, recorded.index, shown);
  const second = authorised(other.leaf, otherIndex, shown);
  if (first.source.id !== second.source.id || first.source.seq !== second.source.seq) {
    throw new LedgerError('not-evidence', 'the two have different numbers', {
      expected: `number ${first.source.seq} of ${first.source.id}`,
      got: `number ${second.source.seq} of ${second.source.id}`,
    });
  }
  const twice = otherIndex !== undefined && otherIndex !== recorded.index;
  const differ = first.content !== second.content;
  if (!twice && !differ) {
    throw new LedgerError('not-evidence', 'both entries hold the same statement', {
      expected: 'two contents, or one recorded twice',
      got: toHex(first.attestation.leafHash),
    });
  }
  const { id, seq } = first.source;
  const signers = keyidsOf(first.attestation).filter((keyid) => keyidsOf(second.attestation).includes(keyid));
  return {
    kind: 'equivocation',
    origin: trust.origin,
    against: [...(differ ? (['source'] as const) : []), ...(twice ? (['log'] as const) : [])],
    sizes: [checkpoint.size],
    indices: twice ? [recorded.index, otherIndex] : [recorded.index],
    source: id,
    seq,
    signers,
    differ,
  };
}

interface Numbered {
  readonly attestation: Attestation;
  readonly source: Supervision['source'];
  /** Everything that was signed but the name of the authority document. */
  readonly content: string;
}

function authorised(leaf: Uint8Array, index: number | undefined, shown: ShownDocuments): Numbered {
  try {
    const attestation = decodeAttestation(decodeEnvelope(leaf));
    const { supervision } = attestation;
    if (supervision === undefined) {
      throw new LedgerError('not-evidence', 'an authority document has no number of a source', {
        expected: 'an entry with a source',
      });
    }
    const named = namedBy(attestation) ?? '';
    const document = shown.get(named);
    if (document === undefined || (index !== undefined && index <= document.index)) {
      throw new LedgerError('authority-unproven', 'the authority document that an entry names is not shown', {
        expected: named,
      });
    }
    const { keys } = document.authorise(attestation, {
      ...defined({ index }),
      target: shown.signersOfTarget(attestation),
    });
    verifySignatures(attestation, keys);
    return { attestation, source: supervision.source, content: contentOf(attestation) };
  } catch (error) {
    throw error instanceof LedgerError && index !== undefined ? withIndex(error, index) : error;
  }
}

/** What a source has signed for under a number: the statement, without the name of the authority document. */
export function contentOf(attestation: Attestation): string {
  const copy = structuredClone(attestation);
  const supervised = supervisionOf(copy);
  if (supervised !== undefined) supervised.value.ledger.authority = '';
  return canonicalize(copy.statement as unknown as JsonValue);
}

function keyidsOf({ envelope }: Attestation): readonly string[] {
  return envelope.signatures.map(({ keyid }) => keyid);
}

/** Throws `inclusion-failed` or `out-of-range`, with the index. */
function requireIncluded({ index, leaf, hashes }: ProvenLeaf, { size, root }: Checkpoint): void {
  try {
    verifyInclusion({ index, size, leafHash: hashLeaf(leaf), root, proof: hashes });
  } catch (error) {
    throw error instanceof LedgerError ? withIndex(error, index) : error;
  }
}

/** The first index of every leaf hash below `index`, once all are tied to the checkpoint. */
function verifiedBelow(
  { leafHashes, proof }: LeavesBelow,
  index: number,
  { size: to, root: toRoot }: Checkpoint,
): Map<string, number> {
  if (leafHashes.length !== index) {
    throw new LedgerError('malformed-evidence', 'not every leaf below is shown', {
      expected: `${index} leaf hashes`,
      got: `${leafHashes.length}`,
    });
  }
  const edge = RightEdge.empty();
  const first = new Map<string, number>();
  for (const [at, leafHash] of leafHashes.entries()) {
    edge.append(leafHash);
    const name = toHex(leafHash);
    if (!first.has(name)) first.set(name, at);
  }
  verifyConsistency({ from: index, fromRoot: edge.root(), to, toRoot, proof });
  return first;
}
