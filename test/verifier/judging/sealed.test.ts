import { expect } from 'chai';
import { toBase64 } from '../../../src/bytes.ts';
import type { BuildPredicate, Seal } from '../../../src/attestation/types.ts';
import { isoTime } from '../../../src/seal/words.ts';
import type { Digests } from '../../../src/verifier/folds/subject.ts';
import type { Trust } from '../../../src/verifier/trust.ts';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import { build, genesis } from '../../fixtures/attestations.ts';
import { fixtures } from '../../seal/fixtures.ts';
import { Seals, digests } from '../../seal/suite.ts';
import { SampleLog, cosignedAt } from '../sample-log.ts';
import { hopsNamed } from '../supervised-log.ts';

const seals = new Seals(fixtures());
/** After the time-stamps in the fixtures, whenever they were made. */
const later = Date.parse('2080-01-01') / 1_000;

const seal = (cms: string, timestamp?: string): Seal => ({
  subject: { sha256: digests.sha256 },
  cms: toBase64(seals.bytes(`${cms}.p7s`)),
  ...(timestamp === undefined ? {} : { timestamp: toBase64(seals.bytes(`${timestamp}.tst`)) }),
});

/** A build of the sealed file for each list of seals. */
function logWith(...lists: readonly Seal[][]): SampleLog {
  const change =
    (list: Seal[]) =>
    ({ predicate }: { predicate: BuildPredicate }): void => {
      predicate.isal_supervision.seals = list;
    };
  const { sha256 } = digests;
  return new SampleLog([
    genesis(),
    ...lists.map((list, i) => build({ seq: i + 1, sha256, change: change(list) })),
    build({ seq: 99 }),
  ]);
}

async function judge(
  log: SampleLog,
  { time = later, file = digests }: { time?: number; file?: Digests } = {},
): Promise<Verdict> {
  const trust: Trust = { ...log.trust(), seals: seals.pinned };
  const indices = log.leaves.map((_, index) => index).slice(1);
  const bundle = await log.bundle(indices, { time });
  return judgeFile({ digests: file, bundle, trust });
}

const sealedOf = (verdict: Verdict) => hopsNamed(verdict, 'sealed');

describe('seals in a verdict', () => {
  it('have a hop each, with their entry, before its keys', async () => {
    const verdict = await judge(logWith([seal('good', 'good'), seal('rsa', 'rsa')], [seal('p384', 'p384')]));
    expect(verdict.answer).to.equal('proven');
    expect(sealedOf(verdict).map(({ mark, entry, index }) => [mark, entry, index])).to.deep.equal([
      ['proven', 1, 1],
      ['proven', 1, 1],
      ['proven', 2, 2],
    ]);
    for (const [at, { hop, entry }] of verdict.hops.entries()) {
      if (hop === 'sealed')
        expect(
          verdict.hops.slice(at).some((after) => after.hop === 'keys' && after.entry === entry),
        ).to.equal(true);
    }
  });

  it('are no hop where nobody has claimed one, or where they are of another file', async () => {
    expect(
      sealedOf(await judge(new SampleLog([genesis(), build({ sha256: digests.sha256 })]))),
    ).to.deep.equal([]);
    const other = await judge(logWith([seal('good', 'good')]), { file: { sha256: '0'.repeat(64) } });
    expect(other.answer).to.equal('not-proven');
    expect(sealedOf(other)).to.deep.equal([]);
  });

  it('contradict the answer if one of them speaks against itself', async () => {
    const verdict = await judge(logWith([seal('good', 'good'), seal('other')]));
    expect(verdict.answer).to.equal('contradicted');
    expect(sealedOf(verdict).map(({ mark }) => mark)).to.deep.equal(['proven', 'contradicted']);
    expect(verdict.failure).to.include({ code: 'seal-invalid', index: 1 });
  });

  it('are contradicted by a time-stamp that is later than the witnesses saw it recorded', async () => {
    const verdict = await judge(logWith([seal('good', 'good')]), { time: cosignedAt });
    expect(verdict.answer).to.equal('contradicted');
    expect(sealedOf(verdict)[0]).to.include({
      mark: 'contradicted',
      state: 'refused',
      code: 'seal-invalid',
    });
    expect(verdict.failure?.expected).to.contain(isoTime(cosignedAt * 1_000));
  });

  it('are not looked at beyond a number, and that is said', async () => {
    const four = (): Seal[] => [seal('good'), seal('rsa'), seal('p384'), seal('keyid')];
    const verdict = await judge(logWith(...Array.from({ length: 9 }, four)));
    const sealed = sealedOf(verdict);
    expect(sealed).to.have.length(33);
    expect(sealed.at(-1)).to.include({ mark: 'not-shown', state: 'unread', count: 4 });
  });
});
