/**
 * A verdict as the worst of what was found.
 *
 * Every judge (of the bundle, of each entry, of seals, of a replay, of what is
 * required) only *adds* findings to a list. Nothing takes one away again, so
 * neither the order in which the judges were asked nor what else is known can
 * clear a contradiction:
 *
 *   proven  <  policy  <  not-proven  <  contradicted
 */
import { defined } from '../../defined.ts';
import { assert } from '../../errors.ts';
import type { CheckpointSummary, Verdict, VerdictFailure } from './verdict.ts';
import { answerOf } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Hop } from './hops/hop.ts';
import { orderOf, roomFor } from './hops/hop-table.ts';
import type { Failure } from '../proving/failure.ts';

/** A hop, and why the answer cannot be `proven` if the hop is contradicted or refused. */
export interface HopFinding {
  readonly hop: Hop;
  readonly failure?: Failure;
}

/** What is missing, such as a requirement, has no hop. */
export type Finding = HopFinding | { readonly hop?: undefined; readonly failure: VerdictFailure };

const severity: Readonly<Record<Answer, number>> = {
  proven: 0,
  policy: 1,
  'not-proven': 2,
  contradicted: 3,
};

/** What one finding leaves of the answer. A hop that is merely not shown leaves it alone. */
export function answerLeft({ hop, failure }: Finding): Answer {
  if (hop?.mark === 'contradicted') return 'contradicted';
  return failure === undefined ? 'proven' : answerOf(failure.code);
}

/** The worst that is left of the answer; of no findings, `proven`, which `verdictOf` refuses. */
export function worstAnswer(findings: readonly Finding[]): Answer {
  return findings
    .map(answerLeft)
    .reduce<Answer>((worst, one) => (severity[one] > severity[worst] ? one : worst), 'proven');
}

/**
 * Of several failures, the one that a person has to know first; the lower, the
 * sooner. `about`: every entry that is known to be about the file.
 */
function urgency({ hop, failure }: Finding, about: readonly number[]): number {
  if (hop === undefined) return 6;
  if (hop.hop === 'sealed') return 5;
  if (hop.hop === 'replayed') return 4;
  if (hop.hop === 'corrections') return 3;
  // What was refused before any entry was judged, then what is wrong with an entry about the file itself.
  if (hop.entry === undefined) return 0;
  return failure?.index !== undefined && about.includes(failure.index) ? 1 : 2;
}

/**
 * Where a hop stands in a verdict: first what ended the judging, then each
 * entry, then the whole answer; in the order of the table, each source with its
 * reviews, and what is alike as the log has it. Of two findings, so, it never
 * matters which judge spoke first.
 */
function placeOf(hop: Hop, about: readonly number[]): readonly number[] {
  const order = orderOf(hop);
  const whole = order < 10 ? 0 : about.length + 1;
  const part = hop.entry === undefined ? whole : about.indexOf(hop.entry) + 1;
  const { index = -1 } = hop;
  if (hop.hop === 'source' || hop.hop === 'reviewed') {
    const snapshot = 'snapshot' in hop ? (hop.snapshot ?? -1) : -1;
    return [part, order, snapshot, hop.hop === 'source' ? 0 : 1, index];
  }
  return [part, order, index, hop.hop === 'sealed' && hop.state !== 'unread' ? hop.nth : 0];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0);
}

function inOrder(hops: readonly Hop[], about: readonly number[]): Hop[] {
  return hops
    .map((hop) => ({ hop, place: placeOf(hop, about) }))
    .toSorted((a, b) => compare(a.place, b.place))
    .map(({ hop }) => hop);
}

function failureAmong(
  findings: readonly Finding[],
  answer: Answer,
  about: readonly number[],
): VerdictFailure | undefined {
  const [first] = findings
    .flatMap((finding) => {
      const { hop, failure } = finding;
      if (failure === undefined || answerLeft(finding) !== answer) return [];
      const place = hop === undefined ? [] : placeOf(hop, about);
      return [{ failure, place: [urgency(finding, about), ...place] }];
    })
    .toSorted((a, b) => compare(a.place, b.place) || a.failure.code.localeCompare(b.failure.code, 'en'));
  return first?.failure;
}

/** Hops that speak against one entry by one name, and corrections: so many are enough for a reader. */
const maxContradicted = 64;

/** A hostile signer may record reviews by the thousand; what speaks against the file is never left out. */
function bounded(hops: readonly Hop[]): Hop[] {
  const counts = new Map<string, { shown: number; contradicted: number; left: number }>();
  const shown: Hop[] = [];
  for (const hop of hops) {
    const key = `${hop.hop} ${hop.entry}`;
    const count = counts.get(key) ?? { shown: 0, contradicted: 0, left: 0 };
    counts.set(key, count);
    const fits =
      hop.mark === 'contradicted' ? count.contradicted++ < maxContradicted : count.shown++ < roomFor(hop);
    if (fits) shown.push(hop);
    else if (count.left++ === 0) shown.push({ ...hop, mark: 'not-shown', more: true });
  }
  return shown;
}

/** Every entry that is about the file, as far as the findings know; `entries` are those that the answer is about. */
function allAbout(findings: readonly Finding[], entries: readonly number[]): number[] {
  const named = findings.flatMap(({ hop }) => hop?.entry ?? []);
  return [...new Set([...entries, ...named])].toSorted((a, b) => a - b);
}

/** The hops that a verdict lists, in its order. */
export function listedHops(findings: readonly Finding[], entries: readonly number[]): Hop[] {
  const hops = findings.flatMap(({ hop }) => hop ?? []);
  return bounded(inOrder(hops, allAbout(findings, entries)));
}

/** The verdict that the findings come to. `entries` are those about the file, by index. */
export function verdictOf(
  findings: readonly Finding[],
  {
    entries,
    checkpoint,
  }: { readonly entries: readonly number[]; readonly checkpoint: CheckpointSummary | undefined },
): Verdict {
  const answer = worstAnswer(findings);
  assert(answer !== 'proven' || entries.length > 0, 'nothing is proven of a file that no entry is about');
  const failure = failureAmong(findings, answer, allAbout(findings, entries));
  return {
    answer,
    hops: listedHops(findings, entries),
    ...defined({ failure, checkpoint }),
    entries,
  };
}
