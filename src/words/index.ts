/**
 * `isal/words`: what people read of a verdict, an answer from the whole log, an
 * evidence file, a monitor's finding. It judges nothing: every text is a
 * function of facts that the verifier gave.
 *
 *   import { answerText, hopText } from 'isal/words';
 */
export { en } from './en.ts';
export { sealText } from './en/hops.ts';
export { missingIds } from './catalogue.ts';
export type { Catalogue, PartialCatalogue } from './catalogue.ts';
export { answerText, failureShown, hopJson, hopText, verdictJson } from './verdict.ts';
export type { HopJson, VerdictJson } from './verdict.ts';
export { againstText, evidenceText, findingText, pointLabel, pointText } from './points.ts';
export type { Point } from './points.ts';
export type { FindingFacts } from './findings.ts';
export { shortcomingsOf } from './shortcomings.ts';
export type { Shortcoming } from './shortcomings.ts';
