import { expect } from 'chai';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { log } from '../../../src/cli/log/commands.ts';
import { Anchor } from '../../../src/cosigner/anchor.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { checkpointKey } from '../../../src/ledger/store/keys.ts';
import { formatPolicy } from '../../../src/note/policy.ts';
import { openLevel } from '../../../src/storage/level.ts';
import { bundlePath, tilePath, tilesForSize } from '../../../src/tlog/tile.ts';
import { emptyRoot } from '../../../src/tlog/hash.ts';
import { build, dataAccess, leafHashOf } from '../../fixtures/attestations.ts';
import { ed25519Key, genesis, leaves, origin, policy } from '../../ledger/site.ts';
import { Desk, type Ran } from '../desk.ts';

describe('isal log refill', () => {
  /** A ledger that answers: the copy of the log that is left. */
  let desk: Desk;
  let few: Desk;
  let many: Desk;
  let root: string;
  /** The ledger whose store is lost. */
  let directory: string;

  before(async function () {
    this.timeout(60_000);
    few = await Desk.open([build({ seq: 1 }), dataAccess(), ...leaves(20)]);
    many = await Desk.open([build({ seq: 1 }), dataAccess(), ...leaves(300)]);
  });
  after(async () => {
    await few.close();
    await many.close();
  });

  beforeEach(async () => {
    desk = few;
    root = await mkdtemp(join(tmpdir(), 'isal-refill-'));
    directory = join(root, 'ledger');
    await mkdir(directory);
    const trust = { format: 'isal-trust/v1', policy: formatPolicy(policy), genesis: leafHashOf(genesis) };
    await writeFile(join(directory, 'trust.json'), JSON.stringify(trust));
    await writeFile(join(directory, 'genesis.json'), genesis);
    const config = { format: 'isal-config/v1', origin, postQuantum: false };
    await writeFile(join(directory, 'config.json'), JSON.stringify(config));
    await anchorAt(published().checkpoint);
  });
  afterEach(() => rm(root, { recursive: true }));

  function published(): { note: Uint8Array; checkpoint: { size: number; root: Uint8Array } } {
    const found = desk.ledger.checkpoint();
    if (found === undefined) throw new Error('nothing was published');
    return found;
  }

  async function anchorAt({ size, root: at }: { size: number; root: Uint8Array }): Promise<void> {
    await rm(join(directory, 'anchor'), { recursive: true, force: true });
    await Anchor.create(join(directory, 'anchor'), { size, root: at });
  }

  const refill = (from: string, ...more: string[]): Promise<Ran> =>
    desk.run(log, 'refill', directory, '--from', from, ...more);

  /** Opens what was put in place as `serve` does, and lets it record. */
  async function expectGoesOn(size: number): Promise<void> {
    const ledger = await Ledger.open({
      storage: await openLevel(join(directory, 'db'), { create: false }),
      anchor: await Anchor.open(join(directory, 'anchor')),
      logKeys: [ed25519Key],
      genesis,
      origin,
    });
    expect(ledger.checkpoint()?.checkpoint.size).to.equal(size);
    expect((await ledger.append(build({ seq: 7 }))).index).to.equal(size);
    await ledger.close();
  }

  /** From here on the copy is one of a log that has a full tile. */
  async function useMany(): Promise<void> {
    desk = many;
    await anchorAt(published().checkpoint);
  }

  async function exportLeaves(...more: string[]): Promise<string> {
    const out = join(root, 'leaves.jsonl');
    const { status, error } = await desk.online(log, 'export', '--out', out, ...more);
    expect(status, error?.message).to.equal(0);
    return out;
  }

  /** The files of a static mirror. */
  async function mirror(): Promise<string> {
    const place = join(root, 'mirror');
    const { size } = published().checkpoint;
    const tiles = tilesForSize(size);
    const paths = ['checkpoint', ...tiles.map(tilePath)];
    for (const tile of tiles) if (tile.level === 0) paths.push(bundlePath(tile));
    for (const path of paths) {
      const answer = await fetch(`${desk.server.url}/${path}`);
      await mkdir(dirname(join(place, path)), { recursive: true });
      await writeFile(join(place, path), new Uint8Array(await answer.arrayBuffer()));
    }
    return place;
  }

  it('makes the store of a ledger that has lost it from the URL of another copy', async () => {
    await useMany();
    const { status, error } = await refill(desk.server.url);
    expect(status, error?.message).to.equal(0);
    expect(await readdir(directory)).to.have.members([
      'anchor',
      'config.json',
      'db',
      'genesis.json',
      'trust.json',
    ]);
    await expectGoesOn(published().checkpoint.size);
  });

  it('makes it from a directory of tiles, and from an export with its checkpoint or without', async () => {
    await useMany();
    const out = await exportLeaves('--checkpoint', join(root, 'checkpoint'));
    for (const from of [[await mirror()], [out, '--checkpoint', join(root, 'checkpoint')], [out]] as const) {
      const { status, error } = await refill(from[0], ...from.slice(1));
      expect(status, error?.message).to.equal(0);
      await expectGoesOn(published().checkpoint.size);
      await rm(join(directory, 'db'), { recursive: true });
      await anchorAt(published().checkpoint);
    }
  });

  it('passes fsck, and keeps the database that was there', async () => {
    await mkdir(join(directory, 'db'));
    await writeFile(join(directory, 'db', 'CURRENT'), 'damaged');
    const { status, stdout } = await refill(desk.server.url, '--json');
    expect(status).to.equal(0);
    const { kept, size } = JSON.parse(stdout) as { kept: string; size: number };
    expect(size).to.equal(published().checkpoint.size);
    expect(await readFile(join(kept, 'CURRENT'), 'utf8')).to.equal('damaged');
    const checked = await desk.run(log, 'fsck', directory);
    expect(checked.status, checked.error?.message).to.equal(0);
  });

  it('moves an older anchor to the checkpoint that it was refilled to', async () => {
    await anchorAt({ size: 0, root: emptyRoot });
    expect((await refill(desk.server.url)).status).to.equal(0);
    expect((await Anchor.look(join(directory, 'anchor'))).size).to.equal(published().checkpoint.size);
    await expectGoesOn(published().checkpoint.size);
  });

  it('refuses a source behind the anchor, of another history, or of another log, and leaves all as it was', async () => {
    const { checkpoint } = published();
    const out = await exportLeaves('--checkpoint', join(root, 'checkpoint'));
    await writeFile(
      join(root, 'other.jsonl'),
      (await readFile(out, 'utf8')).split('\n').toReversed().join('\n'),
    );
    const cases: readonly (readonly [string, { size: number; root: Uint8Array }, string[]])[] = [
      ['store-behind-anchor', { size: checkpoint.size + 1, root: checkpoint.root }, [desk.server.url]],
      ['store-behind-anchor', { size: checkpoint.size + 1, root: checkpoint.root }, [out]],
      ['root-mismatch', { size: 17, root: checkpoint.root }, [desk.server.url]],
      ['leaf-mismatch', checkpoint, [join(root, 'other.jsonl')]],
      ['usage', { size: 0, root: emptyRoot }, [out]],
      ['usage', checkpoint, [desk.server.url, '--checkpoint', join(root, 'checkpoint')]],
      ['file-unreadable', checkpoint, [join(root, 'nothing')]],
    ];
    for (const [code, anchored, from] of cases) {
      await anchorAt(anchored);
      const before = await readdir(directory);
      const { error } = await refill(from[0] ?? '', ...from.slice(1));
      expect(error?.code, from.join(' ')).to.equal(code);
      expect(await readdir(directory)).to.deep.equal(before);
      expect((await Anchor.look(join(directory, 'anchor'))).size).to.equal(anchored.size);
    }
  });

  it('makes it from the database of a copy, damaged in its index or not', async () => {
    expect((await refill(desk.server.url)).status).to.equal(0);
    const copy = join(root, 'copy');
    await cp(directory, copy, { recursive: true });
    for (const from of [copy, join(copy, 'db')]) {
      await rm(join(directory, 'db'), { recursive: true });
      const { status, error } = await refill(from);
      expect(status, error?.message).to.equal(0);
      expect((await desk.run(log, 'fsck', directory)).status).to.equal(0);
    }
  });

  it('adds what the old store has beyond an older mirror, and its newest checkpoint and archive', async () => {
    const place = await mirror();
    let now = Date.now() + 7_200_000;
    const options = { logKeys: [ed25519Key], genesis, origin, now: () => now };
    expect((await refill(place)).status).to.equal(0);
    const ledger = await Ledger.open({
      ...options,
      storage: await openLevel(join(directory, 'db'), { create: false }),
      anchor: await Anchor.open(join(directory, 'anchor')),
    });
    for (const seq of [21, 22]) {
      await ledger.append(build({ seq }));
      now += 3_600_000;
    }
    const newest = ledger.checkpoint()?.note ?? new Uint8Array();
    await ledger.close();
    const { status, stdout, error } = await refill(place, '--json');
    expect(status, error?.message).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ size: published().checkpoint.size + 2, archived: 2 });
    const storage = await openLevel(join(directory, 'db'), { create: false });
    expect(await storage.get(checkpointKey)).to.deep.equal(newest);
    await storage.close();
    expect((await desk.run(log, 'fsck', directory)).status).to.equal(0);
  });

  it('says with a command what leads on', async () => {
    await anchorAt({ size: published().checkpoint.size + 1, root: published().checkpoint.root });
    const { error } = await refill(desk.server.url);
    expect(error?.wayOut[0]).to.match(/^isal log refill \S+ --from URL\|FILE\|DIR /);
    expect(error?.wayOut[1]).to.match(/^isal serve --read-only \S+ /);
  });

  it('takes up what a crash left at every step', async () => {
    const leftovers = [
      // While it was made.
      async () => mkdir(join(directory, 'db.refill-abcdef')),
      // After the old one was put away.
      async () => {
        expect((await refill(desk.server.url)).status).to.equal(0);
        await rm(join(directory, 'db'), { recursive: true });
        await mkdir(join(directory, 'db.damaged-2026-11-30T17-00-00.000Z'));
        await mkdir(join(directory, 'db.refill-abcdef'));
      },
    ];
    for (const leave of leftovers) {
      await leave();
      const { status, error } = await refill(desk.server.url);
      expect(status, error?.message).to.equal(0);
      expect((await readdir(directory)).filter((name) => name.startsWith('db.refill-'))).to.deep.equal([]);
    }
    expect((await desk.run(log, 'fsck', directory)).status).to.equal(0);
  });

  it('refuses while a process has the database open', async () => {
    expect((await refill(desk.server.url)).status).to.equal(0);
    const storage = await openLevel(join(directory, 'db'), { create: false });
    const { error } = await refill(desk.server.url);
    await storage.close();
    expect(error?.code).to.equal('store-locked');
  });
});
