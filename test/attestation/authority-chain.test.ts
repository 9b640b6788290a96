import { expect } from 'chai';
import { verifyEd25519 } from '#ed25519';
import { AuthorityChain } from '../../src/attestation/authority-chain.ts';
import { authority, entry, expectRefusal, firstDocument, nextDocument, party } from './authority-parts.ts';

describe('attestation/authority-chain', () => {
  const start = (): AuthorityChain => new AuthorityChain(authority(firstDocument()));

  it('starts only from a valid first document', () => {
    expectRefusal(() => new AuthorityChain(authority(firstDocument(), ['r1'])), 'missing-role');
    expect(start().current).to.include({ index: 0, version: 1 });
  });

  it('checks each entry under what was in force at its leaf', () => {
    const chain = start();
    const first = chain.current;
    const build = entry({ inForce: first });
    expect(chain.check(1, build).map(({ name }) => name)).to.deep.equal(['builder', 'supervisor']);
    expect(chain.feed(2, authority(nextDocument(first)))).to.equal(undefined);
    expect(chain.current).to.include({ index: 2, version: 2 });
    expectRefusal(() => chain.check(3, build), 'authority-superseded');
    chain.check(3, entry({ inForce: chain.current }));
  });

  it('reports an invalid document and stays as it was', () => {
    const chain = start();
    const before = chain.current;
    const finding = chain.feed(5, authority(nextDocument(before), ['r1']));
    expect(finding).to.include({ code: 'missing-role' });
    expect(chain.current).to.equal(before);
    chain.check(6, entry({ inForce: before }));
    expect(chain.feed(7, authority(nextDocument(before)))).to.equal(undefined);
    expect(chain.current).to.include({ index: 7, version: 2 });
  });

  it('reports a document that is recorded twice', () => {
    const chain = start();
    const second = authority(nextDocument(chain.current));
    chain.feed(1, second);
    expect(chain.feed(2, second)).to.include({ code: 'authority-superseded' });
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
    expectRefusal(() => chain.check(1, forged), 'bad-signature');
  });

  it('counts a revocation at the leaf of the entry', () => {
    const chain = start();
    const { keyid } = party('builder');
    chain.feed(
      1,
      authority(
        nextDocument(chain.current, {
          revocations: [{ keyid, kind: 'revoked', fromLeaf: 5, reason: 'a test' }],
        }),
      ),
    );
    const build = entry({ inForce: chain.current });
    chain.check(4, build);
    expectRefusal(() => chain.check(5, build), 'key-not-in-force');
  });

  it('hands a correction the signers of its target', () => {
    const chain = start();
    const correction = entry({ inForce: chain.current, type: 'database-update', names: ['supervisor'] });
    chain.check(1, correction, { target: new Set([party('supervisor').keyid]) });
    expectRefusal(() => chain.check(1, correction), 'missing-role');
  });

  it('verifies every signature with the function that it was given', () => {
    let calls = 0;
    const chain = new AuthorityChain(authority(firstDocument()), (...signed) => {
      calls++;
      return verifyEd25519(...signed);
    });
    chain.check(1, entry({ inForce: chain.current }));
    chain.feed(2, authority(nextDocument(chain.current)));
    expect(calls).to.equal(6);
  });

  it('is fed authority documents and asked to check other entries, never the other way round', () => {
    const chain = start();
    expect(() => chain.feed(1, entry({ inForce: chain.current }))).to.throw('broken invariant');
    expect(() => chain.check(1, authority(nextDocument(chain.current)))).to.throw('broken invariant');
  });

  it('does not take a fault of its own for a finding', () => {
    const chain = start();
    const again = new AuthorityChain(authority(firstDocument()));
    expect(() => again.feed(0, authority(nextDocument(chain.current)))).to.throw('broken invariant');
  });
});
