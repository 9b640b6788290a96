/**
 * Certificate revocation lists (RFC 5280, section 5), and what they say of a
 * certificate at a time that has passed.
 *
 *     SEQUENCE { tbsCertList { issuer, thisUpdate, revoked [{ serial, date, reason }] }, algorithm, signature }
 *
 * A list always counts against a certificate. For it, it counts only if it was
 * made at or after the time in question and before the certificate expired,
 * since expired ones are dropped from lists.
 */
import { equal } from '../bytes.ts';
import type { Algorithm } from './algorithm.ts';
import { readAlgorithm, sameAlgorithm, verifySignature } from './algorithm.ts';
import type { Work } from './algorithm.ts';
import { listExtensions } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import {
  Members,
  context,
  malformed,
  parts,
  readBitString,
  readDer,
  readIntegerBytes,
  readSmall,
  readTime,
  tags,
} from './der.ts';
import type { Der } from './der.ts';

export const maxCrlBytes: number = 4 << 20;
/** An entry has about six values and 35 bytes. */
const maxCrlValues = 1 << 20;

const ids = {
  issuingDistributionPoint: '2.5.29.28',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
} as const;

export interface Revocation {
  readonly serial: Uint8Array;
  /** Milliseconds: the revocation, or the earlier moment from which the key is said to be bad. */
  readonly from: number;
  /** CRLReason, if one is given. */
  readonly reason?: number;
}

export interface Crl {
  readonly signed: Uint8Array;
  readonly algorithm: Algorithm;
  readonly signature: Uint8Array;
  /** DER of the name. */
  readonly issuer: Uint8Array;
  /** Milliseconds. */
  readonly thisUpdate: number;
  readonly revoked: readonly Revocation[];
  /** Whether it covers only some of its issuer's certificates, so that not standing on it says nothing. */
  readonly partial: boolean;
}

/** Throws `malformed-seal`, also for a list with a critical extension that is not known here. */
export function readCrl(bytes: Uint8Array): Crl {
  if (bytes.length > maxCrlBytes) {
    throw malformed('too large for a revocation list', `at most ${maxCrlBytes} bytes`);
  }
  const outer = new Members(readDer(bytes, maxCrlValues), 'a revocation list');
  const signed = outer.next(tags.sequence);
  const outerAlgorithm = outer.next(tags.sequence);
  const signature = readBitString(outer.next(tags.bitString));
  outer.done();

  const members = new Members(signed, 'a revocation list');
  // Version 1 is written by leaving the version out.
  const version = members.optional(tags.integer);
  if (version !== undefined && readSmall(version) !== 1) {
    throw malformed('a revocation list of an unknown version');
  }
  const algorithm = members.next(tags.sequence);
  if (!sameAlgorithm(algorithm, outerAlgorithm)) {
    throw malformed('a revocation list names two signature algorithms');
  }
  const issuer = members.next(tags.sequence).bytes;
  const thisUpdate = readTime(members.any());
  if (members.optional(tags.utcTime) === undefined) members.optional(tags.generalizedTime);
  const list = members.optional(tags.sequence);
  const extensions = listExtensions(members.optional(context(0)));
  members.done();
  let partial = false;
  for (const { id, critical } of extensions) {
    // Part of the certificates, or of the reasons, or of another issuer's: which part does not matter, it may only convict.
    if (id === ids.issuingDistributionPoint) partial = true;
    else if (critical)
      throw malformed('a revocation list with a critical extension', 'none that is unknown here', id);
  }
  return {
    signed: signed.bytes,
    algorithm: readAlgorithm(algorithm),
    signature,
    issuer,
    thisUpdate,
    revoked: list === undefined ? [] : parts(list).map(readRevocation),
    partial,
  };
}

function readRevocation(value: Der): Revocation {
  const members = new Members(value, 'a revocation');
  const serial = readIntegerBytes(members.next(tags.integer));
  let from = readTime(members.any());
  const list = members.optional(tags.sequence);
  members.done();
  let reason: number | undefined;
  const extensions = list === undefined ? [] : listExtensions({ ...list, content: list.bytes });
  for (const { id, critical, content } of extensions) {
    if (id === ids.reasonCode) reason = readSmall(readDer(content), tags.enumerated);
    else if (id === ids.invalidityDate) from = Math.min(from, readTime(readDer(content)));
    else if (critical)
      throw malformed('a revocation with a critical extension', 'none that is unknown here', id);
  }
  return { serial, from, ...(reason === undefined ? {} : { reason }) };
}

export interface Standing {
  /** The first revocation of the certificate that the lists name. */
  readonly revocation?: Revocation;
  /** Whether a list that counts for it was shown: made in time, and whole. */
  readonly covered: boolean;
}

/** What lists say of a certificate at a time, in milliseconds. Lists that are not its issuer's are passed over. */
export async function standingOf(
  { certificate, issuer, time }: { certificate: Certificate; issuer: Certificate; time: number },
  crls: readonly Crl[],
  work: Work,
): Promise<Standing> {
  let revocation: Revocation | undefined;
  let covered = false;
  for (const crl of crls) {
    if (!equal(crl.issuer, certificate.issuer.der)) continue;
    if (issuer.extensions.keyUsage?.crlSign === false) continue;
    const { signed: data, algorithm, signature } = crl;
    if (!(await verifySignature({ key: issuer.key(), algorithm, signature, data }, work))) continue;
    for (const one of crl.revoked) {
      if (!equal(one.serial, certificate.serial)) continue;
      if (revocation === undefined || one.from < revocation.from) revocation = one;
    }
    covered ||= !crl.partial && crl.thisUpdate >= time && crl.thisUpdate <= certificate.notAfter;
  }
  return { ...(revocation === undefined ? {} : { revocation }), covered };
}
