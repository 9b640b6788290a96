/** `isal demo`, described. */
import { command } from '../terminal/command.ts';
import type { Command } from '../terminal/command.ts';

export const described = {
  demo: {
    line: 'see all of it work in a minute',
    options: {
      story: {
        text: 'one file from its source to a customer, and five things that go wrong, told in order, with the commands that each party types; needs git, sh, tar and, from the checkout, the TypeScript compiler',
      },
      builds: {
        value: 'FILE',
        complete: 'file',
        text: 'rows of binary packages, JSON Lines, .gz or not',
        unset: 'rows that come with isal',
      },
      updates: {
        value: 'FILE',
        complete: 'file',
        text: 'rows of database releases, likewise',
        unset: 'rows that come with isal',
      },
      dir: {
        value: 'DIR',
        complete: 'directory',
        text: 'where to put the ledger',
        unset: 'a temporary directory, removed at the end',
      },
      port: { like: 'port', unset: 'any free one' },
      keep: { text: 'leave it serving at the end, until Ctrl-C; its directory stays' },
    },
    notes: [
      'A ledger in a temporary directory records real rows, proves them, and catches two frauds.',
      'However it ends, also by Ctrl-C, no process and no temporary directory is left.',
    ],
    statuses: [0, 4, 5],
    examples: [
      {
        run: 'isal demo --builds builds.jsonl --updates updates.jsonl --keep',
        shows: 'with rows of your own, and a ledger that stays up to be asked',
      },
    ],
  },
} as const;

export const demo: Command = command('demo', described.demo, async () => (await import('./demo.ts')).demo);
