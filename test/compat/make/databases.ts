/** Chains of database updates: unbroken ones, and every way in which one can break. */
import type { DatabaseUpdatePredicate, StatementOf } from '../../../src/attestation/types.ts';
import {
  databaseSource,
  databaseUpdate,
  digest,
  escrowSource,
  publisher,
  reviewSource,
  reviewer,
  sourceReview,
  sourceSnapshot,
  supervisor,
} from '../../fixtures/attestations.ts';
import type { Book } from './book.ts';
import { publisher2 } from './parties.ts';

interface UpdateOptions {
  /** The state that it follows; `null` for a first one. */
  readonly after: number | null;
  readonly platform?: string;
  readonly version?: string;
  readonly fields?: Partial<DatabaseUpdatePredicate>;
  readonly label?: string;
}

/**
 * The family of all the short chains, each for a platform of its own, so that one
 * reading of the log shows them all.
 */
const chains = 'chains';

const versionOf = (state: number): string => `2026.${state}`;
const contentOf = (family: string, platform: string, state: number): string => {
  if (family === chains) return `${platform} ${state}`;
  return platform === 'any' ? `${family} ${state}` : `${family} ${platform} ${state}`;
};
const fileOf = (content: string): string => `${content.replaceAll(' ', '-')}.db`;

/** The update to a state of a family; the file of the state has the state's name as its content. */
function addUpdate(
  book: Book,
  family: string,
  state: number,
  { after, platform = 'any', version = versionOf(state), fields = {}, label = '' }: UpdateOptions,
): void {
  const content = contentOf(family, platform, state);
  const file = fileOf(content);
  book.file(file, content);
  const change = (statement: StatementOf<'database-update'>): void => {
    const { predicate } = statement;
    Object.assign(predicate, {
      platform,
      result: { sha256: digest(content) },
      previous:
        after === null
          ? null
          : { version: versionOf(after), result: { sha256: digest(contentOf(family, platform, after)) } },
      rulesSnapshot: { sha256: digest(family === 'threats' ? 'rules' : `rules of ${family}`) },
    });
    Object.assign(predicate, fields);
    statement.subject = [{ name: file, digest: { ...predicate.result } }];
  };
  const key = book.places().has('authority 3') ? publisher2 : publisher;
  const numbered = book.next(databaseSource);
  const leaf = databaseUpdate({ ...numbered, family, version, change, signedBy: [key, supervisor] });
  book.add(`update ${fileOf(content)}${label}`, leaf);
}

/** The rules that the threats are compiled from, in escrow and reviewed. */
export function rules(book: Book): void {
  const snapshot = sourceSnapshot({
    ...book.next(escrowSource),
    product: 'threat rules',
    manifestSha256: digest('rules'),
    change: ({ predicate }: StatementOf<'source-snapshot'>) => void (predicate.kind = 'rules'),
  });
  const { leafHash } = book.add('snapshot rules', snapshot);
  const review = sourceReview({
    ...book.next(reviewSource),
    snapshot: { leafHash, sha256: digest('rules') },
    signedBy: [reviewer, supervisor],
  });
  book.add('review rules', review);
}

/** An update of a short chain, which is called as its platform. */
function step(book: Book, chain: string, state: number, options: Omit<UpdateOptions, 'platform'>): void {
  addUpdate(book, chains, state, { ...options, platform: chain });
}

/** A stretch of the one long chain. */
export function threats(book: Book, from: number, to: number): void {
  for (let state = from; state <= to; state++) {
    addUpdate(book, 'threats', state, { after: state === 1 ? null : state - 1 });
  }
}

export function wholeChains(book: Book): void {
  for (let state = 1; state <= 4; state++) {
    addUpdate(book, 'threats', state, { platform: 'linux', after: state === 1 ? null : state - 1 });
  }
  step(book, 'patched', 1, { after: null });
  step(book, 'patched', 2, {
    after: 1,
    fields: { kind: 'incremental', patch: { sha256: digest('patch to patched 2') } },
  });
  // Two that changed places in the log.
  step(book, 'swapped', 1, { after: null });
  step(book, 'swapped', 3, { after: 2 });
  step(book, 'swapped', 2, { after: 1 });
  // The same step for more regions.
  step(book, 'regions', 1, { after: null });
  step(book, 'regions', 2, { after: 1 });
  step(book, 'regions', 2, {
    after: 1,
    fields: { rollout: { channels: ['stable'], regions: ['japan'], percent: 5 } },
    label: ' for another region',
  });
  step(book, 'regions', 3, { after: 2 });
  for (const state of [1, 2, 3]) {
    step(book, 'corrected', state, { after: state === 1 ? null : state - 1 });
  }
}

export function brokenChains(book: Book): void {
  step(book, 'forked', 1, { after: null });
  step(book, 'forked', 2, { after: 1 });
  step(book, 'forked', 3, { after: 2 });
  step(book, 'forked', 13, { after: 2 });
  step(book, 'forked', 4, { after: 3 });
  // State 3 is delivered, and nobody records it.
  step(book, 'skipped', 1, { after: null });
  step(book, 'skipped', 2, { after: 1 });
  step(book, 'skipped', 4, { after: 3 });
  step(book, 'skipped', 5, { after: 4 });
  step(book, 'twice-begun', 1, { after: null });
  step(book, 'twice-begun', 2, { after: 1 });
  step(book, 'twice-begun', 11, { after: null });
  step(book, 'twice-begun', 12, { after: 11 });
  step(book, 'other-state', 1, { after: null });
  step(book, 'other-state', 2, {
    after: 1,
    fields: { previous: { version: '2026.1', result: { sha256: digest('other-state 7') } } },
  });
  step(book, 'other-version', 1, { after: null });
  step(book, 'other-version', 2, {
    after: 1,
    fields: { previous: { version: '2025.9', result: { sha256: digest('other-version 1') } } },
  });
  step(book, 'incomparable', 1, { after: null });
  step(book, 'incomparable', 2, {
    after: 1,
    fields: { previous: { version: '2026.1', result: { sha512: '1'.repeat(128) } } },
  });
  step(book, 'circle', 1, { after: null });
  step(book, 'circle', 4, { after: 5 });
  step(book, 'circle', 5, { after: 4 });
  // Two states of one version, for two sets of endpoints.
  step(book, 'two-states', 1, { after: null });
  step(book, 'two-states', 2, { after: 1 });
  step(book, 'two-states', 22, { after: 1, version: '2026.2' });
}

/** Back to a state that is recorded, and to one that never was; each goes on from there. */
export function rollbacks(book: Book): void {
  const back = (family: string, to: number, version: string): void => {
    step(book, family, 1, { after: null });
    step(book, family, 2, { after: 1 });
    step(book, family, 3, { after: 2 });
    step(book, family, to, {
      after: 3,
      version,
      fields: { kind: 'rollback' },
      label: ' by rollback',
    });
    step(book, family, 5, { after: to, fields: followed(family, to, version) });
    step(book, family, 6, { after: 5 });
  };
  back('back-to-recorded', 2, '2026.2');
  back('back-to-unrecorded', 9, '2025.9');
}

function followed(family: string, state: number, version: string): Partial<DatabaseUpdatePredicate> {
  return { previous: { version, result: { sha256: digest(`${family} ${state}`) } } };
}
