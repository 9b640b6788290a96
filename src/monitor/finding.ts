/**
 * A finding: what a monitor tells people and programs, one JSON object each.
 *
 *   { "format": "isal-finding/v1", "n": 7, "id": "c0ffee…32 hex digits…",
 *     "state": "open", "kind": "unauthorised", "origin": "ledger.example/2026",
 *     "time": 1793000000, "text": "leaf 4,821: …", "index": 4821,
 *     "code": "missing-role", "evidence": "unauthorised-c0ffee….json" }
 *
 * `id` is a function of the log and of what was found, not of when: whoever
 * gets a finding twice knows it by its id and state. `n` counts the findings of
 * one log from 0 without gaps, so that a receiver sees that none is missing.
 *
 * The monitor finds facts (`words/findings.ts`); `text` and `facts` are made of
 * them where the JSON is written.
 */
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../bytes.ts';
import { defined } from '../defined.ts';
import type { ErrorCode } from '../errors.ts';
import { findingText } from '../words/index.ts';
import type { FindingFacts } from '../words/index.ts';

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
  'chain-broken',
  'residency-regressed',
  'residency-overdue',
] as const;

/** What the watch list asks to be told, and what everybody wants to know. */
export const notices = ['product', 'digest', 'signer', 'type', 'authority'] as const;

export type Contradiction = (typeof contradictions)[number];
export type ConditionKind = (typeof conditions)[number];
export type FindingKind = Contradiction | ConditionKind | (typeof notices)[number];

/** Facts of one of these kinds. */
export type FactsOf<K extends FindingKind> = Extract<FindingFacts, { readonly kind: K }>;

type WireFacts = Readonly<Record<string, string | number | boolean>>;

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
  readonly facts?: WireFacts;
}

/** What was found, before it has its number and time. */
export interface Found<K extends FindingKind = FindingKind> {
  /** Tells it from every other finding about the log. */
  readonly key: string;
  readonly about: FactsOf<K>;
  readonly index?: number;
  readonly code?: ErrorCode;
  readonly labels?: readonly string[];
  readonly evidence?: string;
}

/** What of a finding is the same whenever it is made, in the order of its JSON. */
export type Told = Pick<Finding, 'kind' | 'text' | 'index' | 'code' | 'labels' | 'evidence' | 'facts'>;

/** A finding as it is told: the English text and the facts for programs. */
export function toldOf({ about, index, code, labels, evidence }: Found): Told {
  const text = findingText(about);
  // The kind says which of the union the facts are, which the compiler cannot follow.
  const facts = (wireFacts[about.kind] as (about: FindingFacts) => WireFacts | undefined)(about);
  return { kind: about.kind, text, ...defined({ index, code, labels, evidence, facts }) };
}

const none = (): undefined => undefined;

function leaf({ leafHash }: FactsOf<'unauthorised' | 'invalid-authority' | 'equivocation'>): WireFacts {
  return { leafHash };
}

function match({ match: met, entry }: FactsOf<'product' | 'digest' | 'signer' | 'type'>): WireFacts {
  return { match: met, type: entry.type };
}

function residency(about: FactsOf<'residency-regressed' | 'residency-overdue'>): WireFacts {
  const { region, category, standing, phase, effectiveAt } = about;
  return { region, category, standing, phase, effectiveAt };
}

/** The facts of `isal-finding/v1`, whose names and forms do not change. */
const wireFacts: { readonly [K in FindingKind]: (about: FactsOf<K>) => WireFacts | undefined } = {
  fork: none,
  rollback: none,
  unauthorised: leaf,
  'invalid-authority': leaf,
  'pinned-authority': ({ expected, got }) => defined({ expected, got }),
  equivocation: leaf,
  tampered: none,
  'bad-checkpoint': none,
  withheld: none,
  gap: ({ source, from, to }) => ({ source, from, to }),
  'summary-late': ({ source, late: { from, due } }) => {
    return { source, from: isoSeconds(from), due: isoSeconds(due) };
  },
  silence: ({ source = '*', last }) => ({ source, last }),
  stale: none,
  policy: none,
  behind: none,
  ahead: none,
  unreachable: none,
  'chain-broken': ({ family, platform, version, link, follows, previous }) => {
    return { family, platform, version, link, ...defined({ follows, previous }) };
  },
  'residency-regressed': residency,
  'residency-overdue': residency,
  product: match,
  digest: match,
  signer: match,
  type: match,
  authority: ({ version, leafHash }) => ({ version, leafHash }),
};

/** As RFC 3339; every time here is one of a statement, and so within its bounds. */
function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
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
