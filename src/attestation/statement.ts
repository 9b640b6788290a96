/**
 * A leaf, decoded: its envelope, and in it an in-toto Statement v1 whose
 * predicate is of one of the attested types.
 *
 *     {"_type":"https://in-toto.io/Statement/v1",
 *      "predicate":{…},"predicateType":"urn:isal:predicate:data-access:v1",
 *      "subject":[{"digest":{"sha256":"9f2c…"}}]}
 *
 * Decoding says that a leaf is well-formed, not that its signers were allowed to
 * record it, nor that a signature holds: that is the authority's part.
 */
import { utf8 } from '../bytes.ts';
import { defined } from '../defined.ts';
import { LedgerError, lengthOf } from '../errors.ts';
import { hashLeaf, sha256 } from '#sha256';
import { canonicalize, parseCanonical } from './canonical.ts';
import type { JsonValue } from './canonical.ts';
import { digestName, namedDigests } from './digests.ts';
import type { NamedDigest } from './digests.ts';
import type { Envelope } from './envelope.ts';
import { maxLeafBytes, pae, parseEnvelope } from './envelope.ts';
import { checkStatement, namesOf, refsOf, supervisionOf } from './kinds/index.ts';
import type { Names } from './kinds/index.ts';
import { validateSchema } from './schema.ts';
import type { AttestationType, StatementOf, Subject, Supervision, TypedStatement } from './types.ts';
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

/** What it is called, `product`, `family` and `version`, stands beside. */
export interface AttestationOf<T extends AttestationType> extends DecodedEnvelope, Names {
  readonly type: T;
  readonly statement: StatementOf<T>;
  /** SHA-256 of what the signatures are made over: the same content under other signatures has the same. */
  readonly payloadHash: Uint8Array;
  /** Absent from an authority document, which brings its own roots. */
  readonly supervision?: Supervision;
  /** Every digest of every subject, distinct, in the order of the statement. */
  readonly subjects: readonly NamedDigest[];
  /** Leaf hashes of the entries that it refers to, lowercase hex, distinct. */
  readonly refs: readonly string[];
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
  const typed = decodeStatement(payload);
  return {
    ...decoded,
    ...typed,
    payloadHash: sha256(pae(payloadType, payload)),
    subjects: digestsOf(typed.statement.subject),
    refs: refsOf(typed),
    ...defined({ supervision: supervisionOf(typed)?.value }),
    ...namesOf(typed),
  };
}

/** The canonical payload of a statement, ready to be signed. Throws `lone-surrogate`, `unsafe-number`. */
export function encodeStatement(statement: object): Uint8Array {
  // Interfaces have no index signature, so the compiler does not see that a statement is a JSON value.
  return utf8(canonicalize(statement as JsonValue));
}

/** The statement in a payload, before it is signed; throws as `decodeAttestation` does. */
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
      got: `another type, of ${lengthOf(statement.predicateType)}`,
      at: '/predicateType',
    });
  }
  validateSchema(type, statement.predicate, '/predicate');
  // The predicate has just been checked to be the one that its type names, which the compiler cannot follow.
  const typed = { type, statement } as unknown as TypedStatement;
  checkStatement(typed);
  return typed;
}

function digestsOf(subject: readonly Subject[]): NamedDigest[] {
  const all = subject.flatMap(({ digest }) => namedDigests(digest));
  return [...new Map(all.map((digest) => [digestName(digest), digest])).values()];
}
