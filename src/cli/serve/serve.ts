/** `isal serve DIR`: runs the ledger until it is told to stop, or until going on would be a guess. */
import { LedgerError } from '../../errors.ts';
import type { Observer } from '../../http/exchange/observer.ts';
import type { RunningServer } from '../../http/server.ts';
import { startServer } from '../../http/server.ts';
import { EvidenceDirectory } from '../../ledger/conflicts/evidence-directory.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { Scrub } from '../../ledger/scrub.ts';
import type { Policy } from '../../note/policy.ts';
import { counted } from '../../words/en/numbers.ts';
import { addressOption } from '../terminal/args.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { openDirectory, type LedgerDirectory } from './directory.ts';
import { leadingOn, waysOut } from '../terminal/ways-out.ts';
import { exitStatus } from '../terminal/exit.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { cannotListen } from './listening.ts';
import { linkSigner, openLedger } from './opening.ts';
import { serverOptions, type Log } from './server-options.ts';
import { now } from './time.ts';

interface MetricsPlace {
  /** Undefined where no metrics are wanted. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  readonly ledger: Ledger;
  readonly evidence: EvidenceDirectory;
  readonly scrub: Scrub;
  readonly policy: Policy;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** Closes the ledger, and throws `usage`, when the address cannot be listened on. */
async function openMetrics({
  address,
  ledger,
  evidence,
  scrub,
  policy,
  log,
}: MetricsPlace): Promise<{ readonly server: RunningServer; readonly observer: Observer } | undefined> {
  if (address === undefined) return undefined;
  // Loaded where they are wanted, so that nothing else pays for them.
  const { Metrics } = await import('../../metrics/metrics.ts');
  const { startMetrics } = await import('../../metrics/listener.ts');
  const observer = new Metrics({ ledger, evidence, scrub, policy });
  try {
    const server = await startMetrics(observer, { ...address, log, failed: ledger.failed });
    return { server, observer };
  } catch (cause) {
    await ledger.close();
    throw cannotListen(address.port, cause);
  }
}

export async function serve(given: Given<typeof described.serve>, io: Io): Promise<number> {
  if (!given.values['read-only']) return serveLedger(given, io);
  // Loaded for it alone: it needs nothing of what signs.
  const { serveReadOnly } = await import('./read-only.ts');
  return serveReadOnly(given, io);
}

async function serveLedger(
  { values, positionals: [path] }: Given<typeof described.serve>,
  io: Io,
): Promise<number> {
  const givenMetrics = values.metrics === undefined ? undefined : addressOption('metrics', values.metrics);
  const directory = await openDirectory(path);
  const log: Log = (entry) => io.stderr(`${JSON.stringify(entry)}\n`);
  const options = serverOptions(directory, values, log);
  const link = await leadingOn(path, () => linkSigner(directory, values));
  const { ledger, evidence } = await leadingOn(path, () => openLedger(directory, link, { log, io }));
  // Listened for before anybody can be answered, so that no signal cuts an answer off.
  const stopped = new Promise<'stopped'>((resolve) => {
    process.once('SIGTERM', () => resolve('stopped'));
    process.once('SIGINT', () => resolve('stopped'));
  });
  const { quorumUnavailable } = ledger.health();
  if (quorumUnavailable !== undefined)
    log({ event: 'below-quorum', time: now(io), got: quorumUnavailable.got });
  const scrub = scrubOf(directory, ledger, log, io);
  // First, so that nobody is answered by a ledger that then cannot be watched as it was to be.
  const metrics = await openMetrics({
    address: givenMetrics ?? directory.config.metrics,
    ledger,
    evidence,
    scrub,
    policy: directory.trust.policy,
    log,
  });
  const observed = { ...options, observer: metrics?.observer };
  const server = await startServer(ledger, observed).catch(async (cause: unknown) => {
    await metrics?.server.close();
    await ledger.close();
    throw cannotListen(options.port, cause);
  });
  if (metrics !== undefined) io.stdout(`Metrics at ${metrics.server.url}/metrics\n`);
  io.stdout(
    `Serving ${directory.config.origin} at ${server.url}, ${counted(ledger.checkpoint()?.checkpoint.size ?? 0, 'entry', 'entries')}. Stop with Ctrl-C.\n`,
  );
  void ledger.failed.then(({ code, message }) => log({ event: 'failed', code, message }));
  void ledger.halted.then(({ code, message, facts }) => {
    if (ledger.health().error === undefined)
      log({ event: 'damaged', time: now(io), code, message, ...facts });
  });
  scrub.start();
  await Promise.race([stopped, ledger.failed]);
  await scrub.stop();
  await Promise.all([server.close(), metrics?.server.close()]);
  if (ledger.health().error === undefined) await ledger.close();
  else link.abandon();
  return ended(ledger, { path, log }, io);
}

function scrubOf(directory: LedgerDirectory, ledger: Ledger, log: Log, io: Io): Scrub {
  const onError = (error: unknown): void => {
    const known = error instanceof LedgerError ? error : undefined;
    log({
      event: 'scrub',
      time: now(io),
      code: known?.code ?? 'internal',
      message: known?.message ?? String(error),
    });
  };
  return new Scrub({ database: directory.database, ledger, onError });
}

function ended(ledger: Ledger, { path, log }: { path: string; log: Log }, io: Io): ExitStatus {
  // Asked for last: a write can fail on the way out, too, and is then no clean end.
  const { error } = ledger.health();
  if (error === undefined) {
    log({ event: 'stopped', peakMemoryKiB: process.resourceUsage().maxRSS });
    return 0;
  }
  // Going on after an ambiguous write would be a guess; the next start reads what is truly there.
  const toGoOn = waysOut(error, path)
    .map((line) => `  to go on  ${line}\n`)
    .join('');
  io.stderr(
    `isal: stopped: ${error.message}\n${toGoOn}  code      ${error.code} (isal explain ${error.code})\n`,
  );
  return exitStatus[error.code];
}
