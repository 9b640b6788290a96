/**
 * The DSSE envelope, and with it the leaf: its canonical bytes.
 *
 *     {"payload":"eyJfdHlwZSI6…fQ==","payloadType":"application/vnd.in-toto+json",
 *      "signatures":[{"keyid":"03a1…","sig":"q1BM…=="},{"keyid":"77b0…","sig":"9xKT…=="}]}
 *
 * in one line: exactly these members in this order, no white space, standard
 * padded base64 (RFC 4648 section 4), 1 to 16 signatures in ascending order of
 * distinct keyids. A keyid is the lowercase hex SHA-256 of the raw Ed25519
 * public key. What is signed is the payload in DSSE's pre-authentication
 * encoding:
 *
 *     "DSSEv1" SP LEN(payloadType) SP payloadType SP LEN(payload) SP payload
 *
 * One envelope has one spelling, or anybody could mint new leaves from old
 * ones by spelling them differently.
 */
import { concat, fromBase64, toBase64, toHex, utf8 } from '../bytes.ts';
import { LedgerError, assert, lengthOf } from '../errors.ts';
import { ed25519PublicKey, signEd25519 } from '#ed25519';
import { sha256 } from '#sha256';
import type { JsonObject, JsonValue } from './canonical.ts';
import { parseCanonical, placeOf, pointerPart } from './canonical.ts';

/** The bundle's length prefix would allow 65,535; a proof's `extra` line must stay under 64 KiB in base64. */
export const maxLeafBytes = 32768;
export const maxSignatures = 16;
export const payloadType = 'application/vnd.in-toto+json';

export interface EnvelopeSignature {
  /** Lowercase hex SHA-256 of the raw public key. */
  readonly keyid: string;
  /** 64 bytes. */
  readonly sig: Uint8Array;
}

export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly EnvelopeSignature[];
}

export function keyidOf(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey));
}

/** DSSE's pre-authentication encoding: what a signature is made over. */
export function pae(type: string, payload: Uint8Array): Uint8Array {
  const typeBytes = utf8(type);
  return concat(utf8(`DSSEv1 ${typeBytes.length} `), typeBytes, utf8(` ${payload.length} `), payload);
}

/** The canonical bytes of an envelope; signatures are put in order. Throws `duplicate-signature`, `too-large`. */
export function formatEnvelope(envelope: Envelope): Uint8Array {
  assert(envelope.payloadType === payloadType, 'leaves hold in-toto statements');
  const signatures = envelope.signatures.toSorted((a, b) =>
    a.keyid < b.keyid ? -1 : a.keyid > b.keyid ? 1 : 0,
  );
  refuseCount(signatures.length);
  refuseDisorder(signatures);
  const leaf = utf8(formatText({ ...envelope, signatures }));
  refuseSize(leaf);
  return leaf;
}

function formatText({ payload, payloadType: type, signatures }: Envelope): string {
  const lines = signatures.map(({ keyid, sig }) => `{"keyid":"${keyid}","sig":"${toBase64(sig)}"}`);
  return `{"payload":"${toBase64(payload)}","payloadType":"${type}","signatures":[${lines.join(',')}]}`;
}

/**
 * The envelope in a leaf. Throws what `parseCanonical` throws (with
 * `envelope-not-canonical`), `unknown-member`, `schema-violation`,
 * `bad-base64`, `bad-hex`, `duplicate-signature`; `at` points at the member.
 */
export function parseEnvelope(leaf: Uint8Array): Envelope {
  refuseSize(leaf);
  const value = parseCanonical(leaf, { maxBytes: maxLeafBytes, maxDepth: 3, code: 'envelope-not-canonical' });
  const object = members(value, '', ['payload', 'payloadType', 'signatures']);
  const type = text(object['payloadType'], '/payloadType', payloadType);
  if (type !== payloadType) {
    throw new LedgerError('schema-violation', 'another payload type', {
      expected: payloadType,
      got: lengthOf(type),
      at: '/payloadType',
    });
  }
  const list = object['signatures'];
  if (!Array.isArray(list)) {
    throw new LedgerError('schema-violation', 'signatures are not a list', {
      expected: 'an array',
      at: '/signatures',
    });
  }
  refuseCount(list.length);
  const signatures = list.map((item, i) => {
    const at = `/signatures/${i}`;
    const signature = members(item, at, ['keyid', 'sig']);
    const keyid = text(signature['keyid'], `${at}/keyid`, '64 hexadecimal digits');
    if (!/^[0-9a-f]{64}$/.test(keyid)) {
      throw new LedgerError('bad-hex', 'a keyid is not a SHA-256 in lowercase hexadecimal', {
        expected: '64 characters of 0-9 a-f',
        got: lengthOf(keyid),
        at: `${at}/keyid`,
      });
    }
    return { keyid, sig: base64(signature['sig'], `${at}/sig`, 64) };
  });
  refuseDisorder(signatures);
  // Canonical JSON, strict base64, strict hex and the order of keyids leave one spelling; no need to format and compare.
  return { payloadType: type, payload: base64(object['payload'], '/payload'), signatures };
}

function refuseSize(leaf: Uint8Array): void {
  if (leaf.length > maxLeafBytes) {
    throw new LedgerError('too-large', 'an envelope is too large', {
      expected: `at most ${maxLeafBytes} bytes; refer to what is larger by its digest`,
      got: `${leaf.length} bytes`,
    });
  }
}

function refuseCount(count: number): void {
  if (count < 1 || count > maxSignatures) {
    throw new LedgerError(
      count < 1 ? 'empty' : 'too-large',
      'an envelope has too few or too many signatures',
      {
        expected: `1 to ${maxSignatures} signatures`,
        got: String(count),
        at: '/signatures',
      },
    );
  }
}

function refuseDisorder(signatures: readonly EnvelopeSignature[]): void {
  for (let i = 1; i < signatures.length; i++) {
    const before = signatures[i - 1]?.keyid ?? '';
    const keyid = signatures[i]?.keyid ?? '';
    if (before < keyid) continue;
    throw before === keyid
      ? new LedgerError('duplicate-signature', 'two signatures by one key', {
          expected: 'distinct keyids',
          got: keyid,
          at: `/signatures/${i}/keyid`,
        })
      : new LedgerError('envelope-not-canonical', 'signatures are not in the order of their keyids', {
          expected: 'ascending keyids',
          got: keyid,
          at: `/signatures/${i}/keyid`,
        });
  }
}

/** The object at a place, once it has exactly these members. */
function members(value: JsonValue, at: string, names: readonly string[]): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LedgerError('schema-violation', 'not an object', { expected: 'an object', at });
  }
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue;
    // A member that we do not read could carry anything, and would make a second leaf of the same signatures.
    throw new LedgerError('unknown-member', 'an envelope has a member that the format does not know', {
      expected: names.join(', '),
      ...within(at, placeOf([name])),
    });
  }
  for (const name of names) {
    if (Object.hasOwn(value, name)) continue;
    throw new LedgerError('schema-violation', 'an envelope lacks a member', {
      expected: name,
      got: 'nothing',
      at: at + pointerPart(name),
    });
  }
  return value;
}

function within(at: string, place: { readonly at: string; readonly got?: string }): typeof place {
  return { ...place, at: at + place.at };
}

function text(value: JsonValue | undefined, at: string, expected: string): string {
  if (typeof value === 'string') return value;
  throw new LedgerError('schema-violation', 'not a text', { expected, at });
}

function base64(value: JsonValue | undefined, at: string, length?: number): Uint8Array {
  try {
    return fromBase64(text(value, at, 'base64'), length);
  } catch (cause) {
    if (!(cause instanceof LedgerError) || cause.code !== 'bad-base64') throw cause;
    const { expected, got } = cause;
    throw new LedgerError(cause.code, cause.message, {
      expected,
      got,
      at,
    });
  }
}

/** One signature over a payload, with a 32-byte Ed25519 seed. */
export function signPayload(payload: Uint8Array, seed: Uint8Array): EnvelopeSignature {
  return { keyid: keyidOf(ed25519PublicKey(seed)), sig: signEd25519(seed, pae(payloadType, payload)) };
}

/** The leaf of a payload signed with each of the seeds. */
export function signEnvelope(payload: Uint8Array, seeds: readonly Uint8Array[]): Uint8Array {
  const signatures = seeds.map((seed) => signPayload(payload, seed));
  return formatEnvelope({ payloadType, payload, signatures });
}
