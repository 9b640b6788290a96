/** What a command told of a file, so that tests ask for hops, marks and facts and not for sentences. */
import type { HopName } from '../../src/verifier/judging/hops/hop.ts';
import type { HopJson, VerdictJson } from '../../src/words/index.ts';

export type Told = VerdictJson & { readonly exit: number };

/** The verdict that a command printed as JSON. */
export function told(stdout: string): Told {
  return JSON.parse(stdout) as Told;
}

export function hopsOf({ hops }: { readonly hops: readonly HopJson[] }, name: HopName): HopJson[] {
  return hops.filter(({ hop }) => hop === name);
}

export function hopOf(verdict: { readonly hops: readonly HopJson[] }, name: HopName): HopJson {
  const [one, ...more] = hopsOf(verdict, name);
  if (one === undefined || more.length > 0) throw new Error(`not one hop ${name}`);
  return one;
}

/** The lines with a mark, without their text: `✓ Recorded`. */
export function marksIn(stdout: string): string[] {
  return stdout.split('\n').flatMap((line) => /^[✓✗?!] \S+/.exec(line)?.[0] ?? []);
}
