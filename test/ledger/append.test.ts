import { expect } from 'chai';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import type { Receipt } from '../../src/ledger/ledger.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/storage.ts';
import * as fixtures from '../fixtures/attestations.ts';
import {
  Site,
  appendAll,
  checkReceipt,
  genesis,
  inDirectory,
  leaves,
  ed25519Key,
  mldsaKey,
  refusal,
  until,
} from './site.ts';
import { Gate, GatedStorage } from './faulty.ts';
import { verifyEd25519 } from '#ed25519';
import { verifyLogSignature } from '../../src/note/cosignature.ts';
import { matchesKey, verifierOf } from '../../src/note/key.ts';
import { parseNote } from '../../src/note/note.ts';

const genesisHash = fixtures.leafHashOf(genesis);

type WithStore = (test: (open: () => Promise<Storage>) => Promise<void>) => Promise<void>;
const stores: readonly (readonly [string, WithStore])[] = [
  ['memory', async (test) => test(async () => new MemoryStorage())],
  ['LevelDB', inDirectory],
];

for (const [name, withStore] of stores) {
  describe(`ledger over ${name}`, () => {
    it('publishes leaf 0 when it is first opened, and then what is appended', () =>
      withStore(async (open) => {
        const ledger = await new Site().open({ storage: await open() });
        expect(ledger.checkpoint()?.checkpoint.size).to.equal(1);
        expect(ledger.authority().leafHash).to.equal(genesisHash);
        const [leaf] = leaves(1) as [Uint8Array];
        const receipt = await ledger.append(leaf);
        expect(receipt).to.include({ status: 'new', index: 1, leafHash: fixtures.leafHashOf(leaf) });
        expect(checkReceipt(receipt, leaf)).to.equal(2);
        expect(await ledger.entry(0)).to.deep.equal(genesis);
        expect(await ledger.entry(1)).to.deep.equal(leaf);
        expect(await ledger.indexOf(receipt.leafHash)).to.equal(1);
        await ledger.close();
      }));

    it('gives 300 entries of 30 submitters dense indices and receipts that verify, and the same again', () =>
      withStore(async (open) => {
        const ledger = await new Site().open({ storage: await open() });
        const all = leaves(300);
        const receipts = new Map<Uint8Array, Receipt>();
        await Promise.all(
          Array.from({ length: 30 }, async (_, client) => {
            for (const leaf of all.slice(10 * client, 10 * client + 10)) {
              const receipt = await ledger.append(leaf);
              // At the moment of the answer, the world can already see the entry.
              expect(ledger.checkpoint()?.checkpoint.size).to.be.above(receipt.index);
              receipts.set(leaf, receipt);
            }
          }),
        );
        for (const [leaf, receipt] of receipts)
          expect(checkReceipt(receipt, leaf)).to.be.above(receipt.index);
        const indices = [...receipts.values()].map(({ index }) => index).toSorted((a, b) => a - b);
        expect(indices).to.deep.equal(Array.from({ length: 300 }, (_, i) => i + 1));
        const again = await appendAll(ledger, all);
        expect(again.map(({ index }) => index)).to.deep.equal(all.map((leaf) => receipts.get(leaf)?.index));
        expect(new Set(again.map(({ status }) => status))).to.deep.equal(new Set(['known']));
        await ledger.close();
      }));

    it('replaces the authority under load: nothing bound to the old one slips in behind', () =>
      withStore(async (open) => {
        const ledger = await new Site().open({ storage: await open() });
        const successor = fixtures.authorityDocument({ version: 2, previous: genesisHash });
        const old = leaves(120);
        const recorded = new Map<Uint8Array, Receipt>();
        const codes = new Set<string>();
        const offer = async (leaf: Uint8Array): Promise<void> => {
          try {
            recorded.set(leaf, await ledger.append(leaf));
          } catch (error) {
            codes.add((error as { code: string }).code);
          }
        };
        // All are admitted under the old document; those behind the new one wait while it takes force.
        await Promise.all([...old.slice(0, 60), successor, ...old.slice(60)].map(offer));
        const place = recorded.get(successor)?.index ?? 0;
        expect(recorded.size).to.equal(61);
        expect(codes).to.deep.equal(new Set(['authority-superseded']));
        expect(ledger.authority()).to.include({ version: 2, index: place });
        for (const { index } of recorded.values()) expect(index).to.be.at.most(place);

        const authority = fixtures.leafHashOf(successor);
        const after = Array.from({ length: 10 }, (_, i) =>
          fixtures.databaseUpdate({ authority, seq: 201 + i }),
        );
        for (const { index } of await appendAll(ledger, after)) {
          expect(index).to.be.above(place);
          const { supervision } = decodeAttestation(decodeEnvelope(await ledger.entry(index)));
          expect(supervision?.ledger.authority).to.equal(authority);
        }
        for (const [leaf, { index }] of recorded) {
          const again = await ledger.append(leaf);
          expect(again).to.include({ status: 'known', index });
          checkReceipt(again, leaf);
        }
        const refused = await refusal(ledger.append(fixtures.databaseUpdate({ seq: 300 })));
        expect(refused).to.include({ code: 'authority-superseded', expected: authority });
        await ledger.close();
      }));
  });
}

describe('what the sequencer decides', () => {
  it('gives the same bytes one index, however many submit them at once', async () => {
    const ledger = await new Site().open();
    const [leaf, other] = leaves(2) as [Uint8Array, Uint8Array];
    const receipts = await appendAll(ledger, [leaf, leaf, other, leaf.slice(), leaf, leaf]);
    expect(receipts.map(({ index }) => index)).to.deep.equal([1, 1, 2, 1, 1, 1]);
    expect(receipts.filter(({ status }) => status === 'new')).to.have.length(2);
    expect(ledger.health().committedSize).to.equal(3);
    await ledger.close();
  });

  it('refuses the same payload under other signatures, and names the leaf that has it', async () => {
    const second = fixtures.party('second supervisor', fixtures.supervisorOrganisation);
    const leaf0 = fixtures.genesis({
      signers: [...fixtures.signers, fixtures.signer(second, ['supervisor'], [fixtures.databaseSource])],
    });
    const authority = fixtures.leafHashOf(leaf0);
    const ledger = await new Site().open({ genesis: leaf0 });
    const signed = (by: readonly fixtures.Party[]): Uint8Array =>
      fixtures.databaseUpdate({ authority, signedBy: by });
    const [first, again] = [
      signed([fixtures.publisher, fixtures.supervisor]),
      signed([fixtures.publisher, second]),
    ];
    // In one batch, and then across batches.
    const together = await Promise.allSettled([ledger.append(first), ledger.append(again)]);
    expect(together.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
    const refused = await refusal(ledger.append(again));
    expect(refused).to.include({ code: 'already-recorded', index: 1 });
    expect(refused.facts).to.deep.equal({ index: 1 });
    await ledger.close();
  });

  it('refuses another content under a number that the source has used, and leaves the number to the first', async () => {
    const ledger = await new Site().open();
    const [first, other] = [
      fixtures.databaseUpdate({ seq: 7 }),
      fixtures.databaseUpdate({ seq: 7, version: 'x' }),
    ];
    const together = await Promise.allSettled([ledger.append(first), ledger.append(other)]);
    expect(together.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
    const refused = await refusal(ledger.append(other));
    expect(refused).to.include({ code: 'source-conflict', index: 1 });
    expect(refused.facts).to.include({ source: fixtures.databaseSource, seq: 7 });
    // The same number of another source is another number.
    expect(await ledger.append(fixtures.dataAccess({ seq: 7 }))).to.include({ status: 'new', index: 2 });
    await ledger.close();
  });

  it('refuses a second document of one version, also in one batch', async () => {
    const ledger = await new Site().open();
    const next = (root: fixtures.Party): Uint8Array =>
      fixtures.authorityDocument({
        version: 2,
        previous: genesisHash,
        roots: [fixtures.root, root],
        threshold: 1,
        signedBy: [fixtures.root],
      });
    const results = await Promise.allSettled([
      ledger.append(next(fixtures.party('root a'))),
      ledger.append(next(fixtures.party('root b'))),
    ]);
    expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
    expect((results[1] as PromiseRejectedResult).reason).to.include({ code: 'authority-superseded' });
    await ledger.close();
  });

  it('holds entries of one batch against each other, and what is behind an authority document against it', async () => {
    const second = fixtures.party('second supervisor', fixtures.supervisorOrganisation);
    const signers = [...fixtures.signers, fixtures.signer(second, ['supervisor'], [fixtures.databaseSource])];
    const leaf0 = fixtures.genesis({ signers });
    const authority = fixtures.leafHashOf(leaf0);
    const storage = new GatedStorage(new MemoryStorage());
    const ledger = await new Site().open({ genesis: leaf0, storage });
    const update = (options: fixtures.DatabaseUpdateOptions): Uint8Array =>
      fixtures.databaseUpdate({ authority, ...options });

    storage.gate.close();
    const first = ledger.append(update({ seq: 1 }));
    await until(() => storage.gate.passed === 3);
    const batch = Promise.allSettled(
      [
        update({ seq: 2 }),
        update({ seq: 2, signedBy: [fixtures.publisher, second] }),
        update({ seq: 2, version: 'other' }),
        fixtures.authorityDocument({ version: 2, previous: authority, signers }),
        update({ seq: 3 }),
      ].map((leaf) => ledger.append(leaf)),
    );
    await until(() => ledger.health().queued === 5);
    storage.gate.open();
    await first;
    const codes = (await batch).map((one) => (one.status === 'rejected' ? one.reason.code : one.value.index));
    expect(codes).to.deep.equal([2, 'already-recorded', 'source-conflict', 3, 'authority-superseded']);
    expect(ledger.health().committedSize).to.equal(4);
    await ledger.close();
  });

  it('finds an entry that was recorded while its twin was being verified', async () => {
    const slow = new Gate();
    let held = 0;
    const storage = new GatedStorage(new MemoryStorage());
    const ledger = await new Site().open({
      storage,
      verify: async (...args) => {
        held += 1;
        await slow.pass();
        return verifyEd25519(...args);
      },
    });
    const [leaf] = leaves(1) as [Uint8Array];
    storage.gate.close();
    const first = ledger.append(leaf);
    await until(() => storage.gate.passed === 3);
    slow.close();
    held = 0;
    // The twin is looked up before the first is committed, and verified after.
    const twin = ledger.append(leaf);
    await until(() => held > 0);
    storage.gate.open();
    expect(await first).to.include({ status: 'new', index: 1 });
    slow.open();
    expect(await twin).to.include({ status: 'known', index: 1 });
    expect(ledger.health().committedSize).to.equal(2);
    await ledger.close();
  });

  it('feels a revocation from the leaf that it is set for, not from the leaf where it is written', async () => {
    const { keyid } = fixtures.publisher;
    const leaf0 = fixtures.genesis({
      revocations: [{ keyid, kind: 'revoked', fromLeaf: 3, reason: 'retired' }],
    });
    const authority = fixtures.leafHashOf(leaf0);
    const ledger = await new Site().open({ genesis: leaf0 });
    const offered = [1, 2, 3, 4].map((seq) => ledger.append(fixtures.databaseUpdate({ authority, seq })));
    const results = await Promise.allSettled(offered);
    expect(results.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect((results[2] as PromiseRejectedResult).reason).to.include({ code: 'key-not-in-force' });
    await ledger.close();
  });

  it('never records what admission refuses', async () => {
    const ledger = await new Site().open();
    const forged = fixtures.databaseUpdate({ signedBy: [fixtures.publisher] });
    expect(await refusal(ledger.append(forged))).to.include({ code: 'missing-role' });
    expect(await refusal(ledger.append(new Uint8Array(40_000)))).to.include({ code: 'too-large' });
    expect(await refusal(ledger.append(new Uint8Array(0)))).to.have.property('code');
    expect(ledger.health().committedSize).to.equal(1);
    await ledger.close();
  });
});

describe('the signatures of a checkpoint', () => {
  it('are Ed25519 and, with such a key, ML-DSA-44 from another thread, both of one text', async () => {
    const site = new Site();
    const ledger = await site.open({ logKeys: [ed25519Key, mldsaKey] });
    const receipts = await appendAll(ledger, leaves(3));
    for (const [i, receipt] of receipts.entries()) checkReceipt(receipt, leaves(3)[i] as Uint8Array);
    const note = parseNote(ledger.checkpoint()?.note ?? new Uint8Array());
    expect(note.signatures).to.have.length(2);
    for (const key of [ed25519Key, mldsaKey].map(verifierOf)) {
      const signature = note.signatures.find((candidate) => matchesKey(key, candidate));
      if (signature === undefined) throw new Error('a signature is missing');
      verifyLogSignature(key, note.text, signature);
    }
    await ledger.close();
  });

  it('cannot be made with keys of another name, or without Ed25519', async () => {
    expect(await refusal(new Site().open({ logKeys: [mldsaKey] }))).to.include({ code: 'bad-key' });
    const other = { ...ed25519Key, name: 'other.example/log' };
    expect(await refusal(new Site().open({ logKeys: [other] }))).to.include({ code: 'bad-key' });
  });
});
