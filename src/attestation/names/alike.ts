/**
 * Whether two names would be taken for one: they differ at most in case, in
 * white space, in characters that print as nothing, in how Unicode composes
 * their letters, or in letters that look alike.
 *
 *     Example Security   EXAMPLE  security   Exаmple Security (а is Cyrillic)   one
 *     Example Security   Example Securities                                     two
 *
 * A name is folded three times, and two are alike when one folding of both is
 * the same: letters taken as they are written, as small ones, and as capitals.
 * One folding would not do, since a small nu looks like a v and its capital
 * like an N: that folding would make v and n one in every name.
 *
 * The result is the same on every engine: it rests on characters of Unicode
 * 14.0 alone (`assigned.ts`), and a test holds what it is for all of them.
 */
import { isAssigned } from './assigned.ts';
import { lookAsWritten, lookOf } from './look-alikes.ts';
import { withoutUnseen } from './unseen.ts';

/** A name, folded. */
export interface FoldedName {
  readonly written: string;
  readonly small: string;
  readonly capital: string;
}

export function foldName(name: string): FoldedName {
  const letters = Array.from(decompose(withoutUnseen(decompose(withoutUnseen(name)))));
  const caselessLetters = letters.flatMap((letter) => Array.from(caseless(letter)));
  const drawn = Array.from(name, (letter) => lookAsWritten.get(letter) ?? letter).join('');
  const written = Array.from(decompose(withoutUnseen(drawn)), lookAs);
  return {
    written: finish(written.map((letter) => lookAsWritten.get(letter) ?? letter)),
    small: finish(caselessLetters.map(lookAs)),
    capital: finish(caselessLetters.map(lookAsCapital)),
  };
}

export function alike(a: FoldedName, b: FoldedName): boolean {
  return a.written === b.written || a.small === b.small || a.capital === b.capital;
}

/** The first two of a list that are alike and not the same; of what is spelt in one way there is one. */
export function lookAlikesAmong(names: Iterable<string>): readonly [string, string] | undefined {
  const seen: [string, FoldedName][] = [];
  for (const name of new Set(names)) {
    const folded = foldName(name);
    const other = seen.find(([, earlier]) => alike(earlier, folded));
    if (other !== undefined) return [other[0], name];
    seen.push([name, folded]);
  }
  return undefined;
}

const whiteSpace = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/** What looks may have put in is made small, and space is brought to one. */
function finish(letters: readonly string[]): string {
  const small = Array.from(letters.join(''), caseless).join('');
  return decompose(small).replaceAll(whiteSpace, ' ').trim();
}

const lookAs = (letter: string): string => lookOf.get(letter) ?? letter;

/** As a capital, or where that looks like nothing else, as it is. */
function lookAsCapital(letter: string): string {
  const capital = known(letter.toUpperCase(), letter);
  return lookOf.get(capital) ?? lookAs(letter);
}

/** A letter without its case, sharp s and final sigma included: made a capital, and small again. */
function caseless(letter: string): string {
  if (!allAssigned(letter)) return letter;
  const capital = known(known(letter.toLowerCase(), letter).toUpperCase(), letter);
  // One by one: a word's end would make another small sigma.
  const small = Array.from(capital, (one) => known(one.toLowerCase(), one)).join('');
  return decompose(small);
}

/** A letter's other case, unless that came to Unicode later than the letter. */
const known = (cased: string, letter: string): string => (allAssigned(cased) ? cased : letter);

const allAssigned = (text: string): boolean =>
  Array.from(text).every((one) => isAssigned(one.codePointAt(0) ?? 0));

/** NFKD of what is assigned: letters and their marks apart, so that the letter under a mark is compared too. */
function decompose(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  let done = '';
  let run = '';
  for (const character of text) {
    if (isAssigned(character.codePointAt(0) ?? 0)) run += character;
    else {
      done += run.normalize('NFKD') + character;
      run = '';
    }
  }
  return done + run.normalize('NFKD');
}
