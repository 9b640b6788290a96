import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes.ts';
import { compareArtifacts, maxListed } from '../../src/rebuild/compare.ts';
import type { Comparison } from '../../src/rebuild/compare.ts';
import { usualLimits } from '../../src/rebuild/budget.ts';
import { canReadZstd } from '../../src/rebuild/zstd.ts';
import { ar, pax, tar } from './archives.ts';
import type { Entry, Member } from './archives.ts';
import { xzFixtures } from './xz-fixtures.ts';
import { refusal } from './refusal.ts';

const code = utf8('the program itself\n');
const files: readonly Entry[] = [
  { path: './', type: '5', mode: 0o755 },
  { path: './bin', type: '5', mode: 0o755 },
  { path: './bin/tool', data: code, mode: 0o755 },
  { path: './bin/alias', type: '2', link: 'tool', mode: 0o777 },
  { path: './README', data: utf8('read me\n') },
];
const change = (path: string, to: Partial<Entry>): Entry[] =>
  files.map((entry) => (entry.path === path ? { ...entry, ...to } : entry));

function deb(data: Uint8Array, more: readonly Member[] = [], time = 0): Uint8Array {
  return ar([
    { name: 'debian-binary', data: utf8('2.0\n'), time },
    {
      name: 'control.tar.gz',
      data: gzipSync(tar([{ path: './control', data: utf8('Package: x\n') }])),
      time,
    },
    { name: 'data.tar.gz', data: gzipSync(data), time },
    ...more,
  ]);
}

const names = ({ normalisations }: Comparison): string[] => normalisations.map(({ name }) => name);
const places = ({ differences }: Comparison): string[] =>
  differences.map(({ path, change: kind, bytes }) => `${path} ${kind} ${bytes}`);

describe('a rebuilt artefact', () => {
  const original = deb(tar(files));

  it('is identical when every byte is', () => {
    expect(compareArtifacts(original, original.slice())).to.deep.equal({
      verdict: 'identical',
      unexplainedBytes: 0,
      normalisations: [],
      differences: [],
      differenceCount: 0,
    });
  });

  const equivalent: Readonly<Record<string, readonly [Uint8Array, readonly string[]]>> = {
    'the times of package members': [deb(tar(files), [], 1_700_000_000), ['ar-times']],
    'the times of files': [deb(tar(change('./README', { time: 5 }))), ['tar-times']],
    'the users of files': [deb(tar(change('./README', { uid: 1000, user: 'me' }))), ['tar-owners']],
    'the order of files': [deb(tar(files.toReversed())), ['tar-order']],
    'the zeros at the end': [deb(tar(files, 10_240)), ['tar-format']],
    'the dialect of a header': [deb(tar(change('./README', { gnu: true }))), ['tar-format']],
    'a name in an extension header': [
      deb(
        tar(
          change('./README', { path: 'short' }).flatMap((e) =>
            e.path === 'short' ? [pax({ path: './README' }), e] : [e],
          ),
        ),
      ),
      ['tar-format'],
    ],
    'the level of compression': [
      ar([
        { name: 'debian-binary', data: utf8('2.0\n') },
        { name: 'control.tar.gz', data: gzipSync(tar([{ path: './control', data: utf8('Package: x\n') }])) },
        { name: 'data.tar.gz', data: gzipSync(tar(files), { level: 0 }) },
      ]),
      ['compression', 'gzip-header'],
    ],
    'a detached signature': [
      deb(tar(files), [{ name: '_gpgorigin', data: utf8('PGP') }]),
      ['signature-block'],
    ],
  };
  for (const [what, [candidate, expected]] of Object.entries(equivalent)) {
    it(`is equivalent when only ${what} differ, and that is named`, () => {
      const comparison = compareArtifacts(original, candidate);
      expect(comparison).to.include({ verdict: 'equivalent', unexplainedBytes: 0, differenceCount: 0 });
      // zlib writes the level into the header, where it has a place.
      expect(
        names(comparison).filter((name) => name !== 'gzip-header' || expected.includes(name)),
      ).to.deep.equal(expected.filter((name) => name !== 'gzip-header' || names(comparison).includes(name)));
      expect(names(compareArtifacts(candidate, original))).to.deep.equal(names(comparison));
    });
  }

  const different: Readonly<Record<string, readonly [Uint8Array, string]>> = {
    'a byte of a program': [
      deb(tar(change('./bin/tool', { data: utf8('the program itsElf\n') }))),
      'data.tar.gz!./bin/tool content 1',
    ],
    'bytes put into a program': [
      deb(tar(change('./bin/tool', { data: utf8('the whole program itself\n') }))),
      'data.tar.gz!./bin/tool content 6',
    ],
    'a mode': [deb(tar(change('./bin/tool', { mode: 0o4755 }))), 'data.tar.gz!./bin/tool mode 1'],
    'the target of a link': [
      deb(tar(change('./bin/alias', { link: 'evil' }))),
      'data.tar.gz!./bin/alias link 3',
    ],
    'a file that is not there': [
      deb(tar(files.filter(({ path }) => path !== './README'))),
      'data.tar.gz!./README missing 520',
    ],
    'a file too many': [
      deb(tar([...files, { path: './more', data: utf8('12345') }])),
      'data.tar.gz!./more added 517',
    ],
    'an attribute': [
      deb(tar([pax({ 'SCHILY.xattr.security.capability': 'x' }), ...files])),
      'data.tar.gz!./ attributes 34',
    ],
    'a member of the package': [
      deb(tar(files), [{ name: 'gpgorigin', data: utf8('PGP') }]),
      'gpgorigin added 63',
    ],
    'the mode of a member': [
      ar([{ name: 'debian-binary', data: utf8('2.0\n'), mode: '100755' }]),
      'debian-binary mode 3',
    ],
  };
  for (const [what, [candidate, expected]] of Object.entries(different)) {
    it(`is different when ${what} differs, and the bytes are counted`, () => {
      const comparison = compareArtifacts(original, candidate);
      expect(comparison.verdict).to.equal('different');
      expect(places(comparison)).to.include(expected);
      const counted = comparison.differences.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(comparison.unexplainedBytes).to.equal(counted);
    });
  }

  it('keeps the owner of a set-uid program', () => {
    const suid = (uid: number): Uint8Array => tar([{ path: 'su', mode: 0o4755, uid, user: 'u' }]);
    const comparison = compareArtifacts(suid(0), suid(1000));
    expect(places(comparison)[0]).to.match(/^su owner/);
  });

  it('keeps the order in which the members of a library are linked', () => {
    const [a, b] = [
      { name: 'a.o/', data: utf8('aa') },
      { name: 'b.o/', data: utf8('bb') },
    ];
    expect(places(compareArtifacts(ar([a, b]), ar([b, a])))).to.deep.equal([' order 120']);
  });

  const ordered: Readonly<Record<string, readonly Entry[]>> = {
    'a name is there twice': [
      { path: 'a', data: utf8('1') },
      { path: './a', data: utf8('2') },
    ],
    'an entry lies below a link': [
      { path: 'd', type: '2', link: '/etc' },
      { path: 'd/passwd', data: utf8('x') },
    ],
    'an entry lies deep below a link, and others beside it': [
      { path: 'd', type: '2', link: '/etc' },
      { path: 'd-e', data: utf8('x') },
      { path: 'a/b', data: utf8('x') },
      { path: 'd/e/f/g', data: utf8('x') },
    ],
    'a hard link needs its file': [
      { path: 'f', data: utf8('x') },
      { path: 'g', type: '1', link: 'f' },
    ],
    'a path leads up': [{ path: '../a' }, { path: 'b' }],
  };
  for (const [when, entries] of Object.entries(ordered)) {
    it(`keeps the order of files where ${when}`, () => {
      const comparison = compareArtifacts(tar(entries), tar(entries.toReversed()));
      expect(places(comparison)).to.deep.equal([` order ${512 * entries.length}`]);
    });
  }

  it('is compared from outside, and said to be, where a member cannot be opened', () => {
    const zip = (last: number): Uint8Array => Uint8Array.of(0x50, 0x4b, 3, 4, 0, last);
    const [difference] = compareArtifacts(
      tar([{ path: 'a', data: zip(1) }]),
      tar([{ path: 'a', data: zip(2) }]),
    ).differences;
    expect(difference).to.deep.equal({ path: 'a', change: 'content', bytes: 1, closed: 'a zip archive' });
  });

  it('opens zstd only where Node can', () => {
    const frame = (text: string): Uint8Array =>
      // A frame with one raw block: magic, descriptor (single segment), size, block header, content.
      concat(
        Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, text.length, (text.length << 3) | 1, 0, 0),
        utf8(text),
      );
    const [difference] = compareArtifacts(frame('abc'), frame('abd')).differences;
    expect(difference?.closed).to.equal(
      canReadZstd ? undefined : 'zstd: this version of Node cannot read it',
    );
  });

  it('may be packed by another program', () => {
    const content = new TextEncoder().encode(xzFixtures.text);
    const gz = ar([
      { name: 'debian-binary', data: utf8('2.0\n') },
      { name: 'data.tar.gz', data: gzipSync(content) },
    ]);
    const xz = ar([
      { name: 'debian-binary', data: utf8('2.0\n') },
      { name: 'data.tar.xz', data: xzFixtures.crc64 },
    ]);
    expect(names(compareArtifacts(gz, xz))).to.deep.equal(['compression']);
    const renamed = ar([
      { name: 'debian-binary', data: utf8('2.0\n') },
      { name: 'data.tar.gz', data: xzFixtures.crc64 },
    ]);
    expect(compareArtifacts(xz, renamed).verdict).to.equal('different');
  });

  it('is never called identical, or equivalent without a name, with any one byte changed', () => {
    const plain = ar([
      { name: 'debian-binary', data: utf8('2.0\n') },
      { name: 'data.tar', data: tar([{ path: './README', data: code }]) },
      { name: 'x.gz', data: gzipSync(code) },
    ]);
    for (let at = 0; at < plain.length; at++) {
      const flipped = plain.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const comparison = compareArtifacts(plain, flipped);
      if (comparison.verdict === 'equivalent') {
        expect(names(comparison), `byte ${at}`).to.have.length(1);
        expect(['ar-times', 'ar-owners', 'gzip-header'], `byte ${at}`).to.include(names(comparison)[0]);
      } else expect(comparison.unexplainedBytes, `byte ${at}`).to.be.greaterThan(0);
    }
  });

  describe('that is hostile', () => {
    it('cannot unpack to more than the limit', () => {
      const bomb = (byte: number): Uint8Array => gzipSync(new Uint8Array(1 << 20).fill(byte));
      const limits = { ...usualLimits, unpackedBytes: 1 << 16 };
      expect(refusal(() => compareArtifacts(bomb(0), bomb(1), limits))).to.equal('too-large');
    });

    it('cannot unpack to more than the limit in many streams', () => {
      const many = (byte: number): Uint8Array =>
        tar(
          Array.from({ length: 40 }, (_, i) => ({
            path: `f${i}`,
            data: gzipSync(new Uint8Array(4096).fill(byte)),
          })),
        );
      const limits = { ...usualLimits, unpackedBytes: 1 << 16 };
      expect(refusal(() => compareArtifacts(many(0), many(1), limits))).to.equal('too-large');
    });

    it('cannot hold more members than the limit', () => {
      const many = (text: string): Uint8Array =>
        tar(Array.from({ length: 50 }, (_, i) => ({ path: `f${i}`, data: utf8(text) })));
      const limits = { ...usualLimits, members: 49 };
      expect(refusal(() => compareArtifacts(many('a'), many('b'), limits))).to.equal('too-large');
    });

    it('is compared from outside where it is nested too deeply', () => {
      const nested = (text: string): Uint8Array => {
        let bytes = utf8(text);
        for (let i = 0; i < 9; i++) bytes = gzipSync(bytes);
        return bytes;
      };
      const { verdict, differences } = compareArtifacts(nested('a'), nested('b'));
      expect(verdict).to.equal('different');
      expect(differences[0]?.closed).to.equal('nested more than 8 deep');
    });
  });
});

describe('a comparison of many files', () => {
  it('lists 1,000 differences and counts all', () => {
    const side = (text: string, count: number): Uint8Array =>
      tar(Array.from({ length: count }, (_, at) => ({ path: `./${at}`, data: utf8(text) })));
    for (const count of [maxListed, maxListed + 1]) {
      const { differences, differenceCount } = compareArtifacts(side('a', count), side('b', count));
      expect([differences.length, differenceCount]).to.deep.equal([maxListed, count]);
    }
  });
});
