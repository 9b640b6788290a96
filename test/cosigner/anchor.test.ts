import { expect } from 'chai';
import { mkdir, mkdtemp, link, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Anchor } from '../../src/cosigner/anchor.ts';
import { LedgerError } from '../../src/errors.ts';
import { emptyRoot } from '../../src/tlog/hash.ts';
import { overtakeAtLink, watchSteps } from './file-steps.ts';
import { expectCode, headOf, rejection } from '../storage/suite.ts';

const empty = { size: 0, root: emptyRoot };
const nameOf = (generation: number): string => `${String(generation).padStart(15, '0')}.anchor`;

describe('anchor', () => {
  let parent: string;
  let dir: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-anchor-'));
    dir = join(parent, 'anchor');
  });

  afterEach(async () => rm(parent, { recursive: true }));

  const advanceTo = async (anchor: Anchor, size: number): Promise<void> => {
    while (anchor.head.size < size) await anchor.advance(headOf(anchor.head.size + 1));
  };

  it('begins with generation 0 and keeps what it was advanced to', async () => {
    const made = await Anchor.create(dir, empty);
    expect([made.generation, made.head]).to.deep.equal([0, empty]);
    await made.advance(headOf(7));
    const opened = await Anchor.open(dir);
    expect([opened.generation, opened.head]).to.deep.equal([1, headOf(7)]);
    await opened.advance(headOf(8));
    expect((await Anchor.open(dir)).head).to.deep.equal(headOf(8));
  });

  it('writes the text that its format says', async () => {
    const anchor = await Anchor.create(dir, empty);
    await anchor.advance(headOf(70_000, 255));
    expect(await readdir(dir)).to.have.members([nameOf(0), nameOf(1)]);
    expect(await readFile(join(dir, nameOf(0)), 'utf8')).to.equal(
      'isal-anchor/v1\n0\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n',
    );
    expect(await readFile(join(dir, nameOf(1)), 'utf8')).to.equal(
      `isal-anchor/v1\n1\n70000\n${'/'.repeat(42)}8=\n`,
    );
  });

  it('takes the largest size there is', async () => {
    await (await Anchor.create(dir, empty)).advance(headOf(Number.MAX_SAFE_INTEGER, 255));
    expect((await Anchor.open(dir)).head.size).to.equal(Number.MAX_SAFE_INTEGER);
  });

  it('keeps its head when the caller changes the bytes it gave', async () => {
    const root = new Uint8Array(32).fill(1);
    const anchor = await Anchor.create(dir, empty);
    await anchor.advance({ size: 1, root });
    root.fill(9);
    expect(anchor.head).to.deep.equal(headOf(1));
  });

  it('is made once: never over another, whatever generation that has', async () => {
    await advanceTo(await Anchor.create(dir, empty), 70);
    await expectCode(Anchor.create(dir, empty), 'store-exists');
    expect((await Anchor.open(dir)).head).to.deep.equal(headOf(70));
  });

  it('lets one of several makers win', async () => {
    const results = await Promise.allSettled([1, 2, 3, 4].map(async (n) => Anchor.create(dir, headOf(n))));
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.head] : []));
    expect(made).to.have.length(1);
    expect((await Anchor.open(dir)).head).to.deep.equal(made[0]);
  });

  it('is refused when missing: no directory, an empty one, only a temporary file', async () => {
    await expectCode(Anchor.open(dir), 'anchor-missing');
    await mkdir(dir);
    await expectCode(Anchor.open(dir), 'anchor-missing');
    await writeFile(join(dir, `${randomUUID()}.tmp`), 'isal-anchor/v1\n0\n0\n');
    await expectCode(Anchor.open(dir), 'anchor-missing');
    await expectCode(Anchor.open(join(dir, 'no', 'such')), 'anchor-missing');
  });

  it('keeps the last 64 generations', async () => {
    const anchor = await Anchor.create(dir, empty);
    await advanceTo(anchor, 63);
    expect(await readdir(dir)).to.have.length(64);
    await advanceTo(anchor, 70);
    expect((await readdir(dir)).sort()).to.deep.equal(Array.from({ length: 64 }, (_, i) => nameOf(i + 7)));
    expect((await Anchor.open(dir)).head).to.deep.equal(headOf(70));
  });

  it('only grows', async () => {
    const anchor = await Anchor.create(dir, headOf(5));
    for (const next of [headOf(5), headOf(5, 6), headOf(4)]) {
      const error = await rejection(anchor.advance(next));
      expect(error).to.be.instanceOf(Error).and.not.instanceOf(LedgerError);
    }
    expect(await readdir(dir)).to.deep.equal([nameOf(0)]);
  });

  describe('with two writers', () => {
    it('lets exactly one go on from a generation; the other stops for good', async () => {
      await Anchor.create(dir, empty);
      for (let round = 1; round <= 20; round++) {
        const writers = [await Anchor.open(dir), await Anchor.open(dir)];
        const results = await Promise.allSettled(
          writers.map(async (writer, i) => writer.advance(headOf(round, 100 + i))),
        );
        expect(results.map(({ status }) => status)).to.have.members(['fulfilled', 'rejected']);
        const winner = results.findIndex(({ status }) => status === 'fulfilled');
        const loser = writers[1 - winner];
        expect((await Anchor.open(dir)).head).to.deep.equal(headOf(round, 100 + winner));
        await expectCode(loser?.advance(headOf(round + 1)) ?? Promise.resolve(), 'anchor-taken');
      }
    });

    it('stops one that was overtaken so far that its generation is free again', async () => {
      const paused = await Anchor.create(dir, empty);
      const other = await Anchor.open(dir);
      await advanceTo(other, 70);
      expect(await readdir(dir)).not.to.include(nameOf(1));
      await expectCode(paused.advance(headOf(1)), 'anchor-taken');
      expect(paused.head).to.deep.equal(empty);
      await other.advance(headOf(71));
      expect((await Anchor.open(dir)).head).to.deep.equal(headOf(71));
    });

    it('does not disturb one that is at work by opening', async () => {
      const writer = await Anchor.create(dir, empty);
      for (let size = 1; size <= 40; size++) {
        await Promise.all([writer.advance(headOf(size)), Anchor.open(dir), Anchor.open(dir)]);
      }
      expect((await Anchor.open(dir)).head).to.deep.equal(headOf(40));
    });

    it('stops one whose unlinked file the other, going on, has removed', async () => {
      const slow = await Anchor.create(dir, empty);
      const other = await Anchor.open(dir);
      await overtakeAtLink(
        async () => expectCode(slow.advance(headOf(1)), 'anchor-taken'),
        async () => advanceTo(other, 70),
      );
      expect((await Anchor.open(dir)).head).to.deep.equal(headOf(70));
    });
  });

  describe('after a crash', () => {
    it('removes a temporary file that was never linked', async () => {
      await Anchor.create(dir, headOf(3));
      await writeFile(join(dir, `${randomUUID()}.tmp`), 'isal-anchor/v1\n1\n4');
      const anchor = await Anchor.open(dir);
      expect(anchor.head).to.deep.equal(headOf(3));
      await anchor.advance(headOf(4));
      expect((await readdir(dir)).sort()).to.deep.equal([nameOf(0), nameOf(1)]);
    });

    it('goes on from a generation that was linked and nothing more', async () => {
      await Anchor.create(dir, headOf(3));
      const temporary = join(dir, `${randomUUID()}.tmp`);
      const root = Buffer.alloc(32, 4).toString('base64');
      await writeFile(temporary, `isal-anchor/v1\n1\n4\n${root}\n`);
      await link(temporary, join(dir, nameOf(1)));
      const anchor = await Anchor.open(dir);
      expect(anchor.head).to.deep.equal(headOf(4));
      await anchor.advance(headOf(5));
      expect((await readdir(dir)).sort()).to.deep.equal([nameOf(0), nameOf(1), nameOf(2)]);
    });

    it('makes good a pruning that was cut short', async () => {
      const anchor = await Anchor.create(dir, empty);
      await advanceTo(anchor, 66);
      await writeFile(join(dir, nameOf(1)), 'an old generation');
      await anchor.advance(headOf(67));
      expect(await readdir(dir))
        .to.have.length(64)
        .and.not.include(nameOf(1));
    });
  });

  it('stops when the files cannot be written, even if they could be later', async () => {
    const anchor = await Anchor.create(dir, empty);
    await rename(dir, join(parent, 'away'));
    await expectCode(anchor.advance(headOf(1)), 'store-failed');
    await rename(join(parent, 'away'), dir);
    await expectCode(anchor.advance(headOf(1)), 'store-failed');
    expect((await Anchor.open(dir)).head).to.deep.equal(empty);
  });

  it('syncs the file before its link, the directory after, and looks for newer ones last', async () => {
    const anchor = await Anchor.create(dir, empty);
    await advanceTo(anchor, 63);
    expect(await watchSteps(async () => anchor.advance(headOf(64)))).to.deep.equal([
      'write *.tmp',
      'sync *.tmp',
      `link ${nameOf(64)}`,
      'unlink *.tmp',
      'sync anchor',
      'list anchor',
      `unlink ${nameOf(0)}`,
    ]);
  });

  it('makes the directory last when it is made and when it is opened', async () => {
    const made = await watchSteps(async () => Anchor.create(dir, empty));
    expect(made.slice(-2)).to.deep.equal(['sync anchor', `sync ${basename(parent)}`]);
    expect(await watchSteps(async () => Anchor.open(dir))).to.include('sync anchor');
  });

  describe('when one of its steps fails', () => {
    for (let at = 0; at < 7; at++) {
      for (const when of ['before', 'after'] as const) {
        it(`stops at step ${at}, failing ${when} it is done, and opens with the old head or the new`, async () => {
          await Anchor.create(dir, empty);
          const root = Buffer.alloc(32, 63).toString('base64');
          await writeFile(join(dir, nameOf(63)), `isal-anchor/v1\n63\n63\n${root}\n`);
          const anchor = await Anchor.open(dir);
          await watchSteps(async () => expectCode(anchor.advance(headOf(64)), 'store-failed'), { at, when });
          await expectCode(anchor.advance(headOf(65)), 'store-failed');
          const linked = at > 2 || (at === 2 && when === 'after');
          const opened = await Anchor.open(dir);
          expect(opened.head).to.deep.equal(headOf(linked ? 64 : 63));
          await advanceTo(opened, 65);
          expect((await readdir(dir)).sort()).to.deep.equal([nameOf(63), nameOf(64), nameOf(65)]);
        });
      }
    }
  });

  it('leaves files of others alone', async () => {
    await Anchor.create(dir, empty);
    await mkdir(join(dir, 'lost+found'));
    await writeFile(join(dir, 'notes.tmp'), '');
    await writeFile(join(dir, `${nameOf(9)}.bak`), '');
    expect((await Anchor.open(dir)).head).to.deep.equal(empty);
    expect(await readdir(dir)).to.have.length(4);
  });

  describe('with a damaged highest generation', () => {
    const root = Buffer.alloc(32, 7).toString('base64');
    const good = `isal-anchor/v1\n1\n7\n${root}\n`;
    const bad: Readonly<Record<string, string | Uint8Array>> = {
      'an empty file': '',
      'its last byte cut': good.slice(0, -1),
      'one byte appended': `${good}\n`,
      'a fifth line': `${good}x\n`,
      'CR LF': good.replaceAll('\n', '\r\n'),
      'a byte order mark': `\uFEFF${good}`,
      'another format': good.replace('v1', 'v2'),
      'another generation': good.replace('\n1\n', '\n2\n'),
      'a leading zero': good.replace('\n7\n', '\n07\n'),
      'a sign': good.replace('\n7\n', '\n+7\n'),
      'a size beyond 2^53 - 1': good.replace('\n7\n', '\n9007199254740992\n'),
      'a short root': `isal-anchor/v1\n1\n7\n${Buffer.alloc(31).toString('base64')}\n`,
      'loose base64': good.replace('c=\n', 'd=\n'),
      'bytes that are no text': new Uint8Array(80).fill(0xff),
      'a mebibyte': good + 'x'.repeat(1 << 20),
      zeros: new Uint8Array(good.length),
    };

    for (const [fault, content] of Object.entries(bad)) {
      it(`refuses ${fault}, and takes no older generation instead`, async () => {
        await Anchor.create(dir, headOf(3));
        await writeFile(join(dir, nameOf(1)), good);
        expect((await Anchor.open(dir)).head).to.deep.equal(headOf(7));
        await writeFile(join(dir, nameOf(1)), content);
        await expectCode(Anchor.open(dir), 'malformed-anchor');
      });
    }
  });
});

describe('the largest anchor that there can be', () => {
  const generation = 999_999_999_999_999;
  const head = { size: Number.MAX_SAFE_INTEGER, root: new Uint8Array(32).fill(0xff) };
  const text = `isal-anchor/v1\n${generation}\n${head.size}\n${'/'.repeat(42)}8=\n`;
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isal-anchor-'));
  });

  afterEach(async () => rm(dir, { recursive: true }));

  it('is read, and with one byte more is refused: a cut would not be noticed otherwise', async () => {
    const file = join(dir, `${generation}.anchor`);
    await writeFile(file, text);
    expect((await Anchor.open(dir)).head).to.deep.equal(head);
    for (const longer of [`${text}\n`, `${text}x`, text + text]) {
      await writeFile(file, longer);
      await expectCode(Anchor.open(dir), 'malformed-anchor');
    }
  });
});
