/**
 * Watches the steps in which files are written, and makes one of them fail:
 * before it was done (the disk refused) or after (it was done, and the answer
 * was an error all the same).
 */
import promises from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

export interface Fault {
  /** Which step fails, from 0. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

const real = { ...promises };

/** Runs `work` and returns its steps, such as `sync *.tmp` and `link 000000000000001.anchor`. */
export async function watchSteps(work: () => Promise<unknown>, fault?: Fault): Promise<string[]> {
  const steps: string[] = [];
  const step = async <T>(verb: string, path: unknown, run: () => Promise<T>): Promise<T> => {
    const fails = steps.length === fault?.at;
    steps.push(`${verb} ${basename(String(path)).replace(/.*\.tmp$/, '*.tmp')}`);
    if (fails && fault.when === 'before') throw new Error('EIO: i/o error');
    const result = await run();
    if (fails) throw new Error('EIO: i/o error');
    return result;
  };
  Object.assign(promises, {
    open: async (path: string, flags: string): Promise<FileHandle> => {
      const handle = await real.open(path, flags);
      const sync = handle.sync.bind(handle);
      const writeFile = handle.writeFile.bind(handle);
      handle.sync = async () => step('sync', path, sync);
      handle.writeFile = async (data) => step('write', path, async () => writeFile(data));
      return handle;
    },
    link: async (from: string, to: string) => step('link', to, async () => real.link(from, to)),
    unlink: async (path: string) => step('unlink', path, async () => real.unlink(path)),
    readdir: async (path: string) => step('list', path, async () => real.readdir(path)),
  });
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    Object.assign(promises, real);
    syncBuiltinESMExports();
  }
  return steps;
}

/** Runs `work`, and just before its first link all of `meanwhile`. */
export async function overtakeAtLink(
  work: () => Promise<unknown>,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  promises.link = async (from, to) => {
    promises.link = real.link;
    syncBuiltinESMExports();
    await meanwhile();
    return real.link(from, to);
  };
  syncBuiltinESMExports();
  await work();
}
