/**
 * The one door: is this file recorded and supervised, as far as what is shown
 * goes, under the pinned trust file?
 *
 *   const verdict = await judgeFile({ digests, trust, bundle });
 *   const verdict = await judgeFile({ digests, trust, source, replay, require });
 *
 * What is shown is a bundle, a proof, or a ledger to be asked. A replay of the
 * whole log, seals and requirements are further inputs of the same judgement:
 * each judge adds its findings, and the answer is the worst of them.
 *
 * Whatever is malformed or does not check is `contradicted`; a missing
 * signature, quorum or age is `policy`; what is right and speaks of another
 * file is `not-proven`.
 */
import { fromHex, toBase64 } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError, assert, errorTable } from '../../errors.ts';
import { verifyCheckpoint } from '../../note/quorum.ts';
import type { TlogProof } from '../../note/proof.ts';
import { bundleFrom } from '../collecting/source.ts';
import type { FoundLeaves, LedgerSource } from '../collecting/source.ts';
import type { Replay } from '../folds/replay.ts';
import { matchSubjects } from '../folds/subject.ts';
import type { Digests } from '../folds/subject.ts';
import { supportingAmong } from '../folds/supporting.ts';
import { parseBundle } from '../proving/bundle.ts';
import type { Bundle } from '../proving/bundle.ts';
import { failureOf } from '../proving/failure.ts';
import type { Failure } from '../proving/failure.ts';
import type { Trust } from '../trust.ts';
import type { Entry, Walk } from '../authorising/walk.ts';
import { answerOf } from './answer.ts';
import { verdictOf } from './finding.ts';
import type { Finding, HopFinding } from './finding.ts';
import type { Hop, HopOf } from './hops/hop.ts';
import { judge } from './judgement.ts';
import { proofFindings } from './proof.ts';
import { leavesFound, replayFinding, requireFile } from './replayed.ts';
import type { FileReplay } from './replayed.ts';
import { requirementFindings } from './requirements.ts';
import type { Requirement } from './requirements.ts';
import { sealFindings } from './sealed.ts';
import type { SealOptions } from './sealed.ts';
import type { CheckpointSummary, Verdict } from './verdict.ts';
import { requireMinSize, verifyBundle } from './verify-bundle.ts';
import type { Age, Progress } from './verify-bundle.ts';

/** What is shown of the log: one of three. */
export type Shown =
  | {
      /** A parsed bundle, or the bytes of one. */
      readonly bundle: Bundle | Uint8Array;
      /** The maker of the bundle says that this is not all. */
      readonly more?: boolean;
    }
  | {
      /** A ledger that is asked. */
      readonly source: LedgerSource;
      /** Entries about the file that are known already. */
      readonly known?: readonly number[];
    }
  | {
      /** A parsed tlog-proof with its leaf in the extra line, or the bytes of one. */
      readonly proof: TlogProof | Uint8Array;
    };

export type FileQuestion = Shown &
  Age & {
    /** Digests of the file, lowercase hex; give both for a file that is at hand. */
    readonly digests: Digests;
    readonly trust: Trust;
    /** Of the whole log, to the same checkpoint, with `digests`. */
    readonly replay?: Replay | undefined;
    readonly seals?: SealOptions | undefined;
    /** What the file must have beyond that nothing contradicts it. */
    readonly require?: readonly Requirement[] | undefined;
  };

/**
 * The verdict on a file. Does not throw for anything that is shown; throws
 * `bad-hex` for digests that are none and `malformed-policy` for a maximum age
 * where the policy has no witnesses, both the caller's own input, and what the
 * `source` fails with.
 */
export async function judgeFile(question: FileQuestion): Promise<Verdict> {
  const { digests, trust, seals, require = [] } = question;
  requireDigests(digests);
  const replay = question.replay === undefined ? undefined : requireFile(question.replay);
  const shown = await lookAt(question, replay);
  const { checkpoint, entries, bundle } = shown;
  requireSameTree(checkpoint, replay);
  const about = shown.about ?? entries.map(({ index }) => index);
  const findings: Finding[] = [
    ...shown.findings,
    ...(shown.all === false ? [{ hop: { hop: 'more', mark: 'not-shown' } } as const] : []),
    ...(replay === undefined ? [] : [replayFinding(replay, about)]),
    ...(await sealFindings(entries, { ...defined({ anchors: trust.seals }), ...seals, digests, checkpoint })),
  ];
  findings.push(...requirementFindings(findings, about, require));
  return { ...verdictOf(findings, { entries: about, checkpoint }), ...defined({ bundle }) };
}

/** What came of what is shown. */
interface Look {
  readonly findings: readonly HopFinding[];
  /** The entries about the file, authorised. */
  readonly entries: readonly Entry[];
  /** Their indices, where it is not known who was allowed to record them. */
  readonly about?: readonly number[];
  readonly checkpoint?: CheckpointSummary | undefined;
  /** What a ledger has shown. */
  readonly bundle?: Bundle;
  /** Whether whoever showed it says that this is all. */
  readonly all?: boolean;
}

function lookAt(question: FileQuestion, replay: FileReplay | undefined): Promise<Look> | Look {
  if ('source' in question) return lookAtLedger(question, replay);
  if ('proof' in question) return lookAtProof(question);
  const look = lookAtBundle(question.bundle, { ...question, replay, among: 'bundle' });
  return { ...look, all: question.more !== true };
}

function lookAtProof(question: FileQuestion & { readonly proof: TlogProof | Uint8Array }): Look {
  return orRefused({ stage: 'checkpoint', checkpoint: undefined }, () => ({
    entries: [],
    ...proofFindings(question),
  }));
}

/** Verifies the checkpoint that the ledger shows, asks for what bears on the file, and judges that as a bundle. */
async function lookAtLedger(
  question: FileQuestion & { readonly source: LedgerSource; readonly known?: readonly number[] },
  replay: FileReplay | undefined,
): Promise<Look> {
  const { digests, trust, source, known, now, maxAge } = question;
  const note = await source.checkpoint();
  const sizeOf = (): number => {
    const verified = verifyCheckpoint({ note, policy: trust.policy, now, maxAge });
    requireMinSize(verified, trust);
    return verified.checkpoint.size;
  };
  const size = orRefused({ stage: 'checkpoint', checkpoint: undefined }, sizeOf);
  if (typeof size !== 'number') return size;
  const found = replay === undefined ? undefined : foundBy(replay);
  const request = { view: source.at(size), checkpoint: note, size, trust, digests, found };
  const { bundle, all } = await bundleFrom({ ...request, ...defined({ known }) });
  const among = replay === undefined ? 'ledger' : 'all-leaves';
  return { ...lookAtBundle(bundle, { ...question, replay, among }), bundle, all };
}

/** Entries about one file, in a bundle. */
const maxAbout = 16;

function foundBy(replay: FileReplay): FoundLeaves {
  const { authority, documents, entries } = replay;
  return { indices: leavesFound(replay, entries.slice(-maxAbout)), authority, documents };
}

type Among = Exclude<Extract<HopOf<'file'>, { readonly state: 'absent' }>['among'], 'proof'>;

interface BundleLook extends Age {
  readonly digests: Digests;
  readonly trust: Trust;
  readonly replay: FileReplay | undefined;
  /** Whose word it is that nothing more is there. */
  readonly among: Among;
}

function lookAtBundle(bundle: Bundle | Uint8Array, look: BundleLook): Look {
  const { digests, trust, now, maxAge, replay, among } = look;
  const progress: Progress = { stage: 'checkpoint', checkpoint: undefined };
  return orRefused(progress, () => {
    const parsed = bundle instanceof Uint8Array ? parseBundle(bundle) : bundle;
    const { summary, walk } = verifyBundle({ bundle: parsed, trust, now, maxAge }, progress);
    progress.stage = 'file';
    const matches = matchSubjects(walk.entries, digests);
    if (matches.length === 0) return absent(among, digests, { summary, walk });
    const question = { matches, walk, digests, checkpoint: summary };
    const findings =
      replay === undefined || replay.findingCount > 0
        ? byBundle(question)
        : byReplay(question, replay, byBundle);
    return { findings, entries: matches, checkpoint: summary };
  });
}

interface MatchedBundle {
  readonly matches: readonly Entry[];
  readonly walk: Walk;
  readonly digests: Digests;
  readonly checkpoint: CheckpointSummary;
}

function byBundle({ matches, walk, digests, checkpoint }: MatchedBundle): HopFinding[] {
  const supporting = supportingAmong(walk.entries, digests);
  return judge({ matches, digests, supporting, newest: walk.newest, checkpoint });
}

/**
 * By all that a replay has met, so that nothing which the bundle withheld is
 * missed: a review with findings, a rebuild that differs, a correction, a fork.
 * Who has read every leaf also knows what only looks wrong in a bundle, which
 * may leave out an earlier beginning; so the bundle is judged as well only
 * where the replay could not keep everything.
 */
function byReplay(
  question: MatchedBundle,
  { entries, file, authority }: FileReplay,
  otherwise: (question: MatchedBundle) => HopFinding[],
): HopFinding[] {
  const { matches, digests, checkpoint } = question;
  const { supporting, complete } = file;
  const about = new Set(matches.map(({ index }) => index));
  // A replay lists the first entries about a file only; of one beyond, it says nothing.
  const beyond = new Set([...about].filter((index) => !entries.some((entry) => entry.index === index)));
  const judged = judge({
    matches: entries,
    digests,
    supporting,
    newest: authority,
    checkpoint,
    complete: beyond.size === 0 ? complete : undefined,
  });
  // The others about the file were not asked for; what contradicts them is told all the same.
  const own = judged.filter(
    ({ hop: { entry, mark } }) => entry === undefined || mark === 'contradicted' || about.has(entry),
  );
  const found = [...mismatchAmong(entries, digests), ...own];
  if (beyond.size === 0 && Object.values(complete).every(Boolean)) return found;
  const told = new Set(found.filter(({ hop }) => hop.mark === 'contradicted').map(subjectOf));
  const shown = otherwise(question).filter(
    (finding) =>
      beyond.has(finding.hop.entry ?? -1) ||
      (finding.hop.mark === 'contradicted' && !told.has(subjectOf(finding))),
  );
  return [...found, ...shown];
}

/** What a contradicted hop is about: two judges may each give it, and once is enough. An entry has one chain. */
function subjectOf({ hop: { hop, entry, index } }: HopFinding): string {
  return hop === 'chain' ? `chain ${entry}` : `${hop} ${entry} ${index}`;
}

/** That the entries cannot all be about one file. */
function mismatchAmong(entries: readonly Entry[], digests: Digests): HopFinding[] {
  const look = orRefused(
    { stage: 'file', checkpoint: undefined },
    () => void matchSubjects(entries, digests),
  );
  return look === undefined ? [] : [...look.findings];
}

/** "None among all leaves" is only true of the tree whose leaves they were. */
function requireSameTree(checkpoint: CheckpointSummary | undefined, replay: FileReplay | undefined): void {
  assert(
    checkpoint === undefined ||
      replay === undefined ||
      (checkpoint.size === replay.size && checkpoint.root === toBase64(replay.root)),
    'a verdict and its replay are of one checkpoint',
  );
}

/** All that is shown is right, and nothing of it is about this file. */
function absent(
  among: Among,
  { sha256, sha512 }: Digests,
  { summary, walk }: { readonly summary: CheckpointSummary; readonly walk: Walk },
): Look {
  const { size } = summary;
  const others = walk.entries.length;
  const told: Readonly<Record<Among, Pick<Failure, 'message' | 'got'>>> = {
    bundle: {
      message: 'the bundle holds no build or database update of this file',
      got: `${others} ${others === 1 ? 'entry' : 'entries'} about something else`,
    },
    ledger: {
      message: `the ledger showed no entry for a digest of this file as of size ${size}`,
      got: 'nothing',
    },
    'all-leaves': {
      message: `no build or database update among all ${size} leaves has a digest of this file`,
      got: 'nothing',
    },
  };
  const code = 'not-recorded';
  const hop: Hop = { hop: 'file', mark: 'not-shown', state: 'absent', among, size, code };
  const failure = {
    code,
    expected: sha256 === undefined ? `sha512 ${sha512}` : `sha256 ${sha256}`,
    ...told[among],
  } as const;
  return { findings: [{ hop, failure }], entries: [], checkpoint: summary };
}

/** What a step gives, or the one finding that it ended with. Throws what is the caller's own fault, and ours. */
function orRefused<T>(progress: Progress, step: () => T): T | Look {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof LedgerError) || errorTable[error.code].class === 'caller') throw error;
    const { code, message: reason } = error;
    // A checkpoint rests on no leaf.
    const index = progress.stage === 'checkpoint' ? undefined : error.index;
    const hop = defined({
      hop: progress.stage,
      mark: answerOf(code) === 'contradicted' ? ('contradicted' as const) : ('not-shown' as const),
      state: 'refused',
      code,
      reason,
      index,
    }) as Hop;
    return {
      findings: [{ hop, failure: failureOf(error) }],
      entries: [],
      checkpoint: progress.checkpoint,
    };
  }
}

function requireDigests({ sha256, sha512 }: Digests): void {
  if (sha256 !== undefined) fromHex(sha256, 32);
  if (sha512 !== undefined) fromHex(sha512, 64);
}
