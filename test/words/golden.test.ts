/**
 * Every wording of the English catalogue, held by one file. After a change of
 * words, look at what differs, and write it anew:
 *
 *   npx tsc && ISAL_GOLDEN=write npx mocha --no-package dist/test/words/golden.test.js
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { en } from '../../src/words/index.ts';
import type { Catalogue } from '../../src/words/index.ts';
import { goldenLines, usual } from './golden.ts';
import type { Samples } from './golden.ts';
import { accessSamples } from './samples/accesses.ts';
import { chainSamples } from './samples/chains.ts';
import { accusedSamples, evidenceSamples } from './samples/evidence.ts';
import { findingSamples } from './samples/findings.ts';
import { pointSamples } from './samples/points.ts';
import { residencySamples } from './samples/residency.ts';
import { verdictSamples } from './samples/verdict.ts';

/** A part of the catalogue that has no table of samples here does not compile. */
const samples: Samples<Catalogue> = {
  ...verdictSamples,
  points: pointSamples,
  chains: chainSamples,
  residency: residencySamples,
  accesses: accessSamples,
  pointLabels: {
    ...usual<Catalogue['pointLabels']>({
      ...pointSamples,
      ...chainSamples,
      ...residencySamples,
      ...accessSamples,
    }),
    supervised: chainSamples.supervised,
  },
  evidence: evidenceSamples,
  accused: accusedSamples,
  findings: findingSamples,
};

const golden = fileURLToPath(new URL('../../../test/words/golden-en.txt', import.meta.url));

describe('the English catalogue', () => {
  it('says in every branch of every message what stands in golden-en.txt', async () => {
    const lines = goldenLines(en, samples);
    const text = `${lines.join('\n')}\n`;
    if (process.env['ISAL_GOLDEN'] === 'write') await writeFile(golden, text);
    expect(lines.filter((line) => /\[object|undefined|NaN/.test(line))).to.deep.equal([]);
    expect(lines).to.deep.equal((await readFile(golden, 'utf8')).trimEnd().split('\n'));
  });

  it('says each of its messages on one line', () => {
    for (const line of goldenLines(en, samples)) expect(line).to.match(/^[^\p{Cc}\u2028\u2029]+$/u);
  });
});
