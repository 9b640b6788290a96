/**
 * What people read, by language. A catalogue is a record of messages: constant
 * texts, and functions of the typed facts that they tell. English is the first
 * and the whole one; its type is the list of all ids, so another language that
 * lacks one does not compile as `Catalogue`.
 */
import type { AccessPoint } from '../verifier/answering/accesses.ts';
import type { ChainPoint } from '../verifier/answering/chains.ts';
import type { OwnAccessPoint, OwnAccessRemark } from '../verifier/answering/own-accesses.ts';
import type { ResidencyPoint } from '../verifier/answering/residency.ts';
import type { UpdatePoint } from '../verifier/answering/update-points.ts';
import type { LogPoint } from '../verifier/answering/whole-log.ts';
import type { Accused, EvidenceFinding } from '../verifier/convicting/evidence-finding.ts';
import type { Answer } from '../verifier/judging/answer.ts';
import type { Hop, HopName, HopOf, Spoilt } from '../verifier/judging/hops/hop.ts';
import type { Mark } from '../verifier/mark.ts';
import type { FindingFacts } from './findings.ts';
import type { Messages } from './messages.ts';
import type { Point } from './points.ts';
import type { Shortcoming } from './shortcomings.ts';

export interface Catalogue {
  /** BCP 47. */
  readonly language: string;
  readonly labels: Readonly<Record<HopName, string>>;
  readonly hops: { readonly [N in HopName]: (hop: HopOf<N>) => string };
  readonly spoilt: (why: Spoilt) => string;
  readonly moreAlike: (hop: Hop) => string;
  readonly answers: Readonly<Record<Answer | 'requirement-not-met', string>>;
  readonly shortcomings: Readonly<Record<Shortcoming, string>>;
  /** Answers from the whole log: what stands at their head, then by the command that asks. */
  readonly points: Messages<LogPoint, 'about'>;
  readonly chains: Messages<ChainPoint | UpdatePoint, 'about'>;
  readonly residency: Messages<ResidencyPoint, 'about'>;
  readonly accesses: Messages<AccessPoint | OwnAccessPoint | OwnAccessRemark, 'about'>;
  readonly pointLabels: Messages<Point, 'about'>;
  readonly pointAnswers: Readonly<Record<Mark, string>>;
  /** What an evidence file proves, and against whom. */
  readonly evidence: Messages<EvidenceFinding, 'kind'>;
  readonly accused: Readonly<Record<Accused, (finding: EvidenceFinding) => string>>;
  /** What a monitor has found. */
  readonly findings: Messages<FindingFacts, 'kind'>;
}

type Partly<M> = M extends string | ((...facts: never[]) => string)
  ? M
  : { readonly [I in keyof M]?: Partly<M[I]> };

/** A language that is being translated. */
export type PartialCatalogue = Partly<Catalogue>;

/** The ids of `whole` that `other` lacks, as paths: `hops.chain`. Throws nothing; an empty list is a whole language. */
export function missingIds(whole: object, other: object, above = ''): string[] {
  return Object.entries(whole).flatMap(([id, message]: [string, unknown]) => {
    const own = (other as Readonly<Record<string, unknown>>)[id];
    if (own === undefined) return [`${above}${id}`];
    if (typeof message !== 'object' || message === null) return [];
    return missingIds(message, own as object, `${above}${id}.`);
  });
}
