/** Databases that the real LevelDB wrote, for our own reader of its files. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { checkLevelFiles, type CheckOptions } from '../../../src/storage/leveldb/check.ts';
import type { Finding } from '../../../src/storage/leveldb/damage.ts';
import type { Row } from '../../../src/storage/storage.ts';

export type RawDb = Level<Uint8Array, Uint8Array> & {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>;
};

export interface RawOptions {
  readonly compression?: boolean;
  readonly writeBufferSize?: number;
  readonly blockSize?: number;
  readonly blockRestartInterval?: number;
}

export async function openRaw(dir: string, options: RawOptions = {}): Promise<RawDb> {
  const db = new Level<Uint8Array, Uint8Array>(dir, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    ...options,
  });
  await db.open();
  return db as unknown as RawDb;
}

export async function inDirectory<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'isal-leveldb-'));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** A name that nobody can open, not even root: as where access is denied. */
export async function replaceByLoop(path: string): Promise<void> {
  await rm(path);
  await symlink(path, path);
}

export async function findingsOf(dir: string, options: CheckOptions = {}): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of checkLevelFiles(dir, options)) findings.push(finding);
  return findings;
}

export async function collect(rows: AsyncIterable<Row>): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const [key, value] of rows) found.push([hex(key), hex(value)]);
  return found;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
