/**
 * Which entries are about a file: those with a subject of which one digest is
 * the file's. Every other digest of that subject that this verifier can
 * compute must be the file's too: one algorithm may be broken one day, and the
 * other then still tells the files apart.
 */
import { LedgerError } from '../../errors.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { Entry } from '../authorising/walk.ts';

/** Lowercase hex; at least one. */
export interface Digests {
  readonly sha256?: string;
  readonly sha512?: string;
}

const algorithms = ['sha256', 'sha512'] as const;

/**
 * What two sets of digests say of each other:
 *
 * - `same`: at least one is equal, and none that both have differs.
 * - `conflict`: one is equal and another differs, so one of the two is not what it says.
 * - `different`: of other bytes.
 * - `incomparable`: by different algorithms only.
 */
export type Agreement = 'same' | 'conflict' | 'different' | 'incomparable';

interface SomeDigests {
  readonly sha256?: string | undefined;
  readonly sha512?: string | undefined;
}

/** Compares by every algorithm that both sides have and this verifier can compute. */
export function compareDigests(a: SomeDigests, b: SomeDigests): Agreement {
  const shared = algorithms.filter((name) => a[name] !== undefined && b[name] !== undefined);
  const equal = shared.filter((name) => a[name] === b[name]).length;
  if (shared.length === 0) return 'incomparable';
  if (equal === shared.length) return 'same';
  return equal === 0 ? 'different' : 'conflict';
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
    statement.subject.some(({ digest }) => {
      const agreement = compareDigests(digest, digests);
      return agreement === 'same' || agreement === 'conflict';
    })
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
      const compared = algorithms.filter(
        (algorithm) => digest[algorithm] !== undefined && digests[algorithm] !== undefined,
      );
      const equal = compared.filter((algorithm) => digest[algorithm] === digests[algorithm]);
      if (equal.length === 0) continue;
      const differs = compared.find((algorithm) => !equal.includes(algorithm));
      if (differs !== undefined) {
        throw new LedgerError(
          'subject-mismatch',
          `the file has the ${equal[0]} of this entry but another ${differs}`,
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
