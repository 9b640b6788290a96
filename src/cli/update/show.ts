/**
 * `isal update show WHAT`: which database this is, how it came about, whom it
 * went to, and whether others got the same. Only the whole log can say the
 * last, so it is read whole.
 */
import { statSync } from 'node:fs';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { counted, grouped } from '../../verifier/judging/hops.ts';
import { matchSubjects } from '../../verifier/folds/subject.ts';
import type { Digests } from '../../verifier/folds/subject.ts';
import { supervisionOf } from '../../verifier/folds/supervision.ts';
import { SupportingEntries } from '../../verifier/folds/supporting.ts';
import { UpdateChains } from '../../verifier/folds/update-chain.ts';
import type { UpdateLink } from '../../verifier/folds/update-chain.ts';
import { historyOf } from '../../verifier/folds/update-history.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import { misused } from '../terminal/args.ts';
import type { Given as CommandGiven } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { hashFile } from '../terminal/hash-file.ts';
import type { Io } from '../terminal/io.ts';
import { linesOf, restsOn, shownJson } from './lines.ts';
import type { Shown } from './lines.ts';
import { answer, readWholeLog } from '../online/whole-log.ts';

type Given = CommandGiven<typeof described.show>;

export async function show({ values, positionals }: Given, io: Io): Promise<ExitStatus> {
  const wanted = await wantedOf(positionals, values);
  const collected = new Collected(wanted);
  let shown: readonly Shown[] = [];
  const log = await readWholeLog(
    values,
    (entry) => collected.add(entry),
    io,
    () => {
      shown = collected.shown();
      return shown.flatMap(restsOn);
    },
  );
  const corrected = new Set(log.corrections.map(({ targetIndex }) => targetIndex));
  const about = { size: log.replay.size, digests: wanted.digests, corrected };
  const own = shown.slice(0, maxShown).flatMap((one) => linesOf(one, about));
  if (shown.length > maxShown) {
    const text = `${counted(shown.length - maxShown, 'update')} more; --platform or --family names one`;
    own.push({ mark: 'not-shown', label: 'Update', text });
  }
  if (shown.length === 0) {
    const text = `no update ${wanted.text} as of ${grouped(log.replay.size)}`;
    own.push({ mark: 'not-shown', label: 'Update', text });
  }
  return answer(log, { own, facts: { updates: shown.map(shownJson) }, json: values.json }, io);
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
  [what, version]: Given['positionals'],
  { family, platform }: Given['values'],
): Promise<Wanted> {
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
  if (family !== undefined) throw misused('--family goes with a file or a digest');
  // Whoever mistypes the name of a file would else wonder why it is called a family.
  const file = version === undefined && /[./\\]/.test(what) ? ' (no file of that name is here)' : '';
  const text = `of ${what}${version === undefined ? '' : ` ${version}`}${forPlatform}${file}`;
  return { text, family: what, platform, ...defined({ version }) };
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
  /** Snapshots and reviews; owned by `add`. */
  readonly #supporting = new SupportingEntries({});
  #count = 0;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** An authorised entry, in the order of the log; which of them the answer rests on is known in the end. */
  add(entry: Entry): false {
    const { attestation } = entry;
    const { family, platform, digests } = this.#wanted;
    if (attestation.type === 'source-snapshot' || attestation.type === 'source-review') {
      this.#supporting.add(entry);
    }
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
  shown(): Shown[] {
    const { entries: supporting, complete } = this.#supporting;
    return [...this.#families.values()]
      .flatMap((chains) => chains.result())
      .flatMap((chain) => {
        const update = chain.updates.findLast((one) => this.#isWanted(one));
        if (update === undefined) return [];
        const digests = update.predicate.result;
        const supervision = supervisionOf(update.entry, { digests, supporting, whole: true });
        return [{ history: historyOf(chain, update), supervision, complete }];
      });
  }

  #isWanted({ entry, predicate }: UpdateLink): boolean {
    const { digests, version } = this.#wanted;
    if (digests !== undefined) return this.#matching.has(entry.index);
    return version === undefined || predicate.version === version;
  }
}
