import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import {
  factsOf,
  hopSchemas,
  hopTable,
  orderOf,
  roomFor,
} from '../../../../src/verifier/judging/hops/hop-table.ts';
import { requirementUsages } from '../../../../src/verifier/judging/requirements.ts';
import { hopJson } from '../../../../src/words/index.ts';
import { everyHop, hopNames, sampleHop, sampleHops } from '../../sample-hops.ts';

const ajv = new Ajv2020({ strict: true, allErrors: true });
const validate = ajv.compile({ anyOf: hopSchemas() });
const common = ['code', 'leafHash', 'keyid', 'status'];

describe('the table of hops', () => {
  it('has a row for each kind, and each kind has a sample', () => {
    expect(Object.keys(hopTable)).to.have.members([...hopNames]);
    for (const name of hopNames) {
      for (const hop of Object.values(sampleHops[name])) expect(hop.hop, name).to.equal(name);
    }
  });

  it('describes every hop in every state as JSON writes it', () => {
    for (const hop of everyHop) {
      const json = hopJson(hop);
      expect(validate(json), `${JSON.stringify(json)}: ${ajv.errorsText(validate.errors)}`).to.equal(true);
    }
  });

  it('admits no member that it does not name, and no other type', () => {
    const json = hopJson(sampleHop('reviewed'));
    for (const facts of [
      { ...json.facts, by: 'nobody' },
      { ...json.facts, filesCovered: '412' },
    ]) {
      expect(validate({ ...json, facts })).to.equal(false);
    }
    expect(validate({ ...json, hop: 'revised' })).to.equal(false);
    expect(validate({ ...json, mark: 'believed' })).to.equal(false);
    expect(validate({ ...json, state: 'review' })).to.equal(false);
  });

  it('names no member that no sample has', () => {
    for (const name of hopNames) {
      const seen = new Set(Object.values(sampleHops[name]).flatMap((hop) => Object.keys(factsOf(hop))));
      expect([...seen], name).to.include.members(Object.keys(hopTable[name].facts));
    }
  });

  it('puts the hops of an entry, and those of the whole answer, in the order that is documented', () => {
    const inOrder = hopNames.toSorted((a, b) => hopTable[a].order - hopTable[b].order);
    expect(inOrder).to.deep.equal([
      'checkpoint',
      'recorded',
      'authority',
      'file',
      'built',
      'updated',
      'chain',
      'source',
      'reviewed',
      'rebuilt',
      'sealed',
      'keys',
      'revocations',
      'corrections',
      'replayed',
      'more',
    ]);
    expect(orderOf(sampleHop('built'))).to.be.below(orderOf(sampleHop('updated')));
    expect(orderOf(sampleHop('source')), 'they stand together').to.equal(orderOf(sampleHop('reviewed')));
    for (const hop of everyHop) expect(roomFor(hop)).to.be.within(16, 64);
  });

  it('tells what a key that was stolen is, and what spoils a hop', () => {
    const spoilt = {
      by: 'key',
      leaf: 3,
      keyid: 'a'.repeat(64),
      name: 'reviewer',
      status: 'compromised',
    } as const;
    const hop = sampleHop('reviewed', { mark: 'contradicted', code: 'key-not-in-force', spoilt });
    expect(factsOf(hop)).to.include({
      code: 'key-not-in-force',
      keyid: spoilt.keyid,
      status: 'compromised',
    });
    expect(validate(hopJson(hop))).to.equal(true);
  });

  it('has what may be required, as it is written', () => {
    expect(requirementUsages).to.have.members([
      'source',
      'review[=overview|targeted|full|no-findings]',
      'rebuild[=identical|independent]',
      'chain',
      'country=CC',
      'presence=onsite|remote|automated',
      'seal',
      'corrections',
      'revocations',
    ]);
  });

  it('is what docs/format.md lists: each kind with its facts', async () => {
    const path = fileURLToPath(new URL('../../../../../docs/format.md', import.meta.url));
    const text = await readFile(path, 'utf8');
    const [, after = ''] = text.split('\n## Verdict\n');
    const [section = ''] = after.split('\n## ');
    const rows = [...section.matchAll(/^\| `([a-z]+)` +\| [^|]*\| ([^|]*)\|$/gm)];
    const listed = rows.map(([, name = '', facts = '']) => [
      name,
      [...facts.matchAll(/`([A-Za-z0-9]+)`/g)].map(([, fact = '']) => fact),
    ]);
    const expected = hopNames
      .toSorted((a, b) => hopTable[a].order - hopTable[b].order)
      .map((name) => [name, Object.keys(hopTable[name].facts)]);
    expect(listed).to.deep.equal(expected);
    for (const name of common) expect(section).to.contain(`\`${name}\``);
  });
});
