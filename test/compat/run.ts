/** Runs a command in this process, at the fixture's time, and takes what is different in every run out of what it says. */
import { main } from '../../src/cli/isal.ts';
import { now } from './place.ts';

/** Placeholder → what it stands for in this run, for example `{dir}` → a directory in /tmp. */
export type Places = Readonly<Record<string, string>>;

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCommand(
  argv: readonly string[],
  places: Places,
  { at = now }: { readonly at?: number } = {},
): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const exit = await main(
    argv.map((word) => filledIn(word, places)),
    {
      stdout: (text) => void (stdout += text),
      stderr: (text) => void (stderr += text),
      env: {},
      isTTY: false,
      colours: false,
      now: () => at,
    },
  );
  return { exit, stdout: takenOut(stdout, places), stderr: takenOut(stderr, places) };
}

export function filledIn(text: string, places: Places): string {
  return Object.entries(places).reduce((found, [name, value]) => found.replaceAll(name, value), text);
}

function takenOut(text: string, places: Places): string {
  return Object.entries(places).reduce((found, [name, value]) => found.replaceAll(value, name), text);
}
