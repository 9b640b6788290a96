/** What a replay lists is bounded, and it says how much there was: each bound at exactly it, and one beyond. */
import { expect } from 'chai';
import { utf8 } from '../../../src/bytes.ts';
import { build, digest } from '../../fixtures/attestations.ts';
import { replayOf } from './replay-limits.ts';

const maxListed = 1_000;

describe('the limits of a replay', () => {
  it('lists 1,000 findings and counts all', async () => {
    const junk = Array.from({ length: maxListed + 1 }, (_, at) => utf8(`junk ${at}`));
    for (const count of [maxListed, maxListed + 1]) {
      const { findings, findingCount } = await replayOf(junk.slice(0, count));
      expect([findings.length, findingCount]).to.deep.equal([maxListed, count]);
    }
  });

  it('lists 1,000 entries about the file and 1,000 gaps of the numbers, of 1,001 each', async () => {
    const file = 'hello_1.1.deb';
    // Every second number of the stream is left out.
    const made = Array.from({ length: maxListed + 1 }, (_, at) => build({ seq: 2 * at + 2, file }));
    const { entries, counts, gaps } = await replayOf(made, { digests: { sha256: digest(file) } });
    expect([entries?.length, gaps.length, counts.build]).to.deep.equal([maxListed, maxListed, maxListed + 1]);
  });
});
