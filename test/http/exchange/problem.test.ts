import { expect } from 'chai';
import { LedgerError, errorCodes } from '../../../src/errors.ts';
import { Budget } from '../../../src/http/bounds/budget.ts';
import { isOurFault, problemOf, titleOf } from '../../../src/http/exchange/problem.ts';
import { statusOf } from '../../../src/http/exchange/status.ts';

describe('http/problem', () => {
  it('gives every code a status of an error, and nothing else a status', () => {
    expect(Object.keys(statusOf).toSorted()).to.deep.equal([...errorCodes].toSorted());
    for (const code of errorCodes) expect(statusOf[code], code).to.be.within(400, 599);
  });

  it('carries code, expected, got, pointer, index and facts of a refusal', () => {
    const error = new LedgerError('authority-superseded', 'another document is in force', {
      expected: 'ab',
      got: 'cd',
      at: '/predicate/ledger/authority',
      index: 7,
      facts: { authority: 'ab', status: 200, type: 'x' },
    });
    expect(problemOf(error)).to.deep.equal({
      type: 'urn:isal:error:authority-superseded',
      title: 'Authority superseded',
      status: 409,
      code: 'authority-superseded',
      detail: 'another document is in force',
      expected: 'ab',
      got: 'cd',
      at: '/predicate/ledger/authority',
      index: 7,
      authority: 'ab',
    });
  });

  it('says nothing of what went wrong inside', () => {
    for (const error of [
      new Error('secret /var/lib/isal'),
      'secret',
      undefined,
      new LedgerError('store-failed', 'secret', {
        expected: 'secret',
        got: 'secret',
        facts: { secret: 'secret' },
      }),
      new LedgerError('malformed-note', 'secret', { got: 'secret' }),
    ]) {
      const problem = problemOf(error);
      expect(JSON.stringify(problem)).not.to.include('secret');
      expect(problem.status).to.be.within(500, 503);
      expect(isOurFault(error)).to.equal(true);
    }
    expect(problemOf(new Error('x')).code).to.equal('internal');
  });

  it('says when to come back, with every 429 and 503 and with nothing else', () => {
    for (const code of errorCodes) {
      const { status, retryAfter } = problemOf(new LedgerError(code, 'x'));
      expect(retryAfter !== undefined, code).to.equal(status === 503 || status === 429);
    }
    const own = new LedgerError('too-many-requests', 'x', { facts: { retryAfter: 17 } });
    expect(problemOf(own).retryAfter).to.equal(17);
  });

  it('does not take pushing back for a fault', () => {
    for (const code of [
      'queue-full',
      'not-ready',
      'shutting-down',
      'recorded-not-published',
      'not-json',
    ] as const) {
      expect(isOurFault(new LedgerError(code, 'x')), code).to.equal(false);
    }
  });

  it('writes titles as people do', () => {
    expect(titleOf('not-json')).to.equal('Not JSON');
    expect(titleOf('bad-utf8')).to.equal('Bad UTF-8');
  });
});

describe('http/budget', () => {
  it('gives out no more than it has and takes each part back once', () => {
    const budget = new Budget(10);
    const give = budget.take(6);
    expect(() => budget.take(5))
      .to.throw(LedgerError)
      .with.property('code', 'queue-full');
    give();
    give();
    expect(budget.left).to.equal(10);
    budget.take(10);
    expect(budget.left).to.equal(0);
  });
});
