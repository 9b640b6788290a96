/**
 * Characters that print as nothing: those that Unicode lets a program ignore
 * (Default_Ignorable_Code_Point, which reserves whole ranges, so that the list
 * stands for later versions too), the anchors of annotations, and the empty
 * braille pattern. With one of them two names differ and nobody can see it.
 */
const unseenClass =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e' +
  '\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb' +
  '\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}';

const first: RegExp = new RegExp(`[${unseenClass}]`, 'u');
const every: RegExp = new RegExp(`[${unseenClass}]+`, 'gu');

/** The first character of a text that prints as nothing, as `U+200B`. */
export function unseenIn(text: string): string | undefined {
  const [found] = first.exec(text) ?? [];
  if (found === undefined) return undefined;
  return `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

export function withoutUnseen(text: string): string {
  return text.replaceAll(every, '');
}

/** Scripts whose letters are taken for each other's. */
const scripts = ['Latin', 'Greek', 'Cyrillic', 'Armenian', 'Cherokee', 'Coptic', 'Lisu'] as const;
const letterOf: readonly (readonly [script: string, letter: RegExp])[] = scripts.map((script) => [
  script,
  new RegExp(`\\p{Script=${script}}`, 'u'),
]);

export interface MixedWord {
  readonly word: string;
  readonly scripts: readonly string[];
}

/**
 * The first word of a text whose letters come from several of these scripts, and
 * which these are. For a person's eyes: the running engine says what a letter is.
 */
export function mixedScripts(text: string): MixedWord | undefined {
  if (/^[ -~]*$/.test(text)) return undefined;
  for (const word of text.split(/[^\p{L}\p{M}]+/u)) {
    const found = letterOf.filter(([, letter]) => letter.test(word)).map(([script]) => script);
    if (found.length > 1) return { word, scripts: found };
  }
  return undefined;
}
