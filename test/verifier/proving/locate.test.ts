import { expect } from 'chai';
import { fromUtf8, utf8 } from '../../../src/bytes.ts';
import { LedgerError } from '../../../src/errors.ts';
import { formatEntryBundle, parseEntryBundle } from '../../../src/tlog/bundle.ts';
import { firstWrongPlace } from '../../../src/verifier/proving/locate.ts';
import type { FetchPath } from '../../../src/verifier/proving/tile-reader.ts';
import { SampleLog } from '../sample-log.ts';

/** Three levels would need 65,536 leaves; two, with partial tiles on both, need 600. */
const size = 600;
const log = new SampleLog(Array.from({ length: size }, (_, at) => utf8(`entry ${at}`)));

type Change = (bytes: Uint8Array) => Uint8Array;

const flip =
  (at: number): Change =>
  (bytes) =>
    bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

async function place(changes: Readonly<Record<string, Change>> = {}, root?: Uint8Array) {
  const serve = log.serve();
  const fetchPath: FetchPath = async (path, maxBytes) => {
    const bytes = await serve(path, maxBytes);
    return (changes[path] ?? ((same) => same))(bytes);
  };
  return firstWrongPlace({ size, root: root ?? (await log.root()), fetchPath });
}

describe('firstWrongPlace', () => {
  it('finds nothing in a sound log', async () => {
    expect(await place()).to.equal(undefined);
    const done: number[] = [];
    const root = await log.root();
    await firstWrongPlace({ size, root, fetchPath: log.serve(), onProgress: (count) => done.push(count) });
    expect(done).to.deep.equal([256, 512, 600]);
  });

  it('names the leaf, in full tiles and in the last one', async () => {
    for (const [path, at, index] of [
      ['tile/0/000', 0, 0],
      ['tile/0/000', 255, 255],
      ['tile/0/001', 7, 263],
      ['tile/0/002.p/88', 87, 599],
    ] as const) {
      const found = await place({ [path]: flip(at * 32 + 5) });
      expect(found).to.deep.include({ code: 'leaf-mismatch', index });
      expect(found?.facts).to.deep.equal({ path, hash: at });
      const bundle = path.replace('tile/0/', 'tile/entries/');
      const changed = await place({
        [bundle]: (bytes) => {
          const entries = parseEntryBundle(bytes, Number(path.split('/').at(-1)) === 88 ? 88 : 256);
          return formatEntryBundle(entries.with(at, utf8(`${fromUtf8(entries[at]!)}!`)));
        },
      });
      expect(changed).to.deep.include({ code: 'leaf-mismatch', index });
    }
  });

  it('names the tile above, and the first leaf below the wrong hash', async () => {
    const found = await place({ 'tile/1/000.p/2': flip(32) });
    expect(found).to.deep.include({ code: 'root-mismatch', index: 256 });
    expect(found?.facts).to.deep.equal({ path: 'tile/1/000.p/2', hash: 1 });
  });

  it('names the first of several places', async () => {
    const found = await place({
      'tile/1/000.p/2': flip(0),
      'tile/0/001': flip(0),
      'tile/entries/002.p/88': (bytes) => bytes.subarray(1),
    });
    expect(found).to.deep.include({ code: 'leaf-mismatch', index: 256 });
  });

  it('names what cannot be read', async () => {
    const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length / 2);
    for (const path of ['tile/0/001', 'tile/entries/001', 'tile/1/000.p/2', 'tile/entries/002.p/88']) {
      const found = await place({ [path]: half });
      expect(found?.code, path).to.equal('malformed-tile');
      expect(found?.facts['path']).to.equal(path);
    }
    const missing = await place({
      'tile/entries/001': () => {
        throw new LedgerError('not-found', 'no such bundle');
      },
    });
    expect(missing?.code).to.equal('not-found');
  });

  it('blames the checkpoint when everything else agrees', async () => {
    const found = await place({}, await log.root(599));
    expect(found?.code).to.equal('root-mismatch');
    expect(found?.facts).to.deep.equal({ path: 'checkpoint' });
  });
});
