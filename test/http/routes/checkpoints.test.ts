/** The archive of checkpoints, over a socket. */
import { expect } from 'chai';
import { parseCheckpoint } from '../../../src/note/checkpoint.ts';
import { parseNote } from '../../../src/note/note.ts';
import { utf8 } from '../../../src/bytes.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import type { Running } from '../harness.ts';
import { ask, run, submit } from '../harness.ts';

interface Item {
  readonly time: number;
  readonly size: number;
  readonly checkpoint: string;
}

describe('http: the archive of checkpoints', () => {
  const noon = Date.UTC(2026, 10, 3, 12) / 1000;
  let now = noon;
  let running: Running;

  before(async () => {
    running = await run({ ledger: { now: () => now * 1000 } });
    for (const [seq, minutes] of [20, 50, 70, 200].entries()) {
      now = noon + minutes * 60;
      expect((await submit(running, fixtures.build({ seq: seq + 1 }))).status).to.equal(201);
    }
  });

  after(() => running.close());

  async function listed(query: string): Promise<{ items: Item[]; next: number | null }> {
    const { status, text, json } = await ask(running, `/api/v1/checkpoints${query}`);
    expect(status, text).to.equal(200);
    return json as unknown as { items: Item[]; next: number | null };
  }

  it('lists the last one of each interval and the newest, as they were served', async () => {
    const { items, next } = await listed('');
    expect(items.map(({ time, size }) => [time, size])).to.deep.equal([
      [noon + 12_000, 5],
      [noon + 4200, 4],
      [noon + 3000, 3],
    ]);
    expect(next).to.equal(null);
    for (const { size, checkpoint } of items) {
      expect(parseCheckpoint(parseNote(utf8(checkpoint)).text).size).to.equal(size);
    }
    expect(items[0]?.checkpoint).to.equal((await ask(running, '/checkpoint')).text);
  });

  it('says what was published by a time, in either form of it, and goes on page by page', async () => {
    for (const to of ['2026-11-03T12:59:00Z', '2026-11-03T13:59:00%2B01:00', String(noon + 3540)]) {
      expect((await listed(`?to=${to}&limit=1`)).items.map(({ size }) => size)).to.deep.equal([3]);
    }
    expect((await listed(`?to=${noon - 1}`)).items).to.deep.equal([]);
    expect(
      (await listed(`?from=${noon + 3001}&to=${noon + 4200}`)).items.map(({ size }) => size),
    ).to.deep.equal([4]);
    const first = await listed('?limit=2');
    expect(first.items.map(({ size }) => size)).to.deep.equal([5, 4]);
    expect((await listed(`?to=${first.next}`)).items.map(({ size }) => size)).to.deep.equal([3]);
  });

  it('refuses what is no time and no limit', async () => {
    for (const query of [
      '?to=now',
      '?from=2026-02-30T00:00:00Z',
      '?to=',
      '?limit=0',
      '?limit=101',
      '?at=5',
    ]) {
      const { status, json } = await ask(running, `/api/v1/checkpoints${query}`);
      expect([status, json['code']], query).to.deep.equal([400, 'bad-request']);
    }
  });
});
