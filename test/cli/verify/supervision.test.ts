import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { utf8 } from '../../../src/bytes.ts';
import { bundle, proof, verify } from '../../../src/cli/verify/commands.ts';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
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
    expect(stdout).to.match(
      /^✓ Source +sha256 \S+ is the escrowed snapshot of hello 1\.1: 9,310 files, .* \(leaf 1\)$/m,
    );
    expect(stdout).to.match(/^! Reviewed +targeted: 412 of 9,310 files, not full; .* \(leaf 2\)$/m);
    expect(stdout).to.match(
      /^✓ Rebuilt +equivalent after normalising signature-block; 0 bytes unexplained; .* \(leaf 4\)$/m,
    );
    expect(stdout).to.match(
      /^ANSWER +recorded and supervised; source only partly reviewed, the review has findings\.$/m,
    );
    expect(stdout).to.match(/^Saved .*setup\.bin\.isal-bundle \(verifies offline\)$/m);
    const offline = await desk.offline(verify, file, '--offline');
    expect(offline.status).to.equal(0);
    const lines = (text: string): string[] => text.split('\n').filter((line) => /^[✓!?]/.test(line));
    expect(lines(offline.stdout)).to.deep.equal(lines(stdout));
  });

  it('refuses with status 3 what lacks a requirement, and names the line that lacks', async () => {
    const met = await desk.online(verify, file, '--require', 'source,review=targeted,rebuild,country=CH');
    expect(met.status, met.stdout).to.equal(0);
    for (const [list, line] of [
      ['review=full', /reviewed: targeted: 412 of 9,310 files, not full/],
      ['source,rebuild=identical', /rebuilt: equivalent/],
      ['corrections', /--replay proves it/],
    ] as const) {
      const { status, stdout } = await desk.offline(verify, file, '--offline', '--require', list);
      expect(status, stdout).to.equal(3);
      expect(stdout)
        .to.match(line)
        .and.to.match(/^ANSWER +not accepted\. .* lacks what you require\.$/m);
      expect(stdout).to.contain('isal explain requirement-not-met');
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
    expect(shown.stdout).to.match(
      /^Leaf +3, build hello 1\.1\n✓ Recorded.*\n✓ Built.*\n✓ Source.*\n! Reviewed/m,
    );
    const { stdout } = await desk.offline(bundle, 'inspect', `${file}.isal-bundle`, '--json');
    const { about } = JSON.parse(stdout) as { about: { index: number; hops: Verdict['hops'] }[] };
    expect(about.map(({ index }) => index)).to.deep.equal([3]);
    expect(about[0]?.hops.map(({ hop }) => hop)).to.include.members(['source', 'reviewed', 'rebuilt']);
    const out = desk.path('one.tlog-proof');
    await desk.online(proof, 'inclusion', '--index', '3', '--out', out);
    const alone = await desk.offline(proof, 'inspect', out);
    expect(alone.stdout).to.match(/^\? Corrections +what supervises or corrects it is in other leaves/m);
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

  const more =
    /^\? More +the ledger has more about this than one answer holds \(isal verify --replay reads it all\)$/m;

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
    const { hops } = JSON.parse(json.stdout) as Verdict;
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
      expect(stdout).to.match(/^✗ Rebuilt +different: 12,345 bytes unexplained/m);
      expect(stdout).to.contain('isal explain rebuild-differs').and.to.contain('CONTRADICTED');
      expect(stdout).to.match(/^Saved .* \(shows the contradiction offline\)$/m);
      expect((await desk.offline(verify, file, '--offline')).status).to.equal(1);
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
  const withheld: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
    ['a rebuild that differs', rebuild('different', 2), 'rebuild-result', /^✗ Rebuilt +different/m],
    ['a correction of the review', correction({ target: leafHashOf(review) }), 'correction', /^✗ Reviewed/m],
    [
      'a key that was stolen from the reviewer',
      stolen,
      'authority',
      /^✗ Reviewed .*is compromised as of leaf 2/m,
    ],
  ];
  for (const [what, leaf, type, line] of withheld) {
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
        expect(found.stdout).to.match(line);
        expect(found.stdout).to.match(/^Saved .* \(shows the contradiction offline\)$/m);
        const offline = await desk.offline(verify, file, '--offline');
        expect(offline.status, offline.stdout).to.equal(1);
        expect(offline.stdout).to.match(line);
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
      expect(fooled.stdout)
        .to.match(/^\? Source/m)
        .and.to.match(/^\? Rebuilt/m);
      expect(fooled.stdout).to.match(
        /^ANSWER +recorded and supervised; source not shown, no rebuild shown\.$/m,
      );
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
      const { status, stdout } = await desk.online(verify, file, '--replay');
      expect(status, stdout).to.equal(0);
      expect(stdout).to.match(/^\? Source .*no escrowed snapshot of it among all 2 leaves$/m);
      expect(stdout).to.match(/^\? Reviewed +no review of its source among all 2 leaves$/m);
      expect(stdout).to.match(/^\? Rebuilt +no rebuild of it among all 2 leaves$/m);
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
      expect(stdout).to.match(/^✓ Chain +unbroken to the first, 2026\.1, 2 updates back \(leaf 1\)$/m);
      const open = await skipped.desk.online(verify, skipped.file);
      expect(open.status).to.equal(0);
      expect(open.stdout).to.match(/^\? Chain .*2026\.2 before it not shown as of 3$/m);
      const broken = await skipped.desk.online(verify, skipped.file, '--replay');
      expect(broken.status, broken.stdout).to.equal(1);
      expect(broken.stdout).to.match(/^✗ Chain +broken: .*follows a state that no leaf records/m);
      expect(broken.stdout).not.to.contain('Saved');
    } finally {
      await whole.desk.close();
      await skipped.desk.close();
    }
  });
});
