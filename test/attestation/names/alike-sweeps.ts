/** What holds for every name and every character: how many are tried, the extent says. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { alike, foldName } from '../../../src/attestation/names/alike.ts';
import { isAssigned } from '../../../src/attestation/names/assigned.ts';
import type { Extent } from '../../extent.ts';

const areAlike = (a: string, b: string): boolean => alike(foldName(a), foldName(b));

/** Up to which character: how many are assigned, and the hash of their foldings. */
const pinned: Readonly<Record<number, readonly [number, string]>> = {
  0x0600: [1498, '6e329c07df0c1d713d174cd16b0c2f80a114651027c7a40aab8de912e197d63e'],
  0x110000: [38940, '144646bc0aff33ea386930c564c14ee730c6ae32b6b8364d283a0b6b3085970e'],
};

/** Registers them as tests. */
export function sweepNames({ upTo }: Extent): void {
  it('takes any name for one with itself in another case, and in other forms of Unicode', () => {
    const letter = fc
      .integer({ min: 0x20, max: 0x1ffff })
      .filter(isAssigned)
      .map((codePoint) => String.fromCodePoint(codePoint));
    const name = fc.oneof(
      fc.array(letter, { maxLength: 12 }).map((letters) => letters.join('')),
      fc.string({
        unit: fc.constantFrom(...Array.from('aAνΝвВıIİßſςΣΐᾳ\u0345\u0301\u0327é')),
        maxLength: 12,
      }),
    );
    fc.assert(
      fc.property(name, (text) => {
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
          expect(areAlike(text, text.normalize(form)), form).to.equal(true);
        }
        expect(areAlike(text, `\u00a0${text}\u200b`), 'space').to.equal(true);
        // Of marks out of order a case may be another text; and an engine may know a case that came later.
        const ordered = text.normalize('NFD');
        const cased = [ordered.toUpperCase(), ordered.toLowerCase()];
        for (const other of cased.filter((made) =>
          Array.from(made).every((one) => isAssigned(one.codePointAt(0) ?? 0)),
        ))
          expect(areAlike(text, other), 'case').to.equal(true);
      }),
      { numRuns: upTo(2_000, 200), seed: 6 },
    );
  });

  it('folds each character as it always did, on every engine', () => {
    const hash = createHash('sha256');
    let assigned = 0;
    const end = upTo(0x110000, 0x0600);
    for (let codePoint = 0; codePoint < end; codePoint++) {
      // Of ideographs and Hangul syllables, which are alike by the thousand, one in 64.
      const many =
        (codePoint >= 0x3400 && codePoint < 0xd7a4) || (codePoint >= 0x20000 && codePoint < 0xe0000);
      if (!isAssigned(codePoint) || (many && codePoint % 64 !== 0)) continue;
      assigned++;
      const { written, small, capital } = foldName(`x${String.fromCodePoint(codePoint)}x`);
      hash.update(`${codePoint} ${written} ${small} ${capital}\n`);
    }
    expect([assigned, hash.digest('hex')]).to.deep.equal(pinned[end]);
  });
}
