import { changeBits } from '../seal/flips.ts';

describe('every bit of a seal', () => {
  // In quarters, since each of twenty thousand seals takes its hundredth of a second or two.
  for (const bits of [
    [0, 1],
    [2, 3],
    [4, 5],
    [6, 7],
  ]) {
    it(`is vouched for by a signature, or means nothing: bits ${bits.join(' and ')} of each byte`, async () => {
      await changeBits(1, () => bits);
    });
  }
});
