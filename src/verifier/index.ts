/**
 * `isal/verifier`: checks files, checkpoints, proofs and whole logs against a
 * pinned trust file. It runs in Node and in browsers, opens no socket of its
 * own, and takes nothing from a server on trust.
 *
 *   import { parseTrust, verifyArtifact } from 'isal/verifier';
 *
 *   const trust = parseTrust(trustFileBytes);
 *   const verdict = verifyArtifact({ digests: { sha256, sha512 }, bundle: bundleBytes, trust });
 *   verdict.answer;            // 'proven' | 'contradicted' | 'not-proven' | 'policy'
 *   verdict.hops;              // each with its mark: 'proven' | 'contradicted' | 'not-shown'
 *
 * What refuses its input throws a `LedgerError` with a stable `code`, and what
 * was expected and got; `verifyArtifact` turns it into the verdict's `failure`.
 */
export { LedgerError, errorCodes } from '../errors.ts';
export type { ErrorCode } from '../errors.ts';

export { formatTrust, parseCheckpointTrust, parseTrust } from './trust.ts';
export type { CheckpointTrust, Trust } from './trust.ts';
export { formatBundle, maxBundleBytes, parseBundle, tlogProofOf } from './bundle.ts';
export type { Bundle, BundleLeaf } from './bundle.ts';
export { assembleBundle } from './assemble.ts';
export type { AssembleOptions } from './assemble.ts';
export type { LeafSource } from './leaf-source.ts';
export { collectEntries } from './collect.ts';
export type { CollectOptions, Collected, EntryFilters, EntrySearch } from './collect.ts';

export { verifyEvidence } from './evidence.ts';
export type { Accused, EvidenceFinding } from './evidence-finding.ts';
export {
  brokenPromiseEvidence,
  equivocationEvidence,
  forkEvidence,
  formatEvidence,
  maxEvidenceBytes,
  parseEvidence,
  rollbackEvidence,
  unauthorisedEvidence,
} from './evidence-file.ts';
export type { Evidence, EvidenceKind, ProvenLeaf } from './evidence-file.ts';
export { collectEquivocation, collectUnauthorised } from './evidence-collect.ts';

export { requireMinSize, summarise, verifyArtifact, verifyBundle } from './verify.ts';
export type { VerifiedBundle, VerifyOptions } from './verify.ts';
export { answerWords } from './answer-words.ts';
export { withSeals } from './sealed.ts';
export type { SealOptions } from './sealed.ts';
export { certificatesInPem, readCrl } from '../seal/pinned.ts';
export type { Encoded, SealAnchors } from '../seal/pinned.ts';
export { answerOf } from './answer.ts';
export { checkRequirements, parseRequirements } from './requirements.ts';
export type { Requirement } from './requirements.ts';
export type { Answer } from './answer.ts';
export type { CheckpointSummary, Failure, Hop, HopName, Mark, Verdict } from './verdict.ts';
export type { Digests } from './subject.ts';
export type { Entry } from './walk.ts';

export { LogClient, LogView } from './log-client.ts';
export type { LeafProof, SignedCheckpoint } from './log-client.ts';
export { TileReader } from './tile-reader.ts';
export type { FetchPath, TileReaderOptions } from './tile-reader.ts';
export { firstWrongPlace } from './locate.ts';
export type { LocateOptions } from './locate.ts';
export { replay } from './replay.ts';
export type { Replay, ReplayedFile, ReplayOptions } from './replay.ts';
export type { ChainedUpdate, Complete, EntryOf, Leaf, Supporting } from './supporting.ts';
export { verifyLog } from './verify-log.ts';
export type { VerifiedLog, VerifyLogOptions } from './verify-log.ts';
export type { Gap, NumberRange } from './sequences.ts';
export { AccessCounter } from './access-summary.ts';
export type {
  AccessCounts,
  AskedTime,
  ComparedSummary,
  Difference,
  Promised,
  SourceAccesses,
} from './access-summary.ts';
export type { Late } from './promises.ts';
export { UpdateChains } from './update-chain.ts';
export type { ChainFields, LinkKind, Update, UpdateChain, UpdateLink } from './update-chain.ts';
export { historyOf } from './update-history.ts';
export type { UpdateHistory } from './update-history.ts';
export { Residency } from './residency.ts';
export type { CategoryStatus, RegionStatus, ResidencyStatement, Standing, TakenBack } from './residency.ts';
export { inspectEntries } from './inspect.ts';
export type { InspectedEntry } from './inspect.ts';
export { leavesFound, withReplay } from './replayed.ts';

export { parseNote } from '../note/note.ts';
export type { Note, NoteSignature } from '../note/note.ts';
export { formatVerifierKey, parseVerifierKey } from '../note/key.ts';
export type { VerifierKey } from '../note/key.ts';
export { parseCheckpoint } from '../note/checkpoint.ts';
export type { Checkpoint } from '../note/checkpoint.ts';
export { formatPolicy, parsePolicy } from '../note/policy.ts';
export { verifyCheckpoint } from '../note/quorum.ts';
export type { Policy } from '../note/policy.ts';
export type { VerifiedCheckpoint } from '../note/quorum.ts';
export { formatProof, parseProof, verifyProof } from '../note/proof.ts';
export type { TlogProof } from '../note/proof.ts';
export { hashLeaf } from '../tlog/hash.ts';
export { verifyInclusion } from '../tlog/inclusion.ts';
export { verifyConsistency } from '../tlog/consistency.ts';
