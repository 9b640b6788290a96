import { expect } from 'chai';
import { verifyEd25519 } from '#ed25519';
import { toHex } from '../../../src/bytes.ts';
import { verifySignatures } from '../../../src/attestation/authority.ts';
import type { Signer, VerifySignature } from '../../../src/attestation/authority.ts';
import type { Attestation } from '../../../src/attestation/statement.ts';
import { AuthorityChain, entryUnder } from '../../../src/verifier/authorising/authority-chain.ts';
import type { AuthorityTrust } from '../../../src/verifier/authorising/authority-chain.ts';
import {
  authority,
  entry,
  expectRefusal,
  firstDocument,
  nextDocument,
  party,
} from '../../attestation/authority-parts.ts';

const genesis = authority(firstDocument());
const trust: AuthorityTrust = { origin: firstDocument().origin, genesis: toHex(genesis.leafHash) };

/** The signers of an entry, its signatures verified. */
function check(
  chain: AuthorityChain,
  index: number,
  attestation: Attestation,
  { target, verify }: { readonly target?: ReadonlySet<string>; readonly verify?: VerifySignature } = {},
): readonly Signer[] {
  const { entry: found, keys } = entryUnder(chain.current, index, attestation, target);
  verifySignatures(attestation, keys, verify);
  return found.signers;
}

describe('verifier/authorising/authority-chain', () => {
  const start = (): AuthorityChain => new AuthorityChain(genesis, trust);

  it('starts only from a valid first document', () => {
    const half = authority(firstDocument(), ['r1']);
    expectRefusal(
      () => new AuthorityChain(half, { ...trust, genesis: toHex(half.leafHash) }),
      'missing-role',
    );
    expect(start().current).to.include({ index: 0, version: 1 });
  });

  it('starts only from the leaf that is pinned, for the origin that is pinned', () => {
    expectRefusal(() => new AuthorityChain(genesis, { ...trust, genesis: '00'.repeat(32) }), 'leaf-mismatch');
    expectRefusal(
      () => new AuthorityChain(genesis, { ...trust, origin: 'other.example/log' }),
      'wrong-origin',
    );
  });

  it('holds the pinned document below its size, and no other between the two', () => {
    const second = authority(nextDocument(start().current));
    const pinned = { leafHash: toHex(second.leafHash), asOfSize: 5 };
    const chain = new AuthorityChain(genesis, { ...trust, authority: pinned });
    chain.succeed(2, second);
    chain.requirePinned();
    expect([...chain.documents.values()].map(({ index }) => index)).to.deep.equal([0, 2]);
    const late = new AuthorityChain(genesis, { ...trust, authority: pinned });
    late.succeed(6, second);
    expectRefusal(() => late.requirePinned(), 'authority-invalid');
    const between = new AuthorityChain(genesis, { ...trust, authority: pinned });
    between.succeed(2, second);
    between.succeed(4, authority(nextDocument(between.current)));
    expectRefusal(() => between.requirePinned(), 'authority-invalid');
  });

  it('checks each entry under what was in force at its leaf', () => {
    const chain = start();
    const first = chain.current;
    const build = entry({ inForce: first });
    expect(check(chain, 1, build).map(({ name }) => name)).to.deep.equal(['builder', 'supervisor']);
    chain.succeed(2, authority(nextDocument(first)));
    expect(chain.current).to.include({ index: 2, version: 2 });
    expectRefusal(() => check(chain, 3, build), 'authority-superseded');
    check(chain, 3, entry({ inForce: chain.current }));
  });

  it('refuses an invalid document and stays as it was', () => {
    const chain = start();
    const before = chain.current;
    expectRefusal(() => chain.succeed(5, authority(nextDocument(before), ['r1'])), 'missing-role');
    expect(chain.current).to.equal(before);
    check(chain, 6, entry({ inForce: before }));
    chain.succeed(7, authority(nextDocument(before)));
    expect(chain.current).to.include({ index: 7, version: 2 });
  });

  it('refuses a document that is recorded twice', () => {
    const chain = start();
    const second = authority(nextDocument(chain.current));
    chain.succeed(1, second);
    expectRefusal(() => chain.succeed(2, second), 'authority-superseded');
    expect(chain.current.index).to.equal(1);
  });

  it('refuses an entry whose signature does not verify', () => {
    const chain = start();
    const build = entry({ inForce: chain.current });
    const other = entry({
      inForce: chain.current,
      type: 'database-update',
      names: ['builder', 'supervisor'],
    });
    const forged = { ...build, envelope: { ...build.envelope, signatures: other.envelope.signatures } };
    expectRefusal(() => check(chain, 1, forged), 'bad-signature');
  });

  it('counts a revocation at the leaf of the entry', () => {
    const chain = start();
    const { keyid } = party('builder');
    chain.succeed(
      1,
      authority(
        nextDocument(chain.current, {
          revocations: [{ keyid, kind: 'revoked', fromLeaf: 5, reason: 'a test' }],
        }),
      ),
    );
    const build = entry({ inForce: chain.current });
    check(chain, 4, build);
    expectRefusal(() => check(chain, 5, build), 'key-not-in-force');
  });

  it('hands a correction the signers of its target', () => {
    const chain = start();
    const correction = entry({ inForce: chain.current, type: 'database-update', names: ['supervisor'] });
    check(chain, 1, correction, { target: new Set([party('supervisor').keyid]) });
    expectRefusal(() => check(chain, 1, correction), 'missing-role');
  });

  it('verifies every signature with the function that it was given', () => {
    let calls = 0;
    const verify: VerifySignature = (...signed) => {
      calls++;
      return verifyEd25519(...signed);
    };
    const chain = new AuthorityChain(genesis, trust, verify);
    check(chain, 1, entry({ inForce: chain.current }), { verify });
    chain.succeed(2, authority(nextDocument(chain.current)));
    expect(calls).to.equal(6);
  });

  it('takes authority documents as successors and other entries under one, never the other way round', () => {
    const chain = start();
    expect(() => chain.succeed(1, entry({ inForce: chain.current }))).to.throw('broken invariant');
    expect(() => check(chain, 1, authority(nextDocument(chain.current)))).to.throw('broken invariant');
  });

  it('does not take a fault of its own for a finding', () => {
    const chain = start();
    const again = start();
    expect(() => again.succeed(0, authority(nextDocument(chain.current)))).to.throw('broken invariant');
  });
});
