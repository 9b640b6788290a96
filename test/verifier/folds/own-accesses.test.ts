import { expect } from 'chai';
import fc from 'fast-check';
import { CustomerTags, customerTag } from '../../../src/attestation/customer-tag.ts';
import type { Entry } from '../../../src/verifier/authorising/walk.ts';
import { OwnAccesses } from '../../../src/verifier/folds/own-accesses.ts';
import { dataAccessStatement } from '../../fixtures/attestations.ts';
import { entryOf } from './entries.ts';

const secret = new Uint8Array(32).fill(7);
const another = new Uint8Array(32).fill(8);

interface Drawn {
  readonly source: string;
  readonly whose: 'mine' | 'of another' | 'of nobody';
}

const accesses = fc.array(
  fc.record({
    source: fc.constantFrom('east', 'west'),
    whose: fc.constantFrom<Drawn['whose']>('mine', 'of another', 'of nobody'),
  }),
  { maxLength: 12 },
);

function accessEntry({ source, whose }: Drawn, at: number): Entry {
  const statement = dataAccessStatement({ source, seq: at + 1 });
  const { occurredAt, categories } = statement.predicate;
  const of = { day: occurredAt.slice(0, 10), category: categories[0] ?? '' };
  statement.predicate.customerTags =
    whose === 'of nobody' ? [] : [customerTag(whose === 'mine' ? secret : another, of)];
  return entryOf(at + 1, 'data-access', statement);
}

describe('the accesses to one customer’s data', () => {
  it('are those with its tags and no others, with the recorders of everybody', () => {
    fc.assert(
      fc.property(accesses, (drawn) => {
        const fold = new OwnAccesses(new CustomerTags(secret));
        const rests = drawn.map((one, at) => fold.add(accessEntry(one, at)));
        expect(rests).to.deep.equal(drawn.map(({ whose }) => whose === 'mine'));
        const found = fold.result();
        const own = drawn.flatMap(({ whose }, at) => (whose === 'mine' ? [at + 1] : []));
        expect(found.accesses.map(({ entry }) => entry.index)).to.deep.equal(own);
        expect(found.count).to.equal(own.length);
        expect(found.sources).to.deep.equal(new Set(drawn.map(({ source }) => source)));
      }),
      { numRuns: 100 },
    );
  });

  it('are counted beyond those that are listed', () => {
    const fold = new OwnAccesses(new CustomerTags(secret));
    const entry = accessEntry({ source: 'east', whose: 'mine' }, 0);
    for (let at = 0; at < 100_001; at++) fold.add(entry);
    const { accesses: listed, count } = fold.result();
    expect([listed.length, count]).to.deep.equal([100_000, 100_001]);
  });
});
