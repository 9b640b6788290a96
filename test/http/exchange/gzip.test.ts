import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Gzip } from '../../../src/http/exchange/gzip.ts';

const bytes = (value: number): Uint8Array => new Uint8Array(1000).fill(value);

describe('http/gzip', () => {
  it('compresses, and keeps what never changes', async () => {
    const gzip = new Gzip();
    const once = await gzip.compress(bytes(1), 'one');
    expect(gunzipSync(once ?? new Uint8Array()).equals(bytes(1))).to.equal(true);
    expect(await gzip.compress(bytes(1), 'one')).to.equal(once);
    expect(await gzip.compress(bytes(1))).not.to.equal(once);
  });

  it('keeps no more than its bytes, the last used ones first', async () => {
    const size = (await new Gzip().compress(bytes(1)))?.length ?? 0;
    const gzip = new Gzip({ cacheBytes: 2 * size });
    const one = await gzip.compress(bytes(1), 'one');
    const two = await gzip.compress(bytes(2), 'two');
    expect(await gzip.compress(bytes(1), 'one')).to.equal(one);
    await gzip.compress(bytes(3), 'three');
    expect(await gzip.compress(bytes(1), 'one')).to.equal(one);
    expect(await gzip.compress(bytes(2), 'two')).not.to.equal(two);
  });

  it('leaves the bytes as they are when too much is being compressed already', async () => {
    const gzip = new Gzip({ concurrent: 1 });
    const first = gzip.compress(bytes(1));
    expect(await gzip.compress(bytes(2))).to.equal(undefined);
    expect(await first).not.to.equal(undefined);
    expect(await gzip.compress(bytes(2))).not.to.equal(undefined);
  });
});
