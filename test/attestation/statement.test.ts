import { expect } from 'chai';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import * as fixtures from '../fixtures/attestations.ts';

describe('a statement', () => {
  for (const make of ['genesis', 'build', 'databaseUpdate', 'dataAccess'] as const) {
    it(`of a valid kind is decoded: ${make}`, () => {
      const attestation = decodeAttestation(decodeEnvelope(fixtures[make]()));
      expect(attestation.subjects).to.have.length(1);
    });
  }
});
