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
      { run: 'isal store check stopped-ledger', shows: 'that every file and row is as it was written' },
      { run: 'isal store check stopped-ledger --json', shows: 'every finding, for a program' },
    ],
  },
  backup: {
    line: 'copy a ledger, also while it runs',
    positionals: [{ name: 'DIR', text: 'the directory of a ledger, running or not', complete: 'directory' }],
    options: {
      to: {
        value: 'BACKUP',
        complete: 'directory',
        required: true,
        text: 'the directory to make; what is there is not replaced',
      },
      'with-keys': {
        text: 'copy the log’s keys as well: the holder of such a backup can sign as the log',
      },
    },
    shared: ['json'],
    marked: true,
    notes: [
      'The copy is of one moment, and every entry, tile, row and checkpoint in it is verified before the directory gets its name. It has configuration, leaf 0, trust file, database, anchor and evidence, and the keys only when they are asked for.',
      'isal log fsck, isal store check, isal serve --read-only and isal log refill --from take it as it is.',
    ],
    statuses: [0, 1, 3, 4, 5],
    examples: [
      { run: 'isal store backup my-ledger --to backup', shows: 'what it holds, and under which checkpoint' },
    ],
  },
  restore: {
    line: 'make a ledger’s directory of a backup',
    positionals: [
      { name: 'BACKUP', text: 'what isal store backup made', complete: 'directory' },
      { name: 'DIR', text: 'where to make it; what is there is not replaced', complete: 'directory' },
    ],
    shared: ['json'],
    marked: true,
    notes: [
      'A backup is older than the ledger that it was made of, which may have signed more since. With the newest anchor, isal serve then refuses (store-behind-anchor), and with the anchor of the backup the witnesses do (behind-witnesses): isal log refill DIR --from adds what is missing. Without witnesses only the newest anchor can tell, so put it into DIR if it is left.',
    ],
    statuses: [0, 1, 3, 4, 5],
    examples: [{ run: 'isal store restore my-backup restored', shows: 'verified, and not yet served' }],
  },
} as const;

export const store: Family = {
  name: 'store',
  line: 'look after the database of a ledger',
  commands: [
    command('check', described.check, async () => (await import('./check.ts')).check),
    command('backup', described.backup, async () => (await import('./backup.ts')).backup),
    command('restore', described.restore, async () => (await import('./restore.ts')).restore),
  ],
};
