/**
 * Which entries are about a file: those with a subject of which one digest is
 * the file's. Every other digest of that subject that this verifier can
 * compute must be the file's too: one algorithm may be broken one day, and the
 * other then still tells the files apart.
 */
import { LedgerError } from '../../errors.ts';
import { sharedDigests } from '../../attestation/digests.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { Entry } from '../authorising/walk.ts';

/** Lowercase hex; at least one. */
export interface Digests {
  readonly sha256?: string;
  readonly sha512?: string;
}

/** The types whose subjects are artefacts; the subjects of others only look like the digest of a file. */
const artefactTypes: ReadonlySet<string> = new Set(['build', 'database-update']);

/**
 * Whether the entry names the file by one digest at least. By another digest of
 * that subject it may still be of another file: that is for `matchSubjects`.
 */
export function touches(
  { type, statement }: Pick<Attestation, 'type' | 'statement'>,
  digests: Digests,
): boolean {
  return (
    artefactTypes.has(type) &&
    statement.subject.some(({ digest }) => sharedDigests(digest, digests).equal.length > 0)
  );
}

/** The entries about the file, by index. Throws `subject-mismatch` for one that is and is not about it. */
export function matchSubjects<E extends Pick<Entry, 'index' | 'attestation'>>(
  entries: readonly E[],
  digests: Digests,
): E[] {
  return entries.filter(({ index, attestation: { type, statement } }) => {
    if (!artefactTypes.has(type)) return false;
    let found = false;
    for (const [at, { digest }] of statement.subject.entries()) {
      const {
        equal: [by],
        differing: [differs],
      } = sharedDigests(digest, digests);
      if (by === undefined) continue;
      if (differs !== undefined) {
        throw new LedgerError(
          'subject-mismatch',
          `the file has the ${by} of this entry but another ${differs}`,
          {
            expected: `${differs} ${digest[differs]}`,
            got: `${differs} ${digests[differs]}`,
            at: `/subject/${at}/digest/${differs}`,
            index,
          },
        );
      }
      found = true;
    }
    return found;
  });
}
