import { expect } from 'chai';
import { LedgerError } from '../../../src/errors.ts';
import { Line } from '../../../src/http/bounds/line.ts';
import { rejection } from '../../verifier/rejection.ts';

/** Work that ends when it is told to, and notes that it has begun. */
class Jobs {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  work(name: string): () => Promise<string> {
    return async () => {
      this.begun.push(name);
      await new Promise<void>((resolve) => this.#ends.set(name, resolve));
      return name;
    };
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await settle();
  }
}

/** Lets everything that can go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('http/bounds/line', () => {
  it('lets a few work at once, the others in the order of their calls, and turns away who comes too late', async () => {
    const line = new Line({ running: 2, waiting: 2 });
    const jobs = new Jobs();
    const taken = ['1', '2', '3', '4'].map((name) => line.take('a', jobs.work(name)));
    expect((await rejection(() => line.take('a', jobs.work('late')))).code).to.equal('queue-full');
    expect(jobs.begun).to.deep.equal(['1', '2']);
    expect([line.running, line.length]).to.deep.equal([2, 2]);
    await jobs.end('2');
    expect(jobs.begun).to.deep.equal(['1', '2', '3']);
    taken.push(line.take('a', jobs.work('5')));
    for (const name of ['1', '3', '4', '5']) await jobs.end(name);
    expect(await Promise.all(taken)).to.deep.equal(['1', '2', '3', '4', '5']);
    expect([line.running, line.length]).to.deep.equal([0, 0]);
  });

  it('gives everybody a turn before anybody a second', async () => {
    const line = new Line({ running: 1, waiting: 10 });
    const jobs = new Jobs();
    const taken = ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2'].map((name) =>
      line.take(name.charAt(0), jobs.work(name)),
    );
    for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']) {
      expect(jobs.begun.at(-1)).to.equal(name);
      await jobs.end(name);
    }
    await Promise.all(taken);
  });

  it('when it is full, refuses the last of whoever has most of it, for one who has less', async () => {
    const line = new Line({ running: 1, waiting: 3 });
    const jobs = new Jobs();
    const [a1, a2, a3, a4] = ['a1', 'a2', 'a3', 'a4'].map((name) => line.take('a', jobs.work(name)));
    const b1 = line.take('b', jobs.work('b1'));
    expect((await rejection(() => a4 as Promise<string>)).code).to.equal('queue-full');
    // Now a has two of three and b one: another of b would only change places with one of a.
    expect((await rejection(() => line.take('b', jobs.work('b2')))).code).to.equal('queue-full');
    for (const name of ['a1', 'a2', 'b1', 'a3']) await jobs.end(name);
    expect(await Promise.all([a1, a2, a3, b1])).to.deep.equal(['a1', 'a2', 'a3', 'b1']);
  });

  it('gives one who asks no more than their share of what is under way', async () => {
    const line = new Line({ running: 3, each: 2, waiting: 10 });
    const jobs = new Jobs();
    const taken = ['a1', 'a2', 'a3', 'a4'].map((name) => line.take('a', jobs.work(name)));
    expect([line.running, line.length]).to.deep.equal([2, 2]);
    taken.push(...['b1', 'b2'].map((name) => line.take('b', jobs.work(name))));
    expect(jobs.begun).to.deep.equal(['a1', 'a2', 'b1']);
    await jobs.end('b1');
    expect(jobs.begun.at(-1)).to.equal('b2');
    for (const name of ['b2', 'a2', 'a1', 'a3', 'a4']) await jobs.end(name);
    expect(await Promise.all(taken)).to.have.length(6);
    expect([line.running, line.length]).to.deep.equal([0, 0]);
  });

  it('goes on after work that failed', async () => {
    const line = new Line({ running: 1, waiting: 1 });
    const failing = line.take('a', () => Promise.reject(new Error('broken')));
    const next = line.take('a', () => Promise.resolve('next'));
    expect(await failing.catch((error: unknown) => String(error))).to.equal('Error: broken');
    expect(await next).to.equal('next');
    expect(await line.take('a', () => Promise.resolve('again'))).to.equal('again');
  });

  it('closed, refuses what waits and what comes, and lets what is under way end', async () => {
    const line = new Line({ running: 1, waiting: 2 });
    const jobs = new Jobs();
    const running = line.take('a', jobs.work('running'));
    const waiting = line.take('b', jobs.work('waiting'));
    line.close(new LedgerError('shutting-down', 'the server is being stopped'));
    expect((await rejection(() => waiting)).code).to.equal('shutting-down');
    expect((await rejection(() => line.take('c', jobs.work('late')))).code).to.equal('shutting-down');
    await jobs.end('running');
    expect(await running).to.equal('running');
    expect(jobs.begun).to.deep.equal(['running']);
  });
});
