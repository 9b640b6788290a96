/** Answers from the whole log, evidence and findings in the words of a language; all only render facts. */
import type { AccessPoint } from '../verifier/answering/accesses.ts';
import type { ChainPoint } from '../verifier/answering/chains.ts';
import type { OwnAccessPoint, OwnAccessRemark } from '../verifier/answering/own-accesses.ts';
import type { ResidencyPoint } from '../verifier/answering/residency.ts';
import type { UpdatePoint } from '../verifier/answering/update-points.ts';
import type { LogPoint } from '../verifier/answering/whole-log.ts';
import type { EvidenceFinding } from '../verifier/convicting/evidence-finding.ts';
import type { Catalogue } from './catalogue.ts';
import { en } from './en.ts';
import type { FindingFacts } from './findings.ts';
import { said } from './messages.ts';

export type Point = LogPoint | ChainPoint | UpdatePoint | ResidencyPoint | AccessPoint | OwnAccessPoint;

/** One line, without the label; holds text from signed statements, so escape it before it meets a terminal. */
export function pointText(point: Point | OwnAccessRemark, words: Catalogue = en): string {
  const { points, chains, residency, accesses } = words;
  return said({ ...points, ...chains, ...residency, ...accesses }, 'about', point);
}

/** One or two words, in the column before the text. */
export function pointLabel(point: Point, { pointLabels }: Catalogue = en): string {
  return said(pointLabels, 'about', point);
}

/** What an evidence file proves, in one line. */
export function evidenceText(finding: EvidenceFinding, { evidence }: Catalogue = en): string {
  return said(evidence, 'kind', finding);
}

/** Whose word is broken, in one line. */
export function againstText(finding: EvidenceFinding, { accused }: Catalogue = en): string {
  return finding.against.map((one) => accused[one](finding)).join('; ');
}

/** What a monitor has found, in one line. */
export function findingText(facts: FindingFacts, { findings }: Catalogue = en): string {
  return said(findings, 'kind', facts);
}
