import { expect } from 'chai';
import { utf8 } from '../../../src/bytes.ts';
import { LogClient } from '../../../src/verifier/proving/log-client.ts';
import { collectUnauthorised } from '../../../src/verifier/convicting/evidence-collect.ts';
import {
  equivocationEvidence,
  unauthorisedEvidence,
} from '../../../src/verifier/convicting/evidence-file.ts';
import { evidenceFacts } from '../../../src/verifier/convicting/evidence-finding.ts';
import { verifyEvidence } from '../../../src/verifier/convicting/evidence.ts';
import { replay } from '../../../src/verifier/folds/replay.ts';
import type { Replay } from '../../../src/verifier/folds/replay.ts';
import { SignersByLeaf } from '../../../src/verifier/authorising/signers-by-leaf.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import { refusal } from '../../note/refusal.ts';
import { Post } from '../../monitor/post.ts';
import { SampleLog } from '../sample-log.ts';
import { hopsNamed } from '../supervised-log.ts';

const { builder, correction, dataAccess, gateway, genesis, leafHashOf, supervisor } = fixtures;

const digests = { sha256: fixtures.digest('hello_1.1.deb') };
const build = fixtures.build({ file: 'hello_1.1.deb' });
const access = dataAccess();
const target = leafHashOf(build);

const viewOf = async (log: SampleLog) => {
  const client = new LogClient({ policy: log.trust().policy, fetchPath: log.serve() });
  const { note, checkpoint } = await client.checkpoint();
  return { note, checkpoint, view: client.at(checkpoint) };
};

async function replayOf(log: SampleLog): Promise<Replay> {
  const { checkpoint, view } = await viewOf(log);
  const { size, root } = checkpoint;
  return replay({ size, root, leaves: view.leaves(), trust: log.trust(), digests });
}

async function verdictOf(log: SampleLog, indices: readonly number[], replayed?: Replay): Promise<Verdict> {
  return judgeFile({ digests, bundle: await log.bundle(indices), trust: log.trust(), replay: replayed });
}

const hopsOf = (verdict: Verdict) => hopsNamed(verdict, 'corrections');

const byTargetSigners = correction({ target: leafHashOf(access), signedBy: [gateway] });
const bySupervisor = correction({ target, kind: 'dispute' });

describe('corrections', () => {
  it('are found in order when all who signed the target signed, or the supervisor', async () => {
    const both = correction({ seq: 2, target, signedBy: [builder, supervisor] });
    const log = new SampleLog([genesis(), build, access, byTargetSigners, both]);
    const result = await replayOf(log);
    expect(result.findings).to.deep.equal([]);
    expect(result.corrections.map(({ index }) => index)).to.deep.equal([3, 4]);
  });

  const refused: readonly (readonly [string, readonly Uint8Array[], string])[] = [
    ['of a leaf that is not recorded', [correction({ target: fixtures.digest('none') })], 'unknown-target'],
    ['of a leaf above them', [correction({ target: leafHashOf(access) }), access], 'unknown-target'],
    ['by some of the target’s signers', [correction({ target, signedBy: [builder] })], 'missing-role'],
    ['by signers of another leaf', [correction({ target, signedBy: [gateway] })], 'missing-role'],
    [
      'by more than the target’s signers',
      [access, correction({ target: leafHashOf(access), signedBy: [gateway, builder] })],
      'superfluous-signature',
    ],
  ];
  for (const [what, leaves, code] of refused) {
    it(`${what} are findings, and correct nothing`, async () => {
      const log = new SampleLog([genesis(), build, ...leaves]);
      const result = await replayOf(log);
      expect(result.findings.map((finding) => finding.code)).to.deep.equal([code]);
      expect(result.corrections).to.deep.equal([]);
      expect(hopsOf(await verdictOf(log, [1]))[0]?.mark).to.equal('not-shown');
    });
  }

  it('may be of a leaf that was itself never allowed', async () => {
    const intruder = fixtures.build({ seq: 2, signedBy: [builder] });
    const log = new SampleLog([genesis(), intruder, correction({ target: leafHashOf(intruder) })]);
    expect((await replayOf(log)).findings.map(({ index }) => index)).to.deep.equal([1]);
  });

  it('contradict an answer when the bundle shows them, with leaf, kind and reason', async () => {
    const log = new SampleLog([genesis(), build, bySupervisor]);
    const verdict = await verdictOf(log, [1, 2]);
    expect(verdict.answer).to.equal('contradicted');
    expect(verdict.failure).to.include({ code: 'corrected', index: 2 });
    expect(hopsOf(verdict)).to.deep.equal([
      {
        hop: 'corrections',
        mark: 'contradicted',
        state: 'correction',
        index: 2,
        target: 1,
        kind: 'dispute',
        by: [{ name: 'supervisor', organisation: 'Swiss Supervision' }],
        statedReason: 'The facility was another one.',
      },
    ]);
    expect((await verdictOf(log, [1])).answer, 'without it').to.equal('proven');
  });

  it('contradict an answer when a replay finds them, and are proven absent when it does not', async () => {
    const log = new SampleLog([genesis(), build, access, byTargetSigners]);
    const honest = await verdictOf(log, [1], await replayOf(log));
    expect(honest.answer).to.equal('proven');
    expect(hopsOf(honest)).to.deep.equal([{ hop: 'corrections', mark: 'proven', state: 'none', size: 4 }]);
    const second = correction({ seq: 2, target });
    const third = correction({ seq: 3, target: leafHashOf(second), kind: 'erratum' });
    log.append(second);
    log.append(third);
    const corrected = await verdictOf(log, [1], await replayOf(log));
    expect(corrected.answer).to.equal('contradicted');
    expect(corrected.failure?.got).to.equal('retraction at leaf 4 and 1 more');
    expect(hopsOf(corrected).map(({ mark, index }) => [mark, index])).to.deep.equal([
      ['contradicted', 4],
      ['contradicted', 5],
    ]);
    const both = await verdictOf(log, [1, 4], await replayOf(log));
    expect(hopsOf(both)).to.have.length(2);
  });

  it('of other entries leave an answer alone', async () => {
    const log = new SampleLog([genesis(), build, access, byTargetSigners]);
    expect((await verdictOf(log, [1, 3])).answer).to.equal('proven');
  });

  it('bring their target into a bundle, or prove nothing', async () => {
    const log = new SampleLog([genesis(), build, access, byTargetSigners]);
    const bundle = await log.bundle([1, 3]);
    expect(bundle.leaves.map(({ index }) => index)).to.deep.equal([0, 1, 2, 3]);
    const without = { ...bundle, leaves: bundle.leaves.filter(({ index }) => index !== 2) };
    const verdict = await judgeFile({ digests, bundle: without, trust: log.trust() });
    expect(verdict).to.deep.include({ answer: 'not-proven' });
    expect(verdict.failure).to.include({ code: 'authority-unproven', index: 3 });
  });
});

describe('evidence about corrections', () => {
  it('convicts a log of one that the wrong ones signed, or of nothing', async () => {
    for (const [leaf, code] of [
      [correction({ target, signedBy: [gateway] }), 'missing-role'],
      [correction({ target: fixtures.digest('none') }), 'unknown-target'],
    ] as const) {
      const log = new SampleLog([genesis(), build, leaf, access]);
      const { note, view } = await viewOf(log);
      const bytes = await collectUnauthorised({ checkpoint: note, view, index: 2, documents: [0] });
      const finding = verifyEvidence(bytes, log.trust());
      expect(finding).to.deep.include({ kind: 'unauthorised-leaf', indices: [2] });
      expect(evidenceFacts(finding)).to.include({ code });
    }
  });

  it('does not convict an honest log, with the target shown or left out', async () => {
    const log = new SampleLog([genesis(), access, byTargetSigners]);
    const { note, view } = await viewOf(log);
    const whole = await collectUnauthorised({ checkpoint: note, view, index: 2, documents: [0] });
    expect(refusal(() => verifyEvidence(whole, log.trust())).code).to.equal('not-evidence');
    const leaf = await view.inclusion(2);
    const documents = [await view.inclusion(0)];
    const bare = unauthorisedEvidence({ checkpoint: note, leaf, documents });
    expect(refusal(() => verifyEvidence(bare, log.trust())).code).to.equal('authority-unproven');
  });

  it('shows two contents under one number, where the targets are shown', async () => {
    const other = correction({ target: leafHashOf(access), kind: 'erratum', signedBy: [gateway] });
    const log = new SampleLog([genesis(), access, byTargetSigners, other]);
    const { note, view } = await viewOf(log);
    const [leaf0, shown, recorded, second] = await Promise.all([0, 1, 2, 3].map((at) => view.inclusion(at)));
    if (leaf0 === undefined || shown === undefined || recorded === undefined || second === undefined) return;
    const evidence = (documents: (typeof leaf0)[]) =>
      equivocationEvidence({ checkpoint: note, documents, recorded, other: second });
    expect(verifyEvidence(evidence([leaf0, shown]), log.trust()).kind).to.equal('equivocation');
    expect(refusal(() => verifyEvidence(evidence([leaf0]), log.trust())).code).to.equal('authority-unproven');
  });
});

describe('a monitor of corrections', () => {
  let post: Post;
  afterEach(() => post.close());

  it('knows who signed the target, in the same round or in an earlier one', async () => {
    const log = new SampleLog([genesis(), access, byTargetSigners]);
    post = await Post.make(log.trust());
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
    log.append(correction({ seq: 2, target: leafHashOf(access), signedBy: [gateway] }));
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
    log.append(correction({ seq: 3, target: leafHashOf(access), signedBy: [builder] }));
    log.append(correction({ seq: 4, target: fixtures.digest('none') }));
    await post.round(log.serve());
    expect((await post.findings()).map(({ kind, code, index }) => [kind, code, index])).to.deep.equal([
      ['unauthorised', 'missing-role', 4],
      ['unauthorised', 'unknown-target', 5],
    ]);
  });

  it('convicts a source that used one number for corrections of two leaves, whenever these were read', async () => {
    const log = new SampleLog([genesis(), access, build, byTargetSigners]);
    post = await Post.make(log.trust());
    await post.round(log.serve());
    log.append(fixtures.dataAccess({ seq: 2 }));
    const of = leafHashOf(fixtures.dataAccess({ seq: 2 }));
    log.append(correction({ target: of, signedBy: [gateway] }));
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal(['equivocation']);
    expect((await post.proven()).map(({ kind, indices }) => ({ kind, indices }))).to.deep.equal([
      { kind: 'equivocation', indices: [3, 5] },
    ]);
  });
});

describe('the signers of leaves', () => {
  it('are found again for each of many leaves, and for no other', () => {
    const signers = new SignersByLeaf();
    const hashes = Array.from({ length: 5_000 }, (_, at) => fixtures.digest(`leaf ${at}`));
    const setOf = (at: number): string[] => [`key ${at % 7}`, `key ${at % 3}`];
    for (const [at, hash] of hashes.entries()) signers.add(bytesOf(hash), new Set(setOf(at)));
    for (const [at, hash] of hashes.entries()) {
      expect([...(signers.find(hash) ?? [])]).to.deep.equal([...new Set(setOf(at))]);
    }
    expect(signers.find(fixtures.digest('leaf 5000'))).to.equal(undefined);
    signers.add(bytesOf(hashes[0] ?? ''), new Set(['another']));
    expect([...(signers.find(hashes[0] ?? '') ?? [])]).to.deep.equal(['key 0']);
  });

  it('are told apart when hashes begin alike', () => {
    const signers = new SignersByLeaf();
    const alike = (n: number): string => '00'.repeat(31) + n.toString(16).padStart(2, '0');
    for (let n = 0; n < 256; n++) signers.add(bytesOf(alike(n)), new Set([`key ${n}`]));
    for (let n = 0; n < 256; n++) expect([...(signers.find(alike(n)) ?? [])]).to.deep.equal([`key ${n}`]);
  });
});

function bytesOf(hex: string): Uint8Array {
  return hex === '' ? utf8('') : new Uint8Array(Buffer.from(hex, 'hex'));
}
