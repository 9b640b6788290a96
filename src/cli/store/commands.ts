/** `isal store`, described. */
import { command } from '../terminal/command.ts';
import type { Family } from '../terminal/command.ts';

export const described = {
  check: {
    line: 'whether a database is what was written: every file, every row',
    positionals: [
      {
        name: 'DIR',
        text: 'the directory of a ledger, running or not, or any database of isal',
        complete: 'directory',
      },
    ],
    options: { trust: { like: 'trust', unset: 'the one in DIR' } },
    shared: ['json'],
    marked: true,
    notes: [
      'It reads the files itself, without LevelDB, and writes nothing: also on a medium that cannot be written.',
      'Checksums tell what changed in a file since it was written; the tree, what changed before. Entries, tiles, head, anchor, checkpoints and search rows are compared with each other.',
      'Beside a running server it looks at one moment: what is written meanwhile is not looked at.',
      'An end of the log that is torn is what a crash leaves, and no damage. The last record whole, with a checksum that fails, may be either; it counts as damage.',
    ],
    statuses: [0, 1, 4, 5],
    meanings: { 0: 'sound', 1: 'damaged', 5: 'could not look' },
    examples: [
      { run: 'isal store check ledger', shows: 'that every file and row is as it was written' },
      { run: 'isal store check ledger --json', shows: 'every finding, for a program' },
    ],
  },
} as const;

export const store: Family = {
  name: 'store',
  line: 'look after the database of a ledger',
  commands: [command('check', described.check, async () => (await import('./check.ts')).check)],
};
