/**
 * What a monitor can find, as facts. The union stands here, beneath the monitor
 * that makes them: whoever shows a finding to people needs the facts and the
 * words, and no monitor.
 */
import type { LinkKind } from '../verifier/folds/update-chain.ts';
import type { Late } from '../verifier/folds/promises.ts';
import type { Standing } from '../verifier/folds/residency.ts';

export type FindingFacts =
  | ForkFacts
  | RollbackFacts
  | RefusedFacts<'unauthorised'>
  | RefusedFacts<'invalid-authority'>
  | RefusedFacts<'equivocation'>
  | PinnedAuthorityFacts
  | RefusalFacts<'bad-checkpoint'>
  | RefusalFacts<'policy'>
  | UnreadFacts<'tampered'>
  | UnreadFacts<'withheld'>
  | UnreadFacts<'unreachable'>
  | GapFacts
  | SummaryLateFacts
  | SilenceFacts
  | StaleFacts
  | BehindFacts
  | AheadFacts
  | ChainBrokenFacts
  | ResidencyFacts<'residency-regressed', 'against'>
  | ResidencyFacts<'residency-overdue', 'overdue' | 'copy-overdue'>
  | MatchFacts<'product'>
  | MatchFacts<'digest'>
  | MatchFacts<'signer'>
  | MatchFacts<'type'>
  | AuthorityFacts;

/** What an entry is, in a few words. */
export interface EntrySaid {
  readonly type: string;
  /** Product or family. */
  readonly of?: string | undefined;
  readonly version?: string | undefined;
  readonly source?: { readonly id: string; readonly seq: number } | undefined;
}

/** Two histories of one log, or two trees of one size. */
export interface ForkFacts {
  readonly kind: 'fork';
  readonly sizes: readonly [older: number, newer: number];
  /** Name of the witness that showed the other one; absent where the log itself did. */
  readonly witness?: string;
}

/** Witnesses have vouched for less than the log has shown before. */
export interface RollbackFacts {
  readonly kind: 'rollback';
  readonly known: number;
  readonly shown: number;
}

/** A leaf that was not entitled to its place. */
export interface RefusedFacts<K extends 'unauthorised' | 'invalid-authority' | 'equivocation'> {
  readonly kind: K;
  readonly index: number;
  readonly leafHash: string;
  /** Where the leaf could be decoded. */
  readonly entry?: EntrySaid;
  readonly message: string;
}

export interface PinnedAuthorityFacts {
  readonly kind: 'pinned-authority';
  readonly message: string;
  /** That leaf 0 is another one, the message says itself. */
  readonly index?: number;
  readonly expected?: string;
  readonly got?: string;
}

/** A checkpoint that was refused. */
export interface RefusalFacts<K extends 'bad-checkpoint' | 'policy'> {
  readonly kind: K;
  readonly message: string;
}

/** What a signed checkpoint commits to, or the checkpoint itself, could not be read. */
export interface UnreadFacts<K extends 'tampered' | 'withheld' | 'unreachable'> {
  readonly kind: K;
  readonly message: string;
  /** The path, or paths, that were asked for. */
  readonly place?: string;
}

/** Numbers that a source has skipped. */
export interface GapFacts {
  readonly kind: 'gap';
  readonly source: string;
  readonly from: number;
  /** Up to, and not including. */
  readonly to: number;
}

export interface SummaryLateFacts {
  readonly kind: 'summary-late';
  readonly source: string;
  readonly late: Late;
}

/** Times in seconds. */
export interface SilenceFacts {
  readonly kind: 'silence';
  /** Absent where the whole log is silent. */
  readonly source?: string;
  readonly last: number;
  readonly now: number;
  readonly most: number;
}

/** Seconds. */
export interface StaleFacts {
  readonly kind: 'stale';
  readonly age: number;
  readonly most: number;
}

/** The log shows less than it did. */
export interface BehindFacts {
  readonly kind: 'behind';
  readonly known: number;
  readonly shown: number;
}

/** A witness has cosigned what the log does not show. */
export interface AheadFacts {
  readonly kind: 'ahead';
  readonly witness: string;
  readonly size: number;
}

/** An update that cannot follow what it says that it follows. */
export interface ChainBrokenFacts {
  readonly kind: 'chain-broken';
  readonly index: number;
  readonly family: string;
  readonly platform: string;
  readonly version: string;
  readonly link: LinkKind;
  /** The version that it says that it follows; absent for one that claims to be the first. */
  readonly follows?: string;
  /** Index of the update that it disagrees with. */
  readonly previous?: number;
}

/** What the last statement about a category of data of a region comes to. */
export interface ResidencyFacts<K extends 'residency-regressed' | 'residency-overdue', S extends Standing> {
  readonly kind: K;
  readonly index: number;
  readonly region: string;
  readonly category: string;
  readonly standing: S;
  readonly phase: 'announced' | 'migrating' | 'complete' | 'regressed' | 'corrected';
  /** Countries. */
  readonly to: readonly string[];
  /** From when the statement holds; of a promise that is overdue, the date that was promised. */
  readonly effectiveAt: string;
}

/** An entry that the watch list asks for; `match` is what of the rule it met. */
export interface MatchFacts<K extends 'product' | 'digest' | 'signer' | 'type'> {
  readonly kind: K;
  readonly index: number;
  readonly match: string;
  readonly entry: EntrySaid;
}

/** A new authority document is in force. */
export interface AuthorityFacts {
  readonly kind: 'authority';
  readonly index: number;
  readonly version: number;
  readonly leafHash: string;
  readonly revoked: readonly {
    readonly keyid: string;
    readonly kind: string;
    readonly fromLeaf: number;
  }[];
  /** Sources of which summaries are promised: who reads that one is late must read that a promise was withdrawn. */
  readonly promised: readonly string[];
}
