/**
 * The store under a tracer, and under a second writer again and again. Needs
 * `strace` and Linux.
 */
import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLevel } from '../../src/storage/level.ts';
import { utf8 } from '../../src/bytes.ts';
import { StoreProcess } from '../storage/store-process.ts';
import { rowsOf } from '../storage/suite.ts';

/** The calls by which LevelDB changes the disk. */
const durableCalls = 'fdatasync,fsync,rename,unlink';

describe('a store at the system calls', () => {
  let parent: string;
  let dir: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-store-faults-'));
    dir = join(parent, 'db');
    await (await openLevel(dir, { create: true })).close();
  });

  afterEach(async () => rm(parent, { recursive: true }));

  /** Opens what is left and checks that every acknowledged row is there and the head counts them all. */
  const check = async (acknowledged: readonly string[]): Promise<void> => {
    const storage = await openLevel(dir, { create: false });
    const rows = await rowsOf(storage, { gte: utf8('!'), lt: utf8('~') });
    const head = await storage.head();
    await storage.close();
    expect(rows.map(([key]) => Buffer.from(key).toString())).to.include.members([...acknowledged]);
    expect(head?.size ?? 0).to.equal(rows.length);
  };

  it('syncs its log once for each commit, before it is acknowledged', async () => {
    const trace = join(parent, 'trace');
    const traced = new StoreProcess(dir, {
      under: ['strace', '-f', '-qq', '-y', '-e', 'trace=fdatasync', '-o', trace],
    });
    await traced.tell('open');
    const before = (await readFile(trace, 'utf8')).match(/fdatasync\(\d+<[^>]*\.log>/g)?.length ?? 0;
    for (let i = 0; i < 50; i++) await traced.tell('commit', 'row');
    const after = (await readFile(trace, 'utf8')).match(/fdatasync\(\d+<[^>]*\.log>/g)?.length ?? 0;
    await traced.leave();
    expect(after - before).to.equal(50);
  });

  it('loses nothing acknowledged when it is killed at any call that changes the disk', async () => {
    // The same directory goes through all of them, so recovery is cut short as well.
    const acknowledged: string[] = [];
    for (let call = 1; call <= 40; call++) {
      const inject = `inject=${durableCalls}:signal=KILL:when=${call}`;
      const victim = new StoreProcess(dir, {
        under: ['strace', '-f', '-qq', '-e', `trace=${durableCalls}`, '-e', inject, '-o', '/dev/null'],
      });
      const end = victim.ends();
      const opened = await Promise.race([victim.tell('open'), end]);
      if (opened !== undefined) void victim.tell('append', `round-${String(call).padStart(2, '0')}`);
      await end;
      acknowledged.push(...victim.acknowledged);
      await check(acknowledged);
    }
    expect(acknowledged.length).to.be.greaterThan(300);
  });

  it('fails for good at an error from a sync, and keeps what was acknowledged', async () => {
    const acknowledged: string[] = [];
    for (let call = 8; call <= 16; call += 2) {
      const inject = `inject=fdatasync:error=EIO:when=${call}`;
      const victim = new StoreProcess(dir, {
        under: ['strace', '-f', '-qq', '-e', 'trace=fdatasync', '-e', inject, '-o', '/dev/null'],
      });
      await victim.tell('open');
      const refusal = await victim.tell('append', `round-${String(call).padStart(2, '0')}`);
      expect(refusal.code).to.equal('store-failed');
      expect((await victim.tell('commit', 'later')).code).to.equal('store-failed');
      await victim.leave();
      acknowledged.push(...victim.acknowledged);
      // The commit whose sync failed may be there or not; the head agrees with the rows all the same.
      await check(acknowledged);
    }
  });

  it('lets one of two writers go on, each time the lock is deleted at another moment', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 20; round++) {
      const first = new StoreProcess(dir, { width: 600 });
      const second = new StoreProcess(dir, { width: 600 });
      await first.tell('open');
      const refusal = first.tell('append', `first-${round}`);
      await first.reaches(10 + 37 * round);
      await rm(join(dir, 'LOCK'));
      expect((await second.tell('open')).done).to.equal('open');
      for (let i = 0; i < 10; i++) await second.tell('commit', `second-${round}`);
      expect((await refusal).code).to.equal('store-locked');
      await Promise.all([first.kill(), second.kill()]);
      acknowledged.push(...first.acknowledged, ...second.acknowledged);
      await check(acknowledged);
    }
  });
});
