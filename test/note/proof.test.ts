import { expect } from 'chai';
import fc from 'fast-check';
import { concat, toBase64, utf8 } from '../../src/bytes.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { formatProof, maxExtraBytes, maxProofBytes, parseProof, verifyProof } from '../../src/note/proof.ts';
import { hashLeaf, hashNode } from '../../src/tlog/hash.ts';
import { cosignedBy, lines, origin, policyOf, seed, signed } from './make.ts';
import { expectOneSpelling } from './mutations.ts';
import { refusal } from './refusal.ts';
import { cosignedCheckpoint } from './vectors.ts';

const hash = toBase64(seed(5));
const checkpoint = cosignedCheckpoint;

function proofText(...head: readonly string[]): Uint8Array {
  return utf8(`${head.map((line) => `${line}\n`).join('')}\n${checkpoint}`);
}

const first = 'c2sp.org/tlog-proof@v1';

// A tree of three leaves: a, b, c.
const [a, b, c] = ['a', 'b', 'c'].map((entry) => hashLeaf(utf8(entry))) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const ab = hashNode(a, b);
const text = formatCheckpoint({ origin, size: 3, root: hashNode(ab, c), extensions: [] });
const note = signed([cosignedBy(1, 50, text)], text);
const policy = policyOf(...lines(1), 'quorum W1');

describe('note/proof', () => {
  it('reads every part of a proof', () => {
    const proof = parseProof(proofText(first, 'extra YWdl', 'index 73894', hash, hash));
    expect(proof.extra).to.deep.equal(utf8('age'));
    expect(proof.index).to.equal(73894);
    expect(proof.hashes).to.deep.equal([seed(5), seed(5)]);
    expect(proof.checkpoint).to.deep.equal(utf8(checkpoint));
  });

  it('reads a proof without extra line and hashes, as of a tree of one leaf', () => {
    const proof = parseProof(proofText(first, 'index 0'));
    expect(proof).to.deep.equal({ index: 0, hashes: [], checkpoint: utf8(checkpoint) });
    expect(formatProof(proof)).to.equal(`${first}\nindex 0\n\n${checkpoint}`);
  });

  it('keeps the checkpoint byte for byte, empty lines in a signed text apart', () => {
    const bytes = proofText(first, 'index 1', hash);
    expect(utf8(formatProof(parseProof(bytes)))).to.deep.equal(bytes);
  });

  it('round-trips any proof', () => {
    const proof = fc.record(
      {
        extra: fc.uint8Array({ minLength: 1, maxLength: 100 }),
        index: fc.maxSafeNat(),
        hashes: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }),
        checkpoint: fc.constant(utf8(checkpoint)),
      },
      { requiredKeys: ['index', 'hashes', 'checkpoint'] },
    );
    fc.assert(
      fc.property(proof, (value) => {
        expect(parseProof(utf8(formatProof(value)))).to.deep.equal(value);
      }),
      { seed: 5 },
    );
  });

  it('accepts a mutated proof only if it writes it back the same', () => {
    expectOneSpelling(proofText(first, 'extra YWdl', 'index 12', hash), parseProof, formatProof);
  });

  it('refuses every malformed head', () => {
    const cases: readonly (readonly string[])[] = [
      [],
      [first],
      ['c2sp.org/tlog-proof@v2', 'index 1'],
      [`${first} `, 'index 1'],
      [first, 'index'],
      [first, 'index '],
      [first, 'index 01'],
      [first, 'index -1'],
      [first, 'index 1 '],
      [first, 'index  1'],
      [first, 'Index 1'],
      [first, 'index 9007199254740992'],
      [first, 'extra ', 'index 1'],
      [first, 'extra', 'index 1'],
      [first, 'extra YWd', 'index 1'],
      [first, 'extra YWe=x', 'index 1'],
      [first, 'extra YWdl'],
      [first, 'extra YWdl', 'extra YWdl', 'index 1'],
      [first, 'index 1', 'extra YWdl'],
      [first, 'index 1', 'index 1'],
      [first, 'index 1', 'AAAA'],
      [first, 'index 1', `${hash} `],
      [first, 'index 1', `${hash}\r`],
      [first, 'index 1', hash.slice(0, -1)],
    ];
    for (const head of cases) {
      expect(refusal(() => parseProof(proofText(...head))).code, head.join('|')).to.equal('malformed-proof');
    }
    expect(refusal(() => parseProof(concat(Uint8Array.of(0xff), proofText(first, 'index 1')))).code).to.equal(
      'malformed-proof',
    );
    expect(refusal(() => parseProof(utf8(`${first}\nindex 1\n`))).code).to.equal('malformed-proof');
  });

  it('refuses a checkpoint that is none', () => {
    expect(refusal(() => parseProof(utf8(`${first}\nindex 1\n\n`))).code).to.equal('malformed-note');
    expect(refusal(() => parseProof(utf8(`${first}\nindex 1\n\n\n${checkpoint}`))).code).to.equal(
      'malformed-checkpoint',
    );
    const noCheckpoint = checkpoint.replace('20852163', 'many');
    expect(refusal(() => parseProof(utf8(`${first}\nindex 1\n\n${noCheckpoint}`))).code).to.equal(
      'malformed-checkpoint',
    );
  });

  it('takes 63 hashes and no more', () => {
    const hashes = Array.from({ length: 63 }, () => hash);
    expect(parseProof(proofText(first, 'index 1', ...hashes)).hashes).to.have.length(63);
    expect(refusal(() => parseProof(proofText(first, 'index 1', ...hashes, hash))).code).to.equal(
      'malformed-proof',
    );
  });

  it('takes extra data whose line stays under 64 KiB, and no more', () => {
    const extra = new Uint8Array(maxExtraBytes).fill(7);
    const value = { extra, index: 1, hashes: [], checkpoint: utf8(checkpoint) };
    const formatted = formatProof(value);
    expect(Math.max(...formatted.split('\n').map((line) => line.length + 1))).to.be.below(65536);
    expect(parseProof(utf8(formatted))).to.deep.equal(value);
    const large = new Uint8Array(maxExtraBytes + 1);
    expect(refusal(() => formatProof({ ...value, extra: large })).code).to.equal('malformed-proof');
    expect(refusal(() => parseProof(proofText(first, `extra ${toBase64(large)}`, 'index 1'))).code).to.equal(
      'malformed-proof',
    );
    expect(refusal(() => formatProof({ ...value, extra: new Uint8Array(0) })).code).to.equal(
      'malformed-proof',
    );
  });

  it('refuses too many bytes, and a head without end, before it decodes them', () => {
    expect(refusal(() => parseProof(new Uint8Array(maxProofBytes + 1).fill(0xff))).code).to.equal(
      'too-large',
    );
    const late = new Uint8Array(maxProofBytes).fill(0x41);
    late.fill(0x0a, -2);
    expect(refusal(() => parseProof(late)).message).to.match(/^no empty line/);
  });

  it('refuses to write hashes and indices that it would not read', () => {
    const value = { index: 1, hashes: [], checkpoint: utf8(checkpoint) };
    expect(() => formatProof({ ...value, index: -1 })).to.throw('safe integer');
    expect(() => formatProof({ ...value, hashes: [new Uint8Array(31)] })).to.throw('32 bytes');
    expect(() => formatProof({ ...value, hashes: Array.from({ length: 64 }, () => seed(1)) })).to.throw(
      '63 hashes',
    );
    expect(refusal(() => formatProof({ ...value, checkpoint: utf8('x') })).code).to.equal('malformed-note');
  });

  it('proves each leaf of a tree under a policy', () => {
    const proofs = [
      { leafHash: a, index: 0, hashes: [b, c] },
      { leafHash: b, index: 1, hashes: [a, c] },
      { leafHash: c, index: 2, hashes: [ab] },
    ];
    for (const { leafHash, index, hashes } of proofs) {
      const proof = parseProof(utf8(formatProof({ index, hashes, checkpoint: note })));
      const { checkpoint: head, witnesses } = verifyProof({ proof, leafHash, policy });
      expect(head.size).to.equal(3);
      expect(witnesses).to.have.length(1);
    }
  });

  it('refuses another leaf, another index, other hashes and an index outside the tree', () => {
    const proof = { index: 0, hashes: [b, c], checkpoint: note };
    expect(refusal(() => verifyProof({ proof, leafHash: b, policy })).code).to.equal('inclusion-failed');
    for (const other of [
      { ...proof, index: 1 },
      { ...proof, hashes: [c, b] },
      { ...proof, hashes: [b] },
      { ...proof, hashes: [b, c, c] },
    ]) {
      expect(refusal(() => verifyProof({ proof: other, leafHash: a, policy })).code).to.equal(
        'inclusion-failed',
      );
    }
    expect(refusal(() => verifyProof({ proof: { ...proof, index: 3 }, leafHash: a, policy })).code).to.equal(
      'out-of-range',
    );
  });

  it('refuses a right inclusion under a checkpoint that the policy does not accept', () => {
    const bare = { index: 0, hashes: [b, c], checkpoint: signed([], text) };
    expect(refusal(() => verifyProof({ proof: bare, leafHash: a, policy })).code).to.equal('quorum-not-met');
    const stale = { ...bare, checkpoint: note };
    expect(
      refusal(() => verifyProof({ proof: stale, leafHash: a, policy, now: 100, maxAge: 10 })).code,
    ).to.equal('stale-checkpoint');
  });
});
