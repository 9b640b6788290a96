/**
 * Another implementation of c2sp.org/tlog-witness beside ours: litewitness, in
 * Go, at the version in `litewitness/go.mod`. Both get the same requests; both
 * are asked by the ledger's own client; and a ledger whose quorum is the two
 * of them records what it is given. Needs `go`.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { signEnvelope } from '../../src/attestation/envelope.ts';
import { encodeStatement } from '../../src/attestation/statement.ts';
import { toHex } from '../../src/bytes.ts';
import { serve } from '../../src/demo/child.ts';
import { record } from '../../src/demo/record.ts';
import { accessStatement } from '../../src/demo/statements.ts';
import { readPartyKey } from '../../src/cli/terminal/secret-file.ts';
import { WitnessClient } from '../../src/ledger/witnessing/witness-client.ts';
import type { WitnessAnswer } from '../../src/ledger/witnessing/witness-client.ts';
import { verifyCosignature } from '../../src/note/cosignature.ts';
import {
  formatVerifierKey,
  matchesKey,
  parseVerifierKey,
  signerKey,
  verifierOf,
} from '../../src/note/key.ts';
import type { VerifierKey } from '../../src/note/key.ts';
import { parseSignatureLines } from '../../src/note/note.ts';
import { parsePolicy } from '../../src/note/policy.ts';
import { verifyCheckpoint } from '../../src/note/quorum.ts';
import { isal } from '../cli/isal.ts';
import { seed } from '../note/make.ts';
import { caseLog, witnessCases } from '../witness/cases.ts';
import { WitnessedLog, damaged } from '../witness/log.ts';
import { WitnessProcess } from '../witness/process.ts';

const run = promisify(execFile);
const goSources = fileURLToPath(new URL('../../../test/interop/litewitness', import.meta.url));
const theirKey = signerKey({ name: 'litewitness.example/w', type: 4, seed: seed(88) });

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when somebody listens, asking again whenever nobody does. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const heard = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (heard) return;
  }
}

describe('litewitness and ours', () => {
  let directory: string;
  let children: ChildProcess[];
  let theirs: string;
  let ours: WitnessProcess;
  let ourKey: VerifierKey;
  /** Lets litewitness know a log. */
  let knowLog: (vkey: string) => Promise<unknown>;

  before(async function () {
    this.timeout(600_000);
    directory = await mkdtemp(join(tmpdir(), 'isal-litewitness-'));
    children = [];
    const programs = ['.', 'filippo.io/torchwood/cmd/litewitness'];
    await run('go', ['build', '-o', `${directory}/`, ...programs], { cwd: goSources });
    const keeper = join(directory, 'litewitness-keeper');
    const socket = join(directory, 'agent.sock');
    const agent = spawn(keeper, ['agent', socket, toHex(theirKey.seed)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(agent);
    const [fingerprint] = (await once(createInterface({ input: agent.stdout }), 'line')) as [string];
    const port = await freePort();
    const database = join(directory, 'litewitness.db');
    const args = ['-db', database, '-name', theirKey.name, '-key', fingerprint, '-ssh-agent', socket];
    args.push('-listen', `127.0.0.1:${port}`);
    children.push(spawn(join(directory, 'litewitness'), args, { stdio: 'ignore' }));
    await listening(port);
    theirs = `http://127.0.0.1:${port}`;
    knowLog = async (vkey) => run(keeper, ['add-log', database, vkey]);
  });

  after(async () => {
    for (const child of children) child.kill();
    await WitnessProcess.killAll();
    await rm(directory, { recursive: true, force: true });
  });

  /** Starts our witness for the logs of a policy, in a directory of its own. */
  const startOurs = async (name: string, policy: string): Promise<void> => {
    const file = join(directory, `${name}.policy`);
    await writeFile(file, policy);
    const dir = join(directory, name);
    const made = await isal(['witness', 'init', dir, '--name', 'isal.example/w', '--policy', file]);
    expect(made.status, made.stderr).to.equal(0);
    ourKey = parseVerifierKey(/^witness \S+ (\S+)$/m.exec(made.stdout)?.[1] ?? '');
    ours = await WitnessProcess.startForSure(dir);
  };

  it('answer the same requests with the same statuses, sizes and verifiable cosignatures', async () => {
    await knowLog(formatVerifierKey(verifierOf(caseLog.key)));
    await startOurs('cases', `${caseLog.line}quorum none\n`);
    const cases = await witnessCases();
    for (const [url, key] of [
      [theirs, verifierOf(theirKey)],
      [ours.url, ourKey],
    ] as const) {
      for (const { what, body, status, remembered, cosigns, oursAlone } of cases) {
        if (oursAlone && url === theirs) continue;
        const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: Buffer.from(body) });
        const answer = await response.text();
        expect(response.status, `${what}, ${key.name}`).to.equal(status);
        if (remembered !== undefined) {
          expect([response.headers.get('Content-Type'), answer]).to.deep.equal([
            'text/x.tlog.size',
            remembered,
          ]);
        }
        if (cosigns === undefined) continue;
        const line = parseSignatureLines(answer).find((signature) => matchesKey(key, signature));
        if (line === undefined) throw new Error(`${what}: no line by ${key.name}`);
        expect(verifyCosignature(key, cosigns, line).time).to.be.closeTo(Date.now() / 1000, 60);
      }
    }
    expect(await ours.stop()).to.equal(0);
  });

  it('are asked by the ledger’s client: cosigned, repaired, disputed, behind, refused', async () => {
    const log = new WitnessedLog({ origin: 'client.example/log' });
    const forked = new WitnessedLog({ origin: 'client.example/log', history: 1, shared: 3 });
    const unknown = new WitnessedLog({ origin: 'unknown.example/log' });
    await knowLog(formatVerifierKey(verifierOf(log.key)));
    await startOurs('client', `${log.line}quorum none\n`);
    for (const [url, key] of [
      [theirs, verifierOf(theirKey)],
      [ours.url, ourKey],
    ] as const) {
      const ask = async (
        of: WitnessedLog,
        size: number,
        note = of.checkpoint(size),
      ): Promise<WitnessAnswer> => {
        // A client for each question: it knows nothing of what the witness remembers.
        const client = new WitnessClient({
          url,
          witnesses: [{ name: 'W', key }],
          origin: of.origin,
          timeoutMs: 10_000,
          now: Date.now,
        });
        const submission = {
          head: of.head(size),
          note,
          text: of.text(size),
          prove: async (from: number) => of.proof(from, size),
        };
        const answer = await client.ask(submission, new AbortController().signal);
        await client.close();
        return answer;
      };
      const failure = async (answer: Promise<WitnessAnswer>): Promise<string | undefined> => {
        const given = await answer;
        return given.kind === 'failed' ? given.error.got : given.kind;
      };
      expect(await failure(ask(unknown, 5))).to.equal('status 404');
      expect((await ask(log, 5)).kind).to.equal('cosigned');
      expect((await ask(log, 13)).kind).to.equal('cosigned');
      expect((await ask(log, 13)).kind).to.equal('cosigned');
      expect((await ask(forked, 20)).kind).to.equal('disputes');
      expect((await ask(forked, 13)).kind).to.equal('disputes');
      expect(await ask(log, 9)).to.include({ kind: 'ahead', size: 13 });
      expect(await failure(ask(log, 14, damaged(log.checkpoint(14))))).to.equal('status 403');
    }
    expect(await ours.stop()).to.equal(0);
  });

  it('cosign a ledger whose quorum is the two of them', async function () {
    this.timeout(120_000);
    const ledger = join(directory, 'ledger');
    const origin = 'ledger.example/interop';
    // The witnesses must know the ledger's key before the ledger is told of them.
    expect((await isal(['init', ledger, '--origin', origin])).status).to.equal(0);
    const trustPath = join(ledger, 'trust.json');
    const trust = JSON.parse(await readFile(trustPath, 'utf8')) as {
      policy: string;
      genesis: string;
    };
    const logLine = /^log \S+$/m.exec(trust.policy)?.[0] ?? '';
    await knowLog(logLine.split(' ')[1] ?? '');
    await startOurs('quorum', trust.policy);
    trust.policy = [
      logLine,
      `witness theirs ${formatVerifierKey(verifierOf(theirKey))} ${theirs}`,
      `witness ours ${formatVerifierKey(ourKey)} ${ours.url}`,
      'group both all theirs ours',
      'quorum both',
      '',
    ].join('\n');
    await writeFile(trustPath, JSON.stringify(trust));
    const server = await serve(ledger, 0);
    try {
      const policy = parsePolicy(trust.policy);
      const now = Math.floor(Date.now() / 1000);
      const gateway = await readPartyKey(join(ledger, 'keys', 'access-gateway.pem'));
      const place = { origin, authority: trust.genesis, occurredAt: new Date().toISOString() };
      const leaves = [1, 2, 3].map((seq) =>
        signEnvelope(encodeStatement(accessStatement({ ...place, seq })), [gateway]),
      );
      for (const leaf of leaves) {
        // Each receipt is checked under the policy: without both cosignatures it throws.
        for await (const { index } of record([leaf], { url: server.url, policy })) {
          expect(index).to.be.greaterThan(0);
        }
      }
      const note = new Uint8Array(await (await fetch(`${server.url}/checkpoint`)).arrayBuffer());
      const { checkpoint, witnesses } = verifyCheckpoint({ note, policy, now, maxAge: 60 });
      expect(checkpoint.size).to.equal(4);
      expect(witnesses.map(({ name }) => name)).to.have.members(['theirs', 'ours']);
    } finally {
      await server.stop();
      expect(await ours.stop()).to.equal(0);
    }
  });
});
