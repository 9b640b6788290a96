/**
 * The files of a commit, from a git repository. The `git` program only hands the
 * objects over (`git cat-file --batch`): each is hashed here and must have the id
 * that was asked for, from the commit down, so neither the program nor the
 * repository is believed.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { concat, fromUtf8, toHex, utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { sha256 } from '#sha256';
import { objectId } from './git-tree.ts';
import type { GitHash } from './git-tree.ts';
import { maxFiles, snapshotOf } from './manifest.ts';
import type { FileMode, Snapshot, SourceFile } from './manifest.ts';

/** One object is held in memory. */
const maxObjectBytes = 1 << 30;
const maxDepth = 2_048;

export interface CommitSnapshot extends Snapshot {
  /** Full id of the commit. */
  readonly commit: string;
}

/** No lazy fetch, no other transport and no replacement of objects: the repository may be hostile. */
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
});

const unreadable = (message: string, got?: string, cause?: unknown): LedgerError =>
  new LedgerError('file-unreadable', message, {
    expected: 'a git repository that has the commit whole, and the git program',
    got,
    cause,
  });

function git(repository: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn('git', ['-C', repository, ...args], { env: environment() });
  child.stdin.on('error', () => undefined);
  return child;
}

/** Answers of a running `git cat-file --batch`, one after the other. */
class Objects {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Uint8Array = new Uint8Array();
  #fault: unknown;

  constructor(repository: string) {
    this.#child = git(repository, ['cat-file', '--batch']);
    this.#child.on('error', (error) => (this.#fault = error));
    this.#child.stderr.resume();
    this.#chunks = this.#child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.pid !== undefined && this.#child.exitCode === null) {
      this.#child.kill();
      if (this.#child.signalCode === null) await once(this.#child, 'close');
    }
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done === true) throw unreadable('git ended before it answered', undefined, this.#fault);
    this.#rest = this.#rest.length === 0 ? value : concat(this.#rest, value);
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end >= 0 || this.#rest.length > 200) {
        const line = Buffer.from(this.#rest.subarray(0, Math.max(0, end))).toString('latin1');
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      await this.#more();
    }
  }

  async #take(count: number): Promise<Uint8Array> {
    const out = new Uint8Array(count);
    let length = 0;
    while (length < count) {
      if (this.#rest.length === 0) await this.#more();
      const part = this.#rest.subarray(0, count - length);
      out.set(part, length);
      length += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return out;
  }

  /** The content of the object with this id. Throws `digest-mismatch` when it is another. */
  async read(kind: 'blob' | 'tree' | 'commit', id: string, hash: GitHash): Promise<Uint8Array> {
    this.#child.stdin.write(`${id}\n`);
    const line = await this.#line();
    const [, type, digits] = /^[0-9a-f]+ (\w+) ([0-9]{1,15})$/.exec(line) ?? [];
    if (type !== kind) throw unreadable(`the repository lacks a ${kind}`, id);
    if (Number(digits) > maxObjectBytes) {
      throw new LedgerError('too-large', 'a file of the commit is too large', {
        expected: `at most ${maxObjectBytes} bytes`,
        got: `${digits} bytes in ${id}`,
      });
    }
    const content = await this.#take(Number(digits));
    await this.#take(1);
    const got = objectId(kind, content, hash);
    if (got === id) return content;
    throw new LedgerError('digest-mismatch', `a ${kind} of the repository is another than its id says`, {
      expected: id,
      got,
    });
  }
}

async function resolve(repository: string, revision: string): Promise<string> {
  const child = git(repository, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{commit}`,
  ]);
  child.stdin.end();
  child.stderr.resume();
  let out = '';
  try {
    for await (const chunk of child.stdout) if (out.length < 200) out += String(chunk);
  } catch (cause) {
    throw unreadable('git cannot be run', repository, cause);
  }
  const id = out.trim();
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id)) return id;
  throw unreadable('the repository has no such commit', `${revision} in ${repository}`);
}

/**
 * The snapshot of `revision` (a commit id, branch or tag). Throws `file-unreadable`,
 * `digest-mismatch`, `too-large`; also for a submodule, whose content lies elsewhere.
 */
export async function snapshotOfCommit(
  repository: string,
  revision: string,
  onProgress?: (files: number) => void,
): Promise<CommitSnapshot> {
  const commit = await resolve(repository, revision);
  const hash: GitHash = commit.length === 40 ? 'sha1' : 'sha256';
  const objects = new Objects(repository);
  const files: SourceFile[] = [];
  const visit = async (id: string, below: Uint8Array, depth: number): Promise<void> => {
    if (depth > maxDepth) throw new LedgerError('too-deep', 'the tree of the commit is nested too deeply');
    for (const { mode, name, id: child } of parseTree(await objects.read('tree', id, hash), hash)) {
      const path = below.length === 0 ? name : concat(below, utf8('/'), name);
      if (mode === '40000') {
        await visit(child, path, depth + 1);
        continue;
      }
      if (mode === '160000') {
        throw unreadable('the commit has a submodule: take its snapshot apart', Buffer.from(path).toString());
      }
      if (files.length >= maxFiles) throw new LedgerError('too-large', 'the commit has too many files');
      const content = await objects.read('blob', child, hash);
      files.push({ path, mode, size: content.length, sha256: toHex(sha256(content)), blob: child });
      onProgress?.(files.length);
    }
  };
  try {
    const header = fromUtf8((await objects.read('commit', commit, hash)).subarray(0, 5 + 65));
    const tree = /^tree ([0-9a-f]+)\n/.exec(header)?.[1] ?? '';
    await visit(tree, new Uint8Array(), 0);
    const snapshot = snapshotOf(files, hash);
    // A tree with a name twice or out of order is read in one way by one program and differently by the next.
    if (snapshot.tree !== tree) throw unreadable('a tree of the commit is not in the order of git', commit);
    return { commit, ...snapshot };
  } finally {
    await objects.close();
  }
}

interface TreeEntry {
  readonly mode: FileMode | '40000' | '160000';
  readonly name: Uint8Array;
  readonly id: string;
}

function parseTree(content: Uint8Array, hash: GitHash): TreeEntry[] {
  const idBytes = hash === 'sha1' ? 20 : 32;
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const zero = content.indexOf(0, space);
    const end = zero + 1 + idBytes;
    if (space < 0 || zero < 0 || end > content.length) throw unreadable('a tree of the commit is malformed');
    const mode = Buffer.from(content.subarray(at, space)).toString('latin1');
    const name = content.slice(space + 1, zero);
    // A name with a slash, or one that leads up, would put a file where the tree has none.
    const text = Buffer.from(name).toString('latin1');
    if (!/^(?:100(?:644|755)|120000|40000|160000)$/.test(mode) || /^(?:\.|\.\.|\.git)?$|\//.test(text)) {
      throw unreadable('a tree of the commit is malformed');
    }
    entries.push({ mode: mode as TreeEntry['mode'], name, id: toHex(content.subarray(zero + 1, end)) });
    at = end;
  }
  return entries;
}
