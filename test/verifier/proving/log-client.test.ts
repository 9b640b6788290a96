import { expect } from 'chai';
import { concat, utf8 } from '../../../src/bytes.ts';
import { LogClient } from '../../../src/verifier/proving/log-client.ts';
import type { FetchPath } from '../../../src/verifier/proving/tile-reader.ts';
import { rejection } from '../rejection.ts';
import { SampleLog, cosignedAt, witnesses } from '../sample-log.ts';

const log = new SampleLog(Array.from({ length: 1_100 }, (_, at) => utf8(`entry ${at}`)));
const { policy } = log.trust();

function clientOf(fetchPath: FetchPath, bundlesAhead = 4): LogClient {
  return new LogClient({ policy, fetchPath, bundlesAhead });
}

describe('LogClient', () => {
  it('takes a checkpoint that the pinned policy accepts, and its note', async () => {
    const signed = await clientOf(log.serve()).checkpoint({ now: cosignedAt + 60, maxAge: 3_600 });
    expect(signed.checkpoint.size).to.equal(1_100);
    expect(signed.checkpoint.root).to.deep.equal(await log.root());
    expect(signed.note).to.deep.equal(await log.note());
    expect(signed.witnesses.map(({ name }) => name)).to.deep.equal(['a', 'b']);
  });

  it('refuses a checkpoint with too few witnesses, or with old ones', async () => {
    const few = clientOf(log.serve({ cosigners: witnesses.slice(0, 1) }));
    expect((await rejection(() => few.checkpoint())).code).to.equal('quorum-not-met');
    const old = clientOf(log.serve());
    const age = { now: cosignedAt + 3_601, maxAge: 3_600 };
    expect((await rejection(() => old.checkpoint(age))).code).to.equal('stale-checkpoint');
  });

  it('proves inclusion of any leaf', async () => {
    const view = clientOf(log.serve()).at({ size: 1_100, root: await log.root() });
    for (const index of [0, 255, 256, 1_023, 1_024, 1_099]) {
      const { leaf, hashes } = await view.inclusion(index);
      expect(leaf).to.deep.equal(log.leaves[index]);
      const honest = await log.source().byIndex(index);
      expect(hashes).to.deep.equal(honest.proof);
    }
    expect(await view.entry(7)).to.deep.equal(log.leaves[7]);
  });

  it('proves that it extends every earlier size', async () => {
    const view = clientOf(log.serve()).at({ size: 1_100, root: await log.root() });
    for (const from of [0, 1, 255, 256, 257, 1_024, 1_099, 1_100]) {
      expect((await view.consistency(from)).fromRoot).to.deep.equal(await log.root(from));
    }
    for (const from of [1_101, -1, 0.5]) {
      expect((await rejection(() => view.consistency(from))).code).to.equal('out-of-range');
    }
  });

  it('streams every leaf in order from any index, however far it reads ahead', async () => {
    for (const [from, ahead] of [
      [0, 1],
      [0, 4],
      [700, 2],
      [1_100, 4],
    ] as const) {
      const view = clientOf(log.serve(), ahead).at({ size: 1_100, root: await log.root() });
      const indices: number[] = [];
      for await (const { index, leaf } of view.leaves(from)) {
        expect(leaf).to.deep.equal(log.leaves[index]);
        indices.push(index);
      }
      expect(indices).to.deep.equal(Array.from({ length: 1_100 - from }, (_, at) => from + at));
    }
  });

  it('stops streaming at the first bundle that is not the tree’s', async () => {
    const served = log.serve();
    const fetchPath: FetchPath = async (path, maxBytes) => {
      const bytes = await served(path, maxBytes);
      return path === 'tile/entries/002' ? concat(bytes.subarray(0, -1), Uint8Array.of(0)) : bytes;
    };
    const view = clientOf(fetchPath).at({ size: 1_100, root: await log.root() });
    let last = -1;
    const error = await rejection(async () => {
      for await (const { index } of view.leaves()) last = index;
    });
    expect(error).to.include({ code: 'leaf-mismatch', index: 767 });
    expect(last).to.equal(511);
  });
});
