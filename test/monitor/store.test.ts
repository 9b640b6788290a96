/** Commits of a monitor, each whole and one after the other, however many are asked for at once. */
import { expect } from 'chai';
import type { Found } from '../../src/monitor/finding.ts';
import { MonitorStore } from '../../src/monitor/store.ts';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import { digest, origin } from '../fixtures/attestations.ts';
import { GatedStorage } from '../ledger/faulty.ts';
import { until } from '../ledger/site.ts';
import { expectCode, headOf } from '../storage/suite.ts';

const trust = { origin, genesis: digest('genesis') };
const found = (key: string): Found => ({ key, about: { kind: 'unreachable', message: key } });

describe('the store of a monitor', () => {
  let image: MemoryImage;
  let storage: GatedStorage;

  const open = (): Promise<MonitorStore> => MonitorStore.open(storage, { trust, now: 1 });

  beforeEach(() => {
    image = new MemoryImage();
    storage = new GatedStorage(new MemoryStorage(image));
  });

  it('gives findings of commits that are asked for at once one number each', async () => {
    const store = await open();
    const keys = ['a', 'b', 'c', 'd'];
    const made = await Promise.all(
      keys.map((key, at) => store.commit({ time: at, raised: [found(key)], known: { heard: at } })),
    );
    expect(made.flat().map(({ n }) => n)).to.deep.equal([0, 1, 2, 3]);
    expect((await store.findings(0, 10)).map(({ n, time }) => [n, time])).to.deep.equal(
      keys.map((_, at) => [at, at]),
    );
    expect(store.known).to.include({ next: 4, heard: 3 });
    await store.close();
  });

  it('raises one finding where two commits at once would raise it', async () => {
    const store = await open();
    const made = await Promise.all([1, 2].map((time) => store.commit({ time, raised: [found('a')] })));
    expect(made.map((one) => one.length)).to.deep.equal([1, 0]);
    expect((await store.open(10)).count).to.equal(1);
    await store.close();
  });

  it('notes a delivery behind a commit that is on its way, and does not take its head back', async () => {
    const store = await open();
    storage.gate.close();
    const committed = store.commit({ time: 1, raised: [found('a')], head: headOf(5) });
    await until(() => storage.gate.passed === 2);
    const noted = store.setDelivered('hook', 1);
    storage.gate.open();
    await Promise.all([committed, noted]);
    expect([await store.delivered('hook'), store.position]).to.deep.equal([1, 5]);
    await store.close();
  });

  it('closes when what was asked for is durable', async () => {
    const store = await open();
    storage.gate.close();
    const committed = store.commit({ time: 1, raised: [found('a')] });
    await until(() => storage.gate.passed === 2);
    const closed = store.close();
    storage.gate.open();
    expect(await committed).to.have.length(1);
    await closed;
    await expectCode(store.findings(0, 1), 'store-failed');
  });
});
