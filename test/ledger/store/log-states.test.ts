import { expect } from 'chai';
import { utf8 } from '../../../src/bytes.ts';
import { LedgerError } from '../../../src/errors.ts';
import { genesisCommit, openGenesis } from '../../../src/ledger/genesis.ts';
import { LogStates, publishedAs, type LogState } from '../../../src/ledger/store/log-states.ts';
import { grow } from '../../../src/ledger/store/tree.ts';
import { formatCheckpoint } from '../../../src/note/checkpoint.ts';
import { formatNote, signNote } from '../../../src/note/note.ts';
import { hashLeaf } from '../../../src/tlog/hash.ts';
import { headOf } from '../../../src/tlog/head.ts';
import { ed25519Key, genesis, origin } from '../site.ts';

const opened = openGenesis(genesis, origin);
const first: LogState = { tree: genesisCommit(opened).tree, authority: opened.authority };
const next = ({ tree, authority }: LogState): LogState => ({
  tree: grow(tree, [hashLeaf(utf8(`leaf ${tree.size}`))]).tree,
  authority,
});
const second = next(first);
const third = next(second);

function published(state: LogState): ReturnType<typeof publishedAs> {
  const text = formatCheckpoint({ origin, ...headOf(state.tree), extensions: [] });
  return publishedAs(state, utf8(formatNote(signNote(text, [ed25519Key]))));
}

describe('the states of a log', () => {
  it('say what is committed, tell of every commit, and are committed before they tell', () => {
    const states = new LogStates({ committed: first, published: undefined });
    const told: number[] = [];
    states.onCommitted(() => told.push(states.committed.tree.size));
    states.advance(second);
    states.advance(third);
    expect(told).to.deep.equal([2, 3]);
    expect(states.committed).to.equal(third);
    expect(states.publishedSize).to.equal(0);
  });

  it('never go back, and publish nothing that is not committed', () => {
    const states = new LogStates({ committed: second, published: published(second) });
    expect(() => states.advance(first)).to.throw('a log only grows');
    expect(() => states.advance(second)).to.throw('a log only grows');
    expect(() => states.publish(published(third))).to.throw('what is published is committed');
    expect(() => states.publish(published(first))).to.throw('never taken back');
    expect(states.published?.checkpoint.size).to.equal(2);
    // The same size again is the same checkpoint, cosigned anew.
    const anew = published(second);
    states.publish(anew);
    expect(states.published).to.equal(anew);
  });

  it('have no quorum from a lost round to the next one that is not', () => {
    const states = new LogStates({ committed: first, published: undefined });
    const reason = new LedgerError('below-quorum', 'too few');
    states.loseQuorum(reason);
    expect(states.quorumUnavailable).to.equal(reason);
    states.regainQuorum();
    expect(states.quorumUnavailable).to.equal(undefined);
  });
});
