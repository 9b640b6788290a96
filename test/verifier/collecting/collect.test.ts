import { expect } from 'chai';
import { toHex } from '../../../src/bytes.ts';
import { hashLeaf } from '#sha256';
import { assembleBundle } from '../../../src/verifier/collecting/assemble.ts';
import { formatBundle } from '../../../src/verifier/proving/bundle.ts';
import { collectEntries, fittingLeaves, maxCollected } from '../../../src/verifier/collecting/collect.ts';
import type { EntrySearch } from '../../../src/verifier/collecting/collect.ts';
import { LeafCache } from '../../../src/verifier/proving/leaf-cache.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import {
  build,
  correction,
  databaseUpdate,
  digest,
  genesis,
  leafHashOf,
  rebuildResult,
  sourceSnapshot,
} from '../../fixtures/attestations.ts';
import { SampleLog } from '../sample-log.ts';
import { searchOf } from '../sample-ledger.ts';
import { Supervised, digests, file, manifest, marksOf, verdictOf } from '../supervised-log.ts';

const supervised = new Supervised();

const sorted = (indices: readonly number[]): number[] => indices.toSorted((a, b) => a - b);

describe('collecting entries for a bundle', () => {
  it('finds source, review, rebuild and every correction on the way, and nothing else', async () => {
    const log = supervised.log();
    const review = log.leaves[3] as Uint8Array;
    const first = correction({ target: leafHashOf(review) });
    log.append(first);
    log.append(correction({ seq: 2, target: leafHashOf(first) }));
    log.append(build({ seq: 2 }));
    log.append(correction({ seq: 3, target: leafHashOf(log.leaves[8] as Uint8Array) }));
    const { indices, all } = await collectEntries({ source: searchOf(log), digests, size: log.size });
    expect(sorted(indices)).to.deep.equal([1, 3, 4, 5, 6, 7]);
    expect(indices[0]).to.equal(4);
    expect(all).to.equal(true);
    const none = await collectEntries({
      source: searchOf(log),
      digests: { sha256: digest('x') },
      size: log.size,
    });
    expect(none).to.deep.equal({ indices: [], all: true });
  });

  it('makes the bundle from which the same is proven as from all leaves', async () => {
    const log = supervised.log(build({ seq: 2 }));
    const source = new LeafCache(log.source());
    const { indices } = await collectEntries({
      source: { ...searchOf(log), byIndex: (at) => source.byIndex(at) },
      digests,
      size: log.size,
    });
    const bundle = await assembleBundle({ checkpoint: await log.note(), source, indices });
    const verdict = await judgeFile({ digests, bundle, trust: log.trust() });
    expect(verdict).to.deep.equal(await verdictOf(log));
  });

  it('finds the rebuilds of one artefact among those of all that a build made', async () => {
    const names = Array.from({ length: 40 }, (_, at) => `part ${at}`);
    const subjects = names.map((name) => ({ name, digest: { sha256: digest(name) } }));
    const make = build({ file, change: (statement) => (statement.subject = subjects) });
    const rebuilds = names.map((name, at) =>
      rebuildResult({ seq: at + 1, build: { leafHash: leafHashOf(make), sha256: digest(name) } }),
    );
    const log = new SampleLog([genesis(), make, ...rebuilds]);
    const own = { sha256: digest('part 39') };
    for (const asked of [own, { ...own, sha512: digest('a') + digest('b') }]) {
      const { indices } = await collectEntries({ source: searchOf(log), digests: asked, size: log.size });
      expect(indices).to.include.members([1, 41]);
      const verdict = await verdictOf(log, indices, own);
      expect(marksOf(verdict)).to.include('rebuilt proven');
    }
  });

  it('passes over what is beyond the tree', async () => {
    const log = supervised.log();
    const { indices } = await collectEntries({ source: searchOf(log), digests, size: 5 });
    expect(sorted(indices)).to.deep.equal([1, 3, 4]);
  });

  it('begins at a known entry where no file is asked for', async () => {
    const log = supervised.log();
    const from = async (index: number): Promise<number[]> =>
      sorted((await collectEntries({ source: searchOf(log), size: log.size, known: [index] })).indices);
    expect(await from(4)).to.deep.equal([1, 3, 4, 5]);
    expect(await from(1)).to.deep.equal([1, 3]);
    expect(await from(2)).to.deep.equal([2]);
  });

  it('goes back at most 64 updates', async () => {
    const log = new SampleLog([
      genesis(),
      ...Array.from({ length: 80 }, (_, at) => databaseUpdate({ seq: at + 1 })),
    ]);
    const own = { sha256: digest('threats 80') };
    const { indices } = await collectEntries({ source: searchOf(log), digests: own, size: log.size });
    expect(sorted(indices)).to.deep.equal(Array.from({ length: 65 }, (_, at) => at + 16));
    const short = await collectEntries({
      source: searchOf(log),
      digests: { sha256: digest('threats 3') },
      size: log.size,
    });
    expect(sorted(short.indices)).to.deep.equal([1, 2, 3]);
  });

  it('is bounded in entries, bytes and questions whatever the source answers', async () => {
    const padding = 'x'.repeat(480);
    const log = new SampleLog([genesis(), supervised.snapshot]);
    const large = (seq: number): Uint8Array =>
      supervised.review({
        seq,
        change: ({ predicate }) => {
          predicate.limitations = Array.from({ length: 16 }, (_, at) => `${padding} ${at}`);
        },
      });
    for (let seq = 1; seq <= 300; seq++) log.append(large(seq));
    log.append(supervised.build);
    let questions = 0;
    const everything = log.leaves.map((_, index) => index);
    const liar: EntrySearch = {
      search: async () => {
        questions++;
        return everything;
      },
      byIndex: (index) => log.source().byIndex(index),
    };
    const { indices, all } = await collectEntries({ source: liar, digests, size: log.size });
    expect(all).to.equal(false);
    expect(indices.length).to.be.at.most(maxCollected);
    expect(questions).to.be.at.most(100);
    const many = await fittingLeaves(everything, log.source());
    const bytes = many.reduce((sum, index) => sum + (log.leaves[index]?.length ?? 0), 0);
    expect(bytes).to.be.at.most(2_500_000);
    const bundle = await log.bundle(many);
    expect(() => formatBundle(bundle)).not.to.throw();
  });

  it('leaves out what would make the bundle too large to be read', async () => {
    const remarks = Array.from({ length: 16 }, (_, at) => `${'x'.repeat(480)} ${at}`);
    const log = new SampleLog([genesis()]);
    for (let seq = 1; seq <= 16; seq++) {
      const make = build({
        seq,
        file,
        change: ({ predicate }) => (predicate.isal_supervision.deviations = remarks),
      });
      log.append(make);
      for (let at = 1; at <= 15; at++) {
        log.append(
          rebuildResult({
            seq: 100 * seq + at,
            build: { leafHash: leafHashOf(make), sha256: digest(file) },
            change: ({ predicate }) => (predicate.limitations = remarks),
          }),
        );
      }
    }
    const { indices, all } = await collectEntries({ source: searchOf(log), digests, size: log.size });
    expect(all).to.equal(false);
    const bytes = indices.reduce((sum, index) => sum + (log.leaves[index]?.length ?? 0), 0);
    expect(bytes).to.be.within(2_400_000, 2_500_000);
    const bundle = await log.bundle(indices);
    expect(() => formatBundle(bundle)).not.to.throw();
  });

  it('does not go round in circles behind a source that repeats itself or leads nowhere', async () => {
    const log = supervised.log();
    const stuck: EntrySearch = {
      search: async () => [4, 4, 4, 1, 0, 99, 4],
      byIndex: (index) => log.source().byIndex(index),
    };
    const { indices } = await collectEntries({ source: stuck, digests, size: log.size });
    expect(sorted(indices)).to.deep.equal([1, 4]);
  });

  it('takes nothing that is not what was asked for', async () => {
    const strangers = [
      rebuildResult({ build: { leafHash: digest('none'), sha256: digest(file) } }),
      sourceSnapshot({ seq: 2, manifestSha256: digest('other') }),
      correction({ target: leafHashOf(supervised.build) }),
    ];
    const log = new SampleLog([genesis(), supervised.build, ...strangers]);
    const liar: EntrySearch = {
      search: async () => [0, 1, 2, 3, 4],
      byIndex: (index) => log.source().byIndex(index),
    };
    const { indices } = await collectEntries({ source: liar, digests, size: log.size });
    expect(sorted(indices)).to.deep.equal([1, 4]);
  });

  it('looks for the last of very many inputs', async () => {
    const make = build({
      file,
      change: ({ predicate }) => {
        predicate.buildDefinition.resolvedDependencies = Array.from({ length: 150 }, (_, at) => ({
          digest: { sha256: at === 149 ? manifest : digest(`input ${at}`) },
        }));
      },
    });
    const log = new SampleLog([genesis(), supervised.snapshot, make]);
    const { indices } = await collectEntries({ source: searchOf(log), digests, size: log.size });
    expect(sorted(indices)).to.deep.equal([1, 2]);
    expect(marksOf(await verdictOf(log))).to.include('source proven');
  });
});

describe('a cache of leaves', () => {
  it('asks for each leaf once, by its index or by its hash', async () => {
    const log = supervised.log();
    const asked: unknown[] = [];
    const cache = new LeafCache(
      {
        byIndex: (index) => {
          asked.push(index);
          return log.source().byIndex(index);
        },
        byLeafHash: (leafHash) => {
          asked.push(leafHash);
          return log.source().byLeafHash(leafHash);
        },
      },
      new Map([[leafHashOf(log.leaves[2] as Uint8Array), 2]]),
    );
    const hashOf = (index: number): string => toHex(hashLeaf(log.leaves[index] as Uint8Array));
    for (const index of [1, 1]) await cache.byIndex(index);
    await cache.byLeafHash(hashOf(1));
    await cache.byLeafHash(hashOf(2));
    expect((await cache.byLeafHash(hashOf(3))).index).to.equal(3);
    await cache.byIndex(3);
    expect(asked).to.deep.equal([1, 2, hashOf(3)]);
  });
});
