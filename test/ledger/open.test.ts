import { expect } from 'chai';
import { openGenesis } from '../../src/ledger/genesis.ts';
import { recover } from '../../src/ledger/open.ts';
import {
  authorityKey,
  checkpointKey,
  leafKey,
  searchKey,
  searchPrefix,
  tileKey,
} from '../../src/ledger/store/keys.ts';
import { formatVerifierKey, signerKey, verifierOf } from '../../src/note/key.ts';
import { parseNote } from '../../src/note/note.ts';
import { parsePolicy } from '../../src/note/policy.ts';
import { verifyCheckpoint } from '../../src/note/quorum.ts';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import { emptyRoot } from '../../src/tlog/hash.ts';
import { headOf } from '../../src/tlog/head.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { sample } from '../extent.ts';
import { mth } from '../reference.ts';
import { FailingStorage } from './faulty.ts';
import { sweepOpening } from './open.sweeps.ts';
import {
  MemoryAnchor,
  Site,
  appendAll,
  changeRow,
  copyOf,
  ed25519Key,
  flip,
  genesis,
  inDirectory,
  leaves,
  mldsaKey,
  origin,
  refusal,
} from './site.ts';

/** A closed site with `count` entries behind leaf 0. */
async function siteOf(count: number): Promise<Site> {
  const site = new Site();
  const ledger = await site.open();
  await appendAll(ledger, leaves(count));
  await ledger.close();
  return site;
}

sweepOpening(sample);

describe('opening again', () => {
  it('finds in LevelDB what was closed there', () =>
    inDirectory(async (open) => {
      const site = new Site();
      const ledger = await site.open({ storage: await open() });
      await appendAll(ledger, leaves(260));
      const before = ledger.checkpoint();
      await ledger.close();
      const again = await site.open({ storage: await open() });
      expect(again.checkpoint()).to.deep.include({ note: before?.note, checkpoint: before?.checkpoint });
      for (const leaf of leaves(260)) expect((await again.append(leaf)).status).to.equal('known');
      await again.close();
    }));

  it('writes nothing before it knows what is there: an empty store lacks leaf 0, and has it when opened', async () => {
    const image = new MemoryImage();
    const storage = new MemoryStorage(image);
    const start = openGenesis(genesis, origin);
    const parts = { storage, anchor: new MemoryAnchor(), genesis: start, keys: [] };
    const { committed, published, missing } = await recover(parts);
    expect(missing?.tree).to.equal(committed.tree);
    expect(committed.tree)
      .to.include({ size: 1 })
      .and.to.have.deep.property('root', mth([genesis]));
    expect(published).to.equal(undefined);
    expect([image.rows.size, image.head]).to.deep.equal([0, undefined]);

    const site = new Site();
    site.image = image;
    await (await site.open()).close();
    expect(image.head).to.deep.equal(headOf(committed.tree));
    const again = await recover({ ...parts, storage: new MemoryStorage(image), anchor: site.anchor });
    expect(again.missing).to.equal(undefined);
    expect(again.committed.tree.root).to.deep.equal(committed.tree.root);
  });

  it('signs and publishes what was committed, whether or not the anchor had moved', async () => {
    for (const anchored of [false, true]) {
      const site = new Site();
      const first = await site.open();
      await first.close();
      const storage = new FailingStorage(new MemoryStorage(site.image), { at: 2, kept: false });
      const stopping = await site.open({ storage });
      await refusal(stopping.append(leaves(1)[0] as Uint8Array));
      await stopping.close();
      expect(site.anchor.head.size).to.equal(2);
      if (!anchored) site.anchor.head = { size: 1, root: mth([genesis]) };
      const again = await site.open();
      expect(again.checkpoint()?.checkpoint).to.deep.include({ size: 2, root: site.image.head?.root });
      expect(site.anchor.head.size).to.equal(2);
      await again.close();
    }
  });

  it('keeps the authority that was in force', async () => {
    const site = await siteOf(3);
    const successor = fixtures.authorityDocument({ version: 2, previous: fixtures.leafHashOf(genesis) });
    const ledger = await site.open();
    await ledger.append(successor);
    await ledger.close();
    const again = await site.open();
    expect(again.authority()).to.include({ version: 2, index: 4, leafHash: fixtures.leafHashOf(successor) });
    expect(await refusal(again.append(leaves(5)[4] as Uint8Array))).to.include({
      code: 'authority-superseded',
    });
    await again.close();
  });

  it('signs the same head again when a key was added', async () => {
    const site = await siteOf(3);
    const ledger = await site.open({ logKeys: [ed25519Key, mldsaKey] });
    const note = ledger.checkpoint()?.note ?? new Uint8Array();
    expect(ledger.checkpoint()?.checkpoint.size).to.equal(4);
    expect(parseNote(note).signatures).to.have.length(2);
    const both = parsePolicy(
      [ed25519Key, mldsaKey].map((key) => `log ${formatVerifierKey(verifierOf(key))}\n`).join('') +
        'quorum none\n',
    );
    expect(verifyCheckpoint({ note, policy: both }).log).to.have.length(2);
    await ledger.close();
  });

  it('signs the same head again when the key was replaced', async () => {
    const site = await siteOf(3);
    const next = signerKey({ name: origin, type: 1, seed: new Uint8Array(32).fill(9) });
    const ledger = await site.open({ logKeys: [next] });
    const policy = parsePolicy(`log ${formatVerifierKey(verifierOf(next))}\nquorum none\n`);
    const note = ledger.checkpoint()?.note ?? new Uint8Array();
    expect(verifyCheckpoint({ note, policy }).checkpoint.size).to.equal(4);
    await ledger.close();
  });
});

describe('opening refuses', () => {
  let small: Site;
  let large: Site;

  before(async () => {
    small = await siteOf(20);
    large = await siteOf(300);
  });

  /** A site that may be spoilt. */
  function take(site: Site): Site {
    const copy = new Site();
    copy.image = copyOf(site.image);
    copy.anchor = new MemoryAnchor(site.anchor.head);
    return copy;
  }

  async function refused(site: Site, code: string, options: Parameters<Site['open']>[0] = {}): Promise<void> {
    const storage = new MemoryStorage(site.image);
    const { head } = site.anchor;
    const error = await refusal(site.open({ storage, ...options }));
    expect(error.code).to.equal(code);
    // Nothing was signed or anchored, and the store is let go.
    expect(site.anchor.head).to.equal(head);
    expect(await refusal(storage.get(leafKey(0)))).to.include({ code: 'store-failed' });
  }

  it('an older copy of the store than the anchor knows', async () => {
    const site = take(small);
    const old = copyOf(site.image);
    const ledger = await site.open();
    await ledger.append(leaves(21)[20] as Uint8Array);
    await ledger.close();
    site.image = old;
    const error = await refusal(site.open());
    expect(error).to.include({ code: 'store-behind-anchor' });
  });

  it('an empty store under an anchor that knows entries', async () => {
    const site = take(small);
    site.image = new MemoryImage();
    await refused(site, 'store-behind-anchor');
    expect(site.image.rows.size).to.equal(0);
  });

  it('another history of the same size, and a longer one', async () => {
    for (const count of [20, 30]) {
      const other = new Site();
      const ledger = await other.open();
      await appendAll(ledger, leaves(count + 1).slice(1));
      await ledger.close();
      other.anchor = new MemoryAnchor(small.anchor.head);
      await refused(other, 'root-mismatch');
    }
  });

  it('an anchor that is older than the published checkpoint', async () => {
    const site = take(small);
    site.anchor.head = { size: 1, root: mth([genesis]) };
    await refused(site, 'malformed-anchor');
    site.anchor.head = { size: 0, root: emptyRoot };
    await refused(site, 'malformed-anchor');
  });

  it('a damaged, short, long or missing leaf at the right edge', async () => {
    const changes = [
      flip(0),
      flip(-1),
      (row: Uint8Array) => row.slice(1),
      (row: Uint8Array) => row.slice(0, -1),
    ];
    for (const change of [...changes, () => undefined]) {
      for (const index of [256, 280, 300]) {
        const site = take(large);
        changeRow(site.image, leafKey(index), change);
        await refused(site, 'store-corrupt');
      }
    }
  });

  it('a store with a gap, and says which leaf is missing', async () => {
    const site = take(large);
    changeRow(site.image, leafKey(280), () => undefined);
    expect(await refusal(site.open())).to.include({ code: 'store-corrupt', index: 280 });
  });

  it('a damaged, short or missing tile that the root rests on', async () => {
    for (const change of [
      flip(0),
      flip(4000),
      flip(-1),
      (row: Uint8Array) => row.slice(32),
      () => undefined,
    ]) {
      const site = take(large);
      changeRow(site.image, tileKey(0, 0), change);
      await refused(site, 'store-corrupt');
    }
  });

  it('a damaged head', async () => {
    const site = take(small);
    const head = site.image.head ?? { size: 0, root: emptyRoot };
    site.image.head = { size: head.size, root: flip(5)(head.root) };
    await refused(site, 'store-corrupt');
    site.image.head = { size: head.size + 1, root: head.root };
    await refused(site, 'store-corrupt');
  });

  it('a store with another leaf 0', async () => {
    const other = fixtures.genesis({ signers: fixtures.signers.slice(1) });
    await refused(take(small), 'leaf-mismatch', { genesis: other });
  });

  it('a leaf 0 of another log, and one that nobody signed', async () => {
    await refused(take(small), 'origin-mismatch', {
      genesis: fixtures.genesis({ origin: 'other.example/log' }),
    });
    const stranger = fixtures.authorityDocument({ signedBy: [fixtures.builder] });
    await refused(take(small), 'unknown-signer', { genesis: stranger });
  });

  it('an authority document that is lost, damaged, or named by one row alone', async () => {
    const site = await siteOf(3);
    const ledger = await site.open();
    await ledger.append(fixtures.authorityDocument({ version: 2, previous: fixtures.leafHashOf(genesis) }));
    await ledger.close();
    const byType = searchKey(searchPrefix('type', 'authority'), 4);
    for (const key of [authorityKey(2), authorityKey(1), byType]) {
      const spoilt = take(site);
      changeRow(spoilt.image, key, () => undefined);
      await refused(spoilt, key === authorityKey(1) ? 'leaf-mismatch' : await codeFor(spoilt));
    }
    const moved = take(site);
    changeRow(moved.image, authorityKey(2), flip(-1));
    await refused(moved, 'store-corrupt');
  });

  async function codeFor(site: Site): Promise<string> {
    const error = await refusal(site.open());
    expect(error.code).to.be.oneOf(['store-corrupt', 'leaf-mismatch']);
    return error.code;
  }

  it('a published checkpoint with any bit of its text or of its signature flipped', async () => {
    const { length } = small.image.rows.get(Buffer.from(checkpointKey).toString('latin1')) ?? [];
    for (let at = 0; at < (length ?? 0); at += 7) {
      const site = take(small);
      changeRow(site.image, checkpointKey, flip(at));
      const opened = await site.open().then(
        (ledger) => ledger,
        (error: unknown) => expect(error).to.have.property('code'),
      );
      // A flip in a name or key id makes an unknown signature: the head is then signed anew.
      if (opened instanceof Object && 'close' in opened) {
        const { note, checkpoint } = opened.checkpoint() ?? {};
        expect(checkpoint?.size).to.equal(21);
        const policy = parsePolicy(`log ${formatVerifierKey(verifierOf(ed25519Key))}\nquorum none\n`);
        verifyCheckpoint({ note: note ?? new Uint8Array(), policy });
        await opened.close();
      }
    }
  });
});
