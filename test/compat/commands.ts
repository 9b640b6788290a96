/**
 * Every command whose answer is kept, in the order in which they are run. What
 * stands in braces is put in by each run: `{dir}` is a copy of the fixture,
 * `{out}` an empty directory, `{url}` the ledger of the copy as it is served,
 * `{export}` and `{broken}` the static trees of the same name.
 */
import { contentsOf } from './commands/asking.ts';
import type { Command } from './commands/asking.ts';
import {
  storeCommands,
  bundleCommands,
  requireCommands,
  sealCommands,
  trustCommands,
  damagedCommands,
  inspectCommands,
  proofFileCommands,
  evidenceCommands,
  lintCommands,
  explainCommands,
} from './commands/offline.ts';
import {
  onlineCommands,
  replayCommands,
  bundleGetCommands,
  proofCommands,
  logCommands,
  updateCommands,
  regionCommands,
  accessCommands,
  authorityCommands,
  monitorCommands,
} from './commands/online.ts';

export type { Command, Output } from './commands/asking.ts';

/** Commands of one kind, and whether the ledger must be served for them or must not be. */
export interface Group {
  readonly name: string;
  readonly stage: 'resting' | 'served';
  readonly commands: readonly Command[];
}

export async function groups(): Promise<readonly Group[]> {
  const contents = await contentsOf();
  const resting = (name: string, commands: readonly Command[]): Group => ({
    name,
    stage: 'resting',
    commands,
  });
  const served = (name: string, commands: readonly Command[]): Group => ({ name, stage: 'served', commands });
  return [
    resting('store', storeCommands(contents)),
    resting('verify-bundle', bundleCommands(contents)),
    resting('verify-require', requireCommands()),
    resting('verify-seal', sealCommands(contents)),
    resting('verify-trust', trustCommands(contents)),
    resting('damaged', damagedCommands(contents)),
    resting('bundle-inspect', inspectCommands()),
    resting('proof-file', proofFileCommands(contents)),
    resting('evidence', evidenceCommands(contents)),
    resting('attest-lint', lintCommands(contents)),
    resting('explain', explainCommands(contents)),
    served('verify-online', onlineCommands()),
    served('verify-replay', replayCommands()),
    served('bundle-get', bundleGetCommands()),
    served('proof', proofCommands(contents)),
    served('log', logCommands(contents)),
    served('update', updateCommands()),
    served('region', regionCommands()),
    served('access', accessCommands(contents)),
    served('authority', authorityCommands()),
    served('monitor', monitorCommands()),
  ];
}
