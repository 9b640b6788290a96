import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAttestation, decodeEnvelope } from '../../../src/attestation/statement.ts';
import { utf8 } from '../../../src/bytes.ts';
import { formatProof } from '../../../src/note/proof.ts';
import { proveInclusion } from '../../../src/tlog/inclusion.ts';
import { formatBundle } from '../../../src/verifier/proving/bundle.ts';
import {
  equivocationEvidence,
  forkEvidence,
  rollbackEvidence,
  unauthorisedEvidence,
} from '../../../src/verifier/convicting/evidence-file.ts';
import {
  build,
  correction,
  dataAccess,
  gateway,
  genesis,
  leafHashOf,
  supervisor,
} from '../../fixtures/attestations.ts';
import { SampleLog, witnesses } from '../../verifier/sample-log.ts';
import { isal } from '../isal.ts';

const one = new SampleLog([genesis(), dataAccess({ seq: 1 }), build({ signedBy: [supervisor] })]);
const two = new SampleLog([genesis(), dataAccess({ seq: 2 }), build({})]);

async function fork(older: SampleLog, newer: SampleLog): Promise<Uint8Array> {
  const consistency = { fromRoot: await newer.root(), hashes: [] };
  return forkEvidence({ older: await older.note(), newer: await newer.note(), consistency });
}

async function unauthorised(documents: readonly number[]): Promise<Uint8Array> {
  const proven = async (index: number) => ({
    index,
    leaf: one.leaves[index] ?? utf8(''),
    hashes: await proveInclusion({ index, size: 3 }, one.reader),
  });
  return unauthorisedEvidence({
    checkpoint: await one.note(),
    leaf: await proven(2),
    documents: await Promise.all(documents.map(proven)),
  });
}

describe('isal verify --evidence', () => {
  let directory: string;
  const path = (name: string): string => join(directory, name);
  const write = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    await writeFile(path(name), bytes);
    return path(name);
  };
  const judge = async (bytes: Uint8Array, ...more: readonly string[]) =>
    isal([
      'verify',
      '--evidence',
      await write('evidence.json', bytes),
      '--trust',
      path('trust.json'),
      ...more,
    ]);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-evidence-'));
    await write('trust.json', JSON.stringify(one.trustFile()));
  });
  after(() => rm(directory, { recursive: true }));

  it('answers 0 where the evidence holds, and says whom it convicts of what', async () => {
    const { status, stdout } = await judge(await fork(one, two));
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(/^✓ Evidence +fork: the log has signed two different trees of 3 leaves$/m);
    expect(stdout).to.match(/^Against +the log; the named witnesses$/m);
    expect(stdout).to.contain('the evidence holds');
  });

  it('names the leaf that was not authorised', async () => {
    const { status, stdout } = await judge(await unauthorised([0]));
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(/^✓ Evidence +unauthorised-leaf: leaf 2 of 3 .*no signer has the role builder$/m);
  });

  it('says whether any key signed both of two contents, as several parties may share a stream of numbers', async () => {
    const access = dataAccess({ seq: 1 });
    const corrected = correction({ target: leafHashOf(access) });
    for (const [signedBy, against] of [
      [
        [supervisor],
        /^Against +the stream, whose keys signed both\n +source +corrections\n.*\n +signers +[0-9a-f]{64}$/m,
      ],
      [
        [gateway],
        /^Against +the stream, which several signers share: none of its keys signed both\n.*\n.*\n +signers +none$/m,
      ],
    ] as const) {
      const log = new SampleLog([genesis(), access, corrected]);
      const proven = async (index: number) => ({
        index,
        leaf: log.leaves[index] ?? utf8(''),
        hashes: await proveInclusion({ index, size: 3 }, log.reader),
      });
      const other = correction({ target: leafHashOf(access), kind: 'dispute', signedBy });
      const bytes = equivocationEvidence({
        checkpoint: await log.note(),
        documents: [await proven(0), await proven(1)],
        recorded: await proven(2),
        other: { leaf: other },
      });
      const { status, stdout, stderr } = await judge(bytes);
      expect(status, stdout + stderr).to.equal(0);
      expect(stdout).to.match(against);
    }
  });

  it('answers 2 where all holds and nobody is convicted, or where something is missing', async () => {
    const honest = await judge(await fork(one, one));
    expect(honest.status, honest.stdout).to.equal(2);
    expect(honest.stdout).to.contain('not-evidence (isal explain not-evidence)');
    const lacking = await judge(await unauthorised([]));
    expect(lacking.status, lacking.stdout).to.equal(2);
    expect(lacking.stdout).to.contain('authority-unproven');
  });

  it('answers 1 for a changed file and 3 for one that the trust file does not cover', async () => {
    const changed = utf8(
      new TextDecoder().decode(await fork(one, two)).replace('"olderRoot":"', '"olderRoot":"A'),
    );
    expect((await judge(changed)).status).to.equal(1);
    const note = (size: number, time: number) => one.note({ size, time, cosigners: witnesses.slice(0, 1) });
    const few = rollbackEvidence({ larger: await note(3, 10), smaller: await note(2, 20) });
    expect((await judge(few)).status).to.equal(3);
  });

  it('prints the same as JSON, whether it holds or not', async () => {
    const holds = await judge(await fork(one, two), '--json');
    expect(holds.status).to.equal(0);
    expect(JSON.parse(holds.stdout)).to.deep.include({ exit: 0, holds: true, kind: 'fork', sizes: [3, 3] });
    const fails = await judge(await fork(one, one), '--json');
    expect(fails.status).to.equal(2);
    expect(JSON.parse(fails.stdout)).to.deep.include({ exit: 2, holds: false });
  });

  it('rests on a pinned trust file and on nothing else', async () => {
    const file = await write('evidence.json', await fork(one, two));
    expect((await isal(['verify', '--evidence', file])).stderr).to.contain('no-trust-file');
    for (const more of [['setup.bin'], ['--url', 'http://127.0.0.1:1'], ['--replay'], ['--bundle', 'x']]) {
      const ran = await isal(['verify', '--evidence', file, '--trust', path('trust.json'), ...more]);
      expect(ran.status, more.join(' ')).to.equal(4);
    }
    expect(
      (await isal(['verify', '--evidence', path('none'), '--trust', path('trust.json')])).status,
    ).to.equal(4);
  });

  it('is explained, as is every file that isal writes, without being believed', async () => {
    const checkpoint = await one.note();
    const hashes = await proveInclusion({ index: 1, size: 3 }, one.reader);
    const files: readonly (readonly [Uint8Array | string, RegExp])[] = [
      [await fork(one, two), /^evidence: fork\n\nIt claims that the log has signed two histories/],
      [await unauthorised([0]), /^evidence: unauthorised-leaf\n\nIt claims that leaf 2/],
      [formatBundle(await one.bundle([1])), /^bundle\n[^]*isal bundle inspect/],
      [formatProof({ index: 1, hashes, checkpoint }), /^proof\n[^]*index 1/],
      [JSON.stringify(one.trustFile()), /^trust file\n[^]*isal verify A_FILE --trust \S*some-file\n/],
      [checkpoint, /^checkpoint\n[^]*ledger.example\/test with 3 leaves/],
      [one.leaves[1] ?? '', /^envelope\n[^]*type data-access/],
      [
        JSON.stringify(
          decodeAttestation(decodeEnvelope(one.leaves[1] ?? new Uint8Array())).statement,
          null,
          2,
        ),
        /^statement\n\nA statement of type data-access, which nobody has signed yet[^]*isal attest lint/,
      ],
      [
        'isal-manifest/v1\n100644 0 ab file\n',
        /^manifest of a source\n[^]*1 file of a source[^]*snapshot DIR/,
      ],
    ];
    for (const [bytes, expected] of files) {
      const { status, stdout } = await isal(['explain', await write('some-file', bytes)]);
      expect(stdout).to.match(expected);
      expect(stdout).to.contain('To check it: isal ');
      expect(status).to.equal(0);
    }
    for (const nothing of [await write('junk', 'junk'), path('missing'), 'no-such-code']) {
      expect((await isal(['explain', nothing])).status).to.equal(4);
    }
  });
});
