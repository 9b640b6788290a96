/** English, the language of the command line, of JSON's `text` and of the documents. */
import type { Catalogue } from './catalogue.ts';
import { accesses } from './en/accesses.ts';
import { answers, shortcomings } from './en/answers.ts';
import { chains } from './en/chains.ts';
import { accused, evidence } from './en/evidence.ts';
import { findings } from './en/findings.ts';
import { hops, labels, moreAlike, spoilt } from './en/hops.ts';
import { pointAnswers, pointLabels, points } from './en/points.ts';
import { residency } from './en/residency.ts';

export const en: Catalogue = {
  language: 'en',
  labels,
  hops,
  spoilt,
  moreAlike,
  answers,
  shortcomings,
  points,
  chains,
  residency,
  accesses,
  pointLabels,
  pointAnswers,
  evidence,
  accused,
  findings,
};
