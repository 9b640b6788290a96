/**
 * A file that nobody here made, from the archive to the verdict: `hello` comes
 * by `apt-get download`, its row was recorded as a build, and the check works
 * with the network taken away (`unshare -n`, which needs root).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { hashLeaf, sha256 } from '#sha256';
import { signEnvelope } from '../../src/attestation/envelope.ts';
import { encodeStatement } from '../../src/attestation/statement.ts';
import { toHex } from '../../src/bytes.ts';
import { isal, serve } from '../../src/demo/child.ts';
import type { Server } from '../../src/demo/child.ts';
import { record } from '../../src/demo/record.ts';
import { readRows, shippedRows } from '../../src/demo/rows.ts';
import { buildColumns, buildStatement } from '../../src/demo/statements.ts';
import { hashFile } from '../../src/cli/terminal/hash-file.ts';
import { readPartyKey } from '../../src/cli/terminal/secret-file.ts';
import { parseTrust } from '../../src/verifier/trust.ts';
import { judgeFile } from '../../src/verifier/judging/judge-file.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const origin = 'e2e.example/log';

describe('a package of a public archive', () => {
  let directory: string;
  let server: Server;
  let file: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-e2e-'));
    await run('apt-get', ['update']);
    // The download drops its privileges, which a directory of mode 0700 would not let it do.
    await run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', 'hello'], { cwd: directory });
    file = (await readdir(directory)).find((name) => name.startsWith('hello_')) ?? '';
    expect(file).to.match(/\.deb$/);
    expect((await isal(['init', 'ledger', '--origin', origin], { cwd: directory })).status).to.equal(0);
    server = await serve(join(directory, 'ledger'), 0);
    const key = (name: string): Promise<Uint8Array> =>
      readPartyKey(join(directory, 'ledger', 'keys', `${name}.pem`));
    const signers = [await key('builder'), await key('supervisor')];
    const authority = toHex(hashLeaf(await readFile(join(directory, 'ledger', 'genesis.json'))));
    const { policy } = parseTrust(await readFile(join(directory, 'ledger', 'trust.json')));
    let seq = 0;
    const leaves = async function* (): AsyncGenerator<Uint8Array> {
      for await (const row of readRows(shippedRows('builds.jsonl'), buildColumns)) {
        const place = { origin, authority, seq: ++seq, occurredAt: '2026-11-03T12:00:00Z' };
        yield signEnvelope(encodeStatement(buildStatement(row, place)), signers);
      }
    };
    for await (const { index } of record(leaves(), { url: server.url, policy })) {
      expect(index).to.be.greaterThan(0);
    }
  });

  after(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const trust = ['--trust', 'ledger/trust.json'];

  it('is recorded and built, and the answer is saved', async () => {
    const { status, output } = await isal(['verify', file, ...trust, '--url', server.url], {
      cwd: directory,
    });
    expect(status, output).to.equal(0);
    expect(output).to.match(/✓ Recorded/);
    // With a deviation declared: the supervisor saw no build, it had the archive's word.
    expect(output).to.match(/! Built/);
    expect(output).to.match(/\? Corrections/);
    expect(output).to.contain(toHex(sha256(await readFile(join(directory, file)))).slice(0, 8));
  });

  it('verifies again with the network taken away', async () => {
    const args = ['verify', file, '--offline', '--bundle', `${file}.isal-bundle`, ...trust];
    const { stdout } = await run('unshare', ['-n', process.execPath, main, ...args], { cwd: directory });
    expect(stdout).to.match(/✓ Recorded/);
  });

  it('is not taken for the recorded file once a byte is flipped, with and without the bundle', async () => {
    const bytes = await readFile(join(directory, file));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(join(directory, 'flipped.deb'), bytes);
    const online = await isal(['verify', 'flipped.deb', ...trust, '--url', server.url], { cwd: directory });
    expect(online.status, online.output).to.equal(2);
    const offline = await isal(
      ['verify', 'flipped.deb', '--offline', '--bundle', `${file}.isal-bundle`, ...trust],
      { cwd: directory },
    );
    expect(offline.status, offline.output).to.equal(2);
  });

  it('finds every flipped byte of its bundle', async () => {
    const pinned = parseTrust(await readFile(join(directory, 'ledger', 'trust.json')));
    const bundle = new Uint8Array(await readFile(join(directory, `${file}.isal-bundle`)));
    const digests = await hashFile(join(directory, file));
    const text = new TextDecoder().decode(bundle);
    // Signature lines in the checkpoint: the first is the needed one, the second the post-quantum one.
    const needed = text.indexOf('— ');
    const spare = text.indexOf('— ', needed + 1);
    const bytesBefore = (at: number): number => new TextEncoder().encode(text.slice(0, at)).length;
    const [from, to] = [bytesBefore(spare), bytesBefore(text.indexOf('"', spare))];
    const answers = new Map<string, number>();
    const wrong: string[] = [];
    for (let at = 0; at < bundle.length; at++) {
      const flipped = bundle.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const { answer } = await judgeFile({ digests, bundle: flipped, trust: pinned });
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      const insideSpare = at >= from && at < to;
      const insideNeeded = at >= bytesBefore(needed) && at < from;
      if (answer === 'proven' && !insideSpare) wrong.push(`byte ${at} flipped: still proven`);
      if (answer === 'policy' && !insideNeeded) wrong.push(`byte ${at} flipped: policy`);
      if (answer === 'not-proven') wrong.push(`byte ${at} flipped: not proven`);
    }
    expect(wrong).to.deep.equal([]);
    expect([...answers.keys()].toSorted()).to.deep.equal(['contradicted', 'policy', 'proven']);
  });
});
