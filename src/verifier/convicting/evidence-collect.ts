/**
 * Gathers from a log what evidence about one of its leaves has to show, with
 * every byte checked against the checkpoint by the `LogView` that reads it.
 */
import { toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { targetOf } from '../../attestation/correction.ts';
import { namedBy } from './evidence-documents.ts';
import { equivocationEvidence, maxLeavesBelow, unauthorisedEvidence } from './evidence-file.ts';
import type { LeavesBelow, ProvenLeaf } from './evidence-file.ts';
import type { LogView } from '../proving/log-client.ts';

/**
 * Evidence that the leaf at `index` was not allowed there. `documents` are the
 * indices of the valid authority documents of the log, leaf 0 included; those
 * above the leaf are left out.
 *
 * Where the leaf names something else, or is a correction, all leaf hashes below it are read: what
 * it names is then shown, or shown not to be there. Throws `too-large` where
 * these are more than 65,536; then only a replay proves it. The result is not
 * judged: call `verifyEvidence`.
 */
export async function collectUnauthorised(parts: {
  /** The signed note whose tree `view` reads. */
  readonly checkpoint: Uint8Array;
  readonly view: LogView;
  readonly index: number;
  readonly documents: readonly number[];
}): Promise<Uint8Array> {
  const { checkpoint, view, index } = parts;
  const valid = [...new Set(parts.documents)].filter((at) => at < index).toSorted((a, b) => a - b);
  const [leaf, ...documents] = await Promise.all([index, ...valid].map((at) => view.inclusion(at)));
  if (leaf === undefined) throw new Error('broken invariant: one leaf for each index');
  const shown = new Set(documents.map((document) => toHex(document.leafHash)));
  let below: LeavesBelow | undefined;
  // What the leaf names may be an invalid document, which may name another one, and so on downwards.
  for (let judged = leaf; ;) {
    const named = nameIn(judged.leaf);
    if (named === undefined || shown.has(named)) break;
    below ??= await leavesBelow(view, index);
    const at = below.leafHashes.findIndex((leafHash) => toHex(leafHash) === named);
    if (at < 0) break;
    judged = await view.inclusion(at);
    documents.push(judged);
    shown.add(named);
  }
  const target = targetIn(leaf.leaf);
  if (target !== undefined && !shown.has(target)) {
    below ??= await leavesBelow(view, index);
    const at = below.leafHashes.findIndex((leafHash) => toHex(leafHash) === target);
    if (at >= 0) documents.push(await view.inclusion(at));
  }
  return unauthorisedEvidence({
    checkpoint,
    leaf,
    documents: documents.toSorted((a, b) => a.index - b.index),
    ...defined({ below }),
  });
}

/**
 * Evidence of two entries under one number of a source. `documents` are the
 * indices of the valid authority documents of the log, leaf 0 included.
 *
 * A correction is judged by who signed its target, so the target of either one
 * is shown too, as far as `indexOf` finds it. The result is not judged: call
 * `verifyEvidence`.
 */
export async function collectEquivocation(parts: {
  /** The signed note under which `inclusion` proves. */
  readonly checkpoint: Uint8Array;
  readonly inclusion: (index: number) => Promise<ProvenLeaf>;
  /** The index of a leaf with this hash, lowercase hex. */
  readonly indexOf: (leafHash: string) => Promise<number | undefined>;
  readonly documents: readonly number[];
  readonly recorded: number;
  /** Index of the other one, or its bytes where the log has refused it. */
  readonly other: number | Uint8Array;
}): Promise<Uint8Array> {
  const { checkpoint, inclusion, indexOf, other: second } = parts;
  const [recorded, other] = await Promise.all([
    inclusion(parts.recorded),
    second instanceof Uint8Array ? { leaf: second } : inclusion(second),
  ]);
  const targets: number[] = [];
  for (const { leaf } of [recorded, other]) {
    const target = targetIn(leaf);
    const at = target === undefined ? undefined : await indexOf(target);
    if (at !== undefined) targets.push(at);
  }
  // Of two recorded ones, documents above both have no say; the one that an unrecorded one names may be the newest.
  const end = 'index' in other ? Math.max(recorded.index, other.index, ...targets) : Infinity;
  const shown = new Set([...parts.documents.filter((at) => at < end), ...targets]);
  const documents = await Promise.all([...shown].toSorted((a, b) => a - b).map((at) => inclusion(at)));
  return equivocationEvidence({ checkpoint, documents, recorded, other });
}

/** What the leaf names as its authority document; a leaf that cannot be decoded, or leaf 0, names none. */
function nameIn(leaf: Uint8Array): string | undefined {
  try {
    return namedBy(decodeAttestation(decodeEnvelope(leaf))) ?? undefined;
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

/** What a correction is of; its signers decide who may sign the correction. */
function targetIn(leaf: Uint8Array): string | undefined {
  try {
    return targetOf(decodeAttestation(decodeEnvelope(leaf)));
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

async function leavesBelow(view: LogView, index: number): Promise<LeavesBelow> {
  if (index > maxLeavesBelow) {
    throw new LedgerError('too-large', 'too many leaves to show that one is not among them', {
      expected: `at most ${maxLeavesBelow} leaves below`,
      got: `${index}`,
      index,
    });
  }
  const leafHashes = await Promise.all(Array.from({ length: index }, (_, at) => view.tiles.leafHash(at)));
  const { hashes: proof } = await view.consistency(index);
  return { leafHashes, proof };
}
