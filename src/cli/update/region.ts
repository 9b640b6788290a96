/** `isal region status`: where the data of a region are said to be, and every statement about it. */
import { defined } from '../../defined.ts';
import { lastCorrections } from '../../verifier/answering/relied.ts';
import { categoryMark, regionPoints } from '../../verifier/answering/residency.ts';
import type { Corrections, ResidencyPoint } from '../../verifier/answering/residency.ts';
import type { WholeLog } from '../../verifier/answering/whole-log.ts';
import { Residency } from '../../verifier/folds/residency.ts';
import type { RegionStatus, ResidencyStatement } from '../../verifier/folds/residency.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { timeOption, wholeLog } from '../online/whole-log.ts';
import type { Question } from '../online/whole-log.ts';

export async function status(
  { values, positionals: [region] }: Given<typeof described.status>,
  io: Io,
): Promise<ExitStatus> {
  const at = timeOption('as-of', values['as-of']) ?? io.now();
  const fold = new Residency(region);
  const answer = ({ corrections: shown, replay: { size } }: WholeLog): ReturnType<Question['answer']> => {
    const regions = fold.result(at);
    const corrections = lastCorrections(shown);
    const none: ResidencyPoint = { about: 'no-region', mark: 'not-shown', ...defined({ region }), size };
    return {
      points: regions.length === 0 ? [none] : regions.flatMap((one) => regionPoints(one, corrections)),
      facts: { regions: regions.map((one) => regionJson(one, corrections)) },
    };
  };
  return wholeLog(values, { fold, answer }, io);
}

function regionJson({ region, categories, history }: RegionStatus, corrections: Corrections): object {
  return {
    region,
    categories: categories.map((status) => {
      const { statement, standing, promises, arrived, takenBack, ...rest } = status;
      const correctedBy = corrections.get(statement.entry.leafHash)?.index;
      return {
        ...rest,
        index: statement.entry.index,
        standing,
        mark: categoryMark(status, corrections),
        promises: promises.map(dated),
        ...(arrived === undefined ? {} : { arrived: dated(arrived) }),
        takenBack: takenBack.map(({ claim, by }) => ({ index: claim.entry.index, by: by.entry.index })),
        ...defined({ correctedBy }),
      };
    }),
    history: history.map(({ entry, predicate }) => {
      const { occurredAt, categories: about, from, to, phase, effectiveAt } = predicate;
      const { residualCopies, exceptions } = predicate;
      return {
        index: entry.index,
        leafHash: entry.leafHash,
        occurredAt,
        categories: about,
        from,
        to,
        phase,
        effectiveAt,
        residualCopies,
        exceptions,
      };
    }),
  };
}

function dated({ entry, predicate: { to, effectiveAt } }: ResidencyStatement): object {
  return { index: entry.index, to, effectiveAt };
}
