/**
 * A whole log, verified from its newest checkpoint to its last leaf in one
 * call: what a monitor does at its first visit, and an auditor at every one.
 *
 *   const { signed, replay } = await verifyLog({ trust, fetchPath, now });
 *   replay.findings;     // leaves that were not entitled to stand there
 */
import { defined } from '../../defined.ts';
import { LogClient } from '../proving/log-client.ts';
import type { SignedCheckpoint } from '../proving/log-client.ts';
import { replay } from '../folds/replay.ts';
import type { Replay, ReplayOptions } from '../folds/replay.ts';
import type { FetchPath } from '../proving/tile-reader.ts';
import type { Trust } from '../trust.ts';
import { requireMinSize } from './verify-bundle.ts';

export interface VerifyLogOptions extends Pick<ReplayOptions, 'digests' | 'verify' | 'onProgress' | 'folds'> {
  readonly trust: Trust;
  readonly fetchPath: FetchPath;
  /** Seconds since the epoch; with it, the maximum age of the trust file applies. */
  readonly now?: number;
}

export interface VerifiedLog {
  readonly signed: SignedCheckpoint;
  readonly replay: Replay;
}

/**
 * Streams every leaf, in parallel a few bundles ahead, each byte checked against
 * the tile above it. Throws what `LogClient.checkpoint`, `requireMinSize` and
 * `replay` throw; a leaf that was not entitled to its place is a finding and throws nothing.
 */
export async function verifyLog({ trust, fetchPath, now, ...rest }: VerifyLogOptions): Promise<VerifiedLog> {
  const client = new LogClient({ policy: trust.policy, fetchPath });
  const signed = await client.checkpoint(now === undefined ? {} : defined({ now, maxAge: trust.maxAge }));
  requireMinSize(signed, trust);
  const { size, root } = signed.checkpoint;
  const leaves = client.at(signed.checkpoint).leaves();
  return { signed, replay: await replay({ size, root, leaves, trust, ...rest }) };
}
