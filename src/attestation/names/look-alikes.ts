/**
 * Which characters look like which, beyond what Unicode's normalisation makes
 * one (fullwidth letters, letterlike signs, ligatures). Our own list, short on
 * purpose: letters of Greek, Cyrillic, Armenian, Coptic, Cherokee, Lisu and of
 * phonetics that are drawn like a Latin one, and marks of punctuation that are
 * drawn alike. Letters of one script that are merely near each other (`rn` and
 * `m`) are not in it. It may grow; what it holds stays.
 *
 * For each character, in hexadecimal, those that look like it. Capitals and
 * small letters have lists of their own: a capital nu looks like an N, a small
 * one like a v.
 */
const looks: Readonly<Record<string, string>> = {
  a: '0251 03b1 0430',
  b: '03b2 0432 044c',
  c: '0441 1d04 2ca5',
  d: '0501',
  e: '0435 04bd 212e',
  f: '0192',
  g: '0261 0581',
  h: '043d 04bb 0570',
  i: '0131 0269 026a 03b9 0456 04cf a647',
  j: '0237 0458 03f3',
  k: '0138 03ba 043a',
  m: '043c 1d0d',
  n: '03b7 043f 0578 057c',
  o: '03bf 03c3 043e 0585 10ff 1d0f 2c9f',
  p: '03c1 0440 2ca3',
  q: '051b 0563 0566',
  r: '0433 1d26 2c85',
  s: '01bd 0455 a731',
  t: '03c4 0442 1d1b',
  u: '028b 03c5 057d 1d1c',
  v: '03bd 0475 1d20',
  w: '026f 03c9 0461 051d 0561 1d21',
  x: '00d7 03c7 0445',
  y: '0263 028f 03b3 0443 04af 10e7',
  z: '1d22',
  A: '0391 0410 13aa a4ee',
  B: '0392 0412 042c 13f4 a4d0',
  C: '0421 13df 2ca4 a4da',
  D: '13a0 a4d3',
  E: '0395 0415 13ac a4f0',
  F: '03dc a4dd',
  G: '050c 13c0 a4d6',
  H: '0397 041d 13bb 2c8e a4e7',
  I: '0399 0406 04c0 2c92 a4f2',
  J: '037f 0408 13ab a4d9',
  K: '039a 041a 13e6 2c94 a4d7',
  L: '13de 2cd0 a4e1',
  M: '039c 03fa 041c 13b7 2c98 a4df',
  N: '039d 2c9a a4e0',
  O: '039f 041e 0555 2c9e a4f3',
  P: '03a1 0420 13e2 2ca2 a4d1',
  Q: '051a',
  R: '13a1 13d2 a4e3',
  S: '0405 054f 13d5 13da a4e2',
  T: '03a4 0422 13a2 2ca6 a4d4',
  U: '054d a4f4',
  V: '0474 13d9 a4e6',
  W: '051c 13b3 13d4 a4ea',
  X: '03a7 0425 2cac a4eb',
  Y: '03a5 0423 04ae 13a9 2ca8 a4ec',
  Z: '0396 13c3 a4dc',
  3: '01b7 021c 021d 0292 0417 0437',
  6: '0411 0431',
  "'": '0060 02b9 02bb 02bc 05f3 2018 2019 201b 2032 a78c',
  '"': '201c 201d 201f',
  '-': '02d7 2010 2012 2013 2014 2015 2043 2212',
  ',': '201a',
  ':': '02d0 0589 2236 a789',
  '/': '2044 2215 29f8',
  '|': '01c0 2223',
  '·': '2022 2219 22c5 30fb',
};

/** What a character looks like, where that is another one. */
export const lookOf: ReadonlyMap<string, string> = new Map(
  Object.entries(looks).flatMap(([look, list]) =>
    list.split(' ').map((hex) => [String.fromCodePoint(Number.parseInt(hex, 16)), look] as const),
  ),
);

/**
 * Told apart by nobody in most typefaces, but only as they are written: a
 * capital I is a small L, and still the capital of i. The lunate sigmas are a
 * sigma to Unicode, and a C to the eye.
 */
export const lookAsWritten: ReadonlyMap<string, string> = new Map([
  ['I', 'l'],
  ['1', 'l'],
  ['|', 'l'],
  ['0', 'O'],
  ['\u03f2', 'c'],
  ['\u03f9', 'C'],
]);
