import {
  consistencyClaim,
  inclusionClaim,
  rejectConsistencyBits,
  rejectInclusionBits,
  withoutStacks,
} from '../tlog/claims.ts';
import { growTree, type Tree } from '../tlog/tree.ts';

/** The long version of what the proof tests do for a choice of leaves: about 2.6 million refusals. */
describe('proofs with any single bit flipped are rejected, sizes up to 16 and 127 to 130', function () {
  this.timeout(300_000);
  withoutStacks();
  const sizes = [...Array.from({ length: 16 }, (_, i) => i + 1), 127, 128, 129, 130];
  let tree: Tree;
  before(() => {
    tree = growTree(130);
  });

  it('inclusion of every leaf', async () => {
    for (const size of sizes) {
      for (let index = 0; index < size; index++) rejectInclusionBits(await inclusionClaim(tree, index, size));
    }
  });

  it('consistency from every size', async () => {
    for (const to of sizes) {
      for (let from = 1; from <= to; from++) rejectConsistencyBits(await consistencyClaim(tree, from, to));
    }
  });
});
