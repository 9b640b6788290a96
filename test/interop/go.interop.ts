/**
 * The served log in the hands of other people's code: `go/main.go` reads it
 * with golang.org/x/mod and transparency-dev only, at the sizes where tiles
 * begin and end; and again through a proxy that changes one byte.
 */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { hashLeaf } from '#sha256';
import { signEnvelope } from '../../src/attestation/envelope.ts';
import { encodeStatement } from '../../src/attestation/statement.ts';
import { toHex } from '../../src/bytes.ts';
import { isal, serve } from '../../src/demo/child.ts';
import type { Server } from '../../src/demo/child.ts';
import { record } from '../../src/demo/record.ts';
import { accessStatement } from '../../src/demo/statements.ts';
import { readPartyKey } from '../../src/cli/terminal/secret-file.ts';
import { parsePolicy } from '../../src/note/policy.ts';

const run = promisify(execFile);
const goSources = fileURLToPath(new URL('../../../test/interop/go', import.meta.url));
const origin = 'interop.example/log';
const sizes = [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000];

interface Outcome {
  readonly status: number;
  readonly output: string;
}

describe('a log read by x/mod and transparency-dev', () => {
  let directory: string;
  let server: Server;
  let program: string;
  let keys: { ed25519: string; postQuantum: string };

  const read = async (url: string): Promise<Outcome> => {
    const args = ['-url', url, '-vkey', keys.ed25519, '-mldsa', keys.postQuantum];
    args.push('-checkpoints', directory, '-proofs', directory);
    try {
      const { stdout } = await run(program, args);
      return { status: 0, output: stdout };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { status: code, output: stdout + stderr };
    }
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-interop-'));
    program = join(directory, 'interop');
    await run('go', ['build', '-o', program, '.'], { cwd: goSources });
    expect((await isal(['init', 'ledger', '--origin', origin], { cwd: directory })).status).to.equal(0);
    const trust = JSON.parse(await readFile(join(directory, 'ledger', 'trust.json'), 'utf8')) as {
      policy: string;
    };
    keys = {
      ed25519: /^log (\S+)/m.exec(trust.policy)?.[1] ?? '',
      postQuantum: /^# log (\S+)/m.exec(trust.policy)?.[1] ?? '',
    };
    server = await serve(join(directory, 'ledger'), 0);
    const gateway = await readPartyKey(join(directory, 'ledger', 'keys', 'access-gateway.pem'));
    const genesis = await readFile(join(directory, 'ledger', 'genesis.json'));
    const authority = toHex(hashLeaf(genesis));
    const occurredAt = '2026-11-03T12:00:00Z';
    let size = 1;
    const leaves = function* (until: number): Generator<Uint8Array> {
      for (; size < until; size++) {
        const place = { origin, authority, seq: size, occurredAt };
        yield signEnvelope(encodeStatement(accessStatement(place)), [gateway]);
      }
    };
    for (const wanted of sizes) {
      const recorder = { url: server.url, policy: parsePolicy(trust.policy) };
      for await (const { index } of record(leaves(wanted), recorder)) {
        expect(index).to.be.lessThan(wanted);
      }
      const checkpoint = await fetch(`${server.url}/checkpoint`);
      await writeFile(join(directory, `${wanted}.checkpoint`), await checkpoint.text());
      const path = `api/v1/proofs/inclusion?index=${wanted - 1}`;
      const proof = await fetch(`${server.url}/${path}`, { headers: { accept: 'text/plain' } });
      await writeFile(join(directory, `${wanted}.tlog-proof`), await proof.text());
    }
  });

  after(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('agrees with every checkpoint, tile, entry and proof', async () => {
    const { status, output } = await read(server.url);
    expect(status, output).to.equal(0);
    expect(output).to.contain('size 70000');
    expect(output).to.contain('inclusion of every entry verified');
    // Every ordered pair of the captured sizes and the newest, which is the last of them once more.
    const pairs = ((sizes.length + 1) * (sizes.length + 2)) / 2 + 1;
    expect(output).to.contain(`consistency of ${pairs} pairs`);
    expect(output).to.contain(`${sizes.length} proof documents verified`);
  });

  for (const { path, at } of [
    { path: '/checkpoint', at: 40 },
    { path: '/tile/0/137', at: 5000 },
    { path: '/tile/1/000', at: 8191 },
    { path: '/tile/2/000.p/1', at: 31 },
    { path: '/tile/entries/255', at: 1000 },
    { path: '/tile/entries/273.p/112', at: 1 },
  ]) {
    it(`fails when byte ${at} of ${path} is changed`, async () => {
      const proxy = await flippingProxy(server.url, path, at);
      try {
        const { port } = proxy.address() as AddressInfo;
        const { status, output } = await read(`http://127.0.0.1:${port}`);
        expect(status, output).to.equal(1);
      } finally {
        proxy.close();
        proxy.closeAllConnections();
      }
    });
  }
});

/** Passes requests on, and flips one bit of byte `at` in the answer for `path`. */
async function flippingProxy(target: string, path: string, at: number): Promise<HttpServer> {
  const proxy = createServer((request, response) => {
    void (async () => {
      const upstream = await fetch(target + (request.url ?? ''), {
        headers: { 'accept-encoding': 'identity' },
      });
      const body = Buffer.from(await upstream.arrayBuffer());
      if (request.url === path) body[at] = (body[at] ?? 0) ^ 1;
      response.writeHead(upstream.status).end(body);
    })();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return proxy;
}
