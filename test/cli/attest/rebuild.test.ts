import { mkdir, readdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { toHex } from '../../../src/bytes.ts';
import { comparingTool } from '../../../src/cli/attest/rebuild.ts';
import { hashFile } from '../../../src/cli/terminal/hash-file.ts';
import { sha256 } from '#sha256';
import { tar } from '../../rebuild/archives.ts';
import { isal } from '../isal.ts';
import type { Ran } from '../isal.ts';

interface Predicate {
  verdict: string;
  unexplainedBytes: number;
  normalisations: { name: string; tool: string; toolDigest: { sha256: string } }[];
  limitations: string[];
  build: unknown;
  candidate: unknown;
  environment: unknown;
  manifest: { sha256: string };
  files: number;
  git: unknown;
}
interface Statement {
  subject: { name: string; digest: { sha256: string } }[];
  predicate: Predicate;
}

/** What no ledger is asked for here. */
const bound = ['--origin', 'ledger.example/log', '--authority', 'ab'.repeat(32)];

describe('isal attest', () => {
  let directory: string;
  const at = (name: string): string => join(directory, name);
  const put = (name: string, bytes: Uint8Array | string): Promise<void> => writeFile(at(name), bytes);
  const read = async (name: string): Promise<Statement> =>
    JSON.parse(await readFile(at(name), 'utf8')) as Statement;
  const file = (text: string, time = 0): Uint8Array =>
    gzipSync(tar([{ path: 'file', data: new TextEncoder().encode(text), time }]));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-rebuild-'));
    await put('original', file('the same'));
    await put('packages', 'gcc 12.2.0-14\n');
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  describe('rebuild', () => {
    const statementOf = (candidate: string, ...more: string[]): Promise<Ran> =>
      isal([
        'attest',
        'rebuild',
        at('original'),
        at(candidate),
        '--out',
        at('result.json'),
        '--build',
        'ab'.repeat(32),
        '--environment',
        at('packages'),
        '--from',
        'Rebuilder AG, from the escrowed source',
        '--independence',
        'independent',
        ...bound,
        ...more,
      ]);

    it('says that a copy is identical', async () => {
      const { status, stdout } = await isal(['attest', 'rebuild', at('original'), at('original')]);
      expect([status, stdout.split('\n').at(-2)]).to.deep.equal([
        0,
        '✓ Rebuilt      identical: byte for byte',
      ]);
    });

    it('says what was evened out when it is equivalent', async () => {
      await put('later', file('the same', 5));
      const { status, stdout } = await statementOf('later', '--seq', '7', '--limitation', 'No network.');
      expect(status).to.equal(0);
      expect(stdout).to.match(/Evened out +tar-times: times of the entries of tar archives/);
      expect(stdout).to.match(/✓ Rebuilt +equivalent: .* 0 bytes unexplained/);
      const { subject, predicate } = await read('result.json');
      const digest = await hashFile(at('original'));
      expect(subject).to.deep.equal([{ name: 'original', digest }]);
      expect(predicate).to.deep.include({
        source: { id: 'rebuilds', seq: 7 },
        occurredAt: '2026-11-03T12:00:00.000Z',
        build: { leafHash: 'ab'.repeat(32), digest },
        candidate: {
          digest: await hashFile(at('later')),
          obtainedFrom: 'Rebuilder AG, from the escrowed source',
        },
        environment: await hashFile(at('packages')),
        verdict: 'equivalent',
        unexplainedBytes: 0,
        limitations: ['No network.'],
      });
      const { name, sha256: toolDigest } = await comparingTool();
      expect(predicate.normalisations).to.deep.equal([
        { name: 'tar-times', tool: name, toolDigest: { sha256: toolDigest } },
      ]);
      expect((await isal(['attest', 'lint', at('result.json')])).stderr).to.equal('');
    });

    it('counts and lists what is different, and exits with 1', async () => {
      await put('other', file('the sane'));
      const { status, stdout } = await statementOf('other');
      expect(status).to.equal(1);
      expect(stdout).to.match(/✗ Differs +file: content, 1 byte\n/);
      expect(stdout).to.match(/✗ Rebuilt +different: 1 byte unexplained, in 1 place\n/);
      expect((await read('result.json')).predicate).to.include({ verdict: 'different', unexplainedBytes: 1 });
      expect((await isal(['attest', 'lint', at('result.json')])).stderr).to.equal('');
      const json = await isal(['attest', 'rebuild', at('original'), at('other'), '--json']);
      expect(JSON.parse(json.stdout)).to.deep.include({
        verdict: 'different',
        differences: [{ path: 'file', change: 'content', bytes: 1 }],
      });
    });

    it('says in the statement which members it could not open', async () => {
      const zip = (last: string): Uint8Array =>
        gzipSync(tar([{ path: 'a\u202e.zip', data: Buffer.from(`PK\u0003\u0004${last}`) }]));
      await put('original', zip('1'));
      await put('other', zip('2'));
      await statementOf('other');
      const [limitation] = (await read('result.json')).predicate.limitations;
      expect(limitation).to.match(/^Compared from outside only: .* \(a zip archive\)$/);
      expect((await isal(['attest', 'lint', at('result.json')])).stderr).to.equal('');
    });

    it('makes up nothing that a statement says', async () => {
      const all = [
        '--build',
        'ab'.repeat(32),
        '--environment',
        at('packages'),
        '--from',
        'F',
        '--independence',
        'vendor',
      ];
      for (let left = 0; left < all.length; left += 2) {
        const args = all.filter((_, i) => i !== left && i !== left + 1);
        const { status, stderr } = await isal([
          'attest',
          'rebuild',
          at('original'),
          at('original'),
          '--out',
          at('r.json'),
          ...args,
        ]);
        expect(status).to.equal(4);
        expect(stderr).to.contain(`needs ${all[left]}`);
      }
      expect((await statementOf('original', '--independence', 'somewhat')).status).to.equal(4);
      expect((await isal(['attest', 'rebuild', at('original')])).status).to.equal(4);
    });
  });

  describe('snapshot', () => {
    it('writes manifest and statement, and gives the digest of the manifest and the git tree', async () => {
      await mkdir(at('source'));
      await put('source/file', 'content\n');
      const { status, stdout, stderr } = await isal([
        'attest',
        'snapshot',
        at('source'),
        '--manifest',
        at('manifest'),
        '--out',
        at('s.json'),
        '--product',
        'Scanner',
        '--version',
        '21.4',
        '--site',
        'Zurich',
        '--country',
        'CH',
        ...bound,
      ]);
      expect(status, stderr).to.equal(0);
      const manifest = toHex(sha256(await readFile(at('manifest'))));
      // What `git write-tree` says for this one file.
      const tree = '07753f428765ac1afe2020b24e40785869bd4a85';
      expect(stdout).to.contain(`Manifest       sha256 ${manifest}`);
      const { subject, predicate } = await read('s.json');
      expect(subject[0]?.digest.sha256).to.equal(manifest);
      expect(predicate).to.deep.include({ files: 1, git: { tree }, product: 'Scanner', kind: 'product' });
      expect(predicate.manifest.sha256).to.equal(manifest);
      expect((await isal(['attest', 'lint', at('s.json')])).stderr).to.equal('');
    });

    it('writes no statement and no manifest where the statement is none that a ledger takes', async () => {
      await mkdir(at('source'));
      await put('source/file', 'content\n');
      const given = { manifest: at('manifest'), out: at('s.json'), product: 'Scanner', version: '21.4' };
      const rest = { site: 'Zurich', country: 'Switzerland' };
      const { status, stderr } = await isal([
        'attest',
        'snapshot',
        at('source'),
        ...Object.entries({ ...given, ...rest }).flatMap(([name, value]) => [`--${name}`, value]),
      ]);
      expect(status).to.equal(1);
      expect(stderr).to.contain('/predicate/escrow/country');
      expect(await readdir(directory))
        .to.not.include.members(['manifest'])
        .and.not.include.members(['s.json']);
    });

    it('gives the digest of the comparing tool, so that anybody can check it', async () => {
      const room = fileURLToPath(new URL('../../../src/rebuild', import.meta.url));
      const { stdout } = await isal(['attest', 'snapshot', room, '--json']);
      const { manifest } = JSON.parse(stdout) as { manifest: { sha256: string } };
      expect(manifest.sha256).to.equal((await comparingTool()).sha256);
    });

    it('says in words, and with the path once, that there is no such directory', async () => {
      const { status, stderr } = await isal(['attest', 'snapshot', at('none')]);
      expect(status).to.equal(4);
      expect(stderr).to.match(/^ {2}got +\S*none: there is none$/m);
    });

    it('asks for what a statement needs', async () => {
      const { status, stderr } = await isal(['attest', 'snapshot', directory, '--out', at('s.json')]);
      expect(status).to.equal(4);
      expect(stderr).to.contain('needs --manifest');
    });
  });
});
