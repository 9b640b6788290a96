/** A replay of leaves whose signatures are not looked at: what it lists does not depend on them. */
import { replay } from '../../../src/verifier/folds/replay.ts';
import type { Replay, ReplayOptions } from '../../../src/verifier/folds/replay.ts';
import { genesis } from '../../fixtures/attestations.ts';
import { SampleLog } from '../sample-log.ts';

export async function replayOf(
  leaves: readonly Uint8Array[],
  options: Partial<ReplayOptions> = {},
): Promise<Replay> {
  const log = new SampleLog([genesis(), ...leaves]);
  const source = (async function* () {
    for (const [index, leaf] of log.leaves.entries()) yield { index, leaf };
  })();
  const { size } = log;
  const root = await log.root();
  return replay({ size, root, leaves: source, trust: log.trust(), verify: () => true, ...options });
}
