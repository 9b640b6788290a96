import { expect } from 'chai';
import fc from 'fast-check';
import { type RuleMatch, type Signer, requireRoles } from '../../src/attestation/rules.ts';
import { LedgerError } from '../../src/errors.ts';
import { expectRefusal } from './authority-parts.ts';

function who(keyid: string, organisation: string, ...roles: string[]): Signer {
  return { keyid, publicKey: new Uint8Array(32), name: keyid, organisation, roles, sources: [] };
}

const builder = who('b', 'V', 'builder');
const supervisor = who('s', 'S', 'supervisor');
const reviewer = who('r', 'R', 'reviewer');
const both = who('bs', 'X', 'builder', 'supervisor');

/** Tries every order of the signers against the roles: slow, and plainly right. */
function satisfiedByBruteForce({ signers, anyOf, target }: RuleMatch): boolean {
  const organisations = new Set(signers.map(({ organisation }) => organisation));
  if (organisations.size < signers.length) return false;
  return anyOf.some((alternative) => {
    const roles = alternative.filter((role) => role !== 'target-signers');
    let rest = [...signers];
    if (roles.length < alternative.length) {
      if (target === undefined || target.size === 0) return false;
      if (![...target].every((keyid) => signers.some((signer) => signer.keyid === keyid))) return false;
      rest = rest.filter(({ keyid }) => !target.has(keyid));
    }
    return orders(rest).some(
      (order) =>
        order.length === roles.length && order.every((signer, at) => signer.roles.includes(roles[at] ?? '')),
    );
  });
}

function orders<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => orders(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

describe('attestation/rules', () => {
  const anyOf = [['builder', 'supervisor']];

  it('lets in exactly the roles of an alternative, in any order', () => {
    requireRoles({ signers: [builder, supervisor], anyOf });
    requireRoles({ signers: [supervisor, builder], anyOf });
    requireRoles({ signers: [supervisor], anyOf: [['builder'], ['supervisor']] });
  });

  it('gives a signer of two roles the one that leaves the other to its partner', () => {
    requireRoles({ signers: [both, builder], anyOf });
    requireRoles({ signers: [both, supervisor], anyOf });
    requireRoles({ signers: [supervisor, both], anyOf });
    requireRoles({
      signers: [who('1', 'A', 'builder', 'supervisor'), who('2', 'B', 'builder', 'reviewer'), builder],
      anyOf: [['builder', 'supervisor', 'reviewer']],
    });
  });

  it('does not let one key take two roles', () => {
    const error = expectRefusal(() => requireRoles({ signers: [both], anyOf }), 'missing-role');
    expect(error.facts).to.deep.equal({ role: 'supervisor' });
  });

  it('names the role that nobody holds, of the alternative that came nearest', () => {
    const alone = expectRefusal(() => requireRoles({ signers: [builder], anyOf }), 'missing-role');
    expect(alone.facts).to.deep.equal({ role: 'supervisor' });
    expect(alone.expected).to.equal('builder + supervisor');
    const nearest = expectRefusal(
      () =>
        requireRoles({
          signers: [builder, reviewer],
          anyOf: [
            ['vendor', 'rebuilder'],
            ['builder', 'supervisor', 'reviewer'],
          ],
        }),
      'missing-role',
    );
    expect(nearest.facts).to.deep.equal({ role: 'supervisor' });
    expect(nearest.expected).to.equal('vendor + rebuilder, or builder + supervisor + reviewer');
  });

  it('refuses nobody at all', () => {
    expectRefusal(() => requireRoles({ signers: [], anyOf }), 'missing-role');
  });

  it('refuses a signature that no role asks for, and points at it', () => {
    const error = expectRefusal(
      () => requireRoles({ signers: [builder, reviewer, supervisor], anyOf }),
      'superfluous-signature',
      '/signatures/1',
    );
    expect(error.facts).to.deep.equal({ keyid: 'r' });
  });

  it('refuses two signers of one role where one is asked for', () => {
    const second = who('s2', 'S2', 'supervisor');
    const signers = [builder, supervisor, second];
    expectRefusal(() => requireRoles({ signers, anyOf }), 'superfluous-signature', '/signatures/2');
    requireRoles({ signers, anyOf: [['supervisor', 'builder', 'supervisor']] });
  });

  it('refuses two roles held by one organisation', () => {
    const inside = who('vs', 'V', 'supervisor');
    const error = expectRefusal(
      () => requireRoles({ signers: [builder, inside], anyOf }),
      'same-organisation',
      '/signatures/1',
    );
    expect(error.facts).to.deep.equal({ organisation: 'V' });
    expect(error.got).to.equal('b and vs, both of V');
  });

  describe('target-signers', () => {
    const target = new Set(['b', 's']);
    const corrections = [['target-signers'], ['supervisor']];

    it('is satisfied by exactly those who signed the target', () => {
      requireRoles({ signers: [builder, supervisor], anyOf: corrections, target });
      requireRoles({ signers: [supervisor], anyOf: corrections, target });
    });

    it('is not satisfied by some of them', () => {
      const error = expectRefusal(
        () => requireRoles({ signers: [builder], anyOf: corrections, target }),
        'missing-role',
      );
      expect(error.facts).to.deep.equal({ role: 'target-signers' });
    });

    it('is not satisfied by more than them', () => {
      const signers = [builder, reviewer, supervisor];
      expectRefusal(
        () => requireRoles({ signers, anyOf: corrections, target }),
        'superfluous-signature',
        '/signatures/1',
      );
    });

    it('is not satisfied where no target is known, or by a target that nobody signed', () => {
      const signers = [builder, supervisor];
      for (const none of [undefined, new Set<string>()]) {
        expectRefusal(
          () => requireRoles({ signers, anyOf: [['target-signers']], target: none }),
          'missing-role',
        );
      }
    });

    it('leaves the other roles of its alternative to others', () => {
      const together = [['target-signers', 'reviewer']];
      requireRoles({ signers: [builder, reviewer, supervisor], anyOf: together, target });
      const error = expectRefusal(
        () => requireRoles({ signers: [builder, supervisor], anyOf: together, target }),
        'missing-role',
      );
      expect(error.facts).to.deep.equal({ role: 'reviewer' });
    });
  });

  it('agrees with trying every pairing', () => {
    const role = fc.constantFrom('builder', 'supervisor', 'reviewer', 'vendor');
    const signersOf = fc
      .array(fc.tuple(fc.subarray(['builder', 'supervisor', 'reviewer', 'vendor']), fc.nat({ max: 12 })), {
        maxLength: 5,
      })
      .map((list) => list.map(([roles, organisation], at) => who(`k${at}`, `o${organisation}`, ...roles)));
    const alternative = fc
      .tuple(fc.array(role, { minLength: 1, maxLength: 5 }), fc.nat({ max: 3 }))
      .map(([roles, draw]) => (draw === 0 ? ['target-signers', ...roles.slice(1)] : roles));
    const rule = fc.array(alternative, { minLength: 1, maxLength: 3 });
    const targets = fc.option(fc.subarray(['k0', 'k1', 'k2', 'k9']), { nil: undefined });
    let satisfied = 0;
    fc.assert(
      fc.property(signersOf, rule, targets, (signers, alternatives, target) => {
        const match = { signers, anyOf: alternatives, target: target && new Set(target) };
        let outcome = true;
        try {
          requireRoles(match);
        } catch (error) {
          if (!(error instanceof LedgerError)) throw error;
          outcome = false;
        }
        expect(outcome).to.equal(satisfiedByBruteForce(match));
        if (outcome) satisfied++;
      }),
      { numRuns: 3000, seed: 7 },
    );
    expect(satisfied, 'the property met both outcomes').to.be.greaterThan(50);
  });

  it('accepts every entry that is built to satisfy a rule, however its signers may stand in', () => {
    const roles = ['builder', 'supervisor', 'reviewer', 'vendor', 'rebuilder'];
    const seats = fc.array(fc.tuple(fc.constantFrom(...roles), fc.subarray(roles)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(seats, (made) => {
        const signers = made.map(([role, more], at) => who(`k${at}`, `o${at}`, ...more, role));
        requireRoles({ signers, anyOf: [made.map(([role]) => role).toReversed()] });
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
});
