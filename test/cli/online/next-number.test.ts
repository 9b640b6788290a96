import { expect } from 'chai';
import { nextNumber } from '../../../src/cli/online/next-number.ts';

interface Entry {
  readonly index: number;
  readonly seq: number;
}

/** A log of `size` leaves with these entries of one source, which answers in pages as a ledger does. */
class Log {
  readonly #size: number;
  readonly #entries: readonly Entry[];
  readonly #page: number;
  questions = 0;

  constructor(size: number, entries: readonly Entry[], page = 50) {
    this.#size = size;
    this.#entries = entries;
    this.#page = page;
  }

  numbers(
    _source: string,
    { after }: { after: number },
  ): Promise<{ size: number; items: Entry[]; next: boolean }> {
    this.questions++;
    const rest = this.#entries.filter(({ index }) => index > after);
    const items = rest.slice(0, this.#page);
    return Promise.resolve({ size: this.#size, items, next: rest.length > items.length });
  }
}

/** Numbered 1, 2, … at these indices. */
const at = (indices: readonly number[]): Entry[] => indices.map((index, i) => ({ index, seq: i + 1 }));
const every = (step: number, from: number, to: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

describe('the next number of a source', () => {
  const size = 1_000_000;
  const cases: readonly (readonly [what: string, indices: readonly number[]])[] = [
    ['nothing yet', []],
    ['one entry', [7]],
    ['one page', every(1, 0, 50)],
    ['an entry in each place', every(1, 0, 3_000)],
    ['one that stopped long ago', every(1, 1_000, 9_000)],
    ['one that goes on', every(97, 5, size)],
    ['one with a long pause', [...every(1, 0, 900), ...every(1, 600_000, 600_100)]],
    ['the last leaf of all', [...every(3, 0, 3_000), size - 1]],
    ['two neighbours after many', [...every(1, 0, 51), 51, 52, 700_000, 700_001]],
  ];
  for (const [what, indices] of cases) {
    it(`follows the last: ${what}`, async () => {
      const log = new Log(size, at(indices));
      expect(await nextNumber(log, 's')).to.equal(indices.length + 1);
      expect(log.questions).to.be.below(50);
    });
  }

  it('follows the largest where the last entries came in another order, or numbers were left out', async () => {
    const log = new Log(100, [
      { index: 3, seq: 1 },
      { index: 4, seq: 9 },
      { index: 5, seq: 7 },
    ]);
    expect(await nextNumber(log, 's')).to.equal(10);
  });

  it('is given up when a server makes up entries without end, and is a number all the same', async () => {
    let questions = 0;
    const numbers = (
      _source: string,
      { after }: { after: number },
    ): Promise<{ size: number; items: Entry[]; next: boolean }> => {
      questions++;
      const items = [{ index: after + 1, seq: Number.MAX_SAFE_INTEGER }];
      return Promise.resolve({ size: Number.MAX_SAFE_INTEGER, items, next: true });
    };
    expect(await nextNumber({ numbers }, 's')).to.equal(Number.MAX_SAFE_INTEGER);
    expect(questions).to.be.below(200);
  });
});
