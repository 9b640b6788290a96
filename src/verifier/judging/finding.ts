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
import type { Hop } from './hop.ts';
import { orderOf, roomFor } from './hop-table.ts';
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

/** Of several failures, the one that a person has to know first; the lower, the sooner. */
function urgency({ hop, failure }: Finding, entries: readonly number[]): number {
  if (hop === undefined) return 6;
  if (hop.hop === 'sealed') return 5;
  if (hop.hop === 'replayed') return 4;
  if (hop.hop === 'corrections') return 3;
  // What was refused before any entry was judged, then what is wrong with an entry about the file itself.
  if (hop.entry === undefined) return 0;
  return failure?.index !== undefined && entries.includes(failure.index) ? 1 : 2;
}

function failureAmong(
  findings: readonly Finding[],
  answer: Answer,
  entries: readonly number[],
): VerdictFailure | undefined {
  const [first] = findings
    .filter((finding) => finding.failure !== undefined && answerLeft(finding) === answer)
    .toSorted((a, b) => urgency(a, entries) - urgency(b, entries));
  return first?.failure;
}

/** The hops in the order of the table: what ended the judging, those of each entry, those of the whole answer. */
function inOrder(hops: readonly Hop[], entries: readonly number[]): Hop[] {
  const place = (hop: Hop): number => {
    if (hop.entry !== undefined) return entries.indexOf(hop.entry) + 1;
    return orderOf(hop) < 10 ? 0 : entries.length + 1;
  };
  return hops.toSorted((a, b) => place(a) - place(b) || orderOf(a) - orderOf(b));
}

/** Hops that speak against one entry by one name, and corrections: so many are enough for a reader. */
const maxContradicted = 64;

/** A hostile signer may record reviews by the thousand; what speaks against the file is never left out. */
export function bounded(hops: readonly Hop[]): Hop[] {
  const counts = new Map<string, { shown: number; contradicted: number; left: number }>();
  const shown: Hop[] = [];
  for (const hop of hops) {
    const key = `${hop.hop} ${hop.entry}`;
    const count = counts.get(key) ?? { shown: 0, contradicted: 0, left: 0 };
    counts.set(key, count);
    const fits =
      hop.mark === 'contradicted' ? count.contradicted++ < maxContradicted : count.shown++ < roomFor(hop);
    if (fits) shown.push(hop);
    else if (count.left++ === 0) {
      const { qualified: _, ...rest } = hop;
      shown.push({ ...rest, mark: 'not-shown', more: true });
    }
  }
  return shown;
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
  const about = [...new Set(findings.flatMap(({ hop }) => hop?.entry ?? []))];
  const order = [...entries, ...about.filter((index) => !entries.includes(index))];
  const failure = failureAmong(findings, answer, entries);
  const hops = findings.flatMap(({ hop }) => hop ?? []);
  return {
    answer,
    hops: bounded(inOrder(hops, order)),
    ...defined({ failure, checkpoint }),
    entries,
  };
}
