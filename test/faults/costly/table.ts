/** Rows under a heading, in Markdown, so that they stand in documents and reports as they were printed. */
export function formatTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((name, at) =>
    Math.max(3, name.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |\n`;
  return [line(heading), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('');
}
