/** What of the log a judgement knows, and what every judge of a hop needs to say of it. */
import type { Signer } from '../../attestation/authority.ts';
import { alike, foldName } from '../../attestation/names/alike.ts';
import { defined } from '../../defined.ts';
import type { Complete } from '../folds/supporting.ts';
import type { Entry } from '../authorising/walk.ts';
import type { Failure } from '../proving/failure.ts';
import type { HopFinding } from './finding.ts';
import type { Hop } from './hops/hop.ts';

/** The tree that the hops speak of, and what of it is known whole; without `complete`, only a bundle is. */
export interface Scope {
  readonly size: number;
  readonly complete?: Complete | undefined;
}

/** That nothing of a kind is shown; `absent` only where every leaf has been read. */
export function none(
  { size, complete }: Scope,
  kind: keyof Complete,
): { readonly state: 'none'; readonly size: number; readonly absent?: true } {
  return { state: 'none', size, ...(complete?.[kind] === true ? { absent: true } : {}) };
}

/** A hop that what was shown speaks against. A failure is of the leaf of the hop. */
export function against(hop: Hop, { code, ...failure }: Failure): HopFinding {
  const { index } = hop;
  return {
    hop: { ...hop, mark: 'contradicted', code },
    failure: { code, ...failure, ...defined({ index }) },
  };
}

/** What an entry about a file is. */
export const isBuild = ({ attestation }: Entry): boolean => attestation.type === 'build';

const makers: readonly string[] = ['builder', 'database-publisher'];

/**
 * Whether an organisation that made the file signed this about it, whatever it
 * says of its independence; or one whose name nobody can tell from it, which a
 * new entry is refused for, and which is shown of an older one.
 */
export function byMaker(about: Entry, { signers }: Entry): 'same' | 'alike' | 'other' {
  const own = about.signers
    .filter(({ roles }) => roles.some((role) => makers.includes(role)))
    .map(({ organisation }) => organisation);
  if (signers.some(({ organisation }) => own.includes(organisation))) return 'same';
  const folded = own.map(foldName);
  const isLike = ({ organisation }: Signer): boolean => {
    const name = foldName(organisation);
    return folded.some((maker) => alike(maker, name));
  };
  return signers.some(isLike) ? 'alike' : 'other';
}
