/** A page of help for a terminal of 80 columns. */
import type { Page, Row, Section } from './page.ts';

const width = 80;
/** Terms are set in by two; texts beside them begin no further right than this. */
const furthest = 28;

/** Parts of a text, with a space between, in lines of at most `columns` characters; a longer part has its own. */
function fill(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    if (line !== '' && line.length + 1 + part.length > columns) {
      lines.push(line);
      line = part;
    } else line = line === '' ? part : `${line} ${part}`;
  }
  return [...lines, line];
}

const wrap = (text: string, columns: number): string[] => fill(text.split(' '), columns);

/** A command line in several, broken before options, each but the last going on behind a backslash. */
export function commandLines(run: string, columns: number): string[] {
  const lines = fill(run.split(/ (?=--)/), columns - 6);
  return lines.map((line, i) => `${i === 0 ? '' : '    '}${line}${i === lines.length - 1 ? '' : ' \\'}`);
}

export function pageText({ words, line, synopses, opening, sections, notes }: Page): string {
  const columns = sections.filter(({ layout }) => layout === 'columns');
  const column = columnOf(columns.flatMap(({ rows }) => rows));
  const others = (wanted: Section['layout']): Section[] => sections.filter(({ layout }) => layout === wanted);
  const parts = [
    wrap(`${words.join(' ')}: ${line}`, width),
    synopses.flatMap(synopsisLines),
    ...(opening === undefined ? [] : [wrap(opening, width)]),
    ...columns.map(({ title, rows }) => [title, ...rows.flatMap((row) => rowLines(row, column))]),
    ...notes.map((note) => wrap(note, width)),
    ...others('statuses').map(statusLines),
    ...others('examples').map(exampleLines),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function synopsisLines(synopsis: string, at: number): string[] {
  const [first = '', ...rest] = fill(synopsis.split(/ (?=--|[[(])/), width - 'usage: '.length - 4);
  const before = at === 0 ? 'usage: ' : '       ';
  return [`${before}${first}`, ...rest.map((line) => `${' '.repeat(11)}${line}`)];
}

/** Where texts begin: behind the longest term that leaves them room. */
function columnOf(rows: readonly Row[]): number {
  const lengths = rows.map(({ term }) => term.length + 4).filter((length) => length <= furthest);
  return Math.max(...lengths, 8);
}

function rowLines({ term, text }: Row, column: number): string[] {
  const texts = wrap(text, width - column).map((line) => `${' '.repeat(column)}${line}`);
  const named = `  ${term}`;
  if (named.length + 2 > column) return [named, ...texts];
  const [first = '', ...rest] = texts;
  return [`${named.padEnd(column)}${first.slice(column)}`, ...rest];
}

/** In a sentence of few words: the manual page has them all. */
function statusLines({ title, rows }: Section): string[] {
  const statuses = rows.map(({ term, text }) => `${term} ${text.split(':')[0] ?? ''}`);
  return wrap(`${title}: ${statuses.join('; ')}`, width);
}

function exampleLines({ title, rows }: Section): string[] {
  return [
    title,
    ...rows.flatMap(({ term, text }) => [
      ...wrap(text, width - 2).map((line) => `  ${line}`),
      ...commandLines(term, width - 6).map((line) => `      ${line}`),
    ]),
  ];
}
