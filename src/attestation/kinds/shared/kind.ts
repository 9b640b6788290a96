/**
 * What an attestation type is: a schema in `schemas/`, and a file beside this
 * folder that says of it what a schema cannot. From the two comes everything
 * else: decoding, rules, the ledger's search, `isal attest`, the pages.
 *
 *     export const kind: Kind<'residency'> = {
 *       order: 90,
 *       predicateType: 'urn:isal:predicate:residency:v1',
 *       usual: { source: 'residency', anyOf: [['vendor', 'supervisor']] },
 *       supervision: atTop,
 *       subject: ofOrigin(({ ledger }) => ledger.origin),
 *       template: (parts) => ({ subject: […], predicate: {…} }),
 *     };
 *
 * A kind stands below decoding, so it imports nothing that is generated but types.
 */
import type { AttestationType, Predicates, RuleRole, Subject, Supervision } from '../../types.ts';
import type { SubjectRule } from './subject.ts';
import type { TemplateParts } from './template.ts';

/** What every predicate but `authority` carries, and where. */
export interface Supervised {
  readonly value: Supervision;
  /** JSON Pointer into the statement. */
  readonly pointer: string;
}

/** Who signs in a first authority document; a real ledger's own may differ. */
export interface Usual {
  /** The stream that its statements are numbered in. */
  readonly source: string;
  /** Alternatives of roles that sign together. */
  readonly anyOf: readonly (readonly RuleRole[])[];
}

/** What an entry is called. The ledger's search finds it by product and by family; lists show all of it. */
export interface Names {
  readonly product?: string;
  readonly family?: string;
  readonly version?: string;
}

/** What the fields of a predicate must agree on among themselves. */
export interface Consistency<P> {
  /** What is refused, as docs/attestations.md says it. */
  readonly refuses: string;
  /** Throws `schema-violation`, with `at`. */
  readonly check: (predicate: P) => void;
}

interface KindOf<P> {
  /** Where it stands in lists and pages: ascending, with room between. */
  readonly order: number;
  /** What it is called on the wire, for ever: a change to the schema is another type. */
  readonly predicateType: string;
  readonly usual: Usual | null;
  readonly supervision: ((predicate: P) => Supervised) | null;
  /**
   * A subject is what an entry is found by. One that could be chosen freely
   * would let a signer hide an entry, or put it under another party's name.
   */
  readonly subject: SubjectRule<P>;
  readonly consistency?: Consistency<P>;
  /** Whether its schema has `seals`, beside the supervision. */
  readonly sealable?: true;
  /** Leaf hashes that it names beside its `refs`. */
  readonly refs?: (predicate: P) => readonly string[];
  readonly names?: (predicate: P) => Names;
  /** A statement to fill in, valid but for what must not be made up. */
  readonly template: (parts: TemplateParts) => { readonly subject: Subject[]; readonly predicate: P };
}

/** Authority documents bring their own roots; every other type is signed by roles and numbered in a stream. */
type Ruled<T, P> = T extends 'authority'
  ? { readonly usual: null; readonly supervision: null }
  : { readonly usual: Usual; readonly supervision: (predicate: P) => Supervised };

export type Kind<T extends AttestationType> = KindOf<Predicates[T]> & Ruled<T, Predicates[T]>;

/** One for each type: a type without its kind does not compile. */
export type Kinds = { readonly [T in AttestationType]: Kind<T> };

/** For a predicate that carries its supervision among its own members. */
export function atTop(predicate: Supervision): Supervised {
  return { value: predicate, pointer: '/predicate' };
}
