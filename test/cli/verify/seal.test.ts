import { expect } from 'chai';
import { fromUtf8, toBase64 } from '../../../src/bytes.ts';
import { attest } from '../../../src/cli/attest/commands.ts';
import { verify } from '../../../src/cli/verify/commands.ts';
import { buildStatement, dataAccessStatement, databaseUpdateStatement } from '../../fixtures/attestations.ts';
import { fixtures } from '../../seal/fixtures.ts';
import { content, otherContent } from '../../seal/make.ts';
import { sealedBuild } from '../../seal/sealed-build.ts';
import { digests } from '../../seal/suite.ts';
import { en } from '../../../src/words/index.ts';
import { Desk } from '../desk.ts';
import { hopOf, marksIn, told } from '../told.ts';
import type { Told } from '../told.ts';

const made = fixtures();
const bytes = (name: string): Uint8Array => made[name] ?? new Uint8Array();
type Build = ReturnType<typeof buildStatement>;

const pem = (name: string): string => fromUtf8(bytes(`${name}.pem`));

async function deskWith(leaf: Uint8Array): Promise<{ desk: Desk; file: string; lists: string[] }> {
  const desk = await Desk.open([leaf]);
  const file = await desk.write('setup.bin', content);
  await desk.write(
    'trust.json',
    desk.trust({ seals: { anchors: [pem('root')], timestampAnchors: [pem('tsa-root')] } }),
  );
  const lists: string[] = [];
  for (const name of ['issuing', 'root', 'tsa-root'])
    lists.push('--crl', await desk.write(`${name}.crl`, bytes(`${name}.crl`)));
  return { desk, file, lists };
}

describe('isal verify, of a sealed file', () => {
  it('says whose seal it is, and that revocation lists are not shown, or show nothing', async () => {
    const { desk, file, lists } = await deskWith(sealedBuild(1, 'good', 'good'));
    try {
      const bare = await desk.online(verify, file);
      expect(bare.status, bare.stdout).to.equal(0);
      expect(bare.stdout).to.match(/^! Sealed +Muster Software AG .* \(--crl shows them\)$/m);
      expect(bare.stdout.indexOf('Sealed')).to.be.below(bare.stdout.indexOf('Keys'));
      const unlisted = hopOf(told((await desk.online(verify, file, '--json')).stdout), 'sealed');
      expect(unlisted).to.include({ mark: 'proven', qualified: true, index: 1, entry: 1 });
      expect(unlisted.facts).to.include({
        organisation: 'Muster Software AG',
        issuer: 'Test Trust AG (CH)',
        timestampAuthority: 'Test Trust AG (CH)',
        revocation: 'not-shown',
      });
      expect(unlisted.facts['time']).to.match(/^20\S+Z$/);
      const listed = await desk.offline(verify, file, '--offline', ...lists, '--json');
      const sealed = hopOf(told(listed.stdout), 'sealed');
      expect(sealed).to.include({ mark: 'proven', index: 1, entry: 1 }).and.not.to.have.property('qualified');
      expect(sealed.facts).to.include({
        organisation: 'Muster Software AG',
        organisationIdentifier: 'NTRCH-CHE-123.456.789',
        commonName: 'Muster Software AG Siegel',
        country: 'CH',
        key: 'ECDSA P-256',
        hash: 'SHA-256',
        legislation: 'CH',
        forSeals: true,
        revocation: 'none',
      });
      expect((await desk.offline(verify, file, '--offline', '--require', 'seal')).status).to.equal(0);
      const replayed = await desk.online(verify, file, '--replay', ...lists);
      expect(marksIn(replayed.stdout)).to.include('✓ Sealed');
    } finally {
      await desk.close();
    }
  });

  it('leaves it open without anchors, without a time-stamp, or for another organisation', async () => {
    const { desk, file } = await deskWith(sealedBuild(1, 'good', 'good'));
    try {
      await desk.online(verify, file);
      const judge = async (trust: string, ...more: readonly string[]): Promise<Told> => {
        const args = [file, '--offline', '--json', '--trust', trust, ...more];
        const { status, stdout } = await desk.run(verify, ...args);
        expect(status, stdout).to.equal(0);
        return told(stdout);
      };
      const open = async (trust: string, ...more: readonly string[]): Promise<unknown[]> => {
        const { mark, facts } = hopOf(await judge(trust, ...more), 'sealed');
        return [mark, facts['open']];
      };
      const bare = await desk.write('bare.json', desk.trust());
      expect(await open(bare)).to.deep.equal(['not-shown', 'untrusted-time']);
      const none = await desk.run(verify, file, '--offline', '--trust', bare);
      expect(marksIn(none.stdout)).to.include('? Sealed');
      expect(none.stdout).to.contain(en.shortcomings['seal-unproven']);
      const required = await desk.run(verify, file, '--offline', '--trust', bare, '--require', 'seal');
      expect(required.status, required.stdout).to.equal(3);
      expect(required.stdout).to.contain('requirement-not-met');
      const root = await desk.write('root.pem', pem('root'));
      const tsa = await desk.write('tsa.pem', pem('tsa-root'));
      const stamped = ['--timestamp-anchors', tsa];
      expect(await open(bare, ...stamped)).to.deep.equal(['not-shown', 'untrusted']);
      const proven = hopOf(await judge(bare, ...stamped, '--seal-anchors', root), 'sealed');
      expect(proven).to.include({ mark: 'proven', qualified: true });
      const pinned = {
        anchors: [pem('root')],
        timestampAnchors: [pem('tsa-root')],
        organisations: ['NTRCH-CHE-9'],
      };
      const strict = await desk.write('strict.json', desk.trust({ seals: pinned }));
      expect(await open(strict)).to.deep.equal(['not-shown', 'untrusted']);
    } finally {
      await desk.close();
    }
    const undated = await deskWith(sealedBuild(1, 'good'));
    try {
      const { status, stdout } = await undated.desk.online(verify, undated.file, '--json');
      expect(status, stdout).to.equal(0);
      const { mark, facts } = hopOf(told(stdout), 'sealed');
      expect([mark, facts['open']]).to.deep.equal(['not-shown', 'undated']);
    } finally {
      await undated.desk.close();
    }
  });

  it('is contradicted by a seal over another file or of a revoked certificate, keeps that, and repeats it offline', async () => {
    for (const [leaf, crl, said] of [
      [sealedBuild(1, 'other'), [], 'the seal is over another file'],
      [sealedBuild(1, 'revoked', 'revoked'), ['issuing'], 'was revoked as of 2021-01-01T00:00:00Z'],
      [sealedBuild(1, 'two-signers'), [], 'a seal has one signer'],
    ] as const) {
      const { desk, file, lists } = await deskWith(leaf);
      try {
        for (const how of [[], ['--replay']]) {
          const { status, stdout } = await desk.online(
            verify,
            file,
            ...how,
            ...(crl.length === 0 ? [] : lists),
          );
          expect(status, stdout).to.equal(1);
          expect(stdout)
            .to.match(/^✗ Sealed/m)
            .and.to.contain(said)
            .and.to.contain(en.answers.contradicted);
          expect(stdout).to.match(/code +(seal-invalid|malformed-seal) /);
          expect(stdout).to.contain('shows the contradiction offline');
        }
        const offline = await desk.offline(verify, file, '--offline', ...(crl.length === 0 ? [] : lists));
        expect(offline.status).to.equal(1);
        expect(offline.stdout).to.contain(said);
      } finally {
        await desk.close();
      }
    }
  });

  it('tells a fault in the user’s own anchors and lists as a fault of the command line', async () => {
    const { desk, file } = await deskWith(sealedBuild(1, 'good', 'good'));
    try {
      const text = await desk.write('text.pem', 'hello');
      const seal = await desk.write('seal.p7s', bytes('good.p7s'));
      for (const args of [
        ['--seal-anchors', text],
        ['--timestamp-anchors', seal],
        ['--crl', text],
        ['--crl', seal],
        ['--seal-anchors', desk.path('none.pem')],
      ]) {
        const { status, error } = await desk.online(verify, file, ...args);
        expect(status, args.join(' ')).to.equal(4);
        expect(error?.code).to.be.oneOf(['usage', 'file-unreadable']);
      }
    } finally {
      await desk.close();
    }
  });
});

describe('isal attest seal', () => {
  let desk: Desk;
  let file: string;
  let statement: string;
  before(async () => {
    desk = await Desk.open([]);
    file = await desk.write('setup.bin', content);
    for (const name of [
      'good.p7s',
      'other.p7s',
      'streamed.p7s',
      'expired.p7s',
      'good.tst',
      'good.tsr',
      'rsa.tst',
      'expired.tst',
    ]) {
      await desk.write(name, bytes(name));
    }
    for (const name of ['root', 'tsa-root', 'stranger']) await desk.write(`${name}.pem`, pem(name));
  });
  beforeEach(async () => {
    statement = await desk.write(
      'build.json',
      JSON.stringify(buildStatement({ sha256: digests.sha256, file: 'setup.bin' })),
    );
  });
  after(() => desk.close());

  const seal = (...args: readonly string[]): ReturnType<Desk['run']> =>
    desk.run(attest, 'seal', statement, '--file', file, ...args);
  const anchors = (): string[] => [
    '--seal-anchors',
    desk.path('root.pem'),
    '--timestamp-anchors',
    desk.path('tsa-root.pem'),
  ];
  const good = (): string[] => ['--cms', desk.path('good.p7s'), '--timestamp', desk.path('good.tsr')];

  it('puts a seal with its time-stamp into a build, which is signed as ever', async () => {
    const { status, stdout } = await seal(...good(), ...anchors());
    expect(status).to.equal(0);
    expect(stdout).to.match(/^✓ Sealed +Muster Software AG/m);
    const filled = JSON.parse(fromUtf8(await desk.read('build.json'))) as Build;
    expect(filled.predicate.isal_supervision.seals).to.deep.equal([
      {
        subject: { sha256: digests.sha256 },
        cms: toBase64(bytes('good.p7s')),
        // The token alone, as it stands in the answer of the service.
        timestamp: toBase64(bytes('good.tst')),
      },
    ]);
    expect((await desk.run(attest, 'lint', statement)).status).to.equal(0);
  });

  it('puts one into a database update, and takes a seal in PEM', async () => {
    const update = databaseUpdateStatement();
    update.subject = [{ name: 'setup.bin', digest: { ...digests } }];
    update.predicate.result = { ...digests };
    await desk.write('build.json', JSON.stringify(update));
    const body = toBase64(bytes('good.p7s')).replaceAll(/.{64}/g, '$&\n');
    const cms = await desk.write('good.pem', `-----BEGIN CMS-----\n${body}\n-----END CMS-----\n`);
    const { status, stdout } = await seal('--cms', cms, '--timestamp', desk.path('good.tst'), '--json');
    expect(status).to.equal(0);
    expect(JSON.parse(stdout)).to.include({
      organisationIdentifier: 'NTRCH-CHE-123.456.789',
      open: 'untrusted-time',
    });
    const filled = JSON.parse(fromUtf8(await desk.read('build.json'))) as typeof update;
    expect(filled.predicate.seals?.[0]?.subject).to.deep.equal(digests);
  });

  it('refuses a seal that speaks against itself or leads to nobody, and leaves the statement as it was', async () => {
    const before = await desk.read('build.json');
    const other = await desk.write('other.bin', otherContent);
    const cases: readonly (readonly [readonly string[], number, string])[] = [
      [['--cms', desk.path('other.p7s')], 1, 'seal-invalid'],
      [['--cms', desk.path('streamed.p7s')], 1, 'malformed-seal'],
      [['--cms', desk.path('good.tst')], 1, 'malformed-seal'],
      [['--cms', desk.path('root.pem')], 1, 'malformed-seal'],
      [['--cms', desk.path('good.p7s'), '--timestamp', desk.path('rsa.tst')], 1, 'seal-invalid'],
      [
        ['--cms', desk.path('expired.p7s'), '--timestamp', desk.path('expired.tst'), ...anchors()],
        1,
        'seal-invalid',
      ],
      [['--cms', desk.path('good.p7s'), ...anchors()], 2, 'seal-untrusted'],
      [
        [
          ...good(),
          '--seal-anchors',
          desk.path('stranger.pem'),
          '--timestamp-anchors',
          desk.path('tsa-root.pem'),
        ],
        2,
        'seal-untrusted',
      ],
      [[], 4, 'usage'],
    ];
    for (const [args, status, code] of cases) {
      const ran = await seal(...args);
      expect([ran.status, ran.error?.code], args.join(' ')).to.deep.equal([status, code]);
      expect(await desk.read('build.json')).to.deep.equal(before);
    }
    const ran = await desk.run(attest, 'seal', statement, '--file', other, ...good());
    expect([ran.status, ran.error?.code]).to.deep.equal([1, 'subject-mismatch']);
    expect(await desk.read('build.json')).to.deep.equal(before);
  });

  it('refuses the same seal again, other types, what fits into no leaf, and two files in one statement', async () => {
    expect((await seal(...good())).status).to.equal(0);
    expect((await seal(...good())).error?.code).to.equal('usage');
    await desk.write('build.json', JSON.stringify(dataAccessStatement()));
    expect((await seal(...good())).error?.code).to.equal('usage');
    const large = buildStatement({ sha256: digests.sha256, file: 'setup.bin' });
    large.predicate.buildDefinition.externalParameters['text'] = 'x'.repeat(20_000);
    await desk.write('build.json', JSON.stringify(large));
    expect((await desk.run(attest, 'lint', statement)).status).to.equal(0);
    expect((await seal(...good())).error?.code).to.equal('too-large');
    const torn = buildStatement({ sha256: digests.sha256, file: 'setup.bin' });
    torn.subject.push({ name: 'other.bin', digest: { sha256: digests.sha256, sha512: '0'.repeat(128) } });
    await desk.write('build.json', JSON.stringify(torn));
    expect((await seal(...good())).error?.code).to.equal('subject-mismatch');
  });

  it('leaves a statement that seals another artefact to lint, which refuses it', async () => {
    const stray = buildStatement({ sha256: digests.sha256 });
    stray.predicate.isal_supervision.seals = [
      { subject: { sha512: digests.sha512 }, cms: toBase64(bytes('good.p7s')) },
    ];
    await desk.write('build.json', JSON.stringify(stray));
    const { error } = await desk.run(attest, 'lint', statement);
    expect(error).to.include({ code: 'subject-mismatch', at: '/predicate/isal_supervision/seals/0/subject' });
  });
});
