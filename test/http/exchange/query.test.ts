import { expect } from 'chai';
import { LedgerError } from '../../../src/errors.ts';
import { numberParameter, parseQuery } from '../../../src/http/exchange/query.ts';

function refusal(work: () => unknown): LedgerError {
  try {
    work();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('http/query', () => {
  it('decodes names and values', () => {
    expect(parseQuery('a=1&b=x%20y+z%3D', ['a', 'b', 'c'])).to.deep.equal({ a: '1', b: 'x y z=' });
    expect(parseQuery('', ['a'])).to.deep.equal({});
  });

  for (const [what, query] of [
    ['an unknown parameter', 'a=1&d=2'],
    ['a name that every object has', 'toString=1'],
    ['the same parameter twice', 'a=1&a=1'],
    ['an empty value', 'a='],
    ['a name without value', 'a'],
    ['an empty name', '=1'],
    ['an empty pair', 'a=1&'],
    ['a broken escape', 'a=%zz'],
    ['an escape that is not UTF-8', 'a=%ff'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(refusal(() => parseQuery(query, ['a', 'b', 'c'])).code).to.equal('bad-request');
    });
  }

  it('says what it expected and got', () => {
    const unknown = refusal(() => parseQuery('lmit=5', ['limit', 'after']));
    expect([unknown.expected, unknown.got]).to.deep.equal(['only limit, after', 'a name of 4 characters']);
    const bounded = refusal(() => numberParameter('limit', '300', { min: 1, max: 256 }));
    expect([bounded.expected, bounded.got, bounded.facts]).to.deep.equal([
      '1 to 256',
      'a number beyond',
      { parameter: 'limit' },
    ]);
  });

  it('reads canonical decimals only', () => {
    expect(numberParameter('n', '0')).to.equal(0);
    expect(numberParameter('n', '9007199254740991')).to.equal(Number.MAX_SAFE_INTEGER);
    for (const text of ['01', '+1', '-1', '1e3', '0x1', '1.0', ' 1', '9007199254740992', '٣', 'NaN']) {
      expect(refusal(() => numberParameter('n', text)).code, text).to.equal('bad-request');
    }
  });
});
