/**
 * The fence holds a descriptor of LOCK, and closing it gives up LevelDB's lock.
 * So it comes down when LevelDB has closed, and until then a second process
 * would write into a database that the first has not left.
 */
import { expect } from 'chai';
import { Level } from 'level';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLevel } from '../../src/storage/level.ts';
import { Gate } from '../ledger/faulty.ts';
import { until } from '../ledger/site.ts';
import { StoreProcess } from './store-process.ts';
import { expectCode } from './suite.ts';

describe('while LevelDB closes', () => {
  let dir: string;
  let second: StoreProcess;
  let gate: Gate;
  let ungate: () => void;

  /** LevelDB closes when the gate lets it. */
  function gateClosing(): void {
    const prototype = Level.prototype as unknown as { close: () => Promise<void> };
    const { close } = prototype;
    prototype.close = async function (this: unknown): Promise<void> {
      await gate.pass();
      await close.call(this);
    };
    ungate = () => void (prototype.close = close);
  }

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isal-closing-'));
    await (await openLevel(dir, { create: true })).close();
    gate = new Gate();
    second = new StoreProcess(dir);
    gateClosing();
  });

  afterEach(async () => {
    ungate();
    await second.kill();
    await rm(dir, { recursive: true });
  });

  /** Closing goes on while the gate is shut; a second process gets in only after it. */
  async function isShut(closing: () => Promise<unknown>): Promise<void> {
    gate.close();
    const closed = closing();
    await until(() => gate.passed === 1);
    expect((await second.tell('open')).code).to.equal('store-locked');
    gate.open();
    await closed;
    expect(await second.tell('open')).to.deep.equal({ done: 'open' });
  }

  it('a second process is refused, and let in afterwards', async () => {
    const storage = await openLevel(dir, { create: false });
    await isShut(() => storage.close());
  });

  it('a second process is refused also where the opening has failed', async () => {
    const options = { keyEncoding: 'view', valueEncoding: 'view' } as const;
    const headRow = Uint8Array.of(0);
    const spoil = async (value: Uint8Array): Promise<void> => {
      const db = new Level<Uint8Array, Uint8Array>(dir, options);
      await db.put(headRow, value);
      await db.close();
    };
    await spoil(new Uint8Array(39));
    gate.passed = 0;
    gate.close();
    const opening = expectCode(openLevel(dir, { create: false }), 'store-corrupt');
    await until(() => gate.passed === 1);
    expect((await second.tell('open')).code).to.equal('store-locked');
    gate.open();
    await opening;
    // The refusal of the second is of the row from now on, not of the lock.
    expect((await second.tell('open')).code).to.equal('store-corrupt');
  });
});
