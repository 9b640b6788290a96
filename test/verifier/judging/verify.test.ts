import { expect } from 'chai';
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../../../src/bytes.ts';
import { signerKey } from '../../../src/note/key.ts';
import type { Digests } from '../../../src/verifier/folds/subject.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import { factsOf } from '../../../src/verifier/judging/hops/hop-table.ts';
import {
  authorityDocument,
  build,
  builder,
  dataAccess,
  databaseUpdate,
  databaseUpdateStatement,
  digest,
  genesis,
  leafHashOf,
  party,
  publisher,
  sign,
  signer,
  signers,
  supervisor,
} from '../../fixtures/attestations.ts';
import { rejection } from '../rejection.ts';
import { SampleLog, cosignedAt, logKey, witnesses } from '../sample-log.ts';
import { onlyHop } from '../supervised-log.ts';

const file = 'hello_1.1.deb';
const digests: Digests = { sha256: digest(file) };
const sha512 = (text: string): string => (digest(`${text} a`) + digest(`${text} b`)).toLowerCase();

/** Leaf 0 and a second authority document that brings another builder and revokes the first one. */
function twoAuthorities(kind: 'superseded' | 'revoked' | 'compromised', fromLeaf: number) {
  const first = genesis();
  const successor = party('second builder');
  const second = authorityDocument({
    version: 2,
    previous: leafHashOf(first),
    signers: [...signers, signer(successor, ['builder'], ['builds'])],
    revocations: [{ keyid: builder.keyid, kind, fromLeaf, reason: 'a test' }],
  });
  return { first, second, successor, authority: leafHashOf(second) };
}

describe('judgeFile', () => {
  const log = new SampleLog([
    genesis(),
    build({ seq: 1, file }),
    build({ seq: 2 }),
    databaseUpdate(),
    dataAccess(),
  ]);
  const trust = log.trust();

  it('proves a build: recorded, built, keys; and leaves open what a bundle cannot show', async () => {
    const verdict = await judgeFile({ digests, bundle: await log.bundle([1]), trust });
    expect(verdict.answer).to.equal('proven');
    expect(verdict.failure).to.equal(undefined);
    expect(verdict.entries).to.deep.equal([1]);
    expect(verdict.checkpoint).to.deep.include({ size: 5, witnessesListed: 3 });
    expect(verdict.hops.map(({ hop: name, mark }) => `${name} ${mark}`)).to.deep.equal([
      'recorded proven',
      'built proven',
      'source not-shown',
      'reviewed not-shown',
      'rebuilt not-shown',
      'keys proven',
      'revocations not-shown',
      'corrections not-shown',
    ]);
    expect(onlyHop(verdict, 'recorded')).to.deep.include({
      state: 'recorded',
      index: 1,
      size: 5,
      witnesses: 2,
      witnessesListed: 3,
    });
    expect(onlyHop(verdict, 'built')).to.deep.include({
      product: 'hello',
      version: '1.1',
      facility: 'Zurich 1',
      country: 'CH',
      presence: 'onsite',
      occurredAt: '2026-11-03T09:30:00Z',
      deviations: 0,
    });
    expect(onlyHop(verdict, 'source')).to.deep.include({
      state: 'none',
      of: 'build',
      inputs: 1,
      input: 'hello_1.1.dsc',
      algorithm: 'sha256',
      digest: digest(`source of ${file}`),
    });
    expect(onlyHop(verdict, 'keys').signers).to.deep.equal([
      { name: 'builder', organisation: 'Example Security' },
      { name: 'supervisor', organisation: 'Swiss Supervision' },
    ]);
  });

  it('proves a database update, and names the version before it', async () => {
    const second = new SampleLog([genesis(), databaseUpdate(), databaseUpdate({ seq: 2 })]);
    const first = await judgeFile({
      digests: { sha256: digest('threats 1') },
      bundle: await second.bundle([1]),
      trust: second.trust(),
    });
    expect(onlyHop(first, 'updated')).to.deep.include({
      family: 'threats',
      version: '2026.1',
      kind: 'full',
      facility: 'Zurich 1',
      country: 'CH',
      previous: null,
    });
    const next = await judgeFile({
      digests: { sha256: digest('threats 2') },
      bundle: await second.bundle([2]),
      trust: second.trust(),
    });
    expect(next.answer).to.equal('proven');
    expect(onlyHop(next, 'updated').previous).to.equal('2026.1');
    expect(onlyHop(next, 'source').mark).to.equal('not-shown');
  });

  it('does not prove a file by a sound bundle of another one', async () => {
    const bundle = await log.bundle([2]);
    const verdict = await judgeFile({ digests, bundle, trust });
    expect(verdict).to.deep.include({ answer: 'not-proven', entries: [] });
    expect(verdict.failure?.code).to.equal('not-recorded');
    expect(verdict.hops.some(({ mark }) => mark === 'proven')).to.equal(false);
  });

  it('does not take the subject of an access event for a file', async () => {
    const eventId = sha256(utf8('event access 1'));
    const verdict = await judgeFile({
      digests: { sha256: toHex(sha256(eventId)) },
      bundle: await log.bundle([4]),
      trust,
    });
    expect(verdict.answer).to.equal('not-proven');
  });

  it('reports each of several entries about one file', async () => {
    const twice = new SampleLog([
      genesis(),
      build({ seq: 1, file }),
      build({ seq: 2, file, version: '1.1' }),
    ]);
    const verdict = await judgeFile({ digests, bundle: await twice.bundle([1, 2]), trust: twice.trust() });
    expect(verdict).to.deep.include({ answer: 'proven', entries: [1, 2] });
    expect(verdict.hops.filter((one) => one.hop === 'built')).to.have.length(2);
  });

  describe('on subjects with two digests', () => {
    const make = async (own: Digests) => {
      const both = new SampleLog([
        genesis(),
        build({
          seq: 1,
          change: (statement) =>
            (statement.subject = [{ digest: { sha256: digest(file), sha512: sha512(file) } }]),
        }),
      ]);
      return judgeFile({ digests: own, bundle: await both.bundle([1]), trust: both.trust() });
    };

    it('is proven when both match, or when only one of them is known', async () => {
      expect((await make({ sha256: digest(file), sha512: sha512(file) })).answer).to.equal('proven');
      expect((await make({ sha512: sha512(file) })).answer).to.equal('proven');
    });

    it('is contradicted when one matches and the other differs', async () => {
      for (const own of [
        { sha256: digest(file), sha512: sha512('other') },
        { sha256: digest('other'), sha512: sha512(file) },
      ]) {
        const verdict = await make(own);
        expect(verdict.answer).to.equal('contradicted');
        expect(verdict.failure).to.deep.include({ code: 'subject-mismatch', index: 1 });
      }
    });

    it('is not proven when neither matches', async () => {
      const own = { sha256: digest('other'), sha512: sha512('other') };
      expect((await make(own)).answer).to.equal('not-proven');
    });
  });

  describe('on the checkpoint', () => {
    it('misses the policy without a quorum, a known log key, or the smallest size', async () => {
      const stranger = signerKey({ name: 'other.example', type: 1, seed: new Uint8Array(32).fill(9) });
      const cases = [
        [await log.bundle([1], { cosigners: witnesses.slice(0, 1) }), trust, 'quorum-not-met'],
        [await log.bundle([1], { keys: [stranger] }), trust, 'no-known-signature'],
        [await log.bundle([1]), log.trust({ minSize: 6 }), 'checkpoint-too-small'],
      ] as const;
      for (const [bundle, pinned, code] of cases) {
        const verdict = await judgeFile({ digests, bundle, trust: pinned });
        expect(verdict.answer).to.equal('policy');
        expect(verdict.failure?.code).to.equal(code);
        expect(verdict.hops.map(({ mark }) => mark)).to.deep.equal(['not-shown']);
      }
    });

    it('asks for age only where it is told to', async () => {
      const bundle = await log.bundle([1]);
      const pinned = log.trust({ maxAge: 60 });
      const now = cosignedAt + 61;
      expect((await judgeFile({ digests, bundle, trust: pinned, now })).answer).to.equal('proven');
      expect((await judgeFile({ digests, bundle, trust: pinned, now, maxAge: 60 })).failure?.code).to.equal(
        'stale-checkpoint',
      );
      expect((await judgeFile({ digests, bundle, trust: pinned, now, maxAge: 61 })).answer).to.equal(
        'proven',
      );
    });

    it('refuses a maximum age as the caller’s own mistake where there are no witnesses', async () => {
      const bundle = await log.bundle([1]);
      const none = log.trust({}, { quorum: 'none' });
      expect((await judgeFile({ digests, bundle, trust: none })).answer).to.equal('proven');
      const call = () => judgeFile({ digests, bundle, trust: none, now: cosignedAt, maxAge: 60 });
      expect((await rejection(call)).code).to.equal('malformed-policy');
    });

    it('is contradicted by a checkpoint of another tree, signed as it should be', async () => {
      const other = new SampleLog([
        genesis(),
        build({ seq: 9 }),
        build({ seq: 8 }),
        build({ seq: 7 }),
        dataAccess(),
      ]);
      const checkpoint = await other.note();
      const verdict = await judgeFile({ digests, bundle: { ...(await log.bundle([1])), checkpoint }, trust });
      expect(verdict).to.deep.include({ answer: 'contradicted' });
      expect(verdict.failure?.code).to.equal('inclusion-failed');
    });
  });

  describe('on authority', () => {
    it('is contradicted when leaf 0 is not the pinned one', async () => {
      const verdict = await judgeFile({
        digests,
        bundle: await log.bundle([1]),
        trust: log.trust({ genesis: digest('another genesis') }),
      });
      expect(verdict.failure).to.deep.include({ code: 'leaf-mismatch', index: 0 });
      expect(verdict.answer).to.equal('contradicted');
    });

    it('is contradicted when the pinned leaf 0 is for another log than the pinned keys', async () => {
      const foreign = new SampleLog([genesis({ origin: 'other.example' }), build({ seq: 1, file })]);
      const verdict = await judgeFile({ digests, bundle: await foreign.bundle([1]), trust: foreign.trust() });
      expect(verdict.failure?.code).to.equal('wrong-origin');
    });

    const forged: readonly (readonly [string, Uint8Array, string])[] = [
      ['signed by the builder alone', build({ seq: 1, file, signedBy: [builder] }), 'missing-role'],
      [
        'signed by a stranger',
        build({ seq: 1, file, signedBy: [builder, party('stranger')] }),
        'unknown-signer',
      ],
      ['made for another log', build({ seq: 1, file, origin: 'other.example' }), 'wrong-origin'],
      [
        'from a source that is not the signer’s',
        build({ seq: 1, file, source: 'access' }),
        'source-not-allowed',
      ],
      [
        'signed with a broken signature',
        utf8(
          new TextDecoder()
            .decode(build({ seq: 1, file }))
            .replace(/"sig":"(.)/, (_, first) => `"sig":"${first === 'A' ? 'B' : 'A'}`),
        ),
        'bad-signature',
      ],
      ['that is no envelope', utf8('{}'), 'schema-violation'],
    ];
    for (const [what, leaf, code] of forged) {
      it(`is contradicted by an entry ${what}, though the log holds it`, async () => {
        const spoiled = new SampleLog([genesis(), leaf]);
        const bundle = await spoiled.bundle([1]);
        const verdict = await judgeFile({ digests, bundle, trust: spoiled.trust() });
        expect(verdict.answer).to.equal('contradicted');
        expect(verdict.failure).to.deep.include({ code, index: 1 });
      });
    }

    it('does not prove an entry whose authority document is not shown', async () => {
      const { first, second, authority } = twoAuthorities('superseded', 1);
      const two = new SampleLog([first, second, databaseUpdate({ authority })]);
      const bundle = await two.bundle([2]);
      expect(bundle.leaves.map(({ index }) => index)).to.deep.equal([0, 1, 2]);
      const sound = await judgeFile({ digests: { sha256: digest('threats 1') }, bundle, trust: two.trust() });
      expect(sound.answer).to.equal('proven');
      expect(onlyHop(sound, 'keys')).to.include({ authorityVersion: 2, authorityIndex: 1 });
      const without = { ...bundle, leaves: bundle.leaves.filter(({ index }) => index !== 1) };
      const verdict = await judgeFile({
        digests: { sha256: digest('threats 1') },
        bundle: without,
        trust: two.trust(),
      });
      expect(verdict.answer).to.equal('not-proven');
      expect(verdict.failure?.code).to.equal('authority-unproven');
    });

    it('is contradicted by an entry under a document that was already replaced', async () => {
      const { first, second } = twoAuthorities('superseded', 1);
      const two = new SampleLog([first, second, databaseUpdate({ authority: leafHashOf(first) })]);
      const bundle = await two.bundle([2], { authorities: [leafHashOf(second)] });
      const verdict = await judgeFile({
        digests: { sha256: digest('threats 1') },
        bundle,
        trust: two.trust(),
      });
      expect(verdict.failure).to.deep.include({ code: 'authority-superseded', index: 2 });
      expect(verdict.answer).to.equal('contradicted');
    });

    it('is contradicted by an entry under a document that came into force only later', async () => {
      const { first, second, authority } = twoAuthorities('superseded', 2);
      const two = new SampleLog([first, build({ seq: 1, file, authority }), second]);
      const bundle = await two.bundle([1], { authorities: [authority] });
      const verdict = await judgeFile({ digests, bundle, trust: two.trust() });
      expect(verdict.answer).to.equal('contradicted');
      expect(verdict.failure).to.deep.include({ code: 'authority-superseded', index: 1 });
    });

    it('is contradicted by an authority document that does not follow from the one before', async () => {
      const first = genesis();
      const usurper = party('usurper');
      const second = authorityDocument({ version: 2, previous: leafHashOf(first), roots: [usurper] });
      const two = new SampleLog([first, build({ seq: 1, file }), second]);
      const bundle = await two.bundle([1], { authorities: [leafHashOf(second)] });
      const verdict = await judgeFile({ digests, bundle, trust: two.trust() });
      expect(verdict.answer).to.equal('contradicted');
      expect(verdict.failure?.index).to.equal(2);
    });

    it('keeps an entry whose key was superseded later, and drops one whose key had been stolen by then', async () => {
      for (const [kind, answer] of [
        ['superseded', 'proven'],
        ['compromised', 'contradicted'],
      ] as const) {
        const { first, second } = twoAuthorities(kind, kind === 'compromised' ? 1 : 2);
        const two = new SampleLog([first, build({ seq: 1, file }), second]);
        const unaware = await judgeFile({ digests, bundle: await two.bundle([1]), trust: two.trust() });
        expect(unaware.answer).to.equal('proven');
        expect(onlyHop(unaware, 'revocations').mark).to.equal('not-shown');
        const aware = await two.bundle([1], { authorities: [leafHashOf(second)] });
        const verdict = await judgeFile({ digests, bundle: aware, trust: two.trust() });
        expect(verdict.answer, kind).to.equal(answer);
        if (kind === 'compromised') {
          expect(verdict.failure).to.deep.include({ code: 'key-not-in-force', index: 1 });
          expect(onlyHop(verdict, 'keys').mark).to.equal('contradicted');
          expect(onlyHop(verdict, 'recorded').mark).to.equal('proven');
        }
      }
    });

    it('tells of a key that was replaced, revoked or stolen since, which takes nothing back', async () => {
      for (const kind of ['superseded', 'revoked', 'compromised'] as const) {
        const { first, second } = twoAuthorities(kind, 2);
        const two = new SampleLog([first, build({ seq: 1, file }), second]);
        const bundle = await two.bundle([1], { authorities: [leafHashOf(second)] });
        const verdict = await judgeFile({ digests, bundle, trust: two.trust() });
        expect(verdict.answer).to.equal('proven');
        const told = onlyHop(verdict, 'revocations');
        expect(told).to.deep.include({
          mark: 'not-shown',
          newestAuthority: 2,
          version: 2,
          since: [{ keyid: builder.keyid, name: 'builder', status: kind }],
        });
        expect(factsOf(told)).to.include({ newestAuthority: 2, [kind]: builder.keyid });
      }
      const bare = await judgeFile({ digests, bundle: await log.bundle([1]), trust });
      const unrevoked = onlyHop(bare, 'revocations');
      expect(unrevoked).to.deep.include({ mark: 'not-shown', since: [] });
      expect(Object.keys(factsOf(unrevoked))).to.have.members(['size', 'newestAuthority']);
    });

    describe('with a later document pinned', () => {
      const { first, second, authority } = twoAuthorities('compromised', 1);
      const two = new SampleLog([first, build({ seq: 1, file }), second]);

      it('does not prove anything by a bundle that leaves it out', async () => {
        const pinned = two.trust({ authority: { leafHash: authority, asOfSize: 3 } });
        const verdict = await judgeFile({ digests, bundle: await two.bundle([1]), trust: pinned });
        expect(verdict.failure?.code).to.equal('authority-unproven');
        expect(verdict.answer).to.equal('not-proven');
      });

      it('is contradicted by a document that replaced it below the size at which it was in force', async () => {
        const pinned = two.trust({ authority: { leafHash: leafHashOf(first), asOfSize: 3 } });
        const bundle = await two.bundle([1], { authorities: [authority] });
        expect((await judgeFile({ digests, bundle, trust: pinned })).failure).to.deep.include({
          code: 'authority-invalid',
          index: 2,
        });
      });

      it('is contradicted when the pinned document stands above the size at which it was in force', async () => {
        const pinned = two.trust({ authority: { leafHash: authority, asOfSize: 2 } });
        const bundle = await two.bundle([1], { authorities: [authority] });
        expect((await judgeFile({ digests, bundle, trust: pinned })).failure?.code).to.equal(
          'authority-invalid',
        );
      });
    });
  });

  it('is contradicted when a source gave one number to two entries, or the log holds one entry twice', async () => {
    const twice = build({ seq: 1, file });
    for (const again of [twice, build({ seq: 1, file, version: '2.0' })]) {
      const two = new SampleLog([genesis(), twice, build({ seq: 2 }), again]);
      const verdict = await judgeFile({ digests, bundle: await two.bundle([1, 3]), trust: two.trust() });
      expect(verdict.answer).to.equal('contradicted');
      expect(verdict.failure).to.deep.include({ code: 'source-conflict', index: 3 });
    }
  });

  it('does not walk leaves that a server gave out of order, or none at all', async () => {
    const { checkpoint, leaves } = await log.bundle([1, 2]);
    for (const disordered of [leaves.toReversed(), leaves.slice(1), [], [...leaves, ...leaves.slice(1)]]) {
      const verdict = await judgeFile({ digests, bundle: { checkpoint, leaves: disordered }, trust });
      expect(verdict.answer).to.equal('contradicted');
      expect(verdict.failure?.code).to.equal('malformed-bundle');
    }
  });

  it('contradicts what is no bundle', async () => {
    const verdict = await judgeFile({ digests, bundle: utf8('{}'), trust });
    expect(verdict).to.deep.include({ answer: 'contradicted', entries: [] });
    expect(verdict.failure?.code).to.equal('malformed-bundle');
    expect(verdict.checkpoint).to.equal(undefined);
  });

  it('refuses digests that are none', async () => {
    const bundle = await log.bundle([1]);
    for (const own of [{ sha256: 'abc' }, { sha512: 'abc' }]) {
      const call = () => judgeFile({ digests: own, bundle, trust });
      expect((await rejection(call)).code).to.equal('bad-hex');
    }
  });

  it('says so when an update names no rules snapshot', async () => {
    const statement = databaseUpdateStatement();
    delete statement.predicate.rulesSnapshot;
    const plain = new SampleLog([genesis(), sign(statement, [publisher, supervisor])]);
    const verdict = await judgeFile({
      digests: { sha256: digest('threats 1') },
      bundle: await plain.bundle([1], { keys: [logKey] }),
      trust: plain.trust(),
    });
    expect(verdict.answer).to.equal('proven');
    expect(onlyHop(verdict, 'source')).to.deep.include({ state: 'none', of: 'update', inputs: 0 });
  });
});
