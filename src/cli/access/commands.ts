/** `isal access`, described. */
import { command } from '../terminal/command.ts';
import type { Family } from '../terminal/command.ts';

export const described = {
  open: {
    line: 'what a disclosure shows: does an entry commit to it?',
    positionals: [
      { name: 'FILE', text: 'the disclosure, one line; it never leaves this machine', complete: 'file' },
    ],
    options: {
      bundle: {
        like: 'bundle',
        text: 'the entry is in this .isal-bundle: no network, and no need for --index or --leaf',
      },
    },
    shared: ['index', 'leaf', 'trust', 'url', 'max-age', 'json'],
    statuses: [0, 1, 2, 3, 4, 5],
    meanings: { 1: 'the entry is corrected, or does not commit to it' },
    examples: [
      { run: 'isal access open identity.disclosure --index 3', shows: 'the field that entry 3 commits to' },
    ],
  },
  mine: {
    line: 'the accesses to one customer’s data, and that there are no others',
    shared: ['secret', 'readable-keys', 'trust', 'url', 'max-age', 'json'],
    notes: ['The whole log is read, so neither the secret nor a tag made of it is sent anywhere.'],
    statuses: [0, 1, 2, 3, 4, 5],
    meanings: {
      0: 'all that was recorded is shown',
      1: 'the log holds what it must not, or an event is corrected',
      2: 'a recorder skipped numbers',
    },
    examples: [{ run: 'isal access mine --secret customer.secret', shows: 'each access, and by whom' }],
  },
  summary: {
    line: 'accesses counted again from the log, period summaries compared with that',
    options: {
      source: { value: 'ID', text: 'events of this recorder alone' },
      from: {
        value: 'TIME',
        text: 'count events, and compare summaries, from this time on',
      },
      to: { value: 'TIME', text: 'up to this time, not including it' },
    },
    shared: ['trust', 'url', 'max-age', 'json'],
    notes: ['The whole log is read and verified. Gaps in the numbers are those of all times.'],
    marked: true,
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal access summary', shows: 'of every recorder' },
      {
        run: 'isal access summary --source access-gateway --from 2026-01-01T00:00:00Z',
        shows: 'of one recorder, since then',
      },
    ],
  },
  tag: {
    line: 'one customer tag, for the gateway that records',
    options: {
      day: { value: 'YYYY-MM-DD', text: 'the day of the event, in UTC', required: true },
      category: { value: 'NAME', text: 'the category of the data', required: true },
    },
    shared: ['secret', 'readable-keys'],
    statuses: [0, 4],
    examples: [
      {
        run: 'isal access tag --secret customer.secret --day 2026-11-03 --category telemetry',
        shows: 'goes into customerTags of a data-access',
      },
    ],
  },
  disclose: {
    line: 'a disclosure of one field, and its digest for _sd',
    options: {
      field: { value: 'NAME', text: 'the field, for example reviewer', required: true },
      in: { value: 'FILE', complete: 'file', text: 'the text of the field', required: true },
      out: { like: 'out', text: 'where to write the disclosure', required: true },
    },
    notes: [
      'Under a fresh salt the text becomes the disclosure, for an entry that has no event id. When the entry is recorded, isal access vault put --leaf keeps it.',
    ],
    statuses: [0, 4],
    examples: [
      {
        run: 'isal access disclose --field reviewer --in reviewer.txt --out new.disclosure',
        shows: 'prints the digest that the statement takes',
      },
    ],
  },
  vaultInit: {
    line: 'an empty vault, and its key, to be kept apart from it',
    positionals: [{ name: 'DIR', text: 'where to make the vault', complete: 'directory' }],
    options: { key: { like: 'vault key', text: 'where to write the key of the vault' } },
    closed: true,
    statuses: [0, 4],
    examples: [
      { run: 'isal access vault init new-vault --key new-vault.key', shows: 'keep copies of the key' },
    ],
  },
  vaultPut: {
    line: 'keep disclosures',
    positionals: [{ name: 'DIR', text: 'the vault', complete: 'directory' }],
    options: {
      key: { like: 'vault key' },
      in: {
        value: 'FILE',
        complete: 'file',
        text: 'disclosures, one a line; with --field, the text of one field',
        required: true,
      },
      field: {
        value: 'NAME',
        text: 'make a disclosure of this field, for example identity, detail or approver; its digest is printed for _sd',
      },
    },
    shared: ['record', 'index', 'leaf', 'bundle', 'trust', 'url', 'max-age', 'readable-keys'],
    closed: true,
    oneOf: ['record', 'index', 'leaf'],
    notes: [
      'With --index or --leaf the ledger is asked for the entry, and learns which one, unless --bundle has it. With --record nothing is asked.',
    ],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      {
        run: 'isal access vault put vault --key vault.key --index 3 --in identity.disclosure',
        shows: 'a disclosure that entry 3 commits to',
      },
    ],
  },
  vaultGet: {
    line: 'hand disclosures out',
    positionals: [{ name: 'DIR', text: 'the vault', complete: 'directory' }],
    options: {
      key: { like: 'vault key' },
      field: { value: 'NAME', text: 'of this field alone' },
      out: { like: 'out', text: 'where to write them', unset: 'standard output' },
    },
    shared: ['record', 'index', 'leaf', 'bundle', 'trust', 'url', 'max-age', 'readable-keys'],
    closed: true,
    oneOf: ['record', 'index', 'leaf'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      {
        run: 'isal access vault get vault --key vault.key --index 3',
        shows: 'all disclosures of entry 3 that the vault keeps',
      },
    ],
  },
  vaultErase: {
    line: 'erase disclosures for good',
    positionals: [{ name: 'DIR', text: 'the vault', complete: 'directory' }],
    options: {
      key: { like: 'vault key' },
      field: { value: 'NAME', text: 'of this field alone' },
    },
    shared: ['record', 'index', 'leaf', 'bundle', 'trust', 'url', 'max-age', 'readable-keys'],
    closed: true,
    oneOf: ['record', 'index', 'leaf'],
    notes: ['It returns when no file of the vault holds them any more.'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      {
        run: 'isal access vault erase vault --key vault.key --index 3 --field identity',
        shows: 'who it was; the entry itself stays',
      },
    ],
  },
} as const;

const vault: Family = {
  name: 'vault',
  line: 'keep, hand out and erase what entries commit to',
  commands: [
    command('init', described.vaultInit, async () => (await import('./vault.ts')).init),
    command('put', described.vaultPut, async () => (await import('./vault.ts')).put),
    command('get', described.vaultGet, async () => (await import('./vault.ts')).get),
    command('erase', described.vaultErase, async () => (await import('./vault.ts')).erase),
  ],
};

export const access: Family = {
  name: 'access',
  line: 'who looked at customers’ data',
  commands: [
    command('open', described.open, async () => (await import('./open.ts')).open),
    command('mine', described.mine, async () => (await import('./mine.ts')).mine),
    command('summary', described.summary, async () => (await import('./summary.ts')).summary),
    command('tag', described.tag, async () => (await import('./tag.ts')).tag),
    command('disclose', described.disclose, async () => (await import('./disclose.ts')).disclose),
    vault,
  ],
};
