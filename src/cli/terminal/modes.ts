/**
 * Who else on this machine may do what with the files that are relied on.
 *
 *     secret      nobody may read or write it. Made with mode 0600
 *     public      read by whoever likes; who may write it decides what is served. Made with mode 0644
 *     directory   who may write it may put another file in the place of one. Made with mode 0700
 *
 * The attacker is another user of the machine. A name that is not there is no
 * fault of its mode, so tables hold what may be there. Symbolic links are
 * followed: what counts is the file that is read, the directory in which the
 * link stands and the one in which that file lies. Whose a file is is not
 * asked: in a container or on a mount it is often a number that nobody has.
 * An access list that lets others write shows in the bits of the group.
 */
import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LedgerError } from '../../errors.ts';

export type Keeping = 'secret' | 'public' | 'directory';

type Kept = 'ledger' | 'signer' | 'witness' | 'monitor' | 'vault';

/** For each kind of directory, what is in it. */
export const kept: Readonly<Record<Kept, Readonly<Record<string, Keeping>>>> = {
  ledger: {
    '.': 'directory',
    'config.json': 'public',
    'genesis.json': 'public',
    'trust.json': 'public',
    db: 'directory',
    evidence: 'directory',
  },
  /** Of a ledger, what its signer uses, which can be another user than the server. */
  signer: {
    '.': 'directory',
    'config.json': 'public',
    keys: 'directory',
    'keys/log-ed25519.key': 'secret',
    'keys/log-mldsa44.key': 'secret',
    anchor: 'directory',
  },
  witness: {
    '.': 'directory',
    'policy.txt': 'public',
    keys: 'directory',
    'keys/witness-ed25519.key': 'secret',
    'keys/witness-mldsa44.key': 'secret',
    db: 'directory',
    anchor: 'directory',
    forks: 'directory',
  },
  monitor: {
    '.': 'directory',
    'watch.json': 'public',
    logs: 'directory',
    evidence: 'directory',
  },
  vault: { '.': 'directory' },
};

export const modeOf: Readonly<Record<Keeping, number>> = { secret: 0o600, public: 0o644, directory: 0o700 };

export interface ModeOptions {
  /** Secrets that others may read are taken: `--readable-keys`. */
  readonly readable?: boolean;
}

/**
 * Refuses a directory in which others may change what is relied on, or read
 * what is secret. Throws `file-writable-by-others`, `key-readable-by-others`.
 */
export async function requireKept(kind: Kept, directory: string, options: ModeOptions = {}): Promise<void> {
  for (const [name, keeping] of Object.entries(kept[kind])) {
    await requireModeOf(join(directory, name), keeping, options);
  }
}

/** The same for one file that stands anywhere, and for the directories that it is found by. */
export async function requireModeOf(
  path: string,
  keeping: Keeping,
  options: ModeOptions = {},
): Promise<void> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) return;
  requireMode(path, status, keeping, options);
  if (keeping === 'directory') return;
  const real = await realpath(path);
  for (const parent of new Set([dirname(path), dirname(real)])) {
    requireMode(parent, await stat(parent), 'directory');
  }
}

/** What is said of an open file, which nobody can swap any more. Throws as `requireKept`. */
export function requireMode(
  path: string,
  { mode }: Pick<Stats, 'mode'>,
  keeping: Keeping,
  { readable = false }: ModeOptions = {},
): void {
  const got = `mode ${(mode & 0o7777).toString(8).padStart(4, '0')}`;
  if (keeping === 'secret' && !readable && (mode & 0o077) !== 0) {
    throw new LedgerError('key-readable-by-others', `others may read the key file ${path}`, {
      expected: `mode 0600: chmod 600 ${path}, or --readable-keys where it is mounted so`,
      got,
    });
  }
  // Modes on Windows say nothing: its access lists are elsewhere.
  if (process.platform === 'win32' || (mode & 0o022) === 0) return;
  // With the sticky bit, as in /tmp, others cannot take away or rename what is not theirs.
  if (keeping === 'directory' && (mode & 0o1000) !== 0) return;
  throw new LedgerError('file-writable-by-others', `others may write ${path}, which is relied on`, {
    expected: `no write permission for group and others: chmod go-w ${path}`,
    got,
  });
}
