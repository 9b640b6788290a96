import { expect } from 'chai';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { Failure } from '../../src/ledger/store/failure.ts';
import { openGenesis } from '../../src/ledger/genesis.ts';
import { recover } from '../../src/ledger/open.ts';
import { Reader } from '../../src/ledger/reader.ts';
import { search, type SearchQuery } from '../../src/ledger/searching/search.ts';
import { TileStore } from '../../src/ledger/store/tile-store.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { Site, genesis, origin, refusal } from './site.ts';

interface Entry {
  readonly index: number;
  readonly type: string;
  readonly keyids: readonly string[];
  readonly product?: string;
  readonly family?: string;
  readonly source?: string;
  readonly sha256?: string;
}

describe('searching', () => {
  let ledger: Ledger;
  const entries: Entry[] = [{ index: 0, type: 'authority', keyids: [fixtures.root.keyid] }];

  before(async () => {
    ledger = await new Site().open();
    for (let i = 0; i < 240; i++) {
      const seq = i + 1;
      const product = ['alpha', 'beta', 'alpha beta'][i % 3] as string;
      const family = i % 2 === 0 ? 'threats' : 'spam';
      const file = `file ${i % 40}`;
      const kind = i % 4;
      const leaf =
        kind === 0
          ? fixtures.build({ seq, product, file })
          : kind === 1
            ? fixtures.dataAccess({ seq })
            : fixtures.databaseUpdate({ seq, family });
      const { index } = await ledger.append(leaf);
      entries.push({
        index,
        ...(kind === 0
          ? {
              type: 'build',
              product,
              sha256: fixtures.digest(file),
              source: fixtures.buildSource,
              keyids: [fixtures.builder.keyid, fixtures.supervisor.keyid],
            }
          : kind === 1
            ? { type: 'data-access', source: fixtures.accessSource, keyids: [fixtures.gateway.keyid] }
            : {
                type: 'database-update',
                family,
                source: fixtures.databaseSource,
                keyids: [fixtures.publisher.keyid, fixtures.supervisor.keyid],
              }),
      });
    }
  });

  after(() => ledger.close());

  function expected({ subject, signer, after = -1, limit: _, ...same }: SearchQuery): number[] {
    return entries
      .filter(
        (entry) =>
          entry.index > after &&
          (signer === undefined || entry.keyids.includes(signer)) &&
          (subject === undefined || `sha256:${entry.sha256}` === subject) &&
          Object.entries(same).every(([name, value]) => entry[name as keyof Entry] === value),
      )
      .map(({ index }) => index);
  }

  const queries: readonly SearchQuery[] = [
    {},
    { type: 'authority' },
    { type: 'build' },
    { type: 'database-update', family: 'threats' },
    { product: 'alpha' },
    { product: 'alpha beta', signer: fixtures.supervisor.keyid },
    { family: 'spam', source: fixtures.databaseSource, signer: fixtures.publisher.keyid },
    { family: 'spam', product: 'alpha' },
    { signer: fixtures.gateway.keyid, type: 'data-access', after: 100 },
    { subject: `sha256:${fixtures.digest('file 8')}` },
    { subject: `sha256:${fixtures.digest('file 8')}`, product: 'beta' },
    { subject: `sha512:${'ab'.repeat(64)}` },
    { type: 'no such type' },
    { product: 'alph' },
  ];

  for (const query of queries) {
    it(`finds ${JSON.stringify(query)} in order, in one page and in pages of 7`, async () => {
      const page = await ledger.search({ ...query, limit: 1000 });
      expect(page.size).to.equal(241);
      expect(page.items.map(({ index }) => index)).to.deep.equal(expected(query));
      expect(page).not.to.have.property('next');

      const found: number[] = [];
      let after = query.after;
      for (;;) {
        const part = await ledger.search({ ...query, limit: 7, ...(after === undefined ? {} : { after }) });
        expect(part.items.length).to.be.at.most(7);
        found.push(...part.items.map(({ index }) => index));
        if (part.next === undefined) break;
        after = part.next;
      }
      expect(found).to.deep.equal(expected(query));
    });
  }

  it('returns decoded attestations, 100 of them unless told otherwise', async () => {
    const page = await ledger.search({});
    expect(page.items).to.have.length(100);
    expect(page.next).to.equal(99);
    expect(page.items[0]?.attestation.leaf).to.deep.equal(genesis);
    expect(page.items[0]?.attestation.type).to.equal('authority');
  });

  it('hands back where to go on when it has read enough rows, and misses nothing so', async () => {
    const site = new Site();
    const rare = await site.open();
    for (let seq = 1; seq <= 30; seq++) {
      const product = seq % 10 === 0 ? 'rare' : 'common';
      await rare.append(fixtures.build({ seq, product }));
      await rare.append(fixtures.dataAccess({ seq }));
    }
    await rare.close();
    const storage = new MemoryStorage(site.image);
    const { committed, published } = await recover({
      storage,
      anchor: site.anchor,
      genesis: openGenesis(genesis, origin),
      keys: [],
    });
    const failure = new Failure();
    const reader = new Reader({
      storage,
      tiles: new TileStore(storage),
      failure,
      states: { committed, published },
      signer: { anchored: committed.tree },
    });
    const query = { signer: fixtures.supervisor.keyid, product: 'rare' };
    const found: number[] = [];
    let after: number | undefined;
    let pages = 0;
    do {
      const page = await search(
        { ...query, ...(after === undefined ? {} : { after }) },
        { storage, reader, failure, maxRows: 1 },
      );
      found.push(...page.items.map(({ index }) => index));
      if (page.next !== undefined && after !== undefined) expect(page.next).to.be.above(after);
      after = page.next;
      pages += 1;
    } while (after !== undefined);
    expect(found).to.deep.equal([19, 39, 59]);
    expect(pages).to.be.above(3);
  });

  it('refuses pages without bound or of nothing, and cursors that are no index', async () => {
    for (const limit of [0, -1, 1001, 1.5, Number.NaN]) {
      expect(await refusal(ledger.search({ limit }))).to.include({ code: 'bad-request' });
    }
    for (const after of [-2, 0.5, Number.NaN]) {
      expect(await refusal(ledger.search({ after }))).to.include({ code: 'bad-request' });
    }
    expect(await refusal(ledger.search({ signer: 'not hex' }))).to.include({ code: 'bad-hex' });
    expect((await ledger.search({ after: 10_000 })).items).to.deep.equal([]);
  });
});
