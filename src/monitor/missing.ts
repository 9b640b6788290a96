/**
 * What is not there: fresh cosignatures, numbers that a source has skipped,
 * entries and summaries that were promised, states that updates follow, moves
 * that were to be complete. Only time shows these, so they are looked at in
 * every round, also in one that the log did not answer.
 */
import { defined } from '../defined.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import type { Row } from '../storage/storage.ts';
import { Coverage, latenessOf } from '../verifier/folds/promises.ts';
import type { Trust } from '../verifier/trust.ts';
import type { Conditions } from './conditions.ts';
import { brokenChains, residencyFacts } from './histories.ts';
import { gapAfter, labelsOf } from './rules.ts';
import type { MonitorStore, Resumed } from './store.ts';
import type { Rule } from './watch.ts';

/** A source that skips every second number must not fill the monitor's memory with gaps. */
const maxGaps = 1_000;

export interface MissingOptions {
  readonly store: MonitorStore;
  readonly trust: Trust;
  readonly rules: readonly Rule[];
  readonly maxAge?: number | undefined;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Adds what is missing to the conditions of a round. The rows are to be committed with them. */
export async function missingOf(conditions: Conditions, options: MissingOptions): Promise<Row[]> {
  const { store, now, rules } = options;
  const { asOf } = store.known;
  staleCosignatures(conditions, options);
  const resumed = await store.resume();
  // Before all leaves are read, what is missing may only be unread.
  if (store.position !== store.checkpoint?.size) return [];
  gaps(conditions, resumed, rules);
  // Held against the time that witnesses vouch for: a log that stands still makes nobody late.
  const at = asOf === null ? now : Math.min(now, asOf);
  lateSummaries(conditions, resumed, at);
  silences(conditions, resumed, options);
  if (store.folded !== store.position) return [];
  await residencies(conditions, store, at);
  return chains(conditions, store, rules);
}

function staleCosignatures(conditions: Conditions, { store, maxAge, now }: MissingOptions): void {
  const { checkpoint, asOf } = store.known;
  if (checkpoint === null) return;
  conditions.looked('stale');
  // Without witnesses nobody vouches for any time: the log's own never counts.
  if (maxAge === undefined || asOf === null || now - asOf <= maxAge) return;
  const about = { kind: 'stale', age: now - asOf, most: maxAge } as const;
  conditions.add({ key: 'stale/log', about, code: 'stale-checkpoint', patience: 0 });
}

function gaps(conditions: Conditions, { sequences }: Resumed, rules: readonly Rule[]): void {
  const found = sequences.gaps(maxGaps);
  // With a full list, one that is no longer in it may only have been pushed out.
  if (found.length < maxGaps) conditions.looked('gap');
  for (const { source, from, to } of found) {
    conditions.add({
      key: `gap/${source}/${from}`,
      about: { kind: 'gap', source, from, to },
      patience: gapAfter(rules, source),
      ...labelsOf(rules, 'gap'),
    });
  }
}

function silences(
  conditions: Conditions,
  { heard }: Resumed,
  { store: { known }, rules, now }: MissingOptions,
): void {
  conditions.looked('silence');
  for (const rule of rules) {
    if (rule.alert !== 'silence') continue;
    const { source, seconds: most, label } = rule;
    const last = (source === undefined ? known.heard : heard.get(source)) ?? known.began;
    if (now - last <= most) continue;
    conditions.add({
      key: `silence/${source ?? '*'}/${most}`,
      about: { kind: 'silence', ...defined({ source }), last, now, most },
      patience: 0,
      ...defined({ labels: label === undefined ? undefined : [label] }),
    });
  }
}

/** Summaries that the authority in force promises. */
function lateSummaries(conditions: Conditions, { documents, coverage }: Resumed, at: number): void {
  const document = documents.at(-1);
  if (document === undefined) return;
  const attestation = decodeAttestation(decodeEnvelope(document.leaf));
  const promises = attestation.type === 'authority' ? (attestation.statement.predicate.promises ?? []) : [];
  const all = promises.flatMap((promise) =>
    latenessOf(promise, coverage.get(promise.source) ?? new Coverage(), at * 1_000).map((late) => ({
      source: promise.source,
      late,
    })),
  );
  // With more than are looked at, one that is no longer among them may only have been pushed out.
  if (all.length <= maxGaps) conditions.looked('summary-late');
  for (const { source, late } of all.slice(0, maxGaps)) {
    conditions.add({
      key: `summary-late/${source}/${late.from}`,
      about: { kind: 'summary-late', source, late },
      code: 'summary-late',
      patience: 0,
    });
  }
}

/**
 * Updates that follow what they cannot follow. Parties submit at the same time,
 * so what an update follows may be recorded behind it: it is waited for as long
 * as for a number of the same source.
 */
async function chains(conditions: Conditions, store: MonitorStore, rules: readonly Rule[]): Promise<Row[]> {
  const { broken, whole, puts } = await brokenChains(store, maxGaps);
  if (whole) conditions.looked('chain-broken');
  for (const { source, facts } of broken) {
    const { family, platform, index } = facts;
    conditions.add({
      key: `chain-broken/${family}/${platform}/${index}`,
      about: facts,
      index,
      code: 'chain-broken',
      patience: gapAfter(rules, source),
    });
  }
  return puts;
}

/** Regions whose data are where they must not be, or not yet where they were promised to be. */
async function residencies(conditions: Conditions, store: MonitorStore, at: number): Promise<void> {
  const all = await residencyFacts(store, at * 1_000);
  if (all.length <= maxGaps) conditions.looked('residency-regressed', 'residency-overdue');
  for (const about of all.slice(0, maxGaps)) {
    const { kind, region, category, index } = about;
    conditions.add({ key: `${kind}/${region}/${category}`, about, index, patience: 0 });
  }
}
