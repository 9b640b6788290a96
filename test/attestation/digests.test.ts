import { expect } from 'chai';
import fc from 'fast-check';
import {
  compareDigests,
  digestName,
  identicalDigests,
  namedDigests,
  sharedDigests,
} from '../../src/attestation/digests.ts';
import type { Agreement, SomeDigests } from '../../src/attestation/digests.ts';

/** Two values to an algorithm, or none: then sets meet in every way. */
const digests: fc.Arbitrary<SomeDigests> = fc.record({
  sha256: fc.constantFrom(undefined, 'aa', 'bb'),
  sha512: fc.constantFrom(undefined, 'cccc', 'dddd'),
});

/** The definition, case by case: what is said by each algorithm, and what that comes to. */
function naive(a: SomeDigests, b: SomeDigests): Agreement {
  const say = (one?: string, other?: string): 'yes' | 'no' | 'nothing' =>
    one === undefined || other === undefined ? 'nothing' : one === other ? 'yes' : 'no';
  const table: Readonly<Record<string, Agreement>> = {
    'yes yes': 'same',
    'yes no': 'conflict',
    'yes nothing': 'same',
    'no yes': 'conflict',
    'no no': 'different',
    'no nothing': 'different',
    'nothing yes': 'same',
    'nothing no': 'different',
    'nothing nothing': 'incomparable',
  };
  return table[`${say(a.sha256, b.sha256)} ${say(a.sha512, b.sha512)}`] as Agreement;
}

describe('attestation/digests', () => {
  it('compares by every algorithm that both sides have, as the definition says', () => {
    fc.assert(
      fc.property(digests, digests, (a, b) => {
        expect(compareDigests(a, b)).to.equal(naive(a, b));
      }),
    );
  });

  it('does not care which side is which, or what else stands beside the digests', () => {
    fc.assert(
      fc.property(digests, digests, fc.string(), (a, b, other) => {
        expect(compareDigests(b, a)).to.equal(compareDigests(a, b));
        const [more, too] = [a, b].map((one): SomeDigests => Object.assign({ blake3: other }, one));
        expect(compareDigests(more ?? {}, too ?? {})).to.equal(compareDigests(a, b));
      }),
    );
  });

  it('names the algorithms that agree and those that do not, each shared one once', () => {
    fc.assert(
      fc.property(digests, digests, (a, b) => {
        const { equal, differing } = sharedDigests(a, b);
        const both = (['sha256', 'sha512'] as const).filter((name) => a[name] && b[name]);
        expect([...equal, ...differing]).to.have.members(both);
        for (const name of equal) expect(a[name]).to.equal(b[name]);
        for (const name of differing) expect(a[name]).not.to.equal(b[name]);
      }),
    );
  });

  it('calls identical what has the same digests and no more, which is then the same too', () => {
    fc.assert(
      fc.property(digests, digests, (a, b) => {
        const names = (of: SomeDigests): string[] => namedDigests(of).map(digestName);
        const identical = identicalDigests(a, b);
        expect(identical).to.equal(names(a).join() === names(b).join());
        if (identical && names(a).length > 0) expect(compareDigests(a, b)).to.equal('same');
      }),
    );
    expect(identicalDigests({ sha256: 'aa' }, { sha256: 'aa', sha512: 'cccc' })).to.equal(false);
  });

  it('names each digest once, as it is typed and indexed', () => {
    expect(namedDigests({ sha512: 'cccc', sha256: 'aa' }).map(digestName)).to.deep.equal([
      'sha256:aa',
      'sha512:cccc',
    ]);
    expect(namedDigests({})).to.deep.equal([]);
  });
});
