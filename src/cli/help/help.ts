/** `isal help`: a page for a terminal, as a manual page, or all of them. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '../../bytes.ts';
import { misused } from '../terminal/args.ts';
import type { Given } from '../terminal/command.ts';
import { writeWhole } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { requireKnown, resolve } from '../terminal/resolve.ts';
import type { Found } from '../terminal/resolve.ts';
import { version } from '../terminal/version.ts';
import type { described } from './commands.ts';
import { manualPage, manualPages } from './man.ts';
import { markdown } from './markdown.ts';
import { firstPage, pageOf } from './page.ts';
import type { Page } from './page.ts';
import type { Table } from './table.ts';
import { pageText } from './text.ts';

/** The page of what was found; of nothing, the first. */
export function pageFor({ words, node }: Found, { root, groups }: Table): Page {
  return node === root ? firstPage(root, groups) : pageOf(words, node);
}

export async function help(
  table: Table,
  { values: { man, markdown: all, out }, positionals: [words] }: Given<typeof described.help>,
  io: Io,
): Promise<number> {
  if (all && (man || words.length > 0)) throw misused('--markdown is every page, and stands alone');
  if (out !== undefined && (!man || words.length > 0)) throw misused('--out goes with --man alone');
  if (all) io.stdout(markdown(table));
  else if (out !== undefined) await writePages(out, table);
  else {
    const found = resolve(table.root, words);
    requireKnown(found);
    if (found.rest.length > 0) throw misused(`${found.words.join(' ')} has no commands of its own`);
    const page = pageFor(found, table);
    io.stdout(man ? manualPage(page, await version()).text : pageText(page));
  }
  return 0;
}

async function writePages(directory: string, table: Table): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { file, text } of manualPages(table, await version())) {
    await writeWhole(join(directory, file), utf8(text));
  }
}
