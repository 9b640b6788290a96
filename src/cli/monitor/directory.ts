/**
 * A monitor's directory, as `isal monitor init` makes it:
 *
 *     watch.json                     the watch list (schemas/watch.json)
 *     trust.json                     the trust file that was pinned
 *     evidence/                      what convicts a log or a source, one file each
 *     logs/<16 hex digits>/          LevelDB, one for each origin (src/monitor/rows.ts)
 *     status.json                    what the last round saw, for `status` while another process runs
 */
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { sha256 } from '#sha256';
import type { WatchList, WatchedLog } from '../../attestation/types.ts';
import { toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { EvidenceFolder } from '../../monitor/evidence.ts';
import { Follower } from '../../monitor/follow.ts';
import type { FollowerOptions } from '../../monitor/follow.ts';
import { MonitorStore } from '../../monitor/store.ts';
import { formatWatch, maxAgeOf, maxWatchBytes, parseWatch } from '../../monitor/watch.ts';
import { witnessReaders } from '../../monitor/witnesses.ts';
import { verifyEd25519Async } from '../../platform/ed25519.node.ts';
import { openLevel } from '../../storage/level.ts';
import { maxTrustBytes, parseTrust } from '../../verifier/trust.ts';
import type { Trust } from '../../verifier/trust.ts';
import { LedgerClient } from '../../client/client.ts';
import { readSmall } from '../terminal/files.ts';
import { requireKept, requireModeOf } from '../terminal/modes.ts';
import type { Io } from '../terminal/io.ts';
import { ledgerUrl } from '../online/trust.ts';

export interface Watched {
  readonly entry: WatchedLog;
  readonly trust: Trust;
  readonly url: string;
  readonly maxAge: number | undefined;
}

export interface Watch {
  readonly list: WatchList;
  readonly logs: readonly Watched[];
}

/** A log whose store is open in this process. */
export interface OpenLog extends Watched {
  readonly store: MonitorStore;
}

/** Makes a monitor's directory with a template to go on from. Throws `store-exists` if there is anything in it. */
export async function createMonitor(
  path: string,
  { trustBytes, url }: { readonly trustBytes: Uint8Array; readonly url: string | undefined },
): Promise<void> {
  const present = await readdir(path).catch(() => []);
  if (present.length > 0) {
    throw new LedgerError('store-exists', 'there is already something in that place', {
      expected: 'a path that does not exist yet, or an empty directory',
      got: path,
    });
  }
  await mkdir(path, { recursive: true, mode: 0o700 });
  const rules: WatchedLog['rules'] = [
    { alert: 'product', product: 'Name of a product', label: 'an example: put in your own' },
    { alert: 'unauthorised' },
    { alert: 'gap', after: 3_600 },
    { alert: 'silence', seconds: 7 * 86_400 },
  ];
  const watch: WatchList = {
    format: 'isal-watch/v1',
    logs: [{ trust: 'trust.json', ...defined({ url }), rules }],
    interval: 60,
  };
  // Not for others to read: the webhook's address, once there, is often its password.
  await writeFile(join(path, 'trust.json'), trustBytes, { flag: 'wx', flush: true, mode: 0o600 });
  await writeFile(join(path, 'watch.json'), formatWatch(watch), { flag: 'wx', flush: true, mode: 0o600 });
}

/**
 * Reads the watch list and every trust file in it. Throws `no-trust-file`,
 * `malformed-watch`, `malformed-trust`, `file-writable-by-others`, `usage`.
 */
export async function readWatch(path: string): Promise<Watch> {
  await requireKept('monitor', path);
  const list = parseWatch(await readSmall(join(path, 'watch.json'), maxWatchBytes));
  const logs: Watched[] = [];
  for (const entry of list.logs) {
    const trust = await pinned(isAbsolute(entry.trust) ? entry.trust : join(path, entry.trust));
    if (logs.some((other) => other.trust.origin === trust.origin)) {
      throw new LedgerError('malformed-watch', 'a log is in the watch list twice', {
        expected: 'each origin once',
        got: trust.origin,
      });
    }
    logs.push({ entry, trust, url: ledgerUrl(entry.url, trust), maxAge: maxAgeOf(entry, trust) });
  }
  return { list, logs };
}

async function pinned(path: string): Promise<Trust> {
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (!there) {
    throw new LedgerError('no-trust-file', 'the watch list names a trust file that is not there', {
      expected: 'the supervisor’s trust file, got over a channel that you trust and not from the ledger',
      got: path,
    });
  }
  await requireModeOf(path, 'public');
  return parseTrust(await readSmall(path, maxTrustBytes));
}

/** Opens the store of a log. Throws `store-locked` while another process has it open. */
export async function openLog(path: string, watched: Watched, io: Io): Promise<OpenLog> {
  const { trust } = watched;
  const directory = join(path, 'logs', toHex(sha256(utf8(trust.origin))).slice(0, 16));
  const there = await access(join(directory, 'CURRENT')).then(
    () => true,
    () => false,
  );
  const storage = await openLevel(directory, { create: !there });
  try {
    const now = Math.floor(io.now() / 1_000);
    return { ...watched, store: await MonitorStore.open(storage, { trust, now }) };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** Opens them all, or none. */
export async function openLogs(path: string, { logs }: Watch, io: Io): Promise<OpenLog[]> {
  const open: OpenLog[] = [];
  try {
    for (const watched of logs) open.push(await openLog(path, watched, io));
    return open;
  } catch (error) {
    for (const { store } of open) await store.close();
    throw error;
  }
}

/** A log that says "later" is waited for within a round, and not so long that a monitor could not be stopped. */
const logPatienceMs = 20_000;

export function followerOf(
  path: string,
  { store, trust, url, maxAge, entry }: OpenLog,
  { io, ...hooks }: { readonly io: Io } & Pick<FollowerOptions, 'onProgress' | 'onFindings'>,
): Follower {
  return new Follower({
    store,
    trust,
    rules: entry.rules,
    maxAge,
    patience: entry.patience,
    fetchPath: new LedgerClient(url, { patienceMs: logPatienceMs }).fetchPath,
    // A witness without time is asked in the next round; it must not hold up this one.
    witnesses: witnessReaders(
      trust.policy,
      (witness) => new LedgerClient(witness, { patienceMs: 0 }).fetchPath,
    ),
    evidence: new EvidenceFolder(join(path, 'evidence')),
    now: () => io.now(),
    verify: verifyEd25519Async,
    ...hooks,
  });
}
