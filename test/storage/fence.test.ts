import { expect } from 'chai';
import { cp, link, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLevel } from '../../src/storage/level.ts';
import { utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { StoreProcess } from './store-process.ts';
import { expectCode, headOf, rowsOf } from './suite.ts';

const everything = { gte: utf8('!'), lt: utf8('~') };

describe('fence', () => {
  let parent: string;
  let dir: string;
  const processes: StoreProcess[] = [];

  const start = (options?: ConstructorParameters<typeof StoreProcess>[1]): StoreProcess => {
    const started = new StoreProcess(dir, options);
    processes.push(started);
    return started;
  };

  const storedRows = async (): Promise<string[]> => {
    const storage = await openLevel(dir, { create: false });
    const rows = await rowsOf(storage, everything);
    await storage.close();
    return rows.map(([key]) => Buffer.from(key).toString());
  };

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-fence-'));
    dir = join(parent, 'db');
    await (await openLevel(dir, { create: true })).close();
  });

  afterEach(async () => {
    await Promise.all(processes.splice(0).map(async (each) => each.kill()));
    await rm(parent, { recursive: true });
  });

  it('refuses a second process while the first goes on', async () => {
    const storage = await openLevel(dir, { create: false });
    const second = start();
    const answer = await second.tell('open');
    expect(answer.code).to.equal('store-locked');
    expect(answer.message).to.contain(dir);
    if (process.platform === 'linux') expect(answer.message).to.contain(`(${process.pid})`);
    await storage.commit({ puts: [] }, undefined, headOf(1));
    await storage.close();
    expect(await second.tell('open')).to.deep.equal({ done: 'open' });
  });

  it('refuses a second opening in one process, and keeps the lock against others', async () => {
    const storage = await openLevel(dir, { create: false });
    await expectCode(openLevel(dir, { create: false }), 'store-locked');
    await expectCode(openLevel(join(dir, '..', 'db'), { create: false }), 'store-locked');
    expect((await start().tell('open')).code).to.equal('store-locked');
    await storage.close();
  });

  it('stops the first process when LOCK is deleted and a second one opens; neither loses a row', async () => {
    const first = start();
    await first.tell('open');
    const refusal = first.tell('append', 'first');
    await first.reaches(20);
    await rm(join(dir, 'LOCK'));
    const second = start();
    expect(await second.tell('open')).to.deep.equal({ done: 'open' });
    for (let i = 0; i < 20; i++) await second.tell('commit', 'second');
    expect((await refusal).code).to.equal('store-locked');
    await Promise.all([first.kill(), second.kill()]);
    expect(second.acknowledged).to.have.length(20);
    expect(await storedRows()).to.include.members([...first.acknowledged, ...second.acknowledged]);
  });

  it('keeps what was acknowledged through a kill', async () => {
    const writer = start();
    await writer.tell('open');
    void writer.tell('append', 'row');
    await writer.reaches(30);
    await writer.kill();
    expect(await storedRows()).to.include.members(writer.acknowledged);
  });

  it('stops at a write that fails, for reading and writing, and keeps what was acknowledged', async () => {
    const under = ['/bin/sh', '-c', 'ulimit -f 400; exec "$0" "$@"'];
    const writer = start({ width: 10_000, under });
    await writer.tell('open');
    expect((await writer.tell('append', 'row')).code).to.equal('store-failed');
    expect(writer.acknowledged.length).to.be.greaterThan(5);
    expect((await writer.tell('commit', 'row')).code).to.equal('store-failed');
    expect((await writer.tell('read', writer.acknowledged[0])).code).to.equal('store-failed');
    await writer.kill();
    expect(await storedRows()).to.include.members(writer.acknowledged);
  });

  describe('stands only while LOCK and CURRENT are the files of our opening', () => {
    let storage: Storage;

    beforeEach(async () => {
      storage = await openLevel(dir, { create: false });
      await storage.commit({ puts: [[utf8('a'), utf8('1')]] }, undefined, headOf(1));
    });

    afterEach(async () => storage.close());

    const faults: Readonly<Record<string, () => Promise<void>>> = {
      'LOCK deleted': async () => rm(join(dir, 'LOCK')),
      'LOCK deleted and made anew': async () => {
        await rm(join(dir, 'LOCK'));
        await writeFile(join(dir, 'LOCK'), '');
      },
      'LOCK moved away': async () => rename(join(dir, 'LOCK'), join(dir, 'KCOL')),
      'LOCK linked once more': async () => link(join(dir, 'LOCK'), join(parent, 'LOCK')),
      'the directory replaced by a copy': async () => {
        await rename(dir, join(parent, 'old'));
        await cp(join(parent, 'old'), dir, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
      },
      'CURRENT replaced, as by a second opener or a restored backup': async () => {
        await writeFile(join(parent, 'new'), 'MANIFEST-000002\n');
        await rename(join(parent, 'new'), join(dir, 'CURRENT'));
      },
    };

    for (const [fault, inject] of Object.entries(faults)) {
      it(`falls with ${fault}, and nothing is written or read after it`, async () => {
        await inject();
        await expectCode(
          storage.commit({ puts: [[utf8('b'), utf8('2')]] }, headOf(1), headOf(2)),
          'store-locked',
        );
        await expectCode(storage.commit({ puts: [] }, headOf(1), headOf(1)), 'store-locked');
        await expectCode(storage.get(utf8('a')), 'store-locked');
        await expectCode(storage.getMany([utf8('a')]), 'store-locked');
        await expectCode(rowsOf(storage, everything), 'store-locked');
        await expectCode(storage.head(), 'store-locked');
      });
    }

    it('says of a LOCK with two links that it has them, and blames no process', async () => {
      await link(join(dir, 'LOCK'), join(parent, 'LOCK'));
      const error = await storage
        .commit({ puts: [] }, headOf(1), headOf(1))
        .catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(LedgerError);
      expect((error as LedgerError).facts).to.deep.equal({ links: 2 });
      expect((error as LedgerError).message).not.to.include('process');
    });

    it('is asked before a write: one that was fenced off before it began is not stored', async () => {
      await rm(join(dir, 'LOCK'));
      await expectCode(
        storage.commit({ puts: [[utf8('b'), utf8('2')]] }, headOf(1), headOf(2)),
        'store-locked',
      );
      await storage.close();
      expect(await storedRows()).to.deep.equal(['a']);
    });

    it('is asked after a write: one that was fenced off on its way is stored and not acknowledged', async () => {
      const pending = storage.commit({ puts: [[utf8('b'), utf8('2')]] }, headOf(1), headOf(2));
      // The write is begun by promises alone, and ends with an event that
      // cannot come before this function has given way to more than those.
      for (let i = 0; i < 20; i++) await Promise.resolve();
      rmSync(join(dir, 'LOCK'));
      await expectCode(pending, 'store-locked');
      await storage.close();
      expect(await storedRows()).to.deep.equal(['a', 'b']);
    });
  });
});
