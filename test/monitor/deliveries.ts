/**
 * Whether a channel that was restarted got what `docs/operations.md` promises:
 * every finding, in order, none twice but those that a crash left unconfirmed.
 */
import type { Finding } from '../../src/monitor/finding.ts';

/** One sentence for each broken promise. `runs` is what each process delivered, in order; one crash between two. */
export function brokenPromises(
  runs: readonly (readonly Finding[])[],
  { repeats }: { readonly repeats: number },
): string[] {
  const broken: string[] = [];
  const first = new Map<number, string>();
  let next = 0;
  for (const [run, findings] of runs.entries()) {
    let expected: number | undefined;
    for (const finding of findings) {
      const text = JSON.stringify(finding);
      const { n } = finding;
      if (n > next) broken.push(`run ${run}: finding ${n} came, and ${next} never did`);
      if (expected !== undefined && n !== expected)
        broken.push(`run ${run}: ${n} came where ${expected} was due`);
      if (next - n > repeats) broken.push(`run ${run}: went back from ${next} to ${n}`);
      if (first.has(n) && first.get(n) !== text) broken.push(`finding ${n} came in two versions`);
      first.set(n, text);
      expected = n + 1;
      next = Math.max(next, n + 1);
    }
  }
  return broken;
}
