/**
 * An honest log is convicted by nothing but its own tree: each part of an
 * evidence file is spoilt in turn, in a file that holds up to then.
 */
import { expect } from 'chai';
import { utf8 } from '../../../src/bytes.ts';
import { proveInclusion } from '../../../src/tlog/inclusion.ts';
import { equivocationEvidence } from '../../../src/verifier/convicting/evidence-file.ts';
import type { ProvenLeaf } from '../../../src/verifier/convicting/evidence-file.ts';
import { verifyEvidence } from '../../../src/verifier/convicting/evidence.ts';
import { authorityDocument, build, genesis, leafHashOf } from '../../fixtures/attestations.ts';
import { refusal } from '../../note/refusal.ts';
import { SampleLog } from '../sample-log.ts';

const leaf0 = genesis();
const first = leafHashOf(leaf0);
const second = authorityDocument({ version: 2, previous: first });
/** Signed by the same roots, and never recorded. */
const unrecorded = authorityDocument({ version: 2, previous: first, signers: [] });

const log = new SampleLog([
  leaf0,
  build({ seq: 1, file: 'a' }),
  build({ seq: 1, file: 'b' }),
  second,
  build({ seq: 2, file: 'c' }),
]);
const honest = new SampleLog([leaf0, build({ seq: 1 }), build({ seq: 2 }), build({ seq: 3 })]);

async function proven(of: SampleLog, index: number): Promise<ProvenLeaf> {
  const hashes = await proveInclusion({ index, size: of.size }, of.reader);
  return { index, leaf: of.leaves[index] ?? utf8(''), hashes };
}

interface Parts {
  readonly documents: readonly ProvenLeaf[];
  readonly recorded: ProvenLeaf;
  readonly other: ProvenLeaf;
}

describe('evidence of an equivocation convicts nobody where one part is not in the tree', () => {
  let parts: Parts;

  const made = async (changed: Partial<Parts>): Promise<Uint8Array> =>
    equivocationEvidence({ checkpoint: await log.note({ cosigners: [] }), ...parts, ...changed });

  beforeEach(async () => {
    parts = {
      documents: [await proven(log, 0), await proven(log, 3)],
      recorded: await proven(log, 1),
      other: await proven(log, 2),
    };
    expect(verifyEvidence(await made({}), log.trust()).kind).to.equal('equivocation');
  });

  /** One part with its index, its leaf or its proof spoilt; the leaf by one that is as good. */
  const spoilt = (part: ProvenLeaf, leaf: Uint8Array): readonly (readonly [string, ProvenLeaf])[] => [
    ['another index', { ...part, index: part.index === 4 ? 3 : 4 }],
    ['an index beyond the tree', { ...part, index: 5 }],
    ['another leaf', { ...part, leaf }],
    ['a hash changed', { ...part, hashes: part.hashes.with(0, new Uint8Array(32)) }],
    ['a hash left out', { ...part, hashes: part.hashes.slice(1) }],
    ['a hash too many', { ...part, hashes: [...part.hashes, new Uint8Array(32)] }],
  ];

  const refused = async (changed: Partial<Parts>, index: number, name: string): Promise<void> => {
    const bytes = await made(changed);
    const error = refusal(() => verifyEvidence(bytes, log.trust()));
    expect(error.code, name).to.equal(index < log.size ? 'inclusion-failed' : 'out-of-range');
    expect(error.index, name).to.equal(index);
  };

  it('the recorded entry', async () => {
    for (const [name, recorded] of spoilt(parts.recorded, build({ seq: 1, file: 'z' })))
      await refused({ recorded }, recorded.index, name);
  });

  it('the other entry', async () => {
    for (const [name, other] of spoilt(parts.other, build({ seq: 1, file: 'z' })))
      await refused({ other }, other.index, name);
  });

  it('an authority document', async () => {
    const [zero, three] = parts.documents as [ProvenLeaf, ProvenLeaf];
    for (const [name, document] of spoilt(three, unrecorded))
      await refused({ documents: [zero, document] }, document.index, name);
  });

  it('an honest log’s own entry, said to stand at another index as well', async () => {
    const recorded = await proven(honest, 1);
    const checkpoint = await honest.note({ cosigners: [] });
    for (const index of [2, 3, 0]) {
      const bytes = equivocationEvidence({
        checkpoint,
        documents: [await proven(honest, 0)],
        recorded,
        other: { ...recorded, index },
      });
      expect(refusal(() => verifyEvidence(bytes, honest.trust()))).to.include({
        code: 'inclusion-failed',
        index,
      });
    }
  });
});
