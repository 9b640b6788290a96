/** What a proven answer falls short of: facts that the answer's one sentence names, in this order. */
import type { Hop, HopName, HopOf } from '../verifier/judging/hops/hop.ts';
import type { Verdict } from '../verifier/judging/verdict.ts';

export type Shortcoming =
  | 'deviations'
  | 'chain-open'
  | 'no-source'
  | 'no-review'
  | 'partly-reviewed'
  | 'review-findings'
  | 'seal-unproven'
  | 'no-rebuild'
  | 'rebuilt-by-vendor';

/** Of several entries about one file, the newest speaks for it; each has its own lines above. */
export function shortcomingsOf({ hops, entries }: Verdict): Shortcoming[] {
  const own = hops.filter(({ entry }) => entry === entries.at(-1));
  const named = <N extends HopName>(name: N): HopOf<N>[] =>
    own.filter((hop: Hop): hop is HopOf<N> => hop.hop === name);
  const proven = <N extends HopName>(name: N): HopOf<N>[] =>
    named(name).filter(({ mark }) => mark === 'proven');
  const short: Shortcoming[] = [];
  if (proven('built').some(({ deviations }) => deviations > 0)) short.push('deviations');
  if (named('chain').some(({ mark }) => mark !== 'proven')) short.push('chain-open');
  short.push(...ofSource(proven('source'), proven('reviewed')));
  if (named('sealed').length > 0 && proven('sealed').length === 0) short.push('seal-unproven');
  if (named('built').length === 0) return short;
  const rebuilds = proven('rebuilt');
  if (rebuilds.length === 0) short.push('no-rebuild');
  else if (!rebuilds.some((hop) => hop.state === 'rebuild' && hop.independence === 'independent')) {
    short.push('rebuilt-by-vendor');
  }
  return short;
}

function ofSource(
  sources: readonly HopOf<'source'>[],
  reviewed: readonly HopOf<'reviewed'>[],
): Shortcoming[] {
  const own = sources.flatMap((hop) => (hop.state !== 'none' && hop.own ? [hop.snapshot] : []));
  const reviews = reviewed.flatMap((hop) => (hop.state === 'review' && hop.own ? [hop] : []));
  const isWhole = (source: number): boolean =>
    reviews.some(({ whole, snapshot }) => whole && snapshot === source);
  return [
    ...(own.length === 0
      ? (['no-source'] as const)
      : reviews.length === 0
        ? (['no-review'] as const)
        : own.every(isWhole)
          ? []
          : (['partly-reviewed'] as const)),
    ...(reviews.some(({ result }) => result === 'findings') ? (['review-findings'] as const) : []),
  ];
}
