/** Which known word somebody may have meant. */
import { expect } from 'chai';
import fc from 'fast-check';
import { didYouMean, editDistance, nearest } from '../../../src/cli/terminal/suggest.ts';

const word = fc.string({ minLength: 0, maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });

/** By its definition, without a table. */
function naive(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [x, y] = [a.slice(1), b.slice(1)];
  const swapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return Math.min(
    naive(x, b) + 1,
    naive(a, y) + 1,
    naive(x, y) + (a[0] === b[0] ? 0 : 1),
    swapped ? naive(x.slice(1), y.slice(1)) + 1 : Infinity,
  );
}

describe('the distance of two words', () => {
  it('counts letters put in, left out, changed or swapped', () => {
    for (const [from, to, distance] of [
      ['verify', 'verify', 0],
      ['verfy', 'verify', 1],
      ['veriify', 'verify', 1],
      ['verigy', 'verify', 1],
      ['evrify', 'verify', 1],
      ['', 'get', 3],
      ['proof', 'bundle', 6],
    ] as const) {
      expect(editDistance(from, to), `${from} ${to}`).to.equal(distance);
    }
  });

  it('is what its definition says, and the same both ways', () => {
    const short = fc.string({ maxLength: 5, unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(fc.property(short, short, (a, b) => editDistance(a, b) === naive(a, b)));
    fc.assert(fc.property(word, word, (a, b) => editDistance(a, b) === editDistance(b, a)));
  });
});

describe('the nearest known word', () => {
  const known = ['verify', 'explain', 'bundle', 'proof', 'log', 'attest', 'access', 'serve', 'monitor'];

  it('is the one that was mistyped, or begun', () => {
    for (const [typed, meant] of [
      ['verfy', 'verify'],
      ['VERIFY'.toLowerCase(), 'verify'],
      ['bundel', 'bundle'],
      ['prof', 'proof'],
      ['lgo', 'log'],
      ['expl', 'explain'],
      ['moniter', 'monitor'],
    ] as const) {
      expect(nearest(typed, known), typed).to.equal(meant);
    }
  });

  it('is none where all are far, and none of an endless word', () => {
    for (const typed of ['', 'x', 'frob', 'get', 'xyzzy', 'v'.repeat(100_000)]) {
      expect(nearest(typed, known), typed.slice(0, 9)).to.equal(undefined);
    }
  });

  it('ends a sentence, or leaves it as it is', () => {
    expect(didYouMean('verfy', known)).to.equal('; did you mean verify?');
    expect(didYouMean('frob', known)).to.equal('');
  });
});
