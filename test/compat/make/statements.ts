/** Accesses and their summaries, where data are, what the supervisor says, and what is taken back. */
import { createHash } from 'node:crypto';
import type {
  DataAccessPredicate,
  PeriodSummaryPredicate,
  ResidencyPredicate,
  StatementOf,
  SupervisorStatementPredicate,
} from '../../../src/attestation/types.ts';
import {
  accessSource,
  compliance,
  correction,
  correctionSource,
  dataAccess,
  gateway,
  periodSummary,
  rebuilder,
  residency,
  residencySource,
  reviewer,
  summarySource,
  supervisionSource,
  supervisor,
  supervisorStatement,
} from '../../fixtures/attestations.ts';
import type { Party } from '../../fixtures/attestations.ts';
import type { Book } from './book.ts';
import { secondAccessSource } from './parties.ts';

const hour = 3_600_000;
const day = 24 * hour;
const firstDay = Date.parse('2026-11-01T00:00:00Z');
const iso = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');

/** The disclosure behind one commitment, as a gateway would keep it: `["salt","detail","…"]`. */
export const disclosureText: string = Buffer.from(
  JSON.stringify(['Y29tcGF0aWJpbGl0eSBzYWx0', 'detail', 'Ticket 4711: the scanner did not start.']),
).toString('base64url');

const activities = ['read', 'read', 'alter', 'disclose', 'store', 'delete'] as const;
const countries = ['CH', 'CH', 'DE', 'CH', 'JP'] as const;
const outcomes = ['allowed', 'allowed', 'denied', 'allowed', 'error'] as const;
const reasons = ['support', 'service', 'alert', 'support', 'review'] as const;

export type Recorded = Pick<DataAccessPredicate, 'activity' | 'actor' | 'reason'>;

/** Events of one day, counted from the first; those whose position is withheld use a number for nothing. */
export function accesses(
  book: Book,
  { on, count, withheld = [], source = accessSource }: AccessDay,
): Recorded[] {
  const recorded: Recorded[] = [];
  for (let at = 0; at < count; at++) {
    if (withheld.includes(at)) {
      book.skip(source);
      continue;
    }
    const numbered = book.next(source);
    const { seq } = numbered;
    const change = ({ predicate }: StatementOf<'data-access'>): void => {
      predicate.activity = activities[seq % activities.length] ?? 'read';
      predicate.outcome = outcomes[seq % outcomes.length] ?? 'allowed';
      predicate.actor.physicalCountry = countries[seq % countries.length] ?? 'CH';
      predicate.reason.type = reasons[seq % reasons.length] ?? 'support';
      if (seq === 1 && source === accessSource) predicate.reason._sd = [disclosureDigest()];
      recorded.push(structuredClone(predicate));
    };
    const occurredAt = iso(firstDay + on * day + (at + 1) * hour);
    book.add(`access ${source} ${seq}`, dataAccess({ ...numbered, occurredAt, change }));
  }
  return recorded;
}

export interface AccessDay {
  readonly on: number;
  readonly count: number;
  readonly withheld?: readonly number[];
  readonly source?: string;
}

/** What stands in the entry for the disclosure. */
function disclosureDigest(): string {
  return createHash('sha256').update(disclosureText).digest('base64url');
}

export interface SummaryOptions {
  readonly on: number;
  readonly seqFrom: number;
  readonly seqTo: number;
  readonly events: readonly Recorded[];
  readonly source?: string;
  readonly change?: (predicate: PeriodSummaryPredicate) => void;
  /** Milliseconds after the end of its day. */
  readonly after?: number;
}

/** A summary that says of its day what is recorded, unless it is changed. */
export function summary(book: Book, options: SummaryOptions): void {
  const { on, seqFrom, seqTo, events, source = accessSource, after = hour } = options;
  const from = firstDay + on * day;
  const byActivity = { store: 0, alter: 0, read: 0, disclose: 0, delete: 0, destroy: 0 };
  const byReason = { support: 0, service: 0, review: 0, 'legal-request': 0, alert: 0 };
  const byCountry = new Map<string, number>();
  for (const { activity, actor, reason } of events) {
    byActivity[activity]++;
    byReason[reason.type]++;
    byCountry.set(actor.physicalCountry, (byCountry.get(actor.physicalCountry) ?? 0) + 1);
  }
  const change = ({ predicate }: StatementOf<'period-summary'>): void => {
    Object.assign(predicate, {
      period: { from: iso(from), to: iso(from + day) },
      summarised: { source, seqFrom, seqTo },
      counts: {
        byActivity,
        byReason,
        byCountry: [...byCountry]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([country, count]) => ({ country, count })),
      },
      gatewayCount: events.length,
      vendorCount: events.length,
    });
    options.change?.(predicate);
  };
  const leaf = periodSummary({
    ...book.next(summarySource),
    occurredAt: iso(from + day + after),
    change,
    signedBy: [gateway, compliance],
  });
  book.add(`summary ${source} ${on}`, leaf);
}

/** A day that agrees, one with an event withheld, one that the vendor counts differently, one that is late. */
export function accessDays(book: Book): void {
  const first = accesses(book, { on: 0, count: 12 });
  summary(book, { on: 0, seqFrom: 1, seqTo: 13, events: first });
  const second = accesses(book, { on: 1, count: 12, withheld: [4] });
  const counted = [...second, first[0] as Recorded];
  summary(book, { on: 1, seqFrom: 13, seqTo: 25, events: counted });
  const third = accesses(book, { on: 2, count: 10 });
  summary(book, {
    on: 2,
    seqFrom: 25,
    seqTo: 35,
    events: third,
    change: (predicate) =>
      void Object.assign(predicate, {
        vendorCount: third.length + 2,
        unexplained: 2,
        remarks: ['Two more in the vendor’s own list.'],
      }),
  });
  const fourth = accesses(book, { on: 3, count: 6 });
  summary(book, { on: 3, seqFrom: 35, seqTo: 41, events: fourth, after: 30 * hour });
  // The fifth day has no summary, and the sixth has one.
  accesses(book, { on: 4, count: 4 });
  const sixth = accesses(book, { on: 5, count: 4 });
  summary(book, { on: 5, seqFrom: 45, seqTo: 49, events: sixth });
  accesses(book, { on: 6, count: 3 });
  const elsewhere = accesses(book, { on: 0, count: 6, source: secondAccessSource });
  summary(book, { on: 0, seqFrom: 1, seqTo: 7, events: elsewhere, source: secondAccessSource });
}

type Stated = Partial<ResidencyPredicate> & Pick<ResidencyPredicate, 'region' | 'phase' | 'effectiveAt'>;

const russia = { from: ['RU'], to: ['CH'] };
const stated: readonly Stated[] = [
  { region: 'europe', phase: 'announced', effectiveAt: '2018-12-31T00:00:00Z' },
  { region: 'europe', phase: 'migrating', effectiveAt: '2018-11-13T00:00:00Z' },
  { region: 'europe', phase: 'complete', effectiveAt: '2018-11-13T00:00:00Z' },
  { region: 'japan', phase: 'announced', effectiveAt: '2020-06-30T00:00:00Z' },
  { region: 'japan', phase: 'migrating', effectiveAt: '2020-09-01T00:00:00Z' },
  { region: 'canada', phase: 'announced', effectiveAt: '2027-06-30T00:00:00Z' },
  { region: 'america', phase: 'announced', effectiveAt: '2020-03-01T00:00:00Z' },
  { region: 'america', phase: 'complete', effectiveAt: '2020-04-15T00:00:00Z' },
  {
    region: 'america',
    phase: 'regressed',
    from: ['CH'],
    to: ['SG'],
    effectiveAt: '2026-10-01T00:00:00Z',
  },
  {
    region: 'oceania',
    phase: 'complete',
    effectiveAt: '2021-01-01T00:00:00Z',
    residualCopies: [{ country: 'RU', what: 'A backup.', until: '2026-06-01T00:00:00Z' }],
  },
  {
    region: 'singapore',
    phase: 'complete',
    effectiveAt: '2021-01-01T00:00:00Z',
    residualCopies: [{ country: 'DE', what: 'A backup that is kept.' }],
    exceptions: ['Files that customers send to support.'],
  },
  { region: 'africa', phase: 'complete', effectiveAt: '2021-01-01T00:00:00Z' },
  { region: 'africa', phase: 'corrected', to: ['SG'], effectiveAt: '2021-01-01T00:00:00Z' },
  { region: 'india', phase: 'complete', effectiveAt: '2022-01-01T00:00:00Z' },
  {
    region: 'europe',
    phase: 'complete',
    categories: ['files', 'account-data'],
    effectiveAt: '2019-01-01T00:00:00Z',
  },
];

export function residencies(book: Book): void {
  for (const [at, fields] of stated.entries()) {
    const change = ({ predicate }: StatementOf<'residency'>): void =>
      void Object.assign(predicate, { ...russia, residualCopies: [], exceptions: [] }, fields);
    book.add(`residency ${at}`, residency({ ...book.next(residencySource), change }));
  }
}

export function supervisorStatements(book: Book): void {
  const all: readonly Partial<SupervisorStatementPredicate>[] = [
    {},
    { kind: 'inspection', conclusion: 'satisfied', limitations: ['One site of two.'] },
    { kind: 'incident', conclusion: 'not-satisfied' },
    { kind: 'independence', conclusion: 'unable' },
    { kind: 'funding', conclusion: 'satisfied' },
  ];
  for (const [at, fields] of all.entries()) {
    const change = ({ predicate }: StatementOf<'supervisor-statement'>): void =>
      void Object.assign(predicate, fields);
    book.add(`statement ${at}`, supervisorStatement({ ...book.next(supervisionSource), change }));
  }
}

function correct(
  book: Book,
  target: string,
  {
    kind = 'retraction',
    by = [supervisor],
    label = target,
  }: {
    readonly kind?: 'erratum' | 'dispute' | 'retraction';
    readonly by?: readonly Party[];
    readonly label?: string;
  } = {},
): void {
  const { leafHash } = book.place(target);
  const leaf = correction({ ...book.next(correctionSource), target: leafHash, kind, signedBy: by });
  book.add(`correction of ${label}`, leaf);
}

/** The targets are recorded. */
export function corrections(book: Book): void {
  correct(book, 'build build-corrected.bin', { kind: 'erratum' });
  correct(book, 'review review-corrected.bin', { by: [reviewer, supervisor] });
  correct(book, 'snapshot snapshot-corrected.bin', { kind: 'dispute' });
  correct(book, 'build correction-corrected.bin');
  correct(book, 'rebuild rebuild-retracted.bin', { by: [rebuilder] });
  correct(book, 'rebuild retracted-twice.bin', { by: [rebuilder] });
  correct(book, 'update corrected-2.db');
  correct(book, `access ${accessSource} 3`);
  correct(book, `summary ${secondAccessSource} 0`, { by: [gateway, compliance] });
  correct(book, 'residency 13');
  correct(book, 'statement 1', { kind: 'erratum' });
}

/** Corrections of corrections that are recorded. */
export function correctionsOfCorrections(book: Book): void {
  correct(book, 'correction of build correction-corrected.bin');
  correct(book, 'correction of rebuild retracted-twice.bin', { by: [rebuilder] });
}
