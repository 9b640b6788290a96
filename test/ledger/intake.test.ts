import { expect } from 'chai';
import { verifyEd25519 } from '#ed25519';
import { toHex } from '../../src/bytes.ts';
import type { VerifySignatureMaybeAsync } from '../../src/attestation/authority.ts';
import { decodeEnvelope } from '../../src/attestation/statement.ts';
import { promiseWithResolvers, type Resolvers } from '../../src/ledger/store/failure.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { GatedAnchor } from './faulty.ts';
import { Site, leaves, refusal, until } from './site.ts';

/** Verifies a leaf's signatures when the test lets it. */
class SlowVerifier {
  readonly #gates = new Map<string, Resolvers<void>>();
  /** Leaves whose verification has begun. */
  readonly begun = new Set<Uint8Array>();
  readonly #held: readonly Uint8Array[];

  constructor(held: readonly Uint8Array[]) {
    this.#held = held;
    for (const leaf of held) this.#gates.set(signatureOf(leaf), promiseWithResolvers<void>());
  }

  readonly verify: VerifySignatureMaybeAsync = async (...signed) => {
    const signature = toHex(signed[2]);
    const leaf = this.#held.find((held) => signatureOf(held) === signature);
    if (leaf !== undefined) this.begun.add(leaf);
    await this.#gates.get(signature)?.promise;
    return verifyEd25519(...signed);
  };

  letThrough(leaf: Uint8Array): void {
    this.#gates.get(signatureOf(leaf))?.resolve();
  }
}

function signatureOf(leaf: Uint8Array): string {
  const [signature] = decodeEnvelope(leaf).envelope.signatures;
  return toHex(signature?.sig ?? new Uint8Array());
}

describe('the intake', () => {
  it('gives indices in the order of the calls, whichever is admitted first', async () => {
    const some = leaves(4);
    const slow = new SlowVerifier(some);
    const ledger = await new Site().open({ verify: slow.verify });
    const receipts = some.map((leaf) => ledger.append(leaf));
    await until(() => slow.begun.size === some.length);
    for (const leaf of some.toReversed()) slow.letThrough(leaf);
    expect((await Promise.all(receipts)).map(({ index }) => index)).to.deep.equal([1, 2, 3, 4]);
    await ledger.close();
  });

  it('holds up no entry for one that is refused, and answers at once for one that is recorded', async () => {
    const [known, slowLeaf, behind] = leaves(3) as [Uint8Array, Uint8Array, Uint8Array];
    const slow = new SlowVerifier([slowLeaf]);
    const ledger = await new Site().open({ verify: slow.verify });
    await ledger.append(known);
    const first = ledger.append(slowLeaf);
    const half = fixtures.databaseUpdate({ seq: 9, signedBy: [fixtures.publisher] });
    expect((await refusal(ledger.append(half))).code).to.equal('missing-role');
    expect(await ledger.append(known)).to.include({ status: 'known', index: 1 });
    const last = ledger.append(behind);
    slow.letThrough(slowLeaf);
    expect([(await first).index, (await last).index]).to.deep.equal([2, 3]);
    await ledger.close();
  });

  it('verifies no signature for what it has no room for', async () => {
    const [known, waiting, late] = leaves(3) as [Uint8Array, Uint8Array, Uint8Array];
    const slow = new SlowVerifier([known, waiting, late]);
    for (const leaf of [known, waiting]) slow.letThrough(leaf);
    const anchor = new GatedAnchor();
    const ledger = await new Site().open({ anchor, verify: slow.verify, limits: { waitingEntries: 1 } });
    await ledger.append(known);
    anchor.gate.close();
    const answer = ledger.append(waiting);
    await until(() => ledger.health().committedSize === 3);
    expect((await refusal(ledger.append(late))).code).to.equal('queue-full');
    expect(await ledger.append(known)).to.include({ status: 'known', index: 1 });
    expect(slow.begun.has(late)).to.equal(false);
    anchor.gate.open();
    expect((await answer).index).to.equal(2);
    await ledger.close();
  });
});
