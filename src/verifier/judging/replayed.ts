/** What a replay of the whole log adds to a verdict: only it can say that something is not there. */
import { toBase64 } from '../../bytes.ts';
import { LedgerError, assert } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import { grouped } from './hops.ts';
import { judge, leavesBehind } from './judgement.ts';
import type { Replay } from '../folds/replay.ts';
import { matchSubjects } from '../folds/subject.ts';
import type { Digests } from '../folds/subject.ts';
import { failureOf } from '../proving/failure.ts';
import type { Hop, Verdict } from './verdict.ts';
import type { Failure } from '../proving/failure.ts';
import type { Entry } from '../authorising/walk.ts';

/**
 * The verdict with what a replay showed, to the *same* checkpoint and for the
 * same file. A finding anywhere in the log makes the answer `contradicted`: an
 * operator who let one such leaf in cannot be believed about the rest.
 *
 * The file is judged again by all that the replay has met, so nothing that the
 * bundle withheld is missed: a review with findings, a rebuild that differs, a
 * correction, a fork.
 */
export function withReplay(verdict: Verdict, replay: Replay): Verdict {
  const { entries, file } = replay;
  assert(entries !== undefined && file !== undefined, 'the replay behind a verdict was asked for the file');
  const { checkpoint } = verdict;
  // "None among all leaves" is only true of the tree whose leaves they were.
  assert(
    checkpoint === undefined ||
      (checkpoint.size === replay.size && checkpoint.root === toBase64(replay.root)),
    'a verdict and its replay are of one checkpoint',
  );
  const size = grouped(replay.size);
  const [finding] = replay.findings;
  if (finding !== undefined) {
    const hop: Hop = {
      hop: 'replayed',
      mark: 'contradicted',
      text: `findings at ${grouped(replay.findingCount)} of ${size} leaves, first at leaf ${grouped(finding.index ?? 0)}: ${finding.message}`,
      ...(finding.index === undefined ? {} : { index: finding.index }),
      facts: { size: replay.size, findings: replay.findingCount, code: finding.code },
    };
    return {
      ...verdict,
      answer: 'contradicted',
      hops: [...verdict.hops, hop],
      // That the file is not recorded is no longer what matters, once the log has been caught.
      failure: verdict.answer === 'contradicted' ? (verdict.failure ?? finding) : finding,
    };
  }
  const others = entries.filter(({ index }) => !verdict.entries.includes(index));
  const hop: Hop = {
    hop: 'replayed',
    mark: 'proven',
    text:
      `all ${size} leaves: root computed again, every signature and authority checked` +
      (others.length === 0
        ? '; no other entry about this file'
        : `; also about this file: ${listed(others)}`),
    facts: { size: replay.size, findings: 0, entries: entries.length },
  };
  if (checkpoint === undefined || verdict.entries.length === 0) {
    return { ...verdict, hops: [...verdict.hops, hop] };
  }
  // A replay lists the first entries about a file only; of one beyond, it says nothing.
  const beyond = verdict.entries.filter((index) => !entries.some((entry) => entry.index === index));
  const { digests, supporting, complete } = file;
  const mismatch = mismatchAmong(entries, digests);
  const judgement = judge({
    matches: entries,
    digests,
    supporting,
    newest: replay.authority,
    checkpoint,
    ...(beyond.length === 0 ? { complete } : {}),
  });
  const hops = mismatch === undefined ? judgement.hops : [mismatchHop(mismatch), ...judgement.hops];
  const failure = mismatch ?? judgement.failure;
  // The others about the file were not asked for; what contradicts them is told all the same.
  const told = [
    ...verdict.hops.filter(({ hop: name, entry = -1 }) => name !== 'sealed' && beyond.includes(entry)),
    ...hops.filter(
      ({ entry, mark }) => entry === undefined || mark === 'contradicted' || verdict.entries.includes(entry),
    ),
  ];
  const sealed = verdict.hops.filter((shown) => shown.hop === 'sealed');
  const again = { ...verdict, hops: [...told, ...sealed, hop] };
  if (failure !== undefined) return { ...again, answer: 'contradicted', failure };
  // Who has read every leaf knows more than the bundle, which may leave out an earlier beginning. Where the
  // replay could not keep everything, what the bundle shows against the file still stands.
  const knowsAll = beyond.length === 0 && Object.values(complete).every(Boolean);
  if (!knowsAll || verdict.failure === undefined || !judged.has(verdict.failure.code)) return again;
  const { failure: _, ...cleared } = again;
  return { ...cleared, answer: 'proven' };
}

/** Why the entries cannot all be about one file. */
function mismatchAmong(entries: readonly Entry[], digests: Digests): Failure | undefined {
  try {
    matchSubjects(entries, digests);
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return failureOf(error);
    throw error;
  }
}

function mismatchHop({ code, message, index = 0 }: Failure): Hop {
  return { hop: 'file', mark: 'contradicted', text: message, index, facts: { code } };
}

/** What `judge` contradicts a file for. */
const judged: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'chain-broken',
  'corrected',
  'key-not-in-force',
  'rebuild-differs',
  'subject-mismatch',
]);

/**
 * Indices of every leaf that the judgement of these entries about the file
 * rests on, for a bundle that holds back none of them.
 */
export function leavesFound({ file }: Replay, matches: readonly Entry[]): number[] {
  assert(file !== undefined, 'the replay behind a bundle was asked for the file');
  return leavesBehind({ matches, ...file });
}

function listed(entries: readonly Entry[]): string {
  const shown = entries.slice(0, 10).map(({ index }) => `leaf ${grouped(index)}`);
  return `${shown.join(', ')}${entries.length > shown.length ? ` and ${entries.length - shown.length} more` : ''}`;
}
