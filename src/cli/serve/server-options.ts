/** What `isal serve` tells its server, whether it takes entries or not. */
import { defaultLimits } from '../../http/bounds/limits.ts';
import type { LedgerServerOptions } from '../../http/server.ts';
import { numberOption } from '../terminal/args.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { LedgerDirectory } from './directory.ts';

/** One line of JSON on standard error. */
export type Log = (entry: Readonly<Record<string, unknown>>) => void;

/** Where and how a ledger's directory is served: by the options given, else by its configuration. */
export function serverOptions(
  { config, trust }: LedgerDirectory,
  { host, port, quiet }: Pick<Given<typeof described.serve>['values'], 'host' | 'port' | 'quiet'>,
  log: Log,
): LedgerServerOptions {
  const givenPort = port === undefined ? undefined : numberOption('port', port, { min: 0, max: 65535 });
  return {
    host: host ?? config.host ?? '127.0.0.1',
    port: givenPort ?? config.port ?? 6962,
    trust,
    prefix: config.prefix ?? '',
    trustedProxies: config.trustedProxies,
    limits: { address: { ...defaultLimits.address, ...config.limits } },
    ...(quiet ? {} : { log }),
  };
}
