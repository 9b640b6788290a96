/**
 * What a core dump of a process would hold: every page of its memory that can
 * be read, by way of /proc. Linux; for one's own children, or as root.
 */
import { createHash } from 'node:crypto';
import { open, readFile, readdir } from 'node:fs/promises';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { toHex } from '../../src/bytes.ts';
import { parseSignerKey } from '../../src/note/key.ts';

/** By what each would give away. */
export type Secrets = ReadonlyMap<string, Buffer>;

/** All that a key file's text gives away, and all that is computed of it and signs as well as it does. */
export function secretsIn(text: string): Secrets {
  const { type, seed } = parseSignerKey(text.trimEnd());
  const encoded = text.trimEnd().slice(text.lastIndexOf('+') + 1);
  const found = new Map<string, Buffer>([
    ['seed', Buffer.from(seed)],
    ['seed in hex', Buffer.from(toHex(seed))],
    ['seed in hex, two bytes a letter', Buffer.from(toHex(seed), 'utf16le')],
    ['text of the key file', Buffer.from(encoded)],
    ['text of the key file, two bytes a letter', Buffer.from(encoded, 'utf16le')],
  ]);
  if (type === 1) {
    // RFC 8032, section 5.1.5: the secret scalar as hashed and as pruned, and the prefix of nonces.
    const expanded = createHash('sha512').update(seed).digest();
    const pruned = Buffer.from(expanded.subarray(0, 32));
    pruned[0] = (pruned[0] ?? 0) & 0xf8;
    pruned[31] = ((pruned[31] ?? 0) & 0x7f) | 0x40;
    found.set('hashed seed', expanded.subarray(0, 32));
    found.set('secret scalar', pruned);
    found.set('prefix of nonces', expanded.subarray(32));
  } else {
    // FIPS 204, algorithm 24: rho (public), K, tr (public), s1, …
    const { secretKey } = ml_dsa44.keygen(seed);
    found.set('K', Buffer.from(secretKey.subarray(32, 64)));
    found.set('s1', Buffer.from(secretKey.subarray(128, 192)));
  }
  return found;
}

/** Those of the secrets that the memory of the process shows, by their names. */
export async function shownBy(pid: number, secrets: Secrets): Promise<string[]> {
  const longest = Math.max(...[...secrets.values()].map(({ length }) => length));
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8');
  const memory = await open(`/proc/${pid}/mem`, 'r');
  const found = new Set<string>();
  try {
    for (const [from, to] of regions(maps)) {
      for await (const bytes of pieces(memory, { from, to, overlap: longest - 1 })) {
        for (const [name, secret] of secrets) if (bytes.includes(secret)) found.add(name);
      }
    }
  } finally {
    await memory.close();
  }
  return [...found].toSorted();
}

/** All that can be read, but for what is mapped from a file and was never written: that is on the disk as well. */
function regions(maps: string): [from: number, to: number][] {
  return maps.split('\n').flatMap((line) => {
    const [, from = '', to = '', write, name = ''] =
      /^([0-9a-f]+)-([0-9a-f]+) r(.)\S* \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
    const unwritten = write === '-' && name.startsWith('/');
    if (from === '' || unwritten || name.startsWith('[v')) return [];
    return [[Number.parseInt(from, 16), Number.parseInt(to, 16)]];
  });
}

const pieceBytes = 4 * 2 ** 20;

async function* pieces(
  memory: Awaited<ReturnType<typeof open>>,
  { from, to, overlap }: { from: number; to: number; overlap: number },
): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(pieceBytes + overlap);
  for (let at = from; at < to; at += pieceBytes) {
    const length = Math.min(buffer.length, to - at);
    // A region may be given back between the listing and the reading.
    const { bytesRead } = await memory.read(buffer, 0, length, at).catch(() => ({ bytesRead: 0 }));
    yield buffer.subarray(0, bytesRead);
  }
}

/** The processes that this one has started and that are still there. */
export async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

/** Whether it still runs; one that has ended and is not yet reaped does not. */
export async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  return state !== '' && state !== 'Z' && state !== 'X';
}
