import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes.ts';
import { Budget } from '../../src/rebuild/budget.ts';
import { parseTar } from '../../src/rebuild/tar.ts';
import { pax, tar, tarHeader } from './archives.ts';
import { refusal } from './refusal.ts';

const parse = (bytes: Uint8Array): ReturnType<typeof parseTar> => parseTar(bytes, new Budget());
const data = utf8('content');
const end = new Uint8Array(1024);
const long = `${'d/'.repeat(80)}file`;

describe('a tar archive', () => {
  it('is read in the dialects that build tools write', () => {
    const [plain, gnuLong, paxLong, sized] = parse(
      tar([
        { path: 'a', data, uid: 5, user: 'me', time: 9, mode: 0o755 },
        { path: '././@LongLink', type: 'L', data: utf8(`${long}\0`), gnu: true },
        { path: long.slice(0, 100), data, gnu: true },
        pax({ path: long, mtime: '12.5', uid: '3000000', linkpath: 'x' }),
        { path: 'short', type: '2' },
        pax({ size: '7' }),
        { path: 'b', data },
      ]),
    ).entries;
    expect(plain).to.include({ path: 'a', mode: 0o755, owner: '5:5:me:me', times: '9  ', extra: '' });
    expect(gnuLong).to.include({ path: long, type: '0' });
    expect(paxLong).to.include({ path: long, link: 'x', times: '12.5  ', owner: '3000000:0:root:root' });
    expect(sized?.data).to.deep.equal(data);
  });

  it('gives comments of the whole archive', () => {
    expect(parse(tar([pax({ comment: 'abc' }, 'g'), { path: 'a' }])).comments).to.deep.equal(['abc']);
  });

  const header = tarHeader({ path: 'a', data });
  const padded = concat(data, new Uint8Array(512 - data.length));
  const refused: Readonly<Record<string, readonly [Uint8Array, string]>> = {
    'a file cut off': [concat(header, data), 'an entry is cut off'],
    'no end': [concat(header, padded), 'the end is missing'],
    'bytes behind the end': [concat(header, padded, end, padded), 'bytes behind the end'],
    'bytes behind a file': [
      concat(header, data, utf8('hidden'), new Uint8Array(512 - data.length - 6), end),
      'bytes behind the end of a file',
    ],
    'another checksum': [
      concat(
        header.map((byte, at) => (at === 0 ? byte ^ 1 : byte)),
        padded,
        end,
      ),
      'the checksum of a header is another',
    ],
    'bytes behind a name': [tar([{ path: 'a', set: { 50: 0x62 } }]), 'bytes behind the end of a text'],
    'bytes where no field is': [
      tar([{ path: 'a', set: { 505: 1 } }]),
      'bytes in the unused part of a header',
    ],
    'a sparse map': [
      tar([{ path: 'a', gnu: true, set: { 386: 0x31 } }]),
      'bytes in the unused part of a header',
    ],
    'an unknown dialect': [tar([{ path: 'a', set: { 263: 0x31 } }]), 'a header of an unknown dialect'],
    'an unknown type': [tar([{ path: 'a', type: 'S' }]), 'an entry of an unknown type'],
    'a link with content': [tar([{ path: 'a', type: '2', data }]), 'an entry without content has a size'],
    'a negative number': [tar([{ path: 'a', set: { 136: 0xff } }]), 'a number is malformed'],
    'a global name': [tar([pax({ path: 'x' }, 'g'), { path: 'a' }]), 'a global header that changes entries'],
    'a comment later on': [
      tar([{ path: 'a' }, pax({ comment: 'x' }, 'g')]),
      'a global header that changes entries',
    ],
    'two extension headers': [
      tar([pax({ path: 'x' }), pax({ path: 'y' }), { path: 'a' }]),
      'two pax headers',
    ],
    'names of two kinds': [
      tar([{ path: 'L', type: 'L', data: utf8('x\0') }, pax({ path: 'y' }), { path: 'a' }]),
      'two kinds of extension',
    ],
    'an extension without its entry': [tar([pax({ path: 'x' })]), 'an extension header without its entry'],
    'a pax record of another length': [
      tar([{ path: 'p', type: 'x', data: utf8('9 path=x\n\n') }, { path: 'a' }]),
      'a pax record is malformed',
    ],
    'a path of no end': [tar([pax({ path: 'a/'.repeat(2_049) }), { path: 'a' }]), 'a path is too long'],
    'a NUL in a pax name': [tar([pax({ path: 'x\0y' }), { path: 'a' }]), 'a pax record is malformed'],
    'a pax size that is no number': [
      tar([pax({ size: '0x7' }), { path: 'a', data }]),
      'a number in a pax record is malformed',
    ],
  };
  for (const [what, [bytes, why]] of Object.entries(refused)) {
    it(`is not opened with ${what}`, () => {
      expect(refusal(() => parse(bytes))).to.equal(`tar: ${why}`);
    });
  }
});
