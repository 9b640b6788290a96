/** English, the language of the command line, of JSON's `text` and of the documents. */
import type { Catalogue } from './catalogue.ts';
import { answers, shortcomings } from './en/answers.ts';
import { hops, labels, moreAlike, spoilt } from './en/hops.ts';

export const en: Catalogue = {
  language: 'en',
  labels,
  hops,
  spoilt,
  moreAlike,
  answers,
  shortcomings,
};
