import { expect } from 'chai';
import type { AnchorState } from '../../src/cosigner/cosigner.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from '../../src/note/add-checkpoint.ts';
import { LedgerError } from '../../src/errors.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import type { MemoryImage } from '../../src/storage/memory.ts';
import type { Batch } from '../../src/storage/storage.ts';
import type { Head } from '../../src/tlog/head.ts';
import { hashOfOrigin } from '../../src/witness/records.ts';
import type { Witness } from '../../src/witness/witness.ts';
import { Journal } from './journal.ts';
import { WitnessedLog } from './log.ts';
import { WitnessSite } from './site.ts';

const log = new WitnessedLog();
const forked = new WitnessedLog({ history: 1, shared: 3 });
const policy = `${log.line}quorum none\n`;

interface Death {
  /** The step at which the process dies, from 0. */
  readonly at: number;
  /** Whether the step is done by then. */
  readonly when: 'before' | 'after';
}

/** A process's durable steps; when it has died no other is done. */
class Life {
  readonly steps: string[] = [];
  dead = false;
  readonly #death: Death | undefined;

  constructor(death?: Death) {
    this.#death = death;
  }

  async step(name: string, run: () => Promise<void>): Promise<void> {
    const last = this.steps.length === this.#death?.at;
    if (!this.dead && last && this.#death?.when === 'before') this.dead = true;
    if (this.dead) throw new Error('killed');
    this.steps.push(name);
    await run();
    if (last) this.dead = true;
    if (this.dead) throw new Error('killed');
  }
}

class MortalStorage extends MemoryStorage {
  readonly #life: Life;

  constructor(life: Life, image: MemoryImage) {
    super(image);
    this.#life = life;
  }

  override async commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    const kind = batch.puts[0]?.[0][0] === 1 ? 'commit record' : 'commit note';
    await this.#life.step(kind, async () => super.commit(batch, expected, next));
  }
}

const mortalAnchor = (life: Life, anchor: AnchorState): AnchorState => ({
  get head() {
    return anchor.head;
  },
  advance: async (next) => life.step('anchor', async () => anchor.advance(next)),
});

describe('a witness that is killed', () => {
  const open = async (site: WitnessSite, life: Life): Promise<Witness> =>
    site.open(policy, {
      storage: new MortalStorage(life, site.image),
      anchor: mortalAnchor(life, site.anchor),
    });

  /** Asks, repairs a conflict by its size as a log does, and enters what it gets. */
  const ask = async (
    witness: Witness,
    journal: Journal,
    of: WitnessedLog,
    from: number,
    to: number,
  ): Promise<string> => {
    const body = await of.body(from, to);
    const answered = journal.asked(body);
    try {
      answered(await witness.add(parseAddCheckpoint(body)));
      return 'cosigned';
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      const remembered = Number(error.facts['rememberedSize']);
      if (error.code !== 'size-conflict' || remembered > to) return error.code;
      return ask(witness, journal, of, remembered, to);
    }
  };

  /** Both histories are asked for at every turn; the honest one comes first. */
  const work = async (witness: Witness, journal: Journal, site: WitnessSite): Promise<void> => {
    for (const [from, to] of [
      [0, 4],
      [4, 7],
      [7, 7],
      [7, 12],
    ] as const) {
      site.time++;
      await ask(witness, journal, log, from, to);
      await ask(witness, journal, forked, from, to);
    }
  };

  it('has the head remembered and anchored before it signs, and the note kept before it answers', async () => {
    const site = new WitnessSite();
    const life = new Life();
    const witness = await open(site, life);
    await work(witness, new Journal(), site);
    await witness.close();
    const growth = ['commit record', 'anchor', 'commit note'];
    // The same head with a later time: the time is remembered before it is given.
    expect(life.steps).to.deep.equal([...growth, ...growth, ...growth, ...growth]);
  });

  for (const when of ['before', 'after'] as const) {
    for (let at = 0; at < 12; at++) {
      it(`${when} step ${at}, and again while it opens, gives nothing that contradicts`, async () => {
        for (const again of [undefined, { at: 0, when: 'before' }, { at: 0, when: 'after' }] as const) {
          const site = new WitnessSite();
          const journal = new Journal();
          const first = new Life({ at, when });
          await work(await open(site, first), journal, site);
          expect(first.dead).to.equal(true);
          // Three steps for each request: what was not kept was not answered.
          expect(journal.given).to.have.length(Math.floor(at / 3));
          const answered = journal.largest;

          const second = new Life(again);
          const halfway = await open(site, second).catch(() => undefined);
          if (halfway !== undefined) await work(halfway, journal, site);

          const third = new Life();
          const witness = await open(site, third);
          // Where nothing was remembered, nothing was answered, and who comes first is the log.
          const blank = site.image.head === undefined;
          expect(blank && answered > 0).to.equal(false);
          // Else a fork finds no hole, from whatever size it claims to prove.
          for (let from = blank ? 13 : 0; from <= 12; from++) await ask(witness, journal, forked, from, 13);
          expect(await ask(witness, journal, log, Math.max(answered, 0), 14)).to.equal('cosigned');
          expect(journal.largest).to.equal(14);
          expect(journal.findings()).to.deep.equal([]);
          const served = witness.checkpoint(hashOfOrigin(log.origin));
          expect(served?.subarray(0, 20)).to.deep.equal(log.checkpoint(14).subarray(0, 20));
          await witness.close();
        }
      });
    }
  }

  it('is caught by these tests if it forgets: the checks can fail', async () => {
    const site = new WitnessSite();
    const journal = new Journal();
    await work(await open(site, new Life()), journal, site);
    const amnesiac = new WitnessSite();
    amnesiac.time = site.time + 1;
    await ask(await open(amnesiac, new Life()), journal, forked, 0, 7);
    expect(journal.findings()).to.include.members([
      'size 7 was cosigned after size 12',
      'size 7 has two roots',
      `size 12 at ${site.time}, but size 7 at ${site.time + 1}`,
    ]);
  });
});

describe('a witness under racing calls', () => {
  it('never cosigns two roots for a size, nor a smaller size after a larger', async () => {
    const site = new WitnessSite();
    const witness = await site.open(policy);
    const journal = new Journal();
    const outcomes = new Map<string, number>();
    const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    let remembered = 0;
    for (let round = 0; round < 5; round++) {
      site.time++;
      // 50 at once, half of them of the other history, all from the size that they think is right.
      const calls = Array.from({ length: 50 }, async (_, call) => {
        const of = call % 2 === 0 ? log : forked;
        const to = Math.min(40, remembered + 1 + ((call * 7) % 11));
        const body = formatAddCheckpoint(await of.request(remembered, to));
        const answered = journal.asked(body);
        try {
          answered(await witness.add(parseAddCheckpoint(body)));
          count('cosigned');
        } catch (error) {
          count((error as LedgerError).code);
        }
      });
      await Promise.all(calls);
      remembered = journal.largest;
    }
    expect(journal.findings()).to.deep.equal([]);
    // One call wins each round; the others learn the new size.
    expect(outcomes.get('cosigned')).to.be.at.least(5);
    expect(outcomes.get('size-conflict')).to.be.at.least(150);
    await witness.close();
  });
});
