/**
 * A witness of 10,000 logs, as a process: how long it takes to start and how
 * much memory it holds, with every log remembered. `ISAL_WITNESS_LOGS` says how
 * many there are (3000; 10000 for the long form), and `ISAL_WITNESS_COSIGNED` how
 * many of them it has cosigned before (500; 10000 for the long form).
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fromBase64, utf8 } from '../../src/bytes.ts';
import { formatAddCheckpoint } from '../../src/note/add-checkpoint.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { formatVerifierKey } from '../../src/note/key.ts';
import { formatNote } from '../../src/note/note.ts';
import { parsePolicy } from '../../src/note/policy.ts';
import { maxLogs, witnessPolicyBounds } from '../../src/witness/witness.ts';
import { isal } from '../cli/isal.ts';
import { seed } from '../note/make.ts';
import { WitnessProcess } from '../witness/process.ts';

const served = Number(process.env['ISAL_WITNESS_LOGS'] ?? 3_000);
const cosigned = Number(process.env['ISAL_WITNESS_COSIGNED'] ?? 500);
/** Beside reading its policy, which checks 10,000 keys and is measured here for comparison. */
const startWithinMs = 20_000;
const residentWithin = 400 * 1024;

interface Log {
  readonly name: string;
  readonly id: number;
  readonly vkey: string;
  readonly key: KeyObject;
}

function makeLog(number: number): Log {
  const name = `log-${number}.example/witnessed`;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const raw = fromBase64(`${x.replaceAll('-', '+').replaceAll('_', '/')}=`, 32);
  const digest = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(1)).update(raw).digest();
  const id = digest.readUInt32BE(0);
  return { name, id, vkey: formatVerifierKey({ name, id, type: 1, publicKey: raw }), key: privateKey };
}

function request({ name, id, key }: Log, size: number, oldSize = 0): Uint8Array {
  const text = formatCheckpoint({ origin: name, size, root: seed(size), extensions: [] });
  const signature = new Uint8Array(sign(null, utf8(text), key));
  const checkpoint = utf8(formatNote({ text, signatures: [{ name, id, signature }] }));
  return formatAddCheckpoint({ oldSize, proof: [], checkpoint });
}

async function residentKiB(pid: number): Promise<number> {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

describe(`a witness of ${served} logs`, function () {
  this.timeout(served > 3_000 ? 1_800_000 : 300_000);
  let parent: string;
  let dir: string;
  let logs: Log[];

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-witness-scale-'));
    dir = join(parent, 'witness');
    logs = Array.from({ length: maxLogs + 1 }, (_, number) => makeLog(number));
  });

  after(async () => {
    await WitnessProcess.killAll();
    await rm(parent, { recursive: true });
  });

  const init = async (count: number, at: string): ReturnType<typeof isal> => {
    const policy = join(parent, `${count}.txt`);
    await writeFile(
      policy,
      `${logs
        .slice(0, count)
        .map(({ vkey }) => `log ${vkey}\n`)
        .join('')}quorum none\n`,
    );
    return isal(['witness', 'init', at, '--name', 'witness.example/scale', '--policy', policy]);
  };

  it('starts and cosigns them within bounds of time and memory, and remembers all of them', async () => {
    const made = await init(served, dir);
    expect(made.status, made.stderr).to.equal(0);
    expect(made.stdout).to.contain(`It cosigns ${served.toLocaleString('en')} logs.`);
    const first = await WitnessProcess.startForSure(dir);
    const began = performance.now();
    for (let at = 0; at < cosigned; at += 50) {
      const answers = await Promise.all(logs.slice(at, at + 50).map((log) => first.add(request(log, 5))));
      for (const answer of answers) expect(answer?.status).to.equal(200);
    }
    const each = (performance.now() - began) / cosigned;
    expect(await first.stop()).to.equal(0);

    const policy = await readFile(join(dir, 'policy.txt'));
    const control = performance.now();
    parsePolicy(new Uint8Array(policy), witnessPolicyBounds);
    const policyMs = performance.now() - control;
    const restarted = performance.now();
    const second = await WitnessProcess.startForSure(dir);
    const startMs = performance.now() - restarted;
    for (const at of [0, cosigned - 1]) {
      const answer = await second.add(request(logs[at] as Log, 7));
      expect(answer).to.deep.equal({ status: 409, body: '5\n' });
    }
    const resident = await residentKiB(second.pid);
    expect(await second.stop()).to.equal(0);
    console.log(
      `      ${cosigned} of ${served} logs cosigned, ${each.toFixed(1)} ms each; ` +
        `started again in ${(startMs / 1_000).toFixed(1)} s (reading the policy here: ${(policyMs / 1_000).toFixed(1)} s), ${Math.round(resident / 1_024)} MiB at most`,
    );
    // A shared machine may be twice as slow the second time.
    expect(startMs).to.be.below(2 * policyMs + startWithinMs);
    expect(resident).to.be.below(residentWithin);
  });

  it('refuses one more', async () => {
    const { status, stderr } = await init(maxLogs + 1, join(parent, 'more'));
    expect(status).to.equal(4);
    expect(stderr)
      .to.match(/malformed-policy/)
      .and.to.contain('at most 10000 logs');
  });
});
