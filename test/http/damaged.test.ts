import { expect } from 'chai';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import { leafKey } from '../../src/ledger/store/keys.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { changeRow, flip } from '../ledger/site.ts';
import { ask, json, run, type Running } from './harness.ts';

describe('a damaged entry', () => {
  let running: Running;
  const image = new MemoryImage();

  before(async () => {
    running = await run({ storage: new MemoryStorage(image) });
    for (const seq of [1, 2, 3]) {
      const body = fixtures.databaseUpdate({ seq });
      expect(
        (await ask(running, '/api/v1/attestations', { method: 'POST', headers: json, body })).status,
      ).to.equal(201);
    }
    changeRow(image, leafKey(2), flip(40));
  });
  after(() => running.close());

  it('is refused, every other one is served, and nothing more is recorded', async () => {
    expect((await ask(running, '/readyz')).status).to.equal(200);
    const damaged = await ask(running, '/api/v1/attestations/2');
    expect([damaged.status, damaged.json]).to.deep.include.members([503]);
    expect(damaged.json).to.include({ code: 'store-corrupt' });
    for (const path of [
      '/api/v1/attestations/1',
      '/api/v1/attestations/3',
      '/checkpoint',
      '/tile/0/000.p/4',
    ]) {
      expect((await ask(running, path)).status, path).to.equal(200);
    }
    const body = fixtures.databaseUpdate({ seq: 4 });
    const refused = await ask(running, '/api/v1/attestations', { method: 'POST', headers: json, body });
    expect([refused.status, (refused.json as { code: string }).code]).to.deep.equal([503, 'store-corrupt']);
  });

  it('is told by health, which an orchestrator must not act on, and by readiness', async () => {
    const health = await ask(running, '/healthz');
    expect([health.status, health.json]).to.deep.equal([200, { status: 'damaged' }]);
    const ready = await ask(running, '/readyz');
    expect([ready.status, (ready.json as { code: string }).code]).to.deep.equal([503, 'store-corrupt']);
  });
});
