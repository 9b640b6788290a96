/**
 * What a replay of the whole log adds to the judgement of a file: only it can
 * say that something is not there. A finding anywhere in the log makes the
 * answer `contradicted`: an operator who let one such leaf in cannot be
 * believed about the rest.
 */
import { assert } from '../../errors.ts';
import { defined } from '../../defined.ts';
import type { Replay, ReplayedFile } from '../folds/replay.ts';
import type { Entry } from '../authorising/walk.ts';
import type { HopFinding } from './finding.ts';
import { leavesBehind } from './judgement.ts';

/** A replay that was asked for the file: it kept what bears on it. */
export interface FileReplay extends Replay {
  readonly entries: readonly Entry[];
  readonly file: ReplayedFile;
}

export function requireFile(replay: Replay): FileReplay {
  const { entries, file } = replay;
  assert(entries !== undefined && file !== undefined, 'the replay behind a verdict was asked for the file');
  return { ...replay, entries, file };
}

/** What the replay says of the log. `shown`: the entries about the file that the answer is about. */
export function replayFinding(replay: FileReplay, shown: readonly number[]): HopFinding {
  const { size, findings, findingCount, entries } = replay;
  const [first] = findings;
  if (first === undefined) {
    const others = entries.map(({ index }) => index).filter((index) => !shown.includes(index));
    return {
      hop: { hop: 'replayed', mark: 'proven', state: 'clean', size, entries: entries.length, others },
    };
  }
  const { index, code, message: reason } = first;
  return {
    hop: defined({
      hop: 'replayed',
      mark: 'contradicted',
      state: 'findings',
      index,
      size,
      findings: findingCount,
      code,
      reason,
    }),
    failure: first,
  };
}

/**
 * Indices of every leaf that the judgement of these entries about the file
 * rests on, for a bundle that holds back none of them.
 */
export function leavesFound({ file }: Replay, matches: readonly Entry[]): number[] {
  assert(file !== undefined, 'the replay behind a bundle was asked for the file');
  return leavesBehind({ matches, ...file });
}
