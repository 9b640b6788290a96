/** Whoever waits for a publication is answered, however the publisher ends. */
import { expect } from 'chai';
import { LedgerError } from '../../src/errors.ts';
import { genesisCommit, openGenesis } from '../../src/ledger/genesis.ts';
import { Publisher, type PublisherParts } from '../../src/ledger/publisher.ts';
import { Failure } from '../../src/ledger/store/failure.ts';
import { LogStates, type LogState } from '../../src/ledger/store/log-states.ts';
import { grow } from '../../src/ledger/store/tree.ts';
import { TileStore } from '../../src/ledger/store/tile-store.ts';
import type { RoundOutcome } from '../../src/ledger/witnessing/witness-round.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { formatNote, signNote } from '../../src/note/note.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { hashLeaf } from '../../src/tlog/hash.ts';
import { headOf } from '../../src/tlog/head.ts';
import { utf8 } from '../../src/bytes.ts';
import { Gate } from './faulty.ts';
import { ed25519Key, genesis, origin, until } from './site.ts';

const opened = openGenesis(genesis, origin);
const committed: LogState = { tree: genesisCommit(opened).tree, authority: opened.authority };
const note = utf8(
  formatNote(signNote(formatCheckpoint({ origin, ...headOf(committed.tree), extensions: [] }), [ed25519Key])),
);
const unavailable: RoundOutcome = { quorumUnavailable: new LedgerError('below-quorum', 'too few') };

/** A publisher whose witnesses answer every round with `outcome`, once `gate` lets them. */
class Stand {
  readonly failure = new Failure();
  readonly states = new LogStates({ committed, published: undefined });
  readonly gate = new Gate();
  outcome: RoundOutcome | Error = unavailable;
  rounds = 0;
  readonly publisher: Publisher;

  constructor() {
    const parts = {
      signer: { anchored: headOf(committed.tree), sign: async () => note },
      tiles: new TileStore(new MemoryStorage()),
      archive: { publish: async () => undefined },
      failure: this.failure,
      states: this.states,
      witnesses: { round: () => this.#round() },
      times: { retryMs: 3_600_000, retryMaxMs: 3_600_000, refreshMs: 3_600_000 },
    };
    this.publisher = new Publisher(parts as unknown as PublisherParts);
  }

  async #round(): Promise<RoundOutcome> {
    this.rounds += 1;
    await this.gate.pass();
    if (this.outcome instanceof Error) throw this.outcome;
    return this.outcome;
  }

  /** After a first round without a quorum. */
  static async belowQuorum(): Promise<Stand> {
    const stand = new Stand();
    stand.publisher.start();
    await stand.publisher.idle();
    expect(stand.states.quorumUnavailable?.code).to.equal('below-quorum');
    return stand;
  }

  /** With a round on its way. */
  static async inRound(): Promise<Stand> {
    const stand = new Stand();
    stand.gate.close();
    stand.publisher.start();
    await until(() => stand.rounds === 1);
    return stand;
  }
}

/** What came of waiting: the size that was published, a code, or that there is no answer although nothing is left to do. */
async function answerOf(waiting: Promise<{ state: LogState }>): Promise<string | number> {
  let answer: string | number = 'no answer';
  waiting.then(
    ({ state }) => (answer = state.tree.size),
    (error: unknown) => (answer = error instanceof LedgerError ? error.code : 'none'),
  );
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  return answer;
}

describe('whoever waits for a publication', () => {
  it('is refused with what stopped the ledger, though no round is on its way', async () => {
    const { publisher, failure } = await Stand.belowQuorum();
    const waiting = publisher.reached(1);
    failure.stop(new LedgerError('anchor-taken', 'another process signs'));
    expect(await answerOf(waiting)).to.equal('anchor-taken');
    expect(await answerOf(publisher.reached(1))).to.equal('anchor-taken');
  });

  it('is refused with what a round threw, which stops the ledger', async () => {
    const stand = await Stand.inRound();
    const waiting = stand.publisher.reached(1);
    stand.outcome = new LedgerError('fork-witnessed', 'another history');
    stand.gate.open();
    expect(await answerOf(waiting)).to.equal('fork-witnessed');
    expect(stand.failure.error?.code).to.equal('fork-witnessed');
  });

  it('below quorum is refused when the ledger finishes', async () => {
    const { publisher } = await Stand.belowQuorum();
    const waiting = publisher.reached(1);
    expect(await answerOf(waiting)).to.equal('no answer');
    publisher.finish();
    expect(await answerOf(waiting)).to.equal('below-quorum');
  });

  it('below quorum is refused at once by a ledger that is finishing', async () => {
    const { publisher } = await Stand.belowQuorum();
    publisher.finish();
    expect(await answerOf(publisher.reached(1))).to.equal('below-quorum');
  });

  it('is refused by the round that fails while the ledger finishes, and no further one is begun', async () => {
    const { publisher, gate, states } = await Stand.inRound();
    const waiting = publisher.reached(1);
    publisher.finish();
    expect(await answerOf(waiting)).to.equal('no answer');
    gate.open();
    expect(await answerOf(waiting)).to.equal('below-quorum');
    expect(states.quorumUnavailable?.code).to.equal('below-quorum');
  });

  it('is answered by the round that succeeds while the ledger finishes', async () => {
    const stand = await Stand.inRound();
    const waiting = stand.publisher.reached(1);
    stand.publisher.finish();
    stand.outcome = { cosignatures: [] };
    stand.gate.open();
    expect(await answerOf(waiting)).to.equal(1);
  });

  it('is not answered with a smaller size than it waits for', async () => {
    const stand = await Stand.inRound();
    const [one, two] = [stand.publisher.reached(1), stand.publisher.reached(2)];
    stand.outcome = { cosignatures: [] };
    stand.gate.open();
    expect(await answerOf(one)).to.equal(1);
    expect(await answerOf(two)).to.equal('no answer');
    expect(await answerOf(stand.publisher.reached(2))).to.equal('no answer');
  });
});

describe('a publisher', () => {
  it('begins no round, and so signs nothing, once the ledger has stopped', async () => {
    const stand = new Stand();
    stand.failure.stop(new LedgerError('anchor-taken', 'another process signs'));
    stand.publisher.start();
    await stand.publisher.idle();
    expect(stand.rounds).to.equal(0);
    const stopped = await Stand.inRound();
    stopped.outcome = { cosignatures: [] };
    stopped.states.advance({ ...committed, tree: grow(committed.tree, [hashLeaf(utf8('one more'))]).tree });
    stopped.failure.stop(new LedgerError('anchor-taken', 'another process signs'));
    stopped.gate.open();
    await stopped.publisher.idle();
    expect(stopped.rounds).to.equal(1);
  });
});
