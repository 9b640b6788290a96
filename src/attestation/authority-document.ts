/**
 * What an authority document must hold beyond its schema, and who must sign it.
 *
 *   { "origin": "isal.example/log", "version": 2, "previous": "<leaf hash>",
 *     "occurredAt": "2026-03-01T09:00:00Z",
 *     "root": { "threshold": 2, "keys": ["<base64>", "<base64>", "<base64>"] },
 *     "signers": [{ "name": "Build conveyor", "organisation": "Vendor",
 *                   "publicKey": "<base64>", "roles": ["builder"],
 *                   "sources": ["conveyor-zurich"] }],
 *     "rules": [{ "predicateType": "https://slsa.dev/provenance/v1",
 *                 "anyOf": [["builder", "supervisor"]] }],
 *     "revocations": [],
 *     "promises": [{ "source": "access", "from": "2026-03-01T00:00:00Z",
 *                    "summaryEvery": 86400, "grace": 21600 }] }
 *
 * A document that contradicts itself is refused whole: it would put in force
 * something that its signers cannot have meant.
 */
import { fromBase64 } from '../bytes.ts';
import { LedgerError, excerpt } from '../errors.ts';
import { acceptablePublicKey } from '#ed25519';
import { keyidOf } from './envelope.ts';
import type { Signer } from './rules.ts';
import { type AuthorityPredicate, predicateTypes } from './types.ts';

export interface DecodedAuthority {
  /** Keyid → signer. */
  readonly signers: ReadonlyMap<string, Signer>;
  readonly roots: Roots;
  /** Predicate type → alternatives. */
  readonly rules: ReadonlyMap<string, readonly (readonly string[])[]>;
}

export interface Roots {
  readonly threshold: number;
  /** Keyid → Ed25519 public key, 32 bytes. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** A set of roots of which the threshold must sign a document. */
export interface RootQuorum {
  /** `old`: of the document in force; `new`: of the one that is to replace it; `own`: of the first. */
  readonly whose: string;
  readonly roots: Roots;
}

/**
 * Decodes a document that has passed its schema, which bounds every list,
 * names the roles, leaves no rule or alternative empty, and takes for an origin
 * only what can be a C2SP key name. Throws `authority-invalid`,
 * or `weak-key` for a key that the Ed25519 rule does not accept, with a JSON
 * Pointer into the statement.
 *
 * - Root keys are distinct and no fewer than the threshold.
 * - One key stands for one signer only, and a root key for none: it is kept
 *   offline for authority documents, and a key that signs daily is not.
 * - No root key is revoked by the document that lists it.
 * - At most one rule for a predicate type, none for authority documents (the
 *   roots alone rule those); no two of its alternatives ask for the same roles.
 * - At most one promise for a stream.
 */
export function decodeAuthority(document: AuthorityPredicate): DecodedAuthority {
  const roots = decodeRoots(document);
  const signers = decodeSigners(document, roots);
  requireOnePromise(document);
  return { signers, roots, rules: decodeRules(document) };
}

/** `authority-invalid`; `at` points into the predicate. */
export function invalid(
  message: string,
  at: string,
  expected: string,
  got: string | number | null,
): LedgerError {
  return new LedgerError('authority-invalid', message, {
    expected,
    got: excerpt(String(got)),
    at: `/predicate${at}`,
  });
}

/** A public key from a document, refused if an attacker could sign for it or spell it in two ways. */
function decodeKey(text: string, at: string): { keyid: string; publicKey: Uint8Array } {
  const publicKey = fromBase64(text, 32);
  if (!acceptablePublicKey(publicKey)) {
    throw new LedgerError('weak-key', 'a public key that the Ed25519 rule does not accept', {
      expected: 'a canonical point that is not of small order',
      got: text,
      at: `/predicate${at}`,
    });
  }
  return { keyid: keyidOf(publicKey), publicKey };
}

function decodeRoots({ root, revocations }: AuthorityPredicate): Roots {
  const keys = new Map<string, Uint8Array>();
  for (const [position, text] of root.keys.entries()) {
    const at = `/root/keys/${position}`;
    const { keyid, publicKey } = decodeKey(text, at);
    if (keys.has(keyid)) throw invalid('one root key twice', at, 'distinct keys', text);
    keys.set(keyid, publicKey);
  }
  if (root.threshold > keys.size) {
    const expected = `at most ${keys.size}, the number of root keys`;
    throw invalid('the root threshold cannot be met', '/root/threshold', expected, root.threshold);
  }
  for (const [position, { keyid }] of revocations.entries()) {
    if (keys.has(keyid)) {
      const at = `/revocations/${position}/keyid`;
      throw invalid('a root key of this very document is revoked', at, 'a key that is no root', keyid);
    }
  }
  return { threshold: root.threshold, keys };
}

function decodeSigners({ signers }: AuthorityPredicate, roots: Roots): Map<string, Signer> {
  const decoded = new Map<string, Signer>();
  for (const [position, { name, organisation, publicKey: text, roles, sources }] of signers.entries()) {
    const at = `/signers/${position}`;
    const { keyid, publicKey } = decodeKey(text, `${at}/publicKey`);
    if (decoded.has(keyid)) {
      throw invalid('one key under two signers', `${at}/publicKey`, 'a key of its own for each signer', text);
    }
    if (roots.keys.has(keyid)) {
      throw invalid('a root key that is also a signer', `${at}/publicKey`, 'a key that is no root', text);
    }
    decoded.set(keyid, { keyid, publicKey, name, organisation, roles, sources });
  }
  return decoded;
}

function decodeRules({ rules }: AuthorityPredicate): Map<string, readonly (readonly string[])[]> {
  const decoded = new Map<string, readonly (readonly string[])[]>();
  for (const [position, { predicateType, anyOf }] of rules.entries()) {
    const at = `/rules/${position}`;
    if (predicateType === predicateTypes.authority) {
      const expected = 'no rule: the roots alone sign authority documents';
      throw invalid('a rule for authority documents', `${at}/predicateType`, expected, predicateType);
    }
    if (decoded.has(predicateType)) {
      const expected = 'one rule for each predicate type';
      throw invalid('two rules for one predicate type', `${at}/predicateType`, expected, predicateType);
    }
    requireDistinctAlternatives(anyOf, `${at}/anyOf`);
    decoded.set(predicateType, anyOf);
  }
  return decoded;
}

/** With two promises for one stream, a monitor could not say which was broken. */
function requireOnePromise({ promises = [] }: AuthorityPredicate): void {
  const sources = promises.map(({ source }) => source);
  for (const [position, source] of sources.entries()) {
    if (sources.indexOf(source) === position) continue;
    const at = `/promises/${position}/source`;
    throw invalid('two promises for one stream', at, 'one promise for each stream', source);
  }
}

/** Two spellings of one alternative are a slip: one of them was meant to ask for something else. */
function requireDistinctAlternatives(anyOf: readonly (readonly string[])[], at: string): void {
  const seen = new Set<string>();
  for (const [position, alternative] of anyOf.entries()) {
    const roles = alternative.toSorted().join(' + ');
    if (seen.has(roles)) {
      const message = 'two alternatives that ask for the same roles';
      throw invalid(message, `${at}/${position}`, 'different roles', roles);
    }
    seen.add(roles);
  }
}

/**
 * Requires that exactly those sign who must: the threshold of every given set
 * of roots (the document's own, and its predecessor's where there is one), by
 * keys of these sets only, and none whose removal would still leave every
 * threshold met. Returns keyid → public key of the signers, for
 * `verifySignatures`; nothing is verified here.
 *
 * Throws `unknown-signer`, `missing-role` (role `root`) or `superfluous-signature`.
 */
export function requireRoots(
  keyids: readonly string[],
  sets: readonly RootQuorum[],
): ReadonlyMap<string, Uint8Array> {
  const keys = new Map<string, Uint8Array>();
  for (const [position, keyid] of keyids.entries()) {
    const publicKey = sets.map(({ roots }) => roots.keys.get(keyid)).find((key) => key !== undefined);
    if (publicKey === undefined) {
      throw new LedgerError('unknown-signer', 'signed by a key that is no root', {
        expected: 'root keys only',
        got: keyid,
        at: `/signatures/${position}`,
        facts: { keyid },
      });
    }
    keys.set(keyid, publicKey);
  }

  const spare = sets.map(({ whose, roots }) => {
    const count = keyids.filter((keyid) => roots.keys.has(keyid)).length;
    if (count < roots.threshold) {
      throw new LedgerError('missing-role', `too few of the ${whose} root keys signed`, {
        expected: `${roots.threshold} signatures by the ${whose} root keys`,
        got: String(count),
        facts: { role: 'root', roots: whose },
      });
    }
    return count > roots.threshold;
  });
  for (const [position, keyid] of keyids.entries()) {
    if (sets.every(({ roots }, set) => spare[set] === true || !roots.keys.has(keyid))) {
      throw new LedgerError('superfluous-signature', 'a root signature that no threshold needs', {
        expected: 'as many signatures as the thresholds ask for',
        got: `${keyids.length} signatures`,
        at: `/signatures/${position}`,
        facts: { keyid },
      });
    }
  }
  return keys;
}

/** How many signatures each set still lacks, when these keys have signed. */
export function missingRoots(
  keyids: readonly string[],
  sets: readonly RootQuorum[],
): readonly (RootQuorum & { readonly missing: number })[] {
  return sets.map(({ whose, roots }) => {
    const count = keyids.filter((keyid) => roots.keys.has(keyid)).length;
    return { whose, roots, missing: Math.max(0, roots.threshold - count) };
  });
}
