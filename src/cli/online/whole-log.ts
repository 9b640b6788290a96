/**
 * Questions that only the whole log answers: what was left out, what came
 * before, what holds now. Every leaf is read by its place, so the ledger does
 * not learn what is looked for and cannot leave anything out.
 *
 * A command asks; what an answer is worth is judged in `verifier/answering`,
 * and what it says stands in `words/`. Here it is read and printed.
 */
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { parseTime, timeForms } from '../../ledger/time.ts';
import { answerMark } from '../../verifier/answering/point.ts';
import { Relied } from '../../verifier/answering/relied.ts';
import { wholeLogOf } from '../../verifier/answering/whole-log.ts';
import type { WholeLog } from '../../verifier/answering/whole-log.ts';
import type { Listener } from '../../verifier/folds/fold.ts';
import { leafOf } from '../../verifier/folds/supporting.ts';
import type { Leaf } from '../../verifier/folds/supporting.ts';
import type { Replay } from '../../verifier/folds/replay.ts';
import type { CheckpointSummary } from '../../verifier/judging/verdict.ts';
import { summarise } from '../../verifier/judging/verify-bundle.ts';
import type { Mark } from '../../verifier/mark.ts';
import { en, pointLabel, pointText } from '../../words/index.ts';
import type { Point } from '../../words/index.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { plainLine, shownLine } from '../terminal/marks.ts';
import { connect } from './online.ts';
import { replayed, treeOf } from './replayed.ts';
import { pinnedTrust } from './trust.ts';

export interface WholeLogValues {
  readonly trust?: string | undefined;
  readonly url?: string | undefined;
  readonly 'max-age'?: string | undefined;
  readonly json: boolean;
}

/** What a command wants to know of a log. */
export interface Question {
  /** Is told every authorised entry; the answer rests on those that it takes. */
  readonly fold: Listener;
  /** Those that the answer rests on, where that is known only in the end. */
  readonly restsOn?: () => Iterable<Leaf>;
  /** Its own points, and its own members in JSON. Called once the log is known to be the signed one. */
  readonly answer: (log: WholeLog) => { readonly points: readonly Point[]; readonly facts: object };
}

/** The exit status that an answer with this mark has. */
export const exits: Readonly<Record<Mark, ExitStatus>> = { proven: 0, contradicted: 1, 'not-shown': 2 };

/** Reads the log, prints the answer and gives its exit status: the worst of all marks. */
export async function wholeLog(
  values: WholeLogValues,
  { fold, restsOn = () => [], answer }: Question,
  io: Io,
): Promise<ExitStatus> {
  const relied = new Relied();
  const relying: Listener = {
    add(entry) {
      const rests = fold.add(entry);
      if (rests) relied.add(leafOf(entry));
      return rests;
    },
  };
  const { checkpoint, replay } = await readLog(values, [relying], io);
  for (const leaf of restsOn()) relied.add(leaf);
  const log = wholeLogOf({ checkpoint, replay, relied }, io.now());
  const own = answer(log);
  const all: readonly Point[] = [...log.points, ...own.points];
  const mark = answerMark(all);
  if (values.json) io.stdout(jsonOf(log, { points: all, facts: own.facts, exit: exits[mark] }));
  else {
    for (const point of all) io.stdout(pointLine(point, io));
    io.stdout(plainLine('ANSWER', en.pointAnswers[mark]));
  }
  return exits[mark];
}

/** Replays a log that answers to its newest checkpoint, under the pinned trust file. */
export async function readLog(
  { trust: file, url, 'max-age': maxAge }: Omit<WholeLogValues, 'json'>,
  folds: readonly Listener[],
  io: Io,
): Promise<{ readonly checkpoint: CheckpointSummary; readonly replay: Replay }> {
  const trust = await pinnedTrust(file, io);
  const { signed, view } = await connect({ url, maxAge, trust, io });
  const replay = await replayed({ ...treeOf(view), trust, folds }, { label: 'reading the log', io });
  return { checkpoint: summarise(signed, trust.policy), replay };
}

export function pointLine(point: Point, io: Io): string {
  return shownLine({ ...point, label: pointLabel(point), text: pointText(point) }, io);
}

function jsonOf(
  { checkpoint, replay: { findings, findingCount }, corrections }: WholeLog,
  {
    points: all,
    facts,
    exit,
  }: { readonly points: readonly Point[]; readonly facts: object; readonly exit: number },
): string {
  const lines = all.map((point) => ({
    mark: point.mark,
    ...defined({ qualified: point.qualified }),
    label: pointLabel(point),
    text: pointText(point),
  }));
  return `${JSON.stringify({ exit, ...facts, corrections, findingCount, findings, lines, checkpoint })}\n`;
}

/** A time in an option, in milliseconds. Throws `usage`. */
export function timeOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseTime(text);
  if (seconds !== undefined) return seconds * 1_000;
  throw new LedgerError('usage', `--${name} is no time`, { expected: timeForms, got: text });
}
