/** Accesses to customers' data: a day that adds up, and a day of which one event is withheld. */
import { sha256 } from '#sha256';
import { predicateTypes, statementType } from '../../attestation/types.ts';
import type { DataAccessPredicate, PeriodSummaryPredicate, Statement } from '../../attestation/types.ts';
import { toHex, utf8 } from '../../bytes.ts';
import { accessStatement } from '../statements.ts';
import type { Site } from './site.ts';
import { words } from './stage.ts';

const dayMs = 86_400_000;
const eventsADay = 5;

interface Day {
  /** Midnight, UTC, in milliseconds since the epoch. */
  readonly from: number;
  /** Number of its first event at the gateway. */
  readonly firstSeq: number;
  /** Number of its summary. */
  readonly seq: number;
}

const iso = (time: number): string => new Date(time).toISOString();
const predicateOf = (statement: Statement): DataAccessPredicate =>
  statement.predicate as unknown as DataAccessPredicate;

async function eventsOf(site: Site, { from, firstSeq }: Day): Promise<Statement[]> {
  const place = await site.place();
  return Array.from({ length: eventsADay }, (_, i) =>
    accessStatement({ ...place, seq: firstSeq + i, occurredAt: iso(from + (8 + i) * 3_600_000) }),
  );
}

async function summaryOf(site: Site, day: Day, events: readonly Statement[]): Promise<Statement> {
  const { origin, authority } = await site.place();
  const byActivity = { store: 0, alter: 0, read: 0, disclose: 0, delete: 0, destroy: 0 };
  const byReason = { support: 0, service: 0, review: 0, 'legal-request': 0, alert: 0 };
  for (const { activity, reason } of events.map(predicateOf)) {
    byActivity[activity]++;
    byReason[reason.type]++;
  }
  const predicate: PeriodSummaryPredicate = {
    ledger: { origin, authority },
    occurredAt: iso(day.from + dayMs),
    source: { id: 'access-summaries', seq: day.seq },
    period: { from: iso(day.from), to: iso(day.from + dayMs) },
    summarised: {
      source: 'access-gateway',
      seqFrom: day.firstSeq,
      seqTo: day.firstSeq + events.length,
    },
    counts: { byActivity, byCountry: [{ country: 'CH', count: events.length }], byReason },
    gatewayCount: events.length,
    vendorCount: events.length,
    unexplained: 0,
    remarks: [],
  };
  return {
    _type: statementType,
    subject: [{ digest: { sha256: toHex(sha256(utf8(origin))) } }],
    predicateType: predicateTypes['period-summary'],
    predicate: { ...predicate },
  };
}

export async function withholdEvent(site: Site): Promise<void> {
  const { stage } = site;
  stage.chapter(
    'An access to data is withheld',
    `Whenever an employee of the vendor gets at customers' data, a gateway records it: what for, from which
     country, allowed or denied. Names are salted digests here too. The gateway numbers its events, and each
     day the gateway and the vendor sign how many there were. Five on the first day, and all of it agrees:`,
  );
  const today = Math.floor(site.now() / dayMs) * dayMs;
  const summaries = ['access-gateway', 'vendor'];
  const good: Day = { from: today - 2 * dayMs, firstSeq: 1, seq: 1 };
  const goodEvents = await eventsOf(site, good);
  await site.byProgram(goodEvents, ['access-gateway']);
  await site.byProgram([await summaryOf(site, good, goodEvents)], summaries);
  await stage.isal(words`access summary`, {
    shows: [/^✓ Events +access-gateway: 5 events/, /^✓ Summary +.*5 events/],
    verdict: 'a day of accesses to data, counted again',
  });

  const bad: Day = { from: today - dayMs, firstSeq: good.firstSeq + eventsADay, seq: 2 };
  const badEvents = await eventsOf(site, bad);
  const hidden = 2;
  stage.tell(
    `The next day one of five is embarrassing, and the vendor sees to it that it never gets to the ledger:`,
  );
  await site.byProgram(
    badEvents.filter((_, i) => i !== hidden),
    ['access-gateway'],
  );
  await site.byProgram([await summaryOf(site, bad, badEvents)], summaries);
  await stage.isal(words`access summary`, {
    status: 1,
    shows: [
      new RegExp(`^\\? Gap +access-gateway: number ${bad.firstSeq + hidden} not shown`),
      /^✗ Summary +.*the recorder counted 5, the log holds 4/,
    ],
    verdict: 'a day of which one access was left out',
  });
  stage.tell(
    `The number is missing, and the signed count is not what the log holds. Only an access that goes round the
     gateway leaves no trace, which is why the supervisor runs it, and why the vendor counts too.`,
  );
}
