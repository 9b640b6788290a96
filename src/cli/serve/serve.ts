/** `isal serve DIR`: runs the ledger until it is told to stop, or until going on would be a guess. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Anchor } from '../../cosigner/anchor.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import type { Observer } from '../../http/exchange/observer.ts';
import type { RunningServer } from '../../http/server.ts';
import { startServer } from '../../http/server.ts';
import type { KeptEvidence } from '../../ledger/conflicts/number-conflicts.ts';
import { EvidenceDirectory } from '../../ledger/conflicts/evidence-directory.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { defaultRoundTimes } from '../../ledger/publisher.ts';
import type { WitnessStatus } from '../../ledger/witnessing/witness-round.ts';
import type { Policy } from '../../note/policy.ts';
import { openLevel } from '../../storage/level.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Trust } from '../../verifier/trust.ts';
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
import { serverOptions, type Log } from './server-options.ts';

/** Fresh enough for the readers that the trust file is for, with time to spare for two rounds that fail. */
function refreshMs({ maxAge }: Trust): number {
  return Math.min(defaultRoundTimes.refreshMs, maxAge === undefined ? Infinity : (maxAge * 1000) / 3);
}

/**
 * The database first and the anchor after it, which is read only when nobody
 * else can move it any more. A server that is started twice by mistake stops at
 * the database, and the one that runs does not notice.
 */
async function openStore(directory: LedgerDirectory): Promise<{ storage: Storage; anchor: Anchor }> {
  const present = await access(join(directory.database, 'CURRENT')).then(
    () => true,
    () => false,
  );
  // A database is made only for a ledger that has committed itself to nothing
  // yet; a missing one is otherwise refused, not replaced by an empty one.
  const create = !present && (await Anchor.open(directory.anchor)).head.size === 0;
  const storage = await openLevel(directory.database, { create });
  try {
    return { storage, anchor: await Anchor.open(directory.anchor) };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

interface MetricsPlace {
  /** Undefined where no metrics are wanted. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  readonly ledger: Ledger;
  readonly evidence: EvidenceDirectory;
  readonly policy: Policy;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** Closes the ledger, and throws `usage`, when the address cannot be listened on. */
async function openMetrics({
  address,
  ledger,
  evidence,
  policy,
  log,
}: MetricsPlace): Promise<{ readonly server: RunningServer; readonly observer: Observer } | undefined> {
  if (address === undefined) return undefined;
  // Loaded where they are wanted, so that nothing else pays for them.
  const { Metrics } = await import('../../metrics/metrics.ts');
  const { startMetrics } = await import('../../metrics/listener.ts');
  const observer = new Metrics({ ledger, evidence, policy });
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
  const { ledger, evidence } = await leadingOn(path, () => openLedger(directory, log, io));
  // Listened for before anybody can be answered, so that no signal cuts an answer off.
  const stopped = new Promise<'stopped'>((resolve) => {
    process.once('SIGTERM', () => resolve('stopped'));
    process.once('SIGINT', () => resolve('stopped'));
  });
  const { quorumUnavailable } = ledger.health();
  if (quorumUnavailable !== undefined)
    log({ event: 'below-quorum', time: now(io), got: quorumUnavailable.got });
  // First, so that nobody is answered by a ledger that then cannot be watched as it was to be.
  const metrics = await openMetrics({
    address: givenMetrics ?? directory.config.metrics,
    ledger,
    evidence,
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
  await Promise.race([stopped, ledger.failed]);
  await Promise.all([server.close(), metrics?.server.close()]);
  if (ledger.health().error === undefined) await ledger.close();
  return ended(ledger, { path, log }, io);
}

async function openLedger(
  directory: LedgerDirectory,
  log: Log,
  io: Io,
): Promise<{ readonly ledger: Ledger; readonly evidence: EvidenceDirectory }> {
  const { storage, anchor } = await openStore(directory);
  const evidence = await EvidenceDirectory.open(directory.evidence).catch(async (error: unknown) => {
    await storage.close();
    throw error;
  });
  const ledger = await Ledger.open({
    storage,
    anchor,
    logKeys: directory.logKeys,
    genesis: directory.genesis,
    origin: directory.config.origin,
    policy: directory.trust.policy,
    witnessing: {
      times: { refreshMs: refreshMs(directory.trust) },
      onChange: (status) => log({ event: 'witness', time: now(io), ...wordsOf(status) }),
    },
    evidence: {
      store: evidence,
      onKept: (kept) => log({ event: 'equivocation', time: now(io), ...factsOf(kept) }),
    },
    ...defined({ archiveInterval: directory.config.archiveInterval }),
  });
  return { ledger, evidence };
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

function now(io: Io): string {
  return new Date(io.now()).toISOString();
}

/** Which number was used twice, and where the evidence is; what was signed stays in the file. */
function factsOf({ error, ...kept }: KeptEvidence): Readonly<Record<string, unknown>> {
  if (error === undefined) return { ...kept };
  const code = error instanceof LedgerError ? error.code : 'internal';
  return { ...kept, code, message: error instanceof Error ? error.message : 'evidence was not kept' };
}

function wordsOf({ names, url, state, error }: WitnessStatus): Readonly<Record<string, unknown>> {
  return { names, url, state, ...defined({ code: error?.code, message: error?.message, got: error?.got }) };
}
