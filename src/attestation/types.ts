/**
 * The types that are attested: their names in commands and queries, and their
 * predicate types on the wire. Shapes are generated from `schemas/`.
 */
import type {
  AuthorityPredicate,
  BuildPredicate,
  DataAccessPredicate,
  DatabaseUpdatePredicate,
  EventSource,
  LedgerBinding,
  Reference,
  Statement as AnyStatement,
} from './generated/types.ts';

export type * from './generated/types.ts';

/** Predicate of each attestation type. */
export interface Predicates {
  authority: AuthorityPredicate;
  build: BuildPredicate;
  'database-update': DatabaseUpdatePredicate;
  'data-access': DataAccessPredicate;
}

export type AttestationType = keyof Predicates;

/** A statement whose predicate type is known. */
export type StatementOf<T extends AttestationType> = Omit<AnyStatement, 'predicate'> & {
  predicate: Predicates[T];
};

/** What every predicate but `authority` carries. */
export interface Supervision {
  readonly ledger: LedgerBinding;
  readonly occurredAt: string;
  readonly source: EventSource;
  readonly refs?: readonly Reference[];
}

export const statementType = 'https://in-toto.io/Statement/v1';

export const predicateTypes: Readonly<Record<AttestationType, string>> = {
  authority: 'urn:isal:predicate:authority:v1',
  build: 'https://slsa.dev/provenance/v1',
  'database-update': 'urn:isal:predicate:database-update:v1',
  'data-access': 'urn:isal:predicate:data-access:v1',
};

export const attestationTypes: readonly AttestationType[] = [
  'authority',
  'build',
  'database-update',
  'data-access',
];

/** The attestation type of a predicate type, if it is one of ours. */
export function typeOfPredicate(predicateType: string): AttestationType | undefined {
  return attestationTypes.find((type) => predicateTypes[type] === predicateType);
}
