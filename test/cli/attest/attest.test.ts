import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ed25519PublicKey } from '#ed25519';
import { decodeStatement, encodeStatement } from '../../../src/attestation/statement.ts';
import { attestationTypes } from '../../../src/attestation/types.ts';
import { fromUtf8, toBase64, utf8 } from '../../../src/bytes.ts';
import { keyidOf } from '../../../src/attestation/envelope.ts';
import { formatPartyKey } from '../../../src/cli/terminal/secret-file.ts';
import { template } from '../../../src/cli/attest/templates.ts';
import { serve } from '../../../src/demo/child.ts';
import type { Server } from '../../../src/demo/child.ts';
import { isal } from '../isal.ts';

const origin = 'ceremony.example/log';

describe('isal attest', () => {
  let directory: string;
  const at = (name: string): string => join(directory, name);
  const seed = (n: number): Uint8Array => new Uint8Array(32).fill(n);
  const key = async (name: string, n: number): Promise<string> => {
    await writeFile(at(name), formatPartyKey(seed(n)), { mode: 0o600 });
    return at(name);
  };
  const edit = async (name: string, change: (statement: never) => void): Promise<void> => {
    const statement = JSON.parse(await readFile(at(name), 'utf8')) as never;
    change(statement);
    await writeFile(at(name), JSON.stringify(statement, null, 4));
  };
  /** A build with nothing left in it that a ledger would refuse. */
  const newBuild = async (...more: string[]): Promise<string> => {
    await writeFile(at('setup.exe'), 'MZ');
    const bound = ['--file', at('setup.exe'), '--origin', origin, '--authority', 'ab'.repeat(32)];
    return fine('attest', 'new', 'build', ...bound, ...more);
  };
  const fine = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await isal(args);
    expect(status, `isal ${args.join(' ')}\n${stderr}`).to.equal(0);
    return stdout;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-attest-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('writes a template of each type that its own lint accepts, once it commits to something', async () => {
    for (const type of attestationTypes) {
      const statement = template(type, {
        ledger: { origin, authority: '0'.repeat(64) },
        occurredAt: '2026-11-03T09:30:00Z',
        source: { id: 'source', seq: 1 },
      });
      const lint = (text: string): string => decodeStatement(utf8(text)).type;
      const text = fromUtf8(encodeStatement(statement));
      const filled = text.replaceAll(/DIGEST OF THE DISCLOSURE OF [^"]+/g, 'x'.repeat(42) + 'A');
      expect(lint(filled)).to.equal(type);
      // As it stands it could be recorded, and would then commit to nobody for ever.
      if (filled !== text)
        expect(() => lint(text))
          .to.throw()
          .with.property('at')
          .that.matches(/_sd\/0$/);
    }
    const access = await fine('attest', 'new', 'data-access');
    expect(access.match(/DIGEST OF THE DISCLOSURE OF \w+/g)?.length).to.equal(2);
    expect(await fine('attest', 'new', 'source-review')).to.contain('DIGEST OF THE DISCLOSURE OF reviewer');
    await newBuild('--out', at('build.json'));
    const target = ['--target', 'ab'.repeat(32), '--origin', origin, '--authority', 'cd'.repeat(32)];
    await fine('attest', 'new', 'correction', ...target, '--out', at('correction.json'));
    for (const name of ['build.json', 'correction.json']) {
      expect(await fine('attest', 'lint', at(name))).to.match(/^ok\n/);
    }
    expect(await readFile(at('correction.json'), 'utf8')).to.contain(`"target": "${'ab'.repeat(32)}"`);
    expect(await isal(['attest', 'new', 'horoscope'])).to.deep.include({ status: 4, stdout: '' });
    for (const option of ['--authority', '--target']) {
      const { status, stderr } = await isal(['attest', 'new', 'correction', option, 'abc']);
      expect(status).to.equal(4);
      expect(stderr).to.contain(`${option} is not the hash of a leaf`);
    }
  });

  it('says what no ledger was asked for, and lets nobody sign that', async () => {
    const open = await isal(['attest', 'new', 'build', '--out', at('build.json')]);
    expect(open.status).to.equal(0);
    expect(open.stderr)
      .to.contain('no ledger was asked')
      .and.to.match(/^ {2}origin: .*\n {2}authority: .*\n {2}number at/m);
    const given = ['--origin', origin, '--authority', 'ab'.repeat(32), '--seq', '2'];
    expect((await isal(['attest', 'new', 'build', ...given])).stderr).to.equal('');
    const pem = await key('builder.pem', 1);
    const refused = async (...args: string[]): Promise<void> => {
      const { status, stdout, stderr } = await isal(['attest', ...args]);
      expect([status, stdout]).to.deep.equal([4, '']);
      expect(stderr).to.match(/^ {2}at {8}\/predicate\/isal_supervision\/ledger\/(origin|authority)$/m);
      expect(stderr).to.contain('isal_supervision/ledger/authority\n  code      placeholder');
    };
    await refused('lint', at('build.json'));
    await refused('sign', at('build.json'), '--key', pem);

    // An envelope of somebody else's making is held to the same.
    await newBuild('--out', at('build.json'));
    await fine('attest', 'sign', at('build.json'), '--key', pem);
    const envelope = JSON.parse(await readFile(at('build.dsse.json'), 'utf8')) as { payload: string };
    const payload = Buffer.from(envelope.payload, 'base64').toString();
    const zeroed = Buffer.from(payload.replaceAll('ab'.repeat(32), '0'.repeat(64))).toString('base64');
    await writeFile(at('zeros.dsse.json'), JSON.stringify({ ...envelope, payload: zeroed }));
    await refused('cosign', at('zeros.dsse.json'), '--key', await key('supervisor.pem', 2));

    const statement = await isal(['attest', 'new', 'authority', '--out', at('authority.json')]);
    expect(statement.stderr).to.match(/^ {2}origin: [^\n]*\n$/m);
    const root = await isal(['attest', 'sign', at('authority.json'), '--key', pem]);
    expect(root.stderr).to.match(/^ {2}at {8}\/predicate\/origin$/m);
  });

  it('names the field that lint refuses', async () => {
    await newBuild('--out', at('build.json'));
    await edit('build.json', (statement: { predicate: { isal_supervision: { country: string } } }) => {
      statement.predicate.isal_supervision.country = 'Switzerland';
    });
    const { status, stderr } = await isal(['attest', 'lint', at('build.json')]);
    expect(status).to.not.equal(0);
    expect(stderr).to.contain('schema-violation');
    expect(stderr).to.contain('/predicate/isal_supervision/country');
  });

  it('refuses a character that prints as nothing, before anybody signs it', async () => {
    await newBuild('--out', at('build.json'));
    await edit('build.json', (statement: { predicate: { isal_supervision: { product: string } } }) => {
      statement.predicate.isal_supervision.product = 'Scan\ufe0fner';
    });
    for (const argv of [['lint'], ['sign', '--key', await key('1.pem', 1)]]) {
      const { status, stderr } = await isal(['attest', ...argv, at('build.json')]);
      expect(status).to.equal(1);
      expect(stderr)
        .to.match(/U\+FE0F/)
        .and.to.match(/at {8}\/predicate\/isal_supervision\/product$/m);
    }
  });

  it('warns of words with letters of several scripts', async () => {
    await newBuild('--out', at('build.json'));
    await edit('build.json', (statement: { predicate: { isal_supervision: { product: string } } }) => {
      statement.predicate.isal_supervision.product = 'Антивирус and Sc\u0430nner';
    });
    const product = '/predicate/isal_supervision/product';
    const { status, stderr } = await isal(['attest', 'lint', at('build.json')]);
    expect(status).to.equal(0);
    expect(stderr)
      .to.contain(`  ${product}: Sc\u0430nner (Latin, Cyrillic)\n`)
      .and.not.to.contain('Антивирус');
    expect(JSON.parse(await fine('attest', 'lint', at('build.json'), '--json')))
      .to.have.property('mixedScripts')
      .that.deep.equals([product]);
  });

  it('names what is still as the template has it, to whoever checks, signs or cosigns', async () => {
    const bound = ['--origin', origin, '--authority', 'ab'.repeat(32)];
    await fine('attest', 'new', 'build', ...bound, '--out', at('build.json'));
    const left = [
      '/subject/0/digest/sha256',
      '/subject/0/name',
      '/predicate/buildDefinition/externalParameters/target',
      '/predicate/buildDefinition/resolvedDependencies/0/digest/sha256',
      '/predicate/buildDefinition/resolvedDependencies/0/name',
      '/predicate/isal_supervision/facility',
      '/predicate/isal_supervision/product',
      '/predicate/isal_supervision/version',
    ];
    const warning = (places: readonly string[]): string => places.map((place) => `  ${place}\n`).join('');
    expect((await isal(['attest', 'lint', at('build.json')])).stderr).to.contain(warning(left));
    expect(JSON.parse(await fine('attest', 'lint', at('build.json'), '--json'))).to.deep.equal({
      ok: true,
      type: 'build',
      unfilled: left,
    });
    await edit(
      'build.json',
      (statement: { predicate: { isal_supervision: { product: string; facility: string } } }) => {
        Object.assign(statement.predicate.isal_supervision, { product: 'Scanner', facility: 'Zurich 1' });
      },
    );
    const fewer = left.filter((place) => !/product|facility/.test(place));
    for (const [verb, file, n] of [
      ['sign', 'build.json', 1],
      ['cosign', 'build.dsse.json', 2],
    ] as const) {
      const { status, stderr } = await isal(['attest', verb, at(file), '--key', await key(`${n}.pem`, n)]);
      expect(status).to.equal(0);
      expect(stderr).to.equal(
        `isal: these are still template values, and cannot be changed once recorded:\n${warning(fewer)}`,
      );
    }
    // The envelope says the same as the statement in it.
    expect(await fine('attest', 'lint', at('build.dsse.json'))).to.equal(
      await fine('attest', 'lint', at('build.json')),
    );
  });

  it('refuses a key that others may read, and one that is no Ed25519 key', async () => {
    await newBuild('--out', at('build.json'));
    const open = await key('open.pem', 1);
    await chmod(open, 0o644);
    const refused = await isal(['attest', 'sign', at('build.json'), '--key', open]);
    expect(refused.stderr).to.contain('key-readable-by-others');
    expect(refused.stderr).to.contain('0644');
    await writeFile(at('junk.pem'), 'not a key', { mode: 0o600 });
    expect((await isal(['attest', 'sign', at('build.json'), '--key', at('junk.pem')])).stderr).to.contain(
      'bad-key',
    );
  });

  it('reads from a pipe as from a file, and writes to one without replacing it', async () => {
    await newBuild('--out', at('build.json'));
    const pipe = at('pipe');
    execFileSync('mkfifo', [pipe]);
    const statement = await readFile(at('build.json'));
    const [output] = await Promise.all([fine('attest', 'lint', pipe), writeFile(pipe, statement)]);
    expect(output).to.match(/^ok\n/);
    const [written] = await Promise.all([readFile(pipe), newBuild('--out', pipe)]);
    expect(JSON.parse(written.toString())).to.have.property('predicateType');
    expect((await stat(pipe)).isFIFO()).to.equal(true);
  });

  it('answers in JSON where it is asked to, and refuses options that mean nothing there', async () => {
    await newBuild('--out', at('build.json'));
    const pem = await key('builder.pem', 1);
    const second = await key('supervisor.pem', 2);
    const signed = await fine('attest', 'sign', at('build.json'), '--key', pem, '--json');
    expect(JSON.parse(signed)).to.deep.equal({
      keyid: keyidOf(ed25519PublicKey(seed(1))),
      type: 'build',
      out: at('build.dsse.json'),
    });
    const cosigned = await fine('attest', 'cosign', at('build.dsse.json'), '--key', second, '--json');
    expect(JSON.parse(cosigned)).to.include({ keyid: keyidOf(ed25519PublicKey(seed(2))) });
    const refused = await isal(['attest', 'sign', at('build.json'), '--key', pem, '--seq', '4']);
    expect(refused.status).to.equal(4);
    expect(refused.stderr).to.contain('attest sign has no option --seq');
  });

  it('shows all that a statement says to whoever checks, signs or cosigns it, safe for a terminal', async () => {
    await newBuild('--out', at('build.json'));
    await edit(
      'build.json',
      (statement: { predicate: { buildDefinition: { externalParameters: object } } }) => {
        statement.predicate.buildDefinition.externalParameters = { target: 'a\u001b[2Kb', none: {} };
      },
    );
    const shown = [
      await fine('attest', 'lint', at('build.json')),
      await fine('attest', 'sign', at('build.json'), '--key', await key('builder.pem', 1)),
      await fine('attest', 'cosign', at('build.dsse.json'), '--key', await key('supervisor.pem', 2)),
    ];
    for (const text of shown) {
      expect(text).to.match(/^ {2}says {5}buildDefinition\.buildType: "https:.*"$/m);
      expect(text).to.match(/^ {11}buildDefinition\.externalParameters\.none: \{\}$/m);
      expect(text).to.match(/^ {11}buildDefinition\.externalParameters\.target: "a\\u001b\[2Kb"$/m);
      expect(text).to.match(/^ {11}isal_supervision\.presence: "automated"$/m);
      expect(text).to.not.match(/^ .*(authority|seq|occurredAt): /m);
      expect(text).to.not.contain('\u001b');
    }
  });

  it('lets a key sign once only', async () => {
    await newBuild('--out', at('build.json'));
    const pem = await key('builder.pem', 1);
    await fine('attest', 'sign', at('build.json'), '--key', pem);
    const again = await isal(['attest', 'cosign', at('build.dsse.json'), '--key', pem]);
    expect(again.stderr).to.contain('duplicate-signature');
  });

  describe('with roots that never touch the ledger’s machine', () => {
    let server: Server | undefined;

    afterEach(async () => {
      await server?.stop();
    });

    it('opens a ledger by files, and records what two parties signed', async () => {
      const roots = [await key('root-1.pem', 11), await key('root-2.pem', 12)];
      const builder = await key('builder.pem', 21);
      const supervisor = await key('supervisor.pem', 22);
      await fine('attest', 'new', 'authority', '--origin', origin, '--out', at('authority.json'));
      await edit('authority.json', (statement: { predicate: Record<string, unknown> }) => {
        const publicKey = (n: number): string => toBase64(ed25519PublicKey(seed(n)));
        statement.predicate['root'] = { threshold: 2, keys: [publicKey(11), publicKey(12)] };
        const signer = (name: string, n: number, organisation: string): object => ({
          name,
          organisation,
          publicKey: publicKey(n),
          roles: [name],
          sources: ['build-conveyor'],
        });
        statement.predicate['signers'] = [
          signer('builder', 21, 'Vendor'),
          signer('supervisor', 22, 'Supervisor'),
        ];
      });
      await fine(
        'attest',
        'sign',
        at('authority.json'),
        '--key',
        roots[0] ?? '',
        '--out',
        at('genesis.json'),
      );
      const half = await isal(['init', at('ledger'), '--origin', origin, '--genesis', at('genesis.json')]);
      expect(half.stderr).to.contain('missing-role');
      await fine('attest', 'cosign', at('genesis.json'), '--key', roots[1] ?? '');
      const other = await isal([
        'init',
        at('ledger'),
        '--origin',
        'other.example',
        '--genesis',
        at('genesis.json'),
      ]);
      expect(other.stderr).to.contain('origin-mismatch');
      await fine('init', at('ledger'), '--origin', origin, '--genesis', at('genesis.json'));
      const twice = await isal(['init', at('ledger'), '--origin', origin, '--genesis', at('genesis.json')]);
      expect(twice.stderr).to.contain('store-exists');

      server = await serve(at('ledger'), 0);
      await writeFile(at('setup.exe'), 'MZ');
      const url = ['--url', server.url];
      await fine('attest', 'new', 'build', '--file', at('setup.exe'), ...url, '--out', at('build.json'));
      await fine('attest', 'sign', at('build.json'), '--key', builder);
      const trust = ['--trust', at('ledger/trust.json')];
      const alone = await isal(['attest', 'submit', at('build.dsse.json'), ...url, ...trust]);
      expect(alone.stderr).to.contain('missing-role');
      await fine('attest', 'cosign', at('build.dsse.json'), '--key', supervisor);
      expect(await fine('attest', 'submit', at('build.dsse.json'), ...url, ...trust)).to.match(
        /✓ Recorded +leaf 1 of 2/,
      );
      expect(await fine('attest', 'submit', at('build.dsse.json'), ...url, ...trust)).to.match(
        /✓ Known +leaf 1 of 2/,
      );
      expect(await fine('verify', at('setup.exe'), ...url, ...trust)).to.match(/✓ Built/);

      // What comes next at a source is asked of the ledger; where the trust file names no URL, --url does.
      const sourceOf = async (...args: string[]): Promise<object> =>
        (JSON.parse(await fine('attest', 'new', 'build', ...args)) as never)['predicate']['isal_supervision'][
          'source'
        ];
      expect(await sourceOf(...url)).to.deep.equal({ id: 'build-conveyor', seq: 2 });
      expect(await sourceOf(...url, ...trust)).to.deep.equal({ id: 'build-conveyor', seq: 2 });
      expect(await sourceOf(...url, '--seq', '9')).to.deep.equal({ id: 'build-conveyor', seq: 9 });
      expect(await sourceOf(...url, '--source', 'other')).to.deep.equal({ id: 'other', seq: 1 });
      await fine('init', at('other'), '--origin', 'other.example/log', '--no-post-quantum');
      const elsewhere = await isal(['attest', 'new', 'build', ...url, '--trust', at('other/trust.json')]);
      expect(elsewhere.stderr).to.contain('code      origin-mismatch');
      const unpinned = await isal(['attest', 'submit', at('build.dsse.json'), ...url]);
      expect(unpinned.stderr).to.contain('no-trust-file');
      const nowhere = await isal(['attest', 'submit', at('build.dsse.json'), ...trust]);
      expect(nowhere.stderr).to.contain('--url URL, or a URL in the log line of the trust file');
    });
  });
});
