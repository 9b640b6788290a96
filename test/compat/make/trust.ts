/** The trust files and policies by which the fixture is judged, good and bad ones. */
import { fromUtf8 } from '../../../src/bytes.ts';
import { formatVerifierKey, signerKey, verifierOf } from '../../../src/note/key.ts';
import { digest, origin } from '../../fixtures/attestations.ts';
import { fixtures } from '../../seal/fixtures.ts';
import type { Place } from './book.ts';
import { logLine, policyText, postQuantumPolicy } from './live.ts';

const made = fixtures();
const pem = (name: string): string => fromUtf8(made[`${name}.pem`] ?? new Uint8Array());
const seals = { anchors: [pem('root')], timestampAnchors: [pem('tsa-root')] };

/** Name → text. `size` is that of the newest checkpoint. */
export function trustFiles(
  genesis: string,
  { size, authorities }: { readonly size: number; readonly authorities: readonly Place[] },
): Map<string, string> {
  const policy = `${logLine}${policyText()}`;
  const file = (extra: object = {}): string =>
    `${JSON.stringify({ format: 'isal-trust/v1', policy, genesis, ...extra }, null, 2)}\n`;
  const strangersKey = signerKey({ name: origin, type: 1, seed: new Uint8Array(32).fill(99) });
  const strangers = `log ${formatVerifierKey(verifierOf(strangersKey))}\n${policyText()}`;
  const elsewhere = signerKey({ name: 'another.example/log', type: 1, seed: new Uint8Array(32).fill(98) });
  const pinned = (place: Place | undefined, asOfSize: number): object => ({
    authority: { leafHash: place?.leafHash ?? '', asOfSize },
  });
  return new Map([
    ['trust.json', file()],
    ['seals.json', file({ seals })],
    ['other-organisation.json', file({ seals: { ...seals, organisations: ['NTRCH-CHE-9'] } })],
    ['post-quantum.json', file({ policy: postQuantumPolicy })],
    ['max-age.json', file({ maxAge: 7_200 })],
    ['short-age.json', file({ maxAge: 60 })],
    ['min-size.json', file({ minSize: size })],
    ['larger-size.json', file({ minSize: size + 1 })],
    ['all-witnesses.json', file({ policy: `${logLine}${policyText({ threshold: 3 })}` })],
    ['no-witnesses.json', file({ policy: `${logLine}quorum none\n` })],
    ['another-key.json', file({ policy: strangers })],
    [
      'another-log.json',
      file({ policy: `log ${formatVerifierKey(verifierOf(elsewhere))}\n${policyText()}` }),
    ],
    ['another-genesis.json', file({ genesis: digest('another leaf 0') })],
    ['pinned-second.json', file(pinned(authorities[1], size - 1))],
    ['pinned-newest.json', file(pinned(authorities.at(-1), size))],
    ['pinned-nowhere.json', file({ authority: { leafHash: digest('no document'), asOfSize: size } })],
    ['malformed.json', '{"format":"isal-trust/v1"}\n'],
    ['of-tomorrow.json', file({ format: 'isal-trust/v9' })],
    ['policy.txt', policy],
  ]);
}
