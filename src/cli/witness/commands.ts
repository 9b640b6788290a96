/** `isal witness`, described. */
import { command } from '../terminal/command.ts';
import type { Family } from '../terminal/command.ts';

export const described = {
  init: {
    line: 'make a witness: keys, the logs it cosigns, its lines for policies',
    positionals: [{ name: 'DIR', text: 'where to make it', complete: 'directory' }],
    options: {
      name: {
        value: 'NAME',
        required: true,
        text: 'its name for all time, a URL without its scheme, such as witness.example.org/w1',
      },
      policy: {
        value: 'FILE',
        complete: 'file',
        required: true,
        text: 'the logs that it cosigns: a tlog-policy, or a ledger’s trust file',
      },
      url: { value: 'URL', text: 'where logs will reach it, for the lines that policies take' },
      'no-ed25519': { text: 'cosign with ML-DSA-44 alone' },
    },
    shared: ['no-post-quantum'],
    closed: true,
    statuses: [0, 4],
    examples: [
      {
        run: 'isal witness init new-witness --name witness.example.org/w2 --policy trust.json',
        shows: 'prints the line that policies take',
      },
    ],
  },
  run: {
    line: 'run it',
    positionals: [{ name: 'DIR', text: 'a directory that isal witness init made', complete: 'directory' }],
    options: {
      host: { like: 'host', default: '127.0.0.1' },
      port: { like: 'port', default: '6963' },
    },
    shared: ['quiet', 'readable-keys'],
    closed: true,
    notes: ['Stops on SIGTERM or SIGINT, after answering everything that it has accepted.'],
    statuses: [0, 1, 4, 5],
    meanings: {
      0: 'stopped as it was told to',
      1: 'the store is damaged, or was put back to an older state',
    },
    examples: [{ run: 'isal witness run my-witness', shows: 'until Ctrl-C' }],
  },
  show: {
    line: 'its lines for policies, and what it has refused that may be a fork',
    positionals: [{ name: 'DIR', text: 'a directory that isal witness init made', complete: 'directory' }],
    options: { url: { value: 'URL', text: 'where logs reach it, to stand in the lines' } },
    shared: ['readable-keys'],
    statuses: [0, 4],
    examples: [
      { run: 'isal witness show my-witness --url https://witness.example.org', shows: 'to hand on' },
    ],
  },
} as const;

export const witness: Family = {
  name: 'witness',
  line: 'cosign checkpoints that extend the one before',
  notes: [
    'A witness cosigns a checkpoint only if that extends the one that it cosigned last. To add a log, put its line into DIR/policy.txt and start again; there is room for 10,000.',
  ],
  commands: [
    command('init', described.init, async () => (await import('./witness.ts')).init),
    command('run', described.run, async () => (await import('./witness.ts')).serve),
    command('show', described.show, async () => (await import('./witness.ts')).show),
  ],
};
