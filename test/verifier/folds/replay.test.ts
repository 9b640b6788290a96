import { expect } from 'chai';
import { attestationTypes } from '../../../src/attestation/types.ts';
import { utf8 } from '../../../src/bytes.ts';
import { LogClient } from '../../../src/verifier/proving/log-client.ts';
import { replay } from '../../../src/verifier/folds/replay.ts';
import type { Replay, ReplayOptions } from '../../../src/verifier/folds/replay.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
import {
  authorityDocument,
  build,
  builder,
  dataAccess,
  databaseUpdate,
  digest,
  genesis,
  leafHashOf,
  party,
  signer,
  signers,
} from '../../fixtures/attestations.ts';
import { rejection } from '../rejection.ts';
import { SampleLog } from '../sample-log.ts';

const file = 'hello_1.1.deb';
const digests = { sha256: digest(file) };

/** Replays over tiles, as a monitor would. */
async function replayOf(log: SampleLog, options: Partial<ReplayOptions> = {}): Promise<Replay> {
  const trust = log.trust();
  const client = new LogClient({ policy: trust.policy, fetchPath: log.serve() });
  const { checkpoint } = await client.checkpoint();
  const view = client.at(checkpoint);
  return replay({ size: view.size, root: view.root, leaves: view.leaves(), trust, ...options });
}

async function verdictOf(log: SampleLog, indices: readonly number[], replayed?: Replay): Promise<Verdict> {
  return judgeFile({ digests, bundle: await log.bundle(indices), trust: log.trust(), replay: replayed });
}

async function* leavesOf(leaves: readonly (readonly [number, Uint8Array])[]) {
  for (const [index, leaf] of leaves) yield { index, leaf };
}

function revoking(kind: 'revoked' | 'compromised', fromLeaf: number): Uint8Array {
  return authorityDocument({
    version: 2,
    previous: leafHashOf(genesis()),
    signers: [...signers, signer(party('second builder'), ['builder'], ['builds'])],
    revocations: [{ keyid: builder.keyid, kind, fromLeaf, reason: 'a test' }],
  });
}

describe('replay', () => {
  const honest = new SampleLog([
    genesis(),
    build({ seq: 1, file }),
    build({ seq: 2 }),
    databaseUpdate(),
    databaseUpdate({ seq: 2 }),
    dataAccess(),
  ]);

  it('finds nothing in an honest log, counts what is there and collects the entries about a file', async () => {
    const done: number[] = [];
    const result = await replayOf(honest, { digests, onProgress: (count) => done.push(count) });
    expect(result).to.deep.include({ size: 6, findings: [], findingCount: 0, gaps: [] });
    const none = Object.fromEntries(attestationTypes.map((type) => [type, 0]));
    const some = { authority: 1, build: 2, 'database-update': 2, 'data-access': 1 };
    expect(result.counts).to.deep.equal({ ...none, ...some });
    expect(result.entries?.map(({ index }) => index)).to.deep.equal([1]);
    expect(result.authority.version).to.equal(1);
    expect(done).to.deep.equal([6]);
  });

  it('verifies more leaves than it holds at once, with a verifier on other threads', async () => {
    const many = new SampleLog([
      genesis(),
      ...Array.from({ length: 600 }, (_, at) => dataAccess({ seq: at + 1 })),
    ]);
    const done: number[] = [];
    const result = await replayOf(many, {
      verify: async () => true,
      onProgress: (count) => done.push(count),
    });
    expect(result.counts['data-access']).to.equal(600);
    expect(done).to.deep.equal([256, 512, 601]);
  });

  const intruders: readonly (readonly [string, Uint8Array, string])[] = [
    ['lacks a role', build({ seq: 3, signedBy: [builder] }), 'missing-role'],
    [
      'names an authority that was never in force',
      build({ seq: 3, authority: digest('none') }),
      'authority-superseded',
    ],
    ['is not an attestation', utf8('hello'), 'not-json'],
    ['is recorded a second time', build({ seq: 2 }), 'source-conflict'],
    ['uses a number again for another content', build({ seq: 2, product: 'other' }), 'source-conflict'],
    [
      'is an authority document of usurpers',
      authorityDocument({ version: 2, previous: leafHashOf(genesis()), roots: [party('usurper')] }),
      'missing-role',
    ],
  ];
  for (const [what, leaf, code] of intruders) {
    it(`finds a leaf that ${what}, by its index, and goes on behind it`, async () => {
      const log = new SampleLog([...honest.leaves, leaf, build({ seq: 3 }), dataAccess({ seq: 2 })]);
      const result = await replayOf(log);
      expect(result.findings.map((finding) => [finding.index, finding.code])).to.deep.equal([[6, code]]);
      expect(result.counts).to.deep.include({ build: 3, 'data-access': 2, authority: 1 });
    });
  }

  it('follows authority: what a document allows is judged from its own leaf on', async () => {
    const second = revoking('revoked', 0);
    const authority = leafHashOf(second);
    const log = new SampleLog([
      genesis(),
      build({ seq: 1, file }),
      second,
      build({ seq: 2, authority }),
      build({ seq: 3 }),
      databaseUpdate({ authority }),
    ]);
    const result = await replayOf(log);
    expect(result.findings.map(({ index, code }) => [index, code])).to.deep.equal([
      [3, 'key-not-in-force'],
      [4, 'authority-superseded'],
    ]);
    expect(result.authority).to.include({ version: 2, index: 2 });
  });

  it('reports numbers that a source skipped, which no leaf can be blamed for', async () => {
    const log = new SampleLog([genesis(), build({ seq: 1 }), build({ seq: 4 })]);
    const result = await replayOf(log);
    expect(result.findingCount).to.equal(0);
    expect(result.gaps).to.deep.equal([{ source: 'builds', from: 2, to: 4 }]);
  });

  it('refuses a log that begins otherwise than it was pinned, or belongs to another origin', async () => {
    const log = new SampleLog([genesis({ version: 1, revocations: [] }), build({ seq: 1 })]);
    const other = log.trust({ genesis: digest('another') });
    expect((await rejection(() => replayOf(log, { trust: other }))).code).to.equal('leaf-mismatch');
    const foreign = new SampleLog([genesis({ origin: 'other.example' })]);
    expect((await rejection(() => replayOf(foreign))).code).to.equal('wrong-origin');
  });

  it('refuses leaves that are missing, out of order, too many, or of another tree', async () => {
    const size = honest.size;
    const root = await honest.root();
    const all = honest.leaves.map((leaf, index) => [index, leaf] as const);
    const cases = [
      [all.slice(0, -1), 'out-of-range'],
      [all.slice(1), 'out-of-range'],
      [[...all, [6, dataAccess()] as const], 'out-of-range'],
      [all.toSpliced(2, 1), 'out-of-range'],
      [all.with(2, [2, build({ seq: 9 })]), 'root-mismatch'],
      [[], 'out-of-range'],
    ] as const;
    for (const [leaves, code] of cases) {
      const call = () => replay({ size, root, leaves: leavesOf(leaves), trust: honest.trust() });
      expect((await rejection(call)).code).to.equal(code);
    }
    const empty = () => replay({ size: 0, root, leaves: leavesOf([]), trust: honest.trust() });
    expect((await rejection(empty)).code).to.equal('out-of-range');
  });

  it('lets a fault of our own end it', async () => {
    const broken = (): never => {
      throw new TypeError('a bug');
    };
    let caught: unknown;
    await replayOf(honest, { verify: async () => broken() }).catch((error: unknown) => (caught = error));
    expect(caught).to.be.instanceOf(TypeError);
  });

  it('finds a document that replaced the pinned one below the size at which that was in force', async () => {
    const log = new SampleLog([genesis(), build({ seq: 1 }), revoking('revoked', 5)]);
    const trust = log.trust({ authority: { leafHash: leafHashOf(genesis()), asOfSize: 3 } });
    const { findings } = await replayOf(log, { trust });
    expect(findings.map(({ index, code }) => [index, code])).to.deep.equal([[2, 'authority-invalid']]);
  });

  it('refuses a log without the authority document that is pinned', async () => {
    const pinned = { leafHash: digest('elsewhere'), asOfSize: 2 };
    const trust = honest.trust({ authority: pinned });
    expect((await rejection(() => replayOf(honest, { trust }))).code).to.equal('authority-invalid');
    await replayOf(honest, { trust: honest.trust({ authority: { ...pinned, asOfSize: 7 } }) });
  });
});

describe('a verdict after a replay', () => {
  it('says that there is no correction and no revocation, because every leaf was seen', async () => {
    const log = new SampleLog([genesis(), build({ seq: 1, file }), build({ seq: 2 })]);
    const verdict = await verdictOf(log, [1], await replayOf(log, { digests }));
    expect(verdict.answer).to.equal('proven');
    const marks = Object.fromEntries(verdict.hops.map(({ hop, mark }) => [hop, mark]));
    expect(marks).to.deep.equal({
      recorded: 'proven',
      built: 'proven',
      source: 'not-shown',
      reviewed: 'not-shown',
      rebuilt: 'not-shown',
      keys: 'proven',
      revocations: 'proven',
      corrections: 'proven',
      replayed: 'proven',
    });
    expect(verdict.hops.at(-1)).to.deep.include({ hop: 'replayed', state: 'clean', entries: 1, others: [] });
  });

  it('names the entries about the file that the bundle left out', async () => {
    const more = Array.from({ length: 12 }, (_, at) => build({ seq: at + 2, file, version: `2.${at}` }));
    const log = new SampleLog([genesis(), build({ seq: 1, file }), ...more]);
    const verdict = await verdictOf(log, [1], await replayOf(log, { digests }));
    const others = more.map((_, at) => at + 2);
    expect(verdict.hops.at(-1)).to.deep.include({ hop: 'replayed', entries: 13, others });
  });

  it('is contradicted by a finding anywhere in the log', async () => {
    const log = new SampleLog([genesis(), build({ seq: 1, file }), build({ seq: 2, signedBy: [builder] })]);
    const verdict = await verdictOf(log, [1], await replayOf(log, { digests }));
    expect(verdict.answer).to.equal('contradicted');
    expect(verdict.failure).to.deep.include({ code: 'missing-role', index: 2 });
    expect(verdict.hops.at(-1)).to.deep.include({ hop: 'replayed', mark: 'contradicted', index: 2 });
  });

  it('is contradicted by a later document that says the key had been stolen', async () => {
    const log = new SampleLog([genesis(), build({ seq: 1, file }), revoking('compromised', 1)]);
    const before = await verdictOf(log, [1]);
    expect(before.answer).to.equal('proven');
    const verdict = await verdictOf(log, [1], await replayOf(log, { digests }));
    expect(verdict.answer).to.equal('contradicted');
    expect(verdict.failure).to.deep.include({ code: 'key-not-in-force', index: 1 });
    const keys = verdict.hops.filter(({ hop }) => hop === 'keys');
    expect(keys.map(({ mark }) => mark)).to.deep.equal(['contradicted']);
  });

  it('is not made of a replay of another tree, or one that did not look for the file', async () => {
    const leaves = [genesis(), build({ seq: 1, file }), build({ seq: 2 })];
    const log = new SampleLog(leaves);
    const shorter = new SampleLog(leaves.slice(0, 2));
    const other = new SampleLog([...leaves.slice(0, 2), build({ seq: 3 })]);
    const thrownBy = async (replayed: Replay): Promise<unknown> =>
      verdictOf(log, [1], replayed).catch((error: unknown) => error);
    for (const elsewhere of [shorter, other]) {
      const replayed = await replayOf(elsewhere, { digests });
      expect(await thrownBy(replayed))
        .to.be.an('error')
        .with.property('message')
        .that.contains('of one checkpoint');
    }
    expect(await thrownBy(await replayOf(log)))
      .to.be.an('error')
      .with.property('message')
      .that.contains('was asked for the file');
  });

  it('does not vouch for the keys of an entry that is not among those it lists', async () => {
    const log = new SampleLog([genesis(), build({ seq: 1, file }), revoking('compromised', 1)]);
    const replayed = await replayOf(log, { digests });
    const verdict = await verdictOf(log, [1], { ...replayed, entries: [] });
    expect(verdict.hops.find(({ hop }) => hop === 'revocations')?.mark).to.equal('not-shown');
  });

  it('still says not proven when no leaf is about the file', async () => {
    const log = new SampleLog([genesis(), build({ seq: 2 })]);
    const verdict = await verdictOf(log, [1], await replayOf(log, { digests }));
    expect(verdict.answer).to.equal('not-proven');
    expect(verdict.hops.map(({ hop, mark }) => `${hop} ${mark}`)).to.deep.equal([
      'file not-shown',
      'replayed proven',
    ]);
  });
});
