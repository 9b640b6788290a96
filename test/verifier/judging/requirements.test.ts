import { expect } from 'chai';
import { checkRequirements, parseRequirements } from '../../../src/verifier/judging/requirements.ts';
import type { Hop, HopName, Verdict } from '../../../src/verifier/judging/verdict.ts';
import type { Mark } from '../../../src/verifier/mark.ts';
import {
  correction,
  genesis,
  leafHashOf,
  sourceReview,
  sourceSnapshot,
} from '../../fixtures/attestations.ts';
import { refusal } from '../../note/refusal.ts';
import { SampleLog } from '../sample-log.ts';
import { Supervised, manifest, replayedVerdict, verdictOf } from '../supervised-log.ts';

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

const answerTo = (verdict: Verdict, text: string): Verdict =>
  checkRequirements(verdict, parseRequirements(text));

describe('requirements', () => {
  it('are met by what was proven, one after the other', async () => {
    const verdict = await replayedVerdict(supervised.log(full), [4]);
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
      expect(answerTo(verdict, text), text).to.equal(verdict);
    }
  });

  it('that are not met make the answer that of a policy, and each line that lacks is named', async () => {
    const verdict = await verdictOf(supervised.log());
    for (const [text, expected, got] of [
      ['review=full', 'review=full', 'reviewed: targeted: 412 of 9,310 files, not full'],
      ['review=no-findings', 'review=no-findings', '4 findings'],
      ['rebuild=identical', 'rebuild=identical', 'rebuilt: equivalent'],
      ['country=DE', 'country=DE', 'built: hello 1.1: Zurich 1 CH'],
      ['presence=remote', 'presence=remote', 'supervisor on site'],
      ['chain', 'chain', 'chain: nothing about it'],
      ['seal', 'seal', 'seal: nothing about it'],
      ['corrections', 'corrections', '--replay proves it'],
      ['source,review=full,rebuild=identical', 'review=full, rebuild=identical', ' | rebuilt: '],
    ] as const) {
      const { answer, failure, hops } = answerTo(verdict, text);
      expect(answer, text).to.equal('policy');
      expect(failure, text).to.deep.include({ code: 'requirement-not-met', expected, index: 4 });
      expect(failure?.got, text).to.contain(got);
      expect(hops).to.equal(verdict.hops);
    }
  });

  it('leave what is contradicted or not proven as it is', async () => {
    const log = supervised.log(correction({ target: leafHashOf(supervised.snapshot) }));
    const contradicted = await verdictOf(log);
    expect(contradicted.answer).to.equal('contradicted');
    expect(answerTo(contradicted, 'rebuild')).to.equal(contradicted);
    const nothing = await verdictOf(log, [2]);
    expect(answerTo(nothing, 'rebuild')).to.equal(nothing);
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
    const verdict = await verdictOf(supervised.log(overview));
    expect(answerTo(verdict, 'review=targeted').answer).to.equal('proven');
    expect(answerTo(verdict, 'review=no-findings').answer).to.equal('proven');
    expect(answerTo(verdict, 'review=targeted,review=no-findings').answer).to.equal('policy');
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
    const without = await verdictOf(built.log());
    expect(answerTo(without, 'review=targeted').answer, 'the other one is not shown').to.equal('proven');
    const verdict = await verdictOf(log);
    const refused = answerTo(verdict, 'source,review=targeted');
    expect(refused.answer).to.equal('policy');
    expect(refused.failure?.got).to.match(/^reviewed: no review of the snapshot at leaf 6 shown/);
    const review = sourceReview({ seq: 2, snapshot: { leafHash: leafHashOf(other), sha256: newer } });
    expect(answerTo(await verdictOf(built.log(other, review)), 'review=targeted').answer).to.equal('proven');
  });

  it('of the source are not met by a library or by the scripts that build', async () => {
    const library = sourceSnapshot({ product: 'zlib', manifestSha256: manifest });
    const own = new Supervised({ snapshot: { product: 'zlib' } });
    const verdict = await verdictOf(new SampleLog([genesis(), library, own.review(), own.build]));
    for (const text of ['source', 'review']) expect(answerTo(verdict, text).answer).to.equal('policy');
  });

  it('are not met by a full review of a part, or by a hop that is not proven', () => {
    const judged = (name: HopName, mark: Mark, facts: Hop['facts']): Verdict => ({
      answer: 'proven',
      entries: [7],
      hops: [{ hop: name, mark, text: 'a line', entry: 7, facts }],
    });
    const part = { own: true, depth: 'full', whole: false };
    expect(answerTo(judged('reviewed', 'proven', part), 'review=targeted').answer).to.equal('proven');
    expect(answerTo(judged('reviewed', 'proven', part), 'review=full').answer).to.equal('policy');
    for (const mark of ['not-shown', 'contradicted'] as const) {
      expect(answerTo(judged('rebuilt', mark, {}), 'rebuild').answer).to.equal('policy');
    }
    expect(answerTo(judged('sealed', 'proven', {}), 'seal').answer).to.equal('proven');
  });

  it('are all met by one of the entries about the file', () => {
    const hop = (name: HopName, entry: number, facts: Hop['facts'] = {}): Hop => ({
      hop: name,
      mark: 'proven',
      text: 'a line',
      entry,
      facts,
    });
    const verdict: Verdict = {
      answer: 'proven',
      entries: [1, 2],
      hops: [hop('built', 1, { country: 'CH' }), hop('built', 2, { country: 'RU' }), hop('rebuilt', 2)],
    };
    expect(answerTo(verdict, 'country=CH').answer).to.equal('proven');
    expect(answerTo(verdict, 'rebuild').answer).to.equal('proven');
    expect(answerTo(verdict, 'country=CH,rebuild').answer).to.equal('policy');
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
