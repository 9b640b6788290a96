/** `isal update chain FAMILY`: every update of a database back to the first, and where the chain breaks. */
import { LedgerError } from '../errors.ts';
import { counted, grouped } from '../verifier/hops.ts';
import { UpdateChains } from '../verifier/update-chain.ts';
import type { LinkKind, UpdateChain, UpdateLink } from '../verifier/update-chain.ts';
import { numberOption, onePositional, parseCommand } from './args.ts';
import type { ExitStatus } from './exit.ts';
import type { Io } from './io.ts';
import { answer, leafJson, readWholeLog, wholeLogOptions, wholeLogUsage } from './whole-log.ts';
import type { Line } from './whole-log.ts';

export const usage: string = `isal update chain FAMILY [options]    every update of a family of databases back to the
                                 first; skipped updates, forks and rollbacks stand out

  --platform P     of this platform alone; otherwise one chain for each
  --last N         list the last N updates, and every break before them (default 20)
${wholeLogUsage}`;

const options = {
  ...wholeLogOptions,
  platform: { type: 'string' },
  last: { type: 'string', default: '20' },
} as const;

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

export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  const [verb = '', ...rest] = args;
  if (verb !== 'chain') {
    throw new LedgerError('usage', 'there is no such update command', { expected: usage, got: verb });
  }
  const { values, positionals } = parseCommand(rest, options, usage);
  const family = onePositional(positionals, 'family', usage);
  const last = numberOption('last', values.last, { min: 0, max: 1_000_000 });
  const collected = new UpdateChains({ family, platform: values.platform });
  const log = await readWholeLog(values, (entry) => collected.add(entry), io);
  const chains = collected.result();
  const own = chains.flatMap((chain) => chainLines(chain, last));
  if (chains.length === 0) {
    const whose = values.platform === undefined ? family : `${family} for ${values.platform}`;
    const text = `no update of ${whose} as of ${grouped(log.replay.size)}`;
    own.push({ mark: 'not-shown', label: 'Chain', text });
  }
  return answer(log, { own, facts: { family, chains: chains.map(chainJson) }, json: values.json }, io);
}

/** A state that an endpoint goes back to, and that nobody ever recorded, is as good as none shown. */
function markOf({ link, predicate, backTo }: UpdateLink): Line['mark'] {
  const mark = marks[link];
  return mark === 'proven' && predicate.kind === 'rollback' && backTo === undefined ? 'not-shown' : mark;
}

function chainLines({ family, platform, updates }: UpdateChain, last: number): Line[] {
  const found = updates.map(markOf);
  const breaks = found.filter((mark) => mark !== 'proven').length;
  const rollbacks = updates.filter(({ predicate }) => predicate.kind === 'rollback').length;
  const whole = breaks === 0 ? 'unbroken back to the first' : `not whole at ${counted(breaks, 'place')}`;
  const back = rollbacks === 0 ? '' : `, with ${counted(rollbacks, 'rollback')}`;
  const text = `${family} for ${platform}: ${counted(updates.length, 'update')}, ${whole}${back}`;
  const mark =
    found.find((one) => one === 'contradicted') ?? found.find((one) => one !== 'proven') ?? 'proven';
  const lines: Line[] = [{ mark, label: 'Chain', text }];
  updates.forEach((update, at) => {
    if (at >= updates.length - last || found[at] !== 'proven') lines.push(updateLine(update));
  });
  return lines;
}

function updateLine(update: UpdateLink): Line {
  const { entry, predicate } = update;
  const { version, kind, facility, country, occurredAt, rollout, review } = predicate;
  const what = kind === 'rollback' ? 'ROLLBACK' : kind;
  const made = `${facility} ${country}, ${occurredAt.slice(0, 10)}, review ${review}`;
  const out = `${rollout.percent} % of ${rollout.regions.join(', ')} (${rollout.channels.join(', ')})`;
  const text = `${version} (leaf ${grouped(entry.index)}, ${what}) ${linkText(update)}${backText(update)}; ${made}; ${out}`;
  return { mark: markOf(update), label: 'Update', text };
}

function linkText({ predicate, link, previous }: UpdateLink): string {
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

function backText({ predicate, backTo }: UpdateLink): string {
  if (predicate.kind !== 'rollback') return '';
  return backTo === undefined
    ? ', back to a state that no leaf before it records'
    : `, back to the state of leaf ${grouped(backTo.index)}`;
}

function chainJson({ platform, updates }: UpdateChain): object {
  return {
    platform,
    updates: updates.map((update) => {
      const { version, kind, occurredAt, result, rollout } = update.predicate;
      return {
        ...leafJson(update.entry),
        version,
        kind,
        occurredAt,
        result,
        rollout,
        mark: markOf(update),
        link: update.link,
        previous: update.previous?.index ?? null,
        ...(kind === 'rollback' ? { backTo: update.backTo?.index ?? null } : {}),
      };
    }),
  };
}
