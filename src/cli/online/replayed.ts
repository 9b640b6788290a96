/** A whole log, replayed with a progress bar: from its tiles, or from the database of a stopped server. */
import { verifyEd25519Async } from '../../platform/ed25519.node.ts';
import type { LogView } from '../../verifier/proving/log-client.ts';
import { replay } from '../../verifier/folds/replay.ts';
import type { Replay, ReplayOptions } from '../../verifier/folds/replay.ts';
import type { Io } from '../terminal/io.ts';
import { progress } from '../terminal/progress.ts';

/** Throws as `replay` does. `label` says beside the bar what is being done. */
export async function replayed(
  options: Omit<ReplayOptions, 'verify' | 'onProgress'>,
  { label, io }: { readonly label: string; readonly io: Io },
): Promise<Replay> {
  const bar = progress(io, label, options.size);
  try {
    return await replay({
      ...options,
      verify: verifyEd25519Async,
      onProgress: (done) => bar.update(done),
    });
  } finally {
    bar.end();
  }
}

/** All of a log that answers, as a replay takes it. */
export function treeOf(view: LogView): Pick<ReplayOptions, 'size' | 'root' | 'leaves'> {
  return { size: view.size, root: view.root, leaves: view.leaves() };
}
