/** Everything in a bundle that is about some artefact, judged as for whoever holds that artefact. */
import { judge } from './judgement.ts';
import { supervisionsOf } from './supervision.ts';
import { isOfType, supportingAmong } from './supporting.ts';
import type { CheckpointSummary, Failure, Hop } from './verdict.ts';
import type { Entry, Walk } from './walk.ts';

export interface InspectedEntry {
  readonly entry: Entry;
  /** Those of all its artefacts, each hop once. */
  readonly hops: readonly Hop[];
  readonly failure?: Failure;
}

/** Artefacts of one build that are looked at. */
const maxArtefacts = 64;

/**
 * The builds and updates among the entries of a verified bundle, by index; not
 * those that are only there as what another update follows.
 */
export function inspectEntries({ entries, newest }: Walk, checkpoint: CheckpointSummary): InspectedEntry[] {
  const judged = entries
    .filter((entry) => isOfType(entry, 'build') || isOfType(entry, 'database-update'))
    .map((entry) => ({ entry, ...judgeAll(entry, entries, { newest, checkpoint }) }));
  const followed = new Set(judged.flatMap(({ before }) => before));
  return judged
    .filter(({ entry }) => !followed.has(entry.index))
    .map(({ entry, hops, failure }) => ({ entry, hops, ...(failure === undefined ? {} : { failure }) }));
}

function judgeAll(
  entry: Entry,
  entries: readonly Entry[],
  { newest, checkpoint }: { readonly newest: Walk['newest']; readonly checkpoint: CheckpointSummary },
): { hops: Hop[]; failure: Failure | undefined; before: number[] } {
  const hops = new Map<string, Hop>();
  const before: number[] = [];
  let failure: Failure | undefined;
  for (const { digest } of entry.attestation.statement.subject.slice(0, maxArtefacts)) {
    const supporting = supportingAmong(entries, digest);
    const matches = [entry];
    const judgement = judge({ matches, digests: digest, supporting, newest, checkpoint });
    for (const hop of judgement.hops) hops.set(JSON.stringify(hop), hop);
    failure ??= judgement.failure;
    const [supervision] = supervisionsOf(matches, { digests: digest, supporting, whole: false });
    before.push(...(supervision?.chain?.path.slice(1).map((update) => update.entry.index) ?? []));
  }
  return { hops: [...hops.values()], failure, before };
}
