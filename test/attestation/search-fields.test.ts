import { expect } from 'chai';
import {
  parseSubjectDigest,
  searchFieldNames,
  searchFields,
  searchRows,
  searchRowsFor,
  searchRowsOf,
  unmetFilter,
} from '../../src/attestation/search-fields.ts';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import type { Attestation } from '../../src/attestation/statement.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { refusal } from '../note/refusal.ts';

const decode = (leaf: Uint8Array): Attestation => decodeAttestation(decodeEnvelope(leaf));
const both = { sha256: fixtures.digest('both'), sha512: 'ab'.repeat(64) };
const build = decode(
  fixtures.build({
    product: 'suite',
    change: ({ subject, predicate }) => {
      subject.push({ name: 'both', digest: both });
      predicate.isal_supervision.refs = [{ rel: 'review', leafHash: fixtures.digest('leaf') }];
    },
  }),
);
const met = {
  subject: `sha512:${both.sha512}`,
  type: 'build',
  product: 'suite',
  signer: fixtures.builder.keyid,
  source: fixtures.buildSource,
  ref: fixtures.digest('leaf'),
};

describe('the search fields', () => {
  it('have the rows that stores have written from the first day on', () => {
    const bytes = Object.entries(searchRows).toSorted(([, a], [, b]) => a.byte - b.byte);
    expect(bytes.map(([row, { byte }]) => `${byte} ${row}`)).to.deep.equal([
      '0 sha256',
      '1 sha512',
      '2 signer',
      '3 type',
      '4 product',
      '5 family',
      '6 source',
      '7 ref',
    ]);
  });

  it('give an entry a row for each value that it can be found by', () => {
    const rows = searchRowsOf(build).map(({ row, value }) => `${row} ${value}`);
    expect(rows).to.have.members([
      `sha256 ${fixtures.digest('suite_1.1.deb')}`,
      `sha256 ${both.sha256}`,
      `sha512 ${both.sha512}`,
      'type build',
      'product suite',
      `signer ${fixtures.builder.keyid}`,
      `signer ${fixtures.supervisor.keyid}`,
      `source ${fixtures.buildSource}`,
      `ref ${fixtures.digest('leaf')}`,
    ]);
    expect(searchRowsOf(decode(fixtures.databaseUpdate())).map(({ row }) => row)).to.include('family');
    expect(searchRowsOf(decode(fixtures.genesis())).map(({ row }) => row)).to.deep.equal([
      'sha256',
      'type',
      'signer',
    ]);
  });

  it('find an entry by the rows that it has, and by no other', () => {
    expect(unmetFilter({}, build)).to.equal(undefined);
    expect(unmetFilter(met, build)).to.equal(undefined);
    const rows = new Set(searchRowsOf(build).map(({ row, value }) => `${row} ${value}`));
    expect(searchRowsFor(met).every(({ row, value }) => rows.has(`${row} ${value}`))).to.equal(true);
    for (const [name, other] of [
      ['subject', `sha256:${both.sha512.slice(64)}`],
      ['type', 'correction'],
      ['product', 'suit'],
      ['family', 'suite'],
      ['signer', fixtures.publisher.keyid],
      ['source', 'build'],
      ['ref', fixtures.digest('another leaf')],
    ] as const) {
      expect(unmetFilter({ ...met, [name]: other }, build)).to.equal(name);
    }
  });

  it('take values in one form, the same for whoever asks', () => {
    for (const name of searchFieldNames) {
      const { pattern, schema } = searchFields[name].form;
      expect(pattern.test({ ...met, family: 'threats' }[name]), name).to.equal(true);
      for (const malformed of ['', 'a\u0000b', 'x'.repeat(257)]) {
        expect(pattern.test(malformed), `${name} ${malformed}`).to.equal(false);
      }
      expect(schema).to.include({ type: 'string' });
    }
    expect(parseSubjectDigest(`sha256:${both.sha256}`)).to.deep.equal({ alg: 'sha256', hex: both.sha256 });
    for (const text of [both.sha256, `md5:${both.sha256}`, `sha256:${both.sha512}`, 'sha512:']) {
      expect(refusal(() => parseSubjectDigest(text)).code).to.equal('bad-request');
    }
  });
});
