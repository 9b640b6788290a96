import { expect } from 'chai';
import { toHex } from '../../src/bytes.ts';
import { hashLeaf } from '#sha256';
import * as fixtures from '../fixtures/attestations.ts';
import { readEntries } from './checker.ts';
import { HttpClient } from './client.ts';
import { onSite } from './site.ts';

const clients = 200;
const entries = 10_000;

const first = fixtures.leafHashOf(fixtures.genesis());
const successor = fixtures.authorityDocument({ version: 2, previous: first });
const second = fixtures.leafHashOf(successor);

/** Has the clients take the items one after the other, each its next when the last is answered. */
async function share<T>(items: Iterable<T>, work: (item: T, client: number) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let next = queue.next(); next.done !== true; next = queue.next()) await work(next.value, client);
    }),
  );
}

/** The authority document that an entry says is in force; undefined for a document itself. */
function boundTo(entry: Uint8Array): string | undefined {
  const { payload } = JSON.parse(new TextDecoder().decode(entry)) as { payload: string };
  const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as {
    predicate: { ledger?: { authority: string } };
  };
  return predicate.ledger?.authority;
}

describe(`${clients} clients append ${entries} entries, and the authority is replaced half way`, function () {
  this.timeout(180_000);

  it('indices are dense and unique, proofs hold, nothing bound to the old document slips in', () =>
    onSite(async (site) => {
      const { observer } = site;
      const server = site.serve();
      const client = new HttpClient(await server.ready);
      const recorded: { readonly leaf: Uint8Array; readonly index: number }[] = [];
      let refused = 0;
      let replaced: number | undefined;

      const replace = async (): Promise<void> => {
        const { status, index } = await observer.submit(client, successor);
        expect(status).to.equal(201);
        replaced = index;
      };
      let replacing: Promise<void> | undefined;
      /** Clients that have been told of the new document; all others go on with the old one. */
      const informed = new Set<number>();

      const append = async (seq: number, who: number): Promise<void> => {
        const authority = informed.has(who) ? second : first;
        const leaf = fixtures.dataAccess({ authority, seq });
        const tooLate = replaced !== undefined && authority === first;
        const told = await observer.submit(client, leaf);
        if (tooLate)
          expect(told.status, 'bound to the old document after the new one was published').to.equal(409);
        if (told.status === 409 && authority === first) {
          expect(told.body).to.include({ code: 'authority-superseded', authority: second });
          refused += 1;
          informed.add(who);
          return append(seq, who);
        }
        expect(told.status, JSON.stringify(told.body)).to.equal(201);
        recorded.push({ leaf, index: told.index ?? -1 });
        if (recorded.length === entries / 2) replacing = replace();
      };
      const numbers = Array.from({ length: entries }, (_, i) => i + 1);
      const started = performance.now();
      await server.during(share(numbers, append));
      const seconds = (performance.now() - started) / 1000;
      await replacing;

      const indices = [...recorded.map(({ index }) => index), replaced ?? -1].toSorted((a, b) => a - b);
      expect(indices).to.deep.equal(Array.from({ length: entries + 1 }, (_, i) => i + 1));
      expect(refused, 'every client once').to.equal(clients);

      const log = await readEntries(client, entries + 2);
      for (const [index, entry] of log.entries()) {
        if (index === 0 || index === replaced) continue;
        expect(boundTo(entry), `leaf ${index}`).to.equal(index < (replaced ?? 0) ? first : second);
      }
      for (const { leaf, index } of recorded)
        expect(toHex(hashLeaf(log[index] ?? leaf))).to.equal(toHex(hashLeaf(leaf)));

      // Identical bytes keep their place, whatever the authority says by now.
      const known = [
        ...recorded,
        { leaf: successor, index: replaced },
        { leaf: fixtures.genesis(), index: 0 },
      ];
      await server.during(
        share(known, async ({ leaf, index }) => {
          const told = await observer.submit(client, leaf);
          expect(told, JSON.stringify(told.body)).to.include({ status: 200, index });
        }),
      );
      const report = await site.check(client.url);
      expect(report).to.deep.include({ size: entries + 2, acknowledged: entries + 2, violations: [] });
      client.close();
      console.log(
        `      ${Math.round(entries / seconds)} entries/s, ${report.checkpoints} checkpoints, ${refused} refused`,
      );
    }));
});
