import { expect } from 'chai';
import type { AuthorityPredicate } from '../../../src/attestation/types.ts';
import { toBase64 } from '../../../src/bytes.ts';
import { changesBetween } from '../../../src/cli/authority/changes.ts';
import { wrapLine } from '../../../src/cli/terminal/wrap.ts';
import * as fixtures from '../../fixtures/attestations.ts';

const revoked = { keyid: fixtures.builder.keyid, kind: 'revoked', fromLeaf: 40, reason: 'a test' } as const;
const promise = { source: 'access', from: '2026-11-03T00:00:00Z', summaryEvery: 86_400, grace: 3_600 };
const before = fixtures.authorityStatement({ revocations: [revoked], promises: [promise] }).predicate;
const builder = `${fixtures.builder.name} (${fixtures.vendor})`;
const key = toBase64(fixtures.party('another').publicKey);

describe('the changes of an authority document', () => {
  const cases: [string, (document: AuthorityPredicate) => void, RegExp][] = [
    ['a root key more', ({ root }) => root.keys.push(key), /^\+ root key/],
    ['another threshold', ({ root }) => (root.threshold = 2), /^~ root threshold: 1 of 1 → 2 of 1$/],
    ['a signer less', ({ signers }) => signers.shift(), /^- signer builder/],
    ['another name', ({ signers: [one] }) => (one!.name = 'x'), /^~ signer builder .* → x \(/],
    ['another organisation', ({ signers: [one] }) => (one!.organisation = 'x'), /→ builder \(x\)/],
    ['a role more', ({ signers: [one] }) => one!.roles.push('vendor'), /: builder; .*: builder, vendor; /],
    ['a source less', ({ signers: [one] }) => one!.sources.splice(0), /no source, so it signs nothing/],
    ['a rule less', ({ rules }) => rules.shift(), /^- rule for /],
    ['a weaker rule', ({ rules: [one] }) => (one!.anyOf = [['vendor']]), /^~ rule for .* → vendor$/],
    ['an earlier revocation', ({ revocations: [one] }) => (one!.fromLeaf = 7), /leaf 40 on.*leaf 7 on/],
    ['a worse revocation', ({ revocations: [one] }) => (one!.kind = 'compromised'), /revoked .*compromised/],
    ['another reason', ({ revocations: [one] }) => (one!.reason = 'x'), /“a test” → .*“x”/],
    ['a dropped revocation', ({ revocations }) => revocations.pop(), /^- revocation of/],
    [
      'a later promise',
      ({ promises }) => (promises![0]!.grace = 7_200),
      /within 1 hour.*within 2 hours, from/,
    ],
    [
      'a dropped promise',
      (document) => delete document.promises,
      /^- promise of access: a summary every 1 d/,
    ],
    ['another order', ({ signers }) => signers.reverse(), /^~ the order/],
  ];
  for (const [what, change, expected] of cases) {
    it(`tell of ${what}`, () => {
      const after = structuredClone(before);
      change(after);
      const changes = changesBetween(before, after);
      expect(
        changes.some((line) => expected.test(line)),
        changes.join('\n'),
      ).to.equal(true);
    });
  }

  it('name a key once in a line that is changed, and break lines that are long', () => {
    const after = structuredClone(before);
    Object.assign(after.revocations[0]!, { kind: 'compromised', fromLeaf: 7, reason: 'found on a disk' });
    after.signers[1]!.roles.push('vendor');
    const [signer = '', revocation = '', ...more] = changesBetween(before, after);
    expect(more).to.deep.equal([]);
    expect(signer).to.match(/^~ signer [^→]*; key [0-9a-f]{64} → [^→]*sources [^;]*$/);
    expect(revocation).to.equal(
      `~ revocation of ${builder}, ${fixtures.builder.keyid}: revoked from leaf 40 on, “a test” → compromised from leaf 7 on, “found on a disk”`,
    );
    const lines = wrapLine(`  ${revocation}`, '      ').split('\n');
    expect(lines.map((line) => line.length <= 110)).to.not.include(false);
    expect(lines.at(-1)).to.equal('      → compromised from leaf 7 on, “found on a disk”');
    expect(lines.join(' ').replaceAll(/ +/g, ' ')).to.equal(` ${revocation}`);
  });

  it('tell of another key of the same signer as of one who goes and one who comes', () => {
    const after = structuredClone(before);
    after.signers[0]!.publicKey = key;
    const changes = changesBetween(before, after).map((line) => line.slice(0, 9 + builder.length));
    expect(changes).to.deep.equal([`+ signer ${builder}`, `- signer ${builder}`]);
  });

  it('are none where only version, predecessor and time differ', () => {
    const previous = fixtures.digest('before');
    expect(changesBetween(before, { ...before, version: 2, previous, occurredAt: 'later' })).to.deep.equal(
      [],
    );
  });
});
