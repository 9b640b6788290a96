/**
 * Ids of git objects: the hash over `KIND SIZE\0` and the content. A tree is
 * `MODE NAME\0` and the raw id for each entry, in the order of the names, where
 * the name of a directory counts as if a slash stood behind it.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { compare, concat, fromHex, utf8 } from '../bytes.ts';

/** Repositories are of one hash or the other; nearly all of SHA-1. */
export type GitHash = 'sha1' | 'sha256';

export interface TreeFile {
  /** Bytes of the path from the root, with slashes; unlike every other. */
  readonly path: Uint8Array;
  readonly mode: string;
  /** Lowercase hex. */
  readonly blob: string;
}

/** A hash that has taken the head of an object in already; feed it `size` bytes. */
export function startObject(kind: 'blob' | 'tree' | 'commit', size: number, hash: GitHash): Hash {
  return createHash(hash).update(`${kind} ${size}\0`);
}

export function objectId(kind: 'blob' | 'tree' | 'commit', content: Uint8Array, hash: GitHash): string {
  return startObject(kind, content.length, hash).update(content).digest('hex');
}

interface Directory {
  readonly entries: { readonly name: Uint8Array; readonly mode: string; readonly id: string }[];
  readonly name: Uint8Array;
  /** Its path with the slash, one character a byte; empty for the root. */
  readonly path: string;
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const slash = utf8('/');

/** Id of the tree with these files, which are sorted by path. */
export function treeIdOf(files: readonly TreeFile[], hash: GitHash): string {
  const open: Directory[] = [{ entries: [], name: new Uint8Array(), path: '' }];
  const close = (): string => {
    const { entries, name } = open.pop() as Directory;
    const key = (entry: (typeof entries)[0]): Uint8Array =>
      entry.mode === '40000' ? concat(entry.name, slash) : entry.name;
    entries.sort((a, b) => compare(key(a), key(b)));
    const content = concat(
      ...entries.flatMap((entry) => [
        utf8(`${entry.mode} `),
        entry.name,
        Uint8Array.of(0),
        fromHex(entry.id),
      ]),
    );
    const id = objectId('tree', content, hash);
    open.at(-1)?.entries.push({ name, mode: '40000', id });
    return id;
  };
  for (const { path, mode, blob } of files) {
    const text = latin1(path);
    while (!text.startsWith((open.at(-1) as Directory).path)) close();
    let current = open.at(-1) as Directory;
    for (let at = text.indexOf('/', current.path.length); at >= 0; at = text.indexOf('/', at + 1)) {
      const name = path.slice(current.path.length, at);
      current = { entries: [], name, path: text.slice(0, at + 1) };
      open.push(current);
    }
    current.entries.push({ name: path.slice(current.path.length), mode, id: blob });
  }
  while (open.length > 1) close();
  return close();
}
