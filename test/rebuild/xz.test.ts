import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes.ts';
import { Budget, usualLimits } from '../../src/rebuild/budget.ts';
import { parseXz } from '../../src/rebuild/xz.ts';
import { refusal } from './refusal.ts';
import { xzFixtures } from './xz-fixtures.ts';

const { text, ...files } = xzFixtures;

describe('an xz file', () => {
  for (const [name, bytes] of Object.entries(files)) {
    it(`is read to the content that xz packed (${name})`, () => {
      expect(new TextDecoder().decode(parseXz(bytes, new Budget()))).to.equal(text);
    });

    it(`is refused cut short at any byte (${name})`, () => {
      for (let length = 0; length < bytes.length; length++) {
        // The streams end with padding, of which any multiple of four is good.
        if (name === 'streams' && length >= bytes.length - 8 && length % 4 === 0) continue;
        if (name === 'streams' && length === bytes.indexOf(0xfd, 10)) continue;
        expect(
          refusal(() => parseXz(bytes.subarray(0, length), new Budget())),
          `${length}`,
        ).to.match(/^xz: /);
      }
    });

    it(`is never read to another content with any one byte changed (${name})`, () => {
      for (let at = 0; at < bytes.length; at++) {
        const flipped = bytes.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        let content: Uint8Array | undefined;
        const refused = refusal(() => (content = parseXz(flipped, new Budget())));
        // Without a check there is nothing that a changed literal would contradict.
        if (refused !== undefined) expect(refused, `byte ${at}`).to.match(/^xz: /);
        else if (name !== 'none') expect(new TextDecoder().decode(content), `byte ${at}`).to.equal(text);
      }
    });
  }

  it('is refused with bytes behind its end', () => {
    for (const more of [utf8('more'), utf8('a longer text than a header'), new Uint8Array(5)]) {
      expect(refusal(() => parseXz(concat(files.crc64, more), new Budget()))).to.match(/^xz: /);
    }
  });

  it('is refused with another size in the header of a block, though its checksum is good', () => {
    const start = 12;
    const end = start + ((files.blocks[start] ?? 0) + 1) * 4 - 4;
    // The size of 1,000 as a number in groups of seven bits.
    const size = files.blocks.findIndex(
      (byte, at) => at > start && byte === 0xe8 && files.blocks[at + 1] === 7,
    );
    expect(size).to.be.within(start, end);
    const changed = files.blocks.slice();
    changed[size] = 0xe9;
    new DataView(changed.buffer).setUint32(end, crc32(changed.subarray(start, end)), true);
    const why = 'xz: a block has another size than it says';
    expect(refusal(() => parseXz(changed, new Budget()))).to.equal(why);
  });

  it('is refused where a chunk does not end as the coder ends it, though nothing checks the content', () => {
    const chunk = 24;
    const view = new DataView(files.none.slice().buffer);
    const last = chunk + 6 + view.getUint16(chunk + 3);
    view.setUint8(last, view.getUint8(last) ^ 1);
    const changed = new Uint8Array(view.buffer);
    expect(refusal(() => parseXz(changed, new Budget()))).to.equal('xz: the LZMA2 stream is malformed');
  });

  it('cannot unpack to more than the limit', () => {
    const limits = { ...usualLimits, unpackedBytes: text.length - 1 };
    expect(refusal(() => parseXz(files.crc64, new Budget(limits)))).to.equal('too-large');
    expect(refusal(() => parseXz(files.blocks, new Budget(limits)))).to.equal('too-large');
    const enough = { ...usualLimits, unpackedBytes: text.length };
    expect(parseXz(files.blocks, new Budget(enough))).to.have.length(text.length);
  });
});
