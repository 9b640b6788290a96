/** What a tlog-proof alone shows: one leaf in the tree, and nothing about who was allowed to record it. */
import { toBase64 } from '../../bytes.ts';
import { hashLeaf } from '#sha256';
import { LedgerError } from '../../errors.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { parseProof, verifyProof } from '../../note/proof.ts';
import type { TlogProof } from '../../note/proof.ts';
import { matchSubjects } from '../folds/subject.ts';
import type { Digests } from '../folds/subject.ts';
import { failureOf } from '../proving/failure.ts';
import type { Trust } from '../trust.ts';
import type { HopFinding } from './finding.ts';
import type { CheckpointSummary } from './verdict.ts';
import { requireMinSize, summarise } from './verify-bundle.ts';
import type { Age } from './verify-bundle.ts';

export interface ProofLook {
  readonly findings: readonly HopFinding[];
  readonly checkpoint: CheckpointSummary;
  /** The leaf, if it is about the file. */
  readonly about: readonly number[];
}

/** Throws what the proof is refused for. */
export function proofFindings({
  digests,
  trust,
  proof: shown,
  now,
  maxAge,
}: Age & {
  readonly digests: Digests;
  readonly trust: Trust;
  readonly proof: TlogProof | Uint8Array;
}): ProofLook {
  const proof = shown instanceof Uint8Array ? parseProof(shown) : shown;
  const { index, extra } = proof;
  if (extra === undefined) {
    throw new LedgerError('malformed-proof', 'the proof has no extra line, so its leaf is not known', {
      expected: 'the leaf in the extra line',
    });
  }
  const verified = verifyProof({ proof, leafHash: hashLeaf(extra), policy: trust.policy, now, maxAge });
  requireMinSize(verified, trust);
  const attestation = decodeAttestation(decodeEnvelope(extra));
  const checkpoint = summarise(verified, trust.policy);
  if (matchSubjects([{ index, attestation }], digests).length === 0) {
    const error = new LedgerError('not-recorded', 'the proof is of another entry than one about this file', {
      index,
    });
    const hop = { hop: 'file', mark: 'not-shown', state: 'absent', among: 'proof' } as const;
    return { findings: [{ hop, failure: failureOf(error) }], checkpoint, about: [] };
  }
  const error = new LedgerError(
    'authority-unproven',
    'a proof alone does not show who was allowed to record the entry',
    { expected: 'an .isal-bundle, or the ledger at hand (without --offline)', index },
  );
  const { size, root } = verified.checkpoint;
  return {
    findings: [
      { hop: { hop: 'recorded', mark: 'proven', state: 'included', index, size, root: toBase64(root) } },
      { hop: { hop: 'authority', mark: 'not-shown', state: 'unproven' }, failure: failureOf(error) },
    ],
    checkpoint,
    about: [index],
  };
}
