/**
 * Certificate revocation lists (RFC 5280, section 5), and what they say of a
 * certificate at a time that has passed.
 *
 * A list always counts against a certificate. For it, it counts only if it was
 * made at or after the time in question and before the certificate expired,
 * since expired ones are dropped from lists.
 */
import { Enumerated, GeneralizedTime, Sequence } from 'asn1js';
import { CertificateRevocationList, IssuingDistributionPoint, RevokedCertificate } from 'pkijs';
import { defined } from '../defined.ts';
import { equal } from '../bytes.ts';
import { verifySignature } from './algorithm.ts';
import type { Work } from './algorithm.ts';
import { contentOf, listExtensions } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { inside, malformed, requireDer } from './der.ts';
import { bytesOf, read, readBlock } from './library.ts';
import { maxCrlValues } from './pinned.ts';
import type { Encoded } from './pinned.ts';

const reasonCode = '2.5.29.21';
const invalidityDate = '2.5.29.24';

export interface Revocation {
  /** Milliseconds: the revocation, or the earlier moment from which the key is said to be bad. */
  readonly from: number;
  /** CRLReason, if one is given. */
  readonly reason?: number;
}

export interface Crl extends Encoded {
  /** Without what is revoked. */
  readonly list: CertificateRevocationList;
  /** What the issuer has signed. */
  readonly signed: Uint8Array;
  /** DER of the name. */
  readonly issuer: Uint8Array;
  /** Milliseconds. */
  readonly thisUpdate: number;
  /** DER of each revocation. */
  readonly revoked: readonly Uint8Array[];
  /** Whether it covers only some of its issuer's certificates, so that not standing on it says nothing. */
  readonly partial: boolean;
}

const isTime = (value: Uint8Array | undefined): boolean => value?.[0] === 0x17 || value?.[0] === 0x18;

/**
 * Throws `malformed-seal`, also for a list with a critical extension that is not
 * known here. The library would take seconds and gigabytes over a list of some
 * megabytes, so it gets the list without its entries, and each entry by itself.
 */
export function readList(der: Uint8Array): Crl {
  requireDer(der, maxCrlValues);
  const [signed = der, ...rest] = inside(der);
  const members = inside(signed);
  const at = members.findIndex((value, i) => value[0] === 0x30 && isTime(members[i - 1]));
  const entries = at < 0 ? [] : members.splice(at, 1);
  const sequence = (...values: Uint8Array[]): Uint8Array =>
    bytesOf(new Sequence({ value: values.map((value) => readBlock(value)) }));
  const list = read(CertificateRevocationList, sequence(sequence(...members), ...rest), 'a revocation list');
  if (list.version !== 0 && list.version !== 1) {
    throw malformed('a revocation list of an unknown version');
  }
  if (!equal(bytesOf(list.signature.toSchema()), bytesOf(list.signatureAlgorithm.toSchema()))) {
    throw malformed('a revocation list names two signature algorithms');
  }
  let partial = false;
  for (const { extnID, critical, parsedValue } of listExtensions(list.crlExtensions?.extensions)) {
    if (parsedValue instanceof IssuingDistributionPoint && !('parsingError' in parsedValue)) {
      partial = true;
      if (!parsedValue.indirectCRL) continue;
    }
    if (critical)
      throw malformed('a revocation list with a critical extension', 'none that is unknown here', extnID);
  }
  const issuer = new Uint8Array(list.issuer.valueBeforeDecode);
  const revoked = entries.flatMap(inside);
  return { der, list, signed, issuer, thisUpdate: list.thisUpdate.value.getTime(), revoked, partial };
}

function readRevocation(der: Uint8Array): Revocation {
  const { revocationDate, crlEntryExtensions } = read(RevokedCertificate, der, 'a revocation');
  let from = revocationDate.value.getTime();
  let reason: number | undefined;
  for (const extension of listExtensions(crlEntryExtensions?.extensions)) {
    const { extnID, critical } = extension;
    if (extnID === reasonCode || extnID === invalidityDate) {
      const value = readBlock(contentOf(extension));
      if (extnID === reasonCode && value instanceof Enumerated) reason = value.valueBlock.valueDec;
      else if (value instanceof GeneralizedTime) from = Math.min(from, value.toDate().getTime());
      else throw malformed('a revocation whose reason or date is of another kind');
    } else if (critical) {
      throw malformed('a revocation with a critical extension', 'none that is unknown here', extnID);
    }
  }
  return { from, ...defined({ reason }) };
}

export interface Standing {
  /** The first revocation of the certificate that the lists name. */
  readonly revocation?: Revocation;
  /** Whether a list that counts for it was shown: made in time, and whole. */
  readonly covered: boolean;
}

/** What lists say of a certificate at a time, in milliseconds. Lists that are not its issuer's are ignored. */
export async function standingOf(
  { certificate, issuer, time }: { certificate: Certificate; issuer: Certificate; time: number },
  crls: readonly Crl[],
  work: Work,
): Promise<Standing> {
  let revocation: Revocation | undefined;
  let covered = false;
  for (const { list, signed: data, issuer: name, revoked, thisUpdate, partial } of crls) {
    if (!equal(name, certificate.issuer.der)) continue;
    if (issuer.extensions.keyUsage?.crlSign === false) continue;
    const { signatureAlgorithm: algorithm, signatureValue: signature } = list;
    if (!(await verifySignature({ key: issuer.key(), algorithm, signature, data }, work))) continue;
    for (const entry of revoked) {
      if (!equal(inside(entry)[0] ?? entry, certificate.serial)) continue;
      const one = readRevocation(entry);
      if (revocation === undefined || one.from < revocation.from) revocation = one;
    }
    covered ||= !partial && thisUpdate >= time && thisUpdate <= certificate.notAfter;
  }
  return { ...defined({ revocation }), covered };
}
