/** Finds the subcommand, runs it, turns errors into words and an exit status. */
import { LedgerError } from '../errors.ts';
import { exitStatus } from './terminal/exit.ts';
import { printable } from './terminal/io.ts';
import type { Io } from './terminal/io.ts';
import { usageLines } from './terminal/usage-lines.ts';

interface Command {
  readonly usage: string;
  /** The parts of it that are about one of the command's own commands, by their names. */
  readonly usages?: Readonly<Record<string, string>>;
  /** Resolves to the exit status. Throws `LedgerError` for everything that was refused. */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** Loaded on demand: `isal verify` must not pay for the server. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  verify: () => import('./verify/verify.ts'),
  explain: () => import('./explain/explain.ts'),
  proof: () => import('./verify/proof.ts'),
  bundle: () => import('./verify/bundle.ts'),
  log: () => import('./log/log.ts'),
  attest: () => import('./attest/attest.ts'),
  authority: () => import('./authority/authority.ts'),
  init: () => import('./serve/init.ts'),
  serve: () => import('./serve/serve.ts'),
  demo: () => import('./demo/demo.ts'),
  witness: () => import('./witness/witness.ts'),
  monitor: () => import('./monitor/monitor.ts'),
  access: () => import('./access/access.ts'),
  update: () => import('./update/update.ts'),
  region: () => import('./update/region.ts'),
};

const overview = `isal: an append-only ledger of supervised builds, database updates and data access

for customers
  isal verify FILE        check a file on this disk against the ledger
  isal explain CODE|FILE  what an error code means, or what a file is
  isal bundle get|inspect everything a verdict rests on, in one file
  isal proof inclusion|consistency|inspect
  isal access open|mine   who looked at my data, and what a disclosure shows
  isal log checkpoint|entry|search|export|fsck
  isal update show|chain  which database this is; every update back to the first
  isal region status      where a region's data are said to be, and were before
  isal access summary     accesses counted again from the log, summaries compared

for those who watch
  isal monitor init|once|run|status

for parties that sign
  isal attest new|lint|sign|cosign|submit|rebuild|snapshot|seal

for the supervisor
  isal init DIR           keys, first authority document, trust file
  isal serve DIR          run the ledger
  isal authority show|propose|sign|submit
  isal access vault|disclose|tag
                          keep what entries only commit to, hand it out, erase it
  isal demo               see all of it work in a minute

for witnesses
  isal witness init|run|show

isal COMMAND --help shows a command's options.
Exit status: 0 proven or done, 1 contradicted, 2 not proven, 3 stale or policy
not met, 4 usage, 5 unreachable.
`;

/** What was typed, and the usage of its command: of that, an error shows what belongs to the verb. */
interface Typed {
  readonly args: readonly string[];
  readonly usage: string;
}

/** One refusal in the form every command uses. */
export function describe(error: LedgerError, typed?: Typed): string {
  const lines = [`isal: ${error.message}`];
  const fact = (name: string, text: string): void => {
    lines.push(`  ${name.padEnd(9)} ${text.replaceAll('\n', '\n            ')}`);
  };
  if (error.at !== undefined) fact('at', error.at);
  if (typed !== undefined && error.code === 'usage' && error.expected?.startsWith('isal ')) {
    fact('usage', usageLines(typed.usage, typed.args).join('\n'));
    fact('all of it', `isal ${typed.args[0] ?? ''} --help`);
  } else if (error.expected !== undefined) fact('expected', error.expected);
  // What was typed stands above on the terminal; a word in the wrong place could be anybody's name, and cron keeps this.
  if (error.got !== undefined && error.code !== 'usage') fact('got', error.got);
  if (error.index !== undefined) fact('leaf', String(error.index));
  for (const [name, value] of Object.entries(error.facts)) fact(name, String(value));
  fact('code', `${error.code} (isal explain ${error.code})`);
  return `${lines.map((line) => line.split('\n').map(printable).join('\n')).join('\n')}\n`;
}

export async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || ['--help', '-h', 'help'].includes(name)) {
    io.stdout(overview);
    return name === undefined ? exitStatus.usage : 0;
  }
  let usage: string | undefined;
  try {
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load === undefined) {
      throw new LedgerError('usage', 'there is no such command', {
        expected: Object.keys(commands).join(', '),
        got: name,
      });
    }
    const command = await load();
    usage = command.usage;
    if (rest.includes('--help')) {
      const [verb = ''] = rest;
      const { usage, usages = {} } = command;
      io.stdout(`${Object.hasOwn(usages, verb) ? usages[verb] : usage}\n`);
      return 0;
    }
    return await command.run(rest, io);
  } catch (error) {
    if (error instanceof LedgerError) {
      io.stderr(describe(error, usage === undefined ? undefined : { args, usage }));
      return exitStatus[error.code];
    }
    // Node's own status for a crash is 1, which here would say "contradicted".
    io.stderr(`isal: a fault of its own\n${error instanceof Error ? error.stack : String(error)}\n`);
    return exitStatus.internal;
  }
}
