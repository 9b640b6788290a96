/**
 * Every way in which a test changes an answer: fields and bytes of it deleted,
 * duplicated, moved, substituted, also by what stands in the same place of
 * another answer that is valid in itself.
 */
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../src/bytes.ts';
import { formatEntryBundle, parseEntryBundle } from '../../src/tlog/bundle.ts';
import { parseBundlePath } from '../../src/tlog/tile.ts';
import type { Reply } from './answers.ts';

export interface Change {
  readonly name: string;
  /** Made when it is asked for: there are many more changes than a quick run tries. */
  readonly reply: Reply;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What else there is: the answers to other questions, of other sizes, and leaves that nobody recorded. */
export interface Pool {
  readonly replies: readonly (readonly [path: string, reply: Reply])[];
  readonly leaves: readonly Uint8Array[];
}

const ok = (body: Uint8Array): Reply => ({ status: 200, body });

const lazily = (name: string, make: () => Uint8Array): Change => ({
  name,
  get reply() {
    return ok(make());
  },
});

/** Each change of an answer as a whole. */
export function* wholeChanges({ status, body }: Reply, { replies }: Pool): Generator<Change> {
  yield { name: 'not found', reply: { status: 404, body: utf8('{"code":"not-found","detail":"no"}') } };
  yield { name: 'out of range', reply: { status: 400, body: utf8('{"code":"out-of-range","detail":"no"}') } };
  yield { name: 'a failure', reply: { status: 500, body } };
  for (const text of ['', '{}', '[]', 'null', 'x', '<html></html>']) {
    yield { name: `instead ${text}`, reply: { status, body: utf8(text) } };
  }
  yield { name: 'first half', reply: { status, body: body.subarray(0, body.length / 2) } };
  yield { name: 'twice', reply: { status, body: Buffer.concat([body, body]) } };
  yield { name: 'one byte more', reply: { status, body: Buffer.concat([body, utf8('\n')]) } };
  yield { name: 'one byte less', reply: { status, body: body.subarray(0, -1) } };
  for (const [path, other] of replies) {
    if (!Buffer.from(other.body).equals(body)) yield { name: `the answer to ${path}`, reply: other };
  }
}

/** Each change inside an answer, by what kind of answer it is. */
export function* innerChanges(path: string, { body }: Reply, pool: Pool): Generator<Change> {
  if (path === 'checkpoint') yield* noteChanges(fromUtf8(body), pool);
  else if (path.startsWith('tile/entries/')) yield* bundleChanges(path, body, pool);
  else if (path.startsWith('tile/')) yield* hashChanges(body, pool);
  else yield* jsonChanges(JSON.parse(fromUtf8(body)) as Json, pool);
}

function* noteChanges(text: string, { replies }: Pool): Generator<Change> {
  const lines = text.split('\n');
  const others = new Set(
    replies.filter(([path]) => path === 'checkpoint').flatMap(([, { body }]) => fromUtf8(body).split('\n')),
  );
  const made = (name: string, changed: readonly string[]): Change => ({
    name,
    reply: ok(utf8(changed.join('\n'))),
  });
  for (const [at, line] of lines.entries()) {
    yield made(`without line ${at}`, lines.toSpliced(at, 1));
    yield made(`line ${at} twice`, lines.toSpliced(at, 0, line));
    yield made(`line ${at} after the next`, lines.toSpliced(at, 2, lines[at + 1] ?? '', line));
    for (const other of others) yield made(`line ${at} is ${other.slice(0, 20)}`, lines.with(at, other));
    for (const place of new Set([0, 3, Math.floor(line.length / 2), line.length - 1])) {
      const code = line.charCodeAt(place);
      if (Number.isNaN(code) || code > 0x7f) continue;
      const flipped = line.slice(0, place) + String.fromCharCode(code ^ 1) + line.slice(place + 1);
      yield made(`line ${at}, character ${place}`, lines.with(at, flipped));
    }
  }
}

function* hashChanges(body: Uint8Array, { replies }: Pool): Generator<Change> {
  const units: Uint8Array[] = Array.from({ length: Math.ceil(body.length / 32) }, (_, at) =>
    body.slice(at * 32, at * 32 + 32),
  );
  const made = (name: string, changed: readonly Uint8Array[]): Change =>
    lazily(name, () => Buffer.concat(changed));
  const others = replies
    .filter(([path]) => /^tile\/\d/.test(path))
    .flatMap(([, other]) => [other.body.slice(0, 32), other.body.slice(-32)]);
  for (const [at, unit] of units.entries()) {
    yield made(`without hash ${at}`, units.toSpliced(at, 1));
    yield made(`hash ${at} twice`, units.toSpliced(at, 0, unit));
    yield made(`hash ${at} in the place of the next`, units.with((at + 1) % units.length, unit));
    for (const place of [0, 17, 31])
      yield made(`hash ${at}, byte ${place}`, units.with(at, flipped(unit, place)));
    for (const other of others) yield made(`hash ${at} of another tile`, units.with(at, other));
  }
}

function* bundleChanges(path: string, body: Uint8Array, { leaves }: Pool): Generator<Change> {
  const entries = parseEntryBundle(body, parseBundlePath(path).width);
  const made = (name: string, changed: readonly Uint8Array[]): Change =>
    lazily(name, () => formatEntryBundle([...changed]));
  for (const [at, entry] of entries.entries()) {
    yield made(`without entry ${at}`, entries.toSpliced(at, 1));
    yield made(`entry ${at} twice`, entries.toSpliced(at, 0, entry));
    yield made(`entry ${at} after the next`, entries.toSpliced(at, 2, entries[at + 1] ?? entry, entry));
    for (const other of [...entries, ...leaves])
      yield made(`entry ${at} is another`, entries.with(at, other));
    for (const place of [0, 20, Math.floor(entry.length / 2), entry.length - 3]) {
      yield made(`entry ${at}, byte ${place}`, entries.with(at, flipped(entry, place)));
    }
  }
  for (const place of [0, 1]) yield { name: `byte ${place}`, reply: ok(flipped(body, place)) };
}

const fixed: readonly Json[] = [null, true, 0, 1, -1, 1.5, 2 ** 53, '', 'x', [], {}];
/** Takes the place of a member that an object has already; no server writes it. */
const twin = '\u0001twin';

function* jsonChanges(value: Json, pool: Pool): Generator<Change> {
  const { leaves } = pool;
  const others = namedValues(pool);
  for (const place of places(value)) {
    const key = place.at(-1) as string;
    const name = place.join('/');
    const at = get(value, place);
    const made = (what: string, edit: (parent: Json, key: string) => void): Change =>
      lazily(`${name} ${what}`, () => {
        const copy = structuredClone(value);
        edit(get(copy, place.slice(0, -1)), key);
        return utf8(JSON.stringify(copy).replace(JSON.stringify(twin), JSON.stringify(key)));
      });
    yield made('deleted', (parent) => {
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete (parent as Record<string, Json>)[key];
    });
    for (const second of [at, null]) {
      yield made('duplicated', (parent) => {
        if (Array.isArray(parent)) parent.splice(Number(key), 0, second);
        else (parent as Record<string, Json>)[twin] = second;
      });
    }
    const forged = key === 'leaf' ? leaves.flatMap((leaf) => [toBase64(leaf), fromUtf8(leaf)]) : [];
    for (const other of [...fixed, ...variants(at), ...(others.get(key) ?? []), ...forged]) {
      if (JSON.stringify(other) === JSON.stringify(at)) continue;
      yield made(`is ${JSON.stringify(other).slice(0, 40)}`, (parent) => {
        (parent as Record<string, Json>)[key] = other;
      });
    }
  }
}

/** What is near a value, and so more likely to be taken for it. */
function variants(value: Json): Json[] {
  if (typeof value === 'number') return [value + 1, value - 1, String(value), [value]];
  if (Array.isArray(value)) {
    const [first] = value;
    return [
      value.toReversed(),
      value.slice(1),
      value.slice(0, -1),
      ...(first === undefined ? [] : [[first, ...value], [...value, first], value.map(() => first)]),
    ];
  }
  if (typeof value !== 'string' || value === '') return [];
  return [`${value} `, value.toUpperCase(), value.slice(0, -1), ...flippedTexts(value)];
}

/** A string with a bit of what it encodes turned, where it encodes something. */
function flippedTexts(value: string): string[] {
  try {
    const bytes = fromBase64(value);
    if (bytes.length < 32) return [];
    const at = [0, 1, 2, 3, 4].map((part) => Math.floor(((bytes.length - 1) * part) / 4));
    return at.map((place) => toBase64(flipped(bytes, place)));
  } catch {
    return [String.fromCharCode(value.charCodeAt(0) ^ 1) + value.slice(1)];
  }
}

function flipped(bytes: Uint8Array, place: number): Uint8Array {
  return bytes.map((byte, at) => (at === place ? byte ^ 1 : byte));
}

function* places(value: Json, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    yield [...path, key];
    yield* places(member, [...path, key]);
  }
}

function get(value: Json, path: readonly string[]): Json {
  return path.reduce<Json>((at, key) => (at as Record<string, Json>)[key] as Json, value);
}

type NamedValues = ReadonlyMap<string, readonly Json[]>;
const known = new WeakMap<Pool, NamedValues>();

/** The values that members of one name have in any answer of a pool. */
function namedValues(pool: Pool): NamedValues {
  const values = known.get(pool) ?? collectNamed(pool);
  known.set(pool, values);
  return values;
}

function collectNamed({ replies }: Pool): NamedValues {
  const values = new Map<string, Map<string, Json>>();
  for (const [path, { status, body }] of replies) {
    if (!path.startsWith('api/') || status !== 200) continue;
    const answer = JSON.parse(fromUtf8(body)) as Json;
    for (const place of places(answer)) {
      const key = place.at(-1) as string;
      if (/^\d+$/.test(key)) continue;
      const known = values.get(key) ?? new Map<string, Json>();
      const value = get(answer, place);
      known.set(JSON.stringify(value), value);
      values.set(key, known);
    }
  }
  return new Map([...values].map(([key, known]) => [key, [...known.values()]]));
}
