/**
 * The supervision of a file in words: its source, the reviews of that, the
 * rebuilds, the chain of updates. What falls short is said in the line itself:
 * "reviewed" never stands without its depth and coverage, "none shown" is never
 * "none" unless every leaf has been read.
 */
import { counted, grouped, oneLine, shortened } from './hops.ts';
import type { RebuildResultPredicate } from '../../attestation/types.ts';
import { inputsOf } from './supervision.ts';
import type { ChainBack, Input, Linked, SourceLink, Supervision } from './supervision.ts';
import type { Complete, EntryOf } from '../folds/supporting.ts';
import type { LinkKind } from '../folds/update-chain.ts';
import type { Hop } from './verdict.ts';
import type { Failure } from '../proving/failure.ts';
import type { Entry } from '../authorising/walk.ts';

/** A hop, and why the answer cannot be `proven` if the hop is contradicted. */
export interface JudgedHop {
  readonly hop: Hop;
  readonly failure?: Failure;
}

/** The tree that the hops speak of, and what of it is known whole; without `complete`, only a bundle is. */
export interface Scope {
  readonly size: number;
  readonly complete?: Complete | undefined;
}

/** The chain of an update, then source, reviews and rebuilds. */
export function supervisionHops(supervision: Supervision, digests: KnownDigests, scope: Scope): JudgedHop[] {
  const { entry, sources, rebuilds, chain } = supervision;
  const { index } = entry;
  const own = (judged: JudgedHop[]): JudgedHop[] =>
    judged.map(({ hop, ...rest }) => ({ hop: { ...hop, entry: index }, ...rest }));
  return own([
    ...(chain === undefined ? [] : [chainHop(chain, scope)]),
    ...sources.flatMap((source) => [sourceHop(entry, source), ...reviewedHops(entry, source, scope)]),
    ...(sources.length === 0 ? noSource(entry, scope) : []),
    ...rebuilds.map((rebuild) => rebuiltHop(entry, rebuild, digests)),
    ...(rebuilds.length === 0 && entry.attestation.type === 'build' ? [noRebuild(scope)] : []),
  ]);
}

type KnownDigests = { readonly sha256?: string; readonly sha512?: string };

function none(what: string, { size, complete }: Scope, kind: keyof Complete): string {
  return complete?.[kind] === true
    ? `no ${what} among all ${counted(size, 'leaf', 'leaves')}`
    : `no ${what} shown as of ${grouped(size)}`;
}

/** `absent` only where every leaf has been read. */
function absence({ size, complete }: Scope, kind: keyof Complete): Hop['facts'] {
  return { size, ...(complete?.[kind] === true ? { absent: true } : {}) };
}

const at = (index: number): string => `(leaf ${grouped(index)})`;

function contradicted(
  hop: Omit<Hop, 'mark'>,
  failure: { readonly code: Failure['code']; readonly message: string; expected?: string; got?: string },
): JudgedHop {
  const { index } = hop;
  return {
    hop: { ...hop, mark: 'contradicted', facts: { ...hop.facts, code: failure.code } },
    failure: { ...failure, ...(index === undefined ? {} : { index }) },
  };
}

function noSource(entry: Entry, scope: Scope): JudgedHop[] {
  const inputs = inputsOf(entry.attestation).flatMap(({ name, digest }) =>
    Object.entries(digest).map(([algorithm, value]) => ({ name, algorithm, value })),
  );
  const [first] = inputs;
  const unnamed = `names no ${entry.attestation.type === 'build' ? 'source by a digest' : 'rules snapshot'}`;
  const text =
    first === undefined
      ? unnamed
      : `names ${inputText(first)}${inputs.length > 1 ? ` and ${inputs.length - 1} more` : ''}; ` +
        none('escrowed snapshot of it', scope, 'snapshots');
  const { index } = entry;
  const source: Hop = {
    hop: 'source',
    mark: 'not-shown',
    text,
    index,
    facts: {
      ...absence(scope, 'snapshots'),
      ...(first === undefined ? {} : { algorithm: first.algorithm, digest: first.value }),
    },
  };
  const reviewed: Hop = {
    hop: 'reviewed',
    mark: 'not-shown',
    text: none('review of its source', scope, 'reviews'),
    facts: absence(scope, 'reviews'),
  };
  return [{ hop: source }, { hop: reviewed }];
}

function sourceHop(entry: Entry, { snapshot, agreement, input }: SourceLink): JudgedHop {
  const { index, attestation } = snapshot;
  const { product, version, kind, files, escrow, manifest } = attestation.statement.predicate;
  const [digest = { algorithm: '', value: '' }] = Object.entries(manifest).map(([algorithm, value]) => ({
    algorithm,
    value: String(value),
  }));
  const facts = { ...sourceFacts(entry, snapshot), files, ...digest };
  if (agreement === 'conflict') {
    const text = `one digest of the snapshot at leaf ${grouped(index)} is that of an input, and another is not`;
    return contradicted(
      { hop: 'source', text, index, facts },
      {
        code: 'subject-mismatch',
        message: 'the input and the snapshot cannot both be what their entries say',
        expected: Object.entries(input.digest)
          .map((pair) => pair.join(' '))
          .join(', '),
        got: Object.entries(manifest)
          .map((pair) => pair.join(' '))
          .join(', '),
      },
    );
  }
  const late = index > entry.index;
  const short = [
    ...(suits(entry, kind) ? [] : [`it is of the kind ${kind}`]),
    ...(ofProduct(entry, product) ? [] : ['of another product']),
    ...(late ? [`recorded after the ${entry.attestation.type === 'build' ? 'build' : 'update'}`] : []),
  ];
  return {
    hop: {
      hop: 'source',
      mark: 'proven',
      ...(short.length === 0 ? {} : { qualified: true }),
      text:
        `${digest.algorithm} ${shortened(digest.value)} is the escrowed snapshot of ${product} ${version}: ` +
        `${counted(files, 'file')}, ${escrow.site} ${escrow.country}` +
        `${short.map((one) => `; ${one}`).join('')} ${at(index)}`,
      index,
      facts: { ...facts, country: escrow.country, recordedAfter: late },
    },
  };
}

/** What a snapshot is of, and whether that is what the file was made from. */
function sourceFacts(entry: Entry, snapshot: EntryOf<'source-snapshot'>): Hop['facts'] {
  const { product, kind } = snapshot.attestation.statement.predicate;
  return {
    snapshot: snapshot.index,
    product,
    kind,
    own: suits(entry, kind) && ofProduct(entry, product),
  };
}

/** The scripts that build a product are among its inputs, and are not its source. */
function suits({ attestation }: Entry, kind: string): boolean {
  return attestation.type === 'build' ? kind === 'product' || kind === 'cloud' : kind === 'rules';
}

function ofProduct({ attestation }: Entry, product: string): boolean {
  return attestation.type !== 'build' || attestation.product === product;
}

function reviewedHops(entry: Entry, { snapshot, reviews }: SourceLink, scope: Scope): JudgedHop[] {
  if (reviews.length > 0) return reviews.map((review) => reviewedHop(entry, snapshot, review));
  const text = none(`review of the snapshot at leaf ${grouped(snapshot.index)}`, scope, 'reviews');
  const facts = { ...absence(scope, 'reviews'), snapshot: snapshot.index };
  return [{ hop: { hop: 'reviewed', mark: 'not-shown', text, facts } }];
}

function reviewedHop(
  entry: Entry,
  snapshot: EntryOf<'source-snapshot'>,
  { entry: review, agreement }: Linked<EntryOf<'source-review'>>,
): JudgedHop {
  const { index, attestation } = review;
  const { depth, coverage, result, findings, presence, limitations } = attestation.statement.predicate;
  const { filesCovered, filesTotal } = coverage;
  const { files } = snapshot.attestation.statement.predicate;
  const count = Object.values(findings).reduce((sum, some) => sum + some, 0);
  // Whoever counts fewer files than the snapshot has could call a part of it the whole.
  const whole = depth === 'full' && filesCovered >= files;
  const of = sourceFacts(entry, snapshot);
  const facts = {
    ...of,
    depth,
    whole,
    filesCovered,
    filesTotal,
    snapshotFiles: files,
    result,
    findings: count,
    presence,
    limitations: limitations.length,
  };
  const disagrees = disagreement({ hop: 'reviewed', index, facts }, agreement, 'snapshot');
  if (disagrees !== undefined) return disagrees;
  const covered =
    `${depth}: ${grouped(filesCovered)} of ${grouped(filesTotal)} files` +
    (filesTotal === files ? '' : `, while the snapshot has ${grouped(files)}`) +
    (whole ? '' : ', not full');
  if (result === 'refused' || result === 'inconclusive') {
    const text =
      result === 'refused'
        ? `refused: the reviewers were not let near the source ${at(index)}`
        : `inconclusive; ${covered} ${at(index)}`;
    return { hop: { hop: 'reviewed', mark: 'not-shown', text, index, facts } };
  }
  const found =
    count === 0
      ? 'no findings'
      : `${counted(count, 'finding')} (${severities
          .filter((severity) => findings[severity] > 0)
          .map((severity) => `${grouped(findings[severity])} ${severity}`)
          .join(', ')})`;
  const byOwn = byMaker(entry, review);
  const qualified = !whole || count > 0 || filesTotal !== files || of['own'] === false || byOwn;
  return {
    hop: {
      hop: 'reviewed',
      mark: 'proven',
      ...(qualified ? { qualified: true } : {}),
      text: `${covered}; ${found}${byOwn ? '; by a reviewer of the vendor' : ''} ${at(index)}`,
      index,
      facts,
    },
  };
}

const severities = ['critical', 'high', 'medium', 'low'] as const;

/** A statement that names a leaf, and by its digests something else. */
function disagreement(
  hop: Omit<Hop, 'mark' | 'text'>,
  agreement: Linked<Entry>['agreement'],
  what: string,
): JudgedHop | undefined {
  const { index = 0 } = hop;
  if (agreement === 'conflict') {
    const text = `leaf ${grouped(index)} gives one digest of the ${what} right, and another wrong`;
    return contradicted(
      { ...hop, text },
      { code: 'subject-mismatch', message: `two entries give two digests of one ${what}` },
    );
  }
  if (agreement === 'same') return undefined;
  const how = agreement === 'different' ? 'with other digests' : 'with digests by other algorithms only';
  return {
    hop: { ...hop, mark: 'not-shown', text: `leaf ${grouped(index)} names the leaf of the ${what} ${how}` },
  };
}

const by: Readonly<Record<RebuildResultPredicate['independence'], string>> = {
  independent: 'independent of the vendor',
  'vendor-toolchain': 'with the vendor’s toolchain',
  'vendor-machines': 'on machines of the vendor',
  vendor: 'by the vendor itself',
};

const makers: readonly string[] = ['builder', 'database-publisher'];

/** Whether an organisation that made the file signed this about it, whatever it says of its independence. */
function byMaker(about: Entry, { signers }: Entry): boolean {
  const own = about.signers.filter(({ roles }) => roles.some((role) => makers.includes(role)));
  return signers.some(({ organisation }) => own.some((maker) => maker.organisation === organisation));
}

function noRebuild(scope: Scope): JudgedHop {
  const text = none('rebuild of it', scope, 'rebuilds');
  return { hop: { hop: 'rebuilt', mark: 'not-shown', text, facts: absence(scope, 'rebuilds') } };
}

function rebuiltHop(
  about: Entry,
  { entry, agreement }: Linked<EntryOf<'rebuild-result'>>,
  digests: KnownDigests,
): JudgedHop {
  const { index, attestation } = entry;
  const { verdict, unexplainedBytes, normalisations, candidate, limitations } =
    attestation.statement.predicate;
  const stated = attestation.statement.predicate.independence;
  const independence = byMaker(about, entry) ? 'vendor' : stated;
  const names = normalisations.map(({ name }) => name);
  const facts = {
    verdict,
    unexplainedBytes,
    independence,
    normalisations: names.join(','),
    limitations: limitations.length,
  };
  const disagrees = disagreement({ hop: 'rebuilt', index, facts }, agreement, 'file');
  if (disagrees !== undefined) return disagrees;
  const called = independence === stated ? '' : `, called ${stated}`;
  const who = `${by[independence]}${called} ${at(index)}`;
  const base = { hop: 'rebuilt', index, facts } as const;
  const differs = (text: string, expected: string, got: string): JudgedHop =>
    contradicted(
      { ...base, text },
      { code: 'rebuild-differs', message: 'rebuilding gave another artefact', expected, got },
    );
  if (verdict === 'different') {
    const bytes = `${counted(unexplainedBytes, 'byte')} unexplained`;
    return differs(
      `different: ${bytes}; ${who}`,
      'an identical or equivalent rebuild',
      `${bytes}, at leaf ${grouped(index)}`,
    );
  }
  if (verdict === 'not-rebuildable') {
    return { hop: { ...base, mark: 'not-shown', text: `not rebuildable, so nothing was compared; ${who}` } };
  }
  // Said to be byte for byte the same, and by some digest it is not: recomputed here, whatever the rebuilder signed.
  const wrong =
    verdict === 'identical'
      ? (['sha256', 'sha512'] as const).find(
          (name) =>
            candidate?.digest[name] !== undefined &&
            digests[name] !== undefined &&
            candidate.digest[name] !== digests[name],
        )
      : undefined;
  if (wrong !== undefined) {
    return differs(
      `called identical, and its ${wrong} is not that of the file; ${who}`,
      `${wrong} ${digests[wrong]}`,
      `${wrong} ${candidate?.digest[wrong]}`,
    );
  }
  const how =
    verdict === 'identical'
      ? 'identical, byte for byte'
      : `equivalent after normalising ${names.map(oneLine).join(', ')}; 0 bytes unexplained`;
  return {
    hop: {
      ...base,
      mark: 'proven',
      ...(independence === 'independent' ? {} : { qualified: true }),
      text: `${how}; ${who}`,
    },
  };
}

const breaks: Readonly<Record<LinkKind, string>> = {
  first: 'is the first',
  follows: 'follows',
  'begins-again': 'says that it is the first, beside an earlier first',
  forks: 'follows a state that another update follows already',
  skips: 'follows a state that no leaf records',
  'other-state': 'follows another state of its predecessor than is recorded',
  'other-version': 'follows a state that is recorded as another version',
  circle: 'follows a circle that never comes to a first',
  incomparable: 'names its predecessor by digests of other algorithms only',
};

function chainHop({ path, end, at: where }: ChainBack, { size, complete }: Scope): JudgedHop {
  const last = path.at(-1) ?? path[0];
  const steps = path.length - 1;
  const { index = 0 } = last?.entry ?? {};
  const version = last?.predicate.version ?? '';
  const facts = { updates: path.length, oldest: index, version, end };
  const far = steps === 0 ? '' : `, ${counted(steps, 'update')} back`;
  if (end === 'first') {
    const lost = path.find(({ predicate, backTo }) => predicate.kind === 'rollback' && backTo === undefined);
    const text =
      steps === 0
        ? `the first of its family ${at(index)}`
        : `unbroken to the first, ${version}${far} ${at(index)}`;
    const whole =
      complete?.updates === true ? `; no fork on the way among all ${counted(size, 'leaf', 'leaves')}` : '';
    const late = path.find(({ entry }, step) => entry.index > (path[step - 1]?.entry.index ?? Infinity));
    const swapped =
      late === undefined
        ? ''
        : `; ${late.predicate.version} ${at(late.entry.index)} was recorded after what follows it`;
    const back =
      lost === undefined
        ? ''
        : `; ${lost.predicate.version} ${at(lost.entry.index)} goes back to a state that nothing before it records`;
    return {
      hop: {
        hop: 'chain',
        mark: 'proven',
        ...(lost === undefined && late === undefined ? {} : { qualified: true }),
        text: `${text}${whole}${back}${swapped}`,
        index,
        facts,
      },
    };
  }
  const link = where?.link ?? 'skips';
  const broken = where?.entry.index ?? index;
  const beside = where?.previous === undefined ? '' : ` ${at(where.previous.index)}`;
  const what = `${where?.predicate.version ?? version} ${at(broken)} ${breaks[link]}${beside}`;
  if (end === 'open') {
    const before = last?.predicate.previous?.version;
    const text =
      `unbroken to ${before === undefined ? 'the first, ' : ''}${version}${far} ${at(index)}` +
      (before === undefined ? '' : `; ${before} before it not shown as of ${grouped(size)}`) +
      (link === 'skips' ? '' : `; ${what}, as far as is shown`);
    return { hop: { hop: 'chain', mark: 'not-shown', text, index, facts: { ...facts, link } } };
  }
  return contradicted(
    { hop: 'chain', text: `broken: ${what}`, index: broken, facts: { ...facts, link } },
    {
      code: 'chain-broken',
      message: 'the chain of updates behind the file is broken',
      expected: 'each update follows the recorded state before it',
      got: what,
    },
  );
}

function inputText({
  name,
  algorithm,
  value,
}: {
  name?: Input['name'];
  algorithm: string;
  value: string;
}): string {
  return `${name === undefined ? '' : `${oneLine(name)}, `}${algorithm} ${shortened(value)}`;
}
