/**
 * Personal data that nobody else would write, put where it does not belong, and
 * the search for it: whole or in part, as text or in any spelling under which
 * bytes go about here.
 *
 *     mail      zoe.kanarienvogel@canary.example
 *     as hex    7a6f652e6b616e…
 *     base64    em9lLmthbmFyaWVudm9nZWxA…, at each of three places in a group
 *     percent   Papageienweg%2017%2C%208001%20Z%C3%BCrich
 */

export const canaries = {
  name: 'Zoë Kanarienvogel',
  /** A name as an identifier of a schema may be written. */
  login: 'zoe.kanarienvogel',
  ticket: 'TICKET-CNRY-90210: Frau Kanarienvogel findet ihren Schlüssel nicht',
  address: 'Papageienweg 17, 8001 Zürich',
  mail: 'zoe.kanarienvogel@canary.example',
  badge: 'K-4711-0815-CNRY',
} as const;

/** A telephone number: personal data that JSON takes for a number. */
export const canaryNumber = 417904815162342;

/** A customer's secret, as its file holds it. */
export const canarySecret: string = 'c0ffeefacade4711'.repeat(4);

/** Whatever of these is found anywhere is a leak. */
const words: readonly string[] = [
  ...Object.values(canaries),
  String(canaryNumber),
  canarySecret,
  // What an excerpt could leave of a longer text.
  'kanarien',
  'arienvogel',
  'cnry-90210',
  'papageien',
  'geienweg',
  '4711-0815',
  '904815162',
];

/** Every needle in lower case, as a string of bytes, with the word that it stands for. */
const needles: ReadonlyMap<string, string> = new Map(
  words.flatMap((word) => spellings(word).map((needle) => [needle.toLowerCase(), word] as const)),
);

function spellings(word: string): string[] {
  const decomposed = word.normalize('NFD');
  const texts = [word, decomposed, word.toLowerCase(), word.toUpperCase()];
  const bytes = texts.map((text) => Buffer.from(text));
  return [
    ...bytes.map((some) => some.toString('latin1')),
    Buffer.from(word, 'latin1').toString('latin1'),
    Buffer.from(word, 'utf16le').toString('latin1'),
    ...bytes.map((some) => some.toString('hex')),
    ...texts.map(encodeURIComponent),
    ...texts.map((text) => encodeURIComponent(text).replaceAll('%20', '+')),
    ...texts.map((text) => JSON.stringify(text).slice(1, -1)),
    ...texts.map(escaped),
    ...texts.flatMap(inBase64),
    // As a proof has the leaf, whose payload is in base64 already.
    ...texts.flatMap(inBase64).flatMap(inBase64),
  ].filter(({ length }) => length >= 8);
}

/** As JSON may spell it in ASCII. */
function escaped(text: string): string {
  return text.replaceAll(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What is the same in base64 wherever in a longer text the word stands. */
function inBase64(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const from = Math.ceil((before * 8) / 6);
    const inner = bytes.toString('base64').slice(from, Math.floor((bytes.length * 8) / 6));
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** The words that are found in a text or in bytes. */
export function wordsIn(where: string | Uint8Array): string[] {
  const bytes = typeof where === 'string' ? Buffer.from(where) : Buffer.from(where);
  const haystack = bytes.toString('latin1').toLowerCase();
  const found = new Set<string>();
  for (const [needle, word] of needles) if (haystack.includes(needle)) found.add(word);
  return [...found];
}

/** Every canary as text, and the secret. */
export const texts: readonly string[] = [...Object.values(canaries), canarySecret];
