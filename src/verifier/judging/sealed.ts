/**
 * The electronic seals over a file in the entries about it, one hop for each:
 *
 *   ✓ Sealed  Example AG (NTRCH-CHE-123.456.789, CH), certified by …; 2026-11-03T09:12:44Z by …
 *   ! Sealed  …; revocation lists of that time not shown
 *   ? Sealed  says it is of …: no trust anchors are pinned for a seal
 *   ✗ Sealed  the seal is over another file
 *
 * An entry without a seal has no such hop: it claims none.
 */
import { fromBase64 } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { sharedDigests } from '../../attestation/digests.ts';
import { supervisionOf } from '../../attestation/kinds/index.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { Seal } from '../../attestation/types.ts';
import type { Encoded, SealAnchors } from '../../seal/pinned.ts';
import type { Pinned, SealJudgement } from '../../seal/seal.ts';
import { isoTime, nameText } from '../../seal/words.ts';
import type { Entry } from '../authorising/walk.ts';
import type { Digests } from '../folds/subject.ts';
import { failureOf } from '../proving/failure.ts';
import type { HopFinding } from './finding.ts';
import type { HopOf } from './hops/hop.ts';
import type { CheckpointSummary } from './verdict.ts';

export interface SealOptions {
  /** What seals and their time-stamps must lead to. Default: what the trust file pins. */
  readonly anchors?: SealAnchors;
  /** Revocation lists, beside those in the seals. */
  readonly crls?: readonly Encoded[];
}

/** Of one answer; a bundle has room for thousands, and each takes several signatures. */
const maxSeals = 32;
/** A time-stamp may be ahead of the witnesses' clocks by as much as a witness may be ahead of ours. */
const skew = 300_000;

/** Looks at the seals of entries that are known to be recorded, by those who may. Throws for nothing in them. */
export async function sealFindings(
  entries: readonly Entry[],
  {
    digests,
    checkpoint,
    ...options
  }: SealOptions & { readonly digests: Digests; readonly checkpoint: CheckpointSummary | undefined },
): Promise<HopFinding[]> {
  const findings: HopFinding[] = [];
  let library: Judging | undefined;
  let unread = 0;
  for (const { index, attestation } of entries) {
    for (const [nth, seal] of sealsOver(attestation, digests).entries()) {
      if (findings.length >= maxSeals) unread++;
      else {
        library ??= await loadJudging(options);
        findings.push(await judge(seal, { index, entry: index, nth }, { digests, checkpoint }, library));
      }
    }
  }
  if (unread > 0)
    findings.push({ hop: { hop: 'sealed', mark: 'not-shown', state: 'unread', count: unread } });
  return findings;
}

/** The seals of an entry that are over this file. */
function sealsOver(attestation: Attestation, digests: Digests): readonly Seal[] {
  const seals = supervisionOf(attestation)?.value.seals ?? [];
  return seals.filter(({ subject }) => sharedDigests(subject, digests).equal.length > 0);
}

type Judging = Awaited<ReturnType<typeof loadJudging>>;

/** The library that reads seals is as heavy as most of the verifier, so it is loaded when there is one. */
async function loadJudging({
  anchors = { anchors: [], timestampAnchors: [] },
  crls,
}: SealOptions): Promise<
  Pick<typeof import('../../seal/seal.ts'), 'fingerprint' | 'judgeSeal'> & { readonly pinned: Pinned }
> {
  const { fingerprint, judgeSeal, readPinned } = await import('../../seal/seal.ts');
  return { fingerprint, judgeSeal, pinned: readPinned(anchors, crls) };
}

async function judge(
  { cms, timestamp, subject }: Seal,
  place: { readonly index: number; readonly entry: number; readonly nth: number },
  { digests, checkpoint }: { readonly digests: Digests; readonly checkpoint: CheckpointSummary | undefined },
  { fingerprint, judgeSeal, pinned }: Judging,
): Promise<HopFinding> {
  try {
    const judgement = await judgeSeal({
      cms: fromBase64(cms),
      ...defined({ timestamp: timestamp === undefined ? undefined : fromBase64(timestamp) }),
      digests: { ...subject, ...digests },
      pinned,
    });
    requireBefore(judgement, checkpoint);
    const certificateSha256 = await fingerprint(judgement.sealer);
    return { hop: { ...place, certificateSha256, ...sealHop(judgement) } };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    const { code, message: reason } = error;
    return {
      hop: { hop: 'sealed', mark: 'contradicted', state: 'refused', code, reason, ...place },
      failure: { ...failureOf(error), index: place.index },
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

export type SealHop = Extract<HopOf<'sealed'>, { readonly state: 'seal' }>;

/** A seal, wherever it stands. */
export type ShownSeal = Omit<SealHop, 'index' | 'nth' | 'certificateSha256'>;

/** The hop of a seal against which nothing speaks. */
export function sealHop(judgement: SealJudgement): ShownSeal {
  const { sealer, time, authority, key, hash, open } = judgement;
  const { organisation, organisationIdentifier, commonName, country } = sealer.subject;
  const { forSeals, legislation } = sealer.extensions;
  const proven = judgement.open === undefined ? judgement : undefined;
  return defined({
    hop: 'sealed',
    mark: open === undefined ? 'proven' : 'not-shown',
    // Who was revoked before is not known without the lists, so this is less than a seal in good standing.
    qualified: proven?.covered === false ? true : undefined,
    state: 'seal',
    holder: nameText(sealer.subject),
    organisation,
    organisationIdentifier,
    commonName,
    country,
    issuer: nameText(sealer.issuer),
    key,
    hash,
    time,
    tsa: authority === undefined ? undefined : nameText(authority.subject),
    forSeals: forSeals ? true : undefined,
    legislation,
    open,
    covered: proven?.covered ?? false,
    revokedLater: proven?.revokedLater,
  });
}
