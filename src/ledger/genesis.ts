/**
 * Leaf 0: the first authority document, made by `init` and committed by the
 * first opening of an empty store. It says what the log's origin is and who may
 * record what, so there is no log without it.
 */
import { AuthoritySnapshot } from '../attestation/authority.ts';
import { decodeAttestation, decodeEnvelope, type Attestation } from '../attestation/statement.ts';
import { LedgerError } from '../errors.ts';
import { entryRows } from './store/rows.ts';
import { emptyTree, grow } from './store/tree.ts';
import type { Row } from '../storage/storage.ts';
import type { Head } from '../tlog/head.ts';

export interface Genesis {
  readonly attestation: Attestation;
  readonly authority: AuthoritySnapshot;
}

/**
 * Decodes and checks leaf 0, signatures included. Throws what
 * `AuthoritySnapshot.genesis` throws, and `origin-mismatch` when the document
 * is of another log than the one to be opened.
 */
export function openGenesis(leaf: Uint8Array, origin: string): Genesis {
  const attestation = decodeAttestation(decodeEnvelope(leaf));
  const authority = AuthoritySnapshot.genesis(attestation);
  if (authority.origin !== origin) {
    throw new LedgerError('origin-mismatch', 'leaf 0 is the authority document of another log', {
      expected: origin,
      got: authority.origin,
    });
  }
  return { attestation, authority };
}

/** What the first commit of a log writes, and the head that it makes. */
export function genesisCommit({ attestation, authority }: Genesis): { rows: Row[]; head: Head } {
  const { tree } = grow(emptyTree, [attestation.leafHash]);
  return {
    rows: entryRows(attestation, 0, authority.version),
    head: { size: tree.size, root: tree.root },
  };
}
