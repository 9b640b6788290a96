import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '../../../src/bytes.ts';
import { readBatch } from '../../../src/storage/leveldb/batch.ts';
import { readBlock } from '../../../src/storage/leveldb/block.ts';
import { crc32c, maskCrc } from '../../../src/storage/leveldb/crc32c.ts';
import { Damage } from '../../../src/storage/leveldb/damage.ts';
import { readLog } from '../../../src/storage/leveldb/log-file.ts';
import { parseName } from '../../../src/storage/leveldb/names.ts';
import { uncompress } from '../../../src/storage/leveldb/snappy.ts';
import { Table } from '../../../src/storage/leveldb/table.ts';
import { VersionBuilder } from '../../../src/storage/leveldb/version.ts';

const limit = 2 ** 22;

/** `make` throws nothing but `Damage`. */
function onlyDamage(make: () => unknown): void {
  try {
    make();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
  }
}

describe('CRC-32C', () => {
  it('has the checksums of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).to.equal(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).to.equal(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).to.equal(0x46dd794e);
    expect(crc32c(utf8('123456789'))).to.equal(0xe3069283);
  });

  it('is that of a bit at a time', () => {
    const slow = (bytes: Uint8Array): number => {
      let crc = -1;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f63b78 : 0);
      }
      return ~crc >>> 0;
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => crc32c(bytes) === slow(bytes)));
  });

  it('is masked by a rotation and a constant', () => {
    expect(maskCrc(0)).to.equal(0xa282ead8);
    expect(maskCrc(1)).to.equal((0x20000 + 0xa282ead8) >>> 0);
    expect(maskCrc(0xffffffff)).to.equal(0xa282ead7);
  });
});

describe('Snappy', () => {
  it('reads literals, copies of each form, and runs that overlap themselves', () => {
    const text = (bytes: number[]): string =>
      Buffer.from(uncompress(Uint8Array.from(bytes), { at: 0, limit })).toString();
    const a = 'a'.charCodeAt(0);
    expect(text([0])).to.equal('');
    expect(text([3, 2 << 2, a, a + 1, a + 2])).to.equal('abc');
    expect(text([7, 0 << 2, a, 1 | (2 << 2), 1])).to.equal('aaaaaaa');
    expect(text([4, 1 << 2, a, a + 1, 2 | (1 << 2), 2, 0])).to.equal('abab');
    expect(text([4, 1 << 2, a, a + 1, 3 | (1 << 2), 2, 0, 0, 0])).to.equal('abab');
    expect(text([2, 60 << 2, 1, a, a + 1])).to.equal('ab');
  });

  it('refuses what is longer, shorter or from elsewhere than it says', () => {
    const a = 'a'.charCodeAt(0);
    for (const bytes of [
      [],
      [2, 0 << 2, a],
      [0, 0 << 2, a],
      [2, 1 << 2, a],
      [5, 0 << 2, a, 1, 2],
      [5, 0 << 2, a, 1, 0],
      [2, 0 << 2, a, 1, 1],
      [0xff, 0xff, 0xff, 0xff, 0x0f, 0],
      [1, 63 << 2, 0xff, 0xff, 0xff, 0xff],
    ]) {
      expect(() => uncompress(Uint8Array.from(bytes), { at: 0, limit }), String(bytes)).to.throw(Damage);
    }
  });

  it('makes no text beyond its limit', () => {
    const run = [0x80, 0x01, 0, 7, ...Array.from({ length: 40 }, () => [2 | (63 << 2), 1, 0]).flat()];
    expect(() => uncompress(Uint8Array.from(run), { at: 0, limit: 100 })).to.throw(Damage);
  });
});

describe('parts of LevelDB’s files, of any bytes', () => {
  it('are read, or damaged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const record = { offset: 0, bytes };
        onlyDamage(() => uncompress(bytes, { at: 0, limit }));
        onlyDamage(() => readBlock(bytes, 0));
        onlyDamage(() => readBatch(record));
        onlyDamage(() => new VersionBuilder().apply(record));
        readLog(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('are a table, or damaged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const magic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
        const whole = Uint8Array.from([...bytes, ...magic]);
        const read = async (offset: number, length: number): Promise<Uint8Array> =>
          whole.subarray(offset, offset + length);
        const error = await Table.open({ size: whole.length, read }).catch((error: unknown) => error);
        expect(error instanceof Damage || error instanceof Table).to.equal(true);
      }),
    );
  });

  it('have names', () => {
    expect(parseName('000012.ldb')).to.deep.equal({ kind: 'table', number: 12 });
    expect(parseName('1000000.sst')).to.deep.equal({ kind: 'table', number: 1000000 });
    expect(parseName('MANIFEST-000004')).to.deep.equal({ kind: 'manifest', number: 4 });
    expect(parseName('CURRENT')).to.deep.equal({ kind: 'current' });
    for (const name of ['', 'x.ldb', '12.ldb.old', 'MANIFEST-', '../000012.ldb']) {
      expect(parseName(name), name).to.equal(undefined);
    }
  });

  it('take a search for hidden records no further than its budget', () => {
    // Every seven bytes say that a long record begins, and none does.
    const log = new Uint8Array(32768);
    for (let at = 0; at + 7 <= log.length; at += 7) log.set([1, 2, 3, 4, 0, 0x3f, 1], at);
    const begun = performance.now();
    expect(readLog(log).damages).to.have.length(1);
    expect(performance.now() - begun).to.be.lessThan(5000);
  });
});
