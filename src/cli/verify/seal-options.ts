/** What seals are judged by on a command line, beside what the trust file pins. */
import { fromUtf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { derOf } from '../../seal/pem.ts';
import { certificatesInPem, maxCrlBytes, readCrl } from '../../seal/pinned.ts';
import type { Encoded, SealAnchors } from '../../seal/pinned.ts';
import type { Pinned } from '../../seal/seal.ts';
import { readSmall } from '../terminal/files.ts';

export type SealValues = {
  readonly [name in 'seal-anchors' | 'timestamp-anchors' | 'crl']: readonly string[];
};

export interface SealTrust {
  readonly pinned: SealAnchors;
  readonly crls: readonly Encoded[];
}

const maxPemBytes = 1 << 20;
/** The lists of the services behind a seal and its time-stamp are four to eight. */
const maxFiles = 16;

/** The anchors and lists that are named, beside those pinned. Throws `usage`, `file-unreadable`, `too-large`. */
export async function sealTrust(values: SealValues, trust: SealAnchors | undefined): Promise<SealTrust> {
  const anchors = await certificatesOf('seal-anchors', values);
  const timestampAnchors = await certificatesOf('timestamp-anchors', values);
  const crls = await read('crl', values, maxCrlBytes, async (bytes) => {
    const crl = readCrl(derOf(bytes, 'X509 CRL'));
    return (await readWhole([], [crl])).crls;
  });
  return {
    pinned: {
      ...trust,
      anchors: [...(trust?.anchors ?? []), ...anchors],
      timestampAnchors: [...(trust?.timestampAnchors ?? []), ...timestampAnchors],
    },
    crls,
  };
}

function certificatesOf(name: 'seal-anchors' | 'timestamp-anchors', values: SealValues): Promise<Encoded[]> {
  return read(
    name,
    values,
    maxPemBytes,
    async (bytes) => (await readWhole(certificatesInPem(fromUtf8(bytes)), [])).anchors,
  );
}

/** The library is loaded for files that are named, and not for every command line that might name some. */
async function readWhole(anchors: readonly Encoded[], crls: readonly Encoded[]): Promise<Pinned> {
  const { readPinned } = await import('../../seal/seal.ts');
  return readPinned({ anchors, timestampAnchors: [] }, crls);
}

/** A fault in a file of the user's own is no verdict on anything, so it is told as a fault of the command line. */
async function read<T>(
  name: keyof SealValues,
  values: SealValues,
  maxBytes: number,
  parse: (bytes: Uint8Array) => Promise<readonly T[]>,
): Promise<T[]> {
  const paths = values[name];
  if (paths.length > maxFiles) {
    throw new LedgerError('usage', `--${name} is given too often`, { expected: `at most ${maxFiles} times` });
  }
  const found: T[] = [];
  for (const path of paths) {
    const bytes = await readSmall(path, maxBytes);
    try {
      found.push(...(await parse(bytes)));
    } catch (cause) {
      if (!(cause instanceof LedgerError)) throw cause;
      throw new LedgerError('usage', `--${name}: ${cause.message}`, {
        expected:
          cause.expected ?? (name === 'crl' ? 'a revocation list, DER or PEM' : 'certificates in PEM'),
        got: path,
        cause,
      });
    }
  }
  return found;
}
