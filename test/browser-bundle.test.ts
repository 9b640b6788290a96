import { expect } from 'chai';
import { browserBundle } from './browser-bundle.ts';

describe('isal/verifier in a browser', () => {
  it('bundles without a node: module, with the noble side of each platform condition', async () => {
    const { first, later } = await browserBundle();
    for (const part of [first, later]) {
      const text = new TextDecoder().decode(part);
      expect(text.length).to.be.greaterThan(10_000);
      expect(text).not.to.match(/["']node:/);
      expect(text).not.to.match(/\bcreateHash\b/);
    }
  });

  it('loads the library that reads seals only when there is one', async () => {
    const { first, later } = await browserBundle();
    const library = /SignedData\.signerInfos|CertificateRevocationList/;
    expect(new TextDecoder().decode(first)).not.to.match(library);
    expect(new TextDecoder().decode(later)).to.match(library);
  });
});
