/** A sealed build with all that supervises it, of the file over which the seals of `fixtures.json` are. */
import { toBase64 } from '../../src/bytes.ts';
import type { Seal } from '../../src/attestation/types.ts';
import type { Trust } from '../../src/verifier/trust.ts';
import {
  build,
  builder,
  digest,
  genesis,
  leafHashOf,
  rebuildResult,
  sourceReview,
  sourceSnapshot,
} from '../fixtures/attestations.ts';
import { fixtures } from '../seal/fixtures.ts';
import { Seals, digests } from '../seal/suite.ts';
import { SampleLog } from './sample-log.ts';

const seals = new Seals(fixtures());
/** After the time-stamps in the fixtures, whenever they were made. */
export const time: number = Date.parse('2080-01-01') / 1_000;

/** A proven seal, one without a time-stamp, one over another file. */
const sealsOver: Readonly<
  Record<'fine' | 'open' | 'contradicted', readonly [cms: string, timestamp?: string]>
> = {
  fine: ['good', 'good'],
  open: ['good'],
  contradicted: ['other'],
};
export type Sealed = keyof typeof sealsOver;

const seal = ([cms, timestamp]: readonly [string, string?]): Seal => ({
  subject: { sha256: digests.sha256 },
  cms: toBase64(seals.bytes(`${cms}.p7s`)),
  ...(timestamp === undefined ? {} : { timestamp: toBase64(seals.bytes(`${timestamp}.tst`)) }),
});

const manifest = digest('manifest');
/** The leaf of the build. */
export const at = 3;

/** A sealed build with all that supervises it; leaf 5 is nobody's to record. */
export function logOf(sealed: Sealed, { caught = false }: { readonly caught?: boolean } = {}): SampleLog {
  const snapshot = sourceSnapshot({ manifestSha256: manifest });
  const made = build({
    seq: 1,
    sha256: digests.sha256,
    sourceSha256: manifest,
    change: ({ predicate }) => (predicate.isal_supervision.seals = [seal(sealsOver[sealed])]),
  });
  return new SampleLog([
    genesis(),
    snapshot,
    sourceReview({ snapshot: { leafHash: leafHashOf(snapshot), sha256: manifest } }),
    made,
    rebuildResult({ build: { leafHash: leafHashOf(made), sha256: digests.sha256 } }),
    ...(caught ? [build({ seq: 2, signedBy: [builder] })] : []),
  ]);
}

export const trustOf = (log: SampleLog): Trust => ({ ...log.trust(), seals: seals.pinned });
