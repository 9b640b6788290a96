/** A store with a flipped bit: what it does to the rows, who finds it, and what is served of it. */
import { copyFile, link, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equal } from '../../src/bytes.ts';
import { openDirectory, type LedgerDirectory } from '../../src/cli/serve/directory.ts';
import { openSignerDirectory } from '../../src/cli/serve/log-keys.ts';
import { Anchor } from '../../src/cosigner/anchor.ts';
import { LedgerError } from '../../src/errors.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { hiddenRows } from '../../src/ledger/store/spans.ts';
import { openLevel } from '../../src/storage/level.ts';
import { checkLevelFiles } from '../../src/storage/leveldb/check.ts';
import { DamagedStore } from '../../src/storage/leveldb/damaged-store.ts';
import type { Finding } from '../../src/storage/leveldb/damage.ts';
import { LevelFiles } from '../../src/storage/leveldb/level-files.ts';
import { numbered } from '../../src/storage/leveldb/names.ts';
import { takeSnapshot } from '../../src/storage/leveldb/snapshot.ts';
import { spanOf } from '../../src/storage/leveldb/version.ts';
import type { StorageReader } from '../../src/storage/storage.ts';
import type { Random } from '../random.ts';
import type { FaultSite } from './site.ts';

export interface Flip {
  readonly file: string;
  readonly at: number;
  readonly bit: number;
}

/** Entries, in commits of some hundred, with an archive, reopened so that there are tables, and some in the log. */
export async function fill(site: FaultSite, entries: number): Promise<void> {
  const directory = await openDirectory(site.directory);
  let clock = Date.now() - 86_400_000;
  let made = 0;
  const steps = [0.3, 0.6, 0.97, 1].map((share) => Math.floor(entries * share));
  for (const [step, until] of steps.entries()) {
    const ledger = await openLedger(directory, await openLevel(directory.database, { create: step === 0 }), {
      now: () => clock,
    });
    while (made < until) {
      const some = Array.from({ length: Math.min(250, until - made) }, () => site.leaves.fresh());
      await Promise.all(some.map((leaf) => ledger.append(leaf)));
      made += some.length;
      clock += 60_000;
    }
    await ledger.close();
  }
}

async function openLedger(
  directory: LedgerDirectory,
  storage: Parameters<typeof Ledger.open>[0]['storage'],
  more: Partial<Parameters<typeof Ledger.open>[0]> = {},
): Promise<Ledger> {
  return Ledger.open({
    storage,
    anchor: await Anchor.open(directory.anchor),
    logKeys: (await openSignerDirectory(directory.path)).keys,
    genesis: directory.genesis,
    origin: directory.config.origin,
    archiveInterval: 300,
    ...more,
  });
}

/** The kinds of files that there are, each as often as the others at least; most of the bytes are in tables. */
export async function planFlips(database: string, count: number, random: Random): Promise<Flip[]> {
  const names = (await readdir(database)).sort();
  const kinds: readonly (readonly [share: number, (name: string) => boolean])[] = [
    [55, (name) => name.endsWith('.ldb')],
    [20, (name) => name.endsWith('.log')],
    [15, (name) => name.startsWith('MANIFEST')],
    [5, (name) => name === 'CURRENT'],
    [5, (name) => name === 'LOG'],
  ];
  const flips: Flip[] = [];
  const total = kinds.reduce((sum, [share]) => sum + share, 0);
  while (flips.length < count) {
    let choice = random.below(total);
    const [, belongs] = kinds.find(([share]) => (choice -= share) < 0) ?? [0, () => true];
    const own = names.filter(belongs);
    const file = own[random.below(own.length)] ?? '';
    const { length } = await readFile(join(database, file));
    if (length === 0) continue;
    // Half of a table's flips hit what is behind its data: filter, index, footer.
    const tail = file.endsWith('.ldb') && random.below(2) === 0 ? Math.min(length, 4096) : length;
    flips.push({ file, at: length - 1 - random.below(tail), bit: random.below(8) });
  }
  return flips;
}

/** The store as it was, beside which a flipped one is compared. */
export class SoundStore {
  readonly directory: string;
  #copies = 0;
  readonly #view: LevelFiles;
  readonly #shape: string;
  readonly #logKeys: readonly Uint8Array[];

  private constructor(directory: string, view: LevelFiles, shape: string, logKeys: readonly Uint8Array[]) {
    this.directory = directory;
    this.#view = view;
    this.#shape = shape;
    this.#logKeys = logKeys;
  }

  static async open(directory: string): Promise<SoundStore> {
    const database = join(directory, 'db');
    const snapshot = await takeSnapshot(database);
    const keys = snapshot.writes.map(({ key }) => key.slice()).filter((key) => (key[0] ?? 0) > 0);
    const sound = new SoundStore(directory, await LevelFiles.open(database), await shapeOf(database), keys);
    await snapshot.close();
    return sound;
  }

  get view(): LevelFiles {
    return this.#view;
  }

  async close(): Promise<void> {
    await this.#view.close();
  }

  /** Runs `use` on a copy in which one bit is flipped. */
  async flipped<T>(flip: Flip, use: (directory: string) => Promise<T>): Promise<T> {
    const copy = `${this.directory}-flipped-${++this.#copies}`;
    await copyDirectory(this.directory, copy, (name) => name.endsWith('.ldb') && name !== flip.file);
    const path = join(copy, 'db', flip.file);
    const bytes = await readFile(path);
    bytes[flip.at] = (bytes[flip.at] ?? 0) ^ (1 << flip.bit);
    await writeFile(path, bytes);
    try {
      return await use(copy);
    } finally {
      await rm(copy, { recursive: true });
    }
  }

  /** Whether some row of the copy differs, is missing or is unreadable: of the rows that the flip can reach. */
  async isHarmed(directory: string, { file }: Flip): Promise<boolean> {
    const database = join(directory, 'db');
    let view: LevelFiles;
    try {
      view = await LevelFiles.open(database);
    } catch {
      return true;
    }
    try {
      const [before, after] = [await this.#view.head(), await view.head()];
      if (before?.size !== after?.size) return true;
      if ((await shapeOf(database)) !== this.#shape) return !(await sameRows(this.#view, view, everything));
      if (file.endsWith('.log')) return !(await sameValues(this.#view, view, this.#logKeys));
      const span = file.endsWith('.ldb') ? await spanOfTable(database, file) : undefined;
      return span !== undefined && !(await sameRows(this.#view, view, span));
    } catch (error) {
      if (error instanceof LedgerError) return true;
      throw error;
    } finally {
      await view.close();
    }
  }

  /**
   * Opens the copy as `isal serve` does, and reads entries where the damage lies and elsewhere.
   * Gives what was served wrong, and what came of it.
   */
  async serve(
    directory: string,
    findings: readonly Finding[],
    random: Random,
  ): Promise<{ readonly wrong: string[]; readonly outcome: 'refused' | 'damaged' | 'open' }> {
    const wrong: string[] = [];
    let ledger: Ledger;
    try {
      ledger = await openAsServed(directory);
    } catch (error) {
      if (error instanceof LedgerError) return { wrong, outcome: 'refused' };
      throw error;
    }
    try {
      const size = ledger.checkpoint()?.checkpoint.size ?? 0;
      for (const index of indices(findings, size, random)) {
        const key = Uint8Array.of(
          0x6c,
          ...new Uint8Array(new BigUint64Array([BigInt(index)]).buffer).reverse(),
        );
        const expected = await this.#view.get(key);
        const got = await ledger.entry(index).catch(refusedFor);
        if (got !== undefined && (expected === undefined || !equal(got, expected)))
          wrong.push(`entry ${index}`);
        await ledger.inclusion({ index }).catch(refusedFor);
        await ledger.entryBundle({ index: Math.floor(index / 256), width: 1 }).catch(refusedFor);
      }
      await ledger.search({ type: 'data-access', limit: 5 }).catch(refusedFor);
      return { wrong, outcome: ledger.health().damage === undefined ? 'open' : 'damaged' };
    } finally {
      await ledger.close();
    }
  }
}

const everything = { gte: Uint8Array.of(1), lte: Uint8Array.of(0xff) };

/** An answer or `store-corrupt`; anything else is a failure of the test. */
function refusedFor(error: unknown): undefined {
  if (!(error instanceof LedgerError) || error.code !== 'store-corrupt') throw error;
}

async function openAsServed(path: string): Promise<Ledger> {
  const directory = await openDirectory(path);
  try {
    return await openLedger(directory, await openLevel(directory.database, { create: false }));
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'store-corrupt') throw error;
    return openLedger(directory, await DamagedStore.open(directory.database, error), { damage: error });
  }
}

export async function findingsIn(directory: string): Promise<Finding[]> {
  const found: Finding[] = [];
  // What is flipped is under a checksum: the rows in the blocks are looked at by the command, now and then.
  for await (const finding of checkLevelFiles(join(directory, 'db'), { rows: false })) found.push(finding);
  return found.filter(({ kind }) => kind === 'damage' || kind === 'last-record');
}

function indices(findings: readonly Finding[], size: number, random: Random): number[] {
  const chosen = new Set([0, size - 1, random.below(size), random.below(size)]);
  for (const { rows } of findings) {
    const { entries } = rows === undefined ? { entries: undefined } : hiddenRows(rows);
    if (entries === undefined) continue;
    const to = Math.min(entries.to ?? size - 1, size - 1);
    for (const index of [entries.from, to, entries.from + random.below(Math.max(1, to - entries.from))]) {
      if (index < size) chosen.add(index);
    }
  }
  return [...chosen].filter((index) => index >= 0);
}

async function copyDirectory(from: string, to: string, linked: (name: string) => boolean): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyDirectory(source, target, linked);
    else if (linked(entry.name)) await link(source, target);
    else await copyFile(source, target);
  }
}

/** The tables of a database, as text; empty where its manifest cannot be followed. */
async function shapeOf(database: string): Promise<string> {
  const snapshot = await takeSnapshot(database);
  await snapshot.close();
  return JSON.stringify(
    snapshot.levels.map((level) => level.map(({ meta: { number, size } }) => [number, size])),
  );
}

async function spanOfTable(
  database: string,
  file: string,
): Promise<{ gte: Uint8Array; lte: Uint8Array } | undefined> {
  const snapshot = await takeSnapshot(database);
  await snapshot.close();
  const table = snapshot.levels.flat().find(({ meta }) => `${numbered(meta.number)}.ldb` === file);
  return table === undefined ? undefined : spanOf(table.meta);
}

async function sameValues(a: StorageReader, b: StorageReader, keys: readonly Uint8Array[]): Promise<boolean> {
  const [before, after] = [await a.getMany(keys), await b.getMany(keys)];
  return before.every((value, i) => {
    const other = after[i];
    return value === undefined ? other === undefined : other !== undefined && equal(value, other);
  });
}

async function sameRows(
  a: StorageReader,
  b: StorageReader,
  { gte, lte }: { readonly gte: Uint8Array; readonly lte: Uint8Array },
): Promise<boolean> {
  const range = { gte, lt: Uint8Array.of(...lte, 0) };
  const others = b.range(range)[Symbol.asyncIterator]();
  for await (const [key, value] of a.range(range)) {
    const { done, value: row } = await others.next();
    if (done === true || !equal(row[0], key) || !equal(row[1], value)) return false;
  }
  return (await others.next()).done === true;
}
