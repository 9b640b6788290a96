/** What the `xz` program packs, at every preset and with every setting of LZMA2, is read to the same bytes. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { Budget } from '../../src/rebuild/budget.ts';
import { parseXz } from '../../src/rebuild/xz.ts';

const pack = (content: Uint8Array, args: readonly string[]): Uint8Array => {
  const { status, stdout, stderr } = spawnSync('xz', ['-c', ...args], { input: content, maxBuffer: 1 << 28 });
  expect(status, String(stderr)).to.equal(0);
  return stdout;
};
const same = (content: Uint8Array, args: readonly string[]): void => {
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  expect(digest(parseXz(pack(content, args), new Budget())), args.join(' ')).to.equal(digest(content));
};

/** Bytes without any pattern, the same in each run. */
function noise(length: number): Uint8Array {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 32 < length; i++) blocks.push(createHash('sha256').update(String(i)).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

describe('what xz packs', () => {
  let program: Uint8Array;
  before(async () => {
    program = (await readFile(process.execPath)).subarray(0, 3 << 20);
  });

  it('is read back at every preset', () => {
    for (const preset of ['-0', '-1', '-3', '-6', '-9', '-9e']) same(program, [preset]);
  });

  it('is read back with every check and in many blocks', () => {
    for (const check of ['none', 'crc32', 'crc64', 'sha256']) same(program, [`--check=${check}`, '-1']);
    same(program, ['-1', '-T2', '--block-size=100000']);
  });

  it('is read back with every number of literal and position bits', () => {
    const part = program.subarray(1 << 20, (1 << 20) + 100_000);
    for (let lc = 0; lc <= 4; lc++) {
      for (let lp = 0; lc + lp <= 4; lp++) {
        for (let pb = 0; pb <= 4; pb++) same(part, [`--lzma2=lc=${lc},lp=${lp},pb=${pb}`]);
      }
    }
  });

  it('is read back where nothing can be packed, where all is the same, and where there is nothing', () => {
    same(noise(3 << 20), []);
    same(Buffer.concat([noise(100_000), program.subarray(0, 100_000), noise(300_000)]), []);
    same(new Uint8Array(20 << 20), []);
    same(new Uint8Array(), []);
    same(Uint8Array.of(7), []);
  });

  it('is read back with a small dictionary', () => {
    same(program, ['--lzma2=dict=4096']);
  });

  it('is left closed with another filter', () => {
    expect(() => parseXz(pack(program, ['--x86', '--lzma2']), new Budget())).to.throw(
      'a filter other than LZMA2',
    );
  });
});
