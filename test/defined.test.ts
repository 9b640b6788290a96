import { expect } from 'chai';
import { defined } from '../src/defined.ts';

describe('defined members', () => {
  it('are those that are not undefined, in their order', () => {
    const got: string | undefined = undefined;
    const made: { a: number; got?: string; b: null } = defined({ a: 0, got, b: null });
    expect(made).to.deep.equal({ a: 0, b: null });
    expect(Object.keys(made)).to.deep.equal(['a', 'b']);
  });
});
