/** The links of a chain of updates in words, for the commands that show one. */
import type { LinkKind, UpdateLink } from '../../verifier/folds/update-chain.ts';
import { grouped } from '../../verifier/judging/hops.ts';
import type { Line } from '../online/whole-log.ts';

const marks: Readonly<Record<LinkKind, Line['mark']>> = {
  first: 'proven',
  follows: 'proven',
  'begins-again': 'contradicted',
  forks: 'contradicted',
  skips: 'contradicted',
  'other-state': 'contradicted',
  'other-version': 'contradicted',
  circle: 'contradicted',
  incomparable: 'not-shown',
};

/** A state that an endpoint goes back to, and that nobody ever recorded, is as good as none shown. */
export function markOf({ link, predicate, backTo }: UpdateLink): Line['mark'] {
  const mark = marks[link];
  return mark === 'proven' && predicate.kind === 'rollback' && backTo === undefined ? 'not-shown' : mark;
}

/** What an update follows. */
export function linkText({ predicate, link, previous }: UpdateLink): string {
  const version = predicate.previous?.version ?? '';
  const leaf = previous === undefined ? '' : `leaf ${grouped(previous.index)}`;
  const texts: Readonly<Record<LinkKind, string>> = {
    first: 'is the first',
    follows: `follows ${version} (${leaf})`,
    'begins-again': `says that it is the first, as ${leaf} does`,
    forks: `FORKS: another update follows ${version} (${leaf}) already`,
    skips: `SKIPS: it follows ${version}, which no leaf records`,
    'other-state': `follows another state of ${version} than ${leaf} records`,
    'other-version': `follows as ${version} the state that ${leaf} records as another version`,
    circle: `follows ${version} (${leaf}) in a circle, never coming to a first`,
    incomparable: `follows ${version}, of which ${leaf} gives digests by other algorithms only`,
  };
  return texts[link];
}

/** Where a rollback goes back to. */
export function backText({ predicate, backTo }: UpdateLink): string {
  if (predicate.kind !== 'rollback') return '';
  return backTo === undefined
    ? ', back to a state that no leaf before it records'
    : `, back to the state of leaf ${grouped(backTo.index)}`;
}

/** "full", "incremental" or "ROLLBACK". */
export function kindText({ predicate: { kind } }: UpdateLink): string {
  return kind === 'rollback' ? 'ROLLBACK' : kind;
}

/** Who gets it. */
export function rolloutText({ predicate: { rollout } }: UpdateLink): string {
  return `${rollout.percent} % of ${rollout.regions.join(', ')} (${rollout.channels.join(', ')})`;
}
