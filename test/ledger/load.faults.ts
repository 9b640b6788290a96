/**
 * The ledger over LevelDB and a real anchor under load: 200 submitters, 2,000
 * entries, the authority replaced half-way. Too long for every run of the tests.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import { Anchor } from '../../src/cosigner/anchor.ts';
import { Ledger, type Receipt } from '../../src/ledger/ledger.ts';
import { openLevel } from '../../src/storage/level.ts';
import { emptyRoot, hashLeaf } from '../../src/tlog/hash.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { mthOfLeafHashes } from '../reference.ts';
import { checkReceipt, ed25519Key, genesis, leaves, mldsaKey, origin } from './site.ts';

describe('2,000 entries by 200 submitters, with both keys, LevelDB and a real anchor', () => {
  it('have dense indices, receipts that verify, and never a wrong authority', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'isal-load-'));
    const open = async (first: boolean): Promise<Ledger> =>
      Ledger.open({
        storage: await openLevel(join(dir, 'db'), { create: first }),
        anchor: first
          ? await Anchor.create(join(dir, 'anchor'), { size: 0, root: emptyRoot })
          : await Anchor.open(join(dir, 'anchor')),
        logKeys: [ed25519Key, mldsaKey],
        genesis,
        origin,
      });
    let ledger = await open(true);
    const successor = fixtures.authorityDocument({ version: 2, previous: fixtures.leafHashOf(genesis) });
    const authority = fixtures.leafHashOf(successor);
    const old = leaves(1000);
    const fresh = Array.from({ length: 1000 }, (_, i) =>
      fixtures.databaseUpdate({ authority, seq: 5001 + i }),
    );
    const recorded = new Map<Uint8Array, Receipt>();
    const refused = new Map<Uint8Array, string>();
    const offer = async (leaf: Uint8Array): Promise<void> => {
      try {
        const receipt = await ledger.append(leaf);
        checkReceipt(receipt, leaf);
        recorded.set(leaf, receipt);
      } catch (error) {
        refused.set(leaf, (error as { code: string }).code);
      }
    };
    await Promise.all(
      Array.from({ length: 200 }, async (_, client) => {
        for (let i = client; i < 1000; i += 200) await offer(old[i] as Uint8Array);
        if (client === 100) await offer(successor);
        for (let i = client; i < 1000; i += 200) await offer(fresh[i] as Uint8Array);
      }),
    );
    expect(new Set(refused.values())).to.deep.equal(new Set(['authority-superseded']));
    // What came too early for the new document, or too late for the old one, is offered once more.
    const late = [...refused.keys()];
    refused.clear();
    for (const leaf of late) await offer(leaf);

    const place = recorded.get(successor)?.index ?? 0;
    for (const leaf of fresh) expect(recorded.get(leaf)?.index).to.be.above(place);
    for (const leaf of refused.keys()) expect(recorded.has(leaf)).to.equal(false);
    const indices = [...recorded.values()].map(({ index }) => index).toSorted((a, b) => a - b);
    expect(indices).to.deep.equal(Array.from({ length: recorded.size }, (_, i) => i + 1));

    await ledger.close();
    ledger = await open(false);
    const hashes = [];
    for (let index = 0; index <= recorded.size; index++) {
      const leaf = await ledger.entry(index);
      hashes.push(hashLeaf(leaf));
      const { supervision } = decodeAttestation(decodeEnvelope(leaf));
      const expected = index <= place ? fixtures.leafHashOf(genesis) : authority;
      if (supervision !== undefined) expect(supervision.ledger.authority).to.equal(expected);
    }
    expect(ledger.checkpoint()?.checkpoint).to.deep.include({
      size: hashes.length,
      root: mthOfLeafHashes(hashes),
    });
    for (const [leaf, { index }] of recorded) {
      expect(await ledger.append(leaf)).to.include({ status: 'known', index });
    }
    await ledger.close();
    await rm(dir, { recursive: true });
  }).timeout(120_000);
});
