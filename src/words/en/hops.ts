/** The hops of a verdict in English: one line each, after the label. */
import { isoTime } from '../../seal/words.ts';
import type { ShownSeal } from '../../verifier/judging/sealed.ts';
import type { LinkKind } from '../../verifier/folds/update-chain.ts';
import type {
  BuiltHop,
  ChainHop,
  CorrectionsHop,
  Hop,
  HopName,
  HopOf,
  RebuiltHop,
  ReviewedHop,
  RevocationsHop,
  Signatory,
  SourceHop,
  Spoilt,
  VersionAt,
} from '../../verifier/judging/hops/hop.ts';
import { oneLine, sayIn, shortened } from '../say.ts';

const say = sayIn('en');
const { number } = say;

const leaf = (index: number): string => `leaf ${number(index)}`;
const at = (index: number): string => `(${leaf(index)})`;
const leaves = (size: number): string => say.count(size, { one: 'leaf', other: 'leaves' });
const day = (time: string): string => time.slice(0, 10);
const signatories = (signers: readonly Signatory[]): string =>
  signers.map(({ name, organisation }) => `${name} (${organisation})`).join(' and ');

const none = (what: string, { size, absent }: { readonly size: number; readonly absent?: true }): string =>
  absent === true ? `no ${what} among all ${leaves(size)}` : `no ${what} shown as of ${number(size)}`;

export const labels: Readonly<Record<HopName, string>> = {
  checkpoint: 'Checkpoint',
  recorded: 'Recorded',
  authority: 'Authority',
  file: 'File',
  built: 'Built',
  updated: 'Updated',
  chain: 'Chain',
  source: 'Source',
  reviewed: 'Reviewed',
  rebuilt: 'Rebuilt',
  sealed: 'Sealed',
  keys: 'Keys',
  revocations: 'Revocations',
  corrections: 'Corrections',
  replayed: 'Replayed',
  more: 'More',
};

const presences: Readonly<Record<BuiltHop['presence'], string>> = {
  onsite: 'supervisor on site',
  remote: 'supervisor at a distance',
  automated: 'supervised by machinery, no inspector',
};

function source(hop: SourceHop): string {
  if (hop.state === 'none') {
    const { input, algorithm = '', digest, inputs } = hop;
    if (digest === undefined) {
      return `names no ${hop.of === 'build' ? 'source by a digest' : 'rules snapshot'}`;
    }
    const named = `${input === undefined ? '' : `${oneLine(input)}, `}${algorithm} ${shortened(digest)}`;
    const more = inputs > 1 ? ` and ${number(inputs - 1)} more` : '';
    return `names ${named}${more}; ${none('escrowed snapshot of it', hop)}`;
  }
  if (hop.state === 'conflict') {
    return `one digest of the snapshot at ${leaf(hop.index)} is that of an input, and another is not`;
  }
  const { algorithm, value, product, version, files, site, country } = hop;
  const short = [
    ...(hop.suits ? [] : [`it is of the kind ${hop.kind}`]),
    ...(hop.ofProduct ? [] : ['of another product']),
    ...(hop.recordedAfter ? [`recorded after the ${hop.of}`] : []),
  ];
  return (
    `${algorithm} ${shortened(value)} is the escrowed snapshot of ${product} ${version}: ` +
    `${say.count(files, { one: 'file', other: 'files' })}, ${site} ${country}` +
    `${short.map((one) => `; ${one}`).join('')} ${at(hop.index)}`
  );
}

const severities = ['critical', 'high', 'medium', 'low'] as const;

function reviewed(hop: ReviewedHop): string {
  if (hop.state === 'none') {
    const { snapshot } = hop;
    return none(
      snapshot === undefined ? 'review of its source' : `review of the snapshot at ${leaf(snapshot)}`,
      hop,
    );
  }
  const { index, agreement, depth, filesCovered, filesTotal, snapshotFiles, findings } = hop;
  if (agreement !== 'same') return disagrees(index, agreement, 'snapshot');
  const covered =
    `${depth}: ${number(filesCovered)} of ${number(filesTotal)} files` +
    (filesTotal === snapshotFiles ? '' : `, while the snapshot has ${number(snapshotFiles)}`) +
    (hop.whole ? '' : ', not full');
  if (hop.result === 'refused') return `refused: the reviewers were denied access to the source ${at(index)}`;
  if (hop.result === 'inconclusive') return `inconclusive; ${covered} ${at(index)}`;
  const by = severities
    .filter((severity) => hop.severities[severity] > 0)
    .map((severity) => `${number(hop.severities[severity])} ${severity}`);
  const found =
    findings === 0
      ? 'no findings'
      : `${say.count(findings, { one: 'finding', other: 'findings' })} (${by.join(', ')})`;
  return `${covered}; ${found}${reviewedBy(hop)} ${at(index)}`;
}

function reviewedBy({ byMaker, likeMaker }: Extract<ReviewedHop, { state: 'review' }>): string {
  if (byMaker) return '; by a reviewer of the vendor';
  return likeMaker === true ? '; by a reviewer whose organisation is named like the vendor' : '';
}

/** A statement that names a leaf, and by its digests something else. */
function disagrees(
  index: number,
  agreement: Exclude<Extract<ReviewedHop, { state: 'review' }>['agreement'], 'same'>,
  what: string,
): string {
  const texts = {
    conflict: `gives one digest of the ${what} right, and another wrong`,
    different: `names the leaf of the ${what} with other digests`,
    incomparable: `names the leaf of the ${what} with digests by other algorithms only`,
  };
  return `${leaf(index)} ${texts[agreement]}`;
}

const independences: Readonly<Record<Extract<RebuiltHop, { state: 'rebuild' }>['independence'], string>> = {
  independent: 'independent of the vendor',
  'vendor-toolchain': 'with the vendor’s toolchain',
  'vendor-machines': 'on machines of the vendor',
  vendor: 'by the vendor itself',
};

function rebuilt(hop: RebuiltHop): string {
  if (hop.state === 'none') return none('rebuild of it', hop);
  const { index, agreement, independence, stated, retractedBy, correctedBy } = hop;
  if (agreement !== 'same') return disagrees(index, agreement, 'file');
  const called = independence === stated ? '' : `, called ${stated}`;
  const since =
    retractedBy !== undefined
      ? `; retracted by ${leaf(retractedBy)}`
      : correctedBy !== undefined
        ? `; corrected by ${leaf(correctedBy)}`
        : '';
  const like = hop.likeMaker === true ? '; by a rebuilder whose organisation is named like the vendor' : '';
  return `${outcome(hop)}; ${independences[independence]}${called}${like} ${at(index)}${since}`;
}

function outcome(hop: Extract<RebuiltHop, { state: 'rebuild' }>): string {
  const { verdict, wrong, unexplainedBytes, normalisations } = hop;
  if (wrong !== undefined) return `called identical, and its ${wrong} is not that of the file`;
  const texts: Readonly<Record<typeof verdict, string>> = {
    identical: 'identical, byte for byte',
    equivalent: `equivalent after normalising ${normalisations.map(oneLine).join(', ')}; 0 bytes unexplained`,
    different: `different: ${say.count(unexplainedBytes, { one: 'byte', other: 'bytes' })} unexplained`,
    'not-rebuildable': 'not rebuildable, so nothing was compared',
  };
  return texts[verdict];
}

const breaks: Readonly<Record<LinkKind, string>> = {
  first: 'is the first',
  follows: 'follows',
  'begins-again': 'claims to be the first update, but an earlier first is recorded',
  forks: 'follows a state that another update follows already',
  skips: 'follows a state that no leaf records',
  'other-state': 'follows another state of its predecessor than is recorded',
  'other-version': 'follows a state that is recorded as another version',
  circle: 'follows a circle that never comes to a first',
  incomparable: 'names its predecessor by digests of other algorithms only',
};

const versionAt = ({ version, index }: VersionAt): string => `${version} ${at(index)}`;

function chain(hop: ChainHop): string {
  const { end, updates, oldest, version, before, link, lost, late, size } = hop;
  const far = updates === 1 ? '' : `, ${say.count(updates - 1, { one: 'update', other: 'updates' })} back`;
  if (end === 'first') {
    return [
      updates === 1
        ? `the first of its family ${at(oldest)}`
        : `unbroken to the first, ${version}${far} ${at(oldest)}`,
      ...(hop.complete ? [`no fork on the way among all ${leaves(size)}`] : []),
      ...(lost === undefined
        ? []
        : [`${versionAt(lost)} goes back to a state that nothing before it records`]),
      ...(late === undefined ? [] : [`${versionAt(late)} was recorded after what follows it`]),
    ].join('; ');
  }
  const place = hop.at ?? { version, index: oldest };
  const beside = hop.at?.previous === undefined ? '' : ` ${at(hop.at.previous)}`;
  const what = `${versionAt(place)} ${breaks[link ?? 'skips']}${beside}`;
  if (end === 'broken') return `broken: ${what}`;
  return (
    `unbroken to ${before === undefined ? 'the first, ' : ''}${version}${far} ${at(oldest)}` +
    (before === undefined ? '' : `; ${before} before it not shown as of ${number(size)}`) +
    (link === 'skips' ? '' : `; ${what}, as far as is shown`)
  );
}

/** Whose seal it is, since when, and what is missing. */
export function sealText(hop: ShownSeal): string {
  const { holder, issuer, time, tsa, open, covered, revokedLater } = hop;
  if (open !== undefined) return `says it is of ${holder}: ${open.text}`;
  return (
    `${holder}, certified by ${issuer}; ${time === undefined ? '' : isoTime(time)} by ${tsa}; ` +
    (covered ? 'nobody was revoked before' : 'revocation lists of that time not shown') +
    (revokedLater === undefined ? '' : `; its certificate was revoked on ${day(isoTime(revokedLater))}`)
  );
}

function revocations({ mark, size, newestAuthority, version, since }: RevocationsHop): string {
  if (mark === 'proven') {
    return `none that reaches these keys here; authority version ${version} ${at(newestAuthority)} is the newest of ${leaves(size)}`;
  }
  const told = since.map(({ name, status }) => `the key of ${name} is ${status} by now; `).join('');
  return `${told}${told === '' ? 'none' : 'no other'} shown after the authority document at ${leaf(newestAuthority)}, as of ${number(size)}`;
}

function corrections(hop: CorrectionsHop): string {
  if (hop.state === 'correction') {
    const { target, index, kind, by, statedReason } = hop;
    return `${leaf(target)} is corrected by ${leaf(index)}: ${kind} by ${signatories(by)}: ${statedReason}`;
  }
  return hop.mark === 'proven'
    ? `none among all ${leaves(hop.size)}`
    : `none shown as of ${number(hop.size)}`;
}

/** Entries about the file that are named in one line. */
const maxNamed = 10;

function replayed(hop: HopOf<'replayed'>): string {
  const { size, index } = hop;
  if (hop.state === 'findings') {
    return `findings at ${number(hop.findings)} of ${number(size)} leaves, first at ${leaf(index ?? 0)}: ${hop.reason}`;
  }
  const shown = hop.others.slice(0, maxNamed).map(leaf).join(', ');
  const more = hop.others.length - maxNamed;
  return (
    `all ${number(size)} leaves: root computed again, every signature and authority checked` +
    (shown === '' ? '; no other entry about this file' : `; also about this file: ${shown}`) +
    (more > 0 ? ` and ${number(more)} more` : '')
  );
}

export const hops: { readonly [N in HopName]: (hop: HopOf<N>) => string } = {
  checkpoint: ({ reason }) => reason,
  authority: (hop) =>
    hop.state === 'refused' ? hop.reason : 'a proof alone does not show who was allowed to record the entry',
  file: (hop) => {
    if (hop.state === 'refused') return hop.reason;
    const texts: Readonly<Record<typeof hop.among, string>> = {
      bundle: 'the bundle holds no build or database update of this file',
      ledger: `the ledger showed no entry for a digest of this file as of size ${number(hop.size ?? 0)}`,
      'all-leaves': `no build or database update among all ${number(hop.size ?? 0)} leaves has a digest of this file`,
      proof: 'the proof is of another entry than one about this file',
    };
    return texts[hop.among];
  },
  recorded: (hop) => {
    if (hop.state === 'refused') return hop.reason;
    if (hop.state === 'included') return `leaf ${hop.index} of ${hop.size}, root ${hop.root}`;
    const { index, size, witnesses, witnessesListed } = hop;
    return `${leaf(index)} of ${number(size)}; ${witnessed({ witnesses, witnessesListed })}`;
  },
  built: ({ product, version, facility, country, occurredAt, presence, deviations }) =>
    `${product} ${version}: ${facility} ${country}, ${day(occurredAt)}, ${presences[presence]}` +
    (deviations === 0
      ? ''
      : `; ${say.count(deviations, { one: 'deviation', other: 'deviations' })} from procedure declared`),
  updated: ({ family, version, kind, facility, country, occurredAt, previous }) =>
    `${family} ${version} (${kind}): ${facility} ${country}, ${day(occurredAt)}, ` +
    (previous === null ? 'the first of its family' : `after ${previous}`),
  chain,
  source,
  reviewed,
  rebuilt,
  sealed: (hop) => {
    if (hop.state === 'refused') return hop.reason;
    if (hop.state === 'unread') {
      return `${say.count(hop.count, { one: 'more seal', other: 'more seals' })} not looked at`;
    }
    return sealText(hop);
  },
  keys: ({ signers, lookAlikes, authorityVersion, authorityIndex }) =>
    `${signatories(signers)}: in force when recorded, by the authority the signers named ` +
    `(version ${authorityVersion}, ${leaf(authorityIndex)})` +
    (lookAlikes === undefined
      ? ''
      : `; the names ${lookAlikes.map((name) => JSON.stringify(name)).join(' and ')} look alike, and may be one organisation`),
  revocations,
  corrections,
  replayed,
  more: () => 'the ledger has more about this than one answer holds',
};

/** The witnesses whose cosignatures are on a checkpoint. */
export function witnessed({
  witnesses,
  witnessesListed,
}: {
  readonly witnesses: number;
  readonly witnessesListed: number;
}): string {
  return witnessesListed === 0
    ? 'no witnesses in the trust file'
    : `${number(witnesses)} of ${number(witnessesListed)} witnesses`;
}

/** Why a hop is contradicted by a leaf that it rests on. */
export function spoilt(why: Spoilt): string {
  return why.by === 'correction'
    ? `${leaf(why.target)} is corrected by ${leaf(why.correction)}`
    : `the key of ${why.name} is ${why.status} as of ${leaf(why.leaf)}, says a later authority document`;
}

/** A hop that stands for all others like it. */
export const moreAlike = (hop: Hop): string => `and more like it, from ${leaf(hop.index ?? 0)} on`;
