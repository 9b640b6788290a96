/** The next authority document, from the one in force and the usual changes named on a command line. */
import { acceptablePublicKey } from '#ed25519';
import { predicateTypes, statementType } from '../../attestation/types.ts';
import type {
  AuthorityPredicate,
  AuthorityPromise,
  AuthorityRevocation,
  AuthoritySigner,
  Role,
  StatementOf,
} from '../../attestation/types.ts';
import { sha256 } from '#sha256';
import { fromBase64, toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { keyidOfText } from './changes.ts';
import { parseDuration } from '../terminal/duration.ts';

/** In the order in which they are made. */
export interface Changes {
  /** `NAME;ORGANISATION;ROLE,…;SOURCE,…;KEY`, the key in base64. */
  readonly addSigners: readonly string[];
  /** Keyids. */
  readonly removeSigners: readonly string[];
  /** Public keys in base64. */
  readonly addRoots: readonly string[];
  /** Keyids. */
  readonly removeRoots: readonly string[];
  readonly threshold?: number;
  readonly revocation?: AuthorityRevocation;
  /** `SOURCE;EVERY;GRACE` or `SOURCE;EVERY;GRACE;FROM`. */
  readonly addPromises: readonly string[];
  /** Sources. */
  readonly removePromises: readonly string[];
}

export interface Predecessor {
  readonly document: AuthorityPredicate;
  readonly leafHash: string;
}

/**
 * The statement of the document that follows: one version on, its predecessor
 * named, everything carried over, the changes made. Throws `usage` for a change
 * that cannot be made; whether the whole may succeed is for the authority in
 * force to say.
 */
export function successorStatement(
  { document, leafHash }: Predecessor,
  changes: Changes,
  occurredAt: string,
): StatementOf<'authority'> {
  const { promises: promised = [], ...next } = structuredClone(document);
  const promises = [
    ...without(promised, changes.removePromises, ({ source }) => source, 'promise'),
    ...changes.addPromises.map((text) => parsePromise(text, occurredAt)),
  ];
  const predicate: AuthorityPredicate = {
    ...next,
    version: document.version + 1,
    previous: leafHash,
    occurredAt,
    root: {
      threshold: changes.threshold ?? next.root.threshold,
      keys: [
        ...without(next.root.keys, changes.removeRoots, keyidOfText, 'root key'),
        ...changes.addRoots.map(publicKey),
      ],
    },
    signers: [
      ...without(next.signers, changes.removeSigners, ({ publicKey: key }) => keyidOfText(key), 'signer'),
      ...changes.addSigners.map(parseSigner),
    ],
    revocations: revoked(next.revocations, changes.revocation),
    ...(promises.length === 0 ? {} : { promises }),
  };
  return {
    _type: statementType,
    subject: [{ digest: { sha256: toHex(sha256(utf8(predicate.origin))) } }],
    predicateType: predicateTypes.authority,
    predicate,
  };
}

function refused(message: string, expected: string, got: string): LedgerError {
  return new LedgerError('usage', message, { expected, got });
}

function without<T>(list: readonly T[], ids: readonly string[], idOf: (one: T) => string, what: string): T[] {
  const known = list.map(idOf);
  for (const id of ids) {
    if (known.includes(id)) continue;
    throw refused(`there is no such ${what} to remove`, known.join('\n') || `no ${what}`, id);
  }
  return list.filter((one) => !ids.includes(idOf(one)));
}

/** A key that is already revoked is revoked anew: earlier, or more severely. */
function revoked(
  list: readonly AuthorityRevocation[],
  revocation: AuthorityRevocation | undefined,
): AuthorityRevocation[] {
  if (revocation === undefined) return [...list];
  const place = list.findIndex(({ keyid }) => keyid === revocation.keyid);
  return place === -1 ? [...list, revocation] : list.with(place, revocation);
}

function publicKey(text: string): string {
  try {
    if (acceptablePublicKey(fromBase64(text, 32))) return text;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
  }
  throw refused(
    'not an Ed25519 public key',
    '32 bytes in base64, of a key that the Ed25519 rule accepts',
    text,
  );
}

function parseSigner(text: string): AuthoritySigner {
  const parts = text.split(';').map((part) => part.trim());
  const [name = '', organisation = '', roles = '', sources = '', key = ''] = parts;
  if (parts.length !== 5) {
    throw refused('--add-signer has five parts', 'NAME;ORGANISATION;ROLE,…;SOURCE,…;KEY', text);
  }
  const list = (part: string): string[] => (part === '' ? [] : part.split(',').map((one) => one.trim()));
  // Names of roles are the schema's to know, which says where a wrong one stands.
  return {
    name,
    organisation,
    publicKey: publicKey(key),
    roles: list(roles) as Role[],
    sources: list(sources),
  };
}

function parsePromise(text: string, now: string): AuthorityPromise {
  const parts = text.split(';').map((part) => part.trim());
  const [source = '', every = '', grace = '', from = now] = parts;
  if (parts.length !== 3 && parts.length !== 4) {
    throw refused(
      '--add-promise has three parts, or four',
      'SOURCE;EVERY;GRACE or SOURCE;EVERY;GRACE;FROM',
      text,
    );
  }
  return { source, from, summaryEvery: parseDuration(every), grace: parseDuration(grace) };
}
