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
    expect(begun).to.deep.equal(['r1', 'b1']);
    await turn();
    expect(begun).to.deep.equal(['r1', 'b1', 'a1', 'r2']);
    ask('brief', 'b2');
    await turn();
    expect(begun).to.deep.equal(['r1', 'b1', 'a1', 'r2', 'b2']);
    while (begun.length < 7) await turn();
    expect(begun.slice(5)).to.deep.equal(['r3', 'r4']);
  });
});
