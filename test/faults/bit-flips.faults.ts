/**
 * Single flipped bits in every kind of file of a store.
 *
 *     npm run test:faults                              a small store, some dozens of flips
 *     ISAL_FLIPS=1000 npx mocha …/bit-flips.faults.js  20,000 entries, as many flips as are named
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { takeSnapshot } from '../../src/storage/leveldb/snapshot.ts';
import { Table } from '../../src/storage/leveldb/table.ts';
import { Random } from '../random.ts';
import { HttpClient } from './client.ts';
import { SoundStore, fill, findingsIn, planFlips, type Flip } from './flips.ts';
import { ServerProcess, killAll, runIsal, within } from './processes.ts';
import { FaultSite } from './site.ts';

const long = Number(process.env['ISAL_FLIPS'] ?? 0);
const entries = long > 0 ? 20_000 : 1_200;
const flips = long > 0 ? long : 40;
const leastHarmful = long > 0 ? Math.floor(long / 5) : 15;
/** Every so many harmful flips the command itself is run, as a process. */
const commandEvery = long > 0 ? 50 : 8;
/** A whole store is compared, row by row, on a machine that may be busy. */
const commandMs = long > 0 ? 900_000 : 60_000;
const controls = long > 0 ? 10 : 3;

const survey = fileURLToPath(new URL('unchecked-survey.js', import.meta.url));

/** How the control ends: whether it finds anything, or LevelDB ends it. */
async function uncheckedSurvey(directory: string): Promise<'found' | 'missed' | 'aborted'> {
  const child = spawn(process.execPath, [survey, join(directory, 'db')], { stdio: 'ignore' });
  const [status] = (await within(commandMs, 'the control', once(child, 'close'))) as [number | null];
  if (status === null) return 'aborted';
  return status === 0 ? 'missed' : 'found';
}

/** The first byte of the checksum of a data block, which LevelDB does not look at; and the last record of the log. */
async function unseenFlips(database: string): Promise<Flip[]> {
  const found: Flip[] = [];
  const snapshot = await takeSnapshot(database);
  const file = snapshot.levels.flat().find((table) => table.file !== undefined)?.file;
  if (file !== undefined) {
    const [block] = (await Table.open(file)).blocks;
    if (block !== undefined) found.push({ file: file.name, at: block.offset + block.size + 1, bit: 0 });
  }
  await snapshot.close();
  const log =
    (await readdir(database))
      .filter((name) => name.endsWith('.log'))
      .sort()
      .at(-1) ?? '';
  found.push({ file: log, at: (await readFile(join(database, log))).length - 10, bit: 3 });
  return found;
}

/** One start of a server on a damaged store: up and serving what is left, or refused with the code. Never a signal. */
async function startOnce(directory: string): Promise<'serves' | 'refuses'> {
  const server = ServerProcess.serveAlone(directory);
  const url = await Promise.race([server.ready, server.ended.then(() => undefined)]).catch(() => undefined);
  if (url === undefined) {
    const { status, words } = await within(20_000, 'a server that refuses', server.ended);
    expect(status, words).to.equal(1);
    expect(words).to.include('store-corrupt');
    return 'refuses';
  }
  const client = new HttpClient(url);
  expect((await client.get('checkpoint')).status).to.equal(200);
  expect((await client.get('readyz')).status).to.equal(503);
  client.close();
  server.terminate();
  const { status, words } = await within(20_000, 'the end of a server', server.ended);
  expect(status, words).to.equal(0);
  return 'serves';
}

describe('flipped bits in the files of a store', function () {
  this.timeout(long > 0 ? 4 * 3_600_000 : 240_000);
  let site: FaultSite;
  let sound: SoundStore;

  before(async () => {
    site = await FaultSite.make();
    await fill(site, entries);
    sound = await SoundStore.open(site.directory);
  });
  after(async () => {
    await sound.close();
    await killAll();
    await site.remove();
  });

  it('are found by isal store check if they harm a row, and nothing that they harm is served', async () => {
    expect((await runIsal(['store', 'check', site.directory], commandMs)).status).to.equal(0);
    const random = new Random(7);
    const tally = {
      harmful: 0,
      commands: 0,
      refused: 0,
      damaged: 0,
      open: 0,
      found: 0,
      missed: 0,
      aborted: 0,
    };
    const byFile = new Map<string, number>();
    const told = (done: number): void =>
      console.log(
        `      ${entries} entries, ${done} flips: ${JSON.stringify({ ...tally, byFile: [...byFile] })}`,
      );
    for (const [done, flip] of (await planFlips(site.database, flips, random)).entries()) {
      // A long run that is broken off has told how far it came.
      if (done > 0 && done % 100 === 0) told(done);
      await sound.flipped(flip, async (directory) => {
        const findings = await findingsIn(directory);
        if (!(await sound.isHarmed(directory, flip))) return;
        const what = JSON.stringify(flip);
        tally.harmful += 1;
        const kind = flip.file.replace(/\d+/, '');
        byFile.set(kind, (byFile.get(kind) ?? 0) + 1);
        if (findings.length === 0 || tally.harmful % commandEvery === 0) {
          const { status, words } = await runIsal(['store', 'check', directory, '--json'], commandMs);
          expect(status, `${what}: ${words}`).to.equal(1);
          tally.commands += 1;
        }
        if (tally.harmful % commandEvery === 1 && tally.found + tally.missed + tally.aborted < controls) {
          // Before LevelDB is opened for serving, which may rewrite what is there.
          await sound.flipped(flip, async (again) => void (tally[await uncheckedSurvey(again)] += 1));
          return;
        }
        const { wrong, outcome } = await sound.serve(directory, findings, random);
        expect(wrong, what).to.deep.equal([]);
        tally[outcome] += 1;
      });
    }
    told(flips);
    expect(tally.harmful).to.be.at.least(leastHarmful);
  });

  it('are missed by a check that compares rows and no checksums (control)', async () => {
    const outcomes: string[] = [];
    for (const flip of await unseenFlips(site.database)) {
      await sound.flipped(flip, async (directory) => {
        expect(await findingsIn(directory)).to.have.length.greaterThan(0);
        outcomes.push(await uncheckedSurvey(directory));
      });
    }
    console.log(`      the control says: ${outcomes.join(', ')}`);
    expect(outcomes).to.include('missed');
  });

  it('end no server by a signal, and ten restarts each come to an answer', async () => {
    const names = await readdir(site.database);
    const tables = await Promise.all(
      names
        .filter((name) => name.endsWith('.ldb'))
        .map(async (file) => ({ file, size: (await readFile(join(site.database, file))).length })),
    );
    // In the largest table, where most of the rows are entries.
    const { file, size } = tables.sort((a, b) => b.size - a.size)[0] ?? { file: '', size: 0 };
    const manifest = names.find((name) => name.startsWith('MANIFEST')) ?? '';
    await sound.flipped({ file, at: Math.floor(size * 0.6), bit: 5 }, async (directory) => {
      const outcomes: string[] = [];
      for (let start = 0; start < 10; start++) outcomes.push(await startOnce(directory));
      expect(outcomes).to.deep.equal(Array.from({ length: 10 }, () => 'serves'));
    });
    await sound.flipped({ file: manifest, at: 60, bit: 2 }, async (directory) => {
      for (let start = 0; start < 3; start++) expect(await startOnce(directory)).to.equal('refuses');
    });
  });
});
