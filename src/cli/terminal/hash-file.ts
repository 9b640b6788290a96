/** SHA-256 and SHA-512 of a file, in one pass over its bytes. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { LedgerError } from '../../errors.ts';

export interface FileDigests {
  /** Lowercase hex. */
  readonly sha256: string;
  readonly sha512: string;
}

const chunkBytes = 1 << 20;

/** Streams the file, whatever its size. Throws `file-unreadable`. `onProgress` gets the bytes done so far. */
export async function hashFile(path: string, onProgress?: (bytes: number) => void): Promise<FileDigests> {
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  let done = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
      sha256.update(chunk as Buffer);
      sha512.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      onProgress?.(done);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return { sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
}

/** Bytes in a plain file. Throws `file-unreadable`. */
export async function fileSize(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!found.isFile()) throw unreadable(path, found.isDirectory() ? 'a directory' : undefined);
  return found.size;
}

/** `file-unreadable`, with the path and what stood in the way. */
export function unreadable(path: string, cause: unknown): LedgerError {
  const reason = typeof cause === 'string' ? cause : reasonOf(cause);
  return new LedgerError('file-unreadable', 'the file cannot be read', {
    expected: 'a plain file that you may read',
    got: `${path}${reason === undefined ? '' : `: ${reason}`}`,
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'a directory',
  EACCES: 'you may not',
  EPERM: 'you may not',
  EROFS: 'nothing can be written there',
  ENOSPC: 'no space is left',
  ELOOP: 'symbolic links in a circle',
  ENAMETOOLONG: 'the name is too long',
};

/** Why a path could not be opened, in words, without the path; what is not known by its code as Node says it. */
export function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const code = 'code' in cause ? String(cause.code) : '';
  return Object.hasOwn(reasons, code) ? reasons[code] : cause.message;
}
