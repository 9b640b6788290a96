import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fromHex, toHex, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { makeDisclosure } from '../../src/attestation/disclosure.ts';
import type { Disclosure } from '../../src/attestation/disclosure.ts';
import { openLevel } from '../../src/storage/level.ts';
import { emptyRoot } from '../../src/tlog/hash.ts';
import { formatVaultKey, parseVaultKey } from '../../src/vault/key.ts';
import { traces } from '../../src/vault/seal.ts';
import { Vault } from '../../src/vault/vault.ts';
import { StoreProcess } from '../storage/store-process.ts';

const key = new Uint8Array(32).fill(5);
const record = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);
const disclosure = (seed: number, name: string, value: string): Disclosure =>
  makeDisclosure({ salt: new Uint8Array(16).fill(seed), name, value });
const identity = disclosure(1, 'identity', 'Zoë Kanarienvogel');
const detail = disclosure(2, 'detail', 'TICKET-4711');

async function refusal(work: Promise<unknown>): Promise<LedgerError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('the vault', () => {
  let parent: string;
  let dir: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-vault-'));
    dir = join(parent, 'vault');
  });

  afterEach(async () => rm(parent, { recursive: true }));

  /** Every byte of every file of the vault. */
  const files = async (): Promise<Buffer> => {
    // Not LOCK: reading it would give up the lock of a vault that is open.
    const names = (await readdir(dir)).filter((name) => name !== 'LOCK');
    return Buffer.concat(await Promise.all(names.map((name) => readFile(join(dir, name)))));
  };

  /** The sealed rows of a record, as they stand in the database of the closed vault. */
  const sealedRows = async (of: Uint8Array): Promise<Uint8Array[]> => {
    const storage = await openLevel(dir, { create: false, compression: false });
    const rows: Uint8Array[] = [];
    for await (const [rowKey, value] of storage.range({ gte: Uint8Array.of(2), lt: Uint8Array.of(3) })) {
      if (toHex(rowKey.subarray(1, 33)) === toHex(of)) rows.push(value.slice());
    }
    await storage.close();
    return rows;
  };

  const holds = (bytes: Buffer, pieces: readonly Uint8Array[]): boolean =>
    pieces.some((piece) => bytes.includes(Buffer.from(piece)));

  it('gives back what was put in, after it was closed and opened, by record and by field', async () => {
    const made = await Vault.create(dir, { key });
    await made.put(record(1), [identity, detail]);
    await made.put(record(2), [disclosure(3, 'identity', 'Jane')]);
    await made.put(record(1), [identity]);
    await made.close();
    const vault = await Vault.open(dir, { key });
    expect(await vault.get(record(1))).to.have.deep.members([identity, detail]);
    expect(await vault.get(record(1), { name: 'detail' })).to.deep.equal([detail]);
    expect((await refusal(vault.get(record(1), { name: 'approver' }))).code).to.equal('not-found');
    expect((await refusal(vault.get(record(3)))).code).to.equal('not-found');
    await vault.close();
  });

  it('is encrypted: its files hold neither name nor value nor disclosure', async () => {
    const vault = await Vault.create(dir, { key });
    await vault.put(record(1), [identity, detail]);
    await vault.close();
    const bytes = await files();
    for (const text of ['Kanarienvogel', 'TICKET-4711', 'identity', identity.text, identity.salt]) {
      expect(bytes.includes(text), text).to.equal(false);
    }
    expect(bytes.includes(Buffer.from(key))).to.equal(false);
  });

  it('opens with its own key only', async () => {
    await (await Vault.create(dir, { key })).close();
    const other = new Uint8Array(32).fill(6);
    expect((await refusal(Vault.open(dir, { key: other }))).code).to.equal('bad-key');
    expect((await refusal(Vault.create(dir, { key }))).code).to.equal('store-exists');
    await (await Vault.open(dir, { key })).close();
  });

  it('is not another database', async () => {
    const storage = await openLevel(dir, { create: true });
    await storage.commit({ puts: [[utf8('a'), utf8('1')]] }, undefined, { size: 0, root: emptyRoot });
    await storage.close();
    expect((await refusal(Vault.open(dir, { key }))).code).to.equal('store-corrupt');
  });

  it('does not take one record’s row for another’s', async () => {
    const vault = await Vault.create(dir, { key });
    await vault.put(record(1), [identity]);
    await vault.close();
    const storage = await openLevel(dir, { create: false, compression: false });
    const head = { size: 0, root: emptyRoot };
    for await (const [rowKey, value] of storage.range({ gte: Uint8Array.of(2), lt: Uint8Array.of(3) })) {
      const moved = rowKey.slice();
      moved.set(record(2), 1);
      await storage.commit({ puts: [[moved, value]] }, head, head);
    }
    await storage.close();
    const opened = await Vault.open(dir, { key });
    expect((await refusal(opened.get(record(2)))).code).to.equal('store-corrupt');
    expect(await opened.get(record(1))).to.deep.equal([identity]);
    await opened.close();
  });

  it('erases one field so that no file holds it, and keeps the others', async () => {
    // Each way in which a row can lie in LevelDB: still in its log, in a table of its own, in one further down.
    for (const settle of [
      async () => undefined,
      reopen,
      async (vault: Vault) => reopen(await reopen(vault)),
    ]) {
      let vault: Vault | undefined = await Vault.create(dir, { key });
      for (let other = 10; other < 40; other++)
        await vault.put(record(other), [disclosure(other, 'identity', 'Jane')]);
      await vault.put(record(1), [identity]);
      vault = (await settle(vault)) ?? vault;
      await vault.close();
      const pieces = (await sealedRows(record(1))).flatMap(traces);
      expect(pieces).to.have.length(3);
      expect(holds(await files(), pieces)).to.equal(true);
      vault = await Vault.open(dir, { key });
      await vault.put(record(1), [detail]);
      expect(await vault.erase(record(1), { name: 'identity' })).to.equal(1);
      expect(holds(await files(), pieces)).to.equal(false);
      expect(await vault.get(record(1))).to.deep.equal([detail]);
      expect(await vault.get(record(12))).to.have.length(1);
      await vault.close();
      expect(holds(await files(), pieces)).to.equal(false);
      await rm(dir, { recursive: true });
    }
  });

  const reopen = async (vault: Vault): Promise<Vault> => {
    await vault.close();
    return Vault.open(dir, { key });
  };

  it('erases what was put in a moment ago', async () => {
    const nonces: Uint8Array[] = [];
    const random = (bytes: number): Uint8Array => {
      nonces.push(new Uint8Array(bytes).fill(0x50 + nonces.length));
      return nonces.at(-1) ?? new Uint8Array(0);
    };
    const vault = await Vault.create(dir, { key, random });
    await vault.put(record(1), [identity, detail]);
    await vault.put(record(2), [disclosure(4, 'identity', 'Jane')]);
    const ours = nonces.slice(1, 3);
    expect(holds(await files(), ours)).to.equal(true);
    expect(await vault.erase(record(1))).to.equal(2);
    expect(await vault.get(record(2))).to.have.length(1);
    await vault.close();
    expect(holds(await files(), ours)).to.equal(false);
    expect(holds(await files(), nonces.slice(3))).to.equal(true);
  });

  it('says of what was erased that it was erased, and when, and takes it in no more', async () => {
    const vault = await Vault.create(dir, { key, now: () => Date.UTC(2026, 10, 3, 12) });
    await vault.put(record(1), [identity]);
    await vault.erase(record(1));
    for (const work of [
      vault.get(record(1)),
      vault.get(record(1), { name: 'identity' }),
      vault.erase(record(1)),
      vault.put(record(1), [identity]),
    ]) {
      const error = await refusal(work);
      expect(error.code).to.equal('erased');
      expect(error.got).to.equal('erased at 2026-11-03T12:00:00.000Z');
    }
    await vault.put(record(1), [detail]);
    expect(await vault.get(record(1))).to.deep.equal([detail]);
    await vault.close();
  });

  it('ends at the next opening an erasure that a crash cut short', async () => {
    const made = await Vault.create(dir, { key });
    await made.put(record(1), [identity]);
    await made.close();
    const pieces = (await sealedRows(record(1))).flatMap(traces);
    // What a crash right after the first commit of an erasure leaves behind.
    const storage = await openLevel(dir, { create: false, compression: false });
    const head = { size: 0, root: emptyRoot };
    for await (const [rowKey] of storage.range({ gte: Uint8Array.of(2), lt: Uint8Array.of(3) })) {
      const pending = pieces.flatMap((piece) => [piece.length, ...piece.map((byte) => byte ^ 0xff)]);
      const mark = fromHex('000000000000000001');
      const puts = [
        [rowKey, mark] as const,
        [Uint8Array.of(3, ...rowKey), Uint8Array.from(pending)] as const,
      ];
      await storage.commit({ puts }, head, head);
    }
    await storage.close();
    expect(holds(await files(), pieces)).to.equal(true);
    const vault = await Vault.open(dir, { key });
    expect((await refusal(vault.get(record(1)))).code).to.equal('erased');
    await vault.close();
    expect(holds(await files(), pieces)).to.equal(false);
  });

  it('bounds a record', async () => {
    const vault = await Vault.create(dir, { key });
    const many = Array.from({ length: 257 }, (_, i) => disclosure(1, 'identity', `name ${i}`));
    expect((await refusal(vault.put(record(1), many))).code).to.equal('too-large');
    expect((await refusal(vault.get(record(1)))).code).to.equal('not-found');
    await vault.close();
  });

  it('has a key file that is read as it was written, and never quoted', () => {
    expect(parseVaultKey(formatVaultKey(key))).to.deep.equal(key);
    for (const text of [
      '',
      formatVaultKey(key).slice(0, -2),
      `isal-vault-key/v2 ${'05'.repeat(32)}\n`,
      'CANARY',
    ]) {
      try {
        parseVaultKey(text);
        expect.fail('not refused');
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        expect(error.code).to.equal('bad-key');
        expect(error.got).to.equal(undefined);
      }
    }
  });

  it('refuses a second process still, after it has looked into every file for what it erased', async () => {
    const vault = await Vault.create(dir, { key });
    await vault.put(record(1), [identity]);
    await vault.erase(record(1));
    const second = new StoreProcess(dir);
    try {
      expect((await second.tell('open')).code).to.equal('store-locked');
      await vault.put(record(2), [detail]);
      await vault.close();
      expect(await second.tell('open')).to.deep.equal({ done: 'open' });
    } finally {
      await second.kill();
    }
  });

  it('keeps 256 disclosures of a record, put at once or one by one, and gives all of them', async () => {
    const vault = await Vault.create(dir, { key });
    const many = Array.from({ length: 257 }, (_, i) => disclosure(1, 'identity', `name ${i}`));
    await vault.put(record(1), many.slice(0, 200));
    await vault.put(record(1), many.slice(200, 256));
    expect(await vault.get(record(1))).to.have.deep.members(many.slice(0, 256));
    expect((await refusal(vault.put(record(1), many.slice(256)))).code).to.equal('too-large');
    await vault.put(record(1), many.slice(0, 256));
    expect(await vault.get(record(1))).to.have.length(256);
    await vault.close();
  });
});
