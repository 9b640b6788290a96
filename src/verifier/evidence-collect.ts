/**
 * Gathers from a log what evidence about one of its leaves has to show, with
 * every byte checked against the checkpoint by the `LogView` that reads it.
 */
import { toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import { targetOf } from '../attestation/correction.ts';
import { namedBy } from './evidence-documents.ts';
import { maxLeavesBelow, unauthorisedEvidence } from './evidence-file.ts';
import type { LeavesBelow } from './evidence-file.ts';
import type { LogView } from './log-client.ts';

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
    ...(below === undefined ? {} : { below }),
  });
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
