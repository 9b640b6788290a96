import { expect } from 'chai';
import { describeHead, headOf, sameHead } from '../../src/tlog/head.ts';

const root = new Uint8Array(32).fill(7);
const other = root.map((byte, i) => (i === 31 ? byte ^ 1 : byte));

describe('tree head', () => {
  it('is the same as another exactly if size and every bit of the root are', () => {
    expect(sameHead({ size: 3, root }, { size: 3, root: root.slice() })).to.equal(true);
    expect(sameHead({ size: 3, root }, { size: 4, root })).to.equal(false);
    expect(sameHead({ size: 3, root }, { size: 3, root: other })).to.equal(false);
  });

  it('differs from no head, of which there is one', () => {
    expect(sameHead(undefined, undefined)).to.equal(true);
    expect(sameHead({ size: 0, root }, undefined)).to.equal(false);
    expect(sameHead(undefined, { size: 0, root })).to.equal(false);
  });

  it('is described by size and root, and cut out of what has more', () => {
    expect(describeHead({ size: 3, root })).to.equal(`size 3, root ${'07'.repeat(32)}`);
    expect(describeHead(undefined)).to.equal('no head');
    expect(headOf({ size: 3, root, origin: 'example.com/log' } as never)).to.deep.equal({ size: 3, root });
  });
});
