import { expect } from 'chai';
import { every, range, sample, sampleOf, seedOf } from './extent.ts';
import { Random } from './random.ts';

const hundred = [...range(1, 100)];

describe('how far a suite goes', () => {
  it('is every case in the deep run, in order and without end', () => {
    expect([...every.cases(hundred, 3)]).to.deep.equal(hundred);
    expect(every.upTo(20, 14)).to.equal(20);
  });

  it('is so many different cases in the quick run, in order, and all where there are no more', () => {
    const chosen = sampleOf(hundred, 10, new Random(1));
    expect(new Set(chosen).size).to.equal(10);
    expect(chosen).to.deep.equal(chosen.toSorted((a, b) => a - b));
    expect(sampleOf([7, 3, 5], 10, new Random(1))).to.deep.equal([7, 3, 5]);
    expect(sample.upTo(20, 14)).to.equal(14);
  });

  it('is the same with the same seed, another with another, and another for another list', () => {
    const of = (seed: number): number[] => sampleOf(hundred, 10, new Random(seed));
    expect(of(1)).to.deep.equal(of(1)).and.not.deep.equal(of(2));
    expect(sample.cases(hundred, 10)).to.deep.equal(sample.cases(hundred, 10));
    expect(sample.cases(hundred, 10, 'a')).to.not.deep.equal(sample.cases(hundred, 10, 'b'));
  });

  it('leaves no case out for ever: each is chosen by about as many seeds as any other', () => {
    const counts = new Map(hundred.map((one) => [one, 0]));
    for (const seed of range(1, 2_000)) {
      for (const one of sampleOf(hundred, 10, new Random(seed))) counts.set(one, (counts.get(one) ?? 0) + 1);
    }
    // 200 expected each, with a deviation of about 13.
    for (const [one, count] of counts) expect(count, `case ${one}`).to.be.within(130, 270);
  });

  it('says its seed in the title, and takes no other spelling of one', () => {
    expect(sample.name).to.match(/ISAL_TEST_SEED=[0-9]+$/);
    expect(seedOf('4294967295')).to.equal(4_294_967_295);
    for (const text of ['', ' 1', '-1', '1.5', '0x1', '4294967296', '99999999999']) {
      expect(() => seedOf(text), text).to.throw('ISAL_TEST_SEED');
    }
  });
});
