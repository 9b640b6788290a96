/**
 * `isal update show WHAT`: which database this is, how it came about, whom it
 * went to, and whether others got the same. Only the whole log can say the
 * last, so it is read whole.
 */
import { statSync } from 'node:fs';
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { updatePoints } from '../../verifier/answering/update-points.ts';
import type { NoUpdatePoint, UpdatePoint } from '../../verifier/answering/update-points.ts';
import { WantedUpdates } from '../../verifier/answering/updates.ts';
import type { ShownUpdate, WantedUpdate } from '../../verifier/answering/updates.ts';
import type { WholeLog } from '../../verifier/answering/whole-log.ts';
import { chainMark } from '../../verifier/folds/chain-verdict.ts';
import { misused } from '../terminal/args.ts';
import type { Given as CommandGiven } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { hashFile } from '../terminal/hash-file.ts';
import type { Io } from '../terminal/io.ts';
import { wholeLog } from '../online/whole-log.ts';

type Given = CommandGiven<typeof described.show>;

/** Histories in one answer. */
const maxShown = 16;

export async function show({ values, positionals }: Given, io: Io): Promise<ExitStatus> {
  const { by, wanted } = await wantedOf(positionals, values);
  const fold = new WantedUpdates(wanted, tooMany);
  let found: readonly ShownUpdate[] = [];
  const question = {
    fold,
    restsOn: () => {
      found = fold.result();
      return found.flatMap(({ restsOn }) => restsOn);
    },
    answer: (log: WholeLog) => ({
      points: pointsOf(found, { by, wanted, log }),
      facts: { updates: found.map(shownJson) },
    }),
  };
  return wholeLog(values, question, io);
}

function pointsOf(
  shown: readonly ShownUpdate[],
  { by, wanted, log: { corrections, replay } }: Asked & { readonly log: WholeLog },
): UpdatePoint[] {
  const { size } = replay;
  if (shown.length === 0) return [{ about: 'no-update', mark: 'not-shown', wanted, by, size }];
  const corrected = new Set(corrections.map(({ targetIndex }) => targetIndex));
  const points = shown
    .slice(0, maxShown)
    .flatMap((one) => updatePoints(one, { size, digests: wanted.digests, corrected }));
  const count = shown.length - maxShown;
  return count > 0 ? [...points, { about: 'updates-unlisted', mark: 'not-shown', count }] : points;
}

/** What was asked for, and how it was named. */
interface Asked {
  readonly by: NoUpdatePoint['by'];
  readonly wanted: WantedUpdate;
}

/** A digest is one by its form; a file is what is there by that name; everything else is a family. */
async function wantedOf(
  [what, version]: Given['positionals'],
  { family, platform }: Given['values'],
): Promise<Asked> {
  const named = /^(?:sha256:(?<sha256>[0-9a-f]{64})|sha512:(?<sha512>[0-9a-f]{128}))$/.exec(what);
  if (version === undefined && named !== null) {
    return { by: 'digest', wanted: { family, platform, digests: defined({ ...named.groups }) } };
  }
  if (version === undefined && statSync(what, { throwIfNoEntry: false })?.isFile() === true) {
    return { by: 'file', wanted: { family, platform, digests: await hashFile(what) } };
  }
  if (family !== undefined) throw misused('--family goes with a file or a digest');
  // Whoever mistypes the name of a file would else wonder why it is called a family.
  const by = version === undefined && /[./\\]/.test(what) ? 'no-such-file' : 'family';
  return { by, wanted: { family: what, platform, version } };
}

function tooMany(count: number): LedgerError {
  return new LedgerError('usage', 'the log holds too many updates to look for one in all families', {
    expected: '--family F, as the updater of this database names it',
    got: `more than ${count} updates`,
  });
}

function shownJson({ history, supervision: { sources } }: ShownUpdate): object {
  const { update, back, sameState, otherState, incomparable, forks, newer } = history;
  const { family, platform, version, kind, occurredAt, result, rollout } = update.predicate;
  const indices = (links: readonly { readonly entry: { readonly index: number } }[]): number[] =>
    links.map(({ entry }) => entry.index);
  const { mark } = chainMark(history.verdict);
  return {
    index: update.entry.index,
    leafHash: update.entry.leafHash,
    family,
    platform,
    version,
    kind,
    occurredAt,
    result,
    rollout,
    chain: { mark, link: update.link, back: indices(back), end: back.at(-1)?.link },
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
