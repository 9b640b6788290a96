import { expect } from 'chai';
import { answerWords } from '../../src/verifier/answer-words.ts';
import { correction, leafHashOf } from '../fixtures/attestations.ts';
import { Supervised, marksOf, onlyHop, replayedVerdict, verdictOf } from './supervised-log.ts';

const supervised = new Supervised();

describe('the supervision of a build', () => {
  it('is told hop by hop, each with its leaf', async () => {
    const verdict = await verdictOf(supervised.log());
    expect(verdict.answer).to.equal('proven');
    expect(marksOf(verdict)).to.deep.equal([
      'recorded proven',
      'built proven',
      'source proven',
      'reviewed proven !',
      'rebuilt proven',
      'keys proven',
      'revocations not-shown',
      'corrections not-shown',
    ]);
    expect(onlyHop(verdict, 'source')).to.deep.include({ index: 1, entry: 4 });
    expect(onlyHop(verdict, 'reviewed').text).to.equal(
      'targeted: 412 of 9,310 files, not full; 4 findings (1 medium, 3 low) (leaf 3)',
    );
    expect(onlyHop(verdict, 'rebuilt').text).to.equal(
      'equivalent after normalising signature-block; 0 bytes unexplained; independent of the vendor (leaf 5)',
    );
    expect(answerWords(verdict)).to.equal(
      'recorded and supervised; source only partly reviewed, the review has findings.',
    );
  });

  it('is not shown where its entries are not, and is none at all only for whoever read every leaf', async () => {
    const log = supervised.log();
    const bare = await verdictOf(log, [4]);
    expect(bare.answer).to.equal('proven');
    for (const name of ['source', 'reviewed', 'rebuilt'] as const) {
      expect(onlyHop(bare, name).mark).to.equal('not-shown');
      expect(onlyHop(bare, name).text).to.contain('shown as of 6');
      expect(onlyHop(bare, name).facts).not.to.have.property('absent');
    }
    const whole = await replayedVerdict(log, [4]);
    expect(marksOf(whole)).to.deep.equal([
      'recorded proven',
      'built proven',
      'source proven',
      'reviewed proven !',
      'rebuilt proven',
      'keys proven',
      'revocations proven',
      'corrections proven',
      'replayed proven',
    ]);
  });

  for (const [index, name] of [
    [1, 'source'],
    [3, 'reviewed'],
    [4, 'built'],
    [5, 'rebuilt'],
  ] as const) {
    it(`loses the tick of ${name} when leaf ${index} is corrected, and contradicts the answer`, async () => {
      const log = supervised.log();
      log.append(correction({ target: leafHashOf(log.leaves[index] as Uint8Array) }));
      for (const verdict of [await verdictOf(log), await replayedVerdict(log, [4])]) {
        expect(verdict.answer).to.equal('contradicted');
        expect(verdict.failure).to.deep.include({ code: 'corrected', index: 6 });
        expect(onlyHop(verdict, name)).to.deep.include({ mark: 'contradicted', index });
        expect(onlyHop(verdict, 'corrections')).to.deep.include({ mark: 'contradicted', index: 6 });
        const contradicted = verdict.hops.filter(({ mark }) => mark === 'contradicted');
        expect(contradicted).to.have.length(2);
      }
    });
  }
});
