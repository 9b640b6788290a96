/**
 * What somebody with the whole log and much time would try: likely values of
 * personal fields, hashed in every way that people hash such things, under
 * nothing or under what is public, held against every digest in the log.
 */
import { createHmac, hash as hashOf } from 'node:crypto';
import type { Attestation } from '../../src/attestation/statement.ts';

const firstNames = ['Anna', 'Beat', 'Carla', 'Daniel', 'Elena', 'Fabian', 'Giulia', 'Hans', 'Irina', 'Jürg'];
const lastNames = [
  'Müller',
  'Meier',
  'Schmid',
  'Keller',
  'Weber',
  'Huber',
  'Schneider',
  'Steiner',
  'Fischer',
  'Gerber',
];
const middles = ['', 'A. ', 'B. ', 'C. ', 'M. ', 'von ', 'de ', 'di ', 'van ', 'zu '];
const streets = ['Bahnhofstrasse', 'Hauptstrasse', 'Dorfstrasse', 'Seestrasse', 'Kirchweg'];
const towns = ['8001 Zürich', '3011 Bern', '4051 Basel', '1201 Genève', '6900 Lugano'];

/** `count` likely values. */
export function* likelyValues(count: number): Generator<string, void, void> {
  let given = 0;
  for (const value of everyValue()) {
    if (given++ === count) return;
    yield value;
  }
}

/** Names, logins and addresses, and then staff numbers, tickets, telephones and hosts without end. */
function* everyValue(): Generator<string, void, void> {
  for (const first of firstNames) {
    for (const last of lastNames) {
      for (const middle of middles) yield `${first} ${middle}${last}`;
      yield `${last}, ${first}`;
      yield `${first}.${last}@vendor.example`.toLowerCase();
      yield `${first.slice(0, 1)}${last}`.toLowerCase();
    }
  }
  for (const street of streets) {
    for (const town of towns) {
      for (let number = 1; number <= 120; number++) yield `${street} ${number}, ${town}`;
    }
  }
  for (let number = 1; ; number++) {
    yield String(10_000 + number);
    yield `E${10_000 + number}`;
    yield `TICKET-${number}`;
    yield `INC${String(number).padStart(7, '0')}`;
    yield `+4179${String(4_000_000 + number * 7)}`;
    yield `10.0.${number >> 8}.${number & 255}`;
  }
}

/** Bytes by which a digest is known; a tag has no more. */
const known = 16;
type Key = string;
const keyOf = (bytes: Uint8Array): Key => Buffer.from(bytes.subarray(0, known)).toString('latin1');

/** Every text in the entries that could be a digest, by its first bytes, with where it stands. */
export function digestsIn(attestations: readonly Attestation[]): Map<Key, string> {
  const found = new Map<Key, string>();
  const walk = (value: unknown, at: string): void => {
    if (typeof value === 'string') {
      if (/^(?:[0-9a-f]{2}){16,64}$/.test(value)) found.set(keyOf(Buffer.from(value, 'hex')), at);
      if (/^[A-Za-z0-9+/_-]{22,}={0,2}$/.test(value)) found.set(keyOf(Buffer.from(value, 'base64url')), at);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) walk(member, `${at}/${name}`);
  };
  for (const { statement, leafHash } of attestations) {
    walk(statement, '');
    found.set(keyOf(leafHash), 'leaf hash');
  }
  return found;
}

/** Every short text of the entries: what a careless gateway could take for salt. */
export function publicValuesIn(attestations: readonly Attestation[]): string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'number') found.add(String(value));
    if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) walk(member);
  };
  for (const { statement } of attestations) walk(statement);
  return [...found];
}

/** Days and categories of the events, as a tag is made of them. */
export function tagTextsIn(attestations: readonly Attestation[]): string[] {
  const found = new Set<string>();
  for (const attestation of attestations) {
    if (attestation.type !== 'data-access') continue;
    const { occurredAt, categories } = attestation.statement.predicate;
    for (const category of categories) found.add(`${occurredAt.slice(0, 10)}\n${category}`);
  }
  return [...found];
}

const hash = (algorithm: string, data: string): Buffer => hashOf(algorithm, data, 'buffer');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const base64url = (text: string): string => Buffer.from(text).toString('base64url');

const fields = ['identity', 'detail', 'approver', 'reviewer'];
/** Salts that are none. */
const noSalts = ['', '0', 'salt', 'A'.repeat(22)];

/** What anybody can make of a value alone. */
function* bare(value: string): Generator<[way: string, digest: Buffer], void, void> {
  for (const text of new Set([value, value.toLowerCase(), `${value}\n`, JSON.stringify(value)])) {
    yield ['SHA-256', hash('sha256', text)];
    yield ['SHA-512', hash('sha512', text)];
    yield ['SHA-1', hash('sha1', text)];
    yield ['MD5', hash('md5', text)];
  }
  yield ['SHA-256 twice', hash('sha256', hash('sha256', value).toString('hex'))];
  yield ['SHA-256 of base64url', hash('sha256', base64url(value))];
  for (const field of fields) {
    yield ['disclosure without salt', hash('sha256', base64url(JSON.stringify([field, value])))];
    for (const salt of noSalts) {
      yield [
        'disclosure under no real salt',
        hash('sha256', base64url(JSON.stringify([salt, field, value]))),
      ];
    }
  }
}

/** What anybody can make of it and of something public. */
function* salted(value: string, salt: string): Generator<[way: string, digest: Buffer], void, void> {
  yield ['SHA-256, public salt before', hash('sha256', salt + value)];
  yield ['SHA-256, public salt behind', hash('sha256', value + salt)];
  yield ['HMAC under a public key', hmac(salt, value)];
  yield ['HMAC of something public', hmac(value, salt)];
  yield [
    'disclosure under a public salt',
    hash('sha256', base64url(JSON.stringify([salt, fields[0], value]))),
  ];
}

/** A customer's tag under a secret that can be guessed. */
function* tags(value: string, text: string): Generator<[way: string, digest: Buffer], void, void> {
  yield ['tag under a name', hmac(value, text)];
  yield ['tag under the hash of a name', hmac(hash('sha256', value), text)];
}

export interface Hit {
  readonly value: string;
  readonly way: string;
  /** JSON Pointer into the statement. */
  readonly at: string;
}

/** Tries `values` bare, and the first `saltedCount` of them under everything public. */
export function attack(
  attestations: readonly Attestation[],
  { values, saltedCount }: { readonly values: Iterable<string>; readonly saltedCount: number },
): { readonly tried: number; readonly hits: readonly Hit[] } {
  const digests = digestsIn(attestations);
  const salts = publicValuesIn(attestations);
  const texts = tagTextsIn(attestations);
  const hits: Hit[] = [];
  let tried = 0;
  const look = (value: string, ways: Iterable<[way: string, digest: Buffer]>): void => {
    for (const [way, digest] of ways) {
      const at = digests.get(keyOf(digest));
      if (at !== undefined) hits.push({ value, way, at });
    }
  };
  for (const value of values) {
    look(value, bare(value));
    if (tried < saltedCount) {
      for (const salt of salts) look(value, salted(value, salt));
      for (const text of texts) look(value, tags(value, text));
    }
    tried += 1;
  }
  return { tried, hits };
}
