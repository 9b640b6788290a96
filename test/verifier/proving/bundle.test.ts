import { expect } from 'chai';
import { canonicalize } from '../../../src/attestation/canonical.ts';
import type { JsonValue } from '../../../src/attestation/canonical.ts';
import { concat, fromUtf8, utf8 } from '../../../src/bytes.ts';
import { formatProof, parseProof, verifyProof } from '../../../src/note/proof.ts';
import { hashLeaf } from '#sha256';
import {
  formatBundle,
  maxBundleBytes,
  parseBundle,
  tlogProofOf,
} from '../../../src/verifier/proving/bundle.ts';
import type { Bundle } from '../../../src/verifier/proving/bundle.ts';
import { build, genesis } from '../../fixtures/attestations.ts';
import { refusal } from '../../note/refusal.ts';
import { SampleLog } from '../sample-log.ts';

interface File {
  format: string;
  checkpoint: string;
  leaves: { index: number; leaf: string; proof: string[] }[];
}

function proofOf(file: File): string[] {
  const [, leaf] = file.leaves;
  if (leaf === undefined) throw new Error('the bundle has a second leaf');
  return leaf.proof;
}

describe('.isal-bundle', () => {
  const log = new SampleLog([genesis(), build({ seq: 1 }), build({ seq: 2 }), build({ seq: 3 })]);
  let bundle: Bundle;
  before(async () => {
    bundle = await log.bundle([2, 3]);
  });

  it('comes back from its own bytes', () => {
    expect(bundle.leaves.map(({ index }) => index)).to.deep.equal([0, 2, 3]);
    const bytes = formatBundle(bundle);
    expect(parseBundle(bytes)).to.deep.equal(bundle);
    expect(formatBundle(parseBundle(bytes))).to.deep.equal(bytes);
  });

  it('gives a tlog-proof for each leaf, which verifies by itself', () => {
    for (const { index, leaf } of bundle.leaves) {
      const proof = parseProof(utf8(formatProof(tlogProofOf(bundle, index))));
      expect(proof.extra).to.deep.equal(leaf);
      verifyProof({ proof, leafHash: hashLeaf(leaf), policy: log.trust().policy });
    }
    expect(refusal(() => tlogProofOf(bundle, 1)).code).to.equal('not-found');
  });

  const faults: readonly (readonly [string, (file: File) => void])[] = [
    ['does not begin with leaf 0', (file) => file.leaves.shift()],
    ['has no leaves', (file) => (file.leaves = [])],
    ['has a leaf twice', (file) => file.leaves.splice(1, 0, ...file.leaves.slice(1, 2))],
    ['has its leaves out of order', (file) => file.leaves.push(...file.leaves.splice(1, 1))],
    ['is of another format', (file) => (file.format = 'isal-bundle/v2')],
    ['has an unknown member', (file) => Object.assign(file, { extra: true })],
    ['has a short hash in a proof', (file) => proofOf(file).push('AAAA')],
    [
      'has more hashes than any tree asks for',
      (file) => proofOf(file).push(...Array.from({ length: 64 }, () => `${'A'.repeat(43)}=`)),
    ],
    ['has a fraction for an index', (file) => ((file.leaves[1] ?? { index: 0 }).index = 1.5)],
  ];
  for (const [fault, spoil] of faults) {
    it(`is malformed when it ${fault}`, () => {
      const file = JSON.parse(fromUtf8(formatBundle(bundle))) as File;
      spoil(file);
      const bytes = utf8(canonicalize(file as unknown as JsonValue));
      expect(refusal(() => parseBundle(bytes)).code).to.equal('malformed-bundle');
    });
  }

  it('is malformed when it is not canonical JSON, or not JSON, or not UTF-8', () => {
    const bytes = formatBundle(bundle);
    for (const changed of [
      concat(bytes, utf8('\n')),
      concat(utf8(' '), bytes),
      bytes.subarray(0, -1),
      new Uint8Array(0),
      utf8('null'),
      Uint8Array.of(0xff),
      utf8('['.repeat(10_000)),
    ]) {
      expect(refusal(() => parseBundle(changed)).code).to.equal('malformed-bundle');
    }
  });

  it('is refused by its size before it is read', () => {
    expect(refusal(() => parseBundle(new Uint8Array(maxBundleBytes + 1))).code).to.equal('malformed-bundle');
  });

  it('is not written when it could not be read again', () => {
    expect(refusal(() => formatBundle({ ...bundle, leaves: bundle.leaves.slice(1) })).code).to.equal(
      'malformed-bundle',
    );
  });
});
