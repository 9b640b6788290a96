/**
 * Leaf 0: the first authority document, made by `init` and committed by the
 * first opening of an empty store. It says what the log's origin is and who may
 * record what, so there is no log without it.
 */
import { AuthoritySnapshot } from '../attestation/authority.ts';
import { decodeAttestation, decodeEnvelope, type Attestation } from '../attestation/statement.ts';
import { LedgerError } from '../errors.ts';
import { entryRows } from './store/rows.ts';
import { emptyTree, grow, type Tree } from './store/tree.ts';
import type { Row } from '../storage/storage.ts';

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

/** The first commit of a log: what it writes, and the tree that it makes. */
export interface GenesisCommit {
  readonly rows: readonly Row[];
  readonly tree: Tree;
}

export function genesisCommit({ attestation, authority }: Genesis): GenesisCommit {
  const { tree } = grow(emptyTree, [attestation.leafHash]);
  return { rows: entryRows(attestation, 0, authority.version), tree };
}
