import { expect } from 'chai';
import { concat, toBase64, utf8 } from '../../../src/bytes.ts';
import { formatCheckpoint } from '../../../src/note/checkpoint.ts';
import { cosign } from '../../../src/note/cosignature.ts';
import { signerKey } from '../../../src/note/key.ts';
import type { SignerKey } from '../../../src/note/key.ts';
import { formatNote, parseNote, signNote } from '../../../src/note/note.ts';
import { formatProof } from '../../../src/note/proof.ts';
import { proveConsistency } from '../../../src/tlog/consistency.ts';
import { emptyRoot } from '../../../src/tlog/hash.ts';
import type { Hash } from '../../../src/tlog/hash.ts';
import { proveInclusion } from '../../../src/tlog/inclusion.ts';
import {
  brokenPromiseEvidence,
  forkEvidence,
  maxEvidenceBytes,
  parseEvidence,
  rollbackEvidence,
} from '../../../src/verifier/convicting/evidence-file.ts';
import { evidenceFacts } from '../../../src/verifier/convicting/evidence-finding.ts';
import { verifyEvidence } from '../../../src/verifier/convicting/evidence.ts';
import { hashLeaf } from '#sha256';
import { dataAccess, genesis, origin } from '../../fixtures/attestations.ts';
import { refusal } from '../../note/refusal.ts';
import { SampleLog, logKey, postQuantumKey, witnesses } from '../sample-log.ts';

const entries = Array.from({ length: 12 }, (_, at) => dataAccess({ seq: at + 1 }));
const others = Array.from({ length: 12 }, (_, at) => dataAccess({ seq: at + 101 }));

/** Two histories that part after the first `common` leaves. */
const one = new SampleLog([genesis(), ...entries]);
const other = (common: number): SampleLog =>
  new SampleLog([...one.leaves.slice(0, common), ...others].slice(0, one.size));

const trust = one.trust();

async function consistencyOf(log: SampleLog, from: number, to: number) {
  return { fromRoot: await log.root(from), hashes: await proveConsistency({ from, to }, log.reader) };
}

async function forkOf(olderLog: SampleLog, from: number, newerLog: SampleLog, to: number) {
  return forkEvidence({
    older: await olderLog.note({ size: from, cosigners: [] }),
    newer: await newerLog.note({ size: to, cosigners: [] }),
    consistency: await consistencyOf(newerLog, from, to),
  });
}

describe('evidence of a fork', () => {
  it('holds for every two sizes at which two histories differ', async () => {
    for (const common of [1, 2, 4, 7, 11]) {
      const two = other(common);
      for (let from = common + 1; from <= one.size; from++) {
        for (let to = from; to <= one.size; to++) {
          const finding = verifyEvidence(await forkOf(one, from, two, to), trust);
          expect(finding).to.deep.include({ kind: 'fork', origin, against: ['log'], sizes: [from, to] });
        }
      }
    }
  });

  it('needs no witness, and a line of one that fails does not save the log', async () => {
    const two = other(3);
    const bad = parseNote(await two.note());
    const spoilt = bad.signatures.map((line) =>
      line.name.startsWith('witness') ? { ...line, signature: line.signature.toReversed() } : line,
    );
    const bytes = forkEvidence({
      older: await one.note({ cosigners: [] }),
      newer: utf8(formatNote({ ...bad, signatures: spoilt })),
      consistency: await consistencyOf(two, two.size, two.size),
    });
    expect(verifyEvidence(bytes, trust).kind).to.equal('fork');
  });

  it('convicts the witnesses that have cosigned both histories, and no others', async () => {
    const two = other(3);
    const finding = async (byOne: readonly SignerKey[], byTwo: readonly SignerKey[]) => {
      const older = await one.note({ size: 6, cosigners: byOne });
      const newer = await two.note({ size: 9, cosigners: byTwo });
      return verifyEvidence(
        forkEvidence({ older, newer, consistency: await consistencyOf(two, 6, 9) }),
        trust,
      );
    };
    const [a, b, c] = witnesses as [SignerKey, SignerKey, SignerKey];
    expect((await finding([a, b], [b, c])).against).to.deep.equal(['log', 'witnesses']);
    expect(await finding([a, b], [b, c])).to.deep.include({ witnesses: ['b'] });
    expect((await finding([a], [b, c])).against).to.deep.equal(['log']);
  });

  it('holds across the keys of one log', async () => {
    const both = one.trust({}, { keys: [logKey, postQuantumKey] });
    const two = other(3);
    const bytes = forkEvidence({
      older: await one.note({ keys: [postQuantumKey] }),
      newer: await two.note({ keys: [logKey] }),
      consistency: await consistencyOf(two, two.size, two.size),
    });
    expect(verifyEvidence(bytes, both).kind).to.equal('fork');
    expect(refusal(() => verifyEvidence(bytes, trust)).code).to.equal('no-known-signature');
  });

  it('cannot be made from any two checkpoints of an honest log, with any consistency proof of it', async () => {
    const sizes = Array.from({ length: 6 }, (_, at) => at + 1);
    const notes = await Promise.all(sizes.map((size) => one.note({ size, cosigners: [] })));
    for (const from of sizes) {
      for (const to of sizes) {
        const [older, newer] = [notes[from - 1] ?? utf8(''), notes[to - 1] ?? utf8('')];
        for (const claimed of sizes) {
          for (const proven of sizes.filter((size) => size <= to)) {
            const hashes = await proveConsistency({ from: proven, to }, one.reader);
            const consistency = { fromRoot: await one.root(claimed), hashes };
            const { code } = refusal(() =>
              verifyEvidence(forkEvidence({ older, newer, consistency }), trust),
            );
            const truth = claimed === from && proven === from && from <= to;
            expect(code).to.equal(truth ? 'not-evidence' : 'consistency-failed');
          }
        }
      }
    }
  });

  it('cannot be made with nodes of the tree put in as older roots', async () => {
    const [older, newer] = [await one.note({ size: 4 }), await one.note({ size: 7 })];
    const { hashes } = await consistencyOf(one, 4, 7);
    const made: Hash[] = [one.node(0, 0), one.node(1, 0), one.node(2, 0), ...hashes, emptyRoot];
    for (const fromRoot of made) {
      for (const proof of [hashes, hashes.toReversed(), [], [...hashes, one.node(2, 0)], [fromRoot]]) {
        const bytes = forkEvidence({ older, newer, consistency: { fromRoot, hashes: proof } });
        expect(refusal(() => verifyEvidence(bytes, trust)).code).to.be.oneOf([
          'consistency-failed',
          'not-evidence',
        ]);
      }
    }
  });

  it('is not had from checkpoints of another log, or that nobody signed', async () => {
    const two = other(3);
    const consistency = await consistencyOf(two, two.size, two.size);
    const older = await one.note();
    const stranger = signerKey({ name: origin, type: 1, seed: hashLeaf(utf8('a stranger')) });
    const forged = await two.note({ keys: [stranger] });
    expect(
      refusal(() => verifyEvidence(forkEvidence({ older, newer: forged, consistency }), trust)).code,
    ).to.equal('no-known-signature');
    // The log's own key, under the checkpoint of another origin.
    const text = formatCheckpoint({
      origin: 'other.example',
      size: two.size,
      root: await two.root(),
      extensions: [],
    });
    const elsewhere = utf8(formatNote(signNote(text, [logKey])));
    expect(
      refusal(() => verifyEvidence(forkEvidence({ older, newer: elsewhere, consistency }), trust)).code,
    ).to.equal('origin-mismatch');
    // The signature of one checkpoint under the text of another.
    const moved = utf8(
      formatNote({
        text: parseNote(await two.note()).text,
        signatures: parseNote(older).signatures,
      }),
    );
    expect(
      refusal(() => verifyEvidence(forkEvidence({ older, newer: moved, consistency }), trust)).code,
    ).to.equal('bad-signature');
  });

  it('loses nothing to age and smallest size, which rule answers and not lies', async () => {
    const strict = one.trust({ minSize: 1_000, maxAge: 1 });
    const two = other(3);
    expect(verifyEvidence(await forkOf(one, 5, two, 9), strict).sizes).to.deep.equal([5, 9]);
  });
});

describe('evidence of a rollback', () => {
  type Cosigned = readonly (readonly [who: number, time: number])[];

  async function cosigned(size: number, by: Cosigned): Promise<Uint8Array> {
    const { text, signatures } = parseNote(await one.note({ size, cosigners: [] }));
    const lines = by.map(([who, time]) => cosign({ key: witnesses[who] ?? logKey, text, time }));
    return utf8(formatNote({ text, signatures: [...signatures, ...lines] }));
  }

  const rollback = async (larger: [number, Cosigned], smaller: [number, Cosigned]): Promise<Uint8Array> =>
    rollbackEvidence({ larger: await cosigned(...larger), smaller: await cosigned(...smaller) });

  it('names the witnesses that vouched for a smaller tree after a larger one, and nobody else', async () => {
    const bytes = await rollback(
      [
        10,
        [
          [0, 1000],
          [1, 1000],
        ],
      ],
      [
        5,
        [
          [0, 1001],
          [2, 2000],
        ],
      ],
    );
    const finding = verifyEvidence(bytes, trust);
    expect(finding).to.deep.include({ kind: 'rollback', against: ['witnesses'], sizes: [10, 5] });
    expect(evidenceFacts(finding)).to.deep.equal({ witnesses: 'a', quorum: false });
  });

  it('says when those witnesses are a quorum by themselves', async () => {
    const by = (time: number): Cosigned => [
      [0, time],
      [1, time],
    ];
    const finding = verifyEvidence(await rollback([10, by(1000)], [5, by(1001)]), trust);
    expect(evidenceFacts(finding)).to.deep.equal({ witnesses: 'a, b', quorum: true });
  });

  it('is not had from a slow witness, one second of two sizes, the order of growth, or one size', async () => {
    const early: Cosigned = [
      [0, 1000],
      [1, 1000],
    ];
    const cases: readonly (readonly [string, [number, Cosigned], [number, Cosigned]])[] = [
      [
        'a slow witness',
        [10, early],
        [
          5,
          [
            [0, 900],
            [2, 5000],
          ],
        ],
      ],
      ['one second', [10, early], [5, early]],
      [
        'growth',
        [
          10,
          [
            [0, 1001],
            [1, 1001],
          ],
        ],
        [5, early],
      ],
      [
        'one size',
        [10, early],
        [
          10,
          [
            [0, 2000],
            [1, 2000],
          ],
        ],
      ],
      [
        'sizes exchanged',
        [5, early],
        [
          10,
          [
            [0, 2000],
            [1, 2000],
          ],
        ],
      ],
    ];
    for (const [name, larger, smaller] of cases) {
      const bytes = await rollback(larger, smaller);
      expect(refusal(() => verifyEvidence(bytes, trust)).code, name).to.equal('not-evidence');
    }
  });

  it('needs the quorum behind both, since nobody would have accepted less', async () => {
    const few: Cosigned = [[0, 1001]];
    const enough: Cosigned = [
      [0, 1000],
      [1, 1000],
    ];
    const bytes = await rollback([10, enough], [5, few]);
    expect(refusal(() => verifyEvidence(bytes, trust)).code).to.equal('quorum-not-met');
    const none = one.trust({}, { quorum: 'none' });
    expect(refusal(() => verifyEvidence(bytes, none)).code).to.equal('not-evidence');
  });

  it('is not had from a cosignature whose time was changed', async () => {
    const larger = await cosigned(10, [
      [0, 1000],
      [1, 1000],
    ]);
    const { text, signatures } = parseNote(
      await cosigned(5, [
        [0, 900],
        [1, 900],
      ]),
    );
    const later = signatures.map((line) => {
      if (!line.name.startsWith('witness')) return line;
      const signature = line.signature.slice();
      signature.set([0xff], 6);
      return { ...line, signature };
    });
    const smaller = utf8(formatNote({ text, signatures: later }));
    expect(refusal(() => verifyEvidence(rollbackEvidence({ larger, smaller }), trust)).code).to.equal(
      'bad-signature',
    );
  });
});

describe('evidence of a broken promise', () => {
  async function receiptOf(log: SampleLog, index: number, size: number): Promise<Uint8Array> {
    const hashes = await proveInclusion({ index, size }, log.reader);
    const checkpoint = await log.note({ size, cosigners: [] });
    return utf8(formatProof({ extra: log.leaves[index] ?? utf8('none'), index, hashes, checkpoint }));
  }

  async function brokenBy(log: SampleLog, index: number, size: number, receipt: Uint8Array) {
    return brokenPromiseEvidence({
      receipt,
      checkpoint: await log.note({ size }),
      leafHash: log.node(0, index),
      proof: await proveInclusion({ index, size }, log.reader),
    });
  }

  it('holds where another checkpoint, older or newer, has another leaf at the index', async () => {
    const two = other(4);
    for (const [then, now] of [
      [8, 12],
      [12, 8],
      [9, 9],
    ] as const) {
      const finding = verifyEvidence(await brokenBy(two, 6, now, await receiptOf(one, 6, then)), trust);
      expect(evidenceFacts(finding)).to.not.have.property('witnesses');
      expect(finding).to.deep.include({
        kind: 'broken-promise',
        against: ['log'],
        sizes: [then, now],
        indices: [6],
      });
    }
  });

  it('cannot be made from any receipt of an honest log, whatever node is taken for the leaf', async () => {
    for (let index = 0; index < 8; index++) {
      const receipt = await receiptOf(one, index, 8);
      for (const size of [index + 1, 8, 9, one.size].filter((candidate) => candidate > index)) {
        const honest = await brokenBy(one, index, size, receipt);
        expect(refusal(() => verifyEvidence(honest, trust)).code).to.equal('not-evidence');
        const checkpoint = await one.note({ size });
        const proof = await proveInclusion({ index, size }, one.reader);
        for (const leafHash of [one.node(1, 0), one.node(0, (index + 1) % 8), ...proof]) {
          const made = brokenPromiseEvidence({ receipt, checkpoint, leafHash, proof });
          expect(refusal(() => verifyEvidence(made, trust)).code).to.equal('inclusion-failed');
        }
      }
    }
  });

  it('needs the leaf in the receipt, and its place under a root that the log signed', async () => {
    const two = other(4);
    const receipt = await receiptOf(one, 6, 8);
    const text = new TextDecoder().decode(receipt);
    const bare = utf8(text.replace(/^extra .*\n/m, ''));
    const bytes = await brokenBy(two, 6, 9, bare);
    expect(refusal(() => verifyEvidence(bytes, trust)).code).to.equal('malformed-evidence');
    const swapped = utf8(text.replace(/^extra .*$/m, `extra ${toBase64(others[0] ?? utf8(''))}`));
    const made = await brokenBy(two, 6, 9, swapped);
    expect(refusal(() => verifyEvidence(made, trust)).code).to.equal('inclusion-failed');
  });
});

describe('an evidence file', () => {
  it('is refused when malformed, with the place', async () => {
    const good = await forkOf(one, 5, other(3), 9);
    const file = JSON.parse(new TextDecoder().decode(good)) as Record<string, unknown>;
    const cases: readonly (readonly [string, Uint8Array, string?])[] = [
      ['nothing', utf8('')],
      ['no kind', utf8('{"format":"isal-evidence/v1"}')],
      ['two kinds', utf8(JSON.stringify({ ...file, rollback: { larger: 'x', smaller: 'x' } }))],
      ['another format', utf8(JSON.stringify({ ...file, format: 'isal-evidence/v2' })), '/format'],
      ['an unknown kind', utf8('{"format":"isal-evidence/v1","gossip":{}}'), ''],
      ['white space', concat(good, utf8('\n'))],
      ['too large', new Uint8Array(maxEvidenceBytes + 1)],
      ['not UTF-8', Uint8Array.of(0xff)],
      ['too deep', utf8('['.repeat(100))],
    ];
    for (const [name, bytes, at] of cases) {
      const error = refusal(() => parseEvidence(bytes));
      expect(error.code, name).to.equal('malformed-evidence');
      if (at !== undefined) expect(error.at, name).to.equal(at);
    }
  });

  it('reads back as what was written', async () => {
    const bytes = await forkOf(one, 5, other(3), 9);
    const parsed = parseEvidence(bytes);
    expect(parsed.kind).to.equal('fork');
    if (parsed.kind !== 'fork') return;
    expect(parsed.older).to.deep.equal(await one.note({ size: 5, cosigners: [] }));
    expect(parsed.proof).to.have.length((await consistencyOf(one, 5, 9)).hashes.length);
  });
});
