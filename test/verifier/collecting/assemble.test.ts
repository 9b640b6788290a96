import { expect } from 'chai';
import { utf8 } from '../../../src/bytes.ts';
import { LedgerError } from '../../../src/errors.ts';
import { assembleBundle } from '../../../src/verifier/collecting/assemble.ts';
import type { LeafSource } from '../../../src/verifier/proving/leaf-source.ts';
import { formatBundle, maxBundleBytes } from '../../../src/verifier/proving/bundle.ts';
import { verifyBundle } from '../../../src/verifier/judging/verify-bundle.ts';
import {
  authorityDocument,
  build,
  correction,
  digest,
  genesis,
  leafHashOf,
} from '../../fixtures/attestations.ts';
import { rejection } from '../rejection.ts';
import { SampleLog } from '../sample-log.ts';

describe('assembleBundle', () => {
  const documents = [genesis()];
  for (let version = 2; version <= 4; version++) {
    documents.push(authorityDocument({ version, previous: leafHashOf(documents.at(-1) ?? genesis()) }));
  }
  const [first, second, third, fourth] = documents.map(leafHashOf) as [string, string, string, string];
  const [leaf0, leaf1, leaf2, leaf3] = documents as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const log = new SampleLog([
    leaf0,
    build({ seq: 1, authority: first }),
    leaf1,
    leaf2,
    build({ seq: 2, authority: third }),
    leaf3,
    utf8('no attestation'),
  ]);

  async function indicesOf(
    indices: readonly number[],
    authorities: readonly string[] = [],
  ): Promise<number[]> {
    return (await log.bundle(indices, { authorities })).leaves.map(({ index }) => index);
  }

  it('adds leaf 0 and every document up to the one that the entries name', async () => {
    expect(await indicesOf([1])).to.deep.equal([0, 1]);
    expect(await indicesOf([4])).to.deep.equal([0, 2, 3, 4]);
    expect(await indicesOf([1, 4, 4])).to.deep.equal([0, 1, 2, 3, 4]);
    expect(await indicesOf([])).to.deep.equal([0]);
  });

  it('adds the documents asked for with all before them, and leaves out what is not there', async () => {
    expect(await indicesOf([1], [fourth])).to.deep.equal([0, 1, 2, 3, 5]);
    expect(await indicesOf([1], [second, digest('nowhere')])).to.deep.equal([0, 1, 2]);
  });

  it('takes a leaf that names nothing as it is', async () => {
    expect(await indicesOf([6])).to.deep.equal([0, 6]);
  });

  it('leaves out the last of what a bundle has no room for, and a correction only with its target', async () => {
    const remarks = Array.from({ length: 16 }, (_, at) => `${'x'.repeat(480)} ${at}`);
    const large = Array.from({ length: 400 }, (_, at) =>
      build({
        seq: at + 1,
        change: ({ predicate }) => (predicate.isal_supervision.deviations = remarks),
      }),
    );
    const last = correction({ target: leafHashOf(large.at(-1) ?? genesis()) });
    const log = new SampleLog([genesis(), ...large, last]);
    const indices = [...log.leaves.keys()].slice(1);
    const bundle = await log.bundle(indices);
    const size = formatBundle(bundle).length;
    expect(size).to.be.within(maxBundleBytes - 30_000, maxBundleBytes);
    const shown = bundle.leaves.map(({ index }) => index);
    expect(shown).to.deep.equal([...shown.keys()]);
    expect(() => verifyBundle({ bundle, trust: log.trust() })).not.to.throw();
    const [first, second, third] = (await log.bundle([401, ...indices])).leaves.slice(-3);
    expect([first?.index, second?.index, third?.index]).to.include.members([400, 401]);
  });

  it('refuses another leaf than the one that it asked for', async () => {
    const source: LeafSource = { ...log.source(), byLeafHash: () => log.source().byIndex(1) };
    const call = () => assembleBundle({ checkpoint: utf8(''), source, indices: [4] });
    expect((await rejection(call)).code).to.equal('leaf-mismatch');
  });

  it('does not follow a chain of documents for ever, nor hide that the source is down', async () => {
    const down = (): never => {
      throw new LedgerError('unreachable', 'down');
    };
    const source: LeafSource = { ...log.source(), byLeafHash: async () => down() };
    const call = () => assembleBundle({ checkpoint: utf8(''), source, indices: [4] });
    expect((await rejection(call)).code).to.equal('unreachable');

    const chain = [genesis()];
    for (let version = 2; version <= 1_010; version++) {
      chain.push(authorityDocument({ version, previous: leafHashOf(chain.at(-1) ?? genesis()) }));
    }
    const long = new SampleLog(chain);
    const last = chain.at(-1) ?? genesis();
    const endless = () =>
      assembleBundle({
        checkpoint: utf8(''),
        source: long.source(),
        indices: [],
        authorities: [leafHashOf(last)],
      });
    expect((await rejection(endless)).code).to.equal('too-large');
  });
});
