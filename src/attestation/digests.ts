/**
 * Digests of an artefact by one algorithm or by both, and what two such sets
 * say of each other. One algorithm may be broken one day: who agrees by it and
 * differs by the other one is never taken for the same.
 */

export const digestAlgorithms = ['sha256', 'sha512'] as const;

export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** Lowercase hex. Digests by algorithms that isal cannot compute may stand beside these, and count for nothing. */
export type SomeDigests = { readonly [A in DigestAlgorithm]?: string | undefined };

/**
 * - `same`: at least one is equal, and none that both have differs.
 * - `conflict`: one is equal and another differs, so one of the two is not what it says.
 * - `different`: of other bytes.
 * - `incomparable`: by different algorithms only.
 */
export type Agreement = 'same' | 'conflict' | 'different' | 'incomparable';

/** The algorithms by which both sides have a digest. */
export interface Shared {
  readonly equal: readonly DigestAlgorithm[];
  readonly differing: readonly DigestAlgorithm[];
}

export function sharedDigests(a: SomeDigests, b: SomeDigests): Shared {
  const shared = digestAlgorithms.filter((name) => a[name] !== undefined && b[name] !== undefined);
  return {
    equal: shared.filter((name) => a[name] === b[name]),
    differing: shared.filter((name) => a[name] !== b[name]),
  };
}

/** Without a list of them: a chain of updates compares each of its states with many. */
export function compareDigests(a: SomeDigests, b: SomeDigests): Agreement {
  let equal = false;
  let differing = false;
  for (const name of digestAlgorithms) {
    if (a[name] === undefined || b[name] === undefined) continue;
    if (a[name] === b[name]) equal = true;
    else differing = true;
  }
  if (equal) return differing ? 'conflict' : 'same';
  return differing ? 'different' : 'incomparable';
}

/** Whether both have the same digests by the same algorithms, neither one more than the other. */
export function identicalDigests(a: SomeDigests, b: SomeDigests): boolean {
  return digestAlgorithms.every((name) => a[name] === b[name]);
}

/** One digest, by which an artefact is looked for. */
export interface NamedDigest {
  readonly alg: DigestAlgorithm;
  readonly hex: string;
}

export function namedDigests(digests: SomeDigests): NamedDigest[] {
  return digestAlgorithms.flatMap((alg) => {
    const hex = digests[alg];
    return hex === undefined ? [] : [{ alg, hex }];
  });
}

/** `sha256:9f2c…`, the form in which digests are typed, indexed and asked for. */
export function digestName({ alg, hex }: NamedDigest): string {
  return `${alg}:${hex}`;
}
