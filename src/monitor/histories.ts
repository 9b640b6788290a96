/**
 * The histories that a monitor keeps of a log: the same folds as those of the
 * commands that read it whole, so that it knows what they would say.
 *
 *   an entry comes       one row of what its fold keeps of it, in the commit of its batch;
 *                        the chain that an update is of is marked as not judged
 *   all leaves are read  chains that are not judged are linked, and what is broken is kept
 *
 * No row is written twice but that of a chain, and of it only where it is
 * broken: a long history costs nothing to go on with. Only the chains that
 * something was added to are read back, one after the other.
 */
import { utf8 } from '../bytes.ts';
import { defined } from '../defined.ts';
import { LedgerError } from '../errors.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import type { Attestation } from '../attestation/statement.ts';
import type { DatabaseUpdatePredicate } from '../attestation/types.ts';
import type { Row } from '../storage/storage.ts';
import { tileWidth } from '../tlog/tile.ts';
import { linkMark } from '../verifier/folds/chain-verdict.ts';
import type { Recorded, Seen } from '../verifier/folds/fold.ts';
import { Residency } from '../verifier/folds/residency.ts';
import type { CategoryStatus, ResidencyStatement } from '../verifier/folds/residency.ts';
import { UpdateChains, chainFields } from '../verifier/folds/update-chain.ts';
import type { ChainFields, Update, UpdateLink } from '../verifier/folds/update-chain.ts';
import type { LogView } from '../verifier/proving/log-client.ts';
import type { FactsOf } from './finding.ts';
import { allOf, chainIn, chainKey, statementKey, updateKey, updatesOf } from './rows.ts';
import type { MonitorStore } from './store.ts';

/** What a chain needs of an update, and the source whose numbers say how long to wait for what it follows. */
interface WatchedFields extends ChainFields {
  readonly source: string;
}

interface BrokenLink {
  readonly source: string;
  readonly facts: FactsOf<'chain-broken'>;
}

/** Row 0c: the broken links of a chain, as many as are listed at once, and how many there are. */
interface JudgedChain {
  readonly broken: readonly BrokenLink[];
  readonly count: number;
}

function newChains(): UpdateChains<WatchedFields> {
  return new UpdateChains({ fields: watchedFields });
}

function watchedFields(predicate: DatabaseUpdatePredicate): WatchedFields {
  return { ...chainFields(predicate), source: predicate.source.id };
}

/** The rows that an authorised entry adds to the histories. */
export function historyRows(entry: Seen): Row[] {
  const update = newChains().keep(entry);
  if (update !== undefined) {
    const { family, platform } = update.predicate;
    return [
      [updateKey(family, platform, entry.index), json(update)],
      [chainKey(family, platform), json(null)],
    ];
  }
  const statement = new Residency().keep(entry);
  if (statement === undefined) return [];
  return [[statementKey(statement.predicate.region, entry.index), json(statement)]];
}

/**
 * Reads leaves again that were judged before their histories were kept, from
 * the tiles that they stand in. Which of them were authorised the store knows:
 * their numbers led to them.
 */
export async function foldAgain(
  store: MonitorStore,
  view: LogView,
  {
    time,
    signal,
    onProgress,
  }: {
    readonly time: number;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((done: number, size: number) => void) | undefined;
  },
): Promise<void> {
  const { position } = store;
  if (store.folded === position) return;
  let puts: Row[] = [];
  for await (const { index, leaf } of view.leaves(store.folded)) {
    const entry = await judgedEntry(store, index, leaf);
    if (entry !== undefined) puts.push(...historyRows(entry));
    const folded = index + 1;
    if (folded % tileWidth !== 0 && folded !== position) continue;
    // A crash before this reads the same leaves again, and writes the same rows.
    await store.commit({ time, puts, known: { folded } });
    puts = [];
    onProgress?.(folded, view.size);
    if (folded === position || signal?.aborted === true) return;
  }
  throw new Error('broken invariant: the position is below the newest checkpoint');
}

async function judgedEntry(store: MonitorStore, index: number, leaf: Uint8Array): Promise<Seen | undefined> {
  const attestation = decoded(leaf);
  const source = attestation?.supervision?.source;
  if (attestation === undefined || source === undefined) return undefined;
  return (await store.indexOf(source.id, source.seq)) === index ? { index, attestation } : undefined;
}

/** What cannot be decoded was a finding when it was judged. */
function decoded(leaf: Uint8Array): Attestation | undefined {
  try {
    return decodeAttestation(decodeEnvelope(leaf));
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

/**
 * Where the chains are broken, the first `limit` links of each and of all, and
 * whether these are all. Judges those that something was added to since: the
 * rows are to be committed.
 */
export async function brokenChains(
  store: MonitorStore,
  limit: number,
): Promise<{ readonly broken: readonly BrokenLink[]; readonly whole: boolean; readonly puts: Row[] }> {
  const broken: BrokenLink[] = [];
  const puts: Row[] = [];
  let count = 0;
  for await (const [key, value] of store.rows(allOf(12))) {
    let judged = value as JudgedChain | null;
    if (judged === null) {
      const { family, platform } = chainIn(key);
      judged = await judgeChain(store, { family, platform, limit });
      puts.push([key, json(judged)]);
    }
    count += judged.count;
    broken.push(...judged.broken.slice(0, limit - broken.length));
  }
  return { broken, whole: count <= limit, puts };
}

async function judgeChain(
  store: MonitorStore,
  { family, platform, limit }: { readonly family: string; readonly platform: string; readonly limit: number },
): Promise<JudgedChain> {
  const chains = newChains();
  for await (const [, value] of store.rows(updatesOf(family, platform))) {
    chains.take(value as Update<Recorded, WatchedFields>);
  }
  const broken = chains
    .result()
    .flatMap(({ updates }) => updates)
    .filter((link) => linkMark(link) === 'contradicted');
  return { broken: broken.slice(0, limit).map(brokenLink), count: broken.length };
}

function brokenLink({ entry, predicate, link, previous }: UpdateLink<Recorded, WatchedFields>): BrokenLink {
  const { family, platform, version, source } = predicate;
  return {
    source,
    facts: {
      kind: 'chain-broken',
      index: entry.index,
      family,
      platform,
      version,
      link,
      ...defined({ follows: predicate.previous?.version, previous: previous?.index }),
    },
  };
}

/** Regions and categories that speak against what was stated of them, at a time in milliseconds. */
export async function residencyFacts(
  store: MonitorStore,
  at: number,
): Promise<FactsOf<'residency-regressed' | 'residency-overdue'>[]> {
  const residency = new Residency();
  for await (const [, value] of store.rows(allOf(13))) residency.take(value as ResidencyStatement);
  return residency
    .result(at)
    .flatMap(({ region, categories }) => categories.flatMap((status) => statusFacts(region, status)));
}

function statusFacts(
  region: string,
  { category, statement, standing, promises }: CategoryStatus,
): FactsOf<'residency-regressed' | 'residency-overdue'>[] {
  const { index } = statement.entry;
  const { phase, to, effectiveAt } = statement.predicate;
  const of = { index, region, category, phase, to, effectiveAt };
  if (standing === 'against') return [{ kind: 'residency-regressed', standing, ...of }];
  if (standing === 'copy-overdue') return [{ kind: 'residency-overdue', standing, ...of }];
  if (standing !== 'overdue') return [];
  const promise = promises.at(-1)?.predicate;
  return [
    {
      kind: 'residency-overdue',
      standing,
      ...of,
      ...defined({ to: promise?.to, effectiveAt: promise?.effectiveAt }),
    },
  ];
}

function json(value: object | null): Uint8Array {
  return utf8(JSON.stringify(value));
}
