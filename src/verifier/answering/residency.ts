/** `isal region status`: where the data of a region are said to be, and every statement about it. */
import { defined } from '../../defined.ts';
import { standingMarks } from '../folds/residency.ts';
import type { CategoryStatus, RegionStatus, ResidencyStatement, TakenBack } from '../folds/residency.ts';
import type { Mark } from '../mark.ts';
import type { Marked } from './point.ts';
import type { CorrectionShown } from './relied.ts';

export type ResidencyPoint = RegionPoint | TakenBackPoint | StatedPoint | NoRegionPoint;

/** Where data of a category are by the last statement. */
export interface RegionPoint extends Marked {
  readonly about: 'region';
  readonly region: string;
  readonly status: CategoryStatus;
  /** Of the last statement. */
  readonly correction?: CorrectionShown;
}

/** That a claim was made and taken back is proven. What holds now is a point of its own. */
export interface TakenBackPoint extends Marked, TakenBack {
  readonly about: 'taken-back';
  readonly mark: 'proven';
  readonly region: string;
  readonly category: string;
}

/** That it was said is proven, whatever it says; what came of it is a point of its own. */
export interface StatedPoint extends Marked {
  readonly about: 'stated';
  readonly region: string;
  readonly statement: ResidencyStatement;
  readonly correction?: CorrectionShown;
}

export interface NoRegionPoint extends Marked {
  readonly about: 'no-region';
  readonly mark: 'not-shown';
  /** The one that was asked about, if one was named. */
  readonly region?: string;
  readonly size: number;
}

/** By the leaf hash of what they are of; of several, the last. */
export type Corrections = ReadonlyMap<string, CorrectionShown>;

export function regionPoints(
  { region, categories, history }: RegionStatus,
  corrections: Corrections,
): ResidencyPoint[] {
  return [
    ...categories.flatMap((status): ResidencyPoint[] => [
      {
        about: 'region',
        mark: categoryMark(status, corrections),
        region,
        status,
        ...correctionOf(status.statement, corrections),
      },
      ...status.takenBack.map((takenBack): TakenBackPoint => ({
        about: 'taken-back',
        mark: 'proven',
        region,
        category: status.category,
        ...takenBack,
      })),
    ]),
    ...history.map((statement): StatedPoint => {
      const corrected = correctionOf(statement, corrections);
      const mark = corrected.correction === undefined ? 'proven' : 'contradicted';
      return { about: 'stated', mark, region, statement, ...corrected };
    }),
  ];
}

/** What is corrected does not hold, whatever it says. */
export function categoryMark(
  { statement, standing }: Pick<CategoryStatus, 'statement' | 'standing'>,
  corrections: Corrections,
): Mark {
  return corrections.has(statement.entry.leafHash) ? 'contradicted' : standingMarks[standing];
}

function correctionOf(
  { entry }: ResidencyStatement,
  corrections: Corrections,
): { readonly correction?: CorrectionShown } {
  return defined({ correction: corrections.get(entry.leafHash) });
}
