/**
 * Every way out that a refusal names, run from the refusal's own words: the
 * command line is taken out of what the refused command printed, what stands
 * for a source is put in, and nothing else is changed.
 */
import { cp, link, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Level } from 'level';
import { expect } from 'chai';
import { leafKey } from '../../src/ledger/store/keys.ts';
import { parseCheckpoint } from '../../src/note/checkpoint.ts';
import { parseNote } from '../../src/note/note.ts';
import { bundlePath, tilePath, tilesForSize } from '../../src/tlog/tile.ts';
import { HttpClient } from './client.ts';
import { Park } from './park.ts';
import { ServerProcess, runIsal, within, type Ended } from './processes.ts';
import { Random } from '../random.ts';
import { onSite, type FaultSite } from './site.ts';

const entries = 300;
const seed = 17;
/** `ISAL_REFILL_KILLS` for a longer run. */
const kills = Number(process.env['ISAL_REFILL_KILLS'] ?? 6);

/** Serves until this many more entries are acknowledged, and ends as an operator ends it. */
async function record(site: FaultSite, count: number, directory = site.directory): Promise<void> {
  const server = ServerProcess.serve(directory);
  const load = site.load(seed, 32);
  load.start(await server.ready);
  await server.during(site.observer.reaches(site.observer.acks + count));
  await load.stop();
  await stopped(server);
}

async function stopped(server: ServerProcess): Promise<void> {
  server.terminate();
  const { status, words } = await within(30_000, 'the end of a server', server.ended);
  expect(status, words).to.equal(0);
}

/** What `isal serve` says that refuses to start. */
async function refused(directory: string, code: string): Promise<string> {
  const { status, words } = await within(30_000, 'a refusal', ServerProcess.serveAlone(directory).ended);
  expect(status, words).to.be.oneOf([1, 4]);
  expect(words).to.include(`code      ${code} (`);
  return words;
}

/** The command line in the words that begins so, with its placeholders filled in. */
function wayOut(words: string, begins: string, filled: Readonly<Record<string, string>> = {}): string[] {
  const lines = words.split('\n').map((line) => line.replace(/^ +(?:to go on +)?/, ''));
  const [line = ''] = lines.filter((candidate) => candidate.startsWith(begins));
  const [command = ''] = line.split('  #');
  expect(command, words).to.match(/^isal \S/);
  const args = command.split(' ').slice(1);
  return args.map((arg) => filled[arg] ?? arg);
}

const refillFrom = (words: string, source: string): string[] =>
  wayOut(words, 'isal log refill ', { 'URL|FILE|DIR': source });

async function fine(args: readonly string[]): Promise<Ended> {
  const ended = await runIsal(args);
  expect(ended.status, `isal ${args.join(' ')}: ${ended.words}`).to.equal(0);
  return ended;
}

/** Flips a bit of an entry behind the ledger's back: LevelDB notices nothing. */
async function flipBit(directory: string, index: number): Promise<void> {
  const db = new Level<Uint8Array, Uint8Array>(join(directory, 'db'), {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: false,
  });
  const row = await db.get(leafKey(index));
  if (row === undefined) throw new Error('no such row');
  const changed = row.slice();
  changed[100] = (changed[100] ?? 0) ^ 1;
  await db.put(leafKey(index), changed, { sync: true });
  await db.close();
}

/** Nothing that was ever acknowledged is missing, and the ledger takes more. */
async function expectWhole(site: FaultSite, directory = site.directory): Promise<void> {
  const server = ServerProcess.serve(directory);
  const url = await server.ready;
  const client = new HttpClient(url);
  expect((await site.observer.submit(client, site.leaves.fresh())).status).to.equal(201);
  expect((await site.check(url)).violations).to.deep.equal([]);
  client.close();
  await stopped(server);
}

/** A copy of the ledger as it is now, at hand over HTTP: what a mirror is. */
async function mirrored(site: FaultSite): Promise<{ url: string; directory: string; server: ServerProcess }> {
  const directory = join(site.root, 'mirror');
  await fine(['store', 'backup', site.directory, '--to', directory]);
  const server = ServerProcess.readOnly(['serve', '--read-only', directory]);
  return { url: await server.ready, directory, server };
}

async function download(url: string, place: string): Promise<void> {
  const client = new HttpClient(url);
  const note = await client.read('checkpoint');
  const tiles = tilesForSize(parseCheckpoint(parseNote(note).text).size);
  const paths = ['checkpoint', ...tiles.map(tilePath)];
  for (const tile of tiles) if (tile.level === 0) paths.push(bundlePath(tile));
  for (const path of paths) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), await client.read(path));
  }
  client.close();
}

/** Every file below a directory, its bytes and when it was written. */
async function contents(directory: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs } = await stat(path);
    found.set(path, `${mtimeMs} ${entry.isFile() ? (await readFile(path)).toString('base64') : ''}`);
  }
  return found;
}

describe('the ways out that refusals name', function () {
  this.timeout(240_000);

  it('a damaged store is refilled from a URL, from a directory of tiles, and from an export', () =>
    onSite(async (site) => {
      await record(site, entries);
      const { url, server } = await mirrored(site);
      const trust = join(site.directory, 'trust.json');
      const out = join(site.root, 'leaves.jsonl');
      await fine(['log', 'export', '--url', url, '--trust', trust, '--out', out]);
      await download(url, join(site.root, 'tiles'));
      const pristine = join(site.root, 'pristine');
      await cp(site.directory, pristine, { recursive: true });
      for (const source of [url, join(site.root, 'tiles'), out]) {
        await rm(site.directory, { recursive: true });
        await cp(pristine, site.directory, { recursive: true });
        await flipBit(site.directory, entries);
        const words = await refused(site.directory, 'store-corrupt');
        const { output } = await fine(refillFrom(words, source));
        expect(output).to.match(/^✓ Refilled /m);
        const names = await readdir(site.directory);
        expect(names.filter((name) => name.startsWith('db.damaged-'))).to.have.length(1);
        await fine(['log', 'fsck', site.directory]);
      }
      await expectWhole(site);
      await stopped(server);
    }));

  it('a store that is lost altogether is refilled, and a source that is behind is refused with what leads on', () =>
    onSite(async (site) => {
      await record(site, entries);
      const { url, server } = await mirrored(site);
      await rm(join(site.directory, 'db'), { recursive: true });
      await fine(refillFrom(await refused(site.directory, 'store-missing'), url));
      await record(site, 50);
      await rm(join(site.directory, 'db'), { recursive: true });
      const before = await contents(site.directory);
      const { status, words } = await runIsal(
        refillFrom(await refused(site.directory, 'store-missing'), url),
      );
      expect(status, words).to.equal(1);
      expect(words).to.include('code      store-behind-anchor ');
      expect(await contents(site.directory)).to.deep.equal(before);
      await stopped(server);
    }));

  it('a refill that is killed at any moment is taken up by the same command', () =>
    onSite(async (site) => {
      await record(site, entries);
      const { directory, server } = await mirrored(site);
      await stopped(server);
      await flipBit(site.directory, entries);
      const command = refillFrom(await refused(site.directory, 'store-corrupt'), directory);
      const started = performance.now();
      await fine(command);
      const takes = performance.now() - started;
      const random = new Random(seed);
      for (let kill = 0; kill < kills; kill++) {
        const victim = ServerProcess.run(command);
        await new Promise((resolve) => setTimeout(resolve, random.below(takes)));
        await victim.kill();
      }
      await fine(command);
      expect((await readdir(site.directory)).filter((name) => name.includes('.refill-'))).to.deep.equal([]);
      await fine(['log', 'fsck', site.directory]);
      await expectWhole(site);
    }));

  it('a damaged store is served read-only: all that verifies, nothing signed, nothing taken, nothing written', () =>
    onSite(async (site) => {
      await record(site, entries);
      await flipBit(site.directory, entries);
      const words = await refused(site.directory, 'store-corrupt');
      const before = await contents(site.directory);
      const server = ServerProcess.readOnly(wayOut(words, 'isal serve --read-only '));
      const client = new HttpClient(await server.ready);
      const note = await client.read('checkpoint');
      const { size } = parseCheckpoint(parseNote(note).text);
      expect(size).to.be.above(entries);
      expect((await client.get(`api/v1/attestations/${entries}`)).status).to.equal(503);
      await client.read(`api/v1/attestations/${entries - 1}`);
      await client.read('tile/entries/000');
      await client.read('tile/0/000');
      await client.read('api/v1/proofs/inclusion?index=7');
      await client.read('api/v1/attestations?type=data-access');
      await client.read('api/v1/checkpoints');
      const told = await site.observer.submit(client, site.leaves.fresh());
      expect(told).to.include({ status: 503, code: 'read-only' });
      expect((await client.get('readyz')).status).to.equal(503);
      client.close();
      await stopped(server);
      expect(await contents(site.directory)).to.deep.equal(before);
    }));

  it('a lost anchor leaves read-only serving, which its refusal names', () =>
    onSite(async (site) => {
      await record(site, 20);
      await rm(join(site.directory, 'anchor'), { recursive: true });
      const words = await refused(site.directory, 'anchor-missing');
      const server = ServerProcess.readOnly(wayOut(words, 'isal serve --read-only '));
      const client = new HttpClient(await server.ready);
      await client.read('api/v1/attestations/3');
      client.close();
      await stopped(server);
    }));

  it('a backup taken under load is restored, refused by the newest anchor, and refilled', () =>
    onSite(async (site) => {
      const backup = join(site.root, 'backup');
      const restored = join(site.root, 'restored');
      const running = site.serve();
      const load = site.load(seed, 32);
      load.start(await running.ready);
      await running.during(site.observer.reaches(entries));
      await fine(['store', 'backup', site.directory, '--to', backup, '--with-keys']);
      await running.during(site.observer.reaches(site.observer.acks + 100));
      await load.stop();
      expect(load.refusals).to.deep.equal(new Map());
      await stopped(running);

      await fine(['store', 'restore', backup, restored]);
      await cp(join(site.directory, 'anchor'), join(restored, 'anchor'), { recursive: true });
      const words = await refused(restored, 'store-behind-anchor');
      await fine(refillFrom(words, site.directory));
      await expectWhole(site, restored);
    }));

  it('a backup restored with its old anchor is refused by the witnesses, and refilled', () => {
    const park = new Park();
    return onSite(
      async (site) => {
        await park.start(await readFile(join(site.root, 'policy'), 'utf8'));
        const backup = join(site.root, 'backup');
        const restored = join(site.root, 'restored');
        await record(site, 50);
        await fine(['store', 'backup', site.directory, '--to', backup, '--with-keys']);
        await record(site, 50);
        await fine(['store', 'restore', backup, restored]);
        const words = await refused(restored, 'behind-witnesses');
        await fine(refillFrom(words, site.directory));
        await expectWhole(site, restored);
      },
      (root) => park.make(root),
    );
  });

  it('a ledger that is copied by links says so, and names the command that copies it', () =>
    onSite(async (site) => {
      const server = site.serve();
      const client = new HttpClient(await server.ready);
      expect((await site.observer.submit(client, site.leaves.fresh())).status).to.equal(201);
      // As `cp -al` does it, file by file.
      const linked = join(site.root, 'linked');
      await cp(site.directory, linked, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
      await link(join(site.directory, 'db', 'LOCK'), join(linked, 'db', 'LOCK'));
      const copy = await refused(linked, 'store-locked');
      expect(copy).to.match(/LOCK has 2 links/);
      expect(copy).not.to.match(/another process/);
      await site.observer.submit(client, site.leaves.fresh()).catch(() => undefined);
      const { status, words } = await within(20_000, 'the end of a server', server.ended);
      client.close();
      expect(status).to.equal(4);
      expect(words).to.match(/LOCK has 2 links/);
      expect(words).not.to.match(/another process/);
      // Also at the next start, as long as the link is there.
      const again = await refused(site.directory, 'store-locked');
      expect(again).to.match(/LOCK has 2 links/);
      await rm(linked, { recursive: true });
      await fine(wayOut(again, 'isal store backup ', { BACKUP: join(site.root, 'backup') }));
      await expectWhole(site);
    }));
});
