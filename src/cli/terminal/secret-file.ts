/** Private keys on disk: mode 0600, refused when anybody else may read them. */
import { createPrivateKey } from 'node:crypto';
import { open } from 'node:fs/promises';
import { LedgerError } from '../../errors.ts';
import { reasonOf } from './hash-file.ts';
import { modeOf, requireMode, type ModeOptions } from './modes.ts';

/** Largest key file that is read, in bytes; a PEM or note key has a few hundred. */
const maxKeyFile = 8192;

/** Creates `path` with mode 0600 under any umask, exclusively: an existing key is never overwritten. Throws `store-exists`. */
export async function writeSecret(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', modeOf.secret);
    try {
      await file.chmod(modeOf.secret);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new LedgerError('store-exists', 'a file is already there and is not overwritten', {
        expected: 'a path that does not exist yet',
        got: path,
      });
    }
    throw new LedgerError('file-unreadable', 'the file cannot be written', {
      expected: 'a place where you may write',
      got: `${path}: ${reasonOf(cause) ?? 'no'}`,
      cause,
    });
  }
}

/** Throws `key-readable-by-others`, `file-writable-by-others`, `file-unreadable`, `too-large`. */
export async function readSecret(path: string, options: ModeOptions = {}): Promise<string> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new LedgerError('file-unreadable', 'the key file cannot be read', {
      expected: 'a plain file of mode 0600 that is yours',
      got: `${path}: ${reasonOf(cause) ?? 'no'}`,
      cause,
    });
  }
  try {
    // The mode is taken from the open file, so that nobody can swap the path in between.
    const status = await file.stat();
    if (!status.isFile()) {
      throw new LedgerError('file-unreadable', 'a key is a plain file', {
        expected: 'a plain file',
        got: path,
      });
    }
    requireMode(path, status, 'secret', options);
    const { size } = status;
    if (size > maxKeyFile) {
      throw new LedgerError('too-large', `the key file ${path} is too large`, {
        expected: `at most ${maxKeyFile} bytes`,
        got: `${size} bytes`,
      });
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** DER before the 32-byte seed of an Ed25519 key in PKCS#8 (RFC 8410, section 7). */
const pkcs8Prefix = '302e020100300506032b657004220420';

/** PKCS#8 PEM of an Ed25519 seed, as `openssl genpkey -algorithm ed25519` writes it. */
export function formatPartyKey(seed: Uint8Array): string {
  const der = Buffer.concat([Buffer.from(pkcs8Prefix, 'hex'), seed]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

/** The 32-byte seed in a PKCS#8 PEM text. Throws `bad-key`. */
function parsePartyKey(text: string, path: string): Uint8Array {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') {
      const { d } = key.export({ format: 'jwk' });
      if (d !== undefined) return new Uint8Array(Buffer.from(d, 'base64url'));
    }
  } catch {
    // The cause is dropped on purpose: it could quote the key.
  }
  throw new LedgerError('bad-key', `${path} is not an Ed25519 private key`, {
    expected: 'an Ed25519 key in PKCS#8 PEM',
  });
}

export async function readPartyKey(path: string, options: ModeOptions = {}): Promise<Uint8Array> {
  return parsePartyKey(await readSecret(path, options), path);
}
