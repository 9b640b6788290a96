import { expect } from 'chai';
import fc from 'fast-check';
import { LedgerError } from '../../../src/errors.ts';
import { Budget } from '../../../src/http/bounds/budget.ts';

function refused(take: () => unknown): boolean {
  try {
    take();
    return false;
  } catch (error) {
    expect(error).to.be.instanceOf(LedgerError).with.property('code', 'queue-full');
    return true;
  }
}

describe('http/bounds/budget', () => {
  it('reserves up to its bound, and exactly so far', () => {
    const budget = new Budget(100);
    const release = budget.take(100);
    expect(refused(() => budget.take(1))).to.equal(true);
    release();
    release();
    expect(budget.left).to.equal(100);
    expect(refused(() => budget.take(101))).to.equal(true);
  });

  it('leaves others as much as one who asks holds', () => {
    const budget = new Budget(100);
    const release = budget.take(50, 'a');
    expect(refused(() => budget.take(1, 'a'))).to.equal(true);
    budget.take(25, 'b');
    expect(refused(() => budget.take(1, 'b'))).to.equal(true);
    release();
    budget.take(1, 'b');
    expect(budget.left).to.equal(74);
  });

  it('is whole again once all is given back, whoever took what in whatever order', () => {
    const step = fc.record({
      asker: fc.constantFrom('a', 'b', undefined),
      bytes: fc.nat(60),
      back: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const budget = new Budget(100);
        const held: (() => void)[] = [];
        for (const { asker, bytes, back } of steps) {
          if (back) held.shift()?.();
          else refused(() => held.push(budget.take(bytes, asker)));
          expect(budget.left).to.be.within(0, 100);
        }
        for (const release of held) release();
        expect(budget.left).to.equal(100);
        expect(refused(() => budget.take(50, 'a'))).to.equal(false);
      }),
    );
  });
});
