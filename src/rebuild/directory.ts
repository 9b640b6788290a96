/** The files of a directory on disk, as `git add --all` would take them if nothing were ignored. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, opendir, readlink } from 'node:fs/promises';
import { concat, toHex, utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { sha256 } from '#sha256';
import { objectId, startObject } from './git-tree.ts';
import { maxFiles, snapshotOf } from './manifest.ts';
import type { Snapshot, SourceFile } from './manifest.ts';

const chunkBytes = 1 << 20;
/** Directories in one another; a path is at most 4,096 bytes long on Linux. */
const maxDepth = 2_048;

const unfit = (path: Uint8Array, message: string, cause?: unknown): LedgerError =>
  new LedgerError('file-unreadable', message, {
    expected:
      'plain files, symbolic links and directories that you may read and that no other program changes meanwhile',
    got: `${Buffer.from(path).toString('utf8')}${cause instanceof Error ? `: ${cause.message}` : ''}`,
    cause,
  });

/**
 * The snapshot of all files below `root`; `.git` at the root is left out. Content is read byte
 * for byte, without filters. Throws `file-unreadable` for what git could not
 * hold either (devices, sockets, a repository within) and for a file that changes
 * while it is read, `too-large`,
 * `empty`.
 */
export async function snapshotOfDirectory(
  root: string,
  onProgress?: (files: number) => void,
): Promise<Snapshot> {
  const files: SourceFile[] = [];
  const visit = async (below: Uint8Array, depth: number): Promise<void> => {
    const absolute = below.length === 0 ? Buffer.from(root) : concat(utf8(`${root}/`), below);
    if (depth > maxDepth) throw new LedgerError('too-deep', 'the source tree is nested too deeply');
    const names: { name: Uint8Array; kind: 'directory' | 'link' | 'file' | 'other' }[] = [];
    try {
      // Names need not be UTF-8, so they are asked for as bytes.
      const directory = await opendir(absolute as unknown as string, { encoding: 'buffer' as 'utf8' });
      for await (const entry of directory) {
        names.push({
          name: new Uint8Array(entry.name as unknown as Buffer),
          kind: entry.isDirectory()
            ? 'directory'
            : entry.isSymbolicLink()
              ? 'link'
              : entry.isFile()
                ? 'file'
                : 'other',
        });
      }
    } catch (cause) {
      throw unfit(absolute, 'the directory cannot be read', cause);
    }
    for (const { name, kind } of names) {
      const path = below.length === 0 ? name : concat(below, utf8('/'), name);
      const full = concat(utf8(`${root}/`), path);
      if (Buffer.from(name).toString('latin1').toLowerCase() === '.git') {
        if (below.length === 0) continue;
        throw unfit(full, 'a repository lies within the source tree: take its snapshot apart');
      }
      if (kind === 'directory') {
        await visit(path, depth + 1);
        continue;
      }
      if (kind === 'other') throw unfit(full, 'the source tree holds something that is no file');
      if (files.length >= maxFiles) throw new LedgerError('too-large', 'the source tree has too many files');
      files.push(kind === 'link' ? await linkAt(path, full) : await fileAt(path, full));
      onProgress?.(files.length);
    }
  };
  await visit(new Uint8Array(), 0);
  return snapshotOf(files);
}

async function linkAt(path: Uint8Array, full: Uint8Array): Promise<SourceFile> {
  const target = await readlink(Buffer.from(full), { encoding: 'buffer' }).catch((cause: unknown) => {
    throw unfit(full, 'the link cannot be read', cause);
  });
  const blob = objectId('blob', target, 'sha1');
  return { path, mode: '120000', size: target.length, sha256: toHex(sha256(target)), blob };
}

async function fileAt(path: Uint8Array, full: Uint8Array): Promise<SourceFile> {
  try {
    // An attacker who swaps the file for a link after the listing must not lead out of the tree.
    const handle = await open(Buffer.from(full), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size, mode } = await handle.stat();
      const content = createHash('sha256');
      const blob = startObject('blob', size, 'sha1');
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size + 1));
      let done = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) break;
        const chunk = buffer.subarray(0, bytesRead);
        content.update(chunk);
        blob.update(chunk);
        done += bytesRead;
      }
      if (done !== size) throw unfit(full, 'the file changed while it was read');
      return {
        path,
        mode: (mode & 0o100) === 0 ? '100644' : '100755',
        size,
        sha256: content.digest('hex'),
        blob: blob.digest('hex'),
      };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    throw unfit(full, 'the file cannot be read', cause);
  }
}
