import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseVerifierKey } from '../../../src/note/key.ts';
import { parsePolicy } from '../../../src/note/policy.ts';
import { verifyEvidence } from '../../../src/verifier/convicting/evidence.ts';
import { hashOfOrigin } from '../../../src/witness/records.ts';
import { Journal } from '../../witness/journal.ts';
import { WitnessedLog } from '../../witness/log.ts';
import { WitnessProcess } from '../../witness/process.ts';
import { isal } from '../isal.ts';

const log = new WitnessedLog();
const forked = new WitnessedLog({ history: 1, shared: 3 });
const name = 'witness.example/cli';

describe('isal witness', () => {
  let parent: string;
  let dir: string;
  let policy: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-witness-'));
    dir = join(parent, 'witness');
    policy = join(parent, 'policy.txt');
    await writeFile(policy, `${log.line}quorum none\n`);
  });

  afterEach(async () => {
    await WitnessProcess.killAll();
    await rm(parent, { recursive: true });
  });

  const init = async (...more: string[]): ReturnType<typeof isal> =>
    isal(['witness', 'init', dir, '--name', name, '--policy', policy, ...more]);

  it('makes keys that nobody else reads, and says the lines for policies', async () => {
    const { status, stdout } = await init('--url', 'https://witness.example/w');
    expect(status).to.equal(0);
    expect(stdout).to.contain(`It cosigns ${log.origin}.`);
    for (const file of await readdir(join(dir, 'keys'))) {
      expect((await stat(join(dir, 'keys', file))).mode & 0o777).to.equal(0o600);
    }
    expect(await readdir(join(dir, 'keys'))).to.have.members(['witness-ed25519.key', 'witness-mldsa44.key']);
    // One voice for each witness: the second key stands there as a comment.
    const handedOn = await readFile(join(dir, 'for-policies.txt'), 'utf8');
    const lines = handedOn.trimEnd().split('\n');
    expect(stdout).to.contain(`\n\n${lines[0]}\n\n`).and.to.contain(join(dir, 'for-policies.txt'));
    for (const line of stdout.split('\n')) expect(line.length).to.be.below(160);
    expect(lines.map((line) => line.startsWith('#'))).to.deep.equal([false, true]);
    const { witnesses } = parsePolicy(`${lines.join('\n')}\nquorum ${name}\n`);
    expect(witnesses.map((witness) => [witness.name, witness.key.type, witness.url])).to.deep.equal([
      [name, 4, 'https://witness.example/w'],
    ]);
    expect(parseVerifierKey(lines[1]?.split(' ')[3] ?? '').type).to.equal(6);
    expect((await isal(['witness', 'show', dir, '--url', 'https://witness.example/w'])).stdout).to.equal(
      `${lines.join('\n')}\n`,
    );
  });

  it('takes the logs of a ledger’s trust file, and nothing else of its policy', async () => {
    const ledger = join(parent, 'ledger');
    expect((await isal(['init', ledger, '--origin', 'ledger.example/w'])).status).to.equal(0);
    policy = join(ledger, 'trust.json');
    expect((await init()).stdout).to.contain('It cosigns ledger.example/w.');
    expect(await readFile(join(dir, 'policy.txt'), 'utf8')).to.match(/^log ledger\S+\nquorum none\n$/);
  });

  it('makes one key alone where that is asked for, and none is no witness', async () => {
    const { stdout } = await init('--no-ed25519');
    expect(stdout)
      .to.contain(join(dir, 'for-policies.txt'))
      .and.to.not.match(/^witness /m);
    expect(await readFile(join(dir, 'for-policies.txt'), 'utf8')).to.match(/^witness witness\.example\/cli /);
    expect(await readdir(join(dir, 'keys'))).to.deep.equal(['witness-mldsa44.key']);
    await rm(dir, { recursive: true });
    expect((await init('--no-ed25519', '--no-post-quantum')).status).to.equal(4);
  });

  it('overwrites nothing, and refuses what it cannot read as a policy', async () => {
    await init();
    const before = await readFile(join(dir, 'keys', 'witness-ed25519.key'), 'utf8');
    expect((await init()).stderr).to.contain('store-exists');
    expect(await readFile(join(dir, 'keys', 'witness-ed25519.key'), 'utf8')).to.equal(before);
    await rm(dir, { recursive: true });
    await writeFile(policy, log.line);
    expect(await init()).to.include({ status: 4 });
    expect(await readdir(parent)).to.have.members(['policy.txt']);
  });

  it('refuses to run without its keys to itself, its store, or its anchor', async () => {
    expect((await isal(['witness', 'run', dir])).stderr).to.contain('store-missing');
    await init();
    for (const [path, code] of [
      ['db', 'store-missing'],
      ['anchor', 'anchor-missing'],
    ] as const) {
      await rm(join(dir, path), { recursive: true });
      expect((await isal(['witness', 'run', dir])).stderr).to.contain(code);
      await rm(dir, { recursive: true });
      await init();
    }
    await chmod(join(dir, 'keys', 'witness-mldsa44.key'), 0o640);
    expect((await isal(['witness', 'run', dir])).stderr).to.contain('key-readable-by-others');
    await rm(join(dir, 'keys'), { recursive: true });
    expect((await isal(['witness', 'run', dir])).stderr).to.contain('bad-key');
    for (const args of [[], ['run'], ['walk', dir], ['run', dir, '--port', '65536'], ['init', dir]]) {
      expect((await isal(['witness', ...args])).status, args.join(' ')).to.equal(4);
    }
  });

  it('cosigns as a process, remembers when it is killed, and keeps a fork as evidence', async () => {
    await init();
    const lines = await readFile(join(dir, 'for-policies.txt'), 'utf8');
    const vkey = /^witness \S+ (\S+)$/m.exec(lines)?.[1] ?? '';
    const mldsa = /^# witness \S+ (\S+)$/m.exec(lines)?.[1] ?? '';
    const journal = new Journal([vkey, mldsa].map(parseVerifierKey));
    const first = await WitnessProcess.start(dir);
    const body = await log.body(0, 8);
    const answered = journal.asked(body);
    const answer = await first?.add(body);
    expect(answer?.status).to.equal(200);
    answered(answer?.body ?? '');
    expect(journal.given).to.have.length(2);
    await first?.kill();

    const second = await WitnessProcess.start(dir);
    expect(await second?.add(await forked.body(0, 9))).to.deep.equal({ status: 409, body: '8\n' });
    expect((await second?.add(await forked.body(8, 8)))?.status).to.equal(422);
    expect((await second?.add(await forked.body(8, 8)))?.status).to.equal(422);
    expect((await second?.add(await forked.body(8, 13)))?.status).to.equal(422);
    const served = await second?.get(`/${hashOfOrigin(log.origin)}/checkpoint`);
    expect(served?.body).to.contain(answer?.body);
    expect(await second?.stop()).to.equal(0);
    const files = await readdir(join(dir, 'forks'));
    // From a size that is a whole subtree the proof alone does not convict.
    expect(files.map((file) => file.replace(/^.*\./, ''))).to.have.members(['json', 'refused', 'cosigned']);
    const forks = files.filter((file) => file.endsWith('.json'));
    const shown = (await isal(['witness', 'show', dir])).stdout;
    expect(shown)
      .to.contain(lines)
      .and.to.match(/^# \S+\.json: .* two histories, of sizes 8 and 8/m);
    expect(shown).to.match(/^# \S+\.refused: .* size 13/m);
    // Anybody who pins the log's key can judge it; nothing is asked of the witness.
    const evidence = await readFile(join(dir, 'forks', forks[0] ?? ''));
    const trust = { policy: parsePolicy(`${log.line}quorum none\n`), genesis: '00'.repeat(32) };
    const finding = verifyEvidence(new Uint8Array(evidence), { ...trust, origin: log.origin });
    expect(finding).to.include({ kind: 'fork', origin: log.origin });
    expect(second?.words).to.match(/"event":"fork"/);
  });
});
