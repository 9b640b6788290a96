import { expect } from 'chai';
import { Pace } from '../../../src/http/bounds/pace.ts';
import type { RequestKind } from '../../../src/http/bounds/pace.ts';

/** Computes for so long, as a request that is dear to begin does. */
function compute(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('http/bounds/pace', () => {
  it('begins at once what comes alone', async () => {
    const pace = new Pace();
    const begun: string[] = [];
    pace.run('reading', () => begun.push('first'));
    expect(begun).to.deep.equal(['first']);
    await turn();
    pace.run('reading', () => begun.push('second'));
    expect(begun).to.deep.equal(['first', 'second']);
  });

  it('gives each turn some milliseconds, what is brief first, and to the others by turns', async () => {
    const pace = new Pace();
    const begun: string[] = [];
    const ask = (kind: RequestKind, name: string): void =>
      pace.run(kind, () => {
        begun.push(name);
        compute(6);
      });
    for (const name of ['r1', 'r2', 'r3', 'r4']) ask('reading', name);
    ask('recording', 'a1');
    ask('brief', 'b1');
    expect(begun).to.deep.equal(['r1']);
    await turn();
    expect(begun).to.deep.equal(['r1', 'b1', 'a1', 'r2']);
    // However much there is of what is brief, the others begin as well.
    for (const name of ['b2', 'b3']) ask('brief', name);
    await turn();
    expect(begun.slice(4)).to.deep.equal(['b2', 'r3']);
    await turn();
    expect(begun.slice(6)).to.deep.equal(['b3', 'r4']);
  });

  it('keeps turns short while there are newcomers, and not for ever', async () => {
    const pace = new Pace();
    const begun: string[] = [];
    pace.accepted();
    pace.run('reading', () => begun.push('read'));
    pace.run('brief', () => begun.push('brief'));
    for (let time = 0; time < 10; time++) {
      await turn();
      pace.accepted();
    }
    expect(begun).to.deep.equal(['brief']);
    for (let time = 0; time < 60; time++) {
      await turn();
      pace.accepted();
    }
    expect(begun).to.deep.equal(['brief', 'read']);
    await turn();
    await turn();
    pace.run('reading', () => begun.push('again'));
    expect(begun.at(-1)).to.equal('again');
  });
});
