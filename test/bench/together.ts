/**
 * `isal serve` as it would be with its signer in the same process: what the
 * signer's own process costs is measured against it.
 */
import { openDirectory } from '../../src/cli/serve/directory.ts';
import { openSignerDirectory } from '../../src/cli/serve/log-keys.ts';
import { Anchor } from '../../src/cosigner/anchor.ts';
import { startServer } from '../../src/http/server.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLevel } from '../../src/storage/level.ts';
import { answerJobs } from './worker.ts';

export interface TogetherJob {
  /** As `isal init` made it, and never served. */
  readonly directory: string;
}

/** The URL it listens at. */
answerJobs(async ({ directory }: TogetherJob): Promise<string> => {
  const { config, genesis, trust, database, anchor } = await openDirectory(directory);
  const { keys: logKeys, origin } = await openSignerDirectory(directory);
  const storage = await openLevel(database, { create: true });
  const ledger = await Ledger.open({
    storage,
    anchor: await Anchor.open(anchor),
    logKeys,
    genesis,
    origin,
    policy: trust.policy,
  });
  const server = await startServer(ledger, {
    host: '127.0.0.1',
    port: 0,
    trust,
    prefix: config.prefix ?? '',
  });
  return server.url;
});
