/** A verdict in words and in JSON; both only render what the judges found. */
import { excerpt } from '../errors.ts';
import { defined } from '../defined.ts';
import type { Failure } from '../verifier/proving/failure.ts';
import type { Hop } from '../verifier/judging/hops/hop.ts';
import { factsOf } from '../verifier/judging/hops/hop-table.ts';
import type { Facts } from '../verifier/judging/hops/hop-table.ts';
import type { Verdict, VerdictFailure } from '../verifier/judging/verdict.ts';
import type { Catalogue } from './catalogue.ts';
import { en } from './en.ts';
import { shortcomingsOf } from './shortcomings.ts';

/** One line, without the label; holds text from signed statements, so escape it before it meets a terminal. */
export function hopText(hop: Hop, words: Catalogue = en): string {
  if (hop.more === true) return words.moreAlike(hop);
  // The cast only says that a hop and its message are of one name.
  const render = words.hops[hop.hop] as (hop: Hop) => string;
  if (hop.spoilt === undefined) return render(hop);
  // Whose keys they are is what their theft is about; of all else both is told.
  if (hop.hop === 'keys') return words.spoilt(hop.spoilt);
  return `${render(hop)}; ${words.spoilt(hop.spoilt)}`;
}

/** The answer in one sentence, without text from the log. */
export function answerText(verdict: Verdict, words: Catalogue = en): string {
  const { answer, failure } = verdict;
  if (answer !== 'proven') {
    return words.answers[failure?.code === 'requirement-not-met' ? 'requirement-not-met' : answer];
  }
  const short = shortcomingsOf(verdict).map((one) => words.shortcomings[one]);
  return `${words.answers.proven}${short.length === 0 ? '' : `; ${short.join(', ')}`}.`;
}

/** The failure with what is there in place of what is required. */
export function failureShown({ lacking, ...failure }: VerdictFailure, words: Catalogue = en): Failure {
  if (lacking === undefined) return failure;
  const got = lacking.map(({ requirement, instead }) =>
    instead === undefined ? `${requirement}: nothing about it` : `${instead.hop}: ${hopText(instead, words)}`,
  );
  return { ...failure, got: excerpt([...new Set(got)].join(' | '), 1_000) };
}

export interface HopJson {
  readonly hop: string;
  readonly mark: string;
  readonly qualified?: true;
  readonly text: string;
  readonly index?: number;
  readonly entry?: number;
  readonly facts: Facts;
}

/** A hop as JSON writes it; `text` is English. */
export function hopJson(hop: Hop): HopJson {
  const { mark, qualified, index, entry } = hop;
  return {
    hop: hop.hop,
    mark,
    ...defined({ qualified }),
    text: hopText(hop),
    ...defined({ index, entry }),
    facts: factsOf(hop),
  };
}

export type VerdictJson = Omit<Verdict, 'hops' | 'failure' | 'bundle'> & {
  readonly hops: readonly HopJson[];
  readonly failure?: Failure;
};

/** A verdict as JSON writes it (docs/format.md). */
export function verdictJson(verdict: Verdict): VerdictJson {
  const { bundle: _, hops, failure, answer, ...rest } = verdict;
  return {
    answer,
    hops: hops.map(hopJson),
    ...defined({ failure: failure && failureShown(failure) }),
    ...rest,
  };
}
