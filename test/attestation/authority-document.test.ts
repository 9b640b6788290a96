import { expect } from 'chai';
import { fromHex, toBase64 } from '../../src/bytes.ts';
import { decodeAuthority, requireRoots } from '../../src/attestation/authority-document.ts';
import type { Roots } from '../../src/attestation/authority-document.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { buildType, expectRefusal, firstDocument, party, signer } from './authority-parts.ts';
import type { Document } from './authority-parts.ts';

const keyOf = (name: string): string => party(name).publicKey;

/** The identity, of order 1. */
const smallOrder = toBase64(fromHex(`01${'00'.repeat(31)}`));
/** y = p + 3, a second spelling of y = 3. */
const nonCanonical = toBase64(fromHex(`f0${'ff'.repeat(30)}7f`));

describe('attestation/authority-document', () => {
  it('decodes a document into keys by keyid and rules by predicate type', () => {
    const { roots, signers, rules } = decodeAuthority(firstDocument());
    expect(roots.threshold).to.equal(2);
    expect([...roots.keys.keys()]).to.deep.equal(['r1', 'r2', 'r3'].map((name) => party(name).keyid));
    expect(signers.get(party('builder').keyid)).to.deep.include({ name: 'builder', organisation: 'Vendor' });
    expect(rules.get(buildType)).to.deep.equal([['builder', 'supervisor']]);
  });

  const base = firstDocument();
  const rule = (...anyOf: string[][]): Document['rules'] =>
    [{ predicateType: buildType, anyOf }] as Document['rules'];
  const promise = { source: 'access', from: '2026-11-03T00:00:00Z', summaryEvery: 86_400, grace: 0 };
  const revoked = { kind: 'revoked', fromLeaf: 0, reason: 'a test' } as const;

  const refused: [string, Partial<Document>, ErrorCode, string][] = [
    [
      'a threshold above the number of keys',
      { root: { threshold: 3, keys: [keyOf('r1'), keyOf('r2')] } },
      'authority-invalid',
      '/root/threshold',
    ],
    [
      'one root key twice',
      { root: { threshold: 2, keys: [keyOf('r1'), keyOf('r1')] } },
      'authority-invalid',
      '/root/keys/1',
    ],
    [
      'a root key of small order',
      { root: { threshold: 1, keys: [keyOf('r1'), smallOrder] } },
      'weak-key',
      '/root/keys/1',
    ],
    [
      'a root key in a second spelling',
      { root: { threshold: 1, keys: [nonCanonical] } },
      'weak-key',
      '/root/keys/0',
    ],
    [
      'a root key that the document itself revokes',
      { revocations: [{ ...revoked, keyid: party('r2').keyid }] },
      'authority-invalid',
      '/revocations/0/keyid',
    ],
    [
      'a signer key of small order',
      { signers: [{ ...signer('a', 'A', ['vendor']), publicKey: smallOrder }] },
      'weak-key',
      '/signers/0/publicKey',
    ],
    [
      'a signer key in a second spelling',
      { signers: [{ ...signer('a', 'A', ['vendor']), publicKey: nonCanonical }] },
      'weak-key',
      '/signers/0/publicKey',
    ],
    [
      'one key under two signers',
      { signers: [...base.signers, { ...signer('builder', 'Other', ['reviewer']), name: 'other' }] },
      'authority-invalid',
      `/signers/${base.signers.length}/publicKey`,
    ],
    [
      'a root key that is also a signer',
      { signers: [signer('r3', 'Supervisor', ['supervisor'])] },
      'authority-invalid',
      '/signers/0/publicKey',
    ],
    [
      'two promises for one stream',
      { promises: [promise, { ...promise, grace: 1 }] },
      'authority-invalid',
      '/promises/1/source',
    ],
    [
      'two rules for one predicate type',
      { rules: [...rule(['builder']), ...rule(['supervisor'])] },
      'authority-invalid',
      '/rules/1/predicateType',
    ],
    [
      'a rule for authority documents',
      { rules: [{ predicateType: 'urn:isal:predicate:authority:v1', anyOf: [['supervisor']] }] },
      'authority-invalid',
      '/rules/0/predicateType',
    ],
    [
      'two alternatives that differ in order only',
      { rules: rule(['builder', 'supervisor'], ['vendor'], ['supervisor', 'builder']) },
      'authority-invalid',
      '/rules/0/anyOf/2',
    ],
  ];
  for (const [name, changes, code, at] of refused) {
    it(`refuses ${name}`, () => {
      expectRefusal(() => decodeAuthority(firstDocument(changes)), code, `/predicate${at}`);
    });
  }

  it('takes a document that lists a revoked signer, whose key may count until a later leaf', () => {
    decodeAuthority(firstDocument({ revocations: [{ ...revoked, keyid: party('builder').keyid }] }));
  });
});

describe('attestation/authority-document: who of the roots must sign', () => {
  function roots(threshold: number, ...names: string[]): Roots {
    return { threshold, keys: new Map(names.map((name) => [name, new Uint8Array(32)])) };
  }
  const own = (threshold: number, ...names: string[]): Parameters<typeof requireRoots>[1] => [
    { whose: 'own', roots: roots(threshold, ...names) },
  ];
  const rotation = [
    { whose: 'old', roots: roots(2, 'a', 'b', 'c') },
    { whose: 'new', roots: roots(2, 'b', 'c', 'd') },
  ];

  it('takes exactly the threshold', () => {
    expect([...requireRoots(['a', 'c'], own(2, 'a', 'b', 'c')).keys()]).to.deep.equal(['a', 'c']);
  });

  it('lets a key that is in both sets count for both', () => {
    requireRoots(['b', 'c'], rotation);
    requireRoots(['a', 'b', 'd'], rotation);
  });

  const refused: [string, string[], typeof rotation, ErrorCode, object][] = [
    ['nobody', [], [...own(1, 'a')], 'missing-role', { role: 'root', roots: 'own' }],
    ['too few', ['a'], [...own(2, 'a', 'b')], 'missing-role', { role: 'root', roots: 'own' }],
    ['a stranger', ['a', 'x'], [...own(2, 'a', 'b')], 'unknown-signer', { keyid: 'x' }],
    ['a stranger beside a quorum', ['a', 'b', 'x'], [...own(2, 'a', 'b')], 'unknown-signer', { keyid: 'x' }],
    [
      'one more than asked for',
      ['a', 'b', 'c'],
      [...own(2, 'a', 'b', 'c')],
      'superfluous-signature',
      { keyid: 'a' },
    ],
    ['the new roots alone', ['b', 'd'], rotation, 'missing-role', { role: 'root', roots: 'old' }],
    ['the old roots alone', ['a', 'b'], rotation, 'missing-role', { role: 'root', roots: 'new' }],
    [
      'an old root whom neither quorum needs',
      ['a', 'b', 'c'],
      rotation,
      'superfluous-signature',
      { keyid: 'a' },
    ],
    [
      'a new root whom neither quorum needs',
      ['b', 'c', 'd'],
      rotation,
      'superfluous-signature',
      { keyid: 'd' },
    ],
    ['everybody', ['a', 'b', 'c', 'd'], rotation, 'superfluous-signature', { keyid: 'a' }],
  ];
  for (const [name, keyids, sets, code, facts] of refused) {
    it(`refuses ${name}`, () => {
      expect(expectRefusal(() => requireRoots(keyids, sets), code).facts).to.deep.equal(facts);
    });
  }

  it('takes a set of signers exactly if it meets both thresholds and none of its parts does', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const subsets = Array.from({ length: 2 ** names.length }, (_, bits) =>
      names.filter((_name, at) => Math.floor(bits / 2 ** at) % 2 === 1),
    );
    let taken = 0;
    for (const old of [roots(2, 'a', 'b', 'c'), roots(1, 'a'), roots(3, 'a', 'b', 'c', 'd')]) {
      for (const next of [roots(2, 'c', 'd', 'e'), roots(1, 'e'), roots(2, 'a', 'b', 'c')]) {
        const meets = (signers: readonly string[]): boolean =>
          [old, next].every(
            ({ threshold, keys }) => signers.filter((name) => keys.has(name)).length >= threshold,
          );
        for (const signers of subsets) {
          const known = signers.every((name) => old.keys.has(name) || next.keys.has(name));
          const minimal = signers.every((name) => !meets(signers.filter((other) => other !== name)));
          const sets = [
            { whose: 'old', roots: old },
            { whose: 'new', roots: next },
          ];
          const expected = known && meets(signers) && minimal;
          if (expected) {
            requireRoots(signers, sets);
            taken++;
          } else {
            expectRefusal(
              () => requireRoots(signers, sets),
              !known ? 'unknown-signer' : !meets(signers) ? 'missing-role' : 'superfluous-signature',
            );
          }
        }
      }
    }
    expect(taken).to.be.greaterThan(20);
  });
});
