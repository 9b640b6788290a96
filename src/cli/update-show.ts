/**
 * `isal update show WHAT`: which database this is, how it came about, whom it
 * went to, and whether others got the same. Only the whole log can say the
 * last, so it is read whole.
 */
import { statSync } from 'node:fs';
import { LedgerError } from '../errors.ts';
import type { ArtifactDigest } from '../attestation/types.ts';
import { counted, grouped } from '../verifier/hops.ts';
import { matchSubjects } from '../verifier/subject.ts';
import type { Digests } from '../verifier/subject.ts';
import { UpdateChains, sharedAlgorithms } from '../verifier/update-chain.ts';
import type { UpdateLink } from '../verifier/update-chain.ts';
import { historyOf } from '../verifier/update-history.ts';
import type { UpdateHistory } from '../verifier/update-history.ts';
import type { Entry } from '../verifier/walk.ts';
import { parseCommand } from './args.ts';
import type { ExitStatus } from './exit.ts';
import { hashFile } from './hash-file.ts';
import type { Io } from './io.ts';
import { backText, kindText, linkText, markOf, rolloutText } from './update-words.ts';
import { answer, leafJson, readWholeLog, wholeLogOptions } from './whole-log.ts';
import type { Line } from './whole-log.ts';

export const usage = `isal update show FILE|sha256:HEX|sha512:HEX|FAMILY [VERSION] [options]
                   which database this is, its chain back to the first, whom
                   it went to, and whether others got the same`;

export const optionsUsage =
  '  --family F       show: of this family alone, for a file or a digest (a file named as a family is ./NAME)';

const options = {
  ...wholeLogOptions,
  platform: { type: 'string' },
  family: { type: 'string' },
} as const;

export async function run(
  args: readonly string[],
  { usage: expected, io }: { readonly usage: string; readonly io: Io },
): Promise<ExitStatus> {
  const { values, positionals } = parseCommand(args, options, expected);
  const wanted = await wantedOf(positionals, values, expected);
  const collected = new Collected(wanted);
  let shown: readonly UpdateHistory[] = [];
  const log = await readWholeLog(
    values,
    (entry) => collected.add(entry),
    io,
    () => {
      shown = collected.shown();
      return shown.flatMap(({ back }) => back.map(({ entry }) => entry));
    },
  );
  const own = shown.slice(0, maxShown).flatMap((history) => linesOf(history, wanted));
  if (shown.length > maxShown) {
    const text = `${counted(shown.length - maxShown, 'update')} more; --platform or --family names one`;
    own.push({ mark: 'not-shown', label: 'Update', text });
  }
  if (shown.length === 0) {
    const text = `no update ${wanted.text} as of ${grouped(log.replay.size)}`;
    own.push({ mark: 'not-shown', label: 'Update', text });
  }
  return answer(log, { own, facts: { updates: shown.map(historyJson) }, json: values.json }, io);
}

interface Wanted {
  /** What was asked for, to say that there is none of it. */
  readonly text: string;
  readonly family?: string | undefined;
  readonly platform?: string | undefined;
  readonly version?: string;
  readonly digests?: Digests;
}

/** A digest is one by its form; a file is what is there by that name; everything else is a family. */
async function wantedOf(
  [what, version, ...more]: readonly string[],
  { family, platform }: { readonly family?: string | undefined; readonly platform?: string | undefined },
  usageText: string,
): Promise<Wanted> {
  const refuse = (message: string): LedgerError => new LedgerError('usage', message, { expected: usageText });
  if (what === undefined || more.length > 0) throw refuse('name one file, digest or family');
  const forPlatform = platform === undefined ? '' : ` for ${platform}`;
  const named = /^(?:(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128}))$/.exec(what);
  if (
    version === undefined &&
    (named !== null || statSync(what, { throwIfNoEntry: false })?.isFile() === true)
  ) {
    const of = family === undefined ? '' : ` of ${family}`;
    const [, sha256, hex256, , hex512] = named ?? [];
    const digests: Digests =
      named === null
        ? await hashFile(what)
        : sha256 === undefined
          ? { sha512: hex512 as string }
          : { sha256: hex256 as string };
    const text =
      `${of}${forPlatform} has ${named === null ? 'a digest of this file' : 'this digest'}`.trimStart();
    return { text, family, platform, digests };
  }
  if (family !== undefined) throw refuse('--family goes with a file or a digest');
  const text = `of ${what}${version === undefined ? '' : ` ${version}`}${forPlatform}`;
  return { text, family: what, platform, ...(version === undefined ? {} : { version }) };
}

/** Histories in one answer. */
const maxShown = 16;
/** Updates kept in memory, some kilobytes each, while the family is not known. */
const maxUpdates = 100_000;

/** The updates of the families that the answer may be about. */
class Collected {
  readonly #wanted: Wanted;
  /** Family → its updates; owned by `add`. */
  readonly #families = new Map<string, UpdateChains>();
  /** Indices of those that the digest is of; owned by `add`. */
  readonly #matching = new Set<number>();
  #count = 0;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** An authorised entry, in the order of the log; which of them the answer rests on is known in the end. */
  add(entry: Entry): false {
    const { attestation } = entry;
    const { family, platform, digests } = this.#wanted;
    if (attestation.type !== 'database-update') return false;
    const { predicate } = attestation.statement;
    if (predicate.family !== (family ?? predicate.family)) return false;
    const chains =
      this.#families.get(predicate.family) ?? new UpdateChains({ family: predicate.family, platform });
    this.#families.set(predicate.family, chains);
    if (!chains.add(entry)) return false;
    if (digests !== undefined && matchSubjects([entry], digests).length > 0) this.#matching.add(entry.index);
    this.#count += 1;
    if (family === undefined && this.#count > maxUpdates) {
      throw new LedgerError('usage', 'the log holds too many updates to look for one in all families', {
        expected: '--family F, as the updater of this database names it',
        got: `more than ${grouped(maxUpdates)} updates`,
      });
    }
    return false;
  }

  /** For each platform the last of the updates that were asked for. */
  shown(): UpdateHistory[] {
    return [...this.#families.values()]
      .flatMap((chains) => chains.result())
      .flatMap((chain) => {
        const update = chain.updates.findLast((one) => this.#isWanted(one));
        return update === undefined ? [] : [historyOf(chain, update)];
      });
  }

  #isWanted({ entry, predicate }: UpdateLink): boolean {
    const { digests, version } = this.#wanted;
    if (digests !== undefined) return this.#matching.has(entry.index);
    return version === undefined || predicate.version === version;
  }
}

function linesOf(history: UpdateHistory, { digests }: Wanted): Line[] {
  return [
    updateLine(history, digests),
    chainLine(history),
    { mark: 'proven', label: 'Roll-out', text: rolloutLine(history) },
    ...othersLines(history),
    newerLine(history),
  ];
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
  const is = (digest: ArtifactDigest | undefined): boolean =>
    digest !== undefined && sharedAlgorithms(digest, digests).length > 0 && agrees(digest, digests);
  if (is(result)) return 'the state of';
  return is(patch) ? 'the patch to' : 'a part of';
}

function agrees(digest: ArtifactDigest, digests: Digests): boolean {
  return sharedAlgorithms(digest, digests).every((name) => digest[name] === digests[name]);
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

function historyJson(history: UpdateHistory): object {
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
  };
}
