/**
 * What every Storage must do. An implementation runs it in two lines; see
 * level.test.ts and memory.test.ts.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { LedgerError } from '../../src/errors.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { compare, equal, toHex, utf8 } from '../../src/bytes.ts';
import type { Range, Row, Storage } from '../../src/storage/storage.ts';
import type { Head } from '../../src/tlog/head.ts';

/** A place that outlives the storage opened on it. */
export interface Place {
  open(): Promise<Storage>;
  remove(): Promise<void>;
}

export function headOf(size: number, fill: number = size): Head {
  return { size, root: new Uint8Array(32).fill(fill) };
}

export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

export async function expectCode(promise: Promise<unknown>, code: ErrorCode): Promise<LedgerError> {
  const error = await rejection(promise);
  expect(error, `a refusal with ${code}`).to.be.instanceOf(LedgerError);
  expect((error as LedgerError).code, (error as LedgerError).message).to.equal(code);
  return error as LedgerError;
}

export async function rowsOf(storage: Storage, range: Range): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of storage.range(range)) rows.push(row);
  return rows;
}

const all = { gte: Uint8Array.of(1), lt: new Uint8Array(8).fill(255) };
const key = (text: string): Uint8Array => utf8(`k/${text}`);
const put = (text: string, value: string = text): Row => [key(text), utf8(value)];
const texts = (rows: readonly Row[]): string[] =>
  rows.map(([k, v]) => `${Buffer.from(k).toString()}=${Buffer.from(v).toString()}`);

export function storageSuite(name: string, makePlace: () => Promise<Place>): void {
  describe(`${name} as a Storage`, () => {
    let place: Place;
    let storage: Storage;

    beforeEach(async () => {
      place = await makePlace();
      storage = await place.open();
    });

    afterEach(async () => {
      await storage.close();
      await place.remove();
    });

    it('begins without a head and without rows', async () => {
      expect(await storage.head()).to.equal(undefined);
      expect(await rowsOf(storage, all)).to.deep.equal([]);
      expect(await storage.get(key('a'))).to.equal(undefined);
    });

    it('keeps rows and head of a commit together, also when it is opened anew', async () => {
      await storage.commit({ puts: [put('a'), put('b', '')] }, undefined, headOf(1));
      await storage.commit({ puts: [put('a', 'A')], deletes: [key('b')] }, headOf(1), headOf(2));
      for (let round = 0; round < 2; round++) {
        expect(await storage.head()).to.deep.equal(headOf(2));
        expect(texts(await rowsOf(storage, all))).to.deep.equal(['k/a=A']);
        await storage.close();
        storage = await place.open();
      }
    });

    it('tells an empty value from an absent row', async () => {
      await storage.commit({ puts: [put('a', '')] }, undefined, headOf(1));
      expect(await storage.get(key('a'))).to.deep.equal(new Uint8Array());
      expect(await storage.get(key('b'))).to.equal(undefined);
    });

    it('answers getMany in the order of the keys, with gaps', async () => {
      await storage.commit({ puts: [put('a'), put('b')] }, undefined, headOf(1));
      const values = await storage.getMany([key('b'), key('x'), key('a'), key('b')]);
      expect(values).to.deep.equal([utf8('b'), undefined, utf8('a'), utf8('b')]);
      expect(await storage.getMany([])).to.deep.equal([]);
    });

    it('hands out plain bytes that share no memory with what is stored', async () => {
      const mine = utf8('value');
      const root = new Uint8Array(32).fill(1);
      await storage.commit({ puts: [[key('a'), mine]] }, undefined, { size: 1, root });
      mine.fill(0);
      root.fill(0);
      const got = await storage.get(key('a'));
      expect(got?.constructor).to.equal(Uint8Array);
      expect(got).to.deep.equal(utf8('value'));
      got?.fill(0);
      for (const [k, v] of await rowsOf(storage, all)) {
        expect([k.constructor, v.constructor]).to.deep.equal([Uint8Array, Uint8Array]);
        k.fill(0);
        v.fill(0);
      }
      expect(texts(await rowsOf(storage, all))).to.deep.equal(['k/a=value']);
      expect(await storage.head()).to.deep.equal(headOf(1));
    });

    it('commits rows with the head unchanged', async () => {
      await storage.commit({ puts: [] }, undefined, headOf(3));
      await storage.commit({ puts: [put('checkpoint')] }, headOf(3), headOf(3));
      expect(await storage.head()).to.deep.equal(headOf(3));
      expect(await storage.get(key('checkpoint'))).to.deep.equal(utf8('checkpoint'));
    });

    it('refuses a commit from another head, writes nothing, and goes on', async () => {
      await storage.commit({ puts: [] }, undefined, headOf(3));
      const wrong: (Head | undefined)[] = [undefined, headOf(2), headOf(4), headOf(3, 4), headOf(0)];
      for (const expected of wrong) {
        const error = await expectCode(
          storage.commit({ puts: [put('a')] }, expected, headOf(9)),
          'head-conflict',
        );
        expect(error.got).to.contain('size 3');
      }
      expect(await storage.head()).to.deep.equal(headOf(3));
      expect(await rowsOf(storage, all)).to.deep.equal([]);
      await storage.commit({ puts: [put('a')] }, headOf(3), headOf(4));
      expect(texts(await rowsOf(storage, all))).to.deep.equal(['k/a=a']);
    });

    it('refuses a first commit that expects a head', async () => {
      await expectCode(storage.commit({ puts: [put('a')] }, headOf(0), headOf(1)), 'head-conflict');
      expect(await storage.head()).to.equal(undefined);
    });

    it('lets exactly one of several commits from one head win', async () => {
      await storage.commit({ puts: [] }, undefined, headOf(1));
      const results = await Promise.allSettled(
        [5, 6, 7].map(async (n) => storage.commit({ puts: [put(`${n}`)] }, headOf(1), headOf(n))),
      );
      expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'rejected']);
      expect(await storage.head()).to.deep.equal(headOf(5));
      expect(texts(await rowsOf(storage, all))).to.deep.equal(['k/5=5']);
    });

    it('runs commits that are called together one after another, in order', async () => {
      const sizes = Array.from({ length: 20 }, (_, i) => i);
      await Promise.all(
        sizes.map(async (n) =>
          storage.commit({ puts: [put('last', `${n}`)] }, n === 0 ? undefined : headOf(n), headOf(n + 1)),
        ),
      );
      expect(await storage.head()).to.deep.equal(headOf(20));
      expect(await storage.get(key('last'))).to.deep.equal(utf8('19'));
    });

    it('takes a head that shrinks, or changes its root in place, for a fault of its caller', async () => {
      await storage.commit({ puts: [] }, undefined, headOf(3));
      for (const next of [headOf(2), headOf(3, 9)]) {
        const error = await rejection(storage.commit({ puts: [] }, headOf(3), next));
        expect(error).to.be.instanceOf(Error).and.not.instanceOf(LedgerError);
      }
      expect(await storage.head()).to.deep.equal(headOf(3));
    });

    it('keeps its own rows out of reach', async () => {
      await storage.commit({ puts: [put('a')] }, undefined, headOf(1));
      for (const own of [Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(0, 1)]) {
        for (const attempt of [
          storage.get(own),
          storage.getMany([own]),
          storage.commit({ puts: [[own, utf8('x')]] }, headOf(1), headOf(2)),
          storage.commit({ puts: [], deletes: [own] }, headOf(1), headOf(2)),
        ]) {
          expect(await rejection(attempt)).to.be.instanceOf(Error);
        }
      }
      const everything = await rowsOf(storage, { gte: new Uint8Array(), lt: Uint8Array.of(255) });
      expect(texts(everything)).to.deep.equal(['k/a=a']);
      expect(await storage.head()).to.deep.equal(headOf(1));
    });

    it('keeps a range as it was when its first row was asked for', async () => {
      await storage.commit({ puts: [put('a'), put('b'), put('c')] }, undefined, headOf(1));
      const rows = storage.range(all)[Symbol.asyncIterator]();
      const seen: Row[] = [];
      for (let next = await rows.next(); next.done !== true; next = await rows.next()) {
        if (seen.push(next.value) > 1) continue;
        await storage.commit({ puts: [put('b', 'B'), put('bb')], deletes: [key('c')] }, headOf(1), headOf(2));
      }
      expect(texts(seen)).to.deep.equal(['k/a=a', 'k/b=b', 'k/c=c']);
    });

    it('can leave a range half way', async () => {
      const puts = Array.from({ length: 600 }, (_, i) => put(String(i).padStart(4, '0')));
      await storage.commit({ puts }, undefined, headOf(1));
      for await (const [k] of storage.range(all)) if (equal(k, key('0300'))) break;
      expect(await rowsOf(storage, all)).to.have.length(600);
    });

    it('finds the same rows as a sorted list, by unsigned bytes', async () => {
      const keys = fc
        .tuple(
          fc.constantFrom(1, 2, 127, 128, 255),
          fc.array(fc.constantFrom(0, 1, 128, 255), { maxLength: 2 }),
        )
        .map(([first, rest]) => Uint8Array.of(first, ...rest));
      const values = fc.uint8Array({ maxLength: 3 });
      let size = 0;
      const model = new Map<string, Row>();
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(keys, values), { maxLength: 12 }),
          fc.array(keys, { maxLength: 4 }),
          fc.array(fc.tuple(keys, keys, fc.integer({ min: 0, max: 9 }), fc.boolean()), {
            minLength: 1,
            maxLength: 6,
          }),
          async (puts, deletes, ranges) => {
            const expected = size === 0 ? undefined : headOf(size, 1);
            size += 1;
            await storage.commit({ puts, deletes }, expected, headOf(size, 1));
            for (const [k, v] of puts) model.set(toHex(k), [k, v]);
            for (const k of deletes) model.delete(toHex(k));
            const sorted = [...model.values()].sort(([a], [b]) => compare(a, b));
            for (const [gte, lt, limit, reverse] of ranges) {
              const inside = sorted.filter(([k]) => compare(k, gte) >= 0 && compare(k, lt) < 0);
              expect(await rowsOf(storage, { gte, lt })).to.deep.equal(inside);
              if (reverse) inside.reverse();
              expect(await rowsOf(storage, { gte, lt, limit, reverse })).to.deep.equal(
                inside.slice(0, limit),
              );
            }
          },
        ),
        { numRuns: 60 },
      );
    });

    it('waits for its commits when it is closed, then answers nothing more', async () => {
      const pending = storage.commit({ puts: [put('a')] }, undefined, headOf(1));
      const rows = storage.range(all)[Symbol.asyncIterator]();
      await Promise.all([storage.close(), storage.close()]);
      await pending;
      await expectCode(storage.get(key('a')), 'store-failed');
      await expectCode(storage.getMany([key('a')]), 'store-failed');
      await expectCode(storage.head(), 'store-failed');
      await expectCode(Promise.resolve(rows.next()), 'store-failed');
      await expectCode(storage.commit({ puts: [] }, headOf(1), headOf(2)), 'store-failed');
      storage = await place.open();
      expect(await storage.get(key('a'))).to.deep.equal(utf8('a'));
    });
  });
}
