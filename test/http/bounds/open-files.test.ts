import { expect } from 'chai';
import { connectionsWithin, openFilesLimit } from '../../../src/http/bounds/open-files.ts';

describe('http/open-files', () => {
  it('leaves descriptors to the store, and takes no more connections than are wanted', () => {
    expect(connectionsWithin(Infinity, 10_000)).to.equal(10_000);
    expect(connectionsWithin(16_384, 10_000)).to.equal(10_000);
    expect(connectionsWithin(1_024, 10_000)).to.equal(652);
    expect(connectionsWithin(64, 10_000)).to.equal(1);
    expect(connectionsWithin(1_024, 5)).to.equal(5);
  });

  it('knows the limit of this process', () => {
    expect(openFilesLimit()).to.be.above(0);
  });
});
