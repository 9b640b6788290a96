/**
 * What people read, by language. A catalogue is a record of messages: constant
 * texts, and functions of the typed facts that they tell. English is the first
 * and the whole one; its type is the list of all ids, so another language that
 * lacks one does not compile as `Catalogue`.
 */
import type { Answer } from '../verifier/judging/answer.ts';
import type { Hop, HopName, HopOf, Spoilt } from '../verifier/judging/hop.ts';
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
}

/** A language that is being translated. */
export type PartialCatalogue = { readonly [P in keyof Catalogue]?: Partial<Catalogue[P]> };

/** The ids of `whole` that `other` lacks, as paths: `hops.chain`. Throws nothing; an empty list is a whole language. */
export function missingIds(whole: object, other: object, above = ''): string[] {
  return Object.entries(whole).flatMap(([id, message]: [string, unknown]) => {
    const own = (other as Readonly<Record<string, unknown>>)[id];
    if (own === undefined) return [`${above}${id}`];
    if (typeof message !== 'object' || message === null) return [];
    return missingIds(message, own as object, `${above}${id}.`);
  });
}
