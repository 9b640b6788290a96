/** `isal access mine`: the accesses to one customer's data, and what the rest of the log says of them. */
import type { KeyStatus } from '../../attestation/authority.ts';
import type { Gap, NumberRange } from '../authorising/sequences.ts';
import type { FoundAccesses, OwnAccess } from '../folds/own-accesses.ts';
import type { Replay } from '../folds/replay.ts';
import { correctedHops, correctionsAmong } from '../judging/corrections.ts';
import type { CorrectionHop } from '../judging/corrections.ts';
import type { Marked } from './point.ts';
import { findingPoints } from './whole-log.ts';
import type { FindingPoint } from './whole-log.ts';

export type OwnAccessPoint = AccessItselfPoint | AccessCorrectedPoint | AccessKeyPoint | UnrecordedPoint;

export interface AccessItselfPoint extends Marked {
  readonly about: 'access';
  readonly mark: 'proven';
  readonly access: OwnAccess;
}

/** Also of a correction of it: which of two to believe is for people to say. */
export interface AccessCorrectedPoint extends Marked {
  readonly about: 'access-corrected';
  readonly mark: 'contradicted';
  readonly correction: CorrectionHop;
}

/** A later document says that the recorder's key was not to be relied on when it signed this leaf. */
export interface AccessKeyPoint extends Marked {
  readonly about: 'access-key';
  readonly mark: 'contradicted';
  readonly index: number;
  readonly status: KeyStatus;
}

/** Numbers that a recorder of accesses skipped: that there is nothing else is then not shown. */
export interface UnrecordedPoint extends Marked {
  readonly about: 'unrecorded';
  readonly mark: 'not-shown';
  readonly source: string;
  readonly numbers: NumberRange;
}

/** What is said beside the points; it bears no mark. */
export type OwnAccessRemark =
  | {
      readonly about: 'accesses-found';
      readonly count: number;
      /** Accesses of everybody. */
      readonly all: number;
      readonly size: number;
    }
  | { readonly about: 'accesses-unlisted'; readonly listed: number };

export interface JudgedAccess {
  readonly access: OwnAccess;
  readonly corrections: readonly CorrectionHop[];
  readonly keys: KeyStatus;
}

export interface OwnAccessAnswer {
  readonly accesses: readonly JudgedAccess[];
  /** Accesses of this customer, listed or not. */
  readonly count: number;
  /** Those of everybody. */
  readonly all: number;
  /** Numbers that recorders of accesses skipped. */
  readonly gaps: readonly Gap[];
}

export function ownAccessAnswer(
  { accesses, count, sources }: FoundAccesses,
  { gaps, counts, corrections, authority }: Replay,
): OwnAccessAnswer {
  const byTarget = correctionsAmong(corrections);
  return {
    accesses: accesses.map((access) => ({
      access,
      corrections: correctedHops([access.entry], byTarget),
      keys:
        access.entry.signers
          .map(({ keyid }) => authority.statusOf(keyid, access.entry.index))
          .find((status) => status !== 'in-force') ?? 'in-force',
    })),
    count,
    all: counts['data-access'],
    gaps: gaps.filter(({ source }) => sources.has(source)),
  };
}

/** Findings that are listed; beyond, they are counted. */
const maxFindings = 16;

export function ownAccessPoints(
  { accesses, gaps }: OwnAccessAnswer,
  replay: Pick<Replay, 'findings'>,
): (OwnAccessPoint | FindingPoint)[] {
  return [
    ...accesses.flatMap(({ access, corrections, keys }): OwnAccessPoint[] => [
      { about: 'access', mark: 'proven', access },
      ...corrections.map((correction): OwnAccessPoint => ({
        about: 'access-corrected',
        mark: 'contradicted',
        correction,
      })),
      ...(keys === 'in-force'
        ? []
        : [
            {
              about: 'access-key',
              mark: 'contradicted',
              index: access.entry.index,
              status: keys,
            } as const,
          ]),
    ]),
    ...findingPoints(replay, maxFindings),
    ...gaps.map(({ source, from, to }): OwnAccessPoint => {
      return { about: 'unrecorded', mark: 'not-shown', source, numbers: { from, to } };
    }),
  ];
}

export function ownAccessRemarks(
  { accesses, count, all }: OwnAccessAnswer,
  { size }: Pick<Replay, 'size'>,
): OwnAccessRemark[] {
  return [
    { about: 'accesses-found', count, all, size },
    ...(count > accesses.length ? [{ about: 'accesses-unlisted', listed: accesses.length } as const] : []),
  ];
}
