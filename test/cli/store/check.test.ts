import { expect } from 'chai';
import { mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { store } from '../../../src/cli/store/commands.ts';
import { Anchor } from '../../../src/cosigner/anchor.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { leafKey } from '../../../src/ledger/store/keys.ts';
import { formatPolicy } from '../../../src/note/policy.ts';
import { openLevel } from '../../../src/storage/level.ts';
import { emptyRoot } from '../../../src/tlog/hash.ts';
import { build, dataAccess, leafHashOf } from '../../fixtures/attestations.ts';
import { ed25519Key, flip, genesis, origin, policy } from '../../ledger/site.ts';
import { replaceByLoop } from '../../storage/leveldb/databases.ts';
import { Desk } from '../desk.ts';

interface Answer {
  readonly exit: number;
  readonly findings: readonly { kind: string; file: string; offset: number; hides?: object }[];
  readonly doubts: readonly { what: string; entries?: { from: number; to: number } }[];
  readonly rows: { leaves: number } | null;
}

describe('isal store check', () => {
  let directory: string;
  let database: string;
  let desk: Desk;
  let ledger: Ledger;

  beforeEach(async () => {
    desk = await Desk.open([]);
    directory = await mkdtemp(join(tmpdir(), 'isal-store-check-'));
    database = join(directory, 'db');
    const trust = { format: 'isal-trust/v1', policy: formatPolicy(policy), genesis: leafHashOf(genesis) };
    await writeFile(join(directory, 'trust.json'), JSON.stringify(trust));
    await writeFile(join(directory, 'genesis.json'), genesis);
    await Anchor.create(join(directory, 'anchor'), { size: 0, root: emptyRoot });
    await open(true);
    for (const leaf of [build({ seq: 1 }), build({ seq: 3 }), dataAccess()]) await ledger.append(leaf);
  });
  afterEach(async () => {
    await ledger.close();
    await desk.close();
    await rm(directory, { recursive: true });
  });

  const open = async (create: boolean): Promise<void> => {
    ledger = await Ledger.open({
      storage: await openLevel(database, { create }),
      anchor: await Anchor.open(join(directory, 'anchor')),
      logKeys: [ed25519Key],
      genesis,
      origin,
    });
  };
  const json = async (path = directory): Promise<Answer & { status: number }> => {
    const { status, stdout, error } = await desk.run(store, 'check', path, '--json');
    expect(error).to.equal(undefined);
    const answer = JSON.parse(stdout) as Answer;
    expect(answer.exit).to.equal(status);
    return { ...answer, status };
  };
  const newest = async (ending: string): Promise<string> =>
    join(
      database,
      (await readdir(database))
        .filter((name) => name.endsWith(ending))
        .sort()
        .at(-1) ?? '',
    );
  const inode = async (): Promise<readonly string[]> => {
    const names = (await readdir(database)).sort();
    return Promise.all(names.map(async (name) => `${name} ${(await stat(join(database, name))).mtimeMs}`));
  };

  it('finds a running ledger sound, and a stopped one, and changes nothing', async () => {
    const running = await json();
    expect(running).to.deep.include({ status: 0, findings: [], doubts: [] });
    expect(running.rows?.leaves).to.equal(4);
    await ledger.close();
    const before = await inode();
    const { status, stdout } = await desk.run(store, 'check', directory);
    expect(status).to.equal(0);
    for (const label of ['Files', 'Rows', 'Sound']) expect(stdout).to.match(new RegExp(`^✓ ${label} `, 'm'));
    expect(await inode()).to.deep.equal(before);
  });

  it('names the file, the place and the entries of a damaged block', async () => {
    await ledger.close();
    // Opened once more, LevelDB puts what is in the log into a table.
    await open(false);
    await ledger.close();
    const path = await newest('.ldb');
    await writeFile(path, flip(60)(await readFile(path)));
    const { status, findings, doubts } = await json();
    expect(status).to.equal(1);
    expect(findings).to.have.length(1);
    expect(findings[0]).to.include({ kind: 'damage', offset: 0 });
    expect(findings[0]?.hides).to.have.property('entries');
    expect(doubts.length).to.be.greaterThan(0);
    const { status: shown, stdout } = await desk.run(store, 'check', directory);
    expect(shown).to.equal(1);
    expect(stdout).to.match(
      /^✗ Damaged +\d+\.ldb at byte 0: the checksum of a block fails; it may hide entr(?:y|ies) /m,
    );
  });

  it('finds what has its checksum and is wrong all the same: a row that was rewritten with its damage', async () => {
    await ledger.close();
    const storage = await openLevel(database, { create: false });
    const [head, leaf] = [await storage.head(), await storage.get(leafKey(2))];
    if (head === undefined || leaf === undefined) throw new Error('the store has leaf 2');
    await storage.commit({ puts: [[leafKey(2), flip(500)(leaf)]] }, head, head);
    await storage.close();
    const { status, findings, doubts } = await json();
    expect({ status, findings }).to.deep.equal({ status: 1, findings: [] });
    expect(doubts.some(({ entries }) => entries?.from === 2)).to.equal(true);
  });

  it('finds a store that is older than its anchor, and an anchor that is gone', async () => {
    await ledger.close();
    const anchor = await Anchor.open(join(directory, 'anchor'));
    await anchor.advance({ size: 9, root: new Uint8Array(32).fill(7) });
    expect((await json()).status).to.equal(1);
    await rm(join(directory, 'anchor'), { recursive: true });
    const { status, doubts } = await json();
    expect(status).to.equal(1);
    expect(doubts[0]?.what).to.contain('anchor');
  });

  it('looks at the files alone of a database that is no ledger', async () => {
    await ledger.close();
    expect(await json(database)).to.deep.include({ status: 0, rows: null });
    const path = await newest('.log');
    await writeFile(path, flip(30)(await readFile(path)));
    await rename(path, `${path}.away`);
    expect((await json(database)).status).to.equal(1);
  });

  it('says nothing against what it cannot look at', async () => {
    await ledger.close();
    await replaceByLoop(await newest('.log'));
    const { status, error } = await desk.run(store, 'check', directory);
    expect(error?.code).to.equal('store-unreadable');
    expect(status).to.equal(5);
  });

  it('refuses a directory without a database', async () => {
    const { status, error } = await desk.run(store, 'check', join(directory, 'anchor'));
    expect(status).to.equal(4);
    expect(error?.code).to.equal('store-missing');
  });
});
