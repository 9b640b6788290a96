/** A log that answers questions, as an honest ledger does. */
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import type { EntryFilters, EntrySearch } from '../../src/verifier/collecting/collect.ts';
import type { LedgerSource } from '../../src/verifier/collecting/source.ts';
import { leafHashOf } from '../fixtures/attestations.ts';
import type { SampleLog, SignOptions } from './sample-log.ts';

/** An honest search over a log, and what it was asked. */
export function searchOf(log: SampleLog): EntrySearch & { readonly asked: EntryFilters[] } {
  const attestations = log.leaves.map((leaf) => decodeAttestation(decodeEnvelope(leaf)));
  const asked: EntryFilters[] = [];
  return {
    asked,
    search: async (filters, { limit }) => {
      asked.push(filters);
      const { subject, type, ref } = filters;
      return attestations
        .flatMap((one, index) => {
          const fits =
            (subject === undefined || one.subjects.some(({ alg, hex }) => `${alg}:${hex}` === subject)) &&
            (type === undefined || one.type === type) &&
            (ref === undefined || one.refs.includes(ref));
          return fits ? [index] : [];
        })
        .slice(0, limit);
    },
    byIndex: (index) => log.source().byIndex(index),
  };
}

/** The log as `judgeFile` asks it; leaf 0 is its newest authority document. */
export function ledgerOf(log: SampleLog, signed: SignOptions = {}): LedgerSource {
  const honest = searchOf(log);
  return {
    checkpoint: () => log.note(signed),
    at: (size) => ({
      ...log.source(size),
      search: (filters, page) => honest.search(filters, page),
      authority: () => Promise.resolve({ leafHash: leafHashOf(log.leaves[0] as Uint8Array), index: 0 }),
    }),
  };
}
