import { expect } from 'chai';
import { CommitLine } from '../../src/storage/commit-line.ts';
import { LedgerError } from '../../src/errors.ts';
import { expectCode, headOf } from './suite.ts';

const nothing = { puts: [] };

describe('commit line', () => {
  it('stops for good at a failed write, with those that wait behind it', async () => {
    const line = new CommitLine(headOf(1));
    const written: number[] = [];
    const write = (n: number) => (): void => {
      if (n === 3) throw new Error('EIO: i/o error');
      written.push(n);
    };
    const results = [2, 3, 4].map(async (n) => line.commit(nothing, headOf(n - 1), headOf(n), write(n)));
    await results[0];
    const error = await expectCode(Promise.resolve(results[1]), 'store-failed');
    expect(error.got).to.equal('EIO: i/o error');
    await expectCode(Promise.resolve(results[2]), 'store-failed');
    await expectCode(line.commit(nothing, headOf(2), headOf(3), write(5)), 'store-failed');
    expect(() => line.head()).to.throw(LedgerError, 'opened anew');
    expect(() => line.check()).to.throw(LedgerError, 'opened anew');
    expect(written).to.deep.equal([2]);
  });

  it('keeps the code of the write, and still names it after closing', async () => {
    const line = new CommitLine(undefined);
    const fenced = new LedgerError('store-locked', 'another process');
    await expectCode(
      line.commit(nothing, undefined, headOf(1), async () => Promise.reject(fenced)),
      'store-locked',
    );
    await line.close();
    expect(() => line.check()).to.throw(LedgerError, 'another process');
  });

  it('moves the head only after the write', async () => {
    const line = new CommitLine(undefined);
    await line.commit(nothing, undefined, headOf(1), () => {
      expect(line.head()).to.equal(undefined);
    });
    expect(line.head()).to.deep.equal(headOf(1));
  });

  it('closes when the commit that is being written is, and lets in none behind it', async () => {
    const line = new CommitLine(undefined);
    const told: string[] = [];
    let written: () => void = () => undefined;
    const writing = new Promise<void>((resolve) => (written = resolve));
    const committed = line
      .commit(nothing, undefined, headOf(1), () => writing)
      .then(() => told.push('committed'));
    const closed = line.close().then(() => told.push('closed'));
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(told).to.deep.equal([]);
    written();
    await Promise.all([committed, closed]);
    expect(told).to.deep.equal(['committed', 'closed']);
    await expectCode(
      line.commit(nothing, headOf(1), headOf(2), () => undefined),
      'store-failed',
    );
  });
});
