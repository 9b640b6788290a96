/** Small files that commands read and write: bundles, proofs, trust files. */
import { open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { LedgerError } from '../../errors.ts';
import { reasonOf, unreadable } from './hash-file.ts';

/** The bytes of a file. Throws `file-unreadable`, or `too-large` before more than `maxBytes` + 1 are read. */
export async function readSmall(path: string, maxBytes: number): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    const handle = await open(path, 'r');
    try {
      const status = await handle.stat();
      // A pipe (`--trust <(…)`) does not say how long it is.
      const expected = status.isFile() ? status.size + 1 : maxBytes + 1;
      const buffer = Buffer.alloc(Math.min(maxBytes + 1, expected));
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) break;
      }
      bytes = new Uint8Array(buffer.subarray(0, length));
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (bytes.length <= maxBytes) return bytes;
  throw new LedgerError('too-large', 'the file is too large for what it should be', {
    expected: `at most ${maxBytes} bytes`,
    got: path,
  });
}

/** Writes a file whole or not at all. A crash leaves the old one, or none. Throws `file-unreadable`. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    if (await isSpecial(path)) return await writeFile(path, bytes);
    await writeFile(temporary, bytes, { flag: 'wx', flush: true });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new LedgerError('file-unreadable', 'the file cannot be written', {
      expected: 'a place where you may write',
      got: `${path}: ${reasonOf(cause) ?? 'no'}`,
      cause,
    });
  }
}

/** The same where nothing is yet; a file that is there is not replaced. Throws `store-exists`. */
export async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) {
    throw new LedgerError('store-exists', 'a file is already there and is not overwritten', {
      expected: 'another --out, or the file put away',
      got: path,
    });
  }
  await writeWhole(path, bytes);
}

/** Whether a device or a pipe is there: root's `--out /dev/null` would otherwise put a file in its place. */
async function isSpecial(path: string): Promise<boolean> {
  try {
    const status = await stat(path);
    return !status.isFile() && !status.isDirectory();
  } catch {
    return false;
  }
}
