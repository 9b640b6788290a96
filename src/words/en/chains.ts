/** English: chains of updates, and one update among the others of its chain. */
import { defined } from '../../defined.ts';
import type { ChainPoint } from '../../verifier/answering/chains.ts';
import type { OthersPoint, UpdatePoint, WayPoint } from '../../verifier/answering/update-points.ts';
import type { ChainFields, LinkKind, UpdateLink } from '../../verifier/folds/update-chain.ts';
import type { Messages } from '../messages.ts';
import { sayIn, shortened } from '../say.ts';
import { hops } from './hops.ts';

const say = sayIn('en');

export const chains: Messages<ChainPoint | UpdatePoint, 'about'> = {
  chain: ({ family, platform, updates, breaks, rollbacks }) => {
    const whole =
      breaks === 0 ? 'unbroken back to the first' : `not whole at ${counted(breaks, 'place', 'places')}`;
    const back = rollbacks === 0 ? '' : `, with ${counted(rollbacks, 'rollback', 'rollbacks')}`;
    return `${family} for ${platform}: ${counted(updates, 'update', 'updates')}, ${whole}${back}`;
  },
  link: ({ update }) => {
    const { version, facility, country, occurredAt, review } = update.predicate;
    const made = `${facility} ${country}, ${occurredAt.slice(0, 10)}, review ${review}`;
    return `${version} (${leaf(update)}, ${kind(update)}) ${followsText(update)}; ${made}; ${rollout(update)}`;
  },
  'no-chain': ({ family, platform, size }) =>
    `no update of ${family}${platform === undefined ? '' : ` for ${platform}`} as of ${say.number(size)}`,
  update: ({ update, role, corrected }) => {
    const { family, version, platform, facility, country, occurredAt, review } = update.predicate;
    const { records, containsExecutable, minimumEngine } = update.predicate;
    const more = [
      ...(records === undefined ? [] : [counted(records.total, 'record', 'records')]),
      ...(containsExecutable ? ['holds code that the engine runs'] : []),
      ...(minimumEngine === undefined ? [] : [`for engine ${minimumEngine} and later`]),
    ];
    return (
      `${role === undefined ? '' : roles[role]}${family} ${version} for ${platform} (${leaf(update)}, ${kind(update)}): ` +
      [`${facility} ${country}, ${occurredAt.slice(0, 10)}, review ${review}`, ...more].join('; ') +
      since(corrected)
    );
  },
  way: (way) => `${wayText(way)}${since(way.corrected)}`,
  supervised: ({ hop, corrected }) =>
    `${hop.hop === 'source' ? hops.source(hop) : hops.reviewed(hop)}${since(corrected)}`,
  'roll-out': ({ update }) => {
    const { urgency, rollout: to } = update.predicate;
    const all = to.percent === 100 && to.regions.includes('global');
    return `${rollout(update)}, ${urgency}${all ? '' : '; not for all customers'}`;
  },
  others: (point) => others[point.how](point),
  newer: ({ count, last, takenBackBy }) => {
    if (last === undefined) return 'none is recorded: it is the newest';
    const place = `${last.predicate.version} (${leaf(last)})`;
    if (count === 0) return `none follows it; the last one recorded is ${place}`;
    const back = takenBackBy === undefined ? '' : `; TAKEN BACK by leaf ${say.number(takenBackBy)}`;
    return `${counted(count, 'update', 'updates')}, the newest ${place}${back}`;
  },
  'no-update': ({ wanted: { family, version, platform }, by, size }) => {
    const of = family === undefined ? '' : ` of ${family}`;
    const forPlatform = platform === undefined ? '' : ` for ${platform}`;
    const how = {
      file: ' has a digest of this file',
      digest: ' has this digest',
      family: '',
      'no-such-file': ' (no such file)',
    };
    const which = `${of}${version === undefined ? '' : ` ${version}`}${forPlatform}${how[by]}`;
    return `no update${which} as of ${say.number(size)}`;
  },
  'updates-unlisted': ({ count }) =>
    `${counted(count, 'update', 'updates')} more: name one with --platform or --family`,
};

type AnyLink = UpdateLink<{ readonly index: number }, ChainFields>;

/** A link, as far as it is told: the version that it says that it follows, and the leaf that it speaks of. */
interface LinkSaid {
  readonly link: LinkKind;
  readonly follows?: string;
  readonly previous?: number;
}

/** What an update follows. */
export function linkText({ link, follows: version = '', previous }: LinkSaid): string {
  const there = previous === undefined ? '' : `leaf ${say.number(previous)}`;
  const texts: Readonly<Record<LinkKind, string>> = {
    first: 'is the first',
    follows: `follows ${version} (${there})`,
    'begins-again': `claims to be the first update, but an earlier first is recorded (${there})`,
    forks: `FORKS: another update follows ${version} (${there}) already`,
    skips: `SKIPS: it follows ${version}, which no leaf records`,
    'other-state': `follows another state of ${version} than ${there} records`,
    'other-version': `follows as ${version} the state that ${there} records as another version`,
    circle: `follows ${version} (${there}) in a circle, never coming to a first`,
    incomparable: `follows ${version}, of which ${there} gives digests by other algorithms only`,
  };
  return texts[link];
}

/** What an update follows, and of a rollback where it goes back to. */
function followsText({ predicate, link, previous, backTo }: AnyLink): string {
  const text = linkText({
    link,
    ...defined({ follows: predicate.previous?.version, previous: previous?.index }),
  });
  if (predicate.kind !== 'rollback') return text;
  return backTo === undefined
    ? `${text}, back to a state that no leaf before it records`
    : `${text}, back to the state of leaf ${say.number(backTo.index)}`;
}

function wayText({ update, updates, at, late }: WayPoint): string {
  if (at !== undefined) {
    const { back } = at;
    const place = `${at.update.predicate.version} (${leaf(at.update)})`;
    const where =
      back === 0 ? 'it' : back === undefined ? place : `${counted(back, 'update', 'updates')} back, ${place}`;
    return `${where} ${followsText(at.update)}`;
  }
  const swapped =
    late === undefined
      ? ''
      : `; ${late.predicate.version} (${leaf(late)}) was recorded after what follows it`;
  const whole = updates === 1 ? '' : `; ${counted(updates, 'update', 'updates')} back to the first, unbroken`;
  return `it ${followsText(update)}${whole}${swapped}`;
}

const others: Readonly<Record<OthersPoint['how'], (point: OthersPoint) => string>> = {
  'other-state': (point) =>
    `got ANOTHER state as ${point.update.predicate.version}: ${listed(point, (one) => `${digestText(one)}, ${rollout(one)}`)}`,
  'other-way': (point) =>
    `got ANOTHER update after the same state: ${listed(point, (one) => `${one.predicate.version}, ${rollout(one)}`)}`,
  incomparable: (point) =>
    `got ${point.update.predicate.version}, recorded by digests of other algorithms only: ${listed(point, rollout)}`,
  'same-state': (point) =>
    `got the same state as ${point.update.predicate.version}: ${listed(point, rollout)}`,
  none: ({ update: { predicate } }) =>
    `no other state of ${predicate.version} for ${predicate.platform} is recorded`,
};

function listed({ others: named, count }: OthersPoint, text: (link: UpdateLink) => string): string {
  const more = count - named.length;
  const items = named.map((one) => `${leaf(one)} (${text(one)})`);
  return [...items, ...(more === 0 ? [] : [`and ${say.number(more)} more`])].join('; ');
}

const roles = { state: 'the state of ', patch: 'the patch to ', part: 'a part of ' } as const;

function leaf({ entry }: AnyLink): string {
  return `leaf ${say.number(entry.index)}`;
}

/** "full", "incremental" or "ROLLBACK". */
function kind({ predicate }: AnyLink): string {
  return predicate.kind === 'rollback' ? 'ROLLBACK' : predicate.kind;
}

/** Who gets it. */
function rollout({ predicate: { rollout: to } }: UpdateLink): string {
  return `${to.percent} % of ${to.regions.join(', ')} (${to.channels.join(', ')})`;
}

function digestText({ predicate: { result } }: UpdateLink): string {
  const [[name, hex] = ['', '']] = Object.entries(result);
  return `${name} ${shortened(hex)}`;
}

function since(corrected: true | undefined): string {
  return corrected === undefined ? '' : '; CORRECTED since';
}

function counted(count: number, one: string, other: string): string {
  return say.count(count, { one, other });
}
