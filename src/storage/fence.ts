/**
 * The fence: proof, after every commit, that no other process can have opened
 * the database since we did.
 *
 * LevelDB's own lock is not enough. A second process that opens after the file
 * LOCK was deleted gets a lock on a new file of that name; from then on the
 * first one writes, synced and without an error, into a log that no process
 * will ever read. So the fence holds descriptors on two files of the directory and
 * asks whether their paths still lead to them:
 *
 * - LOCK, with exactly one link. It is opened *before* LevelDB opens, so that
 *   a LOCK which is replaced in between is noticed too. A second process can
 *   begin to read the database only after LOCK was replaced; a commit that was
 *   synced while LOCK stood is therefore among what that process reads.
 * - CURRENT, which LevelDB replaces whenever it opens and never afterwards. It
 *   shows a second opener where locks do nothing (some network file systems)
 *   and a directory that was restored under a running process.
 *
 * The held descriptors keep the inodes from being reused, so equal numbers
 * mean the same file.
 *
 * The locks of POSIX belong to the process, not to the descriptor: closing
 * *any* descriptor of LOCK drops LevelDB's lock. So the fence is lowered only
 * after LevelDB has closed, and a second opening in one process is refused
 * here, before LevelDB opens and closes LOCK once more.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../errors.ts';

interface Held {
  readonly path: string;
  readonly descriptor: number;
}

/** The real paths of the directories that this process has open. */
const open = new Set<string>();

export class Fence {
  readonly #dir: string;
  /** LOCK, then CURRENT once LevelDB is open. */
  readonly #held: Held[] = [];

  /**
   * To be called before LevelDB opens the existing directory `dir`.
   * Throws `store-locked` if this process has it open already.
   */
  constructor(dir: string) {
    this.#dir = realpathSync(dir);
    if (open.has(this.#dir)) {
      throw new LedgerError('store-locked', `this process has ${dir} open already`, {
        expected: 'a database that no process has open',
      });
    }
    this.#hold('LOCK', constants.O_RDWR | constants.O_CREAT);
    open.add(this.#dir);
  }

  /** To be called once LevelDB is open; checks for the first time. */
  raise(): void {
    this.#hold('CURRENT', constants.O_RDONLY);
    this.check();
  }

  /**
   * Throws `store-locked` unless LOCK and CURRENT are still ours. Three system
   * calls on cached inodes, so they are made at once rather than queued.
   */
  check(): void {
    for (const { path, descriptor } of this.#held) {
      const ours = fstatSync(descriptor, { bigint: true });
      const there = statSync(path, { bigint: true, throwIfNoEntry: false });
      if (there?.ino === ours.ino && there.dev === ours.dev && there.nlink === 1n) continue;
      if (there !== undefined && there.ino === ours.ino && there.dev === ours.dev)
        throw linked(path, there.nlink);
      throw new LedgerError(
        'store-locked',
        `another process may have opened the database: ${path} is not the file that was there at opening`,
        {
          expected: `inode ${ours.ino} with one link`,
          got: there === undefined ? 'no file' : `inode ${there.ino} with ${there.nlink} links`,
        },
      );
    }
  }

  /** To be called after LevelDB has closed. */
  lower(): void {
    for (const { descriptor } of this.#held.splice(0)) closeSync(descriptor);
    open.delete(this.#dir);
  }

  #hold(name: string, flags: number): void {
    const path = join(this.#dir, name);
    this.#held.push({ path, descriptor: openSync(path, flags, 0o644) });
  }
}

/** A copy that is made of links (`cp -al`) shares every file: whatever opens it writes into ours. */
function linked(path: string, links: bigint): LedgerError {
  return new LedgerError(
    'store-locked',
    `${path} has ${links} links: the directory was copied by links, and the copy shares its files; remove it`,
    {
      expected: 'one link; a ledger is copied by isal store backup',
      got: `${links} links`,
      facts: { links: Number(links) },
    },
  );
}

/** The refusal of a database whose LOCK has other names; undefined where it has one, or none. */
export function linkedLock(dir: string): LedgerError | undefined {
  const path = join(dir, 'LOCK');
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined || found.nlink === 1n ? undefined : linked(path, found.nlink);
}

/** The process that holds LevelDB's lock on `dir`, where the system tells (Linux). */
export function lockHolder(dir: string): number | undefined {
  try {
    const { ino } = statSync(join(dir, 'LOCK'), { bigint: true });
    for (const line of readFileSync('/proc/locks', 'latin1').split('\n')) {
      const match = /^\d+: POSIX +\S+ +WRITE +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /.exec(line);
      if (match?.[2] === String(ino) && match[1] !== '0') return Number(match[1]);
    }
  } catch {
    // The name of the holder is a courtesy; without it the refusal stands all the same.
  }
  return undefined;
}
