/** The chain of updates behind a file: unbroken to the first, open, or broken; the rules are the folds' own. */
import { defined } from '../../defined.ts';
import type { Entry } from '../authorising/walk.ts';
import { chainMark } from '../folds/chain-verdict.ts';
import type { ChainBack, ChainLink } from '../folds/supervision.ts';
import type { HopFinding } from './finding.ts';
import type { ChainHop, VersionAt } from './hops/hop.ts';
import { against } from './scope.ts';
import type { Scope } from './scope.ts';

export function chainFinding(entry: Entry, { path, verdict }: ChainBack, scope: Scope): HopFinding {
  const last = path.at(-1) ?? path[0];
  const { end, at, qualifiedBy } = verdict;
  const qualifying = (reason: (typeof qualifiedBy)[number]['reason']): VersionAt | undefined => {
    const found = qualifiedBy.find((one) => one.reason === reason)?.at;
    return found === undefined ? undefined : versionAt(found);
  };
  const lost = qualifying('state-unrecorded');
  const late = qualifying('recorded-late');
  const before = last.predicate.previous?.version;
  // What is broken is broken at its own leaf, which need not be on the way.
  const index = end === 'broken' && at !== undefined ? at.entry.index : last.entry.index;
  const leafHash = path.find(({ entry: one }) => one.index === index)?.entry.leafHash;
  const hop: ChainHop = {
    hop: 'chain',
    ...chainMark(verdict),
    index,
    entry: entry.index,
    end,
    updates: path.length,
    oldest: last.entry.index,
    version: last.predicate.version,
    ...(end === 'first' ? {} : { link: at?.link ?? 'skips' }),
    ...defined({ leafHash, before, lost, late, at: at === undefined ? undefined : linkAt(at) }),
    size: scope.size,
    complete: scope.complete?.updates === true,
  };
  if (end !== 'broken') return { hop };
  return against(hop, {
    code: 'chain-broken',
    message: 'the chain of updates behind the file is broken',
    expected: 'each update follows the recorded state before it',
    got: `${hop.link} at leaf ${hop.index}`,
  });
}

function versionAt({ predicate, entry }: ChainLink): VersionAt {
  return { version: predicate.version, index: entry.index };
}

function linkAt(link: ChainLink): NonNullable<ChainHop['at']> {
  const { previous } = link;
  return defined({ ...versionAt(link), previous: previous?.index });
}
