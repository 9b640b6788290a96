/**
 * A page of help as a manual page of section 1, in the man macros of troff:
 *
 *     .TH "ISAL-VERIFY" "1" "" "isal 0.1.0" "isal"
 *     .SH NAME
 *     isal\-verify \- is this file recorded and supervised?
 */
import type { Node } from '../terminal/command.ts';
import { isFamily } from '../terminal/command.ts';
import { firstPage, pageOf } from './page.ts';
import type { Page, Section } from './page.ts';
import { commandLines } from './text.ts';
import type { Table } from './table.ts';

export interface ManualPage {
  /** `isal-bundle-get.1` */
  readonly file: string;
  readonly text: string;
}

/** Every page: of the whole, of each family, of each command. */
export function manualPages({ root, groups }: Table, version: string): ManualPage[] {
  const below = (words: readonly string[], node: Node): ManualPage[] => [
    manualPage(pageOf(words, node), version),
    ...(isFamily(node) ? node.commands.flatMap((one) => below([...words, one.name], one)) : []),
  ];
  return [
    manualPage(firstPage(root, groups), version),
    ...root.commands.flatMap((node) => below([root.name, node.name], node)),
  ];
}

export function manualPage(page: Page, version: string): ManualPage {
  const { words, line, synopses, opening, sections, notes } = page;
  const name = words.join('-');
  const lines = [
    `.\\" Made by isal help --man; the descriptions are beside the commands.`,
    `.TH "${name.toUpperCase()}" "1" "" "isal ${version}" "isal"`,
    '.SH NAME',
    `${roff(name)} \\- ${roff(line)}`,
    '.SH SYNOPSIS',
    ...synopses.flatMap((synopsis, i) => [...(i === 0 ? [] : ['.br']), `\\fB${roff(synopsis)}\\fR`]),
    ...(opening === undefined ? [] : ['.PP', startSafe(roff(opening))]),
    ...sections.filter(({ layout }) => layout !== 'examples').flatMap(termSection),
    ...(notes.length === 0 ? [] : ['.SH NOTES', ...notes.flatMap((note) => ['.PP', startSafe(roff(note))])]),
    ...sections.filter(({ layout }) => layout === 'examples').flatMap(exampleSection),
    ...seeAlso(words),
  ];
  return { file: `${name}.1`, text: `${lines.join('\n')}\n` };
}

function termSection({ title, rows }: Section): string[] {
  return [
    `.SH ${roff(title.toUpperCase())}`,
    ...rows.flatMap(({ term, text }) => ['.TP', `\\fB${roff(term)}\\fR`, startSafe(roff(text))]),
  ];
}

function exampleSection({ title, rows }: Section): string[] {
  return [
    `.SH ${roff(title.toUpperCase())}`,
    ...rows.flatMap(({ term, text }) => [
      '.PP',
      startSafe(roff(text)),
      '.PP',
      '.nf',
      '.RS 4',
      ...commandLines(term, 72).map((line) => startSafe(roff(line))),
      '.RE',
      '.fi',
    ]),
  ];
}

/** The page above, from which every other is reached. */
function seeAlso(words: readonly string[]): string[] {
  if (words.length === 1) return [];
  return ['.SH SEE ALSO', `\\fB${roff(words.slice(0, -1).join('-'))}\\fR(1)`];
}

/** A backslash begins an escape; a plain hyphen is set as a dash that nobody can copy. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\(rs').replaceAll('-', '\\-');
}

/** A line that begins with a dot or an apostrophe would be a request. */
function startSafe(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
