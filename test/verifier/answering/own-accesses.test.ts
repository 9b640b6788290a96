import { expect } from 'chai';
import { CustomerTags, customerTag } from '../../../src/attestation/customer-tag.ts';
import { ownAccessAnswer, ownAccessPoints } from '../../../src/verifier/answering/own-accesses.ts';
import { answerMark } from '../../../src/verifier/answering/point.ts';
import { OwnAccesses } from '../../../src/verifier/folds/own-accesses.ts';
import { replay } from '../../../src/verifier/folds/replay.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import { SampleLog } from '../sample-log.ts';

const secret = new Uint8Array(32).fill(7);

const mine = (seq: number): Uint8Array =>
  fixtures.dataAccess({
    seq,
    change: ({ predicate }) => {
      const day = predicate.occurredAt.slice(0, 10);
      predicate.customerTags = [customerTag(secret, { day, category: predicate.categories[0] ?? '' })];
    },
  });

async function* leavesOf(log: SampleLog) {
  for (const [index, leaf] of log.leaves.entries()) yield { index, leaf };
}

/** What is said of a customer's accesses, each with its mark, and the answer. */
async function said(...leaves: readonly Uint8Array[]): Promise<string[]> {
  const log = new SampleLog([fixtures.genesis(), ...leaves]);
  const fold = new OwnAccesses(new CustomerTags(secret));
  const replayed = await replay({
    size: log.size,
    root: await log.root(),
    leaves: leavesOf(log),
    trust: log.trust(),
    folds: [fold],
  });
  const points = ownAccessPoints(ownAccessAnswer(fold.result(), replayed), replayed);
  return [...points.map(({ about, mark }) => `${about} ${mark}`), answerMark(points)];
}

describe('what is said of the accesses to one customer’s data', () => {
  const target = fixtures.leafHashOf(mine(1));

  it('is proven where all that was recorded is in order', async () => {
    expect(await said(mine(1), fixtures.dataAccess({ seq: 2 }))).to.deep.equal(['access proven', 'proven']);
    expect(await said(fixtures.build())).to.deep.equal(['proven']);
  });

  it('is not shown where a recorder of accesses skipped a number, and only such a one', async () => {
    expect(await said(mine(1), mine(3))).to.deep.equal([
      'access proven',
      'access proven',
      'unrecorded not-shown',
      'not-shown',
    ]);
    expect(await said(mine(1), fixtures.build({ seq: 2 }))).to.deep.equal(['access proven', 'proven']);
  });

  it('is contradicted by a correction of an access, and by one of that', async () => {
    const correction = fixtures.correction({ target });
    const ofThat = fixtures.correction({ seq: 2, target: fixtures.leafHashOf(correction) });
    expect(await said(mine(1), correction, ofThat)).to.deep.equal([
      'access proven',
      'access-corrected contradicted',
      'access-corrected contradicted',
      'contradicted',
    ]);
    const ofAnother = fixtures.correction({ target: fixtures.leafHashOf(fixtures.dataAccess({ seq: 2 })) });
    expect((await said(mine(1), fixtures.dataAccess({ seq: 2 }), ofAnother)).at(-1)).to.equal('proven');
  });

  it('is contradicted by a recorder’s key that was stolen before, and by a leaf that nobody may record', async () => {
    const second = fixtures.signer(fixtures.party('second gateway'), ['access-gateway'], ['access']);
    const stolen = fixtures.authorityDocument({
      version: 2,
      previous: fixtures.leafHashOf(fixtures.genesis()),
      signers: [...fixtures.signers, second],
      revocations: [{ keyid: fixtures.gateway.keyid, kind: 'compromised', fromLeaf: 1, reason: 'a test' }],
    });
    expect(await said(mine(1), stolen)).to.deep.equal([
      'access proven',
      'access-key contradicted',
      'contradicted',
    ]);
    const unauthorised = fixtures.build({ signedBy: [fixtures.builder] });
    expect(await said(mine(1), unauthorised)).to.deep.equal([
      'access proven',
      'finding contradicted',
      'contradicted',
    ]);
  });
});
