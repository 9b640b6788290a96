/** Builds that carry the seals of `fixtures.ts`. */
import { toBase64 } from '../../src/bytes.ts';
import { build, builder, supervisor } from '../fixtures/attestations.ts';
import type { buildStatement } from '../fixtures/attestations.ts';
import { fixtures } from './fixtures.ts';
import { digests } from './suite.ts';

const made = fixtures();
const bytes = (name: string): Uint8Array => made[name] ?? new Uint8Array();

type Build = ReturnType<typeof buildStatement>;

/** A build of the sealed file with this seal, as a supervisor might record it who has not looked. */
export function sealedBuild(seq: number, cms: string, timestamp?: string): Uint8Array {
  return build({
    seq,
    sha256: digests.sha256,
    file: 'setup.bin',
    change: (statement: Build) => {
      statement.predicate.isal_supervision.seals = [
        {
          subject: { sha256: digests.sha256 },
          cms: toBase64(bytes(`${cms}.p7s`)),
          ...(timestamp === undefined ? {} : { timestamp: toBase64(bytes(`${timestamp}.tst`)) }),
        },
      ];
    },
    signedBy: [builder, supervisor],
  });
}
