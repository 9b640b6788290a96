/** `isal log`, described. */
import { searchFieldNames, searchFields } from '../../attestation/search-fields.ts';
import type { SearchFieldName } from '../../attestation/search-fields.ts';
import { defined } from '../../defined.ts';
import { command } from '../terminal/command.ts';
import type { Family } from '../terminal/command.ts';

interface Filter {
  readonly value: string;
  readonly text: string;
  readonly choices?: readonly string[];
}

type Filters = { readonly [name in SearchFieldName]: Filter };

/** An option for each field that entries are found by. */
const filters = Object.fromEntries(
  searchFieldNames.map((name) => {
    const { about, placeholder, form } = searchFields[name];
    return [name, defined({ value: placeholder, text: about, choices: form.choices })];
  }),
) as Filters;

type SearchOptions = Filters & {
  readonly limit: Filter & { readonly default: string };
  readonly after: Filter;
  readonly trust: { readonly like: 'trust or policy' };
};

export const described = {
  checkpoint: {
    line: 'the newest checkpoint, verified',
    options: {
      at: {
        value: 'TIME',
        text: 'the one that was newest at that time, and that the newest one extends it',
      },
      raw: { text: 'print the signed note itself' },
      trust: { like: 'trust or policy' },
    },
    shared: ['url', 'max-age', 'json'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal log checkpoint', shows: 'size, root, and which witnesses have cosigned it' },
      { run: 'isal log checkpoint --raw', shows: 'as it was signed, for other programs' },
    ],
  },
  entry: {
    line: 'one entry, proven to be in the tree',
    positionals: [{ name: 'INDEX|LEAFHASH', text: 'the index of the entry, or its leaf hash' }],
    options: { trust: { like: 'trust or policy' } },
    shared: ['url', 'max-age', 'json'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [{ run: 'isal log entry 1', shows: 'what it says, who signed it, and what corrects it' }],
  },
  search: {
    line: 'entries that the ledger finds, each proven to be in the tree',
    options: {
      ...filters,
      limit: { value: 'N', default: '1000', text: 'at most so many' },
      after: { value: 'INDEX', text: 'entries after this index' },
      trust: { like: 'trust or policy' },
    } as SearchOptions,
    shared: ['url', 'max-age', 'json'],
    notes: [
      'That there are no others is not shown: the ledger searches, and could leave one out. isal log export and isal verify --replay read everything.',
      'With --json, one line for each entry.',
    ],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal log search --type build --limit 10', shows: 'the first ten builds' },
      { run: 'isal log search --source corrections --json', shows: 'all corrections, for a program' },
    ],
  },
  export: {
    line: 'every leaf, one to a line, in order, checked against the tree',
    options: {
      out: { like: 'out', text: 'the file to write; one that is there is not replaced', required: true },
      checkpoint: {
        value: 'FILE',
        complete: 'file',
        text: 'where to write the cosigned checkpoint of these leaves',
        unset: 'it is not kept',
      },
      trust: { like: 'trust or policy' },
    },
    shared: ['url', 'max-age', 'json'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal log export --out leaves.jsonl', shows: 'a copy of the whole log' },
      {
        run: 'isal log export --out whole.jsonl --checkpoint whole.checkpoint',
        shows: 'one that a ledger can be made whole from: isal log refill',
      },
    ],
  },
  refill: {
    line: 'make the store of a ledger anew from another copy of its log',
    positionals: [
      { name: 'DIR', text: 'the directory of a ledger that does not run', complete: 'directory' },
    ],
    options: {
      from: {
        value: 'URL|FILE|DIR',
        required: true,
        complete: 'file',
        text: 'a ledger or a mirror that answers; an export; a directory of tiles, or of a ledger or a backup',
      },
      checkpoint: {
        value: 'FILE',
        complete: 'file',
        text: 'of an export, the checkpoint that it was made with',
        unset: 'an export is taken as far as the anchor has signed',
      },
    },
    shared: ['json'],
    notes: [
      'Everything is verified under the trust file in DIR: the checkpoint of the source, every leaf against its root, the root at the anchored size against the anchor, leaf 0 against genesis.json. A source that ends before the anchor, or has another history, is refused and changes nothing.',
      'The new database is made beside the old one and takes its place when it is whole; the old one is kept as db.damaged-TIME. Cut short, the command is given again.',
      'No key is read, so the keys may be elsewhere.',
    ],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      {
        run: 'isal log refill stopped-ledger --from http://127.0.0.1:6962',
        shows: 'from a ledger or a mirror of it',
      },
    ],
  },
  fsck: {
    line: 'everything about a log derived again: root, tiles, authority, signatures',
    positionals: [
      {
        name: 'URL|DIR',
        text: 'a ledger that answers, or the directory of one, whose database is then read too',
        complete: 'directory',
      },
    ],
    options: { trust: { like: 'trust', unset: '$ISAL_TRUST, or with DIR its own' } },
    shared: ['max-age', 'json'],
    notes: [
      'Of a directory it reads the files alone and writes nothing, so that a copy, a full disk and a medium that takes no writes will do; beside a server that runs it looks at one moment.',
    ],
    statuses: [0, 1, 2, 3, 4, 5],
    meanings: { 5: 'no answer, or files that cannot be read: nothing is said against the log' },
    examples: [
      { run: 'isal log fsck http://127.0.0.1:6962', shows: 'as any monitor can' },
      { run: 'isal log fsck stopped-ledger', shows: 'a database, without its server' },
    ],
  },
} as const;

export const log: Family = {
  name: 'log',
  line: 'look at a ledger: checkpoints, entries, all of it',
  commands: [
    command('checkpoint', described.checkpoint, async () => (await import('./log.ts')).checkpoint),
    command('entry', described.entry, async () => (await import('./log.ts')).entry),
    command('search', described.search, async () => (await import('./log.ts')).search),
    command('export', described.export, async () => (await import('./log.ts')).exportLeaves),
    command('refill', described.refill, async () => (await import('./refill.ts')).refill),
    command('fsck', described.fsck, async () => (await import('./fsck.ts')).fsck),
  ],
};
