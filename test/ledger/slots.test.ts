import { expect } from 'chai';
import { Slots } from '../../src/ledger/slots.ts';

describe('ledger/slots', () => {
  it('lets so many work at once, and the others in the order of their calls, also after a failure', async () => {
    const slots = new Slots(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (name: number) => async (): Promise<number> => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (name === 2) throw new Error('broken');
      return name;
    };
    const taken = [1, 2, 3, 4].map((name) => slots.take(work(name)));
    expect(begun).to.deep.equal([1, 2]);
    const settled = Promise.allSettled(taken);
    for (let at = 0; at < 4; at++) {
      ends[at]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(begun).to.deep.equal([1, 2, 3, 4]);
    expect((await settled).map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await slots.take(() => Promise.resolve('again'))).to.equal('again');
  });

  it('lets everything else have a turn after some that are refused at once', async () => {
    const slots = new Slots(1);
    let refused = 0;
    const all = Array.from({ length: 100 }, () =>
      slots.take(() => Promise.reject(new Error('refused'))).catch(() => void refused++),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(refused).to.be.within(1, 20);
    await Promise.all(all);
    expect(refused).to.equal(100);
  });
});
