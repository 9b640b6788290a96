import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../src/bytes.ts';
import { collectUnauthorised } from '../../src/verifier/convicting/evidence-collect.ts';
import { LedgerClient } from '../../src/client/client.ts';
import { LogClient } from '../../src/verifier/proving/log-client.ts';
import type { VerdictJson } from '../../src/words/index.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { isal } from '../cli/isal.ts';
import { marksIn } from '../cli/told.ts';
import type { Ran } from '../cli/isal.ts';
import { SampleLog } from '../verifier/sample-log.ts';
import { HostileServer } from './server.ts';
import type { Shown } from './server.ts';

const { authorityDocument, build, builder, dataAccess, gateway, leafHashOf, signer, supervisor } = fixtures;

const content = utf8('the installer that the vendor shipped');
const sha256 = createHash('sha256').update(content).digest('hex');
const file = { file: 'setup.bin', sha256 };

/** The gateway may use the builds' numbers here, and yet is no builder. */
const signers = [
  signer(builder, ['builder'], ['builds']),
  signer(supervisor, ['supervisor'], ['builds']),
  signer(gateway, ['access-gateway'], ['builds', 'access']),
  signer(fixtures.party('stranger', 'Others'), ['access-gateway'], ['builds']),
];
const genesis = fixtures.genesis({ signers });
const authority = leafHashOf(genesis);

describe('a hostile log, under the eyes of the commands', () => {
  let server: HostileServer;
  let directory: string;
  let path: string;
  before(async () => {
    server = await HostileServer.open();
    directory = await mkdtemp(join(tmpdir(), 'isal-hostile-'));
    path = join(directory, 'setup.bin');
    await writeFile(path, content);
    await writeFile(join(directory, 'trust.json'), JSON.stringify(new SampleLog([genesis]).trustFile()));
  });
  after(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  const pinned = (): string[] => ['--trust', join(directory, 'trust.json')];
  const run = (...args: readonly string[]): Promise<Ran> => isal([...args, ...pinned()]);
  const verify = (...more: readonly string[]): Promise<Ran> =>
    run('verify', path, '--url', server.url('customer'), ...more);
  const verdict = async (...more: readonly string[]): Promise<VerdictJson & { exit: number }> =>
    JSON.parse((await verify('--json', ...more)).stdout) as VerdictJson & { exit: number };
  const marks = ({ hops }: VerdictJson, name: string): string[] =>
    hops.filter(({ hop }) => hop === name).map(({ mark }) => mark);

  describe('that signs in an entry from a signer without the role', () => {
    const bad = build({
      seq: 2,
      ...file,
      authority,
      signedBy: [fixtures.party('stranger', 'Others'), supervisor],
    });
    const log = new SampleLog([
      genesis,
      build({ seq: 1, authority }),
      dataAccess({ seq: 1, authority }),
      bad,
      dataAccess({ seq: 2, authority }),
    ]);
    before(() => server.show('customer', { log }));

    it('is caught by verify, which names the leaf', async () => {
      const { status, stdout } = await verify();
      expect(status, stdout).to.equal(1);
      expect(marksIn(stdout)).to.deep.equal(['✗ Authority']);
      expect(stdout).to.match(/leaf +3$/m);
      expect(await verdict()).to.have.nested.include({ 'failure.code': 'missing-role', 'failure.index': 3 });
    });

    it('is caught by verify --replay, also where the API denies the leaf', async () => {
      server.show('customer', { log, withheld: [3] });
      expect((await verify()).status).to.equal(2);
      const answer = await verdict('--replay');
      expect(answer).to.deep.include({ answer: 'contradicted', exit: 1 });
      expect(answer.failure).to.include({ code: 'missing-role', index: 3 });
    });

    it('is caught by log fsck, which names the leaf', async () => {
      const { status, stdout } = await run('log', 'fsck', server.url('customer'));
      expect(status, stdout).to.equal(1);
      expect(stdout).to.match(/^✗ Finding +leaf 3: .* \(missing-role\)$/m);
    });

    it('is caught by the monitor, which names the leaf and keeps evidence that holds elsewhere', async () => {
      const eyes = join(directory, 'monitor');
      expect((await run('monitor', 'init', eyes, '--url', server.url('customer'))).status).to.equal(0);
      const { status, stdout } = await isal(['monitor', 'once', eyes]);
      expect(status, stdout).to.equal(1);
      const line =
        /^ALERT .* unauthorised: leaf 3 .*no signer has the role builder; evidence in (\S+)$/m.exec(stdout);
      expect(line, stdout).to.be.an('array');
      const kept = await run('verify', '--evidence', join(eyes, 'evidence', line?.[1] ?? ''));
      expect(kept.status, kept.stdout).to.equal(0);
    });

    it('is convicted by an evidence file on a machine without the log', async () => {
      const client = new LogClient({
        policy: log.trust().policy,
        fetchPath: new LedgerClient(server.url('customer')).fetchPath,
      });
      const { note: checkpoint, checkpoint: head } = await client.checkpoint();
      const parts = { checkpoint, view: client.at(head), index: 3, documents: [0] };
      await writeFile(join(directory, 'evidence.json'), await collectUnauthorised(parts));
      const { status, stdout } = await run('verify', '--evidence', join(directory, 'evidence.json'));
      expect(status, stdout).to.equal(0);
      expect(stdout).to.contain('unauthorised-leaf: leaf 3 of 5 was recorded although it was not allowed');
    });
  });

  describe('that withholds a newer authority document', () => {
    const revoking = authorityDocument({
      version: 2,
      previous: authority,
      signers,
      revocations: [{ keyid: builder.keyid, kind: 'compromised', fromLeaf: 1, reason: 'stolen' }],
    });
    const log = new SampleLog([genesis, build({ seq: 1, ...file, authority }), revoking]);
    const withheld: Shown = { log, withheld: [2] };

    it('gets no tick for revocations, and --replay finds the document', async () => {
      server.show('customer', withheld);
      const answer = await verdict();
      expect(answer.answer).to.equal('proven');
      expect(marks(answer, 'revocations')).to.deep.equal(['not-shown']);
      const replayed = await verdict('--replay');
      expect(replayed).to.deep.include({ answer: 'contradicted', exit: 1 });
      expect(replayed.failure).to.include({ code: 'key-not-in-force', index: 1 });
      expect(marks(replayed, 'revocations')).to.not.include('proven');
    });

    it('gains nothing over a log that shows it', async () => {
      server.show('customer', { log });
      const answer = await verdict();
      expect(answer.failure).to.include({ code: 'key-not-in-force', index: 1 });
    });

    it('cannot withhold it from a monitor, which reads the tiles', async () => {
      server.show('customer', withheld);
      const eyes = join(directory, 'second monitor');
      await run('monitor', 'init', eyes, '--url', server.url('customer'));
      const { stdout } = await isal(['monitor', 'once', eyes]);
      expect(stdout).to.match(
        /authority: leaf 2: authority document version 2 is in force; revoked: .*compromised/,
      );
    });

    it('is refused by a trust file that pins the document', async () => {
      server.show('customer', withheld);
      const pinning = { ...log.trustFile(), authority: { leafHash: leafHashOf(revoking), asOfSize: 3 } };
      await writeFile(join(directory, 'pinning.json'), JSON.stringify(pinning));
      const args = [
        'verify',
        path,
        '--url',
        server.url('customer'),
        '--trust',
        join(directory, 'pinning.json'),
      ];
      const { status, stdout } = await isal([...args, '--json']);
      expect(status).to.equal(2);
      expect(stdout).to.contain('authority-unproven');
    });
  });

  describe('that withholds another entry about the file', () => {
    const log = new SampleLog([
      genesis,
      build({ seq: 1, ...file, version: '1.0', authority }),
      dataAccess({ seq: 1, authority }),
      build({ seq: 2, ...file, version: '2.0', authority }),
    ]);

    it('gets no tick for what it does not show, and --replay finds the entry', async () => {
      server.show('customer', { log, withheld: [3] });
      const answer = await verdict();
      expect(answer).to.deep.include({ answer: 'proven', entries: [1] });
      expect(marks(answer, 'corrections')).to.deep.equal(['not-shown']);
      const proven = answer.hops.filter(({ mark }) => mark === 'proven').map(({ hop }) => hop);
      expect(proven).not.to.include.oneOf(['corrections', 'revocations', 'replayed']);
      const replayed = await verdict('--replay');
      expect(replayed).to.deep.include({ answer: 'proven', entries: [1, 3] });
      expect(marks(replayed, 'corrections')).to.deep.equal(['proven']);
    });
  });
});
