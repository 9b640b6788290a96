/** Everything about one artefact, over a socket. */
import { expect } from 'chai';
import type { JsonValue } from '../../../src/attestation/canonical.ts';
import { canonicalize } from '../../../src/attestation/canonical.ts';
import { fromUtf8, utf8 } from '../../../src/bytes.ts';
import { LedgerClient } from '../../../src/client/client.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import { PublishedTree } from '../../../src/http/routes/published-tree.ts';
import { formatBundle, parseBundle } from '../../../src/verifier/proving/bundle.ts';
import { formatTrust, parseTrust } from '../../../src/verifier/trust.ts';
import type { Trust } from '../../../src/verifier/trust.ts';
import { verdictJson } from '../../../src/words/index.ts';
import type { VerdictJson } from '../../../src/words/index.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import { verifyBundle } from '../../../src/verifier/judging/verify-bundle.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import { fixtures as sealFixtures } from '../../seal/fixtures.ts';
import { sealedBuild } from '../../seal/sealed-build.ts';
import { digests as sealed } from '../../seal/suite.ts';
import { rejection } from '../../verifier/rejection.ts';
import { defaultLimits } from '../../../src/http/bounds/limits.ts';
import type { Answer, Running } from '../harness.ts';
import { Gate, ask, run, submit } from '../harness.ts';

const { digest, leafHashOf } = fixtures;
const file = 'hello_1.1.deb';
const source = digest(`source of ${file}`);
const snapshot = fixtures.sourceSnapshot({ manifestSha256: source });
const review = fixtures.sourceReview({ snapshot: { leafHash: leafHashOf(snapshot), sha256: source } });
const build = fixtures.build({ seq: 1, file, sourceSha256: source });
const rebuild = fixtures.rebuildResult({ build: { leafHash: leafHashOf(build), sha256: digest(file) } });
const bundleType = 'application/vnd.isal.bundle+json';

interface Body {
  readonly artifact: string;
  readonly size: number;
  readonly all: boolean;
  readonly verdict: VerdictJson;
  readonly entries: readonly { readonly index: number; readonly type: string }[];
  readonly bundle: JsonValue & { readonly leaves: readonly { readonly index: number }[] };
}

/** What a customer of this ledger pins. */
function trustOf({ policy }: Running): Trust {
  return { policy, origin: fixtures.origin, genesis: leafHashOf(fixtures.genesis()), minSize: 1 };
}

describe('http: an artefact', () => {
  let running: Running;
  let trust: Trust;
  const path = `/api/v1/artifacts/sha256:${digest(file)}`;

  before(async () => {
    running = await run();
    trust = trustOf(running);
    const others = [fixtures.dataAccess(), fixtures.databaseUpdate(), fixtures.build({ seq: 2 })];
    for (const leaf of [snapshot, review, build, rebuild, ...others]) {
      expect((await submit(running, leaf)).status).to.equal(201);
    }
  });

  after(() => running.close());

  const bodyOf = (answer: Answer): Body => {
    expect(answer.status, answer.text).to.equal(200);
    return answer.json as unknown as Body;
  };

  it('comes with a verdict hop by hop, and with the bundle that proves each', async () => {
    const body = bodyOf(await ask(running, path));
    expect(body).to.include({ artifact: `sha256:${digest(file)}`, size: 8, all: true });
    expect(body.verdict.answer).to.equal('proven');
    const proven = body.verdict.hops.filter(({ mark }) => mark === 'proven').map(({ hop }) => hop);
    expect(proven).to.include.members(['recorded', 'built', 'source', 'reviewed', 'rebuilt', 'keys']);
    expect(body.entries.map(({ index, type }) => [index, type])).to.deep.equal([
      [1, 'source-snapshot'],
      [2, 'source-review'],
      [3, 'build'],
      [4, 'rebuild-result'],
    ]);
    const shown = body.bundle.leaves.map(({ index }) => index);
    expect(shown).to.deep.equal([0, 1, 2, 3, 4]);
    for (const { index } of body.verdict.hops) if (index !== undefined) expect(shown).to.include(index);
  });

  it('has in its bundle the file that verifies offline, byte for byte, to the same verdict', async () => {
    const body = bodyOf(await ask(running, path));
    const bytes = utf8(canonicalize(body.bundle));
    const alone = await ask(running, `${path}?format=bundle`);
    expect(Buffer.from(bytes).equals(alone.body)).to.equal(true);
    const verdict = await judgeFile({ digests: { sha256: digest(file) }, bundle: bytes, trust });
    expect(JSON.parse(JSON.stringify(verdictJson(verdict)))).to.deep.equal(body.verdict);
    expect(Buffer.from(formatBundle(parseBundle(bytes))).equals(alone.body)).to.equal(true);
  });

  it('comes in the form that was asked for, as a download where that is the bundle', async () => {
    for (const asked of [
      await ask(running, `${path}?format=bundle`),
      await ask(running, `${path}?format=bundle`, { headers: { accept: 'text/html' } }),
      await ask(running, path, { headers: { accept: bundleType } }),
    ]) {
      expect(asked.headers).to.include({
        'content-type': bundleType,
        'content-disposition': `attachment; filename="sha256-${digest(file).slice(0, 16)}.isal-bundle"`,
        vary: 'Accept',
      });
    }
    for (const headers of [{}, { accept: '*/*' }, { accept: `application/json, ${bundleType};q=0.5` }]) {
      const asked = await ask(running, path, { headers });
      expect(asked.headers['content-type']).to.equal('application/json');
      expect(asked.headers).not.to.have.property('content-disposition');
    }
    const refused = await ask(running, path, { headers: { accept: 'text/html' } });
    expect([refused.status, refused.json['code']]).to.deep.equal([406, 'not-acceptable']);
    const head = await ask(running, path, { method: 'HEAD' });
    expect([head.status, head.text, head.headers['content-type']]).to.deep.equal([
      200,
      '',
      'application/json',
    ]);
  });

  it('may be kept for as long as a checkpoint, and is not sent to whoever has it', async () => {
    const first = await ask(running, path);
    expect(first.headers['cache-control']).to.equal('public, max-age=2');
    const { etag } = first.headers;
    const headers = { 'If-None-Match': etag };
    const again = await ask(running, path, { headers });
    expect([again.status, again.text]).to.deep.equal([304, '']);
    expect((await ask(running, `${path}?format=bundle`, { headers })).status).to.equal(200);
    const other = await ask(running, `/api/v1/artifacts/sha256:${digest('hello_1.2.deb')}`, { headers });
    expect(other.status).to.equal(200);
  });

  it('that nothing recorded names is not found, and that says no more than it can', async () => {
    for (const hex of [digest('nobody has this'), source, leafHashOf(build), leafHashOf(snapshot)]) {
      const { status, json, headers } = await ask(running, `/api/v1/artifacts/sha256:${hex}`);
      expect([status, json['code'], json['size']]).to.deep.equal([404, 'not-recorded', 8]);
      expect(json['got']).to.match(/^none as of 8; that there is none, only a replay of the log proves$/);
      expect(headers['cache-control']).to.equal('no-store');
    }
    expect((await ask(running, `/api/v1/artifacts/sha512:${'0'.repeat(128)}`)).status).to.equal(404);
  });

  const hex = digest(file);
  const refusals: readonly (readonly [what: string, path: string, status: number])[] = [
    ['capital letters', `sha256:${hex.toUpperCase()}`, 400],
    ['one digit less', `sha256:${hex.slice(1)}`, 400],
    ['one digit more', `sha256:${hex}0`, 400],
    ['the length of another algorithm', `sha512:${hex}`, 400],
    ['an algorithm that is not recorded', `sha1:${hex.slice(24)}`, 400],
    ['no algorithm', hex, 400],
    ['an algorithm of Object', `__proto__:${hex}`, 400],
    ['a capital algorithm', `SHA256:${hex}`, 400],
    ['a space', `sha256:%20${hex.slice(1)}`, 400],
    ['a NUL', `sha256:${hex}%00`, 400],
    ['a line feed at its end', `sha256:${hex}%0a`, 400],
    ['a path in it', `sha256:..%2f..%2fetc%2fpasswd`, 400],
    ['a digit that only looks like one', `sha256:${hex.slice(1)}%D9%A1`, 400],
    ['bytes that are not UTF-8', `sha256:%ff${hex}`, 400],
    ['half an escape', `sha256:${hex}%`, 400],
    ['a very long name', `sha256:${'0'.repeat(4_000)}`, 400],
    ['an unknown parameter', `sha256:${hex}?x=1`, 400],
    ['a parameter twice', `sha256:${hex}?format=json&format=json`, 400],
    ['a second digest by the same algorithm', `sha256:${hex}?also=sha256:${hex}`, 400],
    ['a second digest that is none', `sha256:${hex}?also=sha512:${hex}`, 400],
    ['a form that there is not', `sha256:${hex}?format=html`, 400],
    ['a slash behind it', `sha256:${hex}/`, 404],
    ['nothing', '', 404],
  ];
  for (const [what, name, status] of refusals) {
    it(`is refused by a name with ${what}`, async () => {
      const answer = await ask(running, `/api/v1/artifacts/${name}`);
      expect(answer.status, answer.text).to.equal(status);
      expect(answer.headers['content-type']).to.equal('application/problem+json');
      expect(answer.text.length).to.be.lessThan(1_000);
    });
  }

  it('is found by an escaped name as well, and not changed by it', async () => {
    expect((await ask(running, path.replace(':', '%3A'))).status).to.equal(200);
    const posted = await ask(running, path, { method: 'POST', body: '' });
    expect([posted.status, posted.headers.allow]).to.deep.equal([405, 'HEAD, GET, OPTIONS']);
  });

  it('is turned away where there is no memory to hold the answer in', async () => {
    const small = await run({ limits: { bufferedBytes: 16_000 } });
    try {
      expect((await submit(small, build)).status).to.equal(201);
      const { status, json, headers } = await ask(small, path);
      expect([status, json['code'], headers['retry-after']]).to.deep.equal([503, 'queue-full', '1']);
    } finally {
      await small.close();
    }
  });

  it('waits for its turn in a line that has an end', async () => {
    const hold = new Gate();
    class Slow extends MemoryStorage {
      override async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
        await hold.pass();
        return super.getMany(keys);
      }
    }
    const limits = { lines: { ...defaultLimits.lines, long: { running: 1, waiting: 1 } } };
    const narrow = await run({ limits, storage: new Slow() });
    try {
      const paths = [1, 2, 3].map((seq) => `/api/v1/artifacts/sha256:${digest(`hello_1.${seq}.deb`)}`);
      for (const seq of [1, 2, 3]) {
        expect((await submit(narrow, fixtures.build({ seq }))).status).to.equal(201);
      }
      hold.close();
      const [first = '', ...others] = paths;
      const held = [ask(narrow, first)];
      await hold.arrival();
      // Whoever asks for what is being made already takes no turn.
      held.push(ask(narrow, first), ask(narrow, first));
      const late = others.map((path) => ask(narrow, path));
      const refused = await Promise.race(late);
      expect([refused.status, refused.json['code']]).to.deep.equal([503, 'queue-full']);
      hold.open();
      const statuses = (await Promise.all([...held, ...late])).map(({ status }) => status);
      expect(statuses).to.have.members([200, 200, 200, 200, 503]);
      for (const path of paths) expect((await ask(narrow, path)).status).to.equal(200);
    } finally {
      hold.open();
      await narrow.close();
    }
  });

  it('says whose seal it bears, by the anchors that the trust file pins', async () => {
    const pem = (name: string): string => fromUtf8(sealFixtures()[`${name}.pem`] ?? new Uint8Array());
    const trustFile = {
      ...(JSON.parse(formatTrust(trust)) as object),
      seals: { anchors: [pem('root')], timestampAnchors: [pem('tsa-root')] },
    };
    for (const pinned of [parseTrust(utf8(JSON.stringify(trustFile))), trust]) {
      const sealing = await run({ trust: pinned });
      try {
        expect((await submit(sealing, sealedBuild(1, 'good', 'good'))).status).to.equal(201);
        const { verdict } = bodyOf(await ask(sealing, `/api/v1/artifacts/sha256:${sealed.sha256}`));
        const marks = verdict.hops.filter(({ hop }) => hop === 'sealed').map(({ mark }) => mark);
        expect(marks).to.deep.equal([pinned.seals === undefined ? 'not-shown' : 'proven']);
      } finally {
        await sealing.close();
      }
    }
  });

  it('is found by both digests at once, where one entry has the one and a second the other', async () => {
    const sha512 = `${digest('a')}${digest('b')}`;
    const named = (seq: number, own: { sha256?: string; sha512?: string }): Uint8Array =>
      fixtures.build({ seq, file, change: (statement) => (statement.subject = [{ digest: own }]) });
    const other = await run();
    try {
      const bySha512 = named(2, { sha512 });
      const corrected = fixtures.correction({ target: leafHashOf(bySha512) });
      for (const leaf of [named(1, { sha256: digest(file) }), bySha512, corrected]) {
        expect((await submit(other, leaf)).status).to.equal(201);
      }
      const alone = bodyOf(await ask(other, path));
      expect([alone.verdict.answer, alone.verdict.entries]).to.deep.equal(['proven', [1]]);
      const both = bodyOf(await ask(other, `${path}?also=sha512:${sha512}`));
      expect(both.artifact).to.equal(`sha256:${digest(file)}`);
      expect([both.verdict.failure?.code, both.verdict.entries]).to.deep.equal(['corrected', [1, 2]]);
      const swapped = bodyOf(
        await ask(other, `/api/v1/artifacts/sha512:${sha512}?also=sha256:${digest(file)}`),
      );
      expect(swapped.verdict).to.deep.equal(both.verdict);
      const answer = await new LedgerClient(other.server.url).artifact(
        `sha256:${digest(file)}`,
        `sha512:${sha512}`,
      );
      expect(answer?.bundle.leaves.map(({ index }) => index)).to.deep.equal([0, 1, 2, 3]);
    } finally {
      await other.close();
    }
  });

  it('is fetched by the client in one request, and is undefined where there is none', async () => {
    const client = new LedgerClient(running.server.url);
    const before = running.log.length;
    const answer = await client.artifact(`sha256:${digest(file)}`);
    if (answer === undefined) throw new Error('no bundle');
    const { bundle, all } = answer;
    expect(all).to.equal(true);
    const verdict = await judgeFile({ digests: { sha256: digest(file) }, bundle, trust });
    expect(verdict.answer).to.equal('proven');
    expect(running.log.length - before).to.equal(1);
    expect(await client.artifact(`sha256:${digest('nobody has this')}`)).to.equal(undefined);
    const elsewhere = new LedgerClient(`${running.server.url}/elsewhere`);
    expect(await elsewhere.artifact(`sha256:${digest(file)}`)).to.equal(undefined);
  });
});

describe('http: an artefact in a ledger that grows', () => {
  let running: Running;
  let trust: Trust;
  beforeEach(async () => {
    running = await run();
    trust = trustOf(running);
  });
  afterEach(() => running.close());

  const path = `/api/v1/artifacts/sha256:${digest(file)}`;

  it('is read as of one publication, whatever is recorded meanwhile', async () => {
    const target = leafHashOf(build);
    const correction = fixtures.correction({ target });
    expect((await submit(running, build)).status).to.equal(201);
    const tree = new PublishedTree(running.ledger);
    expect((await submit(running, correction)).status).to.equal(201);
    expect(tree.size).to.equal(2);
    const filters = { subject: `sha256:${target}`, type: 'correction' } as const;
    expect(await tree.search(filters, { limit: 16 })).to.deep.equal([]);
    expect(await new PublishedTree(running.ledger).search(filters, { limit: 16 })).to.deep.equal([2]);
    expect((await rejection(() => tree.byIndex(2))).code).to.equal('out-of-range');
    expect((await rejection(() => tree.byLeafHash(leafHashOf(correction)))).code).to.equal('not-found');
    const { leaf, proof } = await tree.byLeafHash(target);
    const bundle = {
      checkpoint: tree.checkpoint,
      leaves: [await tree.byIndex(0), { index: 1, leaf, proof }],
    };
    expect(verifyBundle({ bundle, trust }).summary.size).to.equal(2);
  });

  it('is answered under one checkpoint each time, with all that was recorded below it', async () => {
    expect((await submit(running, build)).status).to.equal(201);
    const sizes = new Set<number>();
    const check = (answer: Answer): void => {
      expect(answer.status, answer.text).to.equal(200);
      const body = answer.headers['content-type'] === 'application/json' ? answer.json : undefined;
      const bytes = body === undefined ? answer.body : utf8(canonicalize(body['bundle'] as JsonValue));
      // Throws if one leaf is not of the tree of the one checkpoint.
      const { summary, walk } = verifyBundle({ bundle: parseBundle(new Uint8Array(bytes)), trust });
      sizes.add(summary.size);
      if (body === undefined) return;
      expect(body['size']).to.equal(summary.size);
      const stands = walk.entries.every(({ attestation }) => attestation.type !== 'correction');
      expect((body['verdict'] as VerdictJson).answer).to.equal(stands ? 'proven' : 'contradicted');
    };
    for (let seq = 1; seq <= 12; seq++) {
      const correction = fixtures.correction({ seq, target: leafHashOf(build), kind: 'erratum' });
      const [json, bundle] = await Promise.all([
        ask(running, path),
        ask(running, `${path}?format=bundle`),
        submit(running, fixtures.build({ seq: seq + 1 })),
        submit(running, correction),
      ]);
      check(json);
      check(bundle);
    }
    expect(sizes.size).to.be.at.least(12);
    const { verdict, entries } = (await ask(running, path)).json as unknown as Body;
    expect(verdict.failure?.code).to.equal('corrected');
    expect(entries.filter(({ type }) => type === 'correction')).to.have.length(12);
  });

  it('shows a key that a later authority document revoked', async () => {
    expect((await submit(running, build)).status).to.equal(201);
    const compromised = fixtures.authorityDocument({
      version: 2,
      previous: leafHashOf(fixtures.genesis()),
      revocations: [{ keyid: fixtures.builder.keyid, kind: 'compromised', fromLeaf: 1, reason: 'Stolen.' }],
    });
    const before = (await ask(running, path)).headers.etag;
    expect((await submit(running, compromised)).status).to.equal(201);
    const answer = await ask(running, path, { headers: { 'If-None-Match': before } });
    expect(answer.status).to.equal(200);
    const { verdict } = answer.json as unknown as Body;
    expect([verdict.answer, verdict.failure?.code]).to.deep.equal(['contradicted', 'key-not-in-force']);
  });
});
