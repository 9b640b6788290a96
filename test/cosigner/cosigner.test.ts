import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Anchor } from '../../src/cosigner/anchor.ts';
import { Cosigner } from '../../src/cosigner/cosigner.ts';
import { LedgerError } from '../../src/errors.ts';
import { uint64 } from '../../src/bytes.ts';
import { proveConsistency } from '../../src/tlog/consistency.ts';
import type { Head } from '../../src/tlog/head.ts';
import { emptyRoot, hashLeaf } from '../../src/tlog/hash.ts';
import type { Hash } from '../../src/tlog/hash.ts';
import { RightEdge } from '../../src/tlog/right-edge.ts';
import { expectCode, rejection } from '../storage/suite.ts';

/** A history of leaves; two of another `name` share no leaf. */
class History {
  readonly #nodes = new Map<string, Hash>();
  readonly #roots: Hash[] = [emptyRoot];

  constructor(name: number, leaves: number) {
    const edge = RightEdge.empty();
    for (let i = 0; i < leaves; i++) {
      edge.append(hashLeaf(uint64(name * 1000 + i)), (level, index, hash) =>
        this.#nodes.set(`${level}/${index}`, hash),
      );
      this.#roots.push(edge.root());
    }
  }

  head(size: number): Head {
    return { size, root: this.#roots[size] ?? new Uint8Array() };
  }

  async proof(from: number, to: number): Promise<Hash[]> {
    return proveConsistency(
      { from, to },
      {
        readNodes: async (ids) =>
          ids.map(({ level, index }) => this.#nodes.get(`${level}/${index}`) ?? new Uint8Array()),
      },
    );
  }
}

const empty = { size: 0, root: emptyRoot };
const honest = new History(1, 20);
const forked = new History(2, 20);

describe('cosigner', () => {
  let dir: string;
  let anchor: Anchor;
  let cosigner: Cosigner;
  let signed: number[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isal-cosigner-'));
    anchor = await Anchor.create(dir, empty);
    cosigner = new Cosigner(anchor);
    signed = [];
  });

  afterEach(async () => rm(dir, { recursive: true }));

  const signing = (size: number) => async (): Promise<string> => {
    signed.push(size);
    return `signature over ${size}`;
  };

  const extend = async (to: number, from: number = cosigner.head.size): Promise<string> =>
    cosigner.extend({ head: honest.head(to), proof: await honest.proof(from, to), sign: signing(to) });

  it('signs what extends the remembered head, one after another', async () => {
    for (const size of [1, 2, 3, 8, 13, 20]) expect(await extend(size)).to.equal(`signature over ${size}`);
    expect(cosigner.head).to.deep.equal(honest.head(20));
    expect(signed).to.deep.equal([1, 2, 3, 8, 13, 20]);
  });

  it('has the head on disk before it signs', async () => {
    for (const size of [1, 5]) {
      const onDisk = await cosigner.extend({
        head: honest.head(size),
        proof: await honest.proof(cosigner.head.size, size),
        sign: async () => (await Anchor.open(dir)).head,
      });
      expect(onDisk).to.deep.equal(honest.head(size));
    }
  });

  it('signs the same size and root again without moving the anchor', async () => {
    await extend(7);
    const { generation } = anchor;
    await extend(7);
    await extend(7);
    expect(signed).to.deep.equal([7, 7, 7]);
    expect(anchor.generation).to.equal(generation);
  });

  describe('refuses, without moving and without signing,', () => {
    beforeEach(async () => {
      await extend(7);
      signed = [];
    });

    afterEach(async () => {
      expect(signed).to.deep.equal([]);
      expect(cosigner.head).to.deep.equal(honest.head(7));
      expect((await Anchor.open(dir)).head).to.deep.equal(honest.head(7));
      expect(await extend(8)).to.equal('signature over 8');
    });

    const ask = async (head: Head, proof: readonly Hash[]): Promise<unknown> =>
      cosigner.extend({ head, proof, sign: signing(head.size) });

    it('another root at the remembered size', async () => {
      const error = await expectCode(ask(forked.head(7), []), 'root-mismatch');
      expect(error.facts).to.deep.equal({ rememberedSize: 7 });
    });

    it('a smaller head, even of the same history', async () => {
      for (const size of [6, 1]) {
        const error = await expectCode(ask(honest.head(size), []), 'consistency-failed');
        expect(error.facts).to.deep.equal({ rememberedSize: 7 });
        await expectCode(ask(honest.head(size), await honest.proof(size, 7)), 'consistency-failed');
      }
    });

    it('size 0, sizes that are none, and a root of another length', async () => {
      const { root } = honest.head(9);
      for (const size of [0, -1, 8.5, Number.NaN, 2 ** 53]) {
        await expectCode(ask({ size, root }, []), 'out-of-range');
      }
      await expectCode(ask({ size: 9, root: root.slice(1) }, await honest.proof(7, 9)), 'out-of-range');
    });

    it('a fork with its own proof', async () => {
      await expectCode(ask(forked.head(12), await forked.proof(7, 12)), 'consistency-failed');
    });

    it('a proof with one bit, one hash more or one hash less', async () => {
      const proof = await honest.proof(7, 12);
      for (let i = 0; i < proof.length; i++) {
        const bent = proof.map((hash) => hash.slice());
        bent[i]?.set([(bent[i]?.[0] ?? 0) ^ 1]);
        await expectCode(ask(honest.head(12), bent), 'consistency-failed');
      }
      await expectCode(ask(honest.head(12), proof.slice(1)), 'consistency-failed');
      await expectCode(ask(honest.head(12), [...proof, honest.head(1).root]), 'consistency-failed');
      await expectCode(ask(honest.head(12), []), 'consistency-failed');
    });

    it('a proof between other sizes', async () => {
      await expectCode(ask(honest.head(12), await honest.proof(6, 12)), 'consistency-failed');
      await expectCode(ask(honest.head(12), await honest.proof(7, 13)), 'consistency-failed');
    });

    it('a proof where none is needed', async () => {
      await expectCode(ask(honest.head(7), [honest.head(1).root]), 'consistency-failed');
    });
  });

  it('takes only the empty proof from size 0', async () => {
    const first = { head: honest.head(3), sign: signing(3) };
    await expectCode(cosigner.extend({ ...first, proof: [honest.head(1).root] }), 'consistency-failed');
    expect(cosigner.head).to.deep.equal(empty);
    await cosigner.extend({ ...first, proof: [] });
    expect(signed).to.deep.equal([3]);
  });

  describe('after a crash between remembering and signing', () => {
    beforeEach(async () => {
      await extend(4);
      const killed = { head: honest.head(9), proof: await honest.proof(4, 9) };
      const error = await rejection(
        cosigner.extend({ ...killed, sign: async () => Promise.reject(new Error('killed')) }),
      );
      expect((error as Error).message).to.equal('killed');
      cosigner = new Cosigner(await Anchor.open(dir));
    });

    it('signs exactly that head, and then what extends it', async () => {
      await extend(9);
      await extend(10);
      expect(signed).to.deep.equal([4, 9, 10]);
    });

    it('signs neither another head of that size nor the one before', async () => {
      const sign = signing(0);
      await expectCode(cosigner.extend({ head: forked.head(9), proof: [], sign }), 'root-mismatch');
      await expectCode(cosigner.extend({ head: honest.head(4), proof: [], sign }), 'consistency-failed');
      expect(signed).to.deep.equal([4]);
    });
  });

  it('goes on after a signature that failed', async () => {
    const refused = { head: honest.head(2), proof: [], sign: async () => Promise.reject(new Error('busy')) };
    expect(((await rejection(cosigner.extend(refused))) as Error).message).to.equal('busy');
    await extend(2);
    await extend(3);
    expect(signed).to.deep.equal([2, 3]);
  });

  it('takes calls one at a time, in order', async () => {
    const events: string[] = [];
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = cosigner.extend({
      head: honest.head(5),
      proof: [],
      sign: async () => {
        events.push('first begins');
        release();
        await new Promise((resolve) => setImmediate(resolve));
        events.push('first ends');
      },
    });
    const second = cosigner.extend({
      head: honest.head(6),
      proof: await honest.proof(5, 6),
      sign: async () => events.push('second'),
    });
    await gate;
    await Promise.all([first, second]);
    expect(events).to.deep.equal(['first begins', 'first ends', 'second']);
  });

  it('signs one of two histories that are asked for at once', async () => {
    const results = await Promise.allSettled([
      cosigner.extend({ head: honest.head(5), proof: [], sign: signing(5) }),
      cosigner.extend({ head: forked.head(6), proof: await forked.proof(0, 6), sign: signing(6) }),
    ]);
    expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
    expect(signed).to.deep.equal([5]);
  });

  it('looks at the head as it was when it was asked', async () => {
    const head = { size: 5, root: honest.head(5).root.slice() };
    const asked = cosigner.extend({ head, proof: [], sign: signing(5) });
    head.root.fill(0);
    head.size = 6;
    await asked;
    expect(cosigner.head).to.deep.equal(honest.head(5));
  });

  it('is one of two with a shared anchor: a cloned server signs no second history', async () => {
    await extend(4);
    const clone = new Cosigner(await Anchor.open(dir));
    await extend(5);
    const own = { head: honest.head(6), proof: await honest.proof(4, 6), sign: signing(6) };
    await expectCode(clone.extend(own), 'anchor-taken');
    await expectCode(clone.extend({ head: honest.head(4), proof: [], sign: signing(4) }), 'anchor-taken');
    await extend(6);
    expect(signed).to.deep.equal([4, 5, 6]);
  });

  it('never signs again once remembering has failed', async () => {
    let advances = 0;
    const state = {
      head: honest.head(4),
      advance: async (): Promise<void> => {
        advances += 1;
        throw new LedgerError('store-failed', 'EIO');
      },
    };
    cosigner = new Cosigner(state);
    await expectCode(extend(5), 'store-failed');
    await expectCode(extend(4, 4), 'store-failed');
    await expectCode(extend(5), 'store-failed');
    expect([advances, signed]).to.deep.equal([1, []]);
  });

  it('never signs what a forgetful state has not remembered', async () => {
    cosigner = new Cosigner({ head: honest.head(4), advance: async () => undefined });
    expect(await rejection(extend(5))).to.be.instanceOf(Error);
    expect(signed).to.deep.equal([]);
  });

  it('says that a proof starts from another size than it remembers, in the call’s own turn', async () => {
    await extend(5);
    const calls = [6, 7].map(async (to) =>
      cosigner.extend({
        head: honest.head(to),
        from: 5,
        proof: await honest.proof(5, to),
        sign: signing(to),
      }),
    );
    expect(await calls[0]).to.equal('signature over 6');
    const error = await expectCode(calls[1] ?? Promise.resolve(), 'size-conflict');
    expect(error.facts).to.deep.equal({ rememberedSize: 6 });
    expect(signed).to.deep.equal([5, 6]);
  });

  it('signs the empty tree where that is asked for, with its one root', async () => {
    const witness = new Cosigner(anchor, { emptyTree: true });
    const asked = (root: Hash): Promise<string> =>
      witness.extend({ head: { size: 0, root }, proof: [], sign: signing(0) });
    expect(await asked(emptyRoot)).to.equal('signature over 0');
    await expectCode(asked(honest.head(1).root), 'root-mismatch');
    await expectCode(extend(0), 'out-of-range');
    expect(signed).to.deep.equal([0]);
  });
});
