/**
 * What a new authority document changes, in words: what a root holder reads
 * before signing.
 *
 *   + signer Conveyor 2 (Vendor): builder; sources builds; key 5f…
 *   - root key 77…
 *   ~ rule for https://slsa.dev/provenance/v1: builder + supervisor → builder
 *   ~ revocation of Conveyor 1 (Vendor), 9c…: revoked from leaf 40 on, “lost” → compromised from leaf 7 on, “found”
 *   - promise of access: a summary every 1 day, within 6 hours, from 2026-11-01T00:00:00Z on
 *
 * A change that is not told is a change that is signed unseen, so everything
 * of the two documents is compared, and what is left over is said to be there.
 */
import { canonicalize } from '../../attestation/canonical.ts';
import type { JsonValue } from '../../attestation/canonical.ts';
import { keyidOf } from '../../attestation/envelope.ts';
import type {
  AuthorityPredicate,
  AuthorityPromise,
  AuthorityRevocation,
  AuthorityRule,
  AuthoritySigner,
} from '../../attestation/types.ts';
import { fromBase64 } from '../../bytes.ts';
import { durationText } from '../terminal/duration.ts';

/** Keyid of a public key as documents write it: 32 bytes in base64. */
export function keyidOfText(publicKey: string): string {
  return keyidOf(fromBase64(publicKey, 32));
}

/** One line for each change from one document to the next, without newlines; empty if there is none. */
export function changesBetween(from: AuthorityPredicate, to: AuthorityPredicate): readonly string[] {
  const told = [
    ...rootChanges(from.root, to.root),
    ...compared('signer', byKey(from.signers), byKey(to.signers), signerText, keyOfSigner),
    ...compared('rule for', byType(from.rules), byType(to.rules), ruleText, typeOfRule),
    ...compared(
      'revocation of',
      byKeyid(from.revocations),
      byKeyid(to.revocations),
      revocationText(namesIn(from, to)),
      revoked(namesIn(from, to)),
    ),
    ...compared('promise of', bySource(from.promises), bySource(to.promises), promiseText, promiser),
  ];
  if (told.length > 0 || contents(from) === contents(to)) return told;
  return ['~ the order in which the same things are listed'];
}

function rootChanges(from: AuthorityPredicate['root'], to: AuthorityPredicate['root']): string[] {
  const before = new Set(from.keys);
  const after = new Set(to.keys);
  return [
    ...to.keys.filter((key) => !before.has(key)).map((key) => `+ root key ${keyidOfText(key)}`),
    ...from.keys.filter((key) => !after.has(key)).map((key) => `- root key ${keyidOfText(key)}`),
    ...(from.threshold === to.threshold && before.size === after.size
      ? []
      : [`~ root threshold: ${from.threshold} of ${before.size} → ${to.threshold} of ${after.size}`]),
  ];
}

function compared<T>(
  what: string,
  from: ReadonlyMap<string, T>,
  to: ReadonlyMap<string, T>,
  text: (one: T) => string,
  same: (one: T) => string,
): string[] {
  const lines: string[] = [];
  for (const [name, after] of to) {
    const before = from.get(name);
    if (before === undefined) lines.push(`+ ${what} ${text(after)}`);
    else if (text(before) !== text(after)) {
      // What both are about is said once, above all the key.
      lines.push(`~ ${what} ${text(before)} → ${without(text(after), same(after))}`);
    }
  }
  for (const [name, before] of from) if (!to.has(name)) lines.push(`- ${what} ${text(before)}`);
  return lines;
}

/** Only at an end: in the middle it would be somebody's name that reads so. */
function without(text: string, same: string): string {
  if (text.endsWith(same)) return text.slice(0, -same.length);
  return text.startsWith(same) ? text.slice(same.length) : text;
}

/** A signer of an authority document, its key as keyid. */
export function signerText({ name, organisation, publicKey, roles, sources }: AuthoritySigner): string {
  const signs = sources.length === 0 ? 'no source, so it signs nothing' : `sources ${sorted(sources)}`;
  return `${name} (${organisation}): ${sorted(roles)}; ${signs}${keyOfSigner({ publicKey })}`;
}

function keyOfSigner({ publicKey }: Pick<AuthoritySigner, 'publicKey'>): string {
  return `; key ${keyidOfText(publicKey)}`;
}

function ruleText({ predicateType, anyOf }: AuthorityRule): string {
  const alternatives = anyOf.map((roles) => roles.toSorted().join(' + ')).toSorted();
  return `${typeOfRule({ predicateType })}${alternatives.join(', or ')}`;
}

const typeOfRule = ({ predicateType }: Pick<AuthorityRule, 'predicateType'>): string => `${predicateType}: `;

/** A revocation, with the name of the signer where one of the documents lists it. */
export function revocationText(
  names: ReadonlyMap<string, string>,
): (revocation: AuthorityRevocation) => string {
  const who = revoked(names);
  return ({ keyid, kind, fromLeaf, reason }) =>
    `${who({ keyid })}${kind} from leaf ${fromLeaf} on, “${reason}”`;
}

const revoked =
  (names: ReadonlyMap<string, string>) =>
  ({ keyid }: Pick<AuthorityRevocation, 'keyid'>): string => {
    const name = names.get(keyid);
    return `${name === undefined ? '' : `${name}, `}${keyid}: `;
  };

/** What an authority document promises of a source. */
export function promiseText({ source, from, summaryEvery, grace }: AuthorityPromise): string {
  return `${promiser({ source })}a summary every ${durationText(summaryEvery)}, within ${durationText(grace)}, from ${from} on`;
}

const promiser = ({ source }: Pick<AuthorityPromise, 'source'>): string => `${source}: `;

/** Keyid → name and organisation of every signer in these documents. */
export function namesIn(...documents: readonly AuthorityPredicate[]): ReadonlyMap<string, string> {
  const signers = documents.flatMap((document) => document.signers);
  return new Map(
    signers.map(({ publicKey, name, organisation }) => [keyidOfText(publicKey), `${name} (${organisation})`]),
  );
}

const sorted = (list: readonly string[]): string => list.toSorted().join(', ');

const byKey = (list: readonly AuthoritySigner[]): ReadonlyMap<string, AuthoritySigner> =>
  new Map(list.map((one) => [one.publicKey, one]));

const byType = (list: readonly AuthorityRule[]): ReadonlyMap<string, AuthorityRule> =>
  new Map(list.map((one) => [one.predicateType, one]));

const byKeyid = (list: readonly AuthorityRevocation[]): ReadonlyMap<string, AuthorityRevocation> =>
  new Map(list.map((one) => [one.keyid, one]));

const bySource = (list: readonly AuthorityPromise[] = []): ReadonlyMap<string, AuthorityPromise> =>
  new Map(list.map((one) => [one.source, one]));

/** Everything but what differs in any two documents. */
function contents({ origin, root, signers, rules, revocations, promises = [] }: AuthorityPredicate): string {
  return canonicalize({ origin, root, signers, rules, revocations, promises } as unknown as JsonValue);
}
