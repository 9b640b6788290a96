import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Effects,
  type KeyStatus,
  type Revocation,
  type RevocationKind,
  applyRevocations,
  statusAt,
} from '../../src/attestation/revocations.ts';
import { LedgerError } from '../../src/errors.ts';
import { expectRefusal, someKeyid } from './authority-parts.ts';

const key = someKeyid(1);
const nothing: Effects = new Map();

function revoke(kind: RevocationKind, fromLeaf: number, keyid: string = key): Revocation {
  return { keyid, kind, fromLeaf, reason: 'a test' };
}

/** Each step is the document at a leaf and what it lists. */
function after(...steps: readonly (readonly [index: number, ...revocations: Revocation[]])[]): Effects {
  let effects = nothing;
  for (const [index, ...revocations] of steps) {
    effects = applyRevocations({ previous: effects, revocations, index });
  }
  return effects;
}

function status(effects: Effects, leafIndex: number): KeyStatus {
  return statusAt({ effects, keyid: key, leafIndex });
}

/** The first leaf at which the key does not count, looked for one by one. */
function firstOut(effects: Effects): number {
  let leaf = 0;
  while (status(effects, leaf) === 'in-force') leaf++;
  return leaf;
}

describe('attestation/revocations', () => {
  it('leaves a key in force that nothing is said of', () => {
    expect(status(nothing, 0)).to.equal('in-force');
    expect(status(after([10, revoke('compromised', 0, someKeyid(2))]), 99)).to.equal('in-force');
  });

  for (const kind of ['superseded', 'revoked'] as const) {
    it(`counts ${kind} from its own leaf on when an earlier one is written`, () => {
      const effects = after([10, revoke(kind, 3)]);
      expect(status(effects, 9)).to.equal('in-force');
      expect(status(effects, 10)).to.equal(kind);
    });

    it(`counts ${kind} from a later leaf when that is written`, () => {
      const effects = after([10, revoke(kind, 20)]);
      expect(status(effects, 19)).to.equal('in-force');
      expect(status(effects, 20)).to.equal(kind);
    });
  }

  it('lets compromised reach back', () => {
    const effects = after([10, revoke('compromised', 3)]);
    expect(status(effects, 2)).to.equal('in-force');
    expect(status(effects, 3)).to.equal('compromised');
  });

  it('keeps the leaf of the document that said it first, when a later one repeats it', () => {
    expect(firstOut(after([10, revoke('revoked', 3)], [15, revoke('revoked', 3)]))).to.equal(10);
  });

  it('lets a later document write an earlier leaf, which reaches back only if compromised', () => {
    expect(firstOut(after([10, revoke('revoked', 40)], [15, revoke('revoked', 12)]))).to.equal(15);
    expect(firstOut(after([10, revoke('revoked', 20)], [30, revoke('revoked', 12)]))).to.equal(20);
    expect(firstOut(after([10, revoke('compromised', 8)], [15, revoke('compromised', 2)]))).to.equal(2);
  });

  it('lets a kind get more severe, from where the milder one counts at the latest', () => {
    const worse = after([10, revoke('superseded', 3)], [15, revoke('compromised', 10)]);
    expect(firstOut(worse)).to.equal(10);
    expect(status(worse, 10)).to.equal('compromised');
    expect(firstOut(after([10, revoke('superseded', 3)], [15, revoke('compromised', 5)]))).to.equal(5);
    const first = after([10, revoke('superseded', 3)]);
    expectRefusal(
      () => applyRevocations({ previous: first, revocations: [revoke('compromised', 11)], index: 15 }),
      'authority-invalid',
      '/predicate/revocations/0/fromLeaf',
    );
  });

  const refused: [string, Effects, Revocation[], string][] = [
    ['a dropped revocation', after([10, revoke('revoked', 12)]), [], ''],
    [
      'a dropped one among others',
      after([10, revoke('revoked', 12)]),
      [revoke('revoked', 1, someKeyid(2))],
      '',
    ],
    ['a later leaf', after([10, revoke('revoked', 12)]), [revoke('revoked', 13)], '/0/fromLeaf'],
    [
      'a later leaf, even below the document',
      after([10, revoke('revoked', 3)]),
      [revoke('revoked', 4)],
      '/0/fromLeaf',
    ],
    ['a milder kind', after([10, revoke('revoked', 12)]), [revoke('superseded', 12)], '/0/kind'],
    ['compromised taken back', after([10, revoke('compromised', 12)]), [revoke('revoked', 0)], '/0/kind'],
    ['one key twice', nothing, [revoke('revoked', 12), revoke('superseded', 12)], '/1/keyid'],
  ];
  for (const [name, previous, revocations, at] of refused) {
    it(`refuses ${name}`, () => {
      expectRefusal(
        () => applyRevocations({ previous, revocations, index: 20 }),
        'authority-invalid',
        `/predicate/revocations${at}`,
      );
    });
  }

  it('never makes the status of any leaf milder, and reaches back only for a compromise', () => {
    const order: readonly KeyStatus[] = ['in-force', 'superseded', 'revoked', 'compromised'];
    const revocation = fc
      .tuple(fc.constantFrom<RevocationKind>('superseded', 'revoked', 'compromised'), fc.nat({ max: 12 }))
      .map(([kind, fromLeaf]) => revoke(kind, fromLeaf));
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(revocation, { minLength: 1, maxLength: 4 }), (list) => {
        let effects = nothing;
        for (const [step, next] of list.entries()) {
          const index = 3 * step + 1;
          const before = effects;
          try {
            effects = applyRevocations({ previous: before, revocations: [next], index });
          } catch (error) {
            if (!(error instanceof LedgerError)) throw error;
            return;
          }
          if (step > 0) accepted++;
          for (let leaf = 0; leaf < 16; leaf++) {
            const was = status(before, leaf);
            const is = status(effects, leaf);
            expect(order.indexOf(is)).to.be.at.least(order.indexOf(was));
            if (leaf < index && was === 'in-force' && is !== 'in-force') expect(is).to.equal('compromised');
          }
        }
      }),
      { numRuns: 2000, seed: 7 },
    );
    expect(accepted, 'documents that followed another').to.be.greaterThan(100);
  });
});
