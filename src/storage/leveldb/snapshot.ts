/**
 * The files that make up a database at one moment: CURRENT names the manifest,
 * the manifest the tables, and what is newer stands in the logs.
 *
 * A server may be writing meanwhile. A log that grows is no trouble: what was
 * read of it is an earlier state. A table that is replaced shows in the
 * manifest; so the manifest is read once more in the end, and if it has changed all is
 * taken again. The tables of the snapshot are held open, so they can be
 * read also after LevelDB has removed them.
 */
import { equal } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { Damage, findingOf, type Finding } from './damage.ts';
import { TableFile, namesIn, readWhole } from './files.ts';
import { readBatch } from './batch.ts';
import type { Entry } from './internal-key.ts';
import { readLog } from './log-file.ts';
import { numbered, parseName } from './names.ts';
import { VersionBuilder, requireDisjoint, spanOf, type TableMeta, type Version } from './version.ts';

export interface SnapshotTable {
  readonly meta: TableMeta;
  /** Undefined if it is missing. */
  readonly file: TableFile | undefined;
}

export interface Snapshot {
  /** By level, as in `Version`; none where the manifest cannot be followed. */
  readonly levels: readonly (readonly SnapshotTable[])[];
  /** What the logs hold, in the order in which it was written. */
  readonly writes: readonly Entry[];
  /** What is wrong with CURRENT, manifest and logs, and which tables are missing or of another size. */
  readonly findings: readonly Finding[];
  /** Files and bytes that were read whole. */
  readonly read: { readonly files: number; readonly bytes: number };
  close(): Promise<void>;
}

/** Tables that are held open at most: some 16 GB of database. */
const maxHeld = 8192;
const tries = 20;

/**
 * Throws `store-missing`, `store-unreadable`. Damage is part of the answer. Tables are held open unless
 * told otherwise, and then take room on the disk also after LevelDB has removed them.
 */
export async function takeSnapshot(
  dir: string,
  { hold = true }: { readonly hold?: boolean } = {},
): Promise<Snapshot> {
  for (let left = tries; left > 0; left--) {
    const taking = new Taking(dir, hold);
    try {
      const snapshot = await taking.take();
      if (await taking.stillStands()) return snapshot;
    } catch (error) {
      await taking.close();
      throw error;
    }
    await taking.close();
  }
  throw new LedgerError('store-unreadable', 'the database changes faster than it can be looked at', {
    expected: `a manifest that stands still while it is read, in one of ${tries} tries`,
  });
}

class Taking {
  readonly #dir: string;
  readonly #findings: Finding[] = [];
  readonly #open: TableFile[] = [];
  #names: string[] = [];
  #manifest: string | undefined;
  #manifestBytes: Uint8Array | undefined;
  readonly #read = { files: 0, bytes: 0 };

  readonly #hold: boolean;

  constructor(dir: string, hold: boolean) {
    this.#dir = dir;
    this.#hold = hold;
  }

  async take(): Promise<Snapshot> {
    this.#names = await namesIn(this.#dir);
    requireDatabase(this.#dir, this.#names);
    const version = await this.#version();
    const levels: SnapshotTable[][] = [];
    for (const level of version?.levels ?? []) {
      const tables: SnapshotTable[] = [];
      for (const meta of level) tables.push({ meta, file: await this.#table(meta) });
      levels.push(tables);
    }
    const writes = version === undefined ? [] : await this.#writes(version);
    this.#strays(version);
    return { levels, writes, findings: this.#findings, read: this.#read, close: () => this.close() };
  }

  /** Whether the manifest is the one that was read. */
  async stillStands(): Promise<boolean> {
    const { name, bytes } = await this.#readManifest(() => {});
    if (name !== this.#manifest || bytes === undefined) return bytes === this.#manifestBytes;
    return this.#manifestBytes !== undefined && equal(bytes, this.#manifestBytes);
  }

  async close(): Promise<void> {
    for (const file of this.#open.splice(0)) await file.close();
  }

  /** Undefined if the manifest cannot be followed to a version. */
  async #version(): Promise<Version | undefined> {
    const { name, bytes } = await this.#readManifest((finding) => this.#findings.push(finding));
    this.#manifest = name;
    this.#manifestBytes = bytes;
    if (name === undefined || bytes === undefined) return undefined;
    this.#count(bytes);
    const { records, damages } = readLog(bytes);
    for (const damage of damages) {
      const finding = findingOf(damage, name);
      // LevelDB refuses such a manifest; an edit that was only half written it passes over.
      this.#findings.push(finding.kind === 'last-record' ? { ...finding, kind: 'damage' } : finding);
    }
    const builder = new VersionBuilder();
    try {
      for (const record of records) builder.apply(record);
      const version = builder.version();
      requireDisjoint(version);
      return version;
    } catch (error) {
      this.#findings.push(findingOf(error, name));
      return undefined;
    }
  }

  async #readManifest(
    report: (finding: Finding) => void,
  ): Promise<{ name: string | undefined; bytes: Uint8Array | undefined }> {
    const current = await this.#whole('CURRENT', report);
    const name = current === undefined ? undefined : manifestNamed(current);
    if (name === undefined) {
      const what = current === undefined ? 'CURRENT is missing' : 'CURRENT does not name a manifest';
      report({ kind: 'damage', file: 'CURRENT', offset: 0, what });
      return { name, bytes: undefined };
    }
    const bytes = await this.#whole(name, report);
    if (bytes === undefined) {
      report({ kind: 'damage', file: name, offset: 0, what: 'the manifest that CURRENT names is missing' });
    }
    return { name, bytes };
  }

  async #whole(name: string, report: (finding: Finding) => void): Promise<Uint8Array | undefined> {
    try {
      return await readWhole(this.#dir, name);
    } catch (error) {
      report(findingOf(error, name));
      return undefined;
    }
  }

  async #table(meta: TableMeta): Promise<TableFile | undefined> {
    const hold = this.#hold && this.#open.length < maxHeld;
    const name = `${numbered(meta.number)}.ldb`;
    const rows = spanOf(meta);
    let file: TableFile | undefined;
    try {
      file =
        (await TableFile.open(this.#dir, name, { hold })) ??
        (await TableFile.open(this.#dir, `${numbered(meta.number)}.sst`, { hold }));
      if (file === undefined) throw new Damage(0, 'the table is missing');
    } catch (error) {
      this.#findings.push(findingOf(error, name, rows));
      return undefined;
    }
    this.#open.push(file);
    if (file.size !== meta.size) {
      const what = `the table has ${file.size} bytes and not ${meta.size}`;
      this.#findings.push({ kind: 'damage', file: file.name, offset: 0, what, rows });
    }
    return file;
  }

  async #writes({ logNumber, previousLog }: Version): Promise<Entry[]> {
    const names = this.#names
      .map((name) => ({ name, parsed: parseName(name) }))
      .flatMap(({ name, parsed }) => (parsed?.kind === 'log' ? [{ name, number: parsed.number }] : []))
      .filter(({ number }) => number >= logNumber || number === previousLog)
      .sort((a, b) => a.number - b.number);
    if (logNumber > 0 && !names.some(({ number }) => number === logNumber)) {
      // LevelDB opens without it and without a word: all that was written since the last table would be gone.
      const file = `${numbered(logNumber)}.log`;
      this.#findings.push({ kind: 'damage', file, offset: 0, what: 'the log is missing' });
    }
    const writes: Entry[] = [];
    let endings: Finding[] = [];
    for (const { name } of names) {
      const found = await this.#log(name);
      // A log that another one with records follows was finished: its end was no last write.
      if (found.writes.length > 0) {
        this.#findings.push(...endings.map((finding) => ({ ...finding, kind: 'damage' as const })));
        endings = [];
      }
      endings.push(...found.endings);
      for (const write of found.writes) writes.push(write);
    }
    this.#findings.push(...endings);
    return writes;
  }

  /** `endings`: what is wrong with its end, if anything. */
  async #log(name: string): Promise<{ writes: Entry[]; endings: Finding[] }> {
    const bytes = await this.#whole(name, (finding) => this.#findings.push(finding));
    const writes: Entry[] = [];
    const endings: Finding[] = [];
    if (bytes === undefined) return { writes, endings };
    this.#count(bytes);
    const { records, damages } = readLog(bytes);
    for (const damage of damages) {
      const ending = damage.kind === 'unfinished' || damage.kind === 'last-record';
      (ending ? endings : this.#findings).push(findingOf(damage, name));
    }
    for (const record of records) {
      try {
        for (const write of readBatch(record)) writes.push(write);
      } catch (error) {
        this.#findings.push(findingOf(error, name));
      }
    }
    return { writes, endings };
  }

  #strays(version: Version | undefined): void {
    if (version === undefined) return;
    const live = new Set(version.levels.flatMap((tables) => tables.map(({ number }) => number)));
    for (const name of this.#names) {
      const what = strayness(name, { live, version, manifest: this.#manifest });
      if (what !== undefined) this.#findings.push({ kind: 'harmless', file: name, offset: 0, what });
    }
  }

  #count({ length }: Uint8Array): void {
    this.#read.files += 1;
    this.#read.bytes += length;
  }
}

/** A database of which CURRENT alone is gone is a damaged one, not none. */
function requireDatabase(dir: string, names: readonly string[]): void {
  const kinds = new Set(names.map((name) => parseName(name)?.kind));
  if (kinds.has('current') || kinds.has('manifest') || kinds.has('table') || kinds.has('log')) return;
  throw new LedgerError('store-missing', `there is no database in ${dir}`, { expected: 'a database' });
}

function manifestNamed(current: Uint8Array): string | undefined {
  const name = Buffer.from(current).toString('latin1');
  if (!name.endsWith('\n')) return undefined;
  return parseName(name.slice(0, -1))?.kind === 'manifest' ? name.slice(0, -1) : undefined;
}

/** Why a file is none of the database's, if it is none. A running server may be making or removing it. */
function strayness(
  name: string,
  { live, version, manifest }: { live: ReadonlySet<number>; version: Version; manifest: string | undefined },
): string | undefined {
  const parsed = parseName(name);
  if (parsed === undefined) return 'a file that is none of LevelDB’s';
  if (parsed.kind === 'marker') {
    return 'damage was met here, and nothing was written since: remove this file once all else is sound';
  }
  if (parsed.kind === 'table') return live.has(parsed.number) ? undefined : 'a table that is not in use';
  if (parsed.kind === 'manifest') return name === manifest ? undefined : 'a manifest that is not in use';
  if (parsed.kind === 'temporary') return 'a temporary file';
  if (parsed.kind !== 'log' || parsed.number >= version.logNumber) return undefined;
  return parsed.number === version.previousLog ? undefined : 'a log that is not in use';
}
