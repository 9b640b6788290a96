/** The table that `npm run bench` prints, in Markdown, so that it stands in the documents as it was printed. */
import type { Spread } from './rounds.ts';

export interface Row {
  /** Name of the goal; empty for a row that says more about the one above. */
  readonly goal: string;
  readonly what: string;
  /** By the clock. */
  readonly rate: Spread;
  /** By processor time. */
  readonly processor: Spread;
  readonly target: number | undefined;
  /** The goal is to stay below it, as a price does. */
  readonly price?: true;
}

export interface Report {
  readonly machine: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: readonly Row[];
}

const heading = ['', 'ratio', 'by the clock', 'spread', 'by processor time', 'goal'] as const;

export function formatTable({ machine, rounds, seconds, rows }: Report): string {
  const cells = rows.map(({ goal, what, rate, processor, target, price }) => [
    goal,
    what,
    rate.median.toFixed(2),
    `${rate.least.toFixed(2)} to ${rate.greatest.toFixed(2)}`,
    Number.isNaN(processor.median) ? '' : processor.median.toFixed(2),
    target === undefined ? '' : `${price === true ? '≤' : '≥'} ${target.toFixed(2)}`,
  ]);
  const widths = heading.map((name, column) =>
    Math.max(3, name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [
    `${machine}; ${rounds} rounds of ${seconds} s a side\n\n`,
    line(heading),
    line(widths.map((width) => '-'.repeat(width))),
    ...cells.map(line),
  ].join('');
}
