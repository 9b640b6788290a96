/** How much is read of a log to show that a leaf is not in it. */
import { expect } from 'chai';
import { hashLeaf } from '#sha256';
import { fromHex, utf8 } from '../../../src/bytes.ts';
import { LedgerError } from '../../../src/errors.ts';
import { collectUnauthorised } from '../../../src/verifier/convicting/evidence-collect.ts';
import {
  maxEvidenceBytes,
  maxLeavesBelow,
  parseEvidence,
} from '../../../src/verifier/convicting/evidence-file.ts';
import type { LogView } from '../../../src/verifier/proving/log-client.ts';
import { build, digest } from '../../fixtures/attestations.ts';
import { refusal } from '../../note/refusal.ts';
import { rejection } from '../rejection.ts';

describe('the limits of evidence', () => {
  const leaf = build({ authority: digest('no such document') });
  const below = fromHex(digest('another leaf'), 32);

  /** A view of a log whose leaf `index` names a document that is not below it; counts what is read of those below. */
  function viewOf(): { view: LogView; read: () => number } {
    let read = 0;
    const view = {
      inclusion: async (index: number) => ({ index, leaf, leafHash: hashLeaf(leaf), hashes: [] }),
      consistency: async () => ({ fromRoot: below, hashes: [] }),
      tiles: {
        leafHash: async () => {
          read += 1;
          return below;
        },
      },
    };
    return { view: view as unknown as LogView, read: () => read };
  }

  const collect = (view: LogView, index: number): Promise<Uint8Array> =>
    collectUnauthorised({ checkpoint: utf8('a checkpoint'), view, index, documents: [] });

  it('65,536 leaf hashes below a leaf fit into a file', async () => {
    const { view, read } = viewOf();
    const evidence = parseEvidence(await collect(view, maxLeavesBelow));
    if (evidence.kind !== 'unauthorised-leaf') throw new Error(evidence.kind);
    expect(evidence.below?.leafHashes).to.have.length(maxLeavesBelow);
    expect(read()).to.equal(maxLeavesBelow);
  });

  it('one more is refused before any is read', async () => {
    const { view, read } = viewOf();
    expect(await rejection(() => collect(view, maxLeavesBelow + 1))).to.include({
      code: 'too-large',
      index: maxLeavesBelow + 1,
    });
    expect(read()).to.equal(0);
  });

  it('a file of 4 MiB is looked into, and one byte more is not', () => {
    const causeOf = (bytes: number): unknown =>
      (refusal(() => parseEvidence(new Uint8Array(bytes).fill(0x20))).cause as LedgerError).code;
    expect(causeOf(maxEvidenceBytes)).not.to.equal('too-large');
    expect(causeOf(maxEvidenceBytes + 1)).to.equal('too-large');
  });
});
