/**
 * Admission: submitted bytes in, a candidate for the next leaf out, or a coded
 * refusal. Pure over the bytes and the authority document in force, which never
 * changes, so that any number run in parallel and none holds a lock.
 *
 * In this order, the cheap before the dear:
 *
 *   1. size                     too-large
 *   2. canonical envelope       envelope-not-canonical, bad-base64, …
 *   3. look-up by leaf hash     already there: known, also under another authority
 *   4. canonical payload        payload-not-canonical, lone-surrogate, …
 *   5. type, schema, subject    unknown-type, schema-violation, subject-mismatch
 *      what can be seen         schema-violation; authority-invalid for a document whose names look alike
 *   6. target of a correction   unknown-target: it must be recorded, not merely on its way
 *   7. origin and authority     wrong-origin, authority-superseded
 *   8. keys, source, roles      unknown-signer, key-not-in-force, source-not-allowed, missing-role, …
 *      organisations            same-organisation, also where two merely look alike
 *   9. signatures               bad-signature
 *
 * Another document may be in force by the time the candidate is sequenced, so
 * the sequencer asks `reauthorise` again with the index that the leaf will take.
 */
import type { AuthoritySnapshot, VerifySignatureMaybeAsync } from '../attestation/authority.ts';
import { verifySignaturesAsync } from '../attestation/authority.ts';
import { type Attestation, decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import { fromHex } from '../bytes.ts';
import { keyidsOn, targetOf, unknownTarget } from '../attestation/correction.ts';
import { requireOrganisationsApart, requireTellable } from './names.ts';
import type { Hash } from '../tlog/hash.ts';

export interface AdmissionContext {
  /** In force when admission begins. */
  readonly authority: AuthoritySnapshot;
  /** The index of the recorded leaf with this hash and, byte for byte, these bytes. */
  lookup(leafHash: Hash, leaf: Uint8Array): Promise<number | undefined>;
  /** The recorded leaf with this hash. */
  leafOf(leafHash: Hash): Promise<Uint8Array | undefined>;
  /** The Ed25519 rule; may hand the work to other threads. */
  readonly verify: VerifySignatureMaybeAsync;
}

/** An attestation that may be recorded as long as the authority document that it was admitted under is in force. */
export interface Candidate {
  readonly attestation: Attestation;
  /** Leaf hash of that document, lowercase hex. */
  readonly admittedUnder: string;
  /** The keyids on the leaf that a correction names; undefined for every other entry. */
  readonly target: ReadonlySet<string> | undefined;
}

/** A leaf that is recorded already, at index `known`, or a candidate. */
export type Admitted = { readonly leafHash: Hash } & (
  { readonly known: number } | { readonly candidate: Candidate }
);

/** Admits the bytes of one leaf. Throws the first refusal in the order above. */
export async function admit(leaf: Uint8Array, context: AdmissionContext): Promise<Admitted> {
  const { authority } = context;
  const decoded = decodeEnvelope(leaf);
  const { leafHash } = decoded;
  const known = await context.lookup(leafHash, leaf);
  if (known !== undefined) return { leafHash, known };
  const attestation = decodeAttestation(decoded);
  requireTellable(attestation.envelope.payload, attestation);
  const target = await signersOfTarget(attestation, context);
  const { keys, signers } = authority.authorise(attestation, { target });
  requireOrganisationsApart(signers);
  await verifySignaturesAsync(attestation, keys, context.verify);
  return { leafHash, candidate: { attestation, admittedUnder: authority.leafHash, target } };
}

/** What is recorded stays recorded below any index that the correction gets, so the sequencer need not ask again. */
async function signersOfTarget(
  attestation: Attestation,
  context: AdmissionContext,
): Promise<ReadonlySet<string> | undefined> {
  const target = targetOf(attestation);
  if (target === undefined) return undefined;
  const leaf = await context.leafOf(fromHex(target, 32));
  if (leaf === undefined) throw unknownTarget();
  return keyidsOn(leaf);
}

/**
 * Requires that a candidate may still be recorded, at leaf `index`, under the
 * authority in force now. The sequencer calls it for every candidate: also
 * under an unchanged document, a revocation set for a later leaf can have come
 * into effect. Throws as `authorise`; verifies no signature again, because a
 * keyid is the hash of its key and no document can put another key behind it.
 * An authority document admitted under another one never passes, since it names
 * its predecessor.
 */
export function reauthorise(
  candidate: Candidate,
  authority: AuthoritySnapshot,
  { index }: { index: number },
): void {
  const { attestation, admittedUnder, target } = candidate;
  if (admittedUnder === authority.leafHash) authority.requireInForce(attestation, { index });
  else requireOrganisationsApart(authority.authorise(attestation, { index, target }).signers);
}
