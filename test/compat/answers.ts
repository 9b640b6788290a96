/** Runs every command against copies of the fixture. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { groups } from './commands.ts';
import type { Group } from './commands.ts';
import { runCommand } from './run.ts';
import type { Places } from './run.ts';
import type { Site } from './site.ts';
import { keptOf } from './verdict.ts';
import type { Kept, Words } from './verdict.ts';

export interface Answers {
  /** Group → verdicts, in the order in which the commands were run. */
  readonly verdicts: ReadonlyMap<string, readonly Kept[]>;
  /** By the id of the command. */
  readonly words: Readonly<Record<string, Words>>;
}

/**
 * What asks nobody runs beside what asks the ledger, on another thread and each
 * on a copy of its own: a store that is served is no store that can be looked into.
 */
export async function answersOf(
  sites: { readonly resting: Site; readonly served: Site },
  names?: readonly string[],
): Promise<Answers> {
  const answered = await Promise.all([
    elsewhere({ places: sites.resting.resting, names }),
    sites.served.serve().then((places) => answersAt('served', { places, names })),
  ]);
  return {
    verdicts: new Map(answered.flatMap(({ verdicts }) => [...verdicts])),
    words: Object.assign({}, ...answered.map(({ words }) => words)) as Answers['words'],
  };
}

/** Where commands are run, and which groups of them: all, unless they are named. */
export interface Asked {
  readonly places: Places;
  readonly names?: readonly string[] | undefined;
}

/** As `answersAt` of what rests, by `resting.ts`. */
async function elsewhere(asked: Asked): Promise<Answers> {
  const worker = new Worker(new URL('./resting.js', import.meta.url), { workerData: asked });
  const [answers] = (await once(worker, 'message')) as [Answers];
  return answers;
}

/** One after the other: some rest on what others before them have written. */
export async function answersAt(stage: Group['stage'], { places, names }: Asked): Promise<Answers> {
  const verdicts = new Map<string, Kept[]>();
  const words: Record<string, Words> = {};
  const asked = (await groups()).filter(
    (group) => group.stage === stage && (names?.includes(group.name) ?? true),
  );
  for (const { name, commands } of asked) {
    const own: Kept[] = [];
    const seen = new Map<string, number>();
    for (const command of commands) {
      const kept = keptOf(name, command, await runCommand(command.argv, places));
      // The same command again has a number: what it answers may be another thing by then.
      const times = (seen.get(kept.verdict.id) ?? 0) + 1;
      seen.set(kept.verdict.id, times);
      const id = times === 1 ? kept.verdict.id : `${kept.verdict.id} (${times})`;
      own.push({ ...kept.verdict, id });
      words[id] = kept.words;
    }
    verdicts.set(name, own);
  }
  return { verdicts, words };
}
