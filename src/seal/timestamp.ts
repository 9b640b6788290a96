/**
 * RFC 3161 time-stamp tokens: a CMS message whose content says that a hash
 * existed at a time, signed by a time-stamping authority.
 *
 *     TSTInfo { version 1, policy, { hash algorithm, hash }, serial number, time,
 *               accuracy, ordering, nonce, [0] name of the authority, [1] extensions }
 */
import { equal } from '../bytes.ts';
import { digest, hashOf, invalid, readAlgorithm } from './algorithm.ts';
import type { HashName, Work } from './algorithm.ts';
import { listExtensions } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { idTstInfo, readSignedMessage, verifySigner } from './cms.ts';
import type { SignedMessage } from './cms.ts';
import {
  Members,
  context,
  malformed,
  parts,
  readBoolean,
  readDer,
  readIntegerBytes,
  readOid,
  readSmall,
  readTime,
  tags,
} from './der.ts';
import type { Purpose } from './path.ts';
import { requirePurpose } from './path.ts';

export interface Timestamp {
  /** Milliseconds. */
  readonly time: number;
  /** The time-stamping unit's certificate; not shown to lead anywhere yet. */
  readonly authority: Certificate;
  readonly message: SignedMessage;
}

/**
 * For these reasons a time-stamping unit's tokens from before its revocation
 * stand; for any other, and for none, all of them fall (RFC 3161, section 4).
 */
const benign: ReadonlySet<number> = new Set([0, 3, 4, 5]);

export const timestamping: Purpose = {
  what: 'time-stamp',
  purposes: ['1.3.6.1.5.5.7.3.8'],
  alone: true,
  reachesBack: (reason) => reason === undefined || !benign.has(reason),
};

interface TstInfo {
  readonly hash: HashName;
  readonly imprint: Uint8Array;
  readonly time: number;
  /** DER of the name that the token gives its authority. */
  readonly authority?: Uint8Array;
}

/**
 * A token over one of these texts, whose signature verifies. Whether its
 * authority leads to an anchor is not looked at. Throws `malformed-seal`,
 * `seal-invalid`.
 */
export async function verifyTimestamp(
  token: Uint8Array,
  {
    over,
    known,
    work,
  }: {
    /** What the hash in the token may be of. */
    readonly over: readonly Uint8Array[];
    readonly known: readonly Certificate[];
    readonly work: Work;
  },
): Promise<Timestamp> {
  const message = readSignedMessage(token);
  const { contentType, content, hash, messageDigest } = message;
  if (contentType !== idTstInfo || content === undefined) {
    throw malformed('not a time-stamp', `content of type ${idTstInfo}`, contentType);
  }
  const info = readTstInfo(content);
  const imprints = await Promise.all(over.map((text) => digest(info.hash, text)));
  if (!imprints.some((imprint) => equal(imprint, info.imprint))) {
    throw invalid('the time-stamp is over something else', 'the hash of the seal or of its signature');
  }
  if (!equal(await digest(hash, content), messageDigest)) {
    throw invalid('the time-stamp’s signature is over another content');
  }
  const authority = await verifySigner(message, { known, work, mustNameCertificate: true });
  requirePurpose(authority, timestamping);
  const { subject, extensions } = authority;
  const named = info.authority;
  if (
    named !== undefined &&
    ![subject.der, ...extensions.alternativeNames].some((name) => equal(name, named))
  ) {
    throw invalid('the time-stamp names another authority than its certificate');
  }
  return { time: info.time, authority, message };
}

function readTstInfo(bytes: Uint8Array): TstInfo {
  const members = new Members(readDer(bytes), 'a time-stamp');
  const version = readSmall(members.next(tags.integer));
  if (version !== 1) throw malformed('a time-stamp of an unknown version', '1', `${version}`);
  readOid(members.next(tags.oid));
  const messageImprint = new Members(members.next(tags.sequence), 'a message imprint');
  const hash = hashOf(readAlgorithm(messageImprint.next(tags.sequence)));
  const imprint = messageImprint.next(tags.octetString).content;
  messageImprint.done();
  readIntegerBytes(members.next(tags.integer));
  const time = readTime(members.next(tags.generalizedTime), { decimals: true });
  members.optional(tags.sequence);
  const ordering = members.optional(tags.boolean);
  if (ordering !== undefined) readBoolean(ordering);
  members.optional(tags.integer);
  const name = members.optional(context(0));
  const extensions = listExtensions(wrap(members.optional(context(1))));
  members.done();
  const critical = extensions.find((extension) => extension.critical);
  if (critical !== undefined)
    throw malformed('a time-stamp with a critical extension', undefined, critical.id);
  // [0] around a GeneralName; one that is a directoryName is [4] around the name.
  const [general] = name === undefined ? [] : parts(name);
  const authority = general?.tag === context(4) ? general.content : undefined;
  return { hash, imprint, time, ...(authority === undefined ? {} : { authority }) };
}

/** The extensions of a TSTInfo stand directly in `[1]`, not in a SEQUENCE inside it. */
function wrap(value: ReturnType<Members['optional']>): ReturnType<Members['optional']> {
  return value === undefined ? undefined : { ...value, content: asSequence(value.bytes) };
}

function asSequence(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[0] = tags.sequence;
  return copy;
}

/**
 * The token in a TimeStampResp, which is what a time-stamping service answers
 * and `openssl ts -reply` writes; a token is returned as it is. Throws
 * `malformed-seal` for anything else, also for an answer that is a refusal.
 */
export function tokenOf(bytes: Uint8Array): Uint8Array {
  const value = readDer(bytes);
  const members = new Members(value, 'a time-stamp response');
  const first = members.any();
  if (first.tag === tags.oid) return bytes;
  if (first.tag !== tags.sequence) throw malformed('neither a time-stamp nor a response with one');
  const [status] = parts(first);
  const granted = status === undefined ? undefined : readSmall(status);
  if (granted !== 0 && granted !== 1) {
    throw malformed(
      'the time-stamping authority has refused',
      'status 0 or 1',
      `status ${granted ?? 'missing'}`,
    );
  }
  const token = members.next(tags.sequence);
  members.done();
  return token.bytes;
}
