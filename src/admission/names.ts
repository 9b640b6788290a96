/**
 * Names that nobody can tell apart, and characters that nobody sees, are not
 * recorded any more: a vendor that is also listed as "Exаmple Security" with a
 * Cyrillic а, or with a character that prints as nothing, would supervise itself.
 *
 * These rules are for what is about to be recorded and for nothing else. They
 * stand in this room, which no verifier and no monitor may import: what a log
 * holds is judged by the rules under which it was recorded.
 */
import { invalid } from '../attestation/authority-document.ts';
import type { Signer } from '../attestation/authority.ts';
import { placeOf } from '../attestation/canonical.ts';
import { type FoldedName, alike, foldName, lookAlikesAmong } from '../attestation/names/alike.ts';
import { unseenIn } from '../attestation/names/unseen.ts';
import { decodeStatement } from '../attestation/statement.ts';
import type { AuthorityPredicate, TypedStatement } from '../attestation/types.ts';
import { LedgerError } from '../errors.ts';

/** The statement in a payload that is to be recorded; throws as `decodeStatement` and `requireTellable` do. */
export function decodeNewStatement(payload: Uint8Array): TypedStatement {
  const typed = decodeStatement(payload);
  requireTellable(payload, typed);
  return typed;
}

/**
 * What a statement is refused for while it is new, and judged by nobody once it
 * is recorded. Throws `schema-violation`, and `authority-invalid` for a document.
 */
export function requireTellable(payload: Uint8Array, { type, statement }: TypedStatement): void {
  requireSeen(payload, statement);
  if (type === 'authority') requireNamesApart(statement.predicate);
}

/** A document's signers sign again and again; what is folded goes when the document does. */
const foldedOrganisations = new WeakMap<Signer, FoldedName>();

function organisationOf(signer: Signer): FoldedName {
  const known = foldedOrganisations.get(signer);
  if (known !== undefined) return known;
  const folded = foldName(signer.organisation);
  foldedOrganisations.set(signer, folded);
  return folded;
}

/**
 * Requires that all signers of an entry answer to organisations that a reader
 * can tell apart. Throws `same-organisation`.
 */
export function requireOrganisationsApart(signers: readonly Signer[]): void {
  for (const [position, signer] of signers.entries()) {
    const other = signers
      .slice(0, position)
      .find((earlier) => alike(organisationOf(earlier), organisationOf(signer)));
    if (other === undefined) continue;
    throw new LedgerError('same-organisation', 'two signers of organisations whose names look alike', {
      expected: 'every signer of another organisation, by a name that nobody takes for it',
      got: `${other.name} of ${other.organisation}, and ${signer.name} of ${signer.organisation}`,
      at: `/signatures/${position}`,
      facts: { organisation: signer.organisation },
    });
  }
}

/**
 * Requires of a new authority document that one organisation and one signer are
 * spelt in one way: two spellings that look alike are one party that counts
 * twice, or two that nobody can tell apart. Throws `authority-invalid`.
 */
function requireNamesApart({ signers }: AuthorityPredicate): void {
  for (const member of ['organisation', 'name'] as const) {
    const names = signers.map((signer) => signer[member]);
    const [first, second] = lookAlikesAmong(names) ?? [];
    if (first === undefined || second === undefined) continue;
    throw invalid(
      `two names of ${member === 'name' ? 'signers' : 'organisations'} that look alike`,
      `/signers/${names.indexOf(second)}/${member}`,
      `the same spelling as /signers/${names.indexOf(first)}/${member}, or a name that nobody takes for it`,
      second,
    );
  }
}

/**
 * Requires that every character of a statement can be seen. Schemas refuse most
 * that cannot in most places, for ever; this refuses the others, everywhere.
 * Throws `schema-violation`.
 */
function requireSeen(payload: Uint8Array, statement: object): void {
  // All that cannot be seen lies beyond ASCII, and canonical JSON escapes none of it.
  if (payload.every((byte) => byte < 0x80)) return;
  requireSeenBelow(statement, []);
}

function requireSeenBelow(value: unknown, steps: readonly (string | number)[]): void {
  if (typeof value === 'string') requireSeenText(value, steps);
  else if (Array.isArray(value)) {
    for (const [index, member] of value.entries()) requireSeenBelow(member, [...steps, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      requireSeenText(name, steps);
      requireSeenBelow(member, [...steps, name]);
    }
  }
}

function requireSeenText(text: string, steps: readonly (string | number)[]): void {
  const got = unseenIn(text);
  if (got === undefined) return;
  throw new LedgerError('schema-violation', 'a character that prints as nothing', {
    expected: 'characters that can be seen: two names could look alike, and one text like another',
    got,
    at: placeOf(steps).at,
  });
}
