/**
 * Authority over time as everybody meets it: the server refuses a document that
 * does not succeed the one in force, and where a log has recorded one all the
 * same, monitor and verifier find it and go on as if it were not there.
 */
import { expect } from 'chai';
import { judgeFile } from '../../src/verifier/judging/judge-file.ts';
import { LogClient } from '../../src/verifier/proving/log-client.ts';
import { replay } from '../../src/verifier/folds/replay.ts';
import type { Replay } from '../../src/verifier/folds/replay.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { run, submit } from '../http/harness.ts';
import type { Running } from '../http/harness.ts';
import { Post } from '../monitor/post.ts';
import { SampleLog } from '../verifier/sample-log.ts';

const roots = ['root 1', 'root 2', 'root 3'].map((name) => fixtures.party(name));
const [r1, r2] = roots as [fixtures.Party, fixtures.Party];
const newcomer = fixtures.party('new root');
const revocations = [
  { keyid: fixtures.publisher.keyid, kind: 'revoked', fromLeaf: 1, reason: 'left' },
] as const;

const genesis = fixtures.genesis({ roots, threshold: 2, signedBy: [r1, r2] });
const made = { roots, threshold: 2, revocations, signedBy: [r1, r2] };
const second = fixtures.authorityDocument({
  ...made,
  version: 2,
  previous: fixtures.leafHashOf(genesis),
});
const authority = fixtures.leafHashOf(second);
const third = { ...made, version: 3, previous: authority };
const file = 'hello_1.2.deb';
const other = { sha256: fixtures.digest('hello_1.3.deb') };
const digests = { sha256: fixtures.digest(file) };

const refused: [string, Uint8Array, { status: number; code: string; at?: string }][] = [
  [
    'without the old quorum',
    fixtures.authorityDocument({ ...third, roots: [newcomer], threshold: 1, signedBy: [r1, newcomer] }),
    { status: 403, code: 'missing-role' },
  ],
  [
    'without the new quorum',
    fixtures.authorityDocument({ ...third, roots: [newcomer], threshold: 1 }),
    { status: 403, code: 'missing-role' },
  ],
  [
    'with another predecessor',
    fixtures.authorityDocument({ ...third, previous: fixtures.leafHashOf(genesis) }),
    { status: 422, code: 'authority-invalid', at: '/predicate/previous' },
  ],
  [
    'that skips a version',
    fixtures.authorityDocument({ ...third, version: 4 }),
    { status: 422, code: 'authority-invalid', at: '/predicate/version' },
  ],
  [
    'of the version in force with other bytes',
    fixtures.authorityDocument({
      ...made,
      version: 2,
      previous: fixtures.leafHashOf(genesis),
      change: ({ predicate }) => void (predicate.occurredAt = '2026-11-02T08:00:00Z'),
    }),
    { status: 409, code: 'authority-superseded', at: '/predicate/version' },
  ],
  [
    'that drops a revocation',
    fixtures.authorityDocument({ ...third, revocations: [] }),
    { status: 422, code: 'authority-invalid', at: '/predicate/revocations' },
  ],
];

describe('an authority document', () => {
  let server: Running;
  before(async () => {
    server = await run({ genesis });
    expect((await submit(server, second)).status).to.equal(201);
    expect((await submit(server, fixtures.build({ seq: 1, authority }))).status).to.equal(201);
  });
  after(() => server.close());

  for (const [what, leaf, { status, code, at }] of refused) {
    it(`${what} is refused by the server, which stays as it was`, async () => {
      const answer = await submit(server, leaf);
      expect(answer.json).to.include({ status, code, ...(at === undefined ? {} : { at }) });
      expect(answer.status).to.equal(status);
      expect(server.ledger.checkpoint()?.checkpoint.size).to.equal(3);
      expect(server.ledger.authority().leafHash).to.equal(authority);
    });

    it(`${what} is a finding for a monitor and changes nothing`, async () => {
      const log = recorded(leaf);
      const post = await Post.make(log.trust());
      try {
        await post.round(log.serve());
        const findings = (await post.findings()).map((finding) => [
          finding.kind,
          finding.index,
          finding.code,
        ]);
        expect(findings.filter(([kind]) => kind !== 'authority')).to.deep.equal([
          ['invalid-authority', 3, code],
          ['unauthorised', 5, 'authority-superseded'],
        ]);
        expect(findings.filter(([kind]) => kind === 'authority')).to.deep.equal([
          ['authority', 1, undefined],
        ]);
      } finally {
        await post.close();
      }
    });

    it(`${what} is a finding for a verifier and changes nothing`, async () => {
      const log = recorded(leaf);
      const trust = log.trust();
      const replayed = await replayOf(log, digests);
      expect(replayed.findings.map((finding) => [finding.index, finding.code])).to.deep.equal([
        [3, code],
        [5, 'authority-superseded'],
      ]);
      expect(replayed.authority).to.include({ version: 2, index: 1 });
      const bundle = await log.bundle([4]);
      const verdict = await judgeFile({ digests, bundle, trust });
      expect(verdict.answer).to.equal('proven');
      expect(verdict.hops.find(({ hop }) => hop === 'keys')).to.include({ authorityVersion: 2 });
      expect((await judgeFile({ digests, bundle, trust, replay: replayed })).entries).to.deep.equal([4]);
      // What was recorded under it is not authorised: the document in force shows that, and so does a replay.
      const shown = await log.bundle([5], { authorities: [authority] });
      expect((await judgeFile({ digests: other, bundle: shown, trust })).answer).to.equal('contradicted');
      const alone = { digests: other, bundle: await log.bundle([5]), trust };
      const whole = await judgeFile({ ...alone, replay: await replayOf(log, other) });
      expect(whole.answer).to.equal('contradicted');
    });
  }

  it('is given its old place when the same bytes come again', async () => {
    const again = await submit(server, second);
    expect([again.status, again.json['index']]).to.deep.equal([200, 1]);
    const first = await submit(server, genesis);
    expect([first.status, first.json['index']]).to.deep.equal([200, 0]);
  });
});

/** A log that has recorded the document, then a build that pays it no heed, and one made under it. */
function recorded(document: Uint8Array): SampleLog {
  return new SampleLog([
    genesis,
    second,
    fixtures.build({ seq: 1, authority }),
    document,
    fixtures.build({ seq: 2, authority, file }),
    fixtures.build({ seq: 3, authority: fixtures.leafHashOf(document), file: 'hello_1.3.deb' }),
  ]);
}

async function replayOf(log: SampleLog, digests: { readonly sha256: string }): Promise<Replay> {
  const trust = log.trust();
  const client = new LogClient({ policy: trust.policy, fetchPath: log.serve() });
  const { checkpoint } = await client.checkpoint();
  const view = client.at(checkpoint);
  return replay({ size: view.size, root: view.root, leaves: view.leaves(), trust, digests });
}
