/** `isal update chain FAMILY`: every update of a database back to the first, and where the chain breaks. */
import { defined } from '../../defined.ts';
import { chainPoints, judgedChain } from '../../verifier/answering/chains.ts';
import type { ChainPoint, JudgedChain } from '../../verifier/answering/chains.ts';
import type { WholeLog } from '../../verifier/answering/whole-log.ts';
import { UpdateChains, wholeUpdate } from '../../verifier/folds/update-chain.ts';
import { numberOption } from '../terminal/args.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { wholeLog } from '../online/whole-log.ts';
import type { Question } from '../online/whole-log.ts';

export async function chain(
  { values, positionals: [family] }: Given<typeof described.chain>,
  io: Io,
): Promise<ExitStatus> {
  const last = numberOption('last', values.last, { min: 0, max: 1_000_000 });
  const { platform } = values;
  const fold = new UpdateChains({ family, platform, fields: wholeUpdate });
  const answer = ({ replay: { size } }: WholeLog): ReturnType<Question['answer']> => {
    const chains = fold.result().map(judgedChain);
    const none: ChainPoint = { about: 'no-chain', mark: 'not-shown', family, ...defined({ platform }), size };
    return {
      points: chains.length === 0 ? [none] : chains.flatMap((one) => chainPoints(one, last)),
      facts: { family, chains: chains.map(chainJson) },
    };
  };
  return wholeLog(values, { fold, answer }, io);
}

function chainJson({ chain: { platform, updates }, marks }: JudgedChain): object {
  return {
    platform,
    updates: updates.map(({ entry, predicate, link, previous, backTo }, at) => {
      const { version, kind, occurredAt, result, rollout } = predicate;
      return {
        index: entry.index,
        leafHash: entry.leafHash,
        version,
        kind,
        occurredAt,
        result,
        rollout,
        mark: marks[at],
        link,
        previous: previous?.index ?? null,
        ...(kind === 'rollback' ? { backTo: backTo?.index ?? null } : {}),
      };
    }),
  };
}
