import { expect } from 'chai';
import { browserBundle } from './browser-bundle.ts';

describe('isal/verifier in a browser', () => {
  it('bundles without a node: module, with the noble side of each platform condition', async () => {
    const text = new TextDecoder().decode(await browserBundle());
    expect(text.length).to.be.greaterThan(10_000);
    expect(text).not.to.match(/["']node:/);
    expect(text).not.to.match(/\bcreateHash\b/);
  });
});
