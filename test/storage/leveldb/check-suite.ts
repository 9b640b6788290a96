import { expect } from 'chai';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '../../../src/bytes.ts';
import {
  findingOf,
  isGrave,
  refusalOf,
  type Finding,
  type FindingKind,
} from '../../../src/storage/leveldb/damage.ts';
import { TableFile } from '../../../src/storage/leveldb/files.ts';
import { LevelFiles } from '../../../src/storage/leveldb/level-files.ts';
import { LedgerError } from '../../../src/errors.ts';
import { range, type Extent } from '../../extent.ts';
import { collect, findingsOf, inDirectory, openRaw, type RawOptions } from './databases.ts';

const everything = { gte: Uint8Array.of(1), lt: Uint8Array.of(0xff) };

/** 400 rows in tables and 40 in the log, each written by one commit. */
async function fill(dir: string, options: RawOptions = {}): Promise<void> {
  const db = await openRaw(dir, { writeBufferSize: 65536, blockSize: 1024, ...options });
  const put = async (n: number, length: number): Promise<void> =>
    db.put(utf8(`row ${n}`), new Uint8Array(length).fill(n));
  for (let n = 0; n < 400; n++) await put(n, 100 + (n % 7) * 300);
  await db.compactRange(utf8('row'), utf8('row~'));
  for (let n = 400; n < 440; n++) await put(n, 60);
  await db.close();
}

const kindsOf = (findings: readonly Finding[]): FindingKind[] => findings.map(({ kind }) => kind);

async function newest(dir: string, ending: string): Promise<string> {
  const names = (await readdir(dir))
    .filter((name) => name.endsWith(ending) || name.startsWith(ending))
    .sort();
  return names.at(-1) ?? '';
}

async function change(path: string, edit: (bytes: Buffer) => void): Promise<void> {
  const bytes = await readFile(path);
  edit(bytes);
  await writeFile(path, bytes);
}

const flip = (bytes: Buffer, at: number, bit = 0): void => void (bytes[at] = (bytes[at] ?? 0) ^ (1 << bit));

/** What a reader of the whole database gets: its rows, or the code of its refusal. */
async function outcome(dir: string): Promise<string> {
  try {
    const files = await LevelFiles.open(dir);
    try {
      return JSON.stringify(await collect(files.range(everything)));
    } finally {
      await files.close();
    }
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
}

/** How many places, lengths and kinds are tried, the extent says. */
export function checkSuite({ name: extent, cases, upTo }: Extent): void {
  describe(`checking the files of LevelDB: ${extent}`, () => {
    it('finds nothing in a sound database, with and without compression', async () => {
      for (const compression of [true, false]) {
        await inDirectory(async (dir) => {
          await fill(dir, { compression });
          expect(await findingsOf(dir)).to.deep.equal([]);
        });
      }
    });

    it('finds every flipped bit that changes a row, in every file, and no reader gets a wrong row', async () => {
      await inDirectory(async (dir) => {
        await fill(dir);
        const before = await outcome(dir);
        const names = (await readdir(dir)).filter((name) => !name.startsWith('LO'));
        let harmful = 0;
        await fc.assert(
          fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.nat(7), async (name, at, bit) => {
            const path = join(dir, name);
            const whole = await readFile(path);
            if (whole.length === 0) return;
            await change(path, (bytes) => flip(bytes, at % bytes.length, bit));
            const findings = kindsOf(await findingsOf(dir));
            const found = findings.includes('damage') || findings.includes('last-record');
            const after = await outcome(dir);
            if (after !== before) harmful += 1;
            if (after !== before) expect(found, `${name} ${at % whole.length} ${bit}`).to.equal(true);
            // The last record of the log is dropped, as LevelDB drops it; nothing else may be missing.
            if (!findings.includes('last-record')) expect([before, 'store-corrupt']).to.include(after);
            await writeFile(path, whole);
          }),
          { numRuns: upTo(100, 15) },
        );
        expect(harmful).to.be.greaterThan(upTo(10, 1));
      });
    });

    it('names the rows that a damaged block may hide, and gives all others', async () => {
      await inDirectory(async (dir) => {
        await fill(dir);
        const name = await newest(dir, '.ldb');
        await change(join(dir, name), (bytes) => flip(bytes, 40));
        const [finding, ...others] = await findingsOf(dir);
        expect(others).to.deep.equal([]);
        expect(finding).to.include({ kind: 'damage', file: name, offset: 0 });
        const hidden = finding?.rows?.lte ?? new Uint8Array();
        const files = await LevelFiles.open(dir);
        const after = { gte: Uint8Array.of(...hidden, 0), lt: utf8('row ~') };
        expect((await collect(files.range(after))).length).to.be.greaterThan(200);
        await files.close();
      });
    });

    it('finds a table, a log, a manifest that is missing, cut off or empty', async () => {
      for (const ending of ['.ldb', '.log', 'MANIFEST', 'CURRENT']) {
        await inDirectory(async (dir) => {
          await fill(dir);
          const path = join(dir, await newest(dir, ending));
          await rename(path, `${path}.away`);
          expect(kindsOf(await findingsOf(dir)), `${ending} missing`).to.include('damage');
          await rename(`${path}.away`, path);
          await truncate(path, 0);
          const kinds = kindsOf(await findingsOf(dir));
          // An empty log is what is left of one to which nothing was synced yet: the anchor decides.
          if (ending !== '.log') expect(kinds, `${ending} empty`).to.include('damage');
        });
      }
    });

    it('tells what the disk does not give back from what is damaged', async () => {
      // The first page of a process is never mapped: reading it fails as a sector of a dying disk does.
      if (process.platform !== 'linux') return;
      const file = await TableFile.open('/proc/self', 'mem', { hold: true });
      const error: unknown = await file?.read(0, 8).catch((cause: unknown) => cause);
      await file?.close();
      const finding = findingOf(error, '000005.ldb');
      expect(finding).to.include({ kind: 'unread', file: '000005.ldb', offset: 0 });
      expect(isGrave(finding)).to.equal(true);
      expect(refusalOf(finding)).to.include({ code: 'store-unreadable' });
      expect(refusalOf({ ...finding, kind: 'damage' })).to.include({ code: 'store-corrupt' });
    });

    it('tells a torn end of the log from damage before its end', async () => {
      await inDirectory(async (dir) => {
        await fill(dir);
        const path = join(dir, await newest(dir, '.log'));
        const whole = await readFile(path);
        const size = whole.length / 40;
        const starts = Array.from({ length: 40 }, (_, i) => i * size);
        const last = starts.at(-1) ?? 0;
        const kindAfter = async (edit: (bytes: Buffer) => Buffer | void): Promise<FindingKind[]> => {
          const bytes = Buffer.from(whole);
          await writeFile(path, edit(bytes) ?? bytes);
          return kindsOf(await findingsOf(dir));
        };
        // A crash in the last write: every length of it, and its bytes not yet on the disk.
        for (const length of cases(range(last + 1, whole.length - 1), 8, 'lengths')) {
          expect(await kindAfter((bytes) => bytes.subarray(0, length)), String(length)).to.deep.equal([
            'unfinished',
          ]);
        }
        expect(await kindAfter((bytes) => void bytes.fill(0, last))).to.deep.equal(['unfinished']);
        expect(await kindAfter((bytes) => bytes.subarray(0, last))).to.deep.equal([]);
        // The last record, whole and wrong: it may be the one or the other.
        expect(await kindAfter((bytes) => flip(bytes, last + 20))).to.deep.equal(['last-record']);
        // A length that is wrong, of a record that is whole with the right one.
        expect(await kindAfter((bytes) => flip(bytes, last + 4, 7))).to.deep.equal(['damage']);
        // Anything before a record that was written later.
        for (const at of [0, 4, 5, 6, 20]) {
          expect(await kindAfter((bytes) => flip(bytes, (starts[12] ?? 0) + at)), String(at)).to.deep.equal([
            'damage',
          ]);
        }
        expect(await kindAfter((bytes) => void bytes.fill(0, 0, last))).to.deep.equal(['damage']);
      });
    });

    it('takes the unfinished end of an older log for damage once a newer one has records', async () => {
      await inDirectory(async (dir) => {
        await fill(dir);
        const name = await newest(dir, '.log');
        const bytes = await readFile(join(dir, name));
        const next = join(dir, `${String(Number(name.slice(0, 6)) + 1).padStart(6, '0')}.log`);
        await writeFile(join(dir, name), bytes.subarray(0, -3));
        await writeFile(next, '');
        expect(kindsOf(await findingsOf(dir))).to.deep.equal(['unfinished']);
        await writeFile(next, bytes);
        expect(kindsOf(await findingsOf(dir))).to.deep.equal(['damage']);
      });
    });

    it('says what else lies in the directory, and that it harms nothing', async () => {
      await inDirectory(async (dir) => {
        await fill(dir);
        await writeFile(join(dir, 'notes.txt'), 'mine');
        await writeFile(join(dir, '999999.ldb'), 'left by a crash');
        await writeFile(join(dir, '000001.log'), 'old');
        expect(kindsOf(await findingsOf(dir))).to.deep.equal(['harmless', 'harmless', 'harmless']);
      });
    });

    it('looks at footers and indexes alone where it may read no more', async () => {
      await inDirectory(async (dir) => {
        await fill(dir);
        const path = join(dir, await newest(dir, '.ldb'));
        await change(path, (bytes) => flip(bytes, 40));
        expect(await findingsOf(dir, { blockBytes: 0 })).to.deep.equal([]);
        await change(path, (bytes) => flip(bytes, bytes.length - 60));
        expect(kindsOf(await findingsOf(dir, { blockBytes: 0 }))).to.deep.equal(['damage']);
      });
    });

    it('waits for no pipe, and takes no directory, in the place of a file', async () => {
      const makePipe = async (path: string): Promise<void> => void execFileSync('mkfifo', [path]);
      for (const make of [mkdir, makePipe]) {
        for (const ending of cases(['.ldb', '.log', 'MANIFEST', 'CURRENT'], 1, make.name)) {
          await inDirectory(async (dir) => {
            await fill(dir);
            const path = join(dir, await newest(dir, ending));
            await rm(path);
            await make(path);
            expect(kindsOf(await findingsOf(dir)), ending).to.include('damage');
            expect(await outcome(dir)).to.equal('store-corrupt');
          });
        }
      }
    });

    it('ends on any bytes, with findings or rows and no other error', async () => {
      await inDirectory(async (dir) => {
        await fill(dir);
        const names = (await readdir(dir)).filter((name) => !name.startsWith('LO'));
        const originals = new Map<string, Buffer>();
        for (const name of names) originals.set(name, await readFile(join(dir, name)));
        await fc.assert(
          fc.asyncProperty(
            fc.constantFrom(...names),
            fc.nat(),
            fc.uint8Array({ minLength: 1, maxLength: 64 }),
            fc.constantFrom('over', 'instead', 'behind'),
            async (name, at, bytes, how) => {
              const path = join(dir, name);
              const original = originals.get(name) ?? Buffer.alloc(0);
              if (how === 'behind') await appendFile(path, bytes);
              else if (how === 'instead') await writeFile(path, bytes);
              else
                await change(path, (whole) => {
                  const room = bytes.subarray(0, whole.length);
                  whole.set(room, at % (whole.length - room.length + 1));
                });
              await findingsOf(dir);
              await outcome(dir);
              await writeFile(path, original);
            },
          ),
          { numRuns: upTo(100, 15) },
        );
        await rm(join(dir, 'CURRENT'));
      });
    });
  });
}
