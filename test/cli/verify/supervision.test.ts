import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { utf8 } from '../../../src/bytes.ts';
import { bundle, proof, verify } from '../../../src/cli/verify/commands.ts';
import type { HopName } from '../../../src/verifier/judging/hops/hop.ts';
import type { Facts } from '../../../src/verifier/judging/hops/hop-table.ts';
import { en } from '../../../src/words/index.ts';
import type { HopJson } from '../../../src/words/index.ts';
import {
  authorityDocument,
  build,
  correction,
  databaseUpdate,
  digest,
  leafHashOf,
  rebuildResult,
  reviewer,
  signers,
  sourceReview,
  sourceSnapshot,
} from '../../fixtures/attestations.ts';
import { Network } from '../../hostile/answers.ts';
import type { Reply } from '../../hostile/answers.ts';
import { genesis } from '../../ledger/site.ts';
import { Desk } from '../desk.ts';
import { hopOf, hopsOf, marksIn, told } from '../told.ts';

const content = utf8('the installer that the vendor shipped');
const sha256 = createHash('sha256').update(content).digest('hex');
const manifest = digest('manifest');
const snapshot = sourceSnapshot({ manifestSha256: manifest });
const review = sourceReview({ snapshot: { leafHash: leafHashOf(snapshot), sha256: manifest } });
const made = build({ sha256, file: 'setup.bin', sourceSha256: manifest });
const rebuild = (verdict: 'equivalent' | 'different', seq = 1): Uint8Array =>
  rebuildResult({
    seq,
    build: { leafHash: leafHashOf(made), sha256 },
    change: ({ predicate }) => {
      predicate.verdict = verdict;
      predicate.unexplainedBytes = verdict === 'different' ? 12_345 : 0;
    },
  });

const missing: Reply = {
  status: 404,
  body: utf8(JSON.stringify({ code: 'not-found', detail: 'nothing here' })),
};
const empty: Reply = { status: 200, body: utf8(JSON.stringify({ items: [], next: null })) };

/** Denies whatever names or is one of these types, by search and by leaf hash. */
const denying =
  (...types: readonly string[]) =>
  (path: string, honest: Reply): Reply => {
    const query = new URLSearchParams(path.split('?')[1]);
    if (path.startsWith('api/v1/artifacts/')) return missing;
    if (path.startsWith('api/v1/attestations') && types.includes(query.get('type') ?? '')) return empty;
    if (path.startsWith('api/v1/proofs/inclusion') && query.has('leafHash') && types.length > 0)
      return missing;
    return honest;
  };

async function deskWith(...leaves: readonly Uint8Array[]): Promise<{ desk: Desk; file: string }> {
  const desk = await Desk.open(leaves);
  return { desk, file: await desk.write('setup.bin', content) };
}

describe('isal verify of a supervised file', () => {
  let desk: Desk;
  let file: string;
  before(async () => {
    ({ desk, file } = await deskWith(snapshot, review, made, rebuild('equivalent')));
  });
  after(() => desk.close());

  it('tells each hop with its leaf, marks what is less than it seems, and says so in the answer', async () => {
    const { status, stdout } = await desk.online(verify, file);
    expect(status, stdout).to.equal(0);
    expect(marksIn(stdout)).to.deep.equal([
      '✓ Recorded',
      '✓ Built',
      '✓ Source',
      '! Reviewed',
      '✓ Rebuilt',
      '✓ Keys',
      '? Revocations',
      '? Corrections',
    ]);
    const { proven } = en.answers;
    const { 'partly-reviewed': partly, 'review-findings': findings } = en.shortcomings;
    expect(stdout).to.match(new RegExp(`^ANSWER +${proven}; ${partly}, ${findings}\\.$`, 'm'));
    expect(stdout).to.match(/^Saved .*setup\.bin\.isal-bundle \(verifies offline\)$/m);
    const offline = await desk.offline(verify, file, '--offline');
    expect(offline.status).to.equal(0);
    const lines = (text: string): string[] => text.split('\n').filter((line) => /^[✓!?]/.test(line));
    expect(lines(offline.stdout)).to.deep.equal(lines(stdout));
    const verdict = told((await desk.offline(verify, file, '--offline', '--json')).stdout);
    expect(hopOf(verdict, 'source')).to.include({ mark: 'proven', index: 1, entry: 3 });
    expect(hopOf(verdict, 'source').facts).to.include({ product: 'hello', files: 9310, value: manifest });
    expect(hopOf(verdict, 'reviewed')).to.include({ mark: 'proven', qualified: true, index: 2 });
    expect(hopOf(verdict, 'reviewed').facts).to.include({
      depth: 'targeted',
      filesCovered: 412,
      filesTotal: 9310,
      whole: false,
    });
    expect(hopOf(verdict, 'rebuilt')).to.include({ mark: 'proven', index: 4 });
    expect(hopOf(verdict, 'rebuilt').facts).to.include({
      verdict: 'equivalent',
      normalisations: 'signature-block',
      unexplainedBytes: 0,
    });
  });

  it('refuses with status 3 what lacks a requirement, and names the line that lacks', async () => {
    const met = await desk.online(verify, file, '--require', 'source,review=targeted,rebuild,country=CH');
    expect(met.status, met.stdout).to.equal(0);
    for (const [list, lacks, instead] of [
      ['review=full', 'review=full', 'reviewed'],
      ['source,rebuild=identical', 'rebuild=identical', 'rebuilt'],
      ['corrections', 'corrections', 'corrections'],
    ] as const) {
      const { status, stdout } = await desk.offline(verify, file, '--offline', '--require', list);
      expect(status, stdout).to.equal(3);
      expect(stdout).to.contain(en.answers['requirement-not-met']);
      expect(stdout).to.contain('isal explain requirement-not-met');
      const json = await desk.offline(verify, file, '--offline', '--json', '--require', list);
      const { answer, failure, hops } = told(json.stdout);
      expect(answer).to.equal('policy');
      expect(failure).to.include({ code: 'requirement-not-met', expected: lacks, index: 3 });
      expect(failure?.got).to.equal(`${instead}: ${hopOf({ hops }, instead).text}`);
    }
    const whole = await desk.online(verify, file, '--replay', '--require', 'corrections,revocations');
    expect(whole.status, whole.stdout).to.equal(0);
    const json = await desk.offline(verify, file, '--offline', '--json', '--require', 'seal');
    expect(JSON.parse(json.stdout)).to.deep.include({ answer: 'policy', exit: 3, required: ['seal'] });
    expect((await desk.offline(verify, file, '--offline', '--require', 'everything')).status).to.equal(4);
    expect((await desk.offline(verify, '--evidence', file, '--require', 'source')).status).to.equal(4);
  });

  it('is inspected in its bundle hop by hop, and a proof says what it cannot show', async () => {
    const shown = await desk.offline(bundle, 'inspect', `${file}.isal-bundle`);
    expect(shown.status, shown.stdout).to.equal(0);
    expect(shown.stdout.match(/^✓ Leaf /gm)).to.have.length(5);
    expect(shown.stdout).to.match(/^Leaf +3, build hello 1\.1\n/m);
    expect(marksIn(shown.stdout).slice(6, 10)).to.deep.equal([
      '✓ Recorded',
      '✓ Built',
      '✓ Source',
      '! Reviewed',
    ]);
    const { stdout } = await desk.offline(bundle, 'inspect', `${file}.isal-bundle`, '--json');
    const { about } = JSON.parse(stdout) as { about: { index: number; hops: HopJson[] }[] };
    expect(about.map(({ index }) => index)).to.deep.equal([3]);
    expect(about[0]?.hops.map(({ hop }) => hop)).to.include.members(['source', 'reviewed', 'rebuilt']);
    const out = desk.path('one.tlog-proof');
    await desk.online(proof, 'inclusion', '--index', '3', '--out', out);
    const alone = await desk.offline(proof, 'inspect', out);
    expect(marksIn(alone.stdout)).to.include('? Corrections');
  });

  it('is in the bundle of its entry by index, too', async () => {
    const out = desk.path('three.isal-bundle');
    expect((await desk.online(bundle, 'get', '3', '--out', out)).stdout).to.contain('5 leaves as of size 5');
  });
});

describe('isal verify of a file about which there is more than one answer holds', () => {
  let desk: Desk;
  let file: string;
  before(async () => {
    const rebuilds = Array.from({ length: 17 }, (_, i) => rebuild('equivalent', i + 1));
    ({ desk, file } = await deskWith(snapshot, review, made, ...rebuilds));
  });
  after(() => desk.close());

  const more = /^\? More .*\(isal verify --replay reads it all\)$/m;

  it('says so, in one request or in many, and is as proven as it was', async () => {
    const network = new Network(desk.server.url);
    const byOne = await desk.online(verify, file);
    const byMany = await network.run(() => desk.online(verify, file), denying());
    for (const { status, stdout } of [byOne, byMany]) {
      expect(status, stdout).to.equal(0);
      expect(stdout)
        .to.match(more)
        .and.to.match(/^✓ Rebuilt/m);
    }
    const json = await desk.online(verify, file, '--json');
    const { hops } = told(json.stdout);
    expect(hops.at(-1)).to.deep.include({ hop: 'more', mark: 'not-shown', facts: { all: false } });
    const saved = await desk.online(bundle, 'get', file, '--out', desk.path('got.isal-bundle'));
    expect(saved.stdout).to.match(more);
  });

  it('says nothing of it when the whole log was read, or when the answer holds all', async () => {
    expect((await desk.online(verify, file, '--replay')).stdout).to.not.match(/More/);
    const { desk: small, file: whole } = await deskWith(snapshot, review, made, rebuild('equivalent'));
    try {
      expect((await small.online(verify, whole)).stdout).to.not.match(/More/);
    } finally {
      await small.close();
    }
  });
});

describe('isal verify of a file that something speaks against', () => {
  it('keeps the bundle that shows a rebuild that differs, which convicts without the ledger', async () => {
    const { desk, file } = await deskWith(snapshot, review, made, rebuild('different'));
    try {
      const { status, stdout } = await desk.online(verify, file);
      expect(status, stdout).to.equal(1);
      expect(marksIn(stdout)).to.include('✗ Rebuilt');
      expect(stdout).to.contain('isal explain rebuild-differs').and.to.contain(en.answers.contradicted);
      expect(stdout).to.match(/^Saved .* \(shows the contradiction offline\)$/m);
      const offline = await desk.offline(verify, file, '--offline', '--json');
      expect(offline.status).to.equal(1);
      expect(hopOf(told(offline.stdout), 'rebuilt')).to.include({ mark: 'contradicted', index: 4 });
      expect(hopOf(told(offline.stdout), 'rebuilt').facts).to.include({
        verdict: 'different',
        unexplainedBytes: 12_345,
        code: 'rebuild-differs',
      });
      const inspected = await desk.offline(bundle, 'inspect', `${file}.isal-bundle`);
      expect(inspected.status).to.equal(1);
      expect(inspected.stdout).to.match(/^✗ Rebuilt/m);
    } finally {
      await desk.close();
    }
  });

  const stolen = authorityDocument({
    version: 2,
    previous: leafHashOf(genesis),
    signers,
    revocations: [{ keyid: reviewer.keyid, kind: 'compromised', fromLeaf: 1, reason: 'a test' }],
  });
  const withheld: readonly (readonly [string, Uint8Array, string, HopName, Facts])[] = [
    [
      'a rebuild that differs',
      rebuild('different', 2),
      'rebuild-result',
      'rebuilt',
      { verdict: 'different' },
    ],
    [
      'a correction of the review',
      correction({ target: leafHashOf(review) }),
      'correction',
      'reviewed',
      { code: 'corrected' },
    ],
    [
      'a key that was stolen from the reviewer',
      stolen,
      'authority',
      'reviewed',
      { code: 'key-not-in-force', keyid: reviewer.keyid, status: 'compromised' },
    ],
  ];
  for (const [what, leaf, type, name, facts] of withheld) {
    it(`finds ${what} by --replay when the server hides it, and keeps it in the bundle`, async () => {
      const { desk, file } = await deskWith(snapshot, review, made, rebuild('equivalent'), leaf);
      const network = new Network(desk.server.url);
      const honest = { leafHash: leafHashOf(genesis), index: 0, version: 1 };
      const hides = (path: string, reply: Reply): Reply =>
        type === 'authority' && path === 'api/v1/authority'
          ? { status: 200, body: utf8(JSON.stringify({ ...honest, document: { origin: 'x' } })) }
          : denying(type, 'source-review')(path, reply);
      try {
        const fooled = await network.run(() => desk.online(verify, file), hides);
        expect(fooled.status, fooled.stdout).to.equal(0);
        expect(fooled.stdout)
          .to.match(/^\? Corrections/m)
          .and.to.match(/^\? Reviewed/m);
        const found = await network.run(() => desk.online(verify, file, '--replay'), hides);
        expect(found.status, found.stdout).to.equal(1);
        expect(marksIn(found.stdout)).to.include(`✗ ${en.labels[name]}`);
        expect(found.stdout).to.match(/^Saved .* \(shows the contradiction offline\)$/m);
        const offline = await desk.offline(verify, file, '--offline', '--json');
        expect(offline.status, offline.stdout).to.equal(1);
        const [hop] = hopsOf(told(offline.stdout), name).filter(({ mark }) => mark === 'contradicted');
        expect(hop?.facts).to.include(facts);
      } finally {
        await desk.close();
      }
    });
  }

  it('finds source, review and rebuild by --replay when the server hides all of them', async () => {
    const { desk, file } = await deskWith(snapshot, review, made, rebuild('equivalent'));
    const network = new Network(desk.server.url);
    try {
      const hides = denying('source-snapshot', 'source-review', 'rebuild-result', 'correction');
      const fooled = await network.run(() => desk.online(verify, file), hides);
      expect(marksIn(fooled.stdout)).to.include.members(['? Source', '? Rebuilt']);
      const { proven } = en.answers;
      const { 'no-source': source, 'no-rebuild': none } = en.shortcomings;
      expect(fooled.stdout).to.match(new RegExp(`^ANSWER +${proven}; ${source}, ${none}\\.$`, 'm'));
      const found = await network.run(() => desk.online(verify, file, '--replay'), hides);
      expect(found.status, found.stdout).to.equal(0);
      expect(found.stdout)
        .to.match(/^✓ Source/m)
        .and.to.match(/^! Reviewed/m)
        .and.to.match(/^✓ Rebuilt/m);
      const offline = await desk.offline(verify, file, '--offline', '--require', 'source,review,rebuild');
      expect(offline.status, offline.stdout).to.equal(0);
    } finally {
      await desk.close();
    }
  });

  it('closes by --replay what is open: none among all leaves, which is no tick', async () => {
    const { desk, file } = await deskWith(made);
    try {
      const { status, stdout } = await desk.online(verify, file, '--replay', '--json');
      expect(status, stdout).to.equal(0);
      for (const name of ['source', 'reviewed', 'rebuilt'] as const) {
        const { mark, facts } = hopOf(told(stdout), name);
        expect(mark, name).to.equal('not-shown');
        expect(facts, name).to.include({ absent: true, size: 2 });
      }
    } finally {
      await desk.close();
    }
  });

  it('follows a database update back, and by --replay to a state that nothing records', async () => {
    const third = databaseUpdate({
      seq: 3,
      change: (statement) => {
        statement.predicate.result = { sha256 };
        statement.subject = [{ digest: { sha256 } }];
        statement.predicate.previous = { version: '2026.2', result: { sha256: digest('threats 2') } };
      },
    });
    const whole = await deskWith(databaseUpdate(), databaseUpdate({ seq: 2 }), third);
    const skipped = await deskWith(databaseUpdate(), third);
    try {
      const { status, stdout } = await whole.desk.online(verify, whole.file, '--require', 'chain');
      expect(status, stdout).to.equal(0);
      expect(marksIn(stdout)).to.include('✓ Chain');
      const chainOf = ({ stdout: json }: { readonly stdout: string }): HopJson => hopOf(told(json), 'chain');
      const unbroken = chainOf(await whole.desk.online(verify, whole.file, '--json'));
      expect(unbroken).to.include({ mark: 'proven', index: 1 });
      expect(unbroken.facts).to.include({ end: 'first', version: '2026.1', updates: 3, oldest: 1 });
      const open = await skipped.desk.online(verify, skipped.file, '--json');
      expect(open.status).to.equal(0);
      expect(chainOf(open).mark).to.equal('not-shown');
      expect(chainOf(open).facts).to.include({ end: 'open', link: 'skips' });
      const broken = await skipped.desk.online(verify, skipped.file, '--replay', '--json');
      expect(broken.status, broken.stdout).to.equal(1);
      expect(chainOf(broken).mark).to.equal('contradicted');
      expect(chainOf(broken).facts).to.include({ end: 'broken', link: 'skips', code: 'chain-broken' });
      expect(told(broken.stdout)).not.to.have.property('saved');
    } finally {
      await whole.desk.close();
      await skipped.desk.close();
    }
  });
});
