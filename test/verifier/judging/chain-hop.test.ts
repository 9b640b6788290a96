import { expect } from 'chai';
import type { DatabaseUpdatePredicate } from '../../../src/attestation/types.ts';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
import type { ChainHop } from '../../../src/verifier/judging/hops/hop.ts';
import type { LinkKind } from '../../../src/verifier/folds/update-chain.ts';
import type { Mark } from '../../../src/verifier/mark.ts';
import {
  authorityDocument,
  correction,
  databaseSource,
  databaseUpdate,
  digest,
  genesis,
  leafHashOf,
  party,
  publisher,
  signer,
  signers,
  sourceReview,
  sourceSnapshot,
  supervisor,
} from '../../fixtures/attestations.ts';
import type { DatabaseUpdateOptions } from '../../fixtures/attestations.ts';
import { SampleLog } from '../sample-log.ts';
import { marksOf, onlyHop, replayedVerdict, verdictOf } from '../supervised-log.ts';

const state = (name: string) => ({ sha256: digest(`state ${name}`) });

/** An update to version and state `name` after that of `after`, or the first one; `seq` numbers them. */
function update(
  seq: number,
  name: string,
  after: string | null,
  change: (predicate: DatabaseUpdatePredicate) => void = () => undefined,
  options: DatabaseUpdateOptions = {},
): Uint8Array {
  return databaseUpdate({
    ...options,
    seq,
    version: name,
    change: (statement) => {
      const { predicate } = statement;
      predicate.previous = after === null ? null : { version: after, result: state(after) };
      predicate.result = state(name);
      change(predicate);
      statement.subject = [{ digest: { ...predicate.result } }];
    },
  });
}

const logOf = (...updates: readonly Uint8Array[]): SampleLog => new SampleLog([genesis(), ...updates]);

/** About the file with the state `name`: by a bundle of these leaves, and by a replay that was shown the file’s own. */
async function chains(
  log: SampleLog,
  name: string,
  at: number,
): Promise<{ bundle: Verdict; whole: Verdict }> {
  return {
    bundle: await verdictOf(log, undefined, state(name)),
    whole: await replayedVerdict(log, [at], state(name)),
  };
}

const chainOf = (verdict: Verdict): ChainHop => onlyHop(verdict, 'chain');

describe('the chain behind an update', () => {
  it('is unbroken back to the first, and a replay adds that nothing forks it', async () => {
    const log = logOf(update(1, 'a', null), update(2, 'b', 'a'), update(3, 'c', 'b'), update(4, 'd', 'c'));
    const { bundle, whole } = await chains(log, 'c', 3);
    const unbroken = { end: 'first', updates: 3, oldest: 1, version: 'a', size: 5 };
    expect(chainOf(bundle)).to.deep.include({
      ...unbroken,
      mark: 'proven',
      index: 1,
      entry: 3,
      complete: false,
    });
    expect(chainOf(whole)).to.deep.include({ ...unbroken, mark: 'proven', complete: true });
    expect(chainOf(bundle)).not.to.have.any.keys('link', 'at', 'before', 'lost', 'late', 'qualified');
    expect(marksOf(bundle)).to.deep.equal([
      'recorded proven',
      'updated proven',
      'chain proven',
      'source not-shown',
      'reviewed not-shown',
      'keys proven',
      'revocations not-shown',
      'corrections not-shown',
    ]);
    const first = await chains(log, 'a', 1);
    expect(chainOf(first.bundle)).to.deep.include({ mark: 'proven', end: 'first', updates: 1, index: 1 });
  });

  it('is not shown beyond where a bundle ends; where the log ends, a state was never recorded', async () => {
    const log = logOf(update(1, 'a', null), update(2, 'b', 'a'), update(3, 'd', 'c'), update(4, 'e', 'd'));
    const { bundle, whole } = await chains(log, 'e', 4);
    expect(bundle.answer).to.equal('proven');
    expect(chainOf(bundle)).to.deep.include({
      mark: 'not-shown',
      index: 3,
      end: 'open',
      updates: 2,
      oldest: 3,
      version: 'd',
      before: 'c',
      link: 'skips',
      size: 5,
    });
    expect(whole.answer).to.equal('contradicted');
    expect(whole.failure).to.deep.include({ code: 'chain-broken', index: 3 });
    expect(chainOf(whole)).to.deep.include({
      mark: 'contradicted',
      end: 'broken',
      link: 'skips',
      at: { version: 'd', index: 3 },
    });
    const part = await verdictOf(logOf(update(1, 'a', null), update(2, 'b', 'a')), [2], state('b'));
    expect(chainOf(part).mark).to.equal('not-shown');
  });

  const broken: readonly (readonly [
    string,
    readonly Uint8Array[],
    string,
    LinkKind,
    ChainHop['at'],
    Mark,
  ])[] = [
    [
      'by another state of its predecessor',
      [update(1, 'a', null, (one) => (one.result = state('another a'))), update(2, 'b', 'a')],
      'b',
      'other-state',
      { version: 'b', index: 2, previous: 1 },
      'not-shown',
    ],
    [
      'by a second update after one state on the way',
      [update(1, 'a', null), update(2, 'b', 'a'), update(3, 'x', 'a'), update(4, 'c', 'b')],
      'c',
      'forks',
      { version: 'x', index: 3, previous: 1 },
      'not-shown',
    ],
    [
      'at the update itself, which is the second one',
      [update(1, 'a', null), update(2, 'b', 'a'), update(3, 'x', 'a')],
      'x',
      'forks',
      { version: 'x', index: 3, previous: 1 },
      'not-shown',
    ],
    [
      'by a second beginning',
      [update(1, 'a', null), update(2, 'b', null), update(3, 'c', 'b')],
      'c',
      'begins-again',
      { version: 'b', index: 2, previous: 1 },
      'contradicted',
    ],
  ];
  for (const [what, updates, name, link, at, inBundle] of broken) {
    it(`is broken ${what}, and ${inBundle} by a bundle that shows as much`, async () => {
      const { bundle, whole } = await chains(logOf(...updates), name, updates.length);
      expect(whole.failure).to.deep.include({ code: 'chain-broken' });
      expect(bundle.answer).to.equal(inBundle === 'contradicted' ? 'contradicted' : 'proven');
      expect([chainOf(bundle).mark, chainOf(whole).mark]).to.deep.equal([inBundle, 'contradicted']);
      for (const verdict of [bundle, whole]) expect(chainOf(verdict)).to.deep.include({ link, at });
    });
  }

  it('is not broken by what follows the update, nor by another family or platform', async () => {
    const elsewhere = (seq: number, name: string, after: string | null, platform: string) =>
      update(seq, name, after, (one) => (one.platform = platform));
    const log = logOf(
      update(1, 'a', null),
      update(2, 'b', 'a'),
      elsewhere(3, 'x', 'a', 'linux'),
      update(4, 'c', 'b'),
      update(5, 'y', 'b'),
    );
    const { bundle, whole } = await chains(log, 'b', 2);
    expect([bundle.answer, whole.answer]).to.deep.equal(['proven', 'proven']);
  });

  it('is not broken by one step that was recorded twice, and no room for a second history', async () => {
    const wider = (seq: number, name: string, after: string | null) =>
      update(seq, name, after, (one) => (one.rollout.percent = 100));
    const twice = [update(1, 'a', null), wider(2, 'a', null), update(3, 'b', 'a'), wider(4, 'b', 'a')];
    const log = logOf(...twice, update(5, 'c', 'b'), wider(6, 'c', 'b'));
    for (const name of ['a', 'b', 'c']) {
      const { bundle, whole } = await chains(log, name, name === 'a' ? 1 : name === 'b' ? 3 : 5);
      expect([bundle.answer, whole.answer], name).to.deep.equal(['proven', 'proven']);
    }
    log.append(update(7, 'x', 'b'));
    for (const name of ['c', 'x']) {
      const { whole } = await chains(log, name, name === 'c' ? 5 : 7);
      expect(whole.failure, name).to.deep.include({ code: 'chain-broken', index: 7 });
    }
  });

  it('goes over a rollback, and says when that goes back to what was never recorded', async () => {
    const rollback = (seq: number, name: string, after: string, to: string) =>
      update(seq, name, after, (one) => {
        one.kind = 'rollback';
        one.result = state(to);
      });
    const fromRollback = update(4, 'd', 'c', (one) => {
      one.previous = { version: 'c', result: state('a') };
    });
    const good = logOf(update(1, 'a', null), update(2, 'b', 'a'), rollback(3, 'c', 'b', 'a'), fromRollback);
    const { bundle, whole } = await chains(good, 'd', 4);
    for (const verdict of [bundle, whole]) {
      expect(chainOf(verdict)).to.deep.include({ mark: 'proven' });
      expect(chainOf(verdict).qualified).to.equal(undefined);
    }
    const lost = logOf(update(1, 'a', null), update(2, 'b', 'a'), rollback(3, 'c', 'b', 'never'));
    const verdict = await verdictOf(lost, undefined, state('never'));
    expect(verdict.answer).to.equal('proven');
    expect(chainOf(verdict))
      .to.deep.include({ mark: 'not-shown', end: 'first', lost: { version: 'c', index: 3 } })
      .and.not.have.property('qualified');
  });

  it('cannot be made to look broken by whoever leaves a rollback out', async () => {
    const rollback = update(3, 'c', 'b', (one) => {
      one.kind = 'rollback';
      one.result = state('a');
    });
    const after = update(4, 'd', 'c', (one) => {
      one.previous = { version: 'c', result: state('a') };
    });
    const log = logOf(update(1, 'a', null), update(2, 'b', 'a'), rollback, after);
    const withheld = await verdictOf(log, [1, 2, 4], state('d'));
    expect(withheld.answer).to.equal('proven');
    expect(chainOf(withheld)).to.deep.include({
      mark: 'not-shown',
      end: 'open',
      link: 'other-version',
      at: { version: 'd', index: 4, previous: 1 },
    });
    const whole = await replayedVerdict(log, [1, 2, 4], state('d'));
    expect(chainOf(whole).mark).to.equal('proven');
  });

  it('cannot be made to look forked by whoever leaves out that a state was gone back to', async () => {
    const back = update(3, 'a', 'b', (one) => (one.kind = 'rollback'));
    const log = logOf(update(1, 'a', null), update(2, 'b', 'a'), back, update(4, 'c', 'a'));
    expect(chainOf(await verdictOf(log, [1, 2, 3, 4], state('c'))).mark).to.equal('proven');
    const withheld = await verdictOf(log, [1, 2, 4], state('c'));
    expect(withheld.answer).to.equal('proven');
    expect(chainOf(withheld)).to.deep.include({
      mark: 'not-shown',
      end: 'open',
      updates: 1,
      version: 'c',
      index: 4,
      before: 'a',
      link: 'forks',
      at: { version: 'c', index: 4, previous: 1 },
    });
    expect(chainOf(await replayedVerdict(log, [1, 2, 4], state('c'))).mark).to.equal('proven');
  });

  it('cannot be made to look like another state by whoever leaves one recording of a version out', async () => {
    const spoilt = update(1, 'a', null, (one) => (one.result = state('a, withdrawn')));
    const again = update(2, 'a', 'a, withdrawn', (one) => {
      one.previous = { version: 'a', result: state('a, withdrawn') };
    });
    const log = logOf(spoilt, again, update(3, 'b', 'a'));
    expect(chainOf(await verdictOf(log, [1, 2, 3], state('b'))).mark).to.equal('proven');
    const withheld = await verdictOf(log, [1, 3], state('b'));
    expect([withheld.answer, chainOf(withheld).mark]).to.deep.equal(['proven', 'not-shown']);
    expect(chainOf(withheld)).to.deep.include({ link: 'other-state', before: 'a' });
  });

  it('rests on the updates before: one that was corrected or signed with a stolen key breaks it', async () => {
    const first = update(1, 'a', null);
    const updates = [first, update(2, 'b', 'a'), update(3, 'c', 'b')];
    const corrected = await chains(logOf(...updates, correction({ target: leafHashOf(first) })), 'c', 3);
    for (const verdict of [corrected.bundle, corrected.whole]) {
      expect(verdict.failure).to.deep.include({ code: 'corrected', index: 4 });
      expect(chainOf(verdict)).to.deep.include({
        mark: 'contradicted',
        spoilt: { by: 'correction', target: 1, correction: 4 },
      });
      expect(onlyHop(verdict, 'updated').mark).to.equal('proven');
    }
    const document = authorityDocument({
      version: 2,
      previous: leafHashOf(genesis()),
      signers,
      revocations: [{ keyid: publisher.keyid, kind: 'compromised', fromLeaf: 1, reason: 'a test' }],
    });
    const { whole } = await chains(logOf(...updates, document), 'c', 3);
    expect(whole.failure).to.deep.include({ code: 'key-not-in-force', index: 3 });
    expect(chainOf(whole).mark).to.equal('contradicted');
    expect(chainOf(whole).spoilt).to.deep.equal({
      by: 'key',
      leaf: 2,
      keyid: publisher.keyid,
      name: publisher.name,
      status: 'compromised',
    });
    expect(onlyHop(whole, 'keys').mark).to.equal('contradicted');
  });

  it('is less than it seems where a state was recorded after what follows it', async () => {
    const log = logOf(update(1, 'a', null), update(3, 'c', 'b'), update(2, 'b', 'a'), update(4, 'd', 'c'));
    const { bundle, whole } = await chains(log, 'd', 4);
    for (const verdict of [bundle, whole]) {
      expect(verdict.answer).to.equal('proven');
      expect(chainOf(verdict).qualified).to.equal(true);
      expect(chainOf(verdict).late).to.deep.equal({ version: 'b', index: 3 });
    }
  });

  it('is contradicted by a stolen key on the way, also where its end is not shown', async () => {
    const second = party('second publisher', publisher.organisation);
    const first = genesis({
      signers: [...signers, signer(second, ['database-publisher'], [databaseSource])],
    });
    const authority = leafHashOf(first);
    const own = update(3, 'c', 'b', undefined, { authority, signedBy: [second, supervisor] });
    const document = authorityDocument({
      version: 2,
      previous: authority,
      signers,
      revocations: [{ keyid: publisher.keyid, kind: 'compromised', fromLeaf: 2, reason: 'a test' }],
    });
    const before = [
      update(1, 'a', null, undefined, { authority }),
      update(2, 'b', 'a', undefined, { authority }),
    ];
    const log = new SampleLog([first, ...before, own, document]);
    for (const shown of [
      [1, 2, 3],
      [2, 3],
    ]) {
      const verdict = await verdictOf(log, shown, state('c'), { authorities: [leafHashOf(document)] });
      expect(verdict.failure).to.deep.include({ code: 'key-not-in-force', index: 2 });
      expect(chainOf(verdict).mark).to.equal('contradicted');
      expect(onlyHop(verdict, 'keys').mark).to.equal('proven');
    }
  });
});

describe('the rules of an update', () => {
  it('are a snapshot of rules and its review', async () => {
    const manifest = digest('rules');
    const snapshot = sourceSnapshot({
      product: 'threat-rules',
      manifestSha256: manifest,
      change: ({ predicate }) => (predicate.kind = 'rules'),
    });
    const review = sourceReview({ snapshot: { leafHash: leafHashOf(snapshot), sha256: manifest } });
    const log = logOf(snapshot, review, update(1, 'a', null));
    const { bundle, whole } = await chains(log, 'a', 3);
    for (const verdict of [bundle, whole]) {
      expect(verdict.answer).to.equal('proven');
      expect(onlyHop(verdict, 'source')).to.deep.include({ mark: 'proven', index: 1, entry: 3 });
      expect(onlyHop(verdict, 'source').qualified).to.equal(undefined);
      expect(onlyHop(verdict, 'reviewed')).to.deep.include({ mark: 'proven', index: 2 });
    }
  });
});
