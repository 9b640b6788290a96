/**
 * Every command there is. Descriptions alone are loaded here; what runs is
 * loaded when it is to run, so that `isal verify` does not pay for the server,
 * nor help for either.
 */
import { access } from './access/commands.ts';
import { attest } from './attest/commands.ts';
import { authority } from './authority/commands.ts';
import { demo } from './demo/commands.ts';
import { explain } from './explain/commands.ts';
import { described } from './help/commands.ts';
import type { Table } from './help/table.ts';
import { log } from './log/commands.ts';
import { monitor } from './monitor/commands.ts';
import { init, serve } from './serve/commands.ts';
import { store } from './store/commands.ts';
import { command } from './terminal/command.ts';
import { region, update } from './update/commands.ts';
import { bundle, proof, verify } from './verify/commands.ts';
import { witness } from './witness/commands.ts';

const help = command('help', described.help, async () => {
  const { help: run } = await import('./help/help.ts');
  return (given, io) => run(table, given, io);
});

const completion = command('completion', described.completion, async () => {
  const { completion: run } = await import('./help/completion.ts');
  return (given, io) => run(table, given, io);
});

export const table: Table = {
  root: {
    name: 'isal',
    line: 'append-only ledger of supervised builds, database updates, data access',
    notes: ['isal COMMAND --help says how a command is used, isal --version which isal it is.'],
    commands: [
      verify,
      explain,
      bundle,
      proof,
      log,
      update,
      region,
      access,
      monitor,
      attest,
      init,
      serve,
      store,
      authority,
      witness,
      demo,
      help,
      completion,
    ],
  },
  groups: [
    {
      title: 'for customers',
      entries: [
        { node: verify },
        { node: explain },
        { node: bundle },
        { node: proof },
        { node: log },
        { node: update },
        { node: region },
        {
          node: access,
          names: ['open', 'mine', 'summary'],
          line: 'who looked at my data, and what a disclosure shows',
        },
      ],
    },
    { title: 'for monitors', entries: [{ node: monitor }] },
    { title: 'for signers', entries: [{ node: attest }] },
    {
      title: 'for the operator and the supervisor',
      entries: [
        { node: init },
        { node: serve },
        { node: store },
        { node: authority },
        {
          node: access,
          names: ['tag', 'disclose', 'vault'],
          line: 'keep, hand out and erase what entries commit to',
        },
      ],
    },
    { title: 'for witnesses', entries: [{ node: witness }] },
    { title: 'for everybody', entries: [{ node: demo }, { node: help }, { node: completion }] },
  ],
};
