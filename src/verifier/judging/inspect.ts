/** Everything in a bundle that is about some artefact, judged as for a holder of that artefact. */
import { defined } from '../../defined.ts';
import { supervisionOf } from '../folds/supervision.ts';
import type { Families } from '../folds/supervision.ts';
import { verdictOf } from './finding.ts';
import type { Hop } from './hops/hop.ts';
import { judge } from './judgement.ts';
import type { Judging } from './judgement.ts';
import { isOfType, supportingAmong } from '../folds/supporting.ts';
import type { CheckpointSummary } from './verdict.ts';
import type { Failure } from '../proving/failure.ts';
import type { Entry, Walk } from '../authorising/walk.ts';

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
  // Of no file alone, so that one is enough for all: an attacker who made the bundle chose how many there are.
  const common: Common = {
    supporting: supportingAmong(entries, {}),
    newest,
    checkpoint,
    families: new Map(),
  };
  const judged = entries
    .filter((entry) => isOfType(entry, 'build') || isOfType(entry, 'database-update'))
    .map((entry) => ({ entry, ...judgeAll(entry, common) }));
  const followed = new Set(judged.flatMap(({ before }) => before));
  return judged
    .filter(({ entry }) => !followed.has(entry.index))
    .map(({ entry, hops, failure }) => defined({ entry, hops, failure }));
}

type Common = Pick<Judging, 'supporting' | 'newest' | 'checkpoint'> & { readonly families: Families };

function judgeAll(
  entry: Entry,
  common: Common,
): { hops: Hop[]; failure: Failure | undefined; before: number[] } {
  const hops = new Map<string, Hop>();
  const before: number[] = [];
  let failure: Failure | undefined;
  const { supporting, families, checkpoint } = common;
  for (const { digest } of entry.attestation.statement.subject.slice(0, maxArtefacts)) {
    const findings = judge({ ...common, matches: [entry], digests: digest });
    const verdict = verdictOf(findings, { entries: [entry.index], checkpoint });
    for (const hop of verdict.hops) hops.set(JSON.stringify(hop), hop);
    failure ??= verdict.failure;
    const { chain } = supervisionOf(entry, { digests: digest, supporting, whole: false }, families);
    // The one that it follows, which has come to those before it itself.
    const [, previous] = chain?.path ?? [];
    if (previous !== undefined) before.push(previous.entry.index);
  }
  return { hops: [...hops.values()], failure, before };
}
