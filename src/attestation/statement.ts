/**
 * A leaf, decoded: its envelope, and in it an in-toto Statement v1 whose
 * predicate is of one of the attested types.
 *
 *     {"_type":"https://in-toto.io/Statement/v1",
 *      "predicate":{…},"predicateType":"urn:isal:predicate:data-access:v1",
 *      "subject":[{"digest":{"sha256":"9f2c…"}}]}
 *
 * Decoding says that a leaf is well-formed, not that anybody was allowed to
 * record it, nor that a signature holds: that is the authority's part.
 */
import { fromHex, toHex, utf8 } from '../bytes.ts';
import { LedgerError, excerpt } from '../errors.ts';
import { hashLeaf, sha256 } from '#sha256';
import { canonicalize, parseCanonical } from './canonical.ts';
import type { JsonValue } from './canonical.ts';
import type { Envelope } from './envelope.ts';
import { maxLeafBytes, pae, parseEnvelope } from './envelope.ts';
import { validateSchema } from './schema.ts';
import type {
  ArtifactDigest,
  AttestationType,
  DataAccessPredicate,
  StatementOf,
  Subject,
  Supervision,
} from './types.ts';
import { attestationTypes, predicateTypes, typeOfPredicate } from './types.ts';

/** SLSA's own parts nest a little; nothing honest nests further. */
export const maxPayloadDepth = 24;

export interface DecodedEnvelope {
  /** The canonical bytes of the envelope. */
  readonly leaf: Uint8Array;
  /** RFC 6962 leaf hash, 32 bytes. */
  readonly leafHash: Uint8Array;
  readonly envelope: Envelope;
}

/** One digest by which an attestation is found. */
export interface SubjectDigest {
  readonly alg: 'sha256' | 'sha512';
  readonly hex: string;
}

export interface AttestationOf<T extends AttestationType> extends DecodedEnvelope {
  readonly type: T;
  readonly statement: StatementOf<T>;
  /** SHA-256 of what the signatures are made over: the same content under other signatures has the same. */
  readonly payloadHash: Uint8Array;
  /** Absent from an authority document, which brings its own roots. */
  readonly supervision?: Supervision;
  /** Every digest of every subject, distinct, in the order of the statement. */
  readonly subjects: readonly SubjectDigest[];
  /** Product of a build. */
  readonly product?: string;
  /** Family of a database update. */
  readonly family?: string;
  /** Version of a build, a database or an authority document. */
  readonly version?: string;
}

/** A decoded leaf; `type` tells the statement's predicate. */
export type Attestation = { [T in AttestationType]: AttestationOf<T> }[AttestationType];

/** The cheap part: the envelope and the leaf hash. Throws what `parseEnvelope` throws. */
export function decodeEnvelope(leaf: Uint8Array): DecodedEnvelope {
  const envelope = parseEnvelope(leaf);
  return { leaf, leafHash: hashLeaf(leaf), envelope };
}

/**
 * The statement in an envelope. Throws what `parseCanonical` throws (with
 * `payload-not-canonical`), `unknown-type`, `schema-violation` with `at`
 * pointing at the field, `subject-mismatch`.
 */
export function decodeAttestation(decoded: DecodedEnvelope): Attestation {
  const { payload, payloadType } = decoded.envelope;
  const { type, statement } = decodeStatement(payload);
  const shared = {
    ...decoded,
    payloadHash: sha256(pae(payloadType, payload)),
    subjects: digestsOf(statement.subject),
  };
  if (type === 'authority') {
    return { ...shared, type, statement, version: String(statement.predicate.version) };
  }
  if (type === 'build') {
    const supervision = statement.predicate.isal_supervision;
    const { product, version } = supervision;
    return { ...shared, type, statement, supervision, product, version };
  }
  if (type === 'database-update') {
    const { family, version } = statement.predicate;
    return { ...shared, type, statement, supervision: statement.predicate, family, version };
  }
  return { ...shared, type, statement, supervision: statement.predicate };
}

/** A statement that has passed its schemas and its subject rule, with its type. */
export type TypedStatement = {
  [T in AttestationType]: { readonly type: T; readonly statement: StatementOf<T> };
}[AttestationType];

/** The canonical payload of a statement, ready to be signed. Throws `lone-surrogate`, `unsafe-number`. */
export function encodeStatement(statement: object): Uint8Array {
  // Interfaces have no index signature, so the compiler does not see that a statement is a JSON value.
  return utf8(canonicalize(statement as JsonValue));
}

/** The statement in a payload, before anybody signed it; throws as `decodeAttestation` does. */
export function decodeStatement(payload: Uint8Array): TypedStatement {
  const statement: unknown = parseCanonical(payload, {
    maxBytes: maxLeafBytes,
    maxDepth: maxPayloadDepth,
    code: 'payload-not-canonical',
  });
  validateSchema('statement', statement);
  const type = typeOfPredicate(statement.predicateType);
  if (type === undefined) {
    throw new LedgerError('unknown-type', 'a predicate type that this ledger does not record', {
      expected: attestationTypes.map((known) => predicateTypes[known]).join(', '),
      got: excerpt(statement.predicateType),
      at: '/predicateType',
    });
  }
  validateSchema(type, statement.predicate, '/predicate');
  // The predicate has just been checked to be the one that its type names, which the compiler cannot follow.
  const typed = { type, statement } as unknown as TypedStatement;
  checkSubject(typed);
  return typed;
}

function checkSubject(typed: TypedStatement): void {
  const { subject } = typed.statement;
  switch (typed.type) {
    case 'authority':
      return requireOnly(subject, sha256(utf8(typed.statement.predicate.origin)), 'SHA-256 of the origin');
    case 'build':
      return;
    case 'database-update': {
      const { result } = typed.statement.predicate;
      if (subject.some(({ digest }) => sameDigests(digest, result))) return;
      throw new LedgerError('subject-mismatch', 'no subject has the digests of the resulting state', {
        expected: 'a subject with exactly the digests of /predicate/result',
        at: '/subject',
      });
    }
    case 'data-access':
      requireOrder(typed.statement.predicate);
      return requireOnly(
        subject,
        sha256(fromHex(typed.statement.predicate.eventId)),
        'SHA-256 over the 32 bytes of the event id',
      );
  }
}

/** One subject with nothing but this SHA-256: a name beside it could say what the digest does not. */
function requireOnly(subject: readonly Subject[], digest: Uint8Array, what: string): void {
  const [only] = subject;
  const expected = toHex(digest);
  if (
    subject.length === 1 &&
    only !== undefined &&
    Object.keys(only).length === 1 &&
    sameDigests(only.digest, { sha256: expected })
  ) {
    return;
  }
  throw new LedgerError('subject-mismatch', `the subject is not the ${what} alone`, {
    expected: `one subject with only the digest sha256 ${expected}`,
    got: excerpt(only?.digest.sha256 ?? 'no sha256'),
    at: subject.length === 1 ? '/subject/0' : '/subject',
  });
}

function sameDigests(a: ArtifactDigest, b: ArtifactDigest): boolean {
  return a.sha256 === b.sha256 && a.sha512 === b.sha512;
}

/** Order could tell apart a decoy from a commitment, or one customer from another; so it is fixed. */
function requireOrder(predicate: DataAccessPredicate): void {
  const lists: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['/predicate/actor/_sd', predicate.actor._sd],
    ['/predicate/reason/_sd', predicate.reason._sd],
    ['/predicate/approval/_sd', predicate.approval._sd],
    ['/predicate/customerTags', predicate.customerTags],
  ];
  for (const [at, list = []] of lists) {
    const i = list.findIndex((item, index) => index > 0 && item < (list[index - 1] ?? ''));
    if (i < 0) continue;
    throw new LedgerError('schema-violation', 'a list is not in ascending order', {
      expected: 'ascending order',
      at: `${at}/${i}`,
    });
  }
}

function digestsOf(subject: readonly Subject[]): SubjectDigest[] {
  const digests = new Map<string, SubjectDigest>();
  for (const { digest } of subject) {
    for (const alg of ['sha256', 'sha512'] as const) {
      const hex = digest[alg];
      if (hex !== undefined) digests.set(`${alg}:${hex}`, { alg, hex });
    }
  }
  return [...digests.values()];
}
