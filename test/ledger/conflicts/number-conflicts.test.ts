import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LedgerError } from '../../../src/errors.ts';
import type { KeptEvidence } from '../../../src/ledger/conflicts/number-conflicts.ts';
import { EvidenceDirectory } from '../../../src/ledger/conflicts/evidence-directory.ts';
import type { EvidenceLimits, EvidenceStore } from '../../../src/ledger/conflicts/evidence-directory.ts';
import type { Ledger, LedgerOptions } from '../../../src/ledger/ledger.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import type { EvidenceFinding } from '../../../src/verifier/convicting/evidence-finding.ts';
import { verifyEvidence } from '../../../src/verifier/convicting/evidence.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import { Gate, GatedStorage } from '../faulty.ts';
import { Site, appendAll, origin, policy, refusal, until } from '../site.ts';

const { build, correction, databaseUpdate, dataAccess, leafHashOf } = fixtures;
const genesisHash = leafHashOf(fixtures.genesis());

describe('a ledger that refuses a second content for a number', () => {
  let directory: string;
  let site: Site;
  let told: KeptEvidence[];
  let ledger: Ledger;

  const files = async (): Promise<string[]> => (await readdir(directory)).toSorted();
  const open = async (
    options: Partial<LedgerOptions> = {},
    limits: Partial<EvidenceLimits> = {},
  ): Promise<void> => {
    const store = await EvidenceDirectory.open(directory, limits);
    const onKept = (kept: KeptEvidence): void => void told.push(kept);
    ledger = await site.open({ evidence: { store, onKept }, ...options });
  };
  /** What the files prove to somebody who has nothing but the trust file. */
  const proven = async (genesis = genesisHash): Promise<EvidenceFinding[]> =>
    Promise.all(
      (await files()).map(async (name) =>
        verifyEvidence(new Uint8Array(await readFile(join(directory, name))), { policy, origin, genesis }),
      ),
    );
  const refused = async (leaf: Uint8Array): Promise<void> => {
    expect((await refusal(ledger.append(leaf))).code).to.equal('source-conflict');
  };
  const conflicts = (from: number, to: number): Uint8Array[] =>
    Array.from({ length: to - from }, (_, i) => build({ seq: 1, file: `other ${from + i}` }));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-equivocations-'));
    site = new Site();
    told = [];
  });
  afterEach(async () => {
    await ledger.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('keeps evidence that convicts the source, and says where it is but not what it holds', async () => {
    await open();
    await appendAll(ledger, [build({ seq: 1 }), build({ seq: 2 })]);
    await refused(build({ seq: 2, file: 'another' }));
    await ledger.close();
    const [finding, ...more] = await proven();
    expect(more).to.deep.equal([]);
    expect(finding).to.deep.include({ kind: 'equivocation', against: ['source'], indices: [2] });
    expect(finding).to.deep.include({ source: 'builds', seq: 2 });
    const [file] = await files();
    expect(file).to.match(/^equivocation-[0-9a-f]{16}-[0-9a-f]{32}\.json$/);
    expect(told).to.deep.equal([{ source: 'builds', seq: 2, index: 2, file }]);
  });

  it('keeps it also where both came in one batch, under the checkpoint that has the first', async () => {
    const storage = new GatedStorage(new MemoryStorage(site.image));
    await open({ storage });
    storage.checkpoints.close();
    const both = Promise.allSettled([
      ledger.append(build({ seq: 1 })),
      ledger.append(build({ seq: 1, file: 'x' })),
    ]);
    await until(() => ledger.health().committedSize === 2);
    expect(await files()).to.deep.equal([]);
    storage.checkpoints.open();
    expect((await both).map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
    await ledger.close();
    expect((await proven()).map(({ indices, sizes }) => [indices, sizes])).to.deep.equal([[[1], [2]]]);
  });

  it('writes nothing new for the same content, be it signed by others or named under a newer document', async () => {
    const second = fixtures.party('second supervisor', fixtures.supervisorOrganisation);
    const signers = [...fixtures.signers, fixtures.signer(second, ['supervisor'], [fixtures.databaseSource])];
    const leaf0 = fixtures.genesis({ signers });
    const first = leafHashOf(leaf0);
    const update = (options: fixtures.DatabaseUpdateOptions): Uint8Array =>
      databaseUpdate({ authority: first, ...options });
    await open({ genesis: leaf0 });
    await appendAll(ledger, [update({ seq: 1 })]);
    await refused(update({ seq: 1, version: 'x' }));
    await refused(update({ seq: 1, version: 'x' }));
    await refused(update({ seq: 1, version: 'x', signedBy: [fixtures.publisher, second] }));
    const next = fixtures.authorityDocument({ version: 2, previous: first, signers });
    await ledger.append(next);
    const authority = leafHashOf(next);
    await refused(update({ seq: 1, version: 'x', authority }));
    // What is recorded, signed again for the newer document, is one content and convicts nobody.
    await refused(update({ seq: 1, authority }));
    await ledger.close();
    expect(await files()).to.have.length(1);
    expect(told).to.have.length(1);
    await open({ genesis: leaf0 });
    await refused(update({ seq: 1, version: 'x', authority }));
    await refused(update({ seq: 1, version: 'y', authority }));
    await ledger.close();
    expect((await proven(first)).map(({ indices }) => indices)).to.deep.equal([[1], [1]]);
  });

  it('shows the leaves that two corrections are of, since their signers decide', async () => {
    await open();
    const [one, other] = [dataAccess({ seq: 1 }), dataAccess({ seq: 2 })];
    await appendAll(ledger, [one, other]);
    await ledger.append(correction({ target: leafHashOf(one), signedBy: [fixtures.gateway] }));
    await refused(correction({ target: leafHashOf(other), signedBy: [fixtures.gateway] }));
    await ledger.close();
    expect((await proven()).map(({ indices }) => indices)).to.deep.equal([[3]]);
  });

  it('keeps nothing of what was not authorised', async () => {
    await open();
    await appendAll(ledger, [build({ seq: 1 })]);
    const half = build({ seq: 1, file: 'x', signedBy: [fixtures.builder] });
    expect((await refusal(ledger.append(half))).code).to.equal('missing-role');
    await ledger.close();
    expect(await files()).to.deep.equal([]);
  });

  const bounds: readonly [string, Partial<EvidenceLimits>, number][] = [
    ['in all', { files: 3 }, 3],
    ['for one source', { filesOfSource: 2 }, 3],
    ['by their bytes', { bytes: 32_000 }, 2],
  ];
  for (const [which, limits, count] of bounds) {
    it(`keeps the oldest files up to a bound ${which}, and records on`, async () => {
      await open({}, limits);
      await appendAll(ledger, [build({ seq: 1 }), databaseUpdate({ seq: 1 })]);
      for (const leaf of conflicts(0, 4)) await refused(leaf);
      await ledger.close();
      const before = await files();
      await open({}, limits);
      for (const leaf of conflicts(4, 6)) await refused(leaf);
      await refused(databaseUpdate({ seq: 1, version: 'x' }));
      expect(await ledger.append(build({ seq: 2 }))).to.include({ status: 'new', index: 3 });
      await ledger.close();
      expect(await files())
        .to.have.length(count)
        .and.to.include.members(before);
      expect(await proven()).to.have.length(count);
    });
  }

  it('records on while evidence cannot be written, and says so', async () => {
    await open();
    await appendAll(ledger, [build({ seq: 1 })]);
    await rm(directory, { recursive: true });
    await refused(build({ seq: 1, file: 'x' }));
    expect(await ledger.append(build({ seq: 2 }))).to.include({ status: 'new', index: 2 });
    await until(() => told.length === 1);
    const { error, ...facts } = told[0] ?? {};
    expect(facts).to.deep.equal({ source: 'builds', seq: 1, index: 1 });
    expect(error).to.be.instanceOf(LedgerError).and.to.include({ code: 'file-unreadable' });
    expect(ledger.ready).to.equal(true);
  });

  it('answers and records on while a disk keeps it waiting, and holds a bounded number of what was refused', async () => {
    const gate = new Gate();
    let asked = 0;
    const store: EvidenceStore = {
      wants: () => true,
      keep: async () => {
        asked += 1;
        await gate.pass();
        return `file ${asked}`;
      },
    };
    gate.close();
    ledger = await site.open({ evidence: { store, onKept: (kept) => void told.push(kept) } });
    await appendAll(ledger, [build({ seq: 1 })]);
    for (const leaf of conflicts(0, 70)) await refused(leaf);
    expect(await ledger.append(build({ seq: 2 }))).to.include({ status: 'new', index: 2 });
    expect(told).to.deep.equal([]);
    gate.open();
    await ledger.close();
    expect(asked).to.equal(64);
  });

  it('takes away what a crash left unfinished, and leaves the files of others alone', async () => {
    await writeFile(join(directory, `equivocation-${'0'.repeat(16)}-${'0'.repeat(32)}.json.tmp`), '{"');
    await writeFile(join(directory, 'read me'), 'x');
    await open({}, { files: 1 });
    await appendAll(ledger, [build({ seq: 1 })]);
    await refused(build({ seq: 1, file: 'x' }));
    await ledger.close();
    const [file, ...others] = await files();
    expect(file).to.match(/\.json$/);
    expect(others).to.deep.equal(['read me']);
  });
});
