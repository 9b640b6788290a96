/**
 * The types that are attested: their names in commands and queries, and their
 * predicate types on the wire. Shapes are generated from `schemas/`.
 */
import type {
  EventSource,
  LedgerBinding,
  Reference,
  SchemaTypes,
  Statement as AnyStatement,
} from './generated/types.ts';

export type * from './generated/types.ts';

/** What is attested: every schema but that of the statement itself and those of files. */
export type AttestationType = Exclude<
  keyof SchemaTypes,
  'statement' | 'trust' | 'bundle' | 'evidence' | 'config' | 'watch'
>;

/** Predicate of each attestation type. */
export type Predicates = Pick<SchemaTypes, AttestationType>;

/** A statement whose predicate type is known. */
export type StatementOf<T extends AttestationType> = Omit<AnyStatement, 'predicate'> & {
  predicate: Predicates[T];
};

/** A statement that has passed its schemas and its subject rule, with its type. */
export type TypedStatement = {
  [T in AttestationType]: { readonly type: T; readonly statement: StatementOf<T> };
}[AttestationType];

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
  'source-snapshot': 'urn:isal:predicate:source-snapshot:v1',
  'source-review': 'urn:isal:predicate:source-review:v1',
  build: 'https://slsa.dev/provenance/v1',
  'rebuild-result': 'urn:isal:predicate:rebuild-result:v1',
  'database-update': 'urn:isal:predicate:database-update:v1',
  'data-access': 'urn:isal:predicate:data-access:v1',
  'period-summary': 'urn:isal:predicate:period-summary:v1',
  residency: 'urn:isal:predicate:residency:v1',
  'supervisor-statement': 'urn:isal:predicate:supervisor-statement:v1',
  correction: 'urn:isal:predicate:correction:v1',
};

export const attestationTypes: readonly AttestationType[] = Object.keys(predicateTypes) as AttestationType[];

/** The attestation type of a predicate type, if it is one of ours. */
export function typeOfPredicate(predicateType: string): AttestationType | undefined {
  return attestationTypes.find((type) => predicateTypes[type] === predicateType);
}
