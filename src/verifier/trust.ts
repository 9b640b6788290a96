/**
 * The trust file: the one small file that a verifier, a monitor and a customer
 * pin. Everything a verdict rests on starts here; nothing in it is ever
 * refreshed from a server. `schemas/trust.json`:
 *
 *   {
 *     "format": "isal-trust/v1",
 *     "policy": "log ledger.example/isal+8c2d…+AQ…\nwitness w1 …\nquorum w1\n",
 *     "genesis": "5e8f…64 hex digits: the leaf hash of leaf 0…",
 *     "authority": { "leafHash": "77a0…", "asOfSize": 51002 },
 *     "maxAge": 86400,
 *     "minSize": 51002,
 *     "seals": { "anchors": ["-----BEGIN CERTIFICATE-----…"], "timestampAnchors": ["…"] }
 *   }
 *
 * `policy` is a c2sp.org/tlog-policy text. `maxAge` (seconds) rules answers
 * that are made online; `minSize` refuses a checkpoint that is smaller than
 * one already known; `authority` pins a later authority document too, so that
 * a server cannot leave out the revocations in it. `seals` names the certification
 * and the time-stamping services whose word counts for electronic seals.
 */
import { utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { defined } from '../defined.ts';
import { parseJson } from '../attestation/canonical.ts';
import type { SealTrust, TrustFile } from '../attestation/types.ts';
import { validateSchema } from '../attestation/schema.ts';
import { formatPolicy, parsePolicy } from '../note/policy.ts';
import type { Policy } from '../note/policy.ts';
import { certificateToPem, certificatesInPem } from '../seal/pinned.ts';
import type { Encoded, SealAnchors } from '../seal/pinned.ts';

/** Far above any policy that a person would read through before pinning it. */
export const maxTrustBytes: number = 1 << 18;

export interface Trust {
  readonly policy: Policy;
  /** The name of the log's keys, which is the first line of its checkpoints. */
  readonly origin: string;
  /** Lowercase hex leaf hash of leaf 0. */
  readonly genesis: string;
  /** A later authority document, known to be the newest one in the first `asOfSize` leaves. */
  readonly authority?: { readonly leafHash: string; readonly asOfSize: number };
  /** Seconds that a cosignature may be old when an answer is made online. */
  readonly maxAge?: number;
  /** The smallest tree size that is accepted; 1 where the file names none. */
  readonly minSize: number;
  /** Anchors of electronic seals and of their time-stamps. */
  readonly seals?: SealAnchors;
}

/** A trust file. Throws `malformed-trust` or `malformed-policy`, with the cause inside. */
export function parseTrust(bytes: Uint8Array): Trust {
  const file = parseTrustFile(bytes);
  const policy = parsePolicy(file.policy);
  const origin = originOf(policy);
  if (file.maxAge !== undefined && policy.quorum === 'none') {
    // The log's own time never counts, so with no witness there is no time that an age could be taken from.
    throw new LedgerError('malformed-trust', 'a maximum age needs witnesses, and the policy has no quorum', {
      expected: 'a quorum of witnesses, or no maxAge',
      got: 'quorum none',
      at: '/maxAge',
    });
  }
  return {
    policy,
    origin,
    genesis: file.genesis,
    ...defined({ authority: file.authority, maxAge: file.maxAge }),
    minSize: file.minSize ?? 1,
    ...defined({ seals: file.seals && sealAnchors(file.seals) }),
  };
}

function sealAnchors({ anchors, timestampAnchors, organisations }: SealTrust): SealAnchors {
  return {
    anchors: anchorsAt(anchors, '/seals/anchors'),
    timestampAnchors: anchorsAt(timestampAnchors, '/seals/timestampAnchors'),
    ...defined({ organisations }),
  };
}

/** One certificate in each text: a second one below the first would be pinned unnoticed. */
function anchorsAt(texts: readonly string[], at: string): Encoded[] {
  return texts.map((text, i) => {
    try {
      const [only, ...more] = certificatesInPem(text);
      if (only !== undefined && more.length === 0) return only;
    } catch (cause) {
      if (!(cause instanceof LedgerError)) throw cause;
      throw new LedgerError('malformed-trust', `not a certificate: ${cause.message}`, {
        expected: 'one certificate of version 3 in PEM',
        at: `${at}/${i}`,
        cause,
      });
    }
    throw new LedgerError('malformed-trust', 'more than one certificate', {
      expected: 'one certificate of version 3 in PEM',
      at: `${at}/${i}`,
    });
  });
}

/** The text of a trust file, for a person to read and a program to pin. */
export function formatTrust(trust: Trust): string {
  const file: TrustFile = {
    format: 'isal-trust/v1',
    policy: formatPolicy(trust.policy),
    genesis: trust.genesis,
    ...defined({ authority: trust.authority, maxAge: trust.maxAge }),
    ...(trust.minSize === 1 ? {} : { minSize: trust.minSize }),
    ...defined({ seals: trust.seals && sealTrust(trust.seals) }),
  };
  const text = `${JSON.stringify(file, null, 2)}\n`;
  parseTrust(utf8(text));
  return text;
}

function sealTrust({ anchors, timestampAnchors, organisations }: SealAnchors): SealTrust {
  return {
    anchors: anchors.map(certificateToPem),
    timestampAnchors: timestampAnchors.map(certificateToPem),
    ...defined({ organisations: organisations && [...organisations] }),
  };
}

/** What checks checkpoints alone: a trust file or a bare tlog-policy. */
export interface CheckpointTrust {
  readonly policy: Policy;
  readonly maxAge?: number;
  readonly minSize: number;
}

/** Space, tab, newline, carriage return. */
const jsonSpace: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** A trust file, or a bare c2sp.org/tlog-policy where nothing but checkpoints is judged. */
export function parseCheckpointTrust(bytes: Uint8Array): CheckpointTrust {
  // No line of a policy begins with a brace, and a trust file begins with nothing else.
  const first = bytes.find((octet) => !jsonSpace.has(octet));
  if (first === 0x7b) return parseTrust(bytes);
  requireSize(bytes);
  return { policy: parsePolicy(bytes), minSize: 1 };
}

function parseTrustFile(bytes: Uint8Array): TrustFile {
  requireSize(bytes);
  try {
    // A person may lay the file out as they like; a member twice is refused, for it
    // would show one genesis to the reader and pin another.
    const value: unknown = parseJson(bytes, { maxBytes: maxTrustBytes, maxDepth: 8 });
    validateSchema('trust', value);
    return value;
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw new LedgerError('malformed-trust', `not a trust file: ${cause.message}`, {
      expected: cause.expected ?? 'schemas/trust.json',
      got: cause.got,
      at: cause.at,
      cause,
    });
  }
}

function requireSize(bytes: Uint8Array): void {
  if (bytes.length <= maxTrustBytes) return;
  throw new LedgerError('malformed-trust', 'too large for a trust file', {
    expected: `at most ${maxTrustBytes} bytes`,
    got: `${bytes.length} bytes`,
  });
}

/** One genesis can only belong to one log, so the keys listed must all be that log's. */
function originOf(policy: Policy): string {
  const origins = new Set(policy.logs.map((log) => log.key.name));
  const [origin] = origins;
  if (origin === undefined || origins.size !== 1) {
    throw new LedgerError('malformed-trust', 'a trust file speaks of exactly one log', {
      expected: 'log lines that all have the same key name',
      got: `${origins.size} names`,
      at: '/policy',
    });
  }
  return origin;
}
