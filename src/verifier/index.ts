/**
 * `isal/verifier`: checks files, checkpoints, proofs and whole logs against a
 * pinned trust file. It runs in Node and in browsers, opens no socket of its
 * own, and takes nothing from a server on trust.
 *
 *   import { judgeFile, parseTrust } from 'isal/verifier';
 *
 *   const trust = parseTrust(trustFileBytes);
 *   const verdict = await judgeFile({ digests: { sha256, sha512 }, trust, bundle: bundleBytes });
 *   verdict.answer;            // 'proven' | 'contradicted' | 'not-proven' | 'policy'
 *   verdict.hops;              // each with its mark: 'proven' | 'contradicted' | 'not-shown'
 *
 * What refuses its input throws a `LedgerError` with a stable `code`, and what
 * was expected and got; `judgeFile` turns it into the verdict's `failure`.
 */
export { LedgerError, errorCodes } from '../errors.ts';
export type { ErrorCode } from '../errors.ts';

export { formatTrust, parseCheckpointTrust, parseTrust } from './trust.ts';
export type { CheckpointTrust, Trust } from './trust.ts';
export { formatBundle, maxBundleBytes, parseBundle, tlogProofOf } from './proving/bundle.ts';
export type { Bundle, BundleLeaf } from './proving/bundle.ts';
export { assembleBundle } from './collecting/assemble.ts';
export type { AssembleOptions } from './collecting/assemble.ts';
export type { LeafSource } from './proving/leaf-source.ts';
export { collectEntries } from './collecting/collect.ts';
export type { CollectOptions, Collected, EntryFilters, EntrySearch } from './collecting/collect.ts';

export { verifyEvidence } from './convicting/evidence.ts';
export { evidenceFacts } from './convicting/evidence-finding.ts';
export type { Accused, EvidenceFinding } from './convicting/evidence-finding.ts';
export {
  brokenPromiseEvidence,
  equivocationEvidence,
  forkEvidence,
  formatEvidence,
  maxEvidenceBytes,
  parseEvidence,
  rollbackEvidence,
  unauthorisedEvidence,
} from './convicting/evidence-file.ts';
export type { Evidence, EvidenceKind, ProvenLeaf } from './convicting/evidence-file.ts';
export { collectEquivocation, collectUnauthorised } from './convicting/evidence-collect.ts';

export { judgeFile } from './judging/judge-file.ts';
export type { FileQuestion, Shown } from './judging/judge-file.ts';
export { parseRequirements } from './judging/requirements.ts';
export type { Requirement } from './judging/requirements.ts';
export type { SealOptions } from './judging/sealed.ts';
export { certificatesInPem, readCrl } from '../seal/pinned.ts';
export type { Encoded, SealAnchors } from '../seal/pinned.ts';
export type { Answer } from './judging/answer.ts';
export type { Hop, HopName, HopOf } from './judging/hops/hop.ts';
export type { CheckpointSummary, Lacking, Verdict, VerdictFailure } from './judging/verdict.ts';
export type { LedgerSource, LedgerView } from './collecting/source.ts';
export type { Mark } from './mark.ts';
export type { Failure } from './proving/failure.ts';
export type { Digests } from './folds/subject.ts';
export type { Entry } from './authorising/walk.ts';
export { requireMinSize, summarise, verifyBundle } from './judging/verify-bundle.ts';
export type { VerifiedBundle } from './judging/verify-bundle.ts';

export { LogClient, LogView } from './proving/log-client.ts';
export type { LeafProof, SignedCheckpoint } from './proving/log-client.ts';
export { TileReader } from './proving/tile-reader.ts';
export type { FetchPath, TileReaderOptions } from './proving/tile-reader.ts';
export { firstWrongPlace } from './proving/locate.ts';
export type { LocateOptions } from './proving/locate.ts';
export { replay } from './folds/replay.ts';
export type { Replay, ReplayedFile, ReplayOptions } from './folds/replay.ts';
export type { ChainedUpdate, Complete, EntryOf, Leaf, Supporting } from './folds/supporting.ts';
export { verifyLog } from './judging/verify-log.ts';
export type { VerifiedLog, VerifyLogOptions } from './judging/verify-log.ts';
export type { Gap, NumberRange } from './authorising/sequences.ts';
export { KeptFold } from './folds/fold.ts';
export type { Fold, Listener, Recorded, Seen } from './folds/fold.ts';
export { AccessCounter } from './folds/access-summary.ts';
export type {
  AccessCounterOptions,
  AccessCounts,
  AskedTime,
  ComparedSummary,
  Difference,
  KeptAccess,
  SourceAccesses,
} from './folds/access-summary.ts';
export type { Late } from './folds/promises.ts';
export { UpdateChains, chainFields, wholeUpdate } from './folds/update-chain.ts';
export type {
  ChainFields,
  LinkKind,
  Update,
  UpdateChain,
  UpdateChainsOptions,
  UpdateLink,
} from './folds/update-chain.ts';
export { chainMark, linkMark, verdictBehind, wholeChainVerdict } from './folds/chain-verdict.ts';
export type { ChainQualification, ChainVerdict } from './folds/chain-verdict.ts';
export { historyOf } from './folds/update-history.ts';
export type { UpdateHistory } from './folds/update-history.ts';
export { Residency } from './folds/residency.ts';
export type {
  CategoryStatus,
  RegionStatus,
  ResidencyStatement,
  Standing,
  TakenBack,
} from './folds/residency.ts';
export { SupervisorStatements } from './folds/supervisor-statements.ts';
export type { StatementsOfKind, SupervisorStatement } from './folds/supervisor-statements.ts';

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
