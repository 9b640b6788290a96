import { expect } from 'chai';
import fc from 'fast-check';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LevelFiles } from '../../../src/storage/leveldb/level-files.ts';
import { openLevel } from '../../../src/storage/level.ts';
import { utf8 } from '../../../src/bytes.ts';
import { expectCode, headOf } from '../suite.ts';
import { collect, findingsOf, hex, inDirectory, openRaw, type RawDb } from './databases.ts';

type Write =
  { readonly key: number; readonly length: number; readonly fill: number } | { readonly gone: number };
type Step = readonly Write[] | 'compact' | 'reopen';

const keyOf = (number: number): Uint8Array =>
  // Of several lengths, with long common beginnings, and some that are beginnings of others.
  utf8(`${'abcdefgh'.slice(0, 1 + (number % 8))}${number % 3 === 0 ? '' : number}`);

const valueOf = (length: number, fill: number): Uint8Array =>
  // Half of it repeats itself, so that compression has something to do.
  Uint8Array.from({ length }, (_, i) => (i % 2 === 0 ? fill : (i * fill * 31) & 0xff));

const write: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ key: fc.nat(300), length: fc.oneof(fc.nat(40), fc.nat(9000)), fill: fc.nat(255) }),
  },
  { weight: 1, arbitrary: fc.record({ gone: fc.nat(300) }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.array(write, { minLength: 1, maxLength: 30 }) },
  { weight: 1, arbitrary: fc.constant<Step>('compact') },
  { weight: 1, arbitrary: fc.constant<Step>('reopen') },
);

async function apply(db: RawDb, writes: readonly Write[]): Promise<void> {
  const batch = db.batch();
  for (const write of writes) {
    if ('gone' in write) batch.del(keyOf(write.gone));
    else batch.put(keyOf(write.key), valueOf(write.length, write.fill));
  }
  await batch.write({ sync: true } as object);
}

async function compare(db: RawDb, files: LevelFiles): Promise<void> {
  const [gte, lt] = [Uint8Array.of(1), Uint8Array.of(0xff)];
  const all = await collect(db.iterator({}));
  expect(await collect(files.range({ gte, lt }))).to.deep.equal(all);
  expect(await collect(files.range({ gte, lt, reverse: true }))).to.deep.equal(all.toReversed());
  for (const [from, to] of [
    [keyOf(17), keyOf(160)],
    [keyOf(4), keyOf(7)],
    [keyOf(9), keyOf(9)],
  ] as const) {
    for (const reverse of [false, true]) {
      const some = await collect(db.iterator({ gte: from, lt: to, reverse, limit: 7 }));
      expect(await collect(files.range({ gte: from, lt: to, reverse, limit: 7 }))).to.deep.equal(some);
    }
  }
  const keys = Array.from({ length: 302 }, (_, number) => keyOf(number));
  const [got, expected] = [await files.getMany(keys), await db.getMany(keys)];
  expect(got.map((value) => value && hex(value))).to.deep.equal(expected.map((value) => value && hex(value)));
}

describe('reading the files of LevelDB', () => {
  it('reads what LevelDB reads, after any writes, flushes and compactions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.boolean(),
        fc.constantFrom(256, 4096),
        async (steps, compression, blockSize) => {
          await inDirectory(async (dir) => {
            const options = { compression, blockSize, writeBufferSize: 65536, blockRestartInterval: 4 };
            let db = await openRaw(dir, options);
            for (const step of steps) {
              if (step === 'compact') await db.compactRange(keyOf(0), utf8('zz'));
              else if (step === 'reopen') {
                await db.close();
                db = await openRaw(dir, options);
              } else await apply(db, step);
            }
            // While LevelDB has it open, and may be compacting.
            const files = await LevelFiles.open(dir);
            await compare(db, files);
            await files.close();
            await db.close();
            const closed = await LevelFiles.open(dir);
            const found = (await findingsOf(dir)).filter(({ kind }) => kind !== 'harmless');
            expect(found).to.deep.equal([]);
            db = await openRaw(dir, options);
            await compare(db, closed);
            await closed.close();
            await db.close();
          });
        },
      ),
      { numRuns: 15 },
    );
  });

  it('keeps the rows of its moment while LevelDB rewrites every table', async () => {
    await inDirectory(async (dir) => {
      const db = await openRaw(dir, { writeBufferSize: 65536 });
      const fill = async (value: number): Promise<void> => {
        for (let n = 0; n < 300; n += 30) {
          await apply(
            db,
            Array.from({ length: 30 }, (_, i) => ({ key: n + i, length: 2000, fill: value })),
          );
        }
      };
      await fill(1);
      const files = await LevelFiles.open(dir);
      const before = await collect(db.iterator({}));
      const tables = (await readdir(dir)).filter((name) => name.endsWith('.ldb'));
      await fill(2);
      await db.compactRange(keyOf(0), utf8('zz'));
      const after = await readdir(dir);
      expect(tables.length).to.be.greaterThan(1);
      expect(tables.filter((name) => after.includes(name))).to.deep.equal([]);
      expect(await collect(files.range({ gte: Uint8Array.of(1), lt: Uint8Array.of(0xff) }))).to.deep.equal(
        before,
      );
      await files.close();
      await db.close();
    });
  });

  it('has the head of the last commit, keeps the storage’s own rows to itself, and changes no file', async () => {
    await inDirectory(async (parent) => {
      const [dir, copy] = [join(parent, 'db'), join(parent, 'copy')];
      const storage = await openLevel(dir, { create: true });
      await storage.commit({ puts: [[utf8('a'), utf8('1')]] }, undefined, headOf(1));
      await mkdir(copy);
      for (const name of await readdir(dir)) await copyFile(join(dir, name), join(copy, name));
      await storage.close();
      const names = await readdir(copy);
      const files = await LevelFiles.open(copy);
      expect(await files.head()).to.deep.equal(headOf(1));
      expect(await collect(files.range({ gte: Uint8Array.of(0), lt: Uint8Array.of(0xff) }))).to.deep.equal([
        [hex(utf8('a')), hex(utf8('1'))],
      ]);
      await files.close();
      expect(await readdir(copy)).to.deep.equal(names);
    });
  });

  it('has no head before the first commit', async () => {
    await inDirectory(async (parent) => {
      const dir = join(parent, 'db');
      await (await openLevel(dir, { create: true })).close();
      const files = await LevelFiles.open(dir);
      expect(await files.head()).to.equal(undefined);
      await files.close();
    });
  });

  it('says where there is no database', async () => {
    await inDirectory(async (dir) => {
      await expectCode(LevelFiles.open(dir), 'store-missing');
      await expectCode(LevelFiles.open(join(dir, 'none')), 'store-missing');
    });
  });
});
