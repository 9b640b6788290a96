/**
 * Finds the entries that a bundle about a file needs, by asking a source that
 * can search: a ledger's API, or the ledger itself.
 *
 *   digest of the file   ► builds, database updates
 *   their inputs         ► source snapshots ► reviews
 *   their leaf hashes    ► rebuilds
 *   previous states      ► up to 64 updates before
 *   all of those         ► corrections, and corrections of them
 *
 * Nothing that the source says is believed. It can leave out what it likes,
 * and the verdict then says "not shown"; only a replay finds what was left out.
 * The work and the bundle are bounded, whatever the source answers.
 */
import { toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { digestName, namedDigests } from '../../attestation/digests.ts';
import type { SomeDigests } from '../../attestation/digests.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { AttestationType } from '../../attestation/types.ts';
import { inParallel } from '../proving/in-parallel.ts';
import { touches } from '../folds/subject.ts';
import type { Digests } from '../folds/subject.ts';
import { inputsOf, knownDigests } from '../folds/supervision.ts';

export interface EntryFilters {
  /** `sha256:` or `sha512:` and lowercase hex. */
  readonly subject?: string;
  readonly type?: AttestationType;
  /** Leaf hash of an entry that they refer to. */
  readonly ref?: string;
}

/** Where entries are looked for. */
export interface EntrySearch {
  /** Indices that are said to match, ascending, at most `limit`. */
  search(filters: EntryFilters, page: { readonly limit: number }): Promise<readonly number[]>;
  /** Any leaf; a `LeafSource` will do. */
  byIndex(index: number): Promise<{ readonly leaf: Uint8Array }>;
}

export interface CollectOptions {
  readonly source: EntrySearch;
  /** Digests of the file; without them, `known` are the entries that the bundle is for, whatever they are about. */
  readonly digests?: Digests | undefined;
  /** The tree that the bundle will be of: what stands at this index or above is not in it. */
  readonly size: number;
  /** Entries about the file that are known already, for example from a proof at hand. */
  readonly known?: readonly number[];
}

export interface Collected {
  /** For `assembleBundle`; those about the file first. Empty if none was found. */
  readonly indices: readonly number[];
  /** False if there was more than a bundle has room for. */
  readonly all: boolean;
}

export const maxCollected = 256;
/** Leaves of 4 MiB less what documents, targets and proofs take. */
const maxCollectedBytes = 2_500_000;
const maxPredecessors = 64;
/** Answers to one question that are looked at. */
const perQuestion = 16;
/** Digests of inputs that are asked for; a build has at most 256 inputs. */
const maxInputDigests = 512;

/**
 * Of these leaves, the first ones that a bundle has room for: what a replay
 * has found needs no search, and can be more than that.
 */
export async function fittingLeaves(
  indices: readonly number[],
  source: Pick<EntrySearch, 'byIndex'>,
): Promise<number[]> {
  const leaves = await inParallel(indices.slice(0, maxCollected), async (index) => ({
    index,
    bytes: (await source.byIndex(index)).leaf.length,
  }));
  let bytes = 0;
  return leaves.filter((leaf) => (bytes += leaf.bytes) <= maxCollectedBytes).map(({ index }) => index);
}

/** Throws what the source throws. Leaves that cannot be decoded are ignored. */
export async function collectEntries({
  source,
  digests,
  size,
  known = [],
}: CollectOptions): Promise<Collected> {
  const collection = new Collection(source, size);
  const about = ({ attestation }: CollectedEntry): boolean =>
    digests === undefined || touches(attestation, digests);
  const own = [
    ...(await collection.take(known, about)),
    ...(await collection.find(
      subjectsOf(digests ?? {}).flatMap((subject) => [
        { subject, type: 'build' as const },
        { subject, type: 'database-update' as const },
      ]),
      about,
    )),
  ];
  await collection.withCorrections(own);
  const inputs = [
    ...new Set(
      own.flatMap(({ attestation }) => inputsOf(attestation)).flatMap(({ digest }) => subjectsOf(digest)),
    ),
  ];
  const snapshots = await collection.find(
    inputs.slice(0, maxInputDigests).map((subject) => ({ subject, type: 'source-snapshot' as const })),
  );
  const reviews = await collection.find(
    [...own.filter(({ type }) => type === 'source-snapshot'), ...snapshots].map(({ leafHash }) => ({
      ref: leafHash,
      type: 'source-review' as const,
    })),
  );
  const rebuilds = await collection.find(own.flatMap((entry) => rebuildsOf(entry, digests)));
  await collection.withCorrections([...snapshots, ...reviews, ...rebuilds]);
  await collection.withCorrections(await predecessors(collection, own));
  return { indices: collection.indices, all: collection.all && inputs.length <= maxInputDigests };
}

/**
 * A build of a hundred artefacts may have been rebuilt a hundred times: what is
 * asked for is the rebuilds of this one, as far as its digests are known.
 */
function rebuildsOf({ attestation, leafHash }: CollectedEntry, digests: Digests | undefined): EntryFilters[] {
  const every = { ref: leafHash, type: 'rebuild-result' } as const;
  const known = digests === undefined ? {} : knownDigests(attestation, digests);
  const named = subjectsOf(known).map((subject) => ({ ...every, subject }));
  // By an algorithm that is not known there may be others.
  return named.length === 2 ? named : [...named, every];
}

/** The updates before those about the file, one step after the other. */
async function predecessors(
  collection: Collection,
  own: readonly CollectedEntry[],
): Promise<CollectedEntry[]> {
  const found: CollectedEntry[] = [];
  let open = own;
  for (let step = 0; step < maxPredecessors && open.length > 0 && !collection.full; step++) {
    const states = new Set(open.flatMap(({ attestation }) => previousSubjects(attestation)));
    open = await collection.find(
      [...states].map((subject) => ({ subject, type: 'database-update' as const })),
      ({ attestation }) => own.some((update) => sameChain(update.attestation, attestation)),
    );
    found.push(...open);
  }
  return found;
}

function previousSubjects({ type, statement }: Attestation): string[] {
  const previous = type === 'database-update' ? statement.predicate.previous : null;
  return previous === null ? [] : subjectsOf(previous.result);
}

function sameChain(a: Attestation, b: Attestation): boolean {
  if (a.type !== 'database-update' || b.type !== 'database-update') return false;
  const [one, other] = [a.statement.predicate, b.statement.predicate];
  return one.family === other.family && one.platform === other.platform;
}

function subjectsOf(digests: SomeDigests): string[] {
  return namedDigests(digests).map(digestName);
}

interface CollectedEntry {
  readonly index: number;
  readonly type: AttestationType;
  readonly leafHash: string;
  readonly attestation: Attestation;
}

/** The entries found so far, within their bounds; owned by one `collectEntries`. */
class Collection {
  readonly #source: EntrySearch;
  readonly #size: number;
  readonly #taken = new Map<number, CollectedEntry>();
  #bytes = 0;
  /** False once something was left out. */
  all = true;
  /** True once something did not fit. */
  full = false;

  constructor(source: EntrySearch, size: number) {
    this.#source = source;
    this.#size = size;
  }

  get indices(): number[] {
    return [...this.#taken.keys()];
  }

  /** Asks each question and takes the answers that are what was asked for. Those taken now, each once. */
  async find(
    questions: readonly EntryFilters[],
    fits: (found: CollectedEntry) => boolean = () => true,
  ): Promise<CollectedEntry[]> {
    const answers = await inParallel(questions, (filters) =>
      this.#source.search(filters, { limit: perQuestion }),
    );
    for (const answer of answers) if (answer.length >= perQuestion) this.all = false;
    const asked = new Set(questions.map(questionText));
    return this.take(
      answers.flatMap((answer) => answer.slice(0, perQuestion)),
      (found) => answersTo(found).some((question) => asked.has(question)) && fits(found),
    );
  }

  async take(
    indices: readonly number[],
    fits: (found: CollectedEntry) => boolean,
  ): Promise<CollectedEntry[]> {
    const fresh = [...new Set(indices)].filter((index) => index < this.#size && !this.#taken.has(index));
    const leaves = await inParallel(fresh.slice(0, maxCollected), async (index) => ({
      index,
      leaf: (await this.#source.byIndex(index)).leaf,
    }));
    const taken: CollectedEntry[] = [];
    for (const { index, leaf } of leaves) {
      const found = decoded(index, leaf);
      if (found === undefined || !fits(found)) continue;
      if (this.#taken.size >= maxCollected || this.#bytes + leaf.length > maxCollectedBytes) {
        this.all = false;
        this.full = true;
        break;
      }
      this.#taken.set(index, found);
      this.#bytes += leaf.length;
      taken.push(found);
    }
    return taken;
  }

  /** Takes the corrections of these entries, and those of the corrections. */
  async withCorrections(entries: readonly CollectedEntry[]): Promise<void> {
    let open = entries;
    // Each correction names its target by hash, so this ends; and no sooner than the room does.
    while (open.length > 0) {
      const targets = new Set(open.map(({ leafHash }) => leafHash));
      open = await this.find(
        [...targets].map((leafHash) => ({ subject: `sha256:${leafHash}`, type: 'correction' as const })),
        ({ attestation }) =>
          attestation.type === 'correction' && targets.has(attestation.statement.predicate.target),
      );
    }
  }
}

/** Of a question for a reference, that it is of a certain subject too only spares us others. */
function questionText({ type, subject, ref }: EntryFilters): string {
  return `${type} ${ref ?? subject}`;
}

/** The questions to which an entry is an answer. */
function answersTo({ attestation: { type, subjects, refs } }: CollectedEntry): string[] {
  return [
    ...subjects.map(({ alg, hex }) => questionText({ type, subject: `${alg}:${hex}` })),
    ...refs.map((ref) => questionText({ type, ref })),
  ];
}

function decoded(index: number, leaf: Uint8Array): CollectedEntry | undefined {
  try {
    const attestation = decodeAttestation(decodeEnvelope(leaf));
    return { index, type: attestation.type, leafHash: toHex(attestation.leafHash), attestation };
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}
