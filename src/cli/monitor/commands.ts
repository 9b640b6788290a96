/** `isal monitor`, described. */
import { command } from '../terminal/command.ts';
import type { Family } from '../terminal/command.ts';

export const described = {
  init: {
    line: 'make a monitor: pin the trust file, write a watch list',
    positionals: [{ name: 'DIR', text: 'where to make it', complete: 'directory' }],
    options: {
      trust: { like: 'trust', text: 'the trust file to pin' },
      url: { like: 'url', text: 'where the log is read' },
    },
    closed: true,
    statuses: [0, 4],
    examples: [
      { run: 'isal monitor init new-watch --trust trust.json', shows: 'writes new-watch/watch.json' },
    ],
  },
  once: {
    line: 'look at every log once, for cron; new findings on standard output',
    positionals: [{ name: 'DIR', text: 'a directory that isal monitor init made', complete: 'directory' }],
    options: { json: { like: 'json', text: 'findings as JSON, one to a line' } },
    closed: true,
    statuses: [0, 1, 3, 4, 5],
    meanings: {
      0: 'nothing new',
      1: 'findings, or something speaks against a log',
      3: 'stale, or a signature or quorum is missing',
      5: 'a log or the webhook did not answer',
    },
    examples: [{ run: 'isal monitor once watch', shows: 'only what is new since the last time' }],
  },
  run: {
    line: 'keep looking, until SIGTERM',
    positionals: [{ name: 'DIR', text: 'a directory that isal monitor init made', complete: 'directory' }],
    options: { json: { like: 'json', text: 'findings as JSON, one to a line' } },
    closed: true,
    statuses: [0, 1, 4],
    meanings: { 0: 'stopped as it was told to', 1: 'its own store is damaged' },
    examples: [{ run: 'isal monitor run watch', shows: 'until Ctrl-C' }],
  },
  status: {
    line: 'size, age, open findings and outbox of every log',
    positionals: [{ name: 'DIR', text: 'a directory that isal monitor init made', complete: 'directory' }],
    options: { json: { like: 'json', text: 'the status as JSON' } },
    closed: true,
    statuses: [0, 1, 4],
    meanings: { 1: 'its own store is damaged' },
    examples: [{ run: 'isal monitor status watch', shows: 'also while a monitor runs' }],
  },
} as const;

export const monitor: Family = {
  name: 'monitor',
  line: 'independent eyes on one or more logs',
  notes: ['Which logs, under which trust files, and what to report stands in DIR/watch.json.'],
  commands: [
    command('init', described.init, async () => (await import('./monitor.ts')).init),
    command('once', described.once, async () => (await import('./monitor.ts')).once),
    command('run', described.run, async () => (await import('./monitor.ts')).follow),
    command('status', described.status, async () => (await import('./monitor.ts')).status),
  ],
};
