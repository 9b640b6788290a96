/**
 * A demonstration leaves nothing behind, however it ends: by itself, by an
 * error, by Ctrl-C or SIGTERM, or because the reader of its output has gone. No
 * process that it has started goes on, and its temporary directory is removed.
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Children } from './children.ts';

export interface WorkDirectory {
  /** A directory of the user's, which stays; default: a temporary one. */
  readonly dir?: string | undefined;
  /** The temporary directory stays, too. */
  readonly keep?: boolean;
  /** What the name of a temporary directory begins with. */
  readonly prefix: string;
}

export interface Means {
  readonly directory: string;
  readonly children: Children;
}

/** A terminal that is closed, Ctrl-C, and what `kill` sends. */
const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/**
 * Does `work`, which resolves to whether a signal was its proper end, and
 * tidies up after it. Resolves to 0, or after a signal to 128 and its number,
 * as a shell reports it. A signal ends the children, and `work` with them: all
 * that it could still do fails then. Throws what `work` throws.
 */
export async function tidily(
  place: WorkDirectory,
  work: (means: Means) => Promise<boolean>,
): Promise<number> {
  const children = new Children();
  let removed: string | undefined;
  let signal: (typeof signals)[number] | undefined;
  // A second signal hurries nothing: npm passes on a Ctrl-C that the terminal has sent to every process already.
  const onSignal = (name: (typeof signals)[number]): void => {
    signal ??= name;
    void children.end();
  };
  const onExit = (): void => {
    children.kill();
    // Tried again where a process that is just dying has still written something.
    if (removed !== undefined) rmSync(removed, { recursive: true, force: true, maxRetries: 10 });
  };
  for (const name of signals) process.on(name, onSignal);
  process.once('exit', onExit);
  try {
    if (place.dir !== undefined) await mkdir(place.dir, { recursive: true });
    const directory = place.dir ?? (await mkdtemp(join(tmpdir(), place.prefix)));
    if (place.dir === undefined && place.keep !== true) removed = directory;
    const proper = await work({ directory, children });
    if (proper) signal = undefined;
  } catch (error) {
    if (signal === undefined) throw error;
  } finally {
    await children.end();
    if (removed !== undefined) await rm(removed, { recursive: true, force: true, maxRetries: 10 });
    for (const name of signals) process.off(name, onSignal);
    process.off('exit', onExit);
  }
  return signal === undefined ? 0 : 128 + constants.signals[signal];
}
