/**
 * The attestation types and what the files beside this one say of them. A new
 * type is a schema and a file here; `npm run generate` puts it into the list.
 */
import { assert } from '../../errors.ts';
import { kinds } from '../generated/kinds.ts';
import { attestationTypes } from '../generated/type-names.ts';
import type { AttestationType, AuthorityRule, Role, Statement, TypedStatement } from '../types.ts';
import type { Kind, Names, Supervised } from './shared/kind.ts';
import { requireSealsOf } from './shared/subject.ts';
import type { TemplateContext } from './shared/template.ts';

export type { Names, Supervised } from './shared/kind.ts';
export type { TemplateContext } from './shared/template.ts';

export const predicateTypes: Readonly<Record<AttestationType, string>> = Object.fromEntries(
  attestationTypes.map((type) => [type, kinds[type].predicateType]),
) as Record<AttestationType, string>;

const typesByPredicate: ReadonlyMap<string, AttestationType> = new Map(
  attestationTypes.map((type) => [predicateTypes[type], type]),
);

assert(typesByPredicate.size === attestationTypes.length, 'no two attestation types share a predicate type');

/** The attestation type of a predicate type, if it is one of ours. */
export function typeOfPredicate(predicateType: string): AttestationType | undefined {
  return typesByPredicate.get(predicateType);
}

/** What binds a statement to its ledger and counts it, and where that stands; an authority document has none. */
export function supervisionOf<T extends AttestationType>({
  type,
  statement,
}: TypedStatement<T>): Supervised | undefined {
  const kind: Kind<T> = kinds[type];
  return kind.supervision?.(statement.predicate);
}

/**
 * What a schema cannot say of a statement: that its predicate agrees with
 * itself, and that its subject is what the predicate is about. Throws
 * `subject-mismatch`, or `schema-violation` for a predicate that contradicts
 * itself; both with `at`.
 */
export function checkStatement<T extends AttestationType>(typed: TypedStatement<T>): void {
  const kind: Kind<T> = kinds[typed.type];
  const { subject, predicate } = typed.statement;
  kind.consistency?.check(predicate);
  const supervised = supervisionOf(typed);
  if (supervised !== undefined) {
    requireSealsOf(subject, supervised.value.seals ?? [], `${supervised.pointer}/seals`);
  }
  kind.subject.check(subject, predicate);
}

/** Leaf hashes of the entries that a statement refers to, distinct. */
export function refsOf<T extends AttestationType>(typed: TypedStatement<T>): readonly string[] {
  const kind: Kind<T> = kinds[typed.type];
  const refs = supervisionOf(typed)?.value.refs ?? [];
  const named = kind.refs?.(typed.statement.predicate) ?? [];
  return [...new Set([...named, ...refs.map(({ leafHash }) => leafHash)])];
}

/** What a statement is called. */
export function namesOf<T extends AttestationType>({ type, statement }: TypedStatement<T>): Names {
  const kind: Kind<T> = kinds[type];
  return kind.names?.(statement.predicate) ?? {};
}

/** The types whose statements may hold seals. */
export const sealableTypes: readonly AttestationType[] = attestationTypes.filter(
  (type) => kinds[type].sealable,
);

/** The stream in which statements of a type are usually numbered; undefined for an authority document. */
export function usualSource(type: AttestationType): string | undefined {
  return kinds[type].usual?.source;
}

/** The rules of a first authority document. */
export function usualRules(): AuthorityRule[] {
  return attestationTypes.flatMap((type) => {
    const { predicateType, usual } = kinds[type];
    return usual === null ? [] : [{ predicateType, anyOf: usual.anyOf.map((together) => [...together]) }];
  });
}

/** The streams of what a role usually signs; the signer of a statement may have to correct it. */
export function usualSourcesOf(role: Role): string[] {
  return attestationTypes.flatMap((type) => {
    const { usual } = kinds[type];
    const signs = usual?.anyOf.some(
      (together) => together.includes(role) || together.includes('target-signers'),
    );
    return usual !== null && signs === true ? [usual.source] : [];
  });
}

/** Subject and predicate of a statement to fill in. */
export function template(
  type: AttestationType,
  context: TemplateContext,
): Pick<Statement, 'subject' | 'predicate'> {
  const { subject, predicate } = kinds[type].template({ ...context, rules: usualRules() });
  return { subject, predicate: { ...predicate } };
}
