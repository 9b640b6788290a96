/** Finds the command, runs it, turns errors into words and an exit status. */
import { LedgerError } from '../errors.ts';
import { table } from './commands.ts';
import { exitStatus } from './terminal/exit.ts';
import { printable } from './terminal/io.ts';
import type { Io } from './terminal/io.ts';
import { execute, requireKnown, resolve } from './terminal/resolve.ts';
import type { Found } from './terminal/resolve.ts';
import { synopses } from './terminal/synopsis.ts';

/** One refusal in the form every command uses. */
export function describe(error: LedgerError, found: Found): string {
  const lines = [`isal: ${error.message}`];
  const fact = (name: string, text: string): void => {
    lines.push(`  ${name.padEnd(9)} ${text.replaceAll('\n', '\n            ')}`);
  };
  if (error.at !== undefined) fact('at', error.at);
  if (error.code === 'usage' && error.expected === undefined) {
    fact('usage', synopses(found.words, found.node).join('\n'));
    fact('all of it', `${found.words.join(' ')} --help`);
  } else if (error.expected !== undefined) fact('expected', error.expected);
  // What was typed stands above on the terminal; a word in the wrong place could be anybody's name, and cron keeps this.
  if (error.got !== undefined && error.code !== 'usage') fact('got', error.got);
  if (error.index !== undefined) fact('leaf', String(error.index));
  for (const [name, value] of Object.entries(error.facts)) fact(name, String(value));
  if (error.wayOut.length > 0) fact('to go on', error.wayOut.join('\n'));
  fact('code', `${error.code} (isal explain ${error.code})`);
  return `${lines.map((line) => line.split('\n').map(printable).join('\n')).join('\n')}\n`;
}

export async function main(args: readonly string[], io: Io): Promise<number> {
  const found = resolve(table.root, args);
  try {
    return await answer(found, args, io);
  } catch (error) {
    if (error instanceof LedgerError) {
      io.stderr(describe(error, found));
      return exitStatus[error.code];
    }
    // Node's own status for a crash is 1, which here would say "contradicted".
    const what = error instanceof Error ? error.stack : String(error);
    io.stderr(`isal: internal error (a bug in isal)\n${what}\n`);
    return exitStatus.internal;
  }
}

async function answer(found: Found, args: readonly string[], io: Io): Promise<number> {
  if (args[0] === '--version') {
    const { version } = await import('./terminal/version.ts');
    io.stdout(`${await version()}\n`);
    return 0;
  }
  if (args.length > 0 && !asksForHelp(found.rest)) return execute(found, io);
  requireKnown(found);
  // Loaded for it alone: a command that runs needs no page.
  const { pageFor } = await import('./help/help.ts');
  const { pageText } = await import('./help/text.ts');
  io.stdout(pageText(pageFor(found, table)));
  return args.length === 0 ? exitStatus.usage : 0;
}

/** Behind `--`, a file may be called --help. */
function asksForHelp(rest: readonly string[]): boolean {
  const end = rest.indexOf('--');
  const options = end < 0 ? rest : rest.slice(0, end);
  return options.includes('--help') || options.includes('-h');
}
