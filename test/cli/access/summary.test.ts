import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { access } from '../../../src/cli/access/commands.ts';
import type { PeriodSummaryPredicate, StatementOf } from '../../../src/attestation/types.ts';
import {
  authorityDocument,
  build,
  builder,
  correction,
  dataAccess,
  gateway,
  genesis,
  leafHashOf,
  party,
  periodSummary,
  signer,
  signers,
} from '../../fixtures/attestations.ts';
import { SampleLog } from '../../verifier/sample-log.ts';
import { answerOf, marksOf } from '../answers.ts';
import type { Answer } from '../answers.ts';
import { Desk } from '../desk.ts';
import { isal } from '../isal.ts';
import type { Ran } from '../desk.ts';

type Event = StatementOf<'data-access'>;
type Summary = StatementOf<'period-summary'>;

const inGermany = (statement: Event): void => {
  statement.predicate.actor.physicalCountry = 'DE';
};
const events = [dataAccess(), dataAccess({ seq: 2 }), dataAccess({ seq: 3, change: inGermany })];
/** The fixture's summary says 3 reads for support by people in CH, CH and DE. */
const honest = periodSummary();

function changed(change: (predicate: PeriodSummaryPredicate) => void, seq = 1): Uint8Array {
  return periodSummary({ seq, change: ({ predicate }: Summary) => change(predicate) });
}

/** A summary of the day after, of so many events from number 4 on. */
function nextDay(day: number, count: number): Uint8Array {
  return changed((predicate) => {
    predicate.period = { from: `2026-11-0${day}T00:00:00Z`, to: `2026-11-0${day + 1}T00:00:00Z` };
    predicate.occurredAt = `2026-11-0${day + 1}T00:30:00Z`;
    predicate.summarised = { source: 'access', seqFrom: 4, seqTo: 4 + count };
    predicate.counts.byActivity.read = count;
    predicate.counts.byCountry = count === 0 ? [] : [{ country: 'CH', count }];
    predicate.counts.byReason.support = count;
    predicate.gatewayCount = count;
    predicate.vendorCount = count;
  }, 2);
}

interface Summaries extends Answer {
  readonly judgedAt: string;
  readonly sources: readonly {
    readonly source: string;
    readonly events: number;
    readonly counts: object;
    readonly open: number;
    readonly gaps: readonly object[];
    readonly unsummarised: readonly object[];
    readonly silences: readonly object[];
    readonly late: readonly { readonly from: string; readonly to?: string; readonly due: string }[];
    readonly summaries: readonly {
      readonly index: number;
      readonly recorded: number;
      readonly differences: readonly { field: string; summary: number; log: number }[];
      readonly skipped: boolean;
      readonly lateBySeconds?: number;
    }[];
  }[];
}

/** What the command says of a ledger that holds these leaves. */
async function ranOn(leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Ran> {
  const desk = await Desk.open(leaves);
  try {
    return await desk.online(access, 'summary', ...args);
  } finally {
    await desk.close();
  }
}

async function summaryOf(leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Summaries> {
  return answerOf(await ranOn(leaves, ...args, '--json')) as Summaries;
}

/** Of the one source that is asked about. */
const only = ({ sources }: Summaries): Summaries['sources'][number] => {
  expect(sources).to.have.length(1);
  return sources[0] as Summaries['sources'][number];
};

/** Field, its number in the summary and the one in the log, of every difference. */
const differencesOf = (answer: Summaries): unknown[] =>
  only(answer).summaries.flatMap(({ differences }) =>
    differences.map(({ field, summary, log }) => [field, summary, log]),
  );

describe('isal access summary', () => {
  it('counts the events again and finds that an honest summary agrees', async () => {
    const answer = await summaryOf([...events, honest]);
    expect(answer.exit).to.equal(0);
    expect(marksOf(answer)).to.deep.equal(['✓ Checkpoint', '✓ Replayed', '✓ Events', '✓ Summary']);
    expect(only(answer)).to.deep.include({
      source: 'access',
      events: 3,
      counts: {
        byActivity: { read: 3 },
        byCountry: { CH: 2, DE: 1 },
        byReason: { support: 3 },
        byOutcome: { allowed: 3 },
      },
    });
    expect(differencesOf(answer)).to.deep.equal([]);
  });

  it('says with both numbers where a summary differs by one from the log', async () => {
    const answer = await summaryOf([
      ...events,
      changed(({ counts }) => {
        counts.byActivity.read = 2;
        counts.byActivity.disclose = 1;
        counts.byCountry = [
          { country: 'CH', count: 1 },
          { country: 'DE', count: 2 },
        ];
      }),
    ]);
    expect(answer.exit).to.equal(1);
    expect(differencesOf(answer)).to.deep.equal([
      ['counts/byActivity/disclose', 1, 0],
      ['counts/byActivity/read', 2, 3],
      ['counts/byCountry/CH', 1, 2],
      ['counts/byCountry/DE', 2, 1],
    ]);
    expect(marksOf(answer, 'Summary')).to.deep.equal(Array.from({ length: 4 }, () => '✗ Summary'));
  });

  it('says with both numbers that the vendor counted one more than the recorder', async () => {
    const leaves = [
      ...events,
      changed((predicate) => {
        predicate.vendorCount = 4;
        predicate.unexplained = 1;
        predicate.remarks = ['A test account.'];
      }),
    ];
    const answer = await summaryOf(leaves);
    expect(answer.exit).to.equal(1);
    expect(differencesOf(answer)).to.deep.equal([
      ['vendorCount', 4, 3],
      ['unexplained', 1, 0],
    ]);
  });

  it('shows an event that was withheld: its number is missing and the summary counts one more', async () => {
    const answer = await summaryOf([events[0]!, events[2]!, honest]);
    expect(answer.exit).to.equal(1);
    expect(only(answer).gaps).to.deep.equal([{ source: 'access', from: 2, to: 3 }]);
    expect(marksOf(answer, 'Gap')).to.deep.equal(['? Gap']);
    expect(differencesOf(answer)).to.deep.include.members([
      ['gatewayCount', 3, 2],
      ['summarised', 3, 2],
    ]);
  });

  it('shows a withheld last event, which leaves no gap, by the summary alone', async () => {
    const answer = await summaryOf([events[0]!, events[1]!, honest]);
    expect(answer.exit).to.equal(1);
    expect(only(answer).gaps).to.deep.equal([]);
    expect(differencesOf(answer)).to.deep.include(['counts/byCountry/DE', 1, 0]);
  });

  it('finds events that do not lie in the period of their summary', async () => {
    const late = dataAccess({ seq: 3, occurredAt: '2026-11-04T00:00:00Z', change: inGermany });
    const answer = await summaryOf([events[0]!, events[1]!, late, honest]);
    expect(answer.exit).to.equal(1);
    expect(differencesOf(answer)).to.deep.equal([['period', 0, 1]]);
  });

  it('does not call proven what no summary speaks of', async () => {
    const without = await summaryOf(events);
    expect(without.exit).to.equal(2);
    expect(marksOf(without, 'No summary')).to.deep.equal(['? No summary']);
    const fromTwo = changed((predicate) => {
      predicate.summarised = { source: 'access', seqFrom: 2, seqTo: 4 };
      predicate.counts.byActivity.read = 2;
      predicate.counts.byCountry = [
        { country: 'CH', count: 1 },
        { country: 'DE', count: 1 },
      ];
      predicate.counts.byReason.support = 2;
      predicate.gatewayCount = predicate.vendorCount = 2;
    });
    const partly = await summaryOf([...events, fromTwo]);
    expect(partly.exit).to.equal(2);
    expect(only(partly).unsummarised).to.deep.equal([{ from: 1, to: 2 }]);
    const none = await summaryOf([]);
    expect([none.exit, none.sources, marksOf(none, 'Events')]).to.deep.equal([2, [], ['? Events']]);
  });

  it('shows a day without a summary, and takes a summary of zero events for what it says', async () => {
    expect((await summaryOf([...events, honest, nextDay(4, 0)])).exit).to.equal(0);
    const skipped = await summaryOf([...events, honest, nextDay(5, 0)]);
    expect(skipped.exit).to.equal(2);
    expect(only(skipped).silences).to.deep.equal([
      { from: '2026-11-04T00:00:00Z', to: '2026-11-05T00:00:00Z' },
    ]);
  });

  describe('where a summary is promised every day, within six hours', () => {
    const promise = {
      source: 'access',
      from: '2026-11-03T00:00:00Z',
      summaryEvery: 86_400,
      grace: 21_600,
    };
    const promising = authorityDocument({
      version: 2,
      previous: leafHashOf(genesis()),
      promises: [promise],
    });

    async function at(
      time: string,
      leaves: readonly Uint8Array[],
      ...args: readonly string[]
    ): Promise<Summaries> {
      const desk = await Desk.open([...leaves, promising]);
      desk.now = Date.parse(time);
      try {
        return answerOf(await desk.online(access, 'summary', ...args, '--json')) as Summaries;
      } finally {
        await desk.close();
      }
    }

    it('says that none is late until the grace is over, and since when one is', async () => {
      const inTime = await at('2026-11-05T06:00:00Z', [...events, honest]);
      expect([inTime.exit, only(inTime).late]).to.deep.equal([0, []]);
      expect(marksOf(inTime, 'Promised', 'Late')).to.deep.equal(['✓ Promised']);
      const late = await at('2026-11-05T06:00:01Z', [...events, honest]);
      expect(late.exit).to.equal(2);
      expect(marksOf(late, 'Promised', 'Late')).to.deep.equal(['? Late']);
      expect(only(late).late).to.deep.equal([
        { code: 'summary-late', from: '2026-11-04T00:00:00Z', due: '2026-11-05T06:00:00Z' },
      ]);
      expect((await at('2026-11-09T00:00:00Z', [...events, honest, nextDay(4, 0)])).exit).to.equal(2);
    });

    it('misses the first one too, also where nothing else is heard of the source', async () => {
      const answer = await at('2026-11-09T00:00:00Z', []);
      expect(answer.exit).to.equal(2);
      expect(only(answer).late.map(({ from }) => from)).to.deep.equal(['2026-11-03T00:00:00Z']);
    });

    it('names a day between two summaries once, with the time at which its summary was due', async () => {
      const answer = await at('2026-11-06T01:00:00Z', [...events, honest, nextDay(5, 0)]);
      expect(answer.exit).to.equal(2);
      expect(marksOf(answer, 'Late', 'No summary')).to.deep.equal(['? Late']);
      expect(only(answer).late[0]).to.include({ from: '2026-11-04T00:00:00Z', due: '2026-11-05T06:00:00Z' });
    });

    it('takes a summary that came late for what it is, and tells how late it was made', async () => {
      const made = changed((predicate) => {
        predicate.occurredAt = '2026-11-04T08:00:00Z';
      });
      const answer = await at('2026-11-05T00:00:00Z', [...events, made]);
      expect(answer.exit).to.equal(0);
      expect(only(answer).summaries[0]?.lateBySeconds).to.equal(7_200);
      expect(only(answer).late).to.deep.equal([]);
    });

    it('is not kept by a summary that is dated ahead', async () => {
      const ahead = await at('2026-11-05T06:00:01Z', [
        ...events,
        honest,
        changed((predicate) => {
          predicate.occurredAt = '2027-01-01T00:00:00Z';
          predicate.period = { from: '2026-11-04T00:00:00Z', to: '2027-01-01T00:00:00Z' };
        }, 2),
      ]);
      expect(marksOf(ahead, 'Late')).to.deep.equal(['? Late']);
    });

    it('says nothing of a source that was not asked for', async () => {
      const leaves = [dataAccess({ source: 'summaries', seq: 7 })];
      const answer = await at('2026-11-09T00:00:00Z', leaves, '--source', 'summaries');
      expect(marksOf(answer, 'Late')).to.deep.equal([]);
    });
  });

  it('leaves the period that still runs open', async () => {
    const answer = await summaryOf([
      ...events,
      honest,
      dataAccess({ seq: 4, occurredAt: '2026-11-04T10:00:00Z' }),
    ]);
    expect([answer.exit, only(answer).open]).to.deep.equal([0, 1]);
    expect(marksOf(answer, 'Open')).to.deep.equal(['? Open']);
  });

  it('keeps to a source and to a time', async () => {
    const other = dataAccess({ source: 'summaries', seq: 7 });
    const leaves = [...events, honest, nextDay(4, 1), other];
    const early = await summaryOf(leaves, '--source', 'access', '--to', '2026-11-04T00:00:00Z');
    expect(early.exit).to.equal(0);
    expect(only(early)).to.deep.include({ source: 'access', events: 3, open: 0, gaps: [] });
    expect(only(early).summaries).to.have.length(1);
    const late = await summaryOf(leaves, '--source', 'access', '--from', '2026-11-04T00:00:00Z');
    expect(late.exit).to.equal(1);
    expect(differencesOf(late)).to.deep.include(['gatewayCount', 1, 0]);
  });

  it('prints what it says in JSON, a line with its mark for each point', async () => {
    const leaves = [events[0]!, events[2]!, honest];
    const { lines } = await summaryOf(leaves);
    const { status, stdout } = await ranOn(leaves);
    expect(status).to.equal(1);
    const signs: Readonly<Record<string, string>> = { proven: '✓', contradicted: '✗', 'not-shown': '?' };
    expect(stdout.split('\n').slice(0, lines.length)).to.deep.equal(
      lines.map(({ mark, label, text }) => `${signs[mark]} ${label.padEnd(13)}${text}`),
    );
  });

  it('shows the correction of an event and of a summary', async () => {
    const answer = await summaryOf([
      ...events,
      honest,
      correction({ target: leafHashOf(events[1]!) }),
      correction({ seq: 2, target: leafHashOf(honest), kind: 'dispute' }),
    ]);
    expect(answer.exit).to.equal(1);
    expect(marksOf(answer, 'Corrected')).to.deep.equal(['✗ Corrected', '✗ Corrected']);
    expect(
      answer.corrections.map(({ index, targetIndex, kind }) => [index, targetIndex, kind]),
    ).to.deep.equal([
      [5, 2, 'retraction'],
      [6, 4, 'dispute'],
    ]);
  });

  it('leaves out corrections of what the answer does not rest on', async () => {
    const other = build();
    const retracted = correction({ target: leafHashOf(other) });
    const answer = await summaryOf([...events, honest, other, retracted]);
    expect([answer.exit, answer.corrections]).to.deep.equal([0, []]);
  });

  it('does not rest on a recorder whose key was compromised before', async () => {
    const compromised = authorityDocument({
      version: 2,
      previous: leafHashOf(genesis()),
      signers: [...signers, signer(party('second gateway'), ['access-gateway'], ['access'])],
      revocations: [{ keyid: gateway.keyid, kind: 'compromised', fromLeaf: 2, reason: 'a test' }],
    });
    const answer = await summaryOf([...events, honest, compromised]);
    expect(answer.exit).to.equal(1);
    expect(marksOf(answer, 'Keys')).to.deep.equal(['✗ Keys']);
  });

  it('names leaves that were not entitled to their places, and does not count them', async () => {
    const log = new SampleLog([
      genesis(),
      ...events.slice(0, 2),
      dataAccess({ seq: 3, signedBy: [builder] }),
    ]);
    const serve = log.serve();
    const server = createServer((request, response) => {
      serve((request.url ?? '').slice(1), 1 << 24).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    const directory = await mkdtemp(join(tmpdir(), 'isal-access-'));
    try {
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const trust = join(directory, 'trust.json');
      await writeFile(trust, JSON.stringify(log.trustFile()));
      const where = ['--trust', trust, '--url', `http://127.0.0.1:${port}`, '--max-age', '99999999'];
      const { status, stdout, stderr } = await isal(['access', 'summary', ...where, '--json']);
      expect(status, stderr).to.equal(1);
      const answer = JSON.parse(stdout) as Summaries;
      expect(marksOf(answer, 'Checkpoint', 'Replayed', 'Finding', 'Events')).to.deep.equal([
        '✓ Checkpoint',
        '✗ Replayed',
        '✗ Finding',
        '✓ Events',
      ]);
      expect([answer.findingCount, only(answer).events]).to.deep.equal([1, 2]);
    } finally {
      server.closeAllConnections();
      server.close();
      await rm(directory, { recursive: true });
    }
  });

  it('compares at most sixteen summaries over one number, and says so of the others', async () => {
    const many = Array.from({ length: 17 }, (_, at) => periodSummary({ seq: at + 1 }));
    const answer = await summaryOf([...events, ...many]);
    expect(answer.exit).to.equal(2);
    expect(
      only(answer)
        .summaries.map(({ skipped }) => skipped)
        .filter(Boolean),
    ).to.have.length(1);
    expect(marksOf(answer, 'Summary').filter((mark) => mark === '? Summary')).to.have.length(1);
  });

  it('refuses what it does not understand', async () => {
    expect((await ranOn([], 'europe')).status).to.equal(4);
    expect((await ranOn([], '--from', 'yesterday')).status).to.equal(4);
  });
});
