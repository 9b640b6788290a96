import { expect } from 'chai';
import { authorityKey, checkpointKey, leafKey, tileKey } from '../../../src/ledger/store/keys.ts';
import { describeRows, hiddenRows } from '../../../src/ledger/store/spans.ts';

describe('the rows between two keys', () => {
  it('are named, entries by their index', () => {
    const text = (gte: Uint8Array, lte: Uint8Array): string => describeRows(hiddenRows({ gte, lte }));
    expect(text(leafKey(3), leafKey(9))).to.equal('entries 3 to 9');
    expect(text(leafKey(3), leafKey(3))).to.equal('entry 3');
    expect(text(leafKey(3), tileKey(0, 1))).to.equal(
      'entries 3 to the last, numbers of streams, the time of publication, tiles',
    );
    expect(text(Uint8Array.of(0), authorityKey(1))).to.equal('the tree head, authority documents');
    expect(text(checkpointKey, Uint8Array.of(0x6c, 0))).to.contain('entries 0 to the last');
  });
});
