/** Histories that a hostile log signs, each with what is wrong with it. */
import { concat, utf8 } from '../../src/bytes.ts';
import {
  authorityDocument,
  build,
  builder,
  dataAccess,
  digest,
  gateway,
  genesis,
  leafHashOf,
  supervisor,
} from '../fixtures/attestations.ts';
import { SampleLog } from '../verifier/sample-log.ts';

export const sizes: readonly number[] = [1, 2, 255, 256, 257, 258, 511, 512, 513, 2_000];

const events: Uint8Array[] = [];

/** Event number `seq` of the gateway, made once for all tests; with other content under the number where asked. */
export function event(seq: number, other?: string): Uint8Array {
  if (other === undefined) return (events[seq] ??= dataAccess({ seq }));
  return dataAccess({ seq, change: ({ predicate }) => (predicate.store.id = other.replaceAll(' ', '-')) });
}

/** Leaf 0 and events in good order. */
export function honestLeaves(size: number): Uint8Array[] {
  return [genesis(), ...Array.from({ length: size - 1 }, (_, at) => event(at + 1))];
}

/** The same as an honest log up to its last leaf. */
export function forkOf(size: number): SampleLog {
  const last = size === 1 ? genesis({ signers: [] }) : event(100_000);
  return new SampleLog([...honestLeaves(size).slice(0, -1), last]);
}

/** Bad leaves, to be put where the log likes; each with the code of the finding. */
export function unauthorisedLeaves(): readonly (readonly [name: string, leaf: Uint8Array, code: string])[] {
  const rootless = authorityDocument({ version: 2, previous: leafHashOf(genesis()), signedBy: [builder] });
  const again = authorityDocument({ version: 1, threshold: 1 });
  const nowhere = digest('no such document');
  return [
    ['a signer without the role', build({ seq: 1, signedBy: [gateway, supervisor] }), 'source-not-allowed'],
    ['a role that nobody holds', build({ seq: 1, signedBy: [supervisor] }), 'missing-role'],
    ['an authority document that no root has signed', rootless, 'unknown-signer'],
    ['the first authority document once more', again, 'authority-superseded'],
    [
      'an entry under a document that does not exist',
      build({ seq: 1, authority: nowhere }),
      'authority-superseded',
    ],
    ['bytes that are no envelope', utf8('junk'), 'not-json'],
  ];
}

/** One bit of one byte changed. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = concat(bytes);
  changed[at % bytes.length] = (changed[at % bytes.length] ?? 0) ^ 1;
  return changed;
}
