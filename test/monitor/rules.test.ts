import { expect } from 'chai';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import { matchRules } from '../../src/monitor/rules.ts';
import type { Rule } from '../../src/monitor/watch.ts';
import { build } from '../fixtures/attestations.ts';

function found(watched: string, recorded: string): unknown {
  const rules: Rule[] = [{ alert: 'product', product: watched, label: 'ours' }];
  const leaf = build({ change: ({ predicate }) => (predicate.isal_supervision.product = recorded) });
  const [finding, ...more] = matchRules(rules, 7, decodeAttestation(decodeEnvelope(leaf)));
  expect(more).to.deep.equal([]);
  return finding;
}

describe('monitor/rules', () => {
  const spellings: readonly (readonly [how: string, watched: string, recorded: string])[] = [
    ['not at all', 'Endpoint Security', 'Endpoint Security'],
    ['in case', 'Endpoint Security', 'ENDPOINT security'],
    ['by a no-break space', 'Endpoint Security', 'Endpoint\u00a0Security'],
    ['by a doubled space', 'Endpoint Security', 'Endpoint  Security'],
    ['by a character that prints as nothing', 'Endpoint Security', 'Endpoint\ufe0f Security'],
    ['by a Cyrillic letter', 'Endpoint Security', '\u0415ndpoint Security'],
    ['in how its letters are composed', 'Schutz für Geräte', 'Schutz fu\u0308r Gera\u0308te'],
    ['in how the watched letters are composed', 'Schutz fu\u0308r Gera\u0308te', 'Schutz für Geräte'],
  ];
  for (const [how, watched, recorded] of spellings) {
    it(`finds a watched product whose name differs ${how}`, () => {
      expect(found(watched, recorded)).to.deep.include({
        key: `product/${watched}/7`,
        labels: ['ours'],
      });
      expect(found(watched, recorded)).to.have.deep.nested.property('about.entry.of', recorded);
    });
  }

  it('does not find another product', () => {
    expect(found('Endpoint Security', 'Endpoint Securities')).to.equal(undefined);
  });
});
