/** Rules for the subject of a statement. */
import { identicalDigests } from '../../digests.ts';
import { toHex, utf8 } from '../../../bytes.ts';
import { LedgerError } from '../../../errors.ts';
import { sha256 } from '#sha256';
import type { ArtifactDigest, Seal, Subject } from '../../types.ts';

export interface SubjectRule<P> {
  /** What the subject is, as docs/format.md says it. */
  readonly words: string;
  /** Throws `subject-mismatch`, with `at`. */
  readonly check: (subject: readonly Subject[], predicate: P) => void;
}

/** The artefacts that the statement is about, whatever they are. */
export const artefacts: SubjectRule<unknown> = {
  words: 'the artefacts, by SHA-256 and/or SHA-512',
  check: () => {},
};

/** One subject with exactly the digests of a field of the predicate, `snapshot.digest` for example. */
export function withDigestsOf<P>(field: string, digestOf: (predicate: P) => ArtifactDigest): SubjectRule<P> {
  return {
    words: `one with exactly the digests of \`${field}\``,
    check: (subject, predicate) => {
      const digest = digestOf(predicate);
      if (subject.some((one) => identicalDigests(one.digest, digest))) return;
      throw new LedgerError('subject-mismatch', 'no subject has the digests that the statement is about', {
        expected: `a subject with exactly the digests of /predicate/${field.replaceAll('.', '/')}`,
        at: '/subject',
      });
    },
  };
}

/** One subject with nothing but this SHA-256: a name beside it could say what the digest does not. */
export function alone<P>(what: string, digestOf: (predicate: P) => string): SubjectRule<P> {
  return {
    words: `${what}, alone`,
    check: (subject, predicate) => {
      const expected = digestOf(predicate);
      const [only] = subject;
      if (
        subject.length === 1 &&
        only !== undefined &&
        Object.keys(only).length === 1 &&
        identicalDigests(only.digest, { sha256: expected })
      ) {
        return;
      }
      throw new LedgerError('subject-mismatch', `the subject is not the ${what} alone`, {
        expected: `one subject with only the digest sha256 ${expected}`,
        got: only?.digest.sha256 ?? 'no sha256',
        at: subject.length === 1 ? '/subject/0' : '/subject',
      });
    },
  };
}

/** For what is said of a ledger as a whole. */
export function ofOrigin<P>(originOf: (predicate: P) => string): SubjectRule<P> {
  return alone('SHA-256 of the origin', (predicate) => originDigest(originOf(predicate)));
}

/** SHA-256 of an origin, in hex. */
export function originDigest(origin: string): string {
  return toHex(sha256(utf8(origin)));
}

/** A seal over something that the statement is not about would look like one over what it is about. */
export function requireSealsOf(subject: readonly Subject[], seals: readonly Seal[], pointer: string): void {
  const stray = seals.findIndex(
    (seal) => !subject.some(({ digest }) => identicalDigests(digest, seal.subject)),
  );
  if (stray < 0) return;
  throw new LedgerError('subject-mismatch', 'a seal is over an artefact that is no subject', {
    expected: 'exactly the digests of one of the subjects',
    at: `${pointer}/${stray}/subject`,
  });
}
