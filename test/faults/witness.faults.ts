/**
 * The witness as a process, killed at each call by which it changes the disk
 * while 50 calls race, and read again from what is left. Needs `strace` and
 * Linux.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseSignerKey, verifierOf } from '../../src/note/key.ts';
import { isal } from '../cli/isal.ts';
import { Journal } from '../witness/journal.ts';
import { WitnessedLog } from '../witness/log.ts';
import { WitnessProcess } from '../witness/process.ts';

const callsAtOnce = 50;

/**
 * Where the process dies: before the n-th call of that name in one of its
 * threads. The first of them fall into the opening. `write` is also how
 * threads wake each other and how answers leave.
 */
const deaths: readonly (readonly [call: string, from: number, to: number, step: number])[] = [
  ['fdatasync', 1, 12, 1],
  ['fsync', 1, 10, 1],
  ['link', 1, 5, 1],
  ['unlink', 1, 8, 1],
  ['rename', 1, 2, 1],
  ['write,writev', 20, 160, 10],
];

const log = new WitnessedLog({ leaves: 4000 });
const forked = new WitnessedLog({ leaves: 4000, history: 1, shared: 3 });

describe('a witness at the system calls', () => {
  let parent: string;
  let dir: string;
  let journal: Journal;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-witness-faults-'));
    dir = join(parent, 'witness');
    const policy = join(parent, 'policy.txt');
    await writeFile(policy, `${log.line}quorum none\n`);
    const made = await isal(['witness', 'init', dir, '--name', 'witness.example/f', '--policy', policy]);
    expect(made.status).to.equal(0);
    const keys = await Promise.all(
      ['witness-ed25519.key', 'witness-mldsa44.key'].map(async (file) =>
        verifierOf(parseSignerKey((await readFile(join(dir, 'keys', file), 'utf8')).trimEnd())),
      ),
    );
    journal = new Journal(keys);
  });

  afterEach(async () => {
    await WitnessProcess.killAll();
    await rm(parent, { recursive: true });
  });

  /** One call; resolves to what the witness says it remembers, if it does. */
  const call = async (
    of: WitnessedLog,
    witness: WitnessProcess,
    from: number,
    to: number,
  ): Promise<number> => {
    const body = await of.body(from, to);
    const answered = journal.asked(body);
    const answer = await witness.add(body);
    if (answer?.status === 200) answered(answer.body);
    return answer?.status === 409 ? Number(answer.body) : -1;
  };

  /** Rounds of racing calls of both histories until the witness is dead or `rounds` are over. */
  const race = async (witness: WitnessProcess, rounds: number): Promise<void> => {
    let remembered = Math.max(0, await call(log, witness, 4000, 4000));
    for (let round = 0; round < rounds && !witness.dead; round++) {
      const start = remembered;
      const answers = await Promise.all(
        Array.from({ length: callsAtOnce }, async (_, at) =>
          call(at % 2 === 0 ? log : forked, witness, start, start + 1 + ((at * 7) % 5)),
        ),
      );
      remembered = Math.max(start, journal.largest, ...answers);
    }
  };

  it('never contradicts itself when it is killed at any call that changes the disk', async function () {
    this.timeout(900_000);
    // The honest history first: from then on the other one is a fork.
    const first = await WitnessProcess.startForSure(dir);
    await call(log, first, 0, 5);
    await first.kill();
    // The same directory goes through all of them, so recovery is cut short as well.
    for (const [name, from, to, step] of deaths) {
      for (let at = from; at <= to; at += step) {
        const inject = `inject=${name}:signal=KILL:when=${at}`;
        const under = ['strace', '-f', '-qq', '-e', `trace=${name}`, '-e', inject, '-o', '/dev/null'];
        const victim = await WitnessProcess.start(dir, under);
        if (victim === undefined) continue;
        await race(victim, 20);
        // It is dead by now, or the list above asks for more calls than there are.
        await victim.kill();
        expect(victim.diedAlone, `${name} ${at}`).to.equal(true);
      }
    }
    const last = await WitnessProcess.startForSure(dir);
    await race(last, 1);
    expect(await last.stop()).to.equal(0);
    expect(journal.findings()).to.deep.equal([]);
    expect(journal.given.length).to.be.greaterThan(50);
  });

  it('answers 50 racing calls a round, again and again, without contradiction', async function () {
    this.timeout(120_000);
    const witness = await WitnessProcess.startForSure(dir);
    await race(witness, 20);
    expect(await witness.stop()).to.equal(0);
    expect(journal.findings()).to.deep.equal([]);
    expect(journal.given.length).to.be.at.least(40);
  });
});
