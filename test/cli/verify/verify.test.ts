import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { unlink, writeFile } from 'node:fs/promises';
import { fromUtf8, utf8 } from '../../../src/bytes.ts';
import { bundle, proof, verify } from '../../../src/cli/verify/commands.ts';
import { log } from '../../../src/cli/log/commands.ts';
import { formatPolicy, parsePolicy } from '../../../src/note/policy.ts';
import { formatVerifierKey, verifierOf } from '../../../src/note/key.ts';
import { build, builder, dataAccess, databaseUpdate, digest } from '../../fixtures/attestations.ts';
import { ed25519Key, mldsaKey, policy } from '../../ledger/site.ts';
import { policyText } from '../../verifier/sample-log.ts';
import { Desk } from '../desk.ts';
import { hopOf, marksIn, told } from '../told.ts';

const content = utf8('the installer that the vendor shipped');
const sha256 = createHash('sha256').update(content).digest('hex');

/** Runs with every way to a socket closed. */
async function withoutNetwork<T>(work: () => Promise<T>): Promise<T> {
  const { fetch } = globalThis;
  globalThis.fetch = () => {
    throw new Error('a socket was asked for');
  };
  try {
    return await work();
  } finally {
    globalThis.fetch = fetch;
  }
}

describe('isal verify', () => {
  let desk: Desk;
  let file: string;
  before(async () => {
    desk = await Desk.open([
      build({ seq: 1, sha256, file: 'setup.bin' }),
      build({ seq: 2 }),
      databaseUpdate(),
      dataAccess(),
    ]);
    file = await desk.write('setup.bin', content);
  });
  after(() => desk.close());

  it('proves a recorded file online, marks what is not shown, and saves the bundle', async () => {
    const { status, stdout } = await desk.online(verify, file);
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(new RegExp(`^File +sha256 ${sha256.slice(0, 8)}….* \\(37 bytes\\)`, 'm'));
    expect(marksIn(stdout)).to.deep.equal([
      '✓ Recorded',
      '✓ Built',
      '? Source',
      '? Reviewed',
      '? Rebuilt',
      '✓ Keys',
      '? Revocations',
      '? Corrections',
    ]);
    expect(stdout).to.contain(`Saved ${file}.isal-bundle`);
    const verdict = told((await desk.online(verify, file, '--json')).stdout);
    expect(hopOf(verdict, 'recorded')).to.deep.include({ mark: 'proven', index: 1, entry: 1 });
    expect(hopOf(verdict, 'recorded').facts).to.include({ size: 5 });
    expect(verdict.checkpoint).to.include({ size: 5, witnessesListed: 0 });
    expect(hopOf(verdict, 'built').facts).to.include({
      product: 'hello',
      version: '1.1',
      facility: 'Zurich 1',
      country: 'CH',
      presence: 'onsite',
    });
    expect(hopOf(verdict, 'source').facts).to.include({ size: 5, digest: digest('source of setup.bin') });
    expect(hopOf(verdict, 'corrections')).to.deep.include({ mark: 'not-shown', facts: { size: 5 } });
  });

  it('tells on a terminal what it tells in JSON, with the mark, and behind it what a command line can offer', async () => {
    const { stdout } = await desk.online(verify, file);
    const { hops } = told((await desk.online(verify, file, '--json')).stdout);
    const lines = stdout.split('\n').filter((line) => /^[✓✗?!]/.test(line));
    const offers = new Map([
      ['revocations', ' (--replay proves it)'],
      ['corrections', ' (--replay proves it)'],
    ]);
    expect(lines.map((line) => line.slice('✓ Recorded     '.length))).to.deep.equal(
      hops.map(({ hop, text }) => `${text}${offers.get(hop) ?? ''}`),
    );
  });

  it('repeats the answer offline from the bundle, named or beside the file, without a socket', async () => {
    await withoutNetwork(async () => {
      const named = await desk.offline(verify, file, '--offline', '--bundle', `${file}.isal-bundle`);
      expect(named.status, named.stdout).to.equal(0);
      expect(named.stdout).not.to.contain('Saved');
      const beside = await desk.offline(verify, file, '--offline');
      expect(beside.stdout).to.equal(named.stdout);
    });
  });

  it('does not prove a changed file, online or by the bundle of the recorded one', async () => {
    const changed = await desk.write('changed.bin', content.with(3, 0));
    const online = await desk.online(verify, changed);
    for (const ran of [
      online,
      await desk.offline(verify, changed, '--offline', '--bundle', `${file}.isal-bundle`),
    ]) {
      expect(ran.status, ran.stdout).to.equal(2);
      expect(marksIn(ran.stdout)).to.deep.equal(['? File']);
      expect(ran.stdout).not.to.contain('Saved');
      expect(ran.stdout).to.contain('not-recorded (isal explain not-recorded)');
    }
  });

  it('is contradicted by a bundle that was changed', async () => {
    const text = fromUtf8(await desk.read('setup.bin.isal-bundle'));
    const forged = await desk.write('forged.isal-bundle', text.replace('"index":1,', '"index":2,'));
    const { status, stdout } = await desk.offline(verify, file, '--bundle', forged);
    expect(status).to.equal(1);
    expect(marksIn(stdout)).to.deep.equal(['✗ Recorded']);
    const { answer, failure } = told((await desk.offline(verify, file, '--bundle', forged, '--json')).stdout);
    expect([answer, failure?.code]).to.deep.equal(['contradicted', 'inclusion-failed']);
  });

  it('misses the policy when the trust file lists another key or asks for witnesses', async () => {
    const other = parsePolicy(`log ${formatVerifierKey(verifierOf(mldsaKey))}\nquorum none\n`);
    const strangers = desk.trust({ policy: formatPolicy(other) });
    const witnessed = desk.trust({ policy: policyText({ keys: [ed25519Key] }), maxAge: 60 });
    for (const [text, code] of [
      [strangers, 'no-known-signature'],
      [witnessed, 'quorum-not-met'],
      [desk.trust({ minSize: 100 }), 'checkpoint-too-small'],
    ] as const) {
      const trust = await desk.write('other-trust.json', text);
      for (const how of [
        ['--url', desk.server.url],
        ['--offline', '--bundle', `${file}.isal-bundle`],
      ]) {
        const { status, stdout } = await desk.run(verify, file, '--trust', trust, ...how);
        expect(status, stdout).to.equal(3);
        expect(stdout).to.contain(code);
        expect(marksIn(stdout)).to.deep.equal(['? Checkpoint']);
      }
    }
  });

  it('refuses without a pinned trust file, and says how to pin one', async () => {
    const { status, error } = await desk.run(verify, file, '--url', desk.server.url);
    expect(status).to.equal(4);
    expect(error?.code).to.equal('no-trust-file');
    expect(error?.expected).to.contain('ISAL_TRUST').and.to.contain('over a channel that you trust');
    desk.env = { ISAL_TRUST: desk.path('trust.json') };
    const pinned = await desk.run(verify, file, '--offline');
    desk.env = {};
    expect(pinned.status).to.equal(0);
  });

  it('tells a ledger that cannot be reached from a file that is not recorded', async () => {
    const args = [file, '--trust', desk.path('trust.json'), '--url', 'http://127.0.0.1:9/'];
    const { status, error } = await desk.run(verify, ...args);
    expect(status).to.equal(5);
    expect(error?.code).to.equal('unreachable');
    const nowhere = await desk.offline(verify, file);
    expect(nowhere.status).to.equal(4);
    expect(nowhere.error?.expected).to.contain('--url');
  });

  it('refuses arguments that do not go together, and files that are none', async () => {
    for (const args of [
      [],
      [file, 'second'],
      [file, '--unknown'],
      [file, '--bundle', 'a', '--proof', 'b'],
      [file, '--bundle', 'a', '--replay'],
      [file, '--offline', '--replay'],
      [file, '--offline', '--url', desk.server.url],
      [desk.path('missing.bin')],
      [desk.directory],
      [file, '--offline', '--bundle', desk.path('missing')],
    ]) {
      expect((await desk.offline(verify, ...args)).status, args.join(' ')).to.equal(4);
    }
    const alone = await desk.write('alone.bin', 'x');
    expect((await desk.offline(verify, alone, '--offline')).error?.expected).to.contain('--bundle FILE');
  });

  it('proves by a replay that there is no correction, no revocation and no other entry', async () => {
    const { status, stdout } = await desk.online(verify, file, '--replay');
    expect(status, stdout).to.equal(0);
    expect(marksIn(stdout).slice(-3)).to.deep.equal(['✓ Revocations', '✓ Corrections', '✓ Replayed']);
    const verdict = told((await desk.online(verify, file, '--replay', '--json')).stdout);
    expect(hopOf(verdict, 'corrections').facts).to.deep.equal({ size: 5 });
    expect(hopOf(verdict, 'replayed').facts).to.deep.equal({ size: 5, findings: 0, entries: 1 });
    const changed = await desk.online(verify, desk.path('changed.bin'), '--replay');
    expect(changed.status).to.equal(2);
    expect(marksIn(changed.stdout)).to.deep.equal(['? File', '✓ Replayed']);
    const nothing = await desk.online(verify, desk.path('changed.bin'), '--replay', '--json');
    expect(hopOf(told(nothing.stdout), 'replayed').facts).to.include({ size: 5, entries: 0 });
  });

  it('speaks JSON for machines', async () => {
    const { status, stdout } = await desk.online(
      verify,
      file,
      '--json',
      '--out',
      desk.path('out.isal-bundle'),
    );
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    expect(status).to.equal(0);
    expect(answer).to.deep.include({
      answer: 'proven',
      exit: 0,
      entries: [1],
      saved: desk.path('out.isal-bundle'),
    });
    expect(answer['file']).to.deep.include({ path: file, size: content.length, sha256 });
  });

  it('keeps its answer where the bundle cannot be saved, unless the place was asked for', async () => {
    const missing = desk.path('no/such/place');
    expect((await desk.online(verify, file, '--out', missing)).error?.code).to.equal('file-unreadable');
  });

  it('shows by a proof alone that an entry is recorded, and asks for the rest', async () => {
    const saved = desk.path('setup.tlog-proof');
    expect((await desk.online(proof, 'inclusion', '--index', '1', '--out', saved)).status).to.equal(0);
    const alone = await desk.offline(verify, file, '--offline', '--proof', saved);
    expect(alone.status, alone.stdout).to.equal(2);
    expect(marksIn(alone.stdout)).to.deep.equal(['✓ Recorded', '? Authority']);
    const other = await desk.offline(verify, desk.path('changed.bin'), '--offline', '--proof', saved);
    expect(other.status).to.equal(2);
    expect(marksIn(other.stdout)).to.deep.equal(['? File']);
    // The trust file's own fault, as with a bundle: it says nothing about the file.
    const aged = await desk.offline(verify, file, '--offline', '--proof', saved, '--max-age', '60');
    expect(aged.status).to.equal(4);
    expect(aged.error?.code).to.equal('malformed-policy');
    const completed = await desk.online(verify, file, '--proof', saved);
    expect(completed.status, completed.stdout).to.equal(0);
    const text = fromUtf8(await desk.read('setup.tlog-proof'));
    await writeFile(saved, text.replace('index 1', 'index 2'));
    expect((await desk.offline(verify, file, '--offline', '--proof', saved)).status).to.equal(1);
    await unlink(saved);
  });

  it('makes visible what would move the cursor of a terminal', async () => {
    const spoiled = desk.path('setup.bin');
    desk.colours = true;
    const coloured = await desk.offline(verify, spoiled, '--offline');
    expect(coloured.stdout).to.contain('\u001b[32m✓\u001b[0m Recorded');
    desk.env = { NO_COLOR: '1' };
    const plain = await desk.offline(verify, spoiled, '--offline');
    expect(plain.stdout).not.to.contain('\u001b');
    desk.env = {};
    desk.colours = false;
  });

  describe('with other commands on the same ledger', () => {
    it('bundle get takes a file, a digest or an index; inspect lists what is proven in it', async () => {
      const out = desk.path('got.isal-bundle');
      for (const what of [file, `sha256:${sha256}`, '1']) {
        const got = await desk.online(bundle, 'get', what, '--out', out);
        expect(got.status, got.stdout).to.equal(0);
        expect(got.stdout).to.contain('✓ Entry').and.to.contain('2 leaves as of size 5');
        expect((await desk.offline(verify, file, '--offline', '--bundle', out)).status).to.equal(0);
      }
      const inspected = await desk.offline(bundle, 'inspect', out);
      expect(inspected.stdout).to.match(/^✓ Checkpoint +ledger\.example\/test, size 5$/m);
      expect(inspected.stdout.match(/^✓ Leaf /gm)).to.have.length(2);
      const json = JSON.parse((await desk.offline(bundle, 'inspect', out, '--json')).stdout) as {
        leaves: [];
      };
      expect(json.leaves).to.have.length(2);
      expect((await desk.online(bundle, 'get', '1', '--json', '--out', out)).stdout).to.contain(
        '"entries":[{',
      );
      expect((await desk.online(bundle, 'get', `sha512:${'0'.repeat(128)}`)).status).to.equal(2);
      expect((await desk.online(bundle, 'get', '99')).status).to.equal(4);
      expect((await desk.online(bundle, 'fetch', '1')).status).to.equal(4);
      await desk.write(
        'got.isal-bundle',
        fromUtf8(await desk.read('got.isal-bundle')).replace('size', 'Size'),
      );
      await desk.write('broken.isal-bundle', '{}');
      expect((await desk.offline(bundle, 'inspect', desk.path('broken.isal-bundle'))).status).to.equal(1);
    });

    it('proof inclusion by index or leaf hash gives a proof that inspect verifies offline', async () => {
      const out = desk.path('one.tlog-proof');
      const shown = await desk.online(proof, 'inclusion', '--index', '2', '--out', out);
      expect(shown.stdout).to.match(/^✓ Included +leaf 2 of 5/m);
      const leafHash = /^Leaf hash +([0-9a-f]{64})$/m.exec(shown.stdout)?.[1] ?? '';
      const json = await desk.online(proof, 'inclusion', '--leaf', leafHash, '--json');
      expect(JSON.parse(json.stdout)).to.deep.include({ index: 2, leafHash });
      await withoutNetwork(async () => {
        const inspected = await desk.offline(proof, 'inspect', out);
        expect(inspected.stdout)
          .to.match(/^✓ Included +leaf 2 of 5/m)
          .and.to.match(/^\? Authority/m);
        expect((await desk.offline(proof, 'inspect', out, '--leaf', leafHash, '--json')).status).to.equal(0);
        expect((await desk.offline(proof, 'inspect', out, '--leaf', '0'.repeat(64))).status).to.equal(1);
      });
      const bare = fromUtf8(await desk.read('one.tlog-proof')).replace(/^extra .*\n/m, '');
      const other = await desk.write('bare.tlog-proof', bare);
      expect((await desk.offline(proof, 'inspect', other)).status).to.equal(4);
      expect((await desk.offline(proof, 'inspect', other, '--leaf', leafHash)).status).to.equal(0);
      for (const args of [['--index', '9'], [], ['--index', '1', '--leaf', leafHash], ['--leaf', 'zz']]) {
        expect((await desk.online(proof, 'inclusion', ...args)).status, args.join(' ')).to.equal(4);
      }
      expect((await desk.online(proof, 'inclusion', '--leaf', '0'.repeat(64))).status).to.equal(2);
    });

    it('proof consistency ties both sizes to the signed checkpoint', async () => {
      for (const args of [
        ['--from', '2'],
        ['--from', '2', '--to', '4'],
        ['--from', '0', '--to', '3'],
        ['--from', '5', '--to', '5'],
      ]) {
        const { status, stdout } = await desk.online(proof, 'consistency', ...args);
        expect(status, stdout).to.equal(0);
        expect(stdout).to.match(/^✓ Consistent/m);
      }
      const json = await desk.online(proof, 'consistency', '--from', '1', '--to', '3', '--json');
      expect(JSON.parse(json.stdout)).to.deep.include({ from: 1, to: 3 });
      for (const args of [['--from', '4', '--to', '2'], ['--from', '1', '--to', '99'], [], ['--from', 'x']]) {
        expect((await desk.online(proof, 'consistency', ...args)).status).to.equal(4);
      }
      expect((await desk.online(proof, 'consistency', 'x', '--from', '1')).status).to.equal(4);
      expect((await desk.online(proof, 'nothing')).status).to.equal(4);
    });

    it('log checkpoint, entry, search and export show what is proven', async () => {
      const checkpoint = await desk.online(log, 'checkpoint');
      expect(checkpoint.stdout).to.match(/^✓ Checkpoint +ledger\.example\/test, size 5$/m);
      expect((await desk.online(log, 'checkpoint', '--raw')).stdout).to.match(/^ledger\.example\/test\n5\n/);
      expect(JSON.parse((await desk.online(log, 'checkpoint', '--json')).stdout)).to.deep.include({
        size: 5,
      });
      const bare = await desk.write('policy.txt', formatPolicy(policy));
      const alone = await desk.run(log, 'checkpoint', '--trust', bare, '--url', desk.server.url);
      expect(alone.status).to.equal(0);

      const entry = await desk.online(log, 'entry', '1');
      expect(entry.stdout).to.contain('✓ Included').and.to.contain('"country": "CH"').and.to.contain(sha256);
      const json = JSON.parse((await desk.online(log, 'entry', '3', '--json')).stdout) as {
        leafHash: string;
      };
      expect((await desk.online(log, 'entry', json.leafHash)).stdout).to.contain(
        'Leaf           3, database-update',
      );

      const search = async (...args: string[]): Promise<number[]> => {
        const { stdout } = await desk.online(log, 'search', '--json', ...args);
        const lines = stdout.split('\n').filter((line) => line !== '');
        return lines.map((line) => (JSON.parse(line) as { index: number }).index);
      };
      expect(await search('--type', 'build')).to.deep.equal([1, 2]);
      expect(await search('--type', 'build', '--limit', '1')).to.deep.equal([1]);
      expect(await search('--type', 'build', '--after', '1')).to.deep.equal([2]);
      expect(await search('--family', 'threats')).to.deep.equal([3]);
      expect(await search('--product', 'hello')).to.deep.equal([1, 2]);
      expect(await search('--source', 'access')).to.deep.equal([4]);
      expect(await search('--signer', builder.keyid)).to.deep.equal([1, 2]);
      expect(await search('--subject', `sha256:${sha256}`)).to.deep.equal([1]);
      const table = await desk.online(log, 'search', '--type', 'build');
      expect(table.stdout.split('\n')[0]).to.match(/^ +1 {2}build +hello 1\.1 +2026-11-03T09:30:00Z/);
      expect(table.stderr).to.contain('that there are no others is not shown');

      const out = desk.path('leaves.ndjson');
      expect((await desk.online(log, 'export', '--out', out)).stdout).to.match(/^✓ Exported +5 leaves/m);
      const lines = fromUtf8(await desk.read('leaves.ndjson')).split('\n');
      expect(lines).to.have.length(6);
      expect((await desk.online(log, 'export', '--out', out)).error?.code).to.equal('file-unreadable');
      for (const args of [['nothing'], ['export'], ['search', 'x'], ['entry'], ['entry', 'x'], ['fsck']]) {
        expect((await desk.online(log, ...args)).status, args.join(' ')).to.equal(4);
      }
    });

    it('log fsck reads the whole log over HTTP, and derives everything again', async () => {
      const { status, stdout } = await desk.offline(log, 'fsck', desk.server.url);
      expect(status, stdout).to.equal(0);
      expect(stdout).to.match(/^✓ Leaves +5, which give the root/m);
      expect(stdout).to.match(/^✓ Authorised +all 5 leaves/m);
      const json = JSON.parse((await desk.offline(log, 'fsck', desk.server.url, '--json')).stdout) as object;
      expect(json).to.deep.include({ exit: 0, size: 5, findingCount: 0, gaps: [] });
      expect((await desk.offline(log, 'fsck', desk.directory)).error?.code).to.equal('store-missing');
    });
  });
});
