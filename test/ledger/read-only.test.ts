import { expect } from 'chai';
import { request } from 'node:http';
import { once } from 'node:events';
import { utf8 } from '../../src/bytes.ts';
import { startReadOnlyServer } from '../../src/http/server.ts';
import { openGenesis } from '../../src/ledger/genesis.ts';
import { ReadOnlyLog } from '../../src/ledger/read-only.ts';
import { authorityKey, checkpointKey, leafKey, tileKey } from '../../src/ledger/store/keys.ts';
import { formatPolicy } from '../../src/note/policy.ts';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { parseTrust } from '../../src/verifier/trust.ts';
import { build, dataAccess, leafHashOf } from '../fixtures/attestations.ts';
import {
  Site,
  appendAll,
  changeRow,
  copyOf,
  flip,
  genesis,
  leaves,
  origin,
  policy,
  refusal,
} from './site.ts';

describe('a log that is only read', () => {
  let whole: MemoryImage;
  const size = 304;
  /** Of the archive: published an hour before the newest. */
  const archivedSize = 301;

  before(async function () {
    this.timeout(60_000);
    const site = new Site();
    let now = Date.UTC(2026, 10, 3, 12);
    const ledger = await site.open({ now: () => now });
    await appendAll(ledger, leaves(300));
    now += 3_600_000;
    await appendAll(ledger, [build({ seq: 1 }), build({ seq: 2 }), dataAccess()]);
    await ledger.close();
    whole = site.image;
  });

  const open = (change: (image: MemoryImage) => void = () => {}): Promise<ReadOnlyLog> => {
    const image = copyOf(whole);
    change(image);
    return ReadOnlyLog.open({
      storage: new MemoryStorage(image),
      genesis: openGenesis(genesis, origin),
      origin,
      policy,
    });
  };
  const sizeOf = (log: ReadOnlyLog): number | undefined => log.checkpoint()?.checkpoint.size;

  it('serves tiles, entries, proofs, search, archive and authority of the newest checkpoint', async () => {
    const log = await open();
    expect(sizeOf(log)).to.equal(size);
    expect((await log.tile({ level: 0, index: 0, width: 256 })).length).to.equal(256 * 32);
    expect((await log.entryBundle({ index: 1, width: size - 256 })).length).to.be.above(1000);
    expect(await log.entry(0)).to.deep.equal(genesis);
    expect((await log.inclusion({ index: 7 })).size).to.equal(size);
    expect((await log.consistency({ from: 100, to: size })).hashes.length).to.be.above(0);
    expect((await log.search({ type: 'build' })).items.map(({ index }) => index)).to.deep.equal([301, 302]);
    const { items } = await log.checkpoints({});
    expect(items.map(({ checkpoint }) => checkpoint.size)).to.deep.equal([size, archivedSize]);
    expect(log.authority().origin).to.equal(origin);
  });

  it('answers a damaged entry with a code, and goes on serving all others', async () => {
    const log = await open((image) => changeRow(image, leafKey(7), flip(90)));
    expect((await refusal(log.entry(7))).code).to.equal('store-corrupt');
    expect((await refusal(log.entryBundle({ index: 0, width: 256 }))).code).to.equal('store-corrupt');
    expect((await log.entry(8)).length).to.be.above(100);
    expect((await log.inclusion({ index: 8 })).size).to.equal(size);
  });

  it('serves the newest checkpoint also where an entry of its unfinished bundle is damaged or gone', async () => {
    for (const change of [flip(90), () => undefined]) {
      const log = await open((image) => changeRow(image, leafKey(size - 1), change));
      expect(sizeOf(log)).to.equal(size);
      expect((await refusal(log.entry(size - 1))).code).to.equal('store-corrupt');
      expect((await log.entry(size - 2)).length).to.be.above(100);
    }
  });

  it('goes back to an archived checkpoint where the newest cannot be verified', async () => {
    for (const change of [flip(-20), flip(40), () => undefined]) {
      const log = await open((image) => changeRow(image, checkpointKey, change));
      expect(sizeOf(log)).to.equal(archivedSize);
      expect((await refusal(log.entry(archivedSize))).code).to.equal('not-found');
      expect((await log.inclusion({ index: 8 })).size).to.equal(archivedSize);
    }
  });

  it('says so with a code when nothing can be verified, or nothing was ever published', async () => {
    const broken = await refusal(open((image) => changeRow(image, tileKey(0, 0), flip(90))));
    expect(broken.code).to.equal('store-corrupt');
    const lacking = await refusal(
      ReadOnlyLog.open({
        storage: new MemoryStorage(new MemoryImage()),
        genesis: openGenesis(genesis, origin),
        origin,
        policy,
      }),
    );
    expect(lacking.code).to.equal('not-ready');
  });

  it('serves entries also where the documents of authority are damaged, and says that those are', async () => {
    const log = await open((image) => changeRow(image, authorityKey(1), () => undefined));
    expect((await log.entry(5)).length).to.be.above(100);
    expect(() => log.authority())
      .to.throw()
      .with.property('code', 'store-corrupt');
  });

  it('reads alone: no commit reaches the storage', async () => {
    const image = copyOf(whole);
    const storage: Storage = new MemoryStorage(image);
    storage.commit = () => Promise.reject(new Error('a write'));
    const log = await ReadOnlyLog.open({ storage, genesis: openGenesis(genesis, origin), origin, policy });
    await log.entry(3);
    expect(image.keys).to.deep.equal(whole.keys);
  });

  it('refuses what would record with `read-only`, says when to come again, and is not ready', async () => {
    const file = { format: 'isal-trust/v1', policy: formatPolicy(policy), genesis: leafHashOf(genesis) };
    const trust = parseTrust(utf8(JSON.stringify(file)));
    const server = await startReadOnlyServer(await open(), { host: '127.0.0.1', port: 0, trust });
    const ask = async (
      method: string,
      path: string,
    ): Promise<{ status: number; code: unknown; retry: unknown }> => {
      const headers = { 'Content-Type': 'application/json' };
      const asked = request(`${server.url}${path}`, { method, headers });
      asked.end(method === 'POST' ? build({ seq: 9 }) : undefined);
      const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
      const body = text.startsWith('{') ? (JSON.parse(text) as { code?: unknown }) : {};
      return { status: answer.statusCode ?? 0, code: body.code, retry: answer.headers['retry-after'] };
    };
    const refused = await ask('POST', '/api/v1/attestations');
    expect(refused).to.deep.equal({ status: 503, code: 'read-only', retry: '300' });
    expect(await ask('GET', '/readyz')).to.include({ status: 503, code: 'read-only' });
    for (const path of [
      '/healthz',
      '/checkpoint',
      '/tile/0/000',
      '/api/v1/attestations/5',
      '/api/v1/authority',
    ])
      expect((await ask('GET', path)).status, path).to.equal(200);
    await server.close();
  });
});
