/** `isal init` and `isal serve`, described. */
import { command } from '../terminal/command.ts';
import type { Command } from '../terminal/command.ts';

export const described = {
  init: {
    line: 'make a new ledger: keys, authority, trust file',
    positionals: [{ name: 'DIR', text: 'where to make it', complete: 'directory' }],
    options: {
      origin: {
        value: 'ORIGIN',
        required: true,
        text: 'the log’s name for all time, a URL without its scheme, such as ledger.example.ch/2026',
      },
      genesis: {
        value: 'FILE',
        complete: 'file',
        text: 'leaf 0: the first authority document, signed by the threshold of its own root keys (isal attest new authority, sign, cosign)',
        unset: 'one with trial keys for every party, in DIR/keys',
      },
      vendor: {
        value: 'NAME',
        default: 'Vendor AG',
        text: 'the vendor’s organisation in a trial authority document',
      },
      supervisor: {
        value: 'NAME',
        default: 'Supervisor AG',
        text: 'the supervisor’s organisation there',
      },
      url: { value: 'URL', text: 'where the ledger will be reached, written into the trust file' },
      witnesses: {
        value: 'FILE',
        complete: 'file',
        text: 'the witnesses and their quorum: witness, group and quorum lines of a tlog-policy, each witness with its URL',
        unset: 'quorum none',
      },
    },
    shared: ['no-post-quantum'],
    closed: true,
    statuses: [0, 1, 4],
    examples: [
      {
        run: 'isal init new-ledger --origin example.com/new-ledger --url http://127.0.0.1:6962',
        shows: 'to try it out, with trial keys',
      },
    ],
  },
  serve: {
    line: 'run the ledger',
    positionals: [{ name: 'DIR', text: 'a directory that isal init made', complete: 'directory' }],
    options: {
      host: { like: 'host', unset: 'config.json, then 127.0.0.1' },
      port: { like: 'port', unset: 'config.json, then 6962' },
      'read-only': {
        text: 'serve what can be verified of the store, sign nothing and take nothing: from a damaged store, a copy, a medium that takes no writes',
      },
      metrics: {
        value: 'HOST:PORT',
        text: 'answer GET /metrics there, for Prometheus',
        unset: 'config.json, then nowhere',
      },
      signer: {
        value: 'SOCKET',
        complete: 'file',
        text: 'where isal signer run listens, as another user',
        unset: 'a process of its own that serve starts',
      },
    },
    shared: ['quiet', 'readable-keys'],
    closed: true,
    notes: [
      'Stops on SIGTERM or SIGINT, after answering everything that it has accepted. The log’s keys are in another process, without which it does not go on.',
    ],
    statuses: [0, 1, 4, 5],
    meanings: {
      0: 'stopped as it was told to',
      1: 'the store is damaged, or was put back to an older state',
      5: 'the signer is gone; start again',
    },
    examples: [
      { run: 'isal serve my-ledger', shows: 'until Ctrl-C' },
      { run: 'isal serve --read-only my-ledger', shows: 'what is left of a store, for its readers' },
    ],
  },
} as const;

export const init: Command = command('init', described.init, async () => (await import('./init.ts')).init);

export const serve: Command = command(
  'serve',
  described.serve,
  async () => (await import('./serve.ts')).serve,
);
