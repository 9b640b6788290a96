/**
 * What the operator of a ledger wants to see grow, shrink or stand still, in the
 * text form of Prometheus:
 *
 *     isal_http_requests_total{route="/api/v1/attestations",method="POST",status="2xx"} 17
 *     isal_submissions_total{outcome="refused",code="source-conflict"} 1
 *     isal_checkpoint_age_seconds 311.4
 *
 * No label ever holds anything that was sent. Each takes its values from a set
 * that the code or the policy closes, so an attacker who sends strange requests
 * adds to numbers and never to the number of series.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { errorCodes, errorTable } from '../errors.ts';
import { limitNames } from '../http/bounds/gate.ts';
import type { Limit } from '../http/bounds/gate.ts';
import type { Answered, Observer, Shared, Submission } from '../http/exchange/observer.ts';
import type { EvidenceDirectory } from '../ledger/conflicts/evidence-directory.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Scrub } from '../ledger/scrub.ts';
import type { WitnessStatus } from '../ledger/witnessing/witness-round.ts';
import type { Policy } from '../note/policy.ts';
import { verifyCheckpoint } from '../note/quorum.ts';

export interface MetricsParts {
  readonly ledger: Pick<Ledger, 'health' | 'checkpoint'>;
  /** By which the age of a checkpoint is measured. */
  readonly policy: Policy;
  readonly evidence?: Pick<EvidenceDirectory, 'kept'>;
  readonly scrub?: Pick<Scrub, 'progress'> | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** All others are one: node's parser knows some forty. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);
const witnessStates: readonly WitnessStatus['state'][] = ['unasked', 'cosigning', 'failing', 'faulty'];
/** An increase is seen only in a series that was there before. */
const alarming = errorCodes.filter((code) => errorTable[code].alerts === true);

/** Seconds. */
const requestBuckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 30];
const submissionBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The metrics of one ledger; hand it to `startServer` as its observer. */
export class Metrics implements Observer {
  readonly #parts: MetricsParts;
  readonly #now: () => number;
  /** Its own, so that several ledgers in one process keep theirs apart. */
  readonly #registry = new Registry();
  readonly #requests: Counter<'route' | 'method' | 'status'>;
  readonly #requestSeconds: Histogram<'route'>;
  readonly #submissions: Counter<'outcome' | 'code'>;
  readonly #submissionSeconds: Histogram<'outcome'>;
  readonly #refusals: Counter<'limit'>;
  /** The text that is being made. */
  #making: Promise<string> | undefined;
  /** What the quorum vouches for with the newest note, in seconds; replaced with the note. */
  #vouched: { readonly note: Uint8Array; readonly asOf: number | undefined } | undefined;

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
    const registers = [this.#registry];
    this.#requests = new Counter({
      name: 'isal_http_requests_total',
      help: 'Requests by the template of their route, method and class of status.',
      labelNames: ['route', 'method', 'status'],
      registers,
    });
    this.#requestSeconds = new Histogram({
      name: 'isal_http_request_duration_seconds',
      help: 'From the header of a request to the last byte of its answer.',
      labelNames: ['route'],
      buckets: requestBuckets,
      registers,
    });
    this.#submissions = new Counter({
      name: 'isal_submissions_total',
      help: 'Envelopes by outcome: recorded, known (the same bytes were recorded before), refused with a code.',
      labelNames: ['outcome', 'code'],
      registers,
    });
    this.#submissionSeconds = new Histogram({
      name: 'isal_submission_duration_seconds',
      help: 'From a whole envelope to its proof or refusal.',
      labelNames: ['outcome'],
      buckets: submissionBuckets,
      registers,
    });
    this.#refusals = new Counter({
      name: 'isal_limit_refusals_total',
      help: 'Requests and connections for which a limit had no room.',
      labelNames: ['limit'],
      registers,
    });
    for (const limit of limitNames) this.#refusals.inc({ limit }, 0);
    for (const outcome of ['recorded', 'known']) this.#submissions.inc({ outcome }, 0);
    for (const code of alarming) this.#submissions.inc({ outcome: 'refused', code }, 0);
    this.#addLedger();
    this.#addQuorum();
    this.#addEvidence();
    this.#addScrub();
    collectDefaultMetrics({ register: this.#registry });
  }

  /** The media type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as of now. A request that comes while a text is being made gets that one. */
  text(): Promise<string> {
    this.#making ??= this.#registry.metrics().finally(() => (this.#making = undefined));
    return this.#making;
  }

  serving({ recording, gate }: Shared): void {
    const budgets = Object.entries({ recording, reading: gate.reading, tiles: gate.tiles });
    const names = ['budget'] as const;
    this.#gauge('isal_budget_used_bytes', 'Memory that requests hold.', names, (gauge) => {
      for (const [budget, { bytes, left }] of budgets) gauge.set({ budget }, bytes - left);
    });
    this.#gauge('isal_budget_bytes', 'Memory that requests may hold.', names, (gauge) => {
      for (const [budget, { bytes }] of budgets) gauge.set({ budget }, bytes);
    });
    const lines = Object.entries(gate.lines);
    this.#gauge('isal_line_running', 'Reads that are being worked on.', ['line'], (gauge) => {
      for (const [line, { running }] of lines) gauge.set({ line }, running);
    });
    this.#gauge('isal_line_waiting', 'Reads that wait for their turn.', ['line'], (gauge) => {
      for (const [line, { length }] of lines) gauge.set({ line }, length);
    });
  }

  refused(limit: Limit): void {
    this.#refusals.inc({ limit });
  }

  answered({ method, route, status, seconds }: Answered): void {
    const known = { route: route === '' ? 'none' : route };
    this.#requests.inc({
      ...known,
      method: methods.has(method) ? method : 'other',
      status: status === 0 ? 'aborted' : `${Math.floor(status / 100)}xx`,
    });
    if (seconds !== undefined) this.#requestSeconds.observe(known, seconds);
  }

  submitted({ outcome, code, seconds }: Submission): void {
    this.#submissions.inc(code === undefined ? { outcome } : { outcome, code });
    this.#submissionSeconds.observe({ outcome }, seconds);
  }

  #addLedger(): void {
    const { ledger } = this.#parts;
    const read = (name: string, help: string, value: () => number): void =>
      this.#gauge(name, help, [], (gauge) => gauge.set(value()));
    read('isal_committed_entries', 'Size of the committed tree.', () => ledger.health().committedSize);
    read('isal_published_entries', 'Size of the published tree.', () => ledger.health().publishedSize);
    read('isal_queued_entries', 'Entries that have no index yet.', () => ledger.health().queued);
    read('isal_ready', '1 while new entries are taken.', () => (ledger.health().ready ? 1 : 0));
    read('isal_store_damaged', '1 since a damaged row or file was met.', () =>
      ledger.health().damage === undefined ? 0 : 1,
    );
    read(
      'isal_last_publication_timestamp_seconds',
      'When the newest checkpoint was published; 0 before the first.',
      () => ledger.health().publishedAt ?? 0,
    );
  }

  #addQuorum(): void {
    const { ledger, policy } = this.#parts;
    // Without witnesses no one vouches for an age, and there is no quorum to lose.
    if (policy.quorum === 'none') return;
    this.#gauge(
      'isal_checkpoint_age_seconds',
      'Since the time that a quorum of witnesses vouches for; +Inf before the first checkpoint.',
      [],
      (gauge) => gauge.set(this.#age()),
    );
    this.#gauge('isal_below_quorum', '1 while the quorum of witnesses is unavailable.', [], (gauge) =>
      gauge.set(ledger.health().quorumUnavailable === undefined ? 0 : 1),
    );
    const names = ['witness', 'state'] as const;
    this.#gauge('isal_witness_state', '1 for the state that a witness is in.', names, (gauge) => {
      for (const witness of ledger.health().witnesses) {
        for (const name of witness.names) {
          for (const state of witnessStates) {
            gauge.set({ witness: name, state }, state === witness.state ? 1 : 0);
          }
        }
      }
    });
  }

  #addEvidence(): void {
    const { evidence } = this.#parts;
    if (evidence === undefined) return;
    this.#gauge('isal_equivocations_kept', 'Files of evidence against sources.', [], (gauge) =>
      gauge.set(evidence.kept.files),
    );
    this.#gauge('isal_evidence_bytes', 'Bytes of those files.', [], (gauge) =>
      gauge.set(evidence.kept.bytes),
    );
  }

  #addScrub(): void {
    const { scrub } = this.#parts;
    if (scrub === undefined) return;
    const read = (name: string, help: string, value: () => number): void =>
      this.#gauge(name, help, [], (gauge) => gauge.set(value()));
    read('isal_scrub_bytes', 'Read and compared since the start.', () => scrub.progress.bytes);
    read('isal_scrub_rounds', 'Whole rounds over the store since the start.', () => scrub.progress.rounds);
    read(
      'isal_scrub_last_round_timestamp_seconds',
      'When the last whole round ended; 0 before the first.',
      () => (scrub.progress.roundAt ?? 0) / 1000,
    );
  }

  #gauge<T extends string>(
    name: string,
    help: string,
    labelNames: readonly T[],
    read: (gauge: Gauge<T>) => void,
  ): void {
    const gauge: Gauge<T> = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect: () => read(gauge),
    });
  }

  /** By the same rule as that of the readers who would find it stale. */
  #age(): number {
    const published = this.#parts.ledger.checkpoint();
    if (published === undefined) return Infinity;
    const { note } = published;
    if (this.#vouched?.note !== note) {
      this.#vouched = { note, asOf: verifyCheckpoint({ note, policy: this.#parts.policy }).asOf };
    }
    return this.#now() / 1000 - (this.#vouched.asOf ?? -Infinity);
  }
}
