import { expect } from 'chai';
import { parseRequirements, requirementFindings } from '../../../src/verifier/judging/requirements.ts';
import type { Hop } from '../../../src/verifier/judging/hops/hop.ts';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
import {
  correction,
  genesis,
  leafHashOf,
  sourceReview,
  sourceSnapshot,
} from '../../fixtures/attestations.ts';
import { refusal } from '../../note/refusal.ts';
import { SampleLog } from '../sample-log.ts';
import { sampleHop } from '../sample-hops.ts';
import { Supervised, digests, manifest, replayOf, verdictOf } from '../supervised-log.ts';

const supervised = new Supervised();
const none = { critical: 0, high: 0, medium: 0, low: 0 };
const full = supervised.review({
  seq: 2,
  change: ({ predicate }) => {
    predicate.depth = 'full';
    predicate.coverage = { filesCovered: 9310, filesTotal: 9310 };
    predicate.result = 'no-findings';
    predicate.findings = { ...none };
  },
});

const asked = (log: SampleLog, text: string, indices?: readonly number[]): Promise<Verdict> =>
  verdictOf(log, indices, digests, { require: parseRequirements(text) });

describe('requirements', () => {
  it('are met by what was proven, one after the other', async () => {
    const log = supervised.log(full);
    const replay = await replayOf(log);
    const verdict = await verdictOf(log, [4], digests, { replay });
    expect(verdict.answer).to.equal('proven');
    for (const text of [
      'source',
      'review',
      'review=overview',
      'review=targeted',
      'review=full',
      'review=no-findings',
      'review=full,review=no-findings',
      'rebuild',
      'rebuild=independent',
      'country=CH',
      'presence=onsite',
      'corrections',
      'revocations',
      'source, review=full, rebuild, country=CH',
    ]) {
      const require = parseRequirements(text);
      expect(await verdictOf(log, [4], digests, { replay, require }), text).to.deep.equal(verdict);
    }
  });

  it('that are not met make the answer that of a policy, and each line that lacks is named', async () => {
    const log = supervised.log();
    const verdict = await verdictOf(log);
    for (const [text, ...lacking] of [
      ['review=full', ['review=full', 'reviewed', 3]],
      ['review=no-findings', ['review=no-findings', 'reviewed', 3]],
      ['rebuild=identical', ['rebuild=identical', 'rebuilt', 5]],
      ['country=DE', ['country=DE', 'built', 4]],
      ['presence=remote', ['presence=remote', 'built', 4]],
      ['chain', ['chain', undefined, undefined]],
      ['seal', ['seal', undefined, undefined]],
      ['corrections', ['corrections', 'corrections', undefined]],
      [
        'source,review=full,rebuild=identical',
        ['review=full', 'reviewed', 3],
        ['rebuild=identical', 'rebuilt', 5],
      ],
    ] as const) {
      const { answer, failure, hops } = await asked(log, text);
      expect(answer, text).to.equal('policy');
      expect(failure, text).to.deep.include({
        code: 'requirement-not-met',
        expected: lacking.map(([requirement]) => requirement).join(', '),
        index: 4,
      });
      const instead = failure?.lacking?.map(({ requirement, instead: hop }) => [
        requirement,
        hop?.hop,
        hop?.index,
      ]);
      expect(instead, text).to.deep.equal(lacking);
      expect(hops).to.deep.equal(verdict.hops);
    }
  });

  it('leave what is contradicted or not proven as it is', async () => {
    const log = supervised.log(correction({ target: leafHashOf(supervised.snapshot) }));
    const contradicted = await verdictOf(log);
    expect(contradicted.answer).to.equal('contradicted');
    expect(await asked(log, 'rebuild=identical')).to.deep.equal(contradicted);
    const nothing = await verdictOf(log, [2]);
    expect(nothing.answer).to.equal('not-proven');
    expect(await asked(log, 'rebuild', [2])).to.deep.equal(nothing);
  });

  it('of one hop are met by one statement, not by halves of two', async () => {
    const overview = supervised.review({
      seq: 3,
      change: ({ predicate }) => {
        predicate.depth = 'overview';
        predicate.result = 'no-findings';
        predicate.findings = { ...none };
      },
    });
    const log = supervised.log(overview);
    expect((await asked(log, 'review=targeted')).answer).to.equal('proven');
    expect((await asked(log, 'review=no-findings')).answer).to.equal('proven');
    expect((await asked(log, 'review=targeted,review=no-findings')).answer).to.equal('policy');
  });

  it('of a review are met for each snapshot of the source, not by an older one that is named beside it', async () => {
    const newer = '7'.repeat(64);
    const built = new Supervised({
      build: {
        change: ({ predicate }) => {
          predicate.buildDefinition.resolvedDependencies.push({ digest: { sha256: newer } });
        },
      },
    });
    const other = sourceSnapshot({ seq: 2, manifestSha256: newer });
    const log = built.log(other);
    const without = await asked(built.log(), 'review=targeted');
    expect(without.answer, 'the other one is not shown').to.equal('proven');
    const { answer, failure } = await asked(log, 'source,review=targeted');
    expect(answer).to.equal('policy');
    expect(failure?.lacking?.[0]?.instead).to.deep.include({ hop: 'reviewed', state: 'none', snapshot: 6 });
    const review = sourceReview({ seq: 2, snapshot: { leafHash: leafHashOf(other), sha256: newer } });
    expect((await asked(built.log(other, review), 'review=targeted')).answer).to.equal('proven');
  });

  it('of the source are not met by a library or by the scripts that build', async () => {
    const library = sourceSnapshot({ product: 'zlib', manifestSha256: manifest });
    const own = new Supervised({ snapshot: { product: 'zlib' } });
    const log = new SampleLog([genesis(), library, own.review(), own.build]);
    for (const text of ['source', 'review']) expect((await asked(log, text)).answer).to.equal('policy');
  });

  const lackingOf = (hops: readonly Hop[], text: string, entries: readonly number[] = [4]): string[] =>
    requirementFindings(
      hops.map((hop) => ({ hop })),
      entries,
      parseRequirements(text),
    ).flatMap(({ failure }) => (failure?.expected === undefined ? [] : [failure.expected]));

  it('are not met by a full review of a part, or by a hop that is not proven', () => {
    const part = sampleHop('reviewed', { own: true, depth: 'full', whole: false });
    expect(lackingOf([part], 'review=targeted')).to.deep.equal([]);
    expect(lackingOf([part], 'review=full')).to.deep.equal(['review=full']);
    for (const mark of ['not-shown', 'contradicted'] as const) {
      expect(lackingOf([sampleHop('rebuilt', { mark })], 'rebuild')).to.deep.equal(['rebuild']);
    }
    expect(lackingOf([sampleHop('sealed')], 'seal')).to.deep.equal([]);
  });

  it('are all met by one of the entries about the file', () => {
    const hops = [
      sampleHop('built', { entry: 1, country: 'CH' }),
      sampleHop('built', { entry: 2, country: 'RU' }),
      sampleHop('rebuilt', { entry: 2 }),
    ];
    expect(lackingOf(hops, 'country=CH', [1, 2])).to.deep.equal([]);
    expect(lackingOf(hops, 'rebuild', [1, 2])).to.deep.equal([]);
    expect(lackingOf(hops, 'country=CH,rebuild', [1, 2])).to.have.length(1);
  });

  it('that are none are refused', () => {
    for (const text of [
      '',
      'sources',
      'source=x',
      'review=deep',
      'review=',
      'rebuild=full',
      'country',
      'country=ch',
      'presence=here',
      'source,,review',
      'corrections=none',
      Array.from({ length: 33 }, () => 'source').join(','),
    ]) {
      expect(refusal(() => parseRequirements(text)).code, text).to.equal('usage');
    }
  });
});
