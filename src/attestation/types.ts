/**
 * The types that are attested, and the shapes of their statements, generated
 * from `schemas/`. What is particular to a type stands in `kinds/`.
 */
import type {
  AttestationType,
  EventSource,
  LedgerBinding,
  Reference,
  SchemaTypes,
  Seal,
  Statement as AnyStatement,
} from './generated/types.ts';

export type * from './generated/types.ts';
export { attestationTypes } from './generated/type-names.ts';
export { predicateTypes, typeOfPredicate } from './kinds/index.ts';

/** Predicate of each attestation type. */
export type Predicates = Pick<SchemaTypes, AttestationType>;

/** A statement whose predicate type is known. */
export type StatementOf<T extends AttestationType> = Omit<AnyStatement, 'predicate'> & {
  predicate: Predicates[T];
};

/** A statement that has passed its schemas and its subject rule, with its type. */
export type TypedStatement<T extends AttestationType = AttestationType> = {
  [K in T]: { readonly type: K; readonly statement: StatementOf<K> };
}[T];

/** What every predicate but `authority` carries. */
export interface Supervision {
  readonly ledger: LedgerBinding;
  readonly occurredAt: string;
  readonly source: EventSource;
  readonly refs?: readonly Reference[];
  /** Of what can be sealed. */
  readonly seals?: readonly Seal[];
}

export const statementType = 'https://in-toto.io/Statement/v1';
