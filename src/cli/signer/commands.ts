/** `isal signer`, described. */
import { command } from '../terminal/command.ts';
import type { Family } from '../terminal/command.ts';

export const described = {
  run: {
    line: 'run it, for the server that connects',
    positionals: [
      {
        name: 'DIR',
        text: 'a ledger’s directory; of it config.json, keys/ and anchor/ are enough',
        complete: 'directory',
      },
    ],
    options: {
      socket: {
        value: 'FILE',
        complete: 'file',
        text: 'the Unix socket that isal serve --signer is told',
        unset: 'signer.sock in DIR',
      },
      group: {
        value: 'GROUP',
        text: 'the group of the server, by name or number: the socket gets mode 0660',
        unset: 'mode 0600, for this user alone',
      },
    },
    shared: ['readable-keys'],
    closed: true,
    notes: [
      'Signs for one server at a time. Stops on SIGTERM or SIGINT, after the signature that it is making; the server then ends, too.',
    ],
    statuses: [0, 4],
    meanings: { 0: 'stopped as it was told to' },
    examples: [{ run: 'isal signer run my-ledger', shows: 'until Ctrl-C' }],
  },
} as const;

export const signer: Family = {
  name: 'signer',
  line: 'keep the log’s keys in a process of another user',
  notes: [
    'isal serve starts a signer by itself. One that runs as another user protects the keys also from whoever takes over the server: that can have any extension of the log signed, and cannot take the keys away.',
  ],
  commands: [command('run', described.run, async () => (await import('./run.ts')).run)],
};
