/**
 * A finding: what a monitor tells people and programs, one JSON object each.
 *
 *   { "format": "isal-finding/v1", "n": 7, "id": "c0ffee…32 hex digits…",
 *     "state": "open", "kind": "unauthorised", "origin": "ledger.example/2026",
 *     "time": 1793000000, "text": "leaf 4821: …", "index": 4821,
 *     "code": "missing-role", "evidence": "unauthorised-c0ffee….json" }
 *
 * `id` is a function of the log and of what was found, not of when: whoever
 * gets a finding twice knows it by its id and state. `n` counts the findings of
 * one log from 0 without gaps, so that a receiver sees that none is missing.
 */
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../bytes.ts';
import type { ErrorCode } from '../errors.ts';

/** What speaks against the log or a source for good: the finding stays open. */
export const contradictions = [
  'fork',
  'rollback',
  'unauthorised',
  'invalid-authority',
  'pinned-authority',
  'equivocation',
] as const;

/** What holds for a time: raised when it has lasted, over when it ends. */
export const conditions = [
  'tampered',
  'bad-checkpoint',
  'withheld',
  'gap',
  'summary-late',
  'silence',
  'stale',
  'policy',
  'behind',
  'ahead',
  'unreachable',
] as const;

/** What the watch list asks to be told, and what everybody wants to know. */
export const notices = ['product', 'digest', 'signer', 'type', 'authority'] as const;

export type Contradiction = (typeof contradictions)[number];
export type ConditionKind = (typeof conditions)[number];
export type FindingKind = Contradiction | ConditionKind | (typeof notices)[number];

export interface Finding {
  readonly format: 'isal-finding/v1';
  readonly n: number;
  readonly id: string;
  /** `open` until it is `over` (the same id again); `noted` where there is nothing to wait for. */
  readonly state: 'open' | 'over' | 'noted';
  readonly kind: FindingKind;
  readonly origin: string;
  /** Seconds since the epoch, by the monitor's clock. */
  readonly time: number;
  /** One line; holds text from signed statements, so escape it before it meets a terminal. */
  readonly text: string;
  readonly index?: number;
  readonly code?: ErrorCode;
  /** Labels of the rules that asked for it. */
  readonly labels?: readonly string[];
  /** Name of a file in the monitor's evidence directory. */
  readonly evidence?: string;
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/** What was found, before it has its number and time. */
export interface Found {
  /** Tells it from every other finding about the log. */
  readonly key: string;
  readonly kind: FindingKind;
  readonly text: string;
  readonly index?: number;
  readonly code?: ErrorCode;
  readonly labels?: readonly string[];
  readonly evidence?: string;
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

export function findingId(origin: string, key: string): string {
  return toHex(sha256(utf8(`${origin}\n${key}`))).slice(0, 32);
}

/** A line for people, without its newline. */
export function findingLine({ state, kind, origin, text, evidence, labels }: Finding): string {
  const mark = state === 'over' ? 'over' : state === 'noted' ? 'note' : 'ALERT';
  const label = labels === undefined ? '' : ` [${labels.join(', ')}]`;
  const file = evidence === undefined ? '' : `; evidence in ${evidence}`;
  return `${mark.padEnd(5)} ${origin} ${kind}: ${text}${label}${file}`;
}
