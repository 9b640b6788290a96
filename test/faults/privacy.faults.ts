/** What privacy rests on, at full size: all of the dictionary, 100,000 accesses, a server as a process of its own. */
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { fromUtf8 } from '../../src/bytes.ts';
import { openLevel } from '../../src/storage/level.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { canaries, texts, wordsIn } from '../privacy/canaries.ts';
import { committedEvents, persons, tickets } from '../privacy/committed.ts';
import { Customers, secretsOf } from '../privacy/customers.ts';
import { attack, likelyValues } from '../privacy/dictionary.ts';
import { leafOf, rubbish, rubbishPayloads, spoiltStatements } from '../privacy/rubbish.ts';
import { ServerProcess, within } from './processes.ts';
import { onSite } from './site.ts';

const isal = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

describe('privacy, at full size', () => {
  it('a dictionary of 100,000 likely values finds none, bare or under anything public', async () => {
    const attestations = await committedEvents();
    const values = new Set([...persons, ...tickets, ...likelyValues(100_000)]);
    expect(values.size).to.equal(100_000);
    const { tried, hits } = attack(attestations, { values, saltedCount: values.size });
    expect(tried).to.equal(100_000);
    expect(hits).to.deep.equal([]);
  });

  it('isal access mine finds exactly the customer’s events among 100,000, and tells nobody', async () => {
    const all = await Customers.open(100_000);
    try {
      expect(all.expected).to.have.length(1_000);
      const { ran, indices, sent } = await all.mine('us');
      expect(indices).to.deep.equal(all.expected);
      expect(JSON.parse(ran.stdout)).to.include({ eventCount: 1_000, accesses: 100_000, exit: 0 });
      const log = JSON.stringify(all.log);
      expect(all.log.length).to.be.greaterThan(700);
      for (const piece of secretsOf('us')) {
        expect(sent.all.includes(piece), piece).to.equal(false);
        expect(log.includes(piece), piece).to.equal(false);
      }
    } finally {
      await all.close();
    }
  });

  it('a server that is sent canaries repeats none on its standard streams, nor keeps one in its database', async () => {
    await onSite(async (site) => {
      const server = new ServerProcess([isal, 'serve', site.directory, '--port', '0'], {
        says: /^Serving \S+ at (\S+),/m,
        probe: 'readyz',
      });
      const url = await server.ready;
      const post = (body: Uint8Array, type = 'application/json'): Promise<Response> =>
        fetch(new URL('api/v1/attestations', `${url}/`), {
          method: 'POST',
          headers: { 'content-type': type, 'user-agent': Buffer.from(canaries.name).toString('latin1') },
          body: new Uint8Array(body),
        });
      let answers = '';
      for (const body of [...rubbish(), ...rubbishPayloads()]) answers += await (await post(body)).text();
      const lines = spoiltStatements().map(({ text, by }) => fromUtf8(leafOf(text, by)));
      for (let from = 0; from < lines.length; from += 500) {
        const body = new Uint8Array(Buffer.from(lines.slice(from, from + 500).join('\n')));
        answers += await (await post(body, 'application/x-ndjson')).text();
      }
      for (const text of texts) {
        for (const path of ['', 'api/v1/attestations/', 'api/v1/attestations?product=', 'tile/', '%ff']) {
          answers += await (await fetch(`${url}/${path}${encodeURIComponent(text)}`)).text();
        }
      }
      const good = await post(fixtures.dataAccess({ authority: site.leaves.authority }));
      expect(good.status).to.equal(201);
      answers += await good.text();
      server.terminate();
      const { status, words, output } = await within(20_000, 'the end of a server', server.ended);
      expect(status, words).to.equal(0);
      expect(words.length).to.be.greaterThan(10_000);
      for (const [where, text] of Object.entries({ answers, words, output })) {
        expect(wordsIn(text), where).to.deep.equal([]);
      }
      const storage = await openLevel(site.database, { create: false });
      let rows = 0;
      const everything = { gte: new Uint8Array(0), lt: new Uint8Array(9).fill(0xff) };
      for await (const [key, value] of storage.range(everything)) {
        rows++;
        expect([...wordsIn(key), ...wordsIn(value)]).to.deep.equal([]);
      }
      await storage.close();
      expect(rows).to.be.greaterThan(10);
    });
  });
});
