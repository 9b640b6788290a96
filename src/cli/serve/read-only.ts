/** `isal serve --read-only DIR`: what is left of a store, for its readers, until it is told to stop. */
import { LedgerError } from '../../errors.ts';
import { startReadOnlyServer } from '../../http/server.ts';
import { openGenesis } from '../../ledger/genesis.ts';
import { ReadOnlyLog } from '../../ledger/read-only.ts';
import type { LevelFiles } from '../../storage/leveldb/level-files.ts';
import type { Finding } from '../../storage/leveldb/damage.ts';
import { counted } from '../../words/en/numbers.ts';
import type { Given } from '../terminal/command.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { leadingOn } from '../terminal/ways-out.ts';
import type { described } from './commands.ts';
import { openPublicDirectory, type LedgerDirectory } from './directory.ts';
import { cannotListen } from './listening.ts';
import { serverOptions, type Log } from './server-options.ts';
import { lookAt } from './looking.ts';

export async function serveReadOnly(
  { values, positionals: [path] }: Given<typeof described.serve>,
  io: Io,
): Promise<ExitStatus> {
  if (values.metrics !== undefined) {
    throw new LedgerError('usage', '--metrics is for a ledger that takes entries', {
      expected: '--read-only without --metrics',
    });
  }
  const directory = await openPublicDirectory(path);
  const log: Log = (entry) => io.stderr(`${JSON.stringify(entry)}\n`);
  const options = serverOptions(directory, values, log);
  const look = (): Promise<ExitStatus> =>
    lookAt(directory.database, async (storage, findings): Promise<ExitStatus> => {
      const ledger = await openReadOnly(directory, storage, { findings, log });
      const stopped = new Promise<void>((resolve) => {
        process.once('SIGTERM', () => resolve());
        process.once('SIGINT', () => resolve());
      });
      const server = await startReadOnlyServer(ledger, options).catch((cause: unknown) => {
        throw cannotListen(options.port, cause);
      });
      const size = ledger.checkpoint()?.checkpoint.size ?? 0;
      io.stdout(
        `Serving ${directory.config.origin} at ${server.url}, ${counted(size, 'entry', 'entries')}, read-only: nothing is signed and nothing is taken. Stop with Ctrl-C.\n`,
      );
      await stopped;
      await server.close();
      log({ event: 'stopped', peakMemoryKiB: process.resourceUsage().maxRSS });
      return 0;
    });
  // What this very command could not do is no way out.
  return leadingOn(path, look, { but: 'isal serve --read-only' });
}

interface Telling {
  readonly findings: readonly Finding[];
  readonly log: Log;
}

/** Opens the log, and tells the operator what of the store is not served, or not sure to be. */
async function openReadOnly(
  { genesis, config, trust }: LedgerDirectory,
  storage: LevelFiles,
  { findings, log }: Telling,
): Promise<ReadOnlyLog> {
  for (const { kind, file, offset, what } of findings) {
    if (kind !== 'harmless') log({ event: 'damaged', file, offset, what });
  }
  const { origin } = config;
  const ledger = await ReadOnlyLog.open({
    storage,
    genesis: openGenesis(genesis, origin),
    origin,
    policy: trust.policy,
  });
  for (const { code, message, got } of ledger.passedOver) log({ event: 'passed-over', code, message, got });
  return ledger;
}
