/** Every page of help in one, as docs/commands.md. */
import { isFamily } from '../terminal/command.ts';
import type { Node } from '../terminal/command.ts';
import { firstPage, pageOf } from './page.ts';
import type { Table } from './table.ts';
import { pageText } from './text.ts';

export function markdown({ root, groups }: Table): string {
  const sections = root.commands.flatMap((node) => section([root.name, node.name], node));
  return `${[
    '# Commands',
    '<!-- Generated from src/cli/*/commands.ts by `npm run generate`. Change the descriptions. -->',
    'Every page of `isal help`, which are the manual pages, too.',
    root.commands.map(({ name }) => `[${name}](#isal-${name})`).join(' · '),
    fenced(pageText(firstPage(root, groups))),
    ...sections,
  ].join('\n\n')}\n`;
}

/** Headings go two levels down: commands of a command of a family stand beside their family. */
function section(words: readonly string[], node: Node): string[] {
  return [
    `${words.length === 2 ? '##' : '###'} ${words.join(' ')}`,
    fenced(pageText(pageOf(words, node))),
    ...(isFamily(node) ? node.commands.flatMap((one) => section([...words, one.name], one)) : []),
  ];
}

function fenced(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}
