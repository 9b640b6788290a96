/**
 * What electronic seals add to a verdict: one hop for each seal over the file
 * in the entries about it.
 *
 *   ✓ Sealed  Example AG (NTRCH-CHE-123.456.789, CH), certified by …; 2026-11-03T09:12:44Z by …; nobody was revoked before
 *   ! Sealed  …; revocation lists of that time not shown
 *   ? Sealed  says it is of …: no anchors are pinned for a seal
 *   ✗ Sealed  the seal is over another file
 *
 * An entry without a seal has no such hop: nobody has claimed one. Apart from
 * `verifyArtifact` because WebCrypto only answers later.
 */
import { fromBase64 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { Seal } from '../../attestation/types.ts';
import type { Encoded, SealAnchors } from '../../seal/pinned.ts';
import type { Pinned, SealJudgement } from '../../seal/seal.ts';
import { isoTime, nameText } from '../../seal/words.ts';
import { parseBundle } from '../proving/bundle.ts';
import type { Bundle } from '../proving/bundle.ts';
import { counted } from './hops.ts';
import type { Digests } from '../folds/subject.ts';
import { failureOf } from '../proving/failure.ts';
import type { CheckpointSummary, Hop, Verdict } from './verdict.ts';
import type { Failure } from '../proving/failure.ts';

export interface SealOptions {
  /** The bundle that the verdict is on. */
  readonly bundle: Bundle | Uint8Array;
  readonly digests: Digests;
  readonly trust: { readonly seals?: SealAnchors };
  /** Revocation lists, beside those in the seals. */
  readonly crls?: readonly Encoded[];
}

/** Of one answer; a bundle has room for thousands, and each takes several signatures. */
const maxSeals = 32;
/** A time-stamp may be ahead of the witnesses' clocks by as much as a witness may be ahead of ours. */
const skew = 300_000;

/**
 * The verdict with a hop `sealed` for each seal over the file. One that speaks
 * against itself makes the answer `contradicted`. Does not throw for anything in
 * the bundle.
 */
export async function withSeals(verdict: Verdict, options: SealOptions): Promise<Verdict> {
  // Only what the verdict has found to be recorded, by those who may, is looked at.
  if (verdict.entries.length === 0) return verdict;
  const { leaves } = options.bundle instanceof Uint8Array ? parseBundle(options.bundle) : options.bundle;
  const judged: Judged[] = [];
  let library: Judging | undefined;
  let more = 0;
  for (const { index, leaf } of leaves) {
    if (!verdict.entries.includes(index)) continue;
    for (const seal of sealsOver(decodeAttestation(decodeEnvelope(leaf)), options.digests)) {
      if (judged.length >= maxSeals) more++;
      else {
        library ??= await loadJudging(options);
        judged.push(await judge(seal, index, options.digests, verdict.checkpoint, library));
      }
    }
  }
  if (judged.length === 0) return verdict;
  const rest: Hop[] =
    more === 0
      ? []
      : [
          {
            hop: 'sealed',
            mark: 'not-shown',
            text: `${counted(more, 'more seal')} not looked at`,
            facts: { more },
          },
        ];
  const failure = judged.find((one) => one.failure !== undefined)?.failure;
  return {
    ...verdict,
    hops: placed(verdict.hops, [...judged.map(({ hop }) => hop), ...rest]),
    ...(failure === undefined
      ? {}
      : {
          answer: 'contradicted',
          failure: verdict.answer === 'contradicted' ? (verdict.failure ?? failure) : failure,
        }),
  };
}

/** The seals of an entry that are over this file. */
function sealsOver(attestation: Attestation, digests: Digests): readonly Seal[] {
  const all =
    attestation.type === 'build'
      ? attestation.statement.predicate.isal_supervision.seals
      : attestation.type === 'database-update'
        ? attestation.statement.predicate.seals
        : [];
  const over = (algorithm: 'sha256' | 'sha512', { subject }: Seal): boolean =>
    subject[algorithm] !== undefined && subject[algorithm] === digests[algorithm];
  return (all ?? []).filter((seal) => over('sha256', seal) || over('sha512', seal));
}

/** Each before what is said of the keys of its entry. */
function placed(hops: readonly Hop[], seals: readonly Hop[]): Hop[] {
  const left = new Set(seals);
  const result: Hop[] = [];
  for (const hop of hops) {
    for (const seal of left) {
      if (hop.hop !== 'keys' || hop.entry !== seal.entry) continue;
      result.push(seal);
      left.delete(seal);
    }
    result.push(hop);
  }
  return [...result, ...left];
}

interface Judged {
  readonly hop: Hop;
  readonly failure?: Failure;
}

type Judging = Awaited<ReturnType<typeof loadJudging>>;

/** The library that reads seals is as heavy as most of the verifier, so it is loaded when there is one. */
async function loadJudging({
  trust,
  crls,
}: SealOptions): Promise<
  Pick<typeof import('../../seal/seal.ts'), 'fingerprint' | 'judgeSeal'> & { readonly pinned: Pinned }
> {
  const { fingerprint, judgeSeal, readPinned } = await import('../../seal/seal.ts');
  const seals = trust.seals ?? { anchors: [], timestampAnchors: [] };
  return { fingerprint, judgeSeal, pinned: readPinned(seals, crls) };
}

async function judge(
  { cms, timestamp, subject }: Seal,
  index: number,
  digests: Digests,
  checkpoint: CheckpointSummary | undefined,
  { fingerprint, judgeSeal, pinned }: Judging,
): Promise<Judged> {
  try {
    const judgement = await judgeSeal({
      cms: fromBase64(cms),
      ...(timestamp === undefined ? {} : { timestamp: fromBase64(timestamp) }),
      digests: { ...subject, ...digests },
      pinned,
    });
    requireBefore(judgement, checkpoint);
    return { hop: hopOf(judgement, index, await fingerprint(judgement.sealer)) };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    const { code, message } = error;
    return {
      hop: { hop: 'sealed', mark: 'contradicted', text: message, index, entry: index, facts: { code } },
      failure: { ...failureOf(error), index },
    };
  }
}

/** What witnesses have seen in the tree existed by then, and so did the time-stamp in it. */
function requireBefore({ time }: SealJudgement, checkpoint: CheckpointSummary | undefined): void {
  const asOf = checkpoint?.asOf;
  if (time === undefined || asOf === undefined || time <= asOf * 1_000 + skew) return;
  throw new LedgerError(
    'seal-invalid',
    'the time-stamp is later than the checkpoint that the seal is under',
    {
      expected: `at most ${isoTime(asOf * 1_000)}, as the witnesses say`,
      got: isoTime(time),
    },
  );
}

/** Whose seal it is, since when, and what is missing: one line that holds text from certificates. */
export function sealText(judgement: SealJudgement): string {
  const who = nameText(judgement.sealer.subject);
  if (judgement.open !== undefined) return `says it is of ${who}: ${judgement.open.text}`;
  const { sealer, time, authority, covered, revokedLater } = judgement;
  return (
    `${who}, certified by ${nameText(sealer.issuer)}; ${isoTime(time)} by ${nameText(authority.subject)}; ` +
    (covered ? 'nobody was revoked before' : 'revocation lists of that time not shown (--crl)') +
    (revokedLater === undefined
      ? ''
      : `; its certificate was revoked on ${isoTime(revokedLater).slice(0, 10)}`)
  );
}

function hopOf(judgement: SealJudgement, index: number, certificateSha256: string): Hop {
  const { sealer, time, authority, key, hash } = judgement;
  const { organisation, organisationIdentifier, commonName, country } = sealer.subject;
  const { forSeals, legislation } = sealer.extensions;
  const issuer = nameText(sealer.issuer);
  const facts = {
    ...(organisation === undefined ? {} : { organisation }),
    ...(organisationIdentifier === undefined ? {} : { organisationIdentifier }),
    ...(commonName === undefined ? {} : { commonName }),
    ...(country === undefined ? {} : { country }),
    issuer,
    certificateSha256,
    key,
    hash,
    ...(time === undefined ? {} : { time: isoTime(time) }),
    ...(authority === undefined ? {} : { timestampAuthority: nameText(authority.subject) }),
    ...(forSeals ? { forSeals } : {}),
    ...(legislation.length === 0 ? {} : { legislation: legislation.join(',') }),
  };
  const text = sealText(judgement);
  const { open } = judgement;
  if (open !== undefined) {
    return {
      hop: 'sealed',
      mark: 'not-shown',
      text,
      index,
      entry: index,
      facts: { ...facts, open: open.reason },
    };
  }
  const { covered, revokedLater } = judgement;
  const later = revokedLater === undefined ? undefined : isoTime(revokedLater);
  return {
    hop: 'sealed',
    mark: 'proven',
    // Who was revoked before is not known without the lists, so this is less than a seal in good standing.
    ...(covered ? {} : { qualified: true }),
    text,
    index,
    entry: index,
    facts: {
      ...facts,
      revocation: covered ? 'none' : 'not-shown',
      ...(later === undefined ? {} : { revokedLater: later }),
    },
  };
}
