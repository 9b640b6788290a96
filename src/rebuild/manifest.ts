/**
 * The manifest of a source tree: what is put into escrow, file by file. Its
 * SHA-256 is what builds and reviews name.
 *
 *     isal-manifest/v1
 *     100644 1083 0f1c…e2 README.md
 *     100755 211 77ab…09 build/run.sh
 *     120000 9 5e88…41 latest
 *
 * A line a file: mode as in git (plain, executable, symbolic link), bytes,
 * SHA-256 of the content (of a link: of its target), path from the root with
 * slashes. Lines are sorted by the bytes of the path and end with a newline.
 * Control characters, DEL and `%` in a path are written `%XX`, and so is every
 * byte from 80 on in a path that is not UTF-8. Directories are there only through
 * their files, times and owners not at all: as in git.
 */
import { compare, utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { treeIdOf } from './git-tree.ts';
import type { GitHash } from './git-tree.ts';

export type FileMode = '100644' | '100755' | '120000';

export interface SourceFile {
  /** Bytes of the path from the root, with slashes. */
  readonly path: Uint8Array;
  readonly mode: FileMode;
  readonly size: number;
  /** Lowercase hex. */
  readonly sha256: string;
  /** Id of the content as a git blob, lowercase hex. */
  readonly blob: string;
}

export interface Snapshot {
  readonly manifest: Uint8Array;
  readonly files: number;
  /** Bytes of all files. */
  readonly bytes: number;
  /** Id of the tree in git, which is what `git write-tree` says for these files. */
  readonly tree: string;
}

/** Files of one snapshot. Larger trees are several products. */
export const maxFiles = 2_000_000;

function pathText(path: Uint8Array): string {
  let text: string | undefined;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(path);
  } catch {
    // Not UTF-8: written byte by byte.
  }
  const hex = (code: number): string => `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  if (text !== undefined) return text.replace(/[\u0000-\u001f\u007f%]/g, (c) => hex(c.charCodeAt(0)));
  return [...path]
    .map((byte) => (byte < 0x20 || byte >= 0x7f || byte === 0x25 ? hex(byte) : String.fromCharCode(byte)))
    .join('');
}

/** The first line of every manifest. */
export const manifestFormat = 'isal-manifest/v1';

/** Manifest and tree of these files, in any order. Throws `too-large`, and `empty` for no file at all. */
export function snapshotOf(unsorted: readonly SourceFile[], hash: GitHash = 'sha1'): Snapshot {
  if (unsorted.length === 0) throw new LedgerError('empty', 'there is no file in the source tree');
  if (unsorted.length > maxFiles) {
    throw new LedgerError('too-large', 'the source tree has too many files', {
      expected: `at most ${maxFiles}`,
      got: String(unsorted.length),
    });
  }
  const files = unsorted.toSorted((a, b) => compare(a.path, b.path));
  const lines = files.map(({ mode, size, sha256, path }) => `${mode} ${size} ${sha256} ${pathText(path)}\n`);
  return {
    manifest: utf8(`${manifestFormat}\n${lines.join('')}`),
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    tree: treeIdOf(files, hash),
  };
}
