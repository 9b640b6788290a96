/** `isal update` and `isal region`, described. */
import { command } from '../terminal/command.ts';
import type { Family } from '../terminal/command.ts';

export const described = {
  show: {
    line: 'which database this is, its chain to the first, whether others got it',
    positionals: [
      {
        name: 'WHAT',
        text: 'a file, sha256:HEX, sha512:HEX, or the name of a family (a file named as a family is ./NAME)',
        complete: 'file',
      },
      { name: 'VERSION', text: 'of a family, this version', optional: true },
    ],
    options: { family: { value: 'NAME', text: 'for a file or a digest: of this family alone' } },
    shared: ['platform', 'trust', 'url', 'max-age', 'json'],
    notes: ['The whole log is read and verified.'],
    marked: true,
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal update show base.db', shows: 'the database in this file' },
      { run: 'isal update show virus 1.0', shows: 'a version of a family, by name' },
    ],
  },
  chain: {
    line: 'every update of a family of databases back to the first',
    positionals: [{ name: 'FAMILY', text: 'the name of the family' }],
    options: {
      last: { value: 'N', default: '20', text: 'list the last N updates, and every break before them' },
    },
    shared: ['platform', 'trust', 'url', 'max-age', 'json'],
    notes: ['Skipped updates, forks and rollbacks stand out. The whole log is read and verified.'],
    marked: true,
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [{ run: 'isal update chain virus --last 5', shows: 'the five newest, and every break' }],
  },
  status: {
    line: 'where a region’s data are said to be, and were said to be before',
    positionals: [{ name: 'REGION', text: 'one region, instead of all', optional: true }],
    options: {
      'as-of': {
        value: 'TIME',
        text: 'hold promised dates against this time',
        unset: 'now',
      },
    },
    shared: ['trust', 'url', 'max-age', 'json'],
    notes: [
      'The last statement for each category, promised and actual dates, claims that were taken back, and every statement before. The whole log is read and verified.',
    ],
    marked: true,
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [{ run: 'isal region status europe', shows: 'of one region' }],
  },
} as const;

export const update: Family = {
  name: 'update',
  line: 'which database this is, and every update before it',
  commands: [
    command('show', described.show, async () => (await import('./show.ts')).show),
    command('chain', described.chain, async () => (await import('./chain.ts')).chain),
  ],
};

export const region: Family = {
  name: 'region',
  line: 'where a region’s data are said to be',
  commands: [command('status', described.status, async () => (await import('./region.ts')).status)],
};
