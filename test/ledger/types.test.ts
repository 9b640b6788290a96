import { expect } from 'chai';
import { attestationTypes, type AttestationType } from '../../src/attestation/types.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { Site, checkReceipt, refusal } from './site.ts';

type Recorded = Exclude<AttestationType, 'authority'>;

/** One entry of each type, each about what was recorded before it. */
async function recordAll(ledger: Ledger): Promise<Record<Recorded, Uint8Array>> {
  const snapshot = fixtures.sourceSnapshot();
  const manifest = fixtures.sourceSnapshotStatement().predicate.manifest.sha256 ?? '';
  const build = fixtures.build({ file: 'setup.exe', sourceSha256: manifest });
  const leaves: Record<Recorded, Uint8Array> = {
    'source-snapshot': snapshot,
    'source-review': fixtures.sourceReview({
      snapshot: { leafHash: fixtures.leafHashOf(snapshot), sha256: manifest },
    }),
    build,
    'rebuild-result': fixtures.rebuildResult({
      build: { leafHash: fixtures.leafHashOf(build), sha256: fixtures.digest('setup.exe') },
    }),
    'database-update': fixtures.databaseUpdate(),
    'data-access': fixtures.dataAccess(),
    'period-summary': fixtures.periodSummary(),
    residency: fixtures.residency(),
    'supervisor-statement': fixtures.supervisorStatement(),
    correction: fixtures.correction({ target: fixtures.leafHashOf(build) }),
  };
  for (const leaf of Object.values(leaves)) checkReceipt(await ledger.append(leaf), leaf);
  return leaves;
}

describe('a ledger and the types of attestations', () => {
  it('records each of them, and finds it by its type', async () => {
    const ledger = await new Site().open();
    const leaves = await recordAll(ledger);
    for (const type of attestationTypes) {
      const { items } = await ledger.search({ type });
      expect(items.map(({ attestation }) => attestation.type)).to.deep.equal([type]);
      if (type !== 'authority') expect(items[0]?.attestation.leaf).to.deep.equal(leaves[type]);
    }
    await ledger.close();
  });

  it('finds what refers to an entry, and what is about an artefact', async () => {
    const ledger = await new Site().open();
    const { build, 'source-snapshot': snapshot } = await recordAll(ledger);
    const typesOf = async (query: Parameters<Ledger['search']>[0]): Promise<string[]> =>
      (await ledger.search(query)).items.map(({ attestation }) => attestation.type);
    expect(await typesOf({ ref: fixtures.leafHashOf(build) })).to.deep.equal([
      'rebuild-result',
      'correction',
    ]);
    expect(await typesOf({ ref: fixtures.leafHashOf(snapshot) })).to.deep.equal(['source-review']);
    const hex = fixtures.sourceSnapshotStatement().predicate.manifest.sha256 ?? '';
    expect(await typesOf({ subject: `sha256:${hex}` })).to.deep.equal(['source-snapshot', 'source-review']);
    expect(await typesOf({ product: 'hello' })).to.deep.equal(['source-snapshot', 'build']);
    await ledger.close();
  });

  it('refuses each of them when a role is missing', async () => {
    const ledger = await new Site().open();
    const target = fixtures.leafHashOf(fixtures.genesis());
    const halves: Readonly<Record<Recorded, Uint8Array>> = {
      'source-snapshot': fixtures.sourceSnapshot({ signedBy: [fixtures.custodian] }),
      'source-review': fixtures.sourceReview({ signedBy: [fixtures.reviewer] }),
      build: fixtures.build({ signedBy: [fixtures.builder] }),
      'rebuild-result': fixtures.rebuildResult({
        source: fixtures.correctionSource,
        signedBy: [fixtures.builder],
      }),
      'database-update': fixtures.databaseUpdate({ signedBy: [fixtures.publisher] }),
      'data-access': fixtures.dataAccess({
        source: fixtures.correctionSource,
        signedBy: [fixtures.supervisor],
      }),
      'period-summary': fixtures.periodSummary({ signedBy: [fixtures.gateway] }),
      residency: fixtures.residency({ signedBy: [fixtures.compliance] }),
      'supervisor-statement': fixtures.supervisorStatement({
        source: fixtures.correctionSource,
        signedBy: [fixtures.compliance],
      }),
      correction: fixtures.correction({ target, signedBy: [fixtures.builder] }),
    };
    for (const [type, leaf] of Object.entries(halves)) {
      expect((await refusal(ledger.append(leaf))).code, type).to.equal('missing-role');
    }
    expect(ledger.health().committedSize).to.equal(1);
    await ledger.close();
  });

  it('takes a correction from all who signed its target, and from nobody else but the supervisor', async () => {
    const ledger = await new Site().open();
    const access = fixtures.dataAccess();
    const target = fixtures.leafHashOf(access);
    const byGateway = fixtures.correction({ target, signedBy: [fixtures.gateway] });
    expect(await refusal(ledger.append(byGateway))).to.include({
      code: 'unknown-target',
      at: '/predicate/target',
    });
    await ledger.append(access);
    for (const signedBy of [[fixtures.builder], [fixtures.compliance]]) {
      const leaf = fixtures.correction({ target, signedBy });
      expect((await refusal(ledger.append(leaf))).code).to.equal('missing-role');
    }
    expect((await ledger.append(byGateway)).index).to.equal(2);
    expect((await ledger.append(fixtures.correction({ target, seq: 2 }))).index).to.equal(3);
    await ledger.close();
  });

  it('takes a correction of what an earlier authority allowed, and finds its target after an opening', async () => {
    const site = new Site();
    const access = fixtures.dataAccess();
    const target = fixtures.leafHashOf(access);
    let ledger = await site.open();
    const first = fixtures.leafHashOf(fixtures.genesis());
    const second = fixtures.authorityDocument({ version: 2, previous: first });
    for (const leaf of [access, second]) await ledger.append(leaf);
    await ledger.close();
    ledger = await site.open();
    const authority = fixtures.leafHashOf(second);
    const old = fixtures.correction({ target, signedBy: [fixtures.gateway] });
    expect((await refusal(ledger.append(old))).code).to.equal('authority-superseded');
    const leaf = fixtures.correction({ target, authority, signedBy: [fixtures.gateway] });
    checkReceipt(await ledger.append(leaf), leaf);
    await ledger.close();
  });
});
