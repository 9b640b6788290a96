import { changeBits } from '../seal/flips.ts';

describe('every bit of a seal', () => {
  it('is vouched for by a signature, or means nothing', async () => {
    await changeBits(1, () => [0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
