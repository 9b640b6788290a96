import { expect } from 'chai';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { log } from '../../../src/cli/log/commands.ts';
import { store } from '../../../src/cli/store/commands.ts';
import { Anchor } from '../../../src/cosigner/anchor.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { leafKey } from '../../../src/ledger/store/keys.ts';
import { formatPolicy } from '../../../src/note/policy.ts';
import { openLevel } from '../../../src/storage/level.ts';
import { emptyRoot } from '../../../src/tlog/hash.ts';
import { build, leafHashOf } from '../../fixtures/attestations.ts';
import { appendAll, ed25519Key, flip, genesis, leaves, origin, policy } from '../../ledger/site.ts';
import { Desk, type Ran } from '../desk.ts';

describe('isal store backup and restore', () => {
  let desk: Desk;
  let root: string;
  let directory: string;
  let ledger: Ledger | undefined;
  const at = (name: string): string => join(root, name);

  before(async () => {
    desk = await Desk.open([]);
  });
  after(() => desk.close());

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'isal-backup-'));
    directory = at('ledger');
    await mkdir(join(directory, 'keys'), { recursive: true });
    const trust = { format: 'isal-trust/v1', policy: formatPolicy(policy), genesis: leafHashOf(genesis) };
    await writeFile(join(directory, 'trust.json'), JSON.stringify(trust));
    await writeFile(join(directory, 'genesis.json'), genesis);
    const config = { format: 'isal-config/v1', origin, postQuantum: false };
    await writeFile(join(directory, 'config.json'), JSON.stringify(config));
    await writeFile(join(directory, 'keys', 'log-ed25519.key'), 'a secret', { mode: 0o600 });
    await Anchor.create(join(directory, 'anchor'), { size: 0, root: emptyRoot });
    ledger = await open(directory, true);
    await appendAll(ledger, leaves(20));
  });
  afterEach(async () => {
    await ledger?.close();
    await rm(root, { recursive: true });
  });

  async function open(path: string, create = false): Promise<Ledger> {
    return Ledger.open({
      storage: await openLevel(join(path, 'db'), { create }),
      anchor: await Anchor.open(join(path, 'anchor')),
      logKeys: [ed25519Key],
      genesis,
      origin,
    });
  }

  const backup = (...more: string[]): Promise<Ran> =>
    desk.run(store, 'backup', directory, '--to', at('backup'), ...more);
  const restore = (from: string, to: string): Promise<Ran> => desk.run(store, 'restore', from, to);

  it('copies a ledger that runs and goes on, without its keys, and says what the copy holds', async () => {
    const { status, stdout, error } = await backup('--json');
    expect(status, error?.message).to.equal(0);
    const answer = JSON.parse(stdout) as { size: number; bytes: number; checkpoint: { size: number } };
    expect(answer).to.include({ size: 21 });
    expect(answer.checkpoint.size).to.equal(21);
    expect(answer.bytes).to.be.above(20 * 1000);
    expect(await readdir(at('backup'))).to.have.members([
      'anchor',
      'config.json',
      'db',
      'genesis.json',
      'trust.json',
    ]);
    expect((await ledger?.append(build({ seq: 4 })))?.index).to.equal(21);
    expect((await desk.run(log, 'fsck', at('backup'))).status).to.equal(0);
  });

  it('copies the keys when it is asked to, for the owner alone', async () => {
    expect((await backup('--with-keys')).status).to.equal(0);
    const key = join(at('backup'), 'keys', 'log-ed25519.key');
    expect(await readFile(key, 'utf8')).to.equal('a secret');
    expect((await stat(key)).mode & 0o777).to.equal(0o600);
    expect((await stat(join(at('backup'), 'keys'))).mode & 0o777).to.equal(0o700);
  });

  it('holds, under load, an anchor that its own tree reaches', async function () {
    this.timeout(60_000);
    const appending = ledger === undefined ? undefined : appendAll(ledger, leaves(200).slice(20));
    for (let i = 0; i < 2; i++) {
      const { status, error } = await desk.run(store, 'backup', directory, '--to', at(`backup-${i}`));
      expect(status, error?.message).to.equal(0);
      const restored = await open(at(`backup-${i}`));
      expect(restored.health().publishedSize).to.be.at.least(21);
      await restored.close();
    }
    await appending;
  });

  it('is restored as a ledger that goes on, and only where there is nothing', async () => {
    await backup();
    const { status, stdout, error } = await restore(at('backup'), at('restored'));
    expect(status, error?.message).to.equal(0);
    expect(stdout).to.include(`isal serve ${at('restored')}`);
    const restored = await open(at('restored'));
    expect((await restored.append(build({ seq: 4 }))).index).to.equal(21);
    await restored.close();
    expect((await restore(at('backup'), at('restored'))).error?.code).to.equal('store-exists');
    expect((await backup()).error?.code).to.equal('store-exists');
  });

  it('is behind the newest anchor of its ledger, and refill is the way out', async () => {
    await backup();
    await restore(at('backup'), at('restored'));
    await ledger?.append(build({ seq: 4 }));
    await cp(join(directory, 'anchor'), join(at('restored'), 'anchor'), { recursive: true });
    const refused = await desk.run(log, 'fsck', at('restored'));
    expect(refused.error?.code).to.equal('store-behind-anchor');
    expect(refused.error?.wayOut[0]).to.match(/^isal log refill /);
    const { status, error } = await desk.run(log, 'refill', at('restored'), '--from', directory);
    expect(status, error?.message).to.equal(0);
    const restored = await open(at('restored'));
    expect(restored.health().publishedSize).to.equal(22);
    await restored.close();
  });

  it('refuses a damaged store or backup, names what leads on, and leaves nothing half made', async () => {
    await backup();
    await ledger?.close();
    ledger = undefined;
    for (const [path, run] of [
      [directory, () => desk.run(store, 'backup', directory, '--to', at('second'))],
      [at('backup'), () => restore(at('backup'), at('restored'))],
    ] as const) {
      const storage = await openLevel(join(path, 'db'), { create: false });
      const head = await storage.head();
      const leaf = await storage.get(leafKey(5));
      if (head === undefined || leaf === undefined) throw new Error('the store has leaf 5');
      await storage.commit({ puts: [[leafKey(5), flip(80)(leaf)]] }, head, head);
      await storage.close();
      const { error } = await run();
      expect(error?.code).to.equal('store-corrupt');
      expect(error?.wayOut[0]).to.match(/^isal log refill /);
    }
    expect((await readdir(root)).toSorted()).to.deep.equal(['backup', 'ledger']);
  });
});
