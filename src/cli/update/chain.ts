/** `isal update chain FAMILY`: every update of a database back to the first, and where the chain breaks. */
import { counted, grouped } from '../../verifier/judging/hops.ts';
import { UpdateChains } from '../../verifier/folds/update-chain.ts';
import type { UpdateChain, UpdateLink } from '../../verifier/folds/update-chain.ts';
import { numberOption } from '../terminal/args.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { backText, kindText, linkText, markOf, rolloutText } from './words.ts';
import { answer, leafJson, readWholeLog } from '../online/whole-log.ts';
import type { Line } from '../online/whole-log.ts';

export async function chain(
  { values, positionals: [family] }: Given<typeof described.chain>,
  io: Io,
): Promise<ExitStatus> {
  const last = numberOption('last', values.last, { min: 0, max: 1_000_000 });
  const collected = new UpdateChains({ family, platform: values.platform });
  const log = await readWholeLog(values, (entry) => collected.add(entry), io);
  const chains = collected.result();
  const own = chains.flatMap((one) => chainLines(one, last));
  if (chains.length === 0) {
    const whose = values.platform === undefined ? family : `${family} for ${values.platform}`;
    const text = `no update of ${whose} as of ${grouped(log.replay.size)}`;
    own.push({ mark: 'not-shown', label: 'Chain', text });
  }
  return answer(log, { own, facts: { family, chains: chains.map(chainJson) }, json: values.json }, io);
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
  const { version, facility, country, occurredAt, review } = predicate;
  const made = `${facility} ${country}, ${occurredAt.slice(0, 10)}, review ${review}`;
  const text = `${version} (leaf ${grouped(entry.index)}, ${kindText(update)}) ${linkText(update)}${backText(update)}; ${made}; ${rolloutText(update)}`;
  return { mark: markOf(update), label: 'Update', text };
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
