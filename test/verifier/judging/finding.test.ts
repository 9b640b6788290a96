/** What a list of findings comes to, for any list: nothing in it is ever cleared by something else in it. */
import fc from 'fast-check';
import { expect } from 'chai';
import { errorCodes } from '../../../src/errors.ts';
import type { Answer } from '../../../src/verifier/judging/answer.ts';
import { verdictOf } from '../../../src/verifier/judging/finding.ts';
import type { Finding } from '../../../src/verifier/judging/finding.ts';
import type { Hop } from '../../../src/verifier/judging/hops/hop.ts';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
import { everyHop, sampleHop } from '../sample-hops.ts';
import { seed } from '../../extent.ts';

/** From the best answer to the worst. */
const answers: readonly Answer[] = ['proven', 'policy', 'not-proven', 'contradicted'];
const badness = ({ answer }: Verdict): number => answers.indexOf(answer);

const failures = fc.record(
  { code: fc.constantFrom(...errorCodes), message: fc.constant('a reason'), index: fc.nat(8) },
  { requiredKeys: ['code', 'message'] },
);

/** Any hop with any mark, about any of three entries or about none, with a failure or without. */
const hops: fc.Arbitrary<Hop> = fc
  .tuple(
    fc.constantFrom(...everyHop),
    fc.constantFrom('proven' as const, 'not-shown' as const, 'contradicted' as const),
    fc.constantFrom(2, 4, 6),
    fc.nat(8),
  )
  .map(([hop, mark, entry, index]): Hop => {
    const { entry: own } = hop;
    return { ...hop, mark, ...(own === undefined ? {} : { entry }), index };
  });

const findings: fc.Arbitrary<Finding> = fc.oneof(
  { weight: 3, arbitrary: hops.map((hop) => ({ hop })) },
  { weight: 3, arbitrary: fc.record({ hop: hops, failure: failures }) },
  { weight: 1, arbitrary: fc.record({ failure: failures }) },
);

const entries = [2, 4];
const judged = (list: readonly Finding[]): Verdict => verdictOf(list, { entries, checkpoint: undefined });

describe('a list of findings', () => {
  it('comes to no better answer when one is added, wherever it is put', () => {
    fc.assert(
      fc.property(fc.array(findings, { maxLength: 12 }), findings, fc.nat(12), (list, one, at) => {
        const place = at % (list.length + 1);
        const more = [...list.slice(0, place), one, ...list.slice(place)];
        expect(badness(judged(more))).to.be.at.least(badness(judged(list)));
      }),
      { numRuns: 500 },
    );
  });

  it('comes to one answer, one code and one list of hops in whatever order it is', () => {
    const shuffled = fc
      .array(findings, { maxLength: 12 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    const told = ({ hops: list }: Verdict): string[] => list.map((hop) => JSON.stringify(hop)).toSorted();
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const [one, two] = [judged(list), judged(other)];
        expect(two.answer).to.equal(one.answer);
        expect(two.failure?.code).to.equal(one.failure?.code);
        expect(told(two)).to.deep.equal(told(one));
        expect(two.hops.map(({ hop, entry }) => [hop, entry])).to.deep.equal(
          one.hops.map(({ hop, entry }) => [hop, entry]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('is never proven with a hop that is contradicted, nor with a failure; and else has a reason', () => {
    const seen = new Set<Answer>();
    fc.assert(
      fc.property(fc.array(findings, { maxLength: 6 }), (list) => {
        const { answer, hops: told, failure } = judged(list);
        seen.add(answer);
        if (told.some(({ mark }) => mark === 'contradicted')) expect(answer).to.equal('contradicted');
        if (list.some((finding) => finding.failure !== undefined)) expect(answer).not.to.equal('proven');
        if (answer === 'proven') expect(failure).to.equal(undefined);
        if (failure !== undefined) expect(list.map((finding) => finding.failure)).to.include(failure);
      }),
      { numRuns: 500, seed },
    );
    expect([...seen]).to.have.members([...answers]);
  });

  it('is as bad as the worst of it', () => {
    const of = (code: (typeof errorCodes)[number]): Finding => ({ failure: { code, message: 'a reason' } });
    const worse: readonly (readonly [Answer, readonly Finding[]])[] = [
      ['proven', [{ hop: sampleHop('built') }, { hop: sampleHop('rebuilt', { mark: 'not-shown' }) }]],
      ['policy', [of('requirement-not-met')]],
      ['not-proven', [of('requirement-not-met'), of('not-recorded')]],
      ['contradicted', [of('corrected'), of('not-recorded'), of('requirement-not-met')]],
      ['contradicted', [of('requirement-not-met'), { hop: sampleHop('built', { mark: 'contradicted' }) }]],
    ];
    for (const [answer, list] of worse) expect(judged(list).answer).to.equal(answer);
  });

  it('of which nothing is about an entry proves nothing, and is never made', () => {
    for (const list of [[], [{ hop: sampleHop('replayed') }], [{ hop: sampleHop('built') }]]) {
      expect(() => verdictOf(list, { entries: [], checkpoint: undefined })).to.throw(
        'nothing is proven of a file that no entry is about',
      );
    }
    const failure = { code: 'not-recorded', message: 'a reason' } as const;
    expect(verdictOf([{ failure }], { entries: [], checkpoint: undefined }).answer).to.equal('not-proven');
  });

  it('has as its reason what a person has to know first', () => {
    const failed = (hop: Hop, code: (typeof errorCodes)[number], index?: number): Finding => ({
      hop: { ...hop, mark: 'contradicted' },
      failure: { code, message: 'a reason', ...(index === undefined ? {} : { index }) },
    });
    // From the last to the first.
    const ordered: readonly Finding[] = [
      failed(sampleHop('sealed'), 'seal-invalid', 4),
      failed(sampleHop('replayed'), 'missing-role', 9),
      failed(sampleHop('corrections'), 'corrected', 7),
      failed(sampleHop('rebuilt'), 'rebuild-differs', 5),
      failed(sampleHop('keys'), 'key-not-in-force', 4),
      failed(sampleHop('file'), 'subject-mismatch', 4),
    ];
    for (const [at, { failure }] of ordered.entries()) {
      expect(judged(ordered.slice(0, at + 1)).failure).to.equal(failure);
      expect(judged(ordered.slice(0, at + 1).toReversed()).failure).to.equal(failure);
    }
  });
});

describe('the hops of a verdict', () => {
  const reviews = (count: number, change: Partial<Hop> = {}): Finding[] =>
    Array.from({ length: count }, (_, at) => ({
      hop: { ...sampleHop('reviewed', { index: at + 10 }), ...change } as Hop,
    }));

  it('of one name about one entry are no more than somebody can read, and that is said', () => {
    const many = reviews(40);
    for (const list of [many, many.toReversed()]) {
      const { hops: told } = judged(list);
      expect(told.map(({ index }) => index)).to.deep.equal(Array.from({ length: 17 }, (_, at) => at + 10));
      expect(told.at(-1)).to.deep.include({ mark: 'not-shown', more: true });
      expect(told.slice(0, -1).some(({ more }) => more === true)).to.equal(false);
    }
    expect(judged(reviews(16)).hops.some(({ more }) => more === true)).to.equal(false);
  });

  it('that speak against the file have room of their own behind thousands that do not', () => {
    const list = [...reviews(1_000), ...reviews(3, { mark: 'contradicted', index: 5_000 })];
    const { answer, hops: told } = judged(list);
    expect(answer).to.equal('contradicted');
    expect(told.filter(({ mark }) => mark === 'contradicted')).to.have.length(3);
    expect(told.filter(({ mark }) => mark === 'proven')).to.have.length(16);
    const against = judged(reviews(100, { mark: 'contradicted' })).hops;
    expect(against.filter(({ mark }) => mark === 'contradicted')).to.have.length(64);
    expect(against.at(-1)).to.deep.include({ mark: 'not-shown', more: true });
  });

  it('stand entry by entry in the order of the table, each source with its reviews', () => {
    const list: Finding[] = [
      sampleHop('corrections'),
      sampleHop('keys', { entry: 2 }),
      sampleHop('reviewed', { entry: 2, snapshot: 7, index: 8 }),
      sampleHop('source', { entry: 2, snapshot: 7, index: 7 }),
      sampleHop('rebuilt', { entry: 2 }),
      sampleHop('reviewed', { entry: 2, snapshot: 1, index: 9 }),
      sampleHop('source', { entry: 2, snapshot: 1, index: 1 }),
      sampleHop('built', { entry: 4 }),
      sampleHop('built', { entry: 2 }),
      sampleHop('revocations'),
      sampleHop('file'),
    ].map((hop) => ({ hop }));
    expect(judged(list).hops.map(({ hop, entry, index }) => [hop, entry, index])).to.deep.equal([
      ['file', undefined, undefined],
      ['built', 2, 4],
      ['source', 2, 1],
      ['reviewed', 2, 9],
      ['source', 2, 7],
      ['reviewed', 2, 8],
      ['rebuilt', 2, 5],
      ['keys', 2, 4],
      ['built', 4, 4],
      ['revocations', undefined, undefined],
      ['corrections', undefined, undefined],
    ]);
  });
});
