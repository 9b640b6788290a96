/** The answer in one sentence: what the hops come to, and above all what they fall short of. */
import type { Answer } from './answer.ts';
import type { Hop, Verdict } from './verdict.ts';

const answers: Readonly<Record<Exclude<Answer, 'proven'>, string>> = {
  contradicted: 'CONTRADICTED. Do not rely on this file or on what was shown with it.',
  'not-proven': 'not proven. Nothing that was shown proves that this file is recorded.',
  policy: 'not accepted. A signature, a quorum or a date that the trust file asks for is missing.',
};

/** One line of plain English, without text from the log. */
export function answerWords({ answer, failure, hops, entries }: Verdict): string {
  if (answer !== 'proven') {
    return failure?.code === 'requirement-not-met'
      ? 'not accepted. The file is recorded, and lacks what you require.'
      : answers[answer];
  }
  // Of several entries about one file, the newest speaks for it; each has its own lines above.
  const own = hops.filter(({ entry }) => entry === entries.at(-1));
  const short = shortcomings(own);
  return `recorded and supervised${short.length === 0 ? '' : `; ${short.join(', ')}`}.`;
}

/** Whether a review is one of all of this snapshot. */
function isWhole({ facts }: Hop, source: Hop): boolean {
  return facts['whole'] === true && facts['snapshot'] === source.facts['snapshot'];
}

function shortcomings(hops: readonly Hop[]): string[] {
  const proven = (name: Hop['hop']): Hop[] =>
    hops.filter(({ hop, mark }) => hop === name && mark === 'proven');
  const isBuild = hops.some(({ hop }) => hop === 'built');
  const short: string[] = [];
  if (proven('built').some(({ facts }) => Number(facts['deviations']) > 0)) {
    short.push('the build departed from procedure');
  }
  if (hops.some(({ hop, mark }) => hop === 'chain' && mark !== 'proven')) {
    short.push('the updates before it not all shown');
  }
  const sources = proven('source').filter(({ facts }) => facts['own'] === true);
  const reviews = proven('reviewed').filter(({ facts }) => facts['own'] === true);
  if (sources.length === 0) short.push('source not shown');
  else if (reviews.length === 0) short.push('no review of the source shown');
  else if (!sources.every((source) => reviews.some((review) => isWhole(review, source)))) {
    short.push('source only partly reviewed');
  }
  if (reviews.some(({ facts }) => facts['result'] === 'findings')) short.push('the review has findings');
  if (hops.some(({ hop }) => hop === 'sealed') && proven('sealed').length === 0)
    short.push('its seal not proven');
  if (!isBuild) return short;
  const rebuilds = proven('rebuilt');
  if (rebuilds.length === 0) short.push('no rebuild shown');
  else if (!rebuilds.some(({ facts }) => facts['independence'] === 'independent')) {
    short.push('not rebuilt independently of the vendor');
  }
  return short;
}
