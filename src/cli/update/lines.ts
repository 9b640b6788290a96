/** One update of a database in words: what `isal update show` prints. */
import { defined } from '../../defined.ts';
import { counted, grouped } from '../../verifier/judging/hops.ts';
import { compareDigests } from '../../attestation/digests.ts';
import type { Digests } from '../../verifier/folds/subject.ts';
import type { SupervisedEntry } from '../../verifier/folds/supervision.ts';
import { sourceFindings } from '../../verifier/judging/source-hops.ts';
import { hopText } from '../../words/index.ts';
import type { Complete } from '../../verifier/folds/supporting.ts';
import type { UpdateLink } from '../../verifier/folds/update-chain.ts';
import type { UpdateHistory } from '../../verifier/folds/update-history.ts';
import type { HopName } from '../../verifier/judging/hop.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import { backText, kindText, linkText, markOf, rolloutText } from './words.ts';
import { leafJson } from '../online/whole-log.ts';
import type { Line } from '../online/whole-log.ts';

/** One update in the answer, and the source of its rules with the reviews of that. */
export interface Shown {
  readonly history: UpdateHistory;
  readonly supervision: SupervisedEntry;
  /** Of which kinds the supervision knows all that the log holds. */
  readonly complete: Complete;
}

/** The entries without which the answer would be another one. */
export function restsOn({ history, supervision }: Shown): Entry[] {
  return [
    ...history.back.map(({ entry }) => entry),
    ...supervision.sources.flatMap(({ snapshot, reviews }) => [
      snapshot,
      ...reviews.map(({ entry }) => entry),
    ]),
  ];
}

export interface About {
  /** Of the tree that was read. */
  readonly size: number;
  /** Of the file, where one was asked about. */
  readonly digests: Digests | undefined;
  /** Indices of leaves that were corrected. */
  readonly corrected: ReadonlySet<number | undefined>;
}

export function linesOf(shown: Shown, { size, digests, corrected }: About): Line[] {
  const { history } = shown;
  /** Which correction it is stands in a line of its own. */
  const resting = (on: readonly number[], line: Line): Line =>
    on.some((leaf) => corrected.has(leaf))
      ? { mark: 'contradicted', label: line.label, text: `${line.text}; CORRECTED since` }
      : line;
  return [
    resting([history.update.entry.index], updateLine(history, digests)),
    resting(
      history.back.map(({ entry }) => entry.index),
      chainLine(history),
    ),
    ...sourceLines(shown, size).map(({ leaves, line }) => resting(leaves, line)),
    { mark: 'proven', label: 'Roll-out', text: rolloutLine(history) },
    ...othersLines(history),
    newerLine(history),
  ];
}

const sourceLabels: Readonly<Partial<Record<HopName, string>>> = { source: 'Source', reviewed: 'Reviewed' };

/** The source of the rules and its reviews. That there is none speaks against nothing. */
function sourceLines(
  { supervision: { entry, sources }, complete }: Shown,
  size: number,
): { readonly line: Line; readonly leaves: readonly number[] }[] {
  return sourceFindings(entry, sources, { size, complete }).flatMap(({ hop }) => {
    const { mark, qualified, index } = hop;
    const text = hopText(hop);
    const label = sourceLabels[hop.hop];
    if (label === undefined) return [];
    const line = { mark, label, text, expected: true, ...defined({ qualified }) };
    return [{ line, leaves: index === undefined ? [] : [index] }];
  });
}

function updateLine({ update }: UpdateHistory, digests: Digests | undefined): Line {
  const { predicate, entry } = update;
  const { family, version, platform, facility, country, occurredAt, review, records, minimumEngine } =
    predicate;
  const what = digests === undefined ? '' : `${roleOf(update, digests)} `;
  const holds = records === undefined ? '' : `; ${counted(records.total, 'record')}`;
  const code = predicate.containsExecutable ? '; holds code that the engine runs' : '';
  const engine = minimumEngine === undefined ? '' : `; for engine ${minimumEngine} and later`;
  const text =
    `${what}${family} ${version} for ${platform} (leaf ${grouped(entry.index)}, ${kindText(update)}): ` +
    `${facility} ${country}, ${occurredAt.slice(0, 10)}, review ${review}${holds}${code}${engine}`;
  return { mark: 'proven', label: 'Update', text };
}

/** What of the update the file is. */
function roleOf({ predicate: { result, patch } }: UpdateLink, digests: Digests): string {
  if (compareDigests(result, digests) === 'same') return 'the state of';
  return patch !== undefined && compareDigests(patch, digests) === 'same' ? 'the patch to' : 'a part of';
}

function chainLine({ update, back }: UpdateHistory): Line {
  const found = back.map(markOf);
  const worst = found.includes('contradicted') ? 'contradicted' : 'not-shown';
  const at = found.indexOf(worst);
  const place = back[at];
  const count = counted(back.length, 'update');
  if (place === undefined) {
    const follows = update.link === 'first' ? 'it is the first' : `it ${linkText(update)}`;
    const text = `${follows}${backText(update)}; ${count} back to the first, unbroken`;
    return { mark: 'proven', label: 'Chain', text };
  }
  const where =
    at === 0
      ? 'it'
      : `${counted(at, 'update')} back, ${place.predicate.version} (leaf ${grouped(place.entry.index)})`;
  return { mark: worst, label: 'Chain', text: `${where} ${linkText(place)}${backText(place)}` };
}

function rolloutLine({ update }: UpdateHistory): string {
  const { urgency, rollout } = update.predicate;
  const all = rollout.percent === 100 && rollout.regions.includes('global');
  return `${rolloutText(update)}, ${urgency}${all ? '' : '; not everybody'}`;
}

/** Updates named in one line; the rest is counted. */
const maxNamed = 8;

/** Whether others were given the same: under the same version, and after the same state. */
function othersLines({ update, sameState, otherState, incomparable, forks }: UpdateHistory): Line[] {
  const { version, platform } = update.predicate;
  const lines: Line[] = [];
  const say = (mark: Line['mark'], text: string): void => void lines.push({ mark, label: 'Others', text });
  if (otherState.length > 0) {
    say(
      'contradicted',
      `got ANOTHER state as ${version}: ${listed(otherState, (one) => `${digestText(one)}, ${rolloutText(one)}`)}`,
    );
  }
  const apart = forks.filter((one) => !otherState.includes(one) && !sameState.includes(one));
  if (apart.length > 0) {
    say(
      'contradicted',
      `were led ANOTHER way from the same state: ${listed(apart, (one) => `${one.predicate.version}, ${rolloutText(one)}`)}`,
    );
  }
  if (incomparable.length > 0) {
    say('not-shown', `of ${version}, digests by other algorithms only: ${listed(incomparable, rolloutText)}`);
  }
  if (lines.length > 0) return lines;
  say(
    'proven',
    sameState.length === 0
      ? `no other state of ${version} for ${platform} is recorded`
      : `got the same state as ${version}: ${listed(sameState, rolloutText)}`,
  );
  return lines;
}

function listed(links: readonly UpdateLink[], text: (link: UpdateLink) => string): string {
  const named = links.slice(0, maxNamed).map((one) => `leaf ${grouped(one.entry.index)} (${text(one)})`);
  const more = links.length - named.length;
  return `${named.join('; ')}${more === 0 ? '' : `; and ${grouped(more)} more`}`;
}

function digestText({ predicate: { result } }: UpdateLink): string {
  const [[name, hex] = ['', '']] = Object.entries(result);
  return `${name} ${hex.slice(0, 8)}…${hex.slice(-4)}`;
}

function newerLine({ newer, update, latest }: UpdateHistory): Line {
  const [next] = newer;
  const last = newer.at(-1) ?? latest;
  const place = `${last.predicate.version} (leaf ${grouped(last.entry.index)})`;
  const line = (text: string): Line => ({ mark: 'proven', label: 'Newer', text });
  if (last === update) return line('none is recorded: it is the newest');
  if (next === undefined) return line(`none follows it; the last one recorded is ${place}`);
  const back = next.predicate.kind === 'rollback' ? `; TAKEN BACK by leaf ${grouped(next.entry.index)}` : '';
  return line(`${counted(newer.length, 'update')}, the newest ${place}${back}`);
}

export function shownJson({ history, supervision: { sources } }: Shown): object {
  const { update, back, sameState, otherState, incomparable, forks, newer } = history;
  const { family, platform, version, kind, occurredAt, result, rollout } = update.predicate;
  const indices = (links: readonly UpdateLink[]): number[] => links.map(({ entry }) => entry.index);
  const chain = chainLine(history);
  return {
    ...leafJson(update.entry),
    family,
    platform,
    version,
    kind,
    occurredAt,
    result,
    rollout,
    chain: { mark: chain.mark, link: update.link, back: indices(back), end: back.at(-1)?.link },
    others: {
      sameState: indices(sameState),
      otherState: indices(otherState),
      incomparable: indices(incomparable),
      forks: indices(forks),
    },
    newer: indices(newer),
    rules: sources.map(({ snapshot, agreement, reviews }) => ({
      snapshot: snapshot.index,
      agreement,
      reviews: reviews.map(({ entry }) => entry.index),
    })),
  };
}
