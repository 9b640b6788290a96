import { expect } from 'chai';
import { Recent } from '../../../src/http/exchange/recent.ts';

/** Work that ends when it is told to. */
class Job {
  end: () => void = () => undefined;
  readonly work = async (): Promise<string> => {
    await new Promise<void>((resolve) => (this.end = resolve));
    return 'done';
  };
}

describe('Recent', () => {
  it('makes one answer for all who ask, also while it is being made, until its basis changes', async () => {
    const recent = new Recent<string>(100, ({ length }) => length);
    const job = new Job();
    let made = 0;
    const make = (): Promise<string> => {
      made += 1;
      return job.work();
    };
    const [old, other] = [{}, {}];
    const asked = [recent.get(old, 'a', make), recent.get(old, 'a', make)];
    job.end();
    expect([recent.has(old, 'a'), recent.has(old, 'b'), recent.has(other, 'a')]).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(await Promise.all(asked)).to.deep.equal(['done', 'done']);
    expect(recent.has(old, 'a')).to.equal(true);
    expect(await recent.get(old, 'a', make)).to.equal('done');
    expect(made).to.equal(1);
    const anew = recent.get(other, 'a', make);
    expect(made).to.equal(2);
    job.end();
    await anew;
  });

  it('does not keep a failure, and hands it to all who waited for it', async () => {
    const recent = new Recent<string>(100, ({ length }) => length);
    const basis = {};
    const failing = (): Promise<string> => Promise.reject(new Error('full'));
    const asked = [recent.get(basis, 'a', failing), recent.get(basis, 'a', failing)];
    for (const one of asked)
      expect(await one.catch((error: unknown) => String(error))).to.equal('Error: full');
    expect(await recent.get(basis, 'a', () => Promise.resolve('good'))).to.equal('good');
  });

  it('keeps what was asked for last, up to its bound', async () => {
    const recent = new Recent<string>(10, ({ length }) => length);
    const basis = {};
    let made: string[] = [];
    const ask = (name: string, value = name): Promise<string> =>
      recent.get(basis, name, () => {
        made.push(name);
        return Promise.resolve(value);
      });
    for (const name of ['aaaa', 'bbbb', 'aaaa', 'cccc']) await ask(name);
    made = [];
    for (const name of ['aaaa', 'cccc', 'bbbb']) await ask(name);
    expect(made).to.deep.equal(['bbbb']);
    made = [];
    for (const name of ['huge', 'huge']) await ask(name, 'x'.repeat(11));
    expect(made).to.deep.equal(['huge', 'huge']);
  });

  it('does not count what was made from an older basis against what is new', async () => {
    const recent = new Recent<string>(10, ({ length }) => length);
    const job = new Job();
    const late = recent.get(1, 'a', job.work);
    const calls: number[] = [];
    const fresh = (): Promise<string> => recent.get(2, 'a', () => Promise.resolve(String(calls.push(1))));
    expect(await fresh()).to.equal('1');
    job.end();
    expect(await late).to.equal('done');
    expect(await fresh()).to.equal('1');
  });
});
