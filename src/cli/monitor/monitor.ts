/** `isal monitor`: independent eyes on one or more logs. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { LedgerError } from '../../errors.ts';
import { findingLine } from '../../monitor/finding.ts';
import type { Finding, FindingKind } from '../../monitor/finding.ts';
import type { Round } from '../../monitor/follow.ts';
import { backoffMs, deliverAll } from '../../monitor/outbox.ts';
import type { Channel } from '../../monitor/outbox.ts';
import { defaultInterval } from '../../monitor/watch.ts';
import { WebhookChannel } from '../../monitor/webhook.ts';
import type { WitnessView } from '../../monitor/witnesses.ts';
import { maxTrustBytes, parseTrust } from '../../verifier/trust.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall } from '../terminal/files.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { createMonitor, followerOf, openLogs, readWatch } from './directory.ts';
import type { OpenLog, Watch } from './directory.ts';
import { readStatus, statusOf, statusText, writeStatus } from './status.ts';
import type { LogStatus } from './status.ts';
import { progress } from '../terminal/progress.ts';
import type { Progress } from '../terminal/progress.ts';
import { ledgerUrl, trustPath } from '../online/trust.ts';

/** Milliseconds between tries of a webhook in one `once`; what is left then waits for the next one. */
const waitsAtOnce: readonly number[] = [250, 1_000];

export async function init(
  { values: { trust, url }, positionals: [path] }: Given<typeof described.init>,
  io: Io,
): Promise<ExitStatus> {
  const trustBytes = await readSmall(trustPath(trust, io), maxTrustBytes);
  const pinned = parseTrust(trustBytes);
  const address = ledgerUrl(url, pinned);
  await createMonitor(path, { trustBytes, url });
  io.stdout(
    printableLines(`Watching ${pinned.origin} at ${address}.

  ${join(path, 'trust.json')}
      the trust file, pinned as it is now; leaf 0 has the hash ${pinned.genesis}
  ${join(path, 'watch.json')}
      what to report; put in your products, digests and keys, and a webhook

Next: isal monitor once ${path}
`),
  );
  return 0;
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Kinds for which `once` exits with 3 or 5 as long as they hold. */
const ownStatus: ReadonlySet<FindingKind> = new Set<FindingKind>([
  'stale',
  'policy',
  'behind',
  'unreachable',
  'withheld',
]);

/** Prints findings; a line is out before the next position is kept. */
class Lines implements Channel {
  readonly name = 'stdout';
  readonly #io: Io;
  readonly #json: boolean;
  /** Printed so far; what is over, or has an exit status of its own, is not news. */
  news = 0;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.#json = json;
  }

  async deliver(findings: readonly Finding[]): Promise<number> {
    for (const finding of findings) {
      const line = this.#json ? JSON.stringify(finding) : printable(findingLine(finding));
      this.#io.stdout(`${line}\n`);
      if (finding.state !== 'over' && !ownStatus.has(finding.kind)) this.news++;
    }
    return findings.length;
  }
}

function channelsOf({ list }: Watch): string[] {
  return ['stdout', ...(list.webhook === undefined ? [] : ['webhook'])];
}

export async function once(
  { values: { json }, positionals: [path] }: Given<typeof described.once>,
  io: Io,
): Promise<ExitStatus> {
  const watch = await readWatch(path);
  const logs = await openLogs(path, watch, io);
  try {
    const printed = new Lines(io, json);
    const { webhook } = watch.list;
    const look = async (log: OpenLog): Promise<{ round: Round; status: LogStatus; sent: boolean }> => {
      const bar = barOf(io);
      const round = await followerOf(path, log, { io, onProgress: bar.update }).round();
      bar.end();
      // Also what an earlier run has found and was stopped before it could print.
      await deliverAll(log.store, printed);
      const sent = webhook === undefined || (await sendSome(log, new WebhookChannel(webhook), io));
      return { round, sent, status: await statusOf(log, channelsOf(watch), round.witnesses) };
    };
    // All at once: a log that answers a byte at a time must not keep us from the others.
    const work = logs.map(look);
    // None may go on when the stores close, also after a fault in one of them.
    await Promise.allSettled(work);
    const looks = await Promise.all(work);
    const rounds = looks.map(({ round }) => round);
    await writeStatus(
      path,
      looks.map(({ status }) => status),
    );
    if (printed.news > 0 || rounds.some(({ contradicted }) => contradicted)) return 1;
    if (rounds.some(({ policy }) => policy)) return 3;
    return looks.some(({ round, sent }) => round.unreachable || !sent) ? 5 : 0;
  } finally {
    for (const { store } of logs) await store.close();
  }
}

/** Whether the webhook has taken everything; tries a few times, so that cron is not held up by it. */
async function sendSome({ store, trust }: OpenLog, webhook: Channel, io: Io): Promise<boolean> {
  for (let failures = 0; ; failures++) {
    try {
      await deliverAll(store, webhook);
      return true;
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code !== 'unreachable') throw error;
      const pause = waitsAtOnce[failures];
      if (pause === undefined) {
        const waiting = store.known.next - (await store.delivered(webhook.name));
        const rest = `${waiting} to deliver about ${trust.origin} wait for it`;
        io.stderr(printableLines(`isal: ${error.message}: ${error.got ?? ''}; ${rest}\n`));
        return false;
      }
      await wait(pause);
    }
  }
}

export async function follow(
  { values: { json }, positionals: [path] }: Given<typeof described.run>,
  io: Io,
): Promise<ExitStatus> {
  const watch = await readWatch(path);
  const logs = await openLogs(path, watch, io);
  const stop = new AbortController();
  const stopped = (): void => stop.abort();
  process.once('SIGTERM', stopped);
  process.once('SIGINT', stopped);
  const witnessed = new Map<OpenLog, readonly WitnessView[]>();
  /** Statuses are written one after the other. */
  let written: Promise<void> = Promise.resolve();
  const leaveStatus = (): Promise<void> => {
    written = written.then(async () => {
      const statuses = logs.map((log) => statusOf(log, channelsOf(watch), witnessed.get(log)));
      await writeStatus(path, await Promise.all(statuses));
    });
    return written;
  };
  // The first round may take hours, and `status` has nothing else to read meanwhile.
  await leaveStatus().catch(async (error: unknown) => {
    for (const { store } of logs) await store.close();
    throw error;
  });
  const intervalMs = (watch.list.interval ?? defaultInterval) * 1_000;
  io.stderr(
    printableLines(`Watching ${logs.map(({ trust }) => trust.origin).join(', ')}. Stop with Ctrl-C.\n`),
  );
  const work = logs.flatMap((log) => {
    const webhook = watch.list.webhook === undefined ? [] : [new WebhookChannel(watch.list.webhook)];
    const posts = [new Lines(io, json), ...webhook].map((channel) => new Post(log, channel, io));
    const bar = barOf(io);
    const follower = followerOf(path, log, {
      io,
      onProgress: bar.update,
      onFindings: () => posts.forEach((post) => post.wake()),
    });
    const looking = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const { witnesses } = await follower.round(stop.signal);
        bar.end();
        witnessed.set(log, witnesses);
        await leaveStatus();
        await wait(intervalMs, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    };
    return [looking(), ...posts.map((post) => post.run(stop.signal))];
  });
  try {
    await Promise.all(work);
    return 0;
  } finally {
    // Also after a fault in one of them: none may go on when the stores close.
    stop.abort();
    await Promise.allSettled(work);
    process.off('SIGTERM', stopped);
    process.off('SIGINT', stopped);
    for (const { store } of logs) await store.close();
  }
}

/** Delivers to one channel for as long as the monitor runs; a channel that is down holds up nothing else. */
class Post {
  readonly #log: OpenLog;
  readonly #channel: Channel;
  readonly #io: Io;
  /** Replaced by `run` before it looks at the outbox, so that no call of `wake` falls between. */
  #woken: { readonly promise: Promise<void>; readonly resolve: () => void } = signal();

  constructor(log: OpenLog, channel: Channel, io: Io) {
    this.#log = log;
    this.#channel = channel;
    this.#io = io;
  }

  wake(): void {
    this.#woken.resolve();
  }

  async run(stop: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve) =>
      stop.addEventListener('abort', () => resolve(), { once: true }),
    );
    let failures = 0;
    while (!stop.aborted) {
      this.#woken = signal();
      try {
        // Failures in a row: a receiver that takes most of what it gets is not to be waited for ever longer.
        await deliverAll(this.#log.store, this.#channel, () => (failures = 0));
        await Promise.race([this.#woken.promise, ended]);
      } catch (error) {
        if (!(error instanceof LedgerError) || error.code !== 'unreachable') throw error;
        failures++;
        this.#io.stderr(printableLines(`isal: ${error.message}: ${error.got ?? ''}; trying again\n`));
        await wait(backoffMs(failures), undefined, { signal: stop }).catch(() => undefined);
      }
    }
  }
}

function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** A progress line that begins with the first batch. */
function barOf(io: Io): { update: (done: number, size: number) => void; end: () => void } {
  let bar: Progress | undefined;
  return {
    update(done, size) {
      bar ??= progress(io, 'catching up', size);
      bar.update(done);
    },
    end() {
      bar?.end();
      bar = undefined;
    },
  };
}

export async function status(
  { values: { json }, positionals: [path] }: Given<typeof described.status>,
  io: Io,
): Promise<ExitStatus> {
  const watch = await readWatch(path);
  const { running, logs } = await statuses(path, watch, io);
  if (json) io.stdout(`${JSON.stringify({ running, logs })}\n`);
  else {
    for (const log of logs) io.stdout(statusText(log, io));
    if (running) io.stdout('A monitor is running; this is what its last round saw.\n');
  }
  return 0;
}

async function statuses(
  path: string,
  watch: Watch,
  io: Io,
): Promise<{ running: boolean; logs: readonly LogStatus[] }> {
  let logs: OpenLog[];
  try {
    logs = await openLogs(path, watch, io);
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'store-locked') throw error;
    return { running: true, logs: await readStatus(path) };
  }
  try {
    return { running: false, logs: await Promise.all(logs.map((log) => statusOf(log, channelsOf(watch)))) };
  } finally {
    for (const { store } of logs) await store.close();
  }
}
