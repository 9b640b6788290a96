/** What the judgement of an evidence file comes to, as facts. What it says to people stands in `words/`. */
import { toBase64, toHex } from '../../bytes.ts';
import { excerpt } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import { defined } from '../../defined.ts';
import type { Hash } from '../../tlog/hash.ts';

/** Whose word is broken. */
export type Accused = 'log' | 'source' | 'witnesses';

/** What an evidence file proves. */
export type EvidenceFinding =
  ForkFinding | RollbackFinding | UnauthorisedLeafFinding | EquivocationFinding | BrokenPromiseFinding;

/** Of the checkpoints that it rests on, the `sizes`; of the leaves that it speaks of, the `indices`. */
interface FindingBase {
  readonly origin: string;
  readonly against: readonly Accused[];
}

/** The log has signed two histories, or two trees of one size. */
export interface ForkFinding extends FindingBase {
  readonly kind: 'fork';
  readonly sizes: readonly [older: number, newer: number];
  readonly indices: readonly [];
  /** What the log signed for the older size, and what the newer history has there. */
  readonly signedRoot: Hash;
  readonly otherRoot: Hash;
  /** Names of those that cosigned both. */
  readonly witnesses: readonly string[];
}

/** Witnesses have vouched for a smaller tree after a larger one. */
export interface RollbackFinding extends FindingBase {
  readonly kind: 'rollback';
  readonly sizes: readonly [larger: number, smaller: number];
  readonly indices: readonly [];
  readonly witnesses: readonly string[];
  /** They are a quorum by themselves, and could show anybody any old tree as the newest. */
  readonly quorum: boolean;
}

/** The log has recorded a leaf that nobody was allowed to record there. */
export interface UnauthorisedLeafFinding extends FindingBase {
  readonly kind: 'unauthorised-leaf';
  readonly sizes: readonly [size: number];
  readonly indices: readonly [index: number];
  readonly leafHash: Hash;
  /** Why it was not allowed; `message` is a developer's text, in English. */
  readonly refusal: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly expected?: string;
    readonly got?: string;
  };
}

/** A stream of numbers has used one twice, or the log has recorded it twice. */
export interface EquivocationFinding extends FindingBase {
  readonly kind: 'equivocation';
  readonly sizes: readonly [size: number];
  /** The other one is absent for an envelope that is not shown to be recorded. */
  readonly indices: readonly [recorded: number, other?: number];
  readonly source: string;
  readonly seq: number;
  /** Keys that signed both. Several parties may share a stream: then no key need have. */
  readonly signers: readonly string[];
  /** Two contents; otherwise one content, recorded twice. */
  readonly differ: boolean;
}

/** The log has acknowledged a leaf, and has another one in its place. */
export interface BrokenPromiseFinding extends FindingBase {
  readonly kind: 'broken-promise';
  /** Of the trees of the receipt and of the other checkpoint. */
  readonly sizes: readonly [then: number, now: number];
  readonly indices: readonly [index: number];
  readonly promised: Hash;
  readonly found: Hash;
  /** Names of those that cosigned both trees. */
  readonly witnesses: readonly string[];
}

type Facts = Readonly<Record<string, string | number | boolean>>;

/** The facts of `verify --evidence --json`, whose names and forms do not change. */
export function evidenceFacts(finding: EvidenceFinding): Facts {
  if (finding.kind === 'fork') {
    const { signedRoot, otherRoot, witnesses } = finding;
    return { signedRoot: toBase64(signedRoot), otherRoot: toBase64(otherRoot), ...listed(witnesses) };
  }
  if (finding.kind === 'rollback') {
    return { witnesses: finding.witnesses.join(', '), quorum: finding.quorum };
  }
  if (finding.kind === 'unauthorised-leaf') {
    const { code, expected, got } = finding.refusal;
    const leafHash = toHex(finding.leafHash);
    return { code, leafHash, ...defined({ expected: shortOf(expected), got: shortOf(got) }) };
  }
  if (finding.kind === 'equivocation') {
    return { source: finding.source, seq: finding.seq, signers: finding.signers.join(' ') };
  }
  const { promised, found, witnesses } = finding;
  return { promised: toHex(promised), found: toHex(found), ...listed(witnesses) };
}

function listed(witnesses: readonly string[]): { readonly witnesses?: string } {
  return witnesses.length === 0 ? {} : { witnesses: witnesses.join(', ') };
}

function shortOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : excerpt(text, 300);
}
