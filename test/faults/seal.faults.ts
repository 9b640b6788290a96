import { changeBits } from '../seal/flips.ts';

describe('a seal with one bit changed', () => {
  // One bit of each byte, another one each time: all of them would take ten minutes.
  it('is vouched for by a signature, or means nothing: every byte', async () => {
    await changeBits(1, (at) => [at % 8]);
  });
});
