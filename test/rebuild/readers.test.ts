import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes.ts';
import { parseAr } from '../../src/rebuild/ar.ts';
import { withoutAuthenticode } from '../../src/rebuild/authenticode.ts';
import { Budget } from '../../src/rebuild/budget.ts';
import { compareArtifacts } from '../../src/rebuild/compare.ts';
import { differingBytes } from '../../src/rebuild/differing-bytes.ts';
import { parseGzip } from '../../src/rebuild/gzip.ts';
import { ar } from './archives.ts';
import { refusal } from './refusal.ts';

describe('an ar archive', () => {
  const archive = ar([
    { name: 'a', data: utf8('odd') },
    { name: 'b', data: utf8('even') },
  ]);

  it('gives its members', () => {
    const members = parseAr(archive, new Budget());
    expect(members.map(({ name, data }) => [name, new TextDecoder().decode(data)])).to.deep.equal([
      ['a', 'odd'],
      ['b', 'even'],
    ]);
  });

  it('is refused cut short at any byte', () => {
    const whole = [8, 8 + 60 + 4];
    for (let length = 0; length < archive.length; length++) {
      if (whole.includes(length)) continue;
      expect(
        refusal(() => parseAr(archive.subarray(0, length), new Budget())),
        `${length}`,
      ).to.match(/^ar: /);
    }
  });

  it('is refused with another filling byte or size', () => {
    const changed = (at: number, byte: number): Uint8Array =>
      archive.map((old, i) => (i === at ? byte : old));
    expect(refusal(() => parseAr(changed(71, 0), new Budget()))).to.equal(
      'ar: a filling byte is not a newline',
    );
    expect(refusal(() => parseAr(changed(56, 0x2d), new Budget()))).to.equal('ar: a header is malformed');
    expect(refusal(() => parseAr(changed(57, 0x39), new Budget()))).to.match(/^ar: /);
  });
});

describe('a gzip stream', () => {
  const [one, two] = [gzipSync('one'), gzipSync('two')];

  it('gives header and content of all its members', () => {
    const { headers, content } = parseGzip(concat(one, two), new Budget());
    expect(headers).to.have.length(20);
    expect(new TextDecoder().decode(content)).to.equal('onetwo');
  });

  it('is refused with bytes behind it, which zlib passes over', () => {
    expect(refusal(() => parseGzip(concat(one, utf8('hidden')), new Budget()))).to.match(/^gzip: /);
    expect(refusal(() => parseGzip(concat(one, new Uint8Array(16)), new Budget()))).to.match(/^gzip: /);
  });

  it('is refused cut short at any byte', () => {
    for (let length = 0; length < one.length; length++) {
      expect(
        refusal(() => parseGzip(one.subarray(0, length), new Budget())),
        `${length}`,
      ).to.match(/^gzip: /);
    }
  });

  it('is refused with another checksum or length', () => {
    for (let at = one.length - 8; at < one.length; at++) {
      const changed = one.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(refusal(() => parseGzip(changed, new Budget()))).to.equal('gzip: the checksum is another');
    }
  });
});

/** A program of 0x200 bytes, and its certificate tables if it is signed. */
function program(table: Uint8Array = new Uint8Array(), code = 0xc3): Uint8Array {
  const head = new Uint8Array(0x200);
  const view = new DataView(head.buffer);
  head.set([0x4d, 0x5a]);
  view.setUint32(0x3c, 0x80, true);
  view.setUint32(0x80, 0x4550, true);
  view.setUint16(0x98, 0x20b, true);
  view.setUint32(0x98 + 108, 16, true);
  head[0x1f0] = code;
  if (table.length > 0) {
    view.setUint32(0x98 + 64, 0x12345, true);
    view.setUint32(0x98 + 112 + 32, head.length, true);
    view.setUint32(0x98 + 112 + 36, table.length, true);
  }
  return concat(head, table);
}

/** One signature: a DER sequence of `size` bytes of content, and zeros to a multiple of 8. */
function signature(size: number, hidden: readonly number[] = []): Uint8Array {
  const length = 8 + 2 + size + hidden.length;
  const table = new Uint8Array(Math.ceil(length / 8) * 8);
  new DataView(table.buffer).setUint32(0, length, true);
  table.set([0, 2, 2, 0, 0x30, size], 4);
  table.fill(7, 10, 10 + size);
  table.set(hidden, 10 + size);
  return table;
}

describe('a Windows program', () => {
  it('is equivalent to the unsigned one, and to one with another signature', () => {
    for (const other of [program(), program(signature(33))]) {
      const { verdict, normalisations } = compareArtifacts(program(signature(20)), other);
      expect(verdict).to.equal('equivalent');
      expect(normalisations).to.deep.equal([{ name: 'authenticode', places: 1 }]);
    }
  });

  it('is different when its code is', () => {
    const { verdict, unexplainedBytes } = compareArtifacts(program(signature(20)), program(undefined, 0x90));
    expect([verdict, unexplainedBytes]).to.deep.equal(['different', 1]);
  });

  it('is not stripped of a table that holds more than signatures, or that does not end the file', () => {
    expect(withoutAuthenticode(program(signature(20, [1, 2, 3])))).to.equal(undefined);
    expect(withoutAuthenticode(concat(program(signature(20)), new Uint8Array(8)))).to.equal(undefined);
    expect(withoutAuthenticode(program(new Uint8Array(16)))).to.equal(undefined);
    expect(withoutAuthenticode(program(concat(signature(20), signature(9))))?.tableBytes).to.equal(56);
  });

  it('never makes the reader stumble, cut short at any byte', () => {
    const whole = program(signature(20));
    for (let length = 0; length < whole.length; length++) {
      expect(withoutAuthenticode(whole.subarray(0, length)), `${length}`).to.equal(undefined);
    }
  });
});

describe('the count of differing bytes', () => {
  const count = (a: string, b: string): number => differingBytes(utf8(a), utf8(b));

  it('is the smaller of place by place and what is left between equal ends', () => {
    expect(count('abcdef', 'abcdef')).to.equal(0);
    expect(count('abcdef', 'aXcdeY')).to.equal(2);
    expect(count('abcdef', 'abcXdef')).to.equal(1);
    expect(count('', 'abc')).to.equal(3);
    expect(count('aa', 'aaa')).to.equal(1);
  });
});
