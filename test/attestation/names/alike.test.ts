import { expect } from 'chai';
import { alike, foldName, lookAlikesAmong } from '../../../src/attestation/names/alike.ts';
import { sample } from '../../extent.ts';
import { sweepNames } from './alike-sweeps.ts';

const areAlike = (a: string, b: string): boolean => alike(foldName(a), foldName(b));

/** How two names may differ and be taken for one. */
const one: readonly (readonly [how: string, a: string, b: string])[] = [
  ['case', 'Example Security', 'EXAMPLE SECURITY'],
  ['the case of a sharp s', 'Grosse Straße', 'GROSSE STRASSE'],
  ['the case of a final sigma', 'Οδυσσεύς', 'ΟΔΥΣΣΕΎΣ'],
  ['a dotless i', 'Example Mining', 'Example Mınıng'],
  ['a no-break space', 'Example Security', 'Example\u00a0Security'],
  ['a doubled space', 'Example Security', 'Example  Security'],
  ['an ideographic space', 'Example Security', 'Example\u3000Security'],
  ['a thin space', 'Example Security', 'Example\u2009Security'],
  ['a trailing space', 'Example Security', 'Example Security '],
  ['a leading tab', 'Example Security', '\tExample Security'],
  ['a zero width space', 'Example Security', 'Exam\u200bple Security'],
  ['a variation selector', 'Example Security', 'Example\ufe0f Security'],
  ['a combining grapheme joiner', 'Example Security', 'Ex\u034fample Security'],
  ['a Hangul filler', 'Example Security', 'Example Security\u3164'],
  ['a tag', 'Example Security', 'Example Security\u{e0041}'],
  ['an empty braille pattern', 'Example Security', 'Example\u2800 Security'],
  ['an override of direction', 'Example Security', '\u202eExample Security'],
  ['a Cyrillic letter', 'Example Security', 'Exampl\u0435 Security'],
  ['all letters that can be Cyrillic', 'Cocoa Spa', '\u0421\u043e\u0441\u043e\u0430 \u0405\u0440\u0430'],
  ['a Greek capital', 'Nova Security', '\u039dova Security'],
  ['a Greek capital and a Greek small letter', 'Nova Veritas', '\u039dova \u03bderitas'],
  ['a capital and a small one of one letter', 'Novan', '\u039do\u03bdan'],
  ['letters of another script alone', '\u041d\u041e\u0412\u0410', 'HOBA'],
  ['the case of a look-alike', '\u043d\u043e\u0432\u0430', 'HOBA'],
  ['a Cherokee letter', 'Alpha', '\u13aalpha'],
  ['an Armenian letter', 'Union', 'Uni\u0585n'],
  ['fullwidth letters', 'Example', '\uff25\uff58\uff41\uff4d\uff50\uff4c\uff45'],
  ['mathematical letters', 'Example', '\u{1d404}\u{1d431}ample'],
  ['a ligature', 'Office', 'O\ufb03ce'],
  ['composed and decomposed letters', 'Zürich', 'Zu\u0308rich'],
  ['a look-alike under a mark', 'Zoë', 'Zo\u0451'],
  ['the order of marks', 'a\u0323\u0307', 'a\u0307\u0323'],
  ['a capital I for a small L', 'Allied Security', 'AIlied Security'],
  ['a digit for a letter', 'Oracle 10', '0racle lO'],
  ['another hyphen', 'Smith-Jones', 'Smith\u2010Jones'],
  ['another apostrophe', "O'Neill", 'O\u2019Neill'],
];

const two: readonly (readonly [a: string, b: string])[] = [
  ['Example Security', 'Example Securities'],
  ['Example Security', 'ExampleSecurity'],
  ['Nova', 'Vova'],
  ['Hall', 'Nall'],
  ['Müller', 'Muller'],
  ['Ali', 'All'],
  ['Mila', 'Mlia'],
  ['Trial Reviewer', 'Trial Rebuilder'],
  ['Reviewer 1', 'Reviewer 2'],
  ['Поиск', 'Поиски'],
  ['Stern', 'Stem'],
];

describe('attestation/names/alike', () => {
  for (const [how, a, b] of one) {
    it(`takes names for one that differ by ${how}`, () => {
      expect(a).not.to.equal(b);
      expect(areAlike(a, b)).to.equal(true);
      expect(areAlike(b, a)).to.equal(true);
    });
  }

  for (const [a, b] of two) {
    it(`takes ${a} and ${b} for two`, () => {
      expect(areAlike(a, b)).to.equal(false);
    });
  }

  sweepNames(sample);

  it('leaves a character alone that came later, whatever the engine makes of it', () => {
    // Outlined capitals and Garay letters of Unicode 16.0, which has other cases and forms for them.
    for (const later of ['\u{1ccd6}', '\u{10d50}', '\ua7cb']) {
      expect(foldName(later)).to.deep.equal({ written: later, small: later, capital: later });
    }
    // Its capital came later.
    expect(foldName('\u0264').small).to.equal('\u0264');
  });

  it('names the first two of a list that are alike, and not what is there twice', () => {
    expect(lookAlikesAmong(['A', 'B', 'A', 'C'])).to.equal(undefined);
    expect(lookAlikesAmong(['A', 'B', 'A', 'b', 'a'])).to.deep.equal(['B', 'b']);
  });
});
