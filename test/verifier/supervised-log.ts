/**
 * A file and all that supervises it: its source in escrow, a review of that,
 * the build, a rebuild, with entries of others between them.
 */
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../../src/bytes.ts';
import { replay } from '../../src/verifier/folds/replay.ts';
import type { Replay } from '../../src/verifier/folds/replay.ts';
import type { Digests } from '../../src/verifier/folds/subject.ts';
import type { Hop, HopName, HopOf } from '../../src/verifier/judging/hops/hop.ts';
import type { Verdict } from '../../src/verifier/judging/verdict.ts';
import { judgeFile } from '../../src/verifier/judging/judge-file.ts';
import type { FileQuestion } from '../../src/verifier/judging/judge-file.ts';
import {
  build,
  dataAccess,
  genesis,
  leafHashOf,
  rebuildResult,
  sourceReview,
  sourceSnapshot,
} from '../fixtures/attestations.ts';
import type {
  BuildOptions,
  RebuildOptions,
  ReviewOptions,
  SnapshotOptions,
} from '../fixtures/attestations.ts';
import { SampleLog } from './sample-log.ts';

const hex = (text: string): string => toHex(sha256(utf8(text)));

export const file = 'setup.exe';
export const digests: Digests = { sha256: hex(file) };
export const manifest: string = hex('manifest of setup');

/** The leaves of one supervised file; each can be spoilt. */
export class Supervised {
  readonly snapshot: Uint8Array;
  readonly build: Uint8Array;

  constructor(options: { readonly snapshot?: SnapshotOptions; readonly build?: BuildOptions } = {}) {
    this.snapshot = sourceSnapshot({ manifestSha256: manifest, ...options.snapshot });
    this.build = build({ file, sourceSha256: manifest, ...options.build });
  }

  review(options: ReviewOptions = {}): Uint8Array {
    return sourceReview({ snapshot: { leafHash: leafHashOf(this.snapshot), sha256: manifest }, ...options });
  }

  rebuild(options: RebuildOptions = {}): Uint8Array {
    return rebuildResult({ build: { leafHash: leafHashOf(this.build), sha256: hex(file) }, ...options });
  }

  /** Leaf 0; 1 snapshot, 2 somebody's access, 3 review, 4 build, 5 rebuild; then more. */
  log(...more: readonly Uint8Array[]): SampleLog {
    return new SampleLog([
      genesis(),
      this.snapshot,
      dataAccess(),
      this.review(),
      this.build,
      this.rebuild(),
      ...more,
    ]);
  }
}

/** Judges the file by a bundle of these leaves; all but leaf 0 unless told otherwise. */
export async function verdictOf(
  log: SampleLog,
  indices: readonly number[] = [...log.leaves.keys()].slice(1),
  own: Digests = digests,
  options: { readonly authorities?: readonly string[] } & Pick<FileQuestion, 'replay' | 'require'> = {},
): Promise<Verdict> {
  const { replay: replayed, require } = options;
  const bundle = await log.bundle(indices, options);
  return judgeFile({ digests: own, bundle, trust: log.trust(), replay: replayed, require });
}

export async function replayOf(log: SampleLog, own: Digests = digests): Promise<Replay> {
  async function* leaves() {
    for (const [index, leaf] of log.leaves.entries()) yield { index, leaf };
  }
  return replay({
    size: log.size,
    root: await log.root(),
    leaves: leaves(),
    trust: log.trust(),
    digests: own,
  });
}

/** The verdict by a bundle of these leaves and a replay of the whole log. */
export async function replayedVerdict(
  log: SampleLog,
  indices: readonly number[],
  own: Digests = digests,
): Promise<Verdict> {
  return verdictOf(log, indices, own, { replay: await replayOf(log, own) });
}

export function hopsNamed<N extends HopName>({ hops }: Pick<Verdict, 'hops'>, name: N): HopOf<N>[] {
  return hops.filter((hop: Hop): hop is HopOf<N> => hop.hop === name);
}

export function onlyHop<N extends HopName>(verdict: Pick<Verdict, 'hops'>, name: N): HopOf<N> {
  const [one, ...more] = hopsNamed(verdict, name);
  if (one === undefined || more.length > 0) throw new Error(`${more.length + (one ? 1 : 0)} hops ${name}`);
  return one;
}

/** Hop names with their marks; `!` for those that are less than they seem. */
export function marksOf({ hops }: Verdict): string[] {
  return hops.map(({ hop, mark, qualified }) => `${hop} ${mark}${qualified === true ? ' !' : ''}`);
}
