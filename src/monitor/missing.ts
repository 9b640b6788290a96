/**
 * What is not there: fresh cosignatures, numbers that a source has skipped,
 * entries and summaries that were promised. Only time shows these, so they are looked at in
 * every round, also in one that the log did not answer.
 */
import { defined } from '../defined.ts';
import type { Trust } from '../verifier/trust.ts';
import { gapAfter, labelsOf } from './rules.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import { Coverage, latenessOf } from '../verifier/folds/promises.ts';
import type { MonitorStore, Resumed } from './store.ts';
import type { Troubles } from './troubles.ts';
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

export async function missingOf(troubles: Troubles, options: MissingOptions): Promise<void> {
  const { store, maxAge, now, rules } = options;
  const { checkpoint, asOf, began, heard } = store.known;
  if (checkpoint !== null) {
    troubles.looked('stale');
    // Without witnesses nobody vouches for any time: the log's own never counts.
    if (maxAge !== undefined && asOf !== null && now - asOf > maxAge) {
      const text = `the witnesses’ newest cosignatures are ${now - asOf} s old; at most ${maxAge} s are allowed`;
      troubles.add({ key: 'stale/log', kind: 'stale', code: 'stale-checkpoint', text, patience: 0 });
    }
  }
  const resumed = await store.resume();
  // Before all leaves are read, what is missing may only be unread.
  if (store.position !== store.checkpoint?.size) return;
  troubles.looked('silence');
  const gaps = resumed.sequences.gaps(maxGaps);
  // With a full list, one that is no longer in it may only have been pushed out.
  if (gaps.length < maxGaps) troubles.looked('gap');
  for (const { source, from, to } of gaps) {
    const numbers = to - from === 1 ? `number ${from}` : `numbers ${from} to ${to - 1}`;
    troubles.add({
      key: `gap/${source}/${from}`,
      kind: 'gap',
      text: `${numbers} of ${source} missing, and later ones recorded`,
      facts: { source, from, to },
      patience: gapAfter(rules, source),
      ...labelsOf(rules, 'gap'),
    });
  }
  lateSummaries(troubles, resumed, asOf === null ? now : Math.min(now, asOf));
  for (const rule of rules) {
    if (rule.alert !== 'silence') continue;
    const { source, seconds, label } = rule;
    const last = (source === undefined ? heard : resumed.heard.get(source)) ?? began;
    if (now - last <= seconds) continue;
    troubles.add({
      key: `silence/${source ?? '*'}/${seconds}`,
      kind: 'silence',
      text: `nothing from ${source ?? 'any source'} for ${now - last} s; at most ${seconds} s were promised`,
      facts: { source: source ?? '*', last },
      patience: 0,
      ...defined({ labels: label === undefined ? undefined : [label] }),
    });
  }
}

/**
 * Summaries that the authority in force promises. Held against the time that
 * witnesses vouch for: a log that stands still makes no source late.
 */
function lateSummaries(troubles: Troubles, { documents, coverage }: Resumed, at: number): void {
  const document = documents.at(-1);
  if (document === undefined) return;
  const attestation = decodeAttestation(decodeEnvelope(document.leaf));
  const promises = attestation.type === 'authority' ? (attestation.statement.predicate.promises ?? []) : [];
  const all = promises.flatMap((promise) =>
    latenessOf(promise, coverage.get(promise.source) ?? new Coverage(), at * 1_000).map((late) => ({
      source: promise.source,
      ...late,
    })),
  );
  // With more than are looked at, one that is no longer among them may only have been pushed out.
  if (all.length <= maxGaps) troubles.looked('summary-late');
  for (const { source, from, to, due } of all.slice(0, maxGaps)) {
    const begins = isoSeconds(from);
    const what = to === undefined ? `the time from ${begins} on` : `${begins} to ${isoSeconds(to)}`;
    troubles.add({
      key: `summary-late/${source}/${from}`,
      kind: 'summary-late',
      code: 'summary-late',
      text: `no summary of ${source} for ${what}; one was due by ${isoSeconds(due)}`,
      facts: { source, from: begins, due: isoSeconds(due) },
      patience: 0,
    });
  }
}

/** As RFC 3339; every time here is one of a statement, and so within its bounds. */
function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
