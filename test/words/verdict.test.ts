import { expect } from 'chai';
import { parseRequirements } from '../../src/verifier/judging/requirements.ts';
import type { Hop } from '../../src/verifier/judging/hops/hop.ts';
import type { Verdict } from '../../src/verifier/judging/verdict.ts';
import { answerText, en, failureShown, hopJson, hopText, verdictJson } from '../../src/words/index.ts';
import { build, digest, genesis } from '../fixtures/attestations.ts';
import { sampleHop, sampleHops } from '../verifier/sample-hops.ts';
import { SampleLog } from '../verifier/sample-log.ts';
import { Supervised, digests, file, onlyHop, verdictOf } from '../verifier/supervised-log.ts';

const verdict = (hops: readonly Hop[], entries: readonly number[] = [4]): Verdict => ({
  answer: 'proven',
  hops,
  entries,
});

describe('the text of a hop', () => {
  it('is on one line, whatever a signed statement calls its source', async () => {
    const forged = build({
      seq: 1,
      file,
      change: ({ predicate }) => {
        const [source] = predicate.buildDefinition.resolvedDependencies;
        if (source !== undefined) source.name = `x\n✓ Reviewed     in full\u2028${'y'.repeat(400)}`;
      },
    });
    const hop = onlyHop(await verdictOf(new SampleLog([genesis(), forged])), 'source');
    expect(hopText(hop)).to.match(/^names x ✓ Reviewed[^\n\u2028]*sha256 /);
    expect(hopText(hop).length).to.be.below(300);
  });

  it('says behind it which leaf spoils it', () => {
    const spoilt = { by: 'correction', target: 3, correction: 7 } as const;
    const hop = sampleHop('reviewed', { mark: 'contradicted', code: 'corrected', spoilt });
    expect(hopText(hop)).to.equal(`${en.hops.reviewed(hop)}; ${en.spoilt(spoilt)}`);
  });

  it('says of keys that were stolen nothing but that', () => {
    const spoilt = {
      by: 'key',
      leaf: 4,
      keyid: digest('a key'),
      name: 'builder',
      status: 'compromised',
    } as const;
    const hop = sampleHop('keys', { mark: 'contradicted', code: 'key-not-in-force', spoilt });
    expect(hopText(hop)).to.equal(en.spoilt(spoilt));
  });

  it('of one that stands for others says no more than that', () => {
    const hop = sampleHop('reviewed', { mark: 'not-shown', more: true });
    expect(hopText(hop)).to.equal(en.moreAlike(hop));
  });
});

describe('the text of an answer', () => {
  it('is one sentence for each answer that is not proven, and one of its own for what is required', () => {
    for (const answer of ['contradicted', 'not-proven', 'policy'] as const) {
      expect(answerText({ ...verdict([]), answer })).to.equal(en.answers[answer]);
    }
    const failure = { code: 'requirement-not-met', message: 'lacks it' } as const;
    expect(answerText({ ...verdict([]), answer: 'policy', failure })).to.equal(
      en.answers['requirement-not-met'],
    );
  });

  it('of a proven file names all that it falls short of, in one sentence', () => {
    const { proven } = en.answers;
    const { 'no-source': source, 'no-rebuild': rebuild } = en.shortcomings;
    expect(answerText(verdict([sampleHop('built')]))).to.equal(`${proven}; ${source}, ${rebuild}.`);
    const whole = [sampleHop('built'), sampleHop('source'), sampleHop('reviewed'), sampleHop('rebuilt')];
    expect(answerText(verdict(whole))).to.equal(`${proven}.`);
  });
});

describe('a failure as it is shown', () => {
  it('says what is there in place of what is required, each once', async () => {
    const log = new Supervised().log();
    const require = parseRequirements('review=full,review=no-findings,rebuild=identical,seal');
    const { failure, hops } = await verdictOf(log, undefined, digests, { require });
    if (failure === undefined) throw new Error('something is lacking');
    const text = (name: 'reviewed' | 'rebuilt'): string => `${name}: ${hopText(onlyHop({ hops }, name))}`;
    expect(failureShown(failure)).to.deep.equal({
      code: 'requirement-not-met',
      message: failure.message,
      expected: 'review=full, review=no-findings, rebuild=identical, seal',
      got: `${text('reviewed')} | ${text('rebuilt')} | seal: nothing about it`,
      index: 4,
    });
  });

  it('is as it was where nothing is required', () => {
    const failure = { code: 'corrected', message: 'corrected', got: 'one', index: 3 } as const;
    expect(failureShown(failure)).to.deep.equal(failure);
  });
});

describe('a verdict as JSON', () => {
  it('has each hop with its mark, place, text and facts, and nothing of its own', () => {
    expect(hopJson(sampleHop('corrections'))).to.deep.equal({
      hop: 'corrections',
      mark: 'not-shown',
      text: 'none shown as of 51,002',
      facts: { size: 51_002 },
    });
    const { 'in part': part } = sampleHops.reviewed;
    if (part === undefined) throw new Error('a review in part');
    expect(Object.keys(hopJson(part))).to.have.members([
      'hop',
      'mark',
      'qualified',
      'text',
      'index',
      'entry',
      'facts',
    ]);
  });

  it('has no bundle and no hops that lack, and its failure as it is shown', async () => {
    const log = new Supervised().log();
    const require = parseRequirements('seal');
    const judged = {
      ...(await verdictOf(log, undefined, digests, { require })),
      bundle: await log.bundle([4]),
    };
    const json = verdictJson(judged);
    expect(Object.keys(json)).to.have.members(['answer', 'hops', 'failure', 'checkpoint', 'entries']);
    expect(json.failure).to.deep.equal(judged.failure && failureShown(judged.failure));
    expect(json.hops).to.deep.equal(judged.hops.map(hopJson));
    expect(JSON.parse(JSON.stringify(json))).to.deep.equal(json);
  });
});
