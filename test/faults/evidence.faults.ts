import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { formatProof } from '../../src/note/proof.ts';
import { proveConsistency } from '../../src/tlog/consistency.ts';
import { proveInclusion } from '../../src/tlog/inclusion.ts';
import {
  brokenPromiseEvidence,
  equivocationEvidence,
  forkEvidence,
  rollbackEvidence,
  unauthorisedEvidence,
} from '../../src/verifier/convicting/evidence-file.ts';
import type { EvidenceKind } from '../../src/verifier/convicting/evidence-file.ts';
import { verifyEvidence } from '../../src/verifier/convicting/evidence.ts';
import type { EvidenceFinding } from '../../src/verifier/convicting/evidence-finding.ts';
import { dataAccess, gateway, genesis, supervisor } from '../fixtures/attestations.ts';
import { hashLeaf } from '#sha256';
import { SampleLog } from '../verifier/sample-log.ts';

const honest = new SampleLog([genesis(), dataAccess({ seq: 1 }), dataAccess({ seq: 2 })]);
const hostile = new SampleLog([
  genesis(),
  dataAccess({ seq: 1, signedBy: [gateway, supervisor] }),
  dataAccess({ seq: 2 }),
]);
const trust = honest.trust();

/** A file of each kind about `log`, as somebody would make it who compares it with the honest log. */
async function files(log: SampleLog): Promise<readonly (readonly [EvidenceKind, Uint8Array])[]> {
  const size = 3;
  const proven = async (index: number) => ({
    index,
    leaf: log.leaves[index] ?? utf8(''),
    hashes: await proveInclusion({ index, size }, log.reader),
  });
  const checkpoint = await log.note({ cosigners: [] });
  const documents = [await proven(0)];
  const hashes = await proveConsistency({ from: 2, to: size }, log.reader);
  const receipt = {
    extra: honest.leaves[1] ?? utf8(''),
    index: 1,
    hashes: await proveInclusion({ index: 1, size: 2 }, honest.reader),
    checkpoint: await honest.note({ size: 2, cosigners: [] }),
  };
  return [
    [
      'fork',
      forkEvidence({
        older: await honest.note({ size: 2, cosigners: [] }),
        newer: checkpoint,
        consistency: { fromRoot: await log.root(2), hashes },
      }),
    ],
    [
      'rollback',
      rollbackEvidence({
        larger: await log.note({ time: 1_000 }),
        smaller: await log.note({ size: 2, time: log === honest ? 1_000 : 1_001 }),
      }),
    ],
    ['unauthorised-leaf', unauthorisedEvidence({ checkpoint, leaf: await proven(1), documents })],
    [
      'equivocation',
      equivocationEvidence({
        checkpoint,
        documents,
        recorded: await proven(2),
        other: { leaf: dataAccess({ seq: log === honest ? 3 : 2, occurredAt: '2026-11-04T00:00:00Z' }) },
      }),
    ],
    [
      'broken-promise',
      brokenPromiseEvidence({
        receipt: utf8(formatProof(receipt)),
        checkpoint,
        leafHash: hashLeaf(log.leaves[1] ?? utf8('')),
        proof: await proveInclusion({ index: 1, size }, log.reader),
      }),
    ],
  ];
}

/** What the file proves with one bit changed at each place in turn. */
function* flipped(bytes: Uint8Array): Generator<{ at: number; finding: EvidenceFinding | undefined }> {
  for (let at = 0; at < bytes.length; at++) {
    const changed = concat(bytes);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 7));
    try {
      yield { at, finding: verifyEvidence(changed, trust) };
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      yield { at, finding: undefined };
    }
  }
}

describe('evidence with one bit changed', () => {
  it('never comes to convict an honest log, source or witness', async () => {
    for (const [kind, bytes] of await files(honest)) {
      for (const { at, finding } of flipped(bytes)) {
        expect(finding, `${kind}, byte ${at}`).to.equal(undefined);
      }
    }
  });

  it('proves nothing else than it did, and next to nowhere anything at all', async () => {
    for (const [kind, bytes] of await files(hostile)) {
      const whole = verifyEvidence(bytes, trust);
      expect(whole.kind).to.equal(kind);
      let holds = 0;
      for (const { at, finding } of flipped(bytes)) {
        if (finding === undefined) continue;
        holds++;
        // A name or key ID of a cosignature that is not needed may be spelt otherwise: that equals its removal.
        expect(
          { kind: finding.kind, sizes: finding.sizes, indices: finding.indices },
          `${kind}, byte ${at}`,
        ).to.deep.equal({ kind: whole.kind, sizes: whole.sizes, indices: whole.indices });
      }
      expect(holds, kind).to.be.below(bytes.length / 100);
    }
  });
});
