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

/** What the command says of a ledger that holds these leaves. */
async function summaryOf(leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Ran> {
  const desk = await Desk.open(leaves);
  try {
    return await desk.online(access, 'summary', ...args);
  } finally {
    await desk.close();
  }
}

describe('isal access summary', () => {
  it('counts the events again and finds that an honest summary agrees', async () => {
    const { status, stdout } = await summaryOf([...events, honest]);
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(/^✓ Events +access: 3 events; read 3; CH 2, DE 1; support 3; allowed 3$/m);
    expect(stdout).to.match(/^✓ Checkpoint +ledger\.example\/test, size 5; no witnesses in the trust file$/m);
    expect(stdout).to.match(/^✓ Replayed +5 leaves, all entitled to their places$/m);
    expect(stdout).to.match(/^✓ Summary +access: .*\(leaf 4\): 3 events, as the log and the vendor count$/m);
  });

  it('says with both numbers where a summary differs by one from the log', async () => {
    const { status, stdout } = await summaryOf([
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
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Summary .*: activity read is 2 in the summary, 3 in the log$/m);
    expect(stdout).to.match(/^✗ Summary .*: activity disclose is 1 in the summary, 0 in the log$/m);
    expect(stdout).to.match(/^✗ Summary .*: country CH is 1 in the summary, 2 in the log$/m);
    expect(stdout).to.match(/^✗ Summary .*: country DE is 2 in the summary, 1 in the log$/m);
    expect(stdout).to.match(/^ANSWER +CONTRADICTED/m);
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
    const { status, stdout } = await summaryOf(leaves);
    expect(status).to.equal(1);
    expect(stdout).to.match(
      /^✗ Summary .*: the vendor counted 4, the log holds 3 under numbers 1 to 3; its remarks: A test account\.$/m,
    );
    expect(stdout).to.match(/^✗ Summary .*: 1 event unexplained, by its own word/m);
  });

  it('shows an event that was withheld: its number is missing and the summary counts one more', async () => {
    const { status, stdout } = await summaryOf([events[0]!, events[2]!, honest]);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^\? Gap +access: number 2 not shown as of 4$/m);
    expect(stdout).to.match(/^✗ Summary .*: the recorder counted 3, the log holds 2 under numbers 1 to 3$/m);
    expect(stdout).to.match(/^✗ Summary .*: it covers 3 numbers, the log holds 2 of them$/m);
  });

  it('shows a withheld last event, which leaves no gap, by the summary alone', async () => {
    const { status, stdout } = await summaryOf([events[0]!, events[1]!, honest]);
    expect(status).to.equal(1);
    expect(stdout).not.to.contain('Gap');
    expect(stdout).to.match(/^✗ Summary .*: country DE is 1 in the summary, 0 in the log$/m);
  });

  it('finds events that do not lie in the period of their summary', async () => {
    const late = dataAccess({ seq: 3, occurredAt: '2026-11-04T00:00:00Z', change: inGermany });
    const { status, stdout } = await summaryOf([events[0]!, events[1]!, late, honest]);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Summary .*: 1 event with its numbers, at times outside of the period$/m);
  });

  it('does not call proven what no summary speaks of', async () => {
    const without = await summaryOf(events);
    expect(without.status).to.equal(2);
    expect(without.stdout).to.match(/^\? No summary +access: none shown for the time asked for, as of 4$/m);
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
    expect(partly.status).to.equal(2);
    expect(partly.stdout).to.match(/^\? No summary +access: none shown for number 1$/m);
    expect((await summaryOf([])).status).to.equal(2);
  });

  it('shows a day without a summary, and takes a summary of zero events for what it says', async () => {
    const zero = await summaryOf([...events, honest, nextDay(4, 0)]);
    expect(zero.status, zero.stdout).to.equal(0);
    const skipped = await summaryOf([...events, honest, nextDay(5, 0)]);
    expect(skipped.status).to.equal(2);
    expect(skipped.stdout).to.match(
      /^\? No summary +access: none shown for 2026-11-04T00:00:00Z to 2026-11-05T00:00:00Z$/m,
    );
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

    async function at(time: string, leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Ran> {
      const desk = await Desk.open([...leaves, promising]);
      desk.now = Date.parse(time);
      try {
        return await desk.online(access, 'summary', ...args);
      } finally {
        await desk.close();
      }
    }

    it('says that none is late until the grace is over, and since when one is', async () => {
      const inTime = await at('2026-11-05T06:00:00Z', [...events, honest]);
      expect(inTime.status, inTime.stdout).to.equal(0);
      expect(inTime.stdout).to.match(
        /^✓ Promised +access: a summary every 1 day, within 6 hours, since 2026-11-03T00:00:00Z; none is late at 2026-11-05T06:00:00Z, by this machine’s clock$/m,
      );
      const late = await at('2026-11-05T06:00:01Z', [...events, honest]);
      expect(late.status).to.equal(2);
      expect(late.stdout).to.match(
        /^\? Late +access: no summary shown for the time from 2026-11-04T00:00:00Z on; due by 2026-11-05T06:00:00Z, and it is 2026-11-05T06:00:01Z, by this machine’s clock \(summary-late\)$/m,
      );
      expect((await at('2026-11-09T00:00:00Z', [...events, honest, nextDay(4, 0)])).status).to.equal(2);
    });

    it('misses the first one too, also where nothing else is heard of the source', async () => {
      const { status, stdout } = await at('2026-11-09T00:00:00Z', []);
      expect(status).to.equal(2);
      expect(stdout).to.match(
        /^\? Late +access: no summary shown for the time from 2026-11-03T00:00:00Z on/m,
      );
    });

    it('names a day between two summaries once, with the time at which its summary was due', async () => {
      const { status, stdout } = await at('2026-11-06T01:00:00Z', [...events, honest, nextDay(5, 0)]);
      expect(status).to.equal(2);
      expect(stdout.match(/2026-11-04T00:00:00Z to 2026-11-05T00:00:00Z/g)).to.have.length(1);
      expect(stdout).to.match(/^\? Late +access: .*; due by 2026-11-05T06:00:00Z, /m);
    });

    it('takes a summary that came late for what it is, and tells how late it was made', async () => {
      const made = changed((predicate) => {
        predicate.occurredAt = '2026-11-04T08:00:00Z';
      });
      const { status, stdout } = await at('2026-11-05T00:00:00Z', [...events, made]);
      expect(status, stdout).to.equal(0);
      expect(stdout).to.match(
        /^✓ Summary .*: 3 events, as the log .* count; made 2 hours after it was due$/m,
      );
      const json = JSON.parse((await at('2026-11-05T00:00:00Z', [...events, made], '--json')).stdout) as {
        sources: { late: object[]; summaries: { lateBySeconds: number }[] }[];
      };
      expect(json.sources[0]?.summaries[0]?.lateBySeconds).to.equal(7_200);
      expect(json.sources[0]?.late).to.deep.equal([]);
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
      expect(ahead.stdout).to.match(/^\? Late +access: /m);
    });

    it('says nothing of a source that was not asked for', async () => {
      const leaves = [dataAccess({ source: 'summaries', seq: 7 })];
      const { stdout } = await at('2026-11-09T00:00:00Z', leaves, '--source', 'summaries');
      expect(stdout).not.to.contain('Late');
    });
  });

  it('leaves the period that still runs open', async () => {
    const { status, stdout } = await summaryOf([
      ...events,
      honest,
      dataAccess({ seq: 4, occurredAt: '2026-11-04T10:00:00Z' }),
    ]);
    expect(status).to.equal(0);
    expect(stdout).to.match(/^\? Open +access: 1 event after the last summary$/m);
  });

  it('keeps to a source and to a time', async () => {
    const other = dataAccess({ source: 'summaries', seq: 7 });
    const leaves = [...events, honest, nextDay(4, 1), other];
    const json = JSON.parse(
      (await summaryOf(leaves, '--source', 'access', '--to', '2026-11-04T00:00:00Z', '--json')).stdout,
    ) as { exit: number; sources: { source: string; summaries: object[] }[] };
    expect(json.exit).to.equal(0);
    expect(json.sources).to.have.length(1);
    expect(json.sources[0]).to.deep.include({ source: 'access', events: 3, open: 0, gaps: [] });
    expect(json.sources[0]?.summaries).to.have.length(1);
    const late = await summaryOf(leaves, '--source', 'access', '--from', '2026-11-04T00:00:00Z');
    expect(late.status).to.equal(1);
    expect(late.stdout).to.match(/the recorder counted 1, the log holds 0/);
  });

  it('gives fields and both numbers to machines', async () => {
    const { stdout } = await summaryOf([events[0]!, events[2]!, honest], '--json');
    const { exit, sources } = JSON.parse(stdout) as {
      exit: number;
      sources: { gaps: object[]; summaries: { differences: object[] }[] }[];
    };
    expect(exit).to.equal(1);
    expect(sources[0]?.gaps).to.deep.equal([{ source: 'access', from: 2, to: 3 }]);
    expect(sources[0]?.summaries[0]?.differences).to.deep.include({
      field: 'gatewayCount',
      summary: 3,
      log: 2,
    });
  });

  it('shows the correction of an event and of a summary', async () => {
    const { status, stdout } = await summaryOf([
      ...events,
      honest,
      correction({ target: leafHashOf(events[1]!) }),
      correction({ seq: 2, target: leafHashOf(honest), kind: 'dispute' }),
    ]);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Corrected +leaf 2 is corrected by leaf 5: retraction: /m);
    expect(stdout).to.match(/^✗ Corrected +leaf 4 is corrected by leaf 6: dispute: /m);
  });

  it('leaves out corrections of what the answer does not rest on', async () => {
    const other = build();
    const retracted = correction({ target: leafHashOf(other) });
    const { status, stdout } = await summaryOf([...events, honest, other, retracted]);
    expect(status, stdout).to.equal(0);
    expect(stdout).not.to.contain('Corrected');
  });

  it('does not rest on a recorder whose key was compromised before', async () => {
    const compromised = authorityDocument({
      version: 2,
      previous: leafHashOf(genesis()),
      signers: [...signers, signer(party('second gateway'), ['access-gateway'], ['access'])],
      revocations: [{ keyid: gateway.keyid, kind: 'compromised', fromLeaf: 2, reason: 'a test' }],
    });
    const { status, stdout } = await summaryOf([...events, honest, compromised]);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Keys +the key of access-gateway is compromised as of leaf 4/m);
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
      const { status, stdout, stderr } = await isal(['access', 'summary', ...where]);
      expect(status, stderr).to.equal(1);
      expect(stdout).to.match(/^✓ Checkpoint .*, size 4; \d of 3 witnesses; \d+ days ago$/m);
      expect(stdout).to.match(/^✗ Replayed +1 of 4 leaves were not entitled to their places$/m);
      expect(stdout).to.match(/^✗ Finding +leaf 3: .* \(.*\)$/m);
      expect(stdout).to.match(/^✓ Events +access: 2 events;/m);
    } finally {
      server.closeAllConnections();
      server.close();
      await rm(directory, { recursive: true });
    }
  });

  it('compares at most sixteen summaries over one number, and says so of the others', async () => {
    const many = Array.from({ length: 17 }, (_, at) => periodSummary({ seq: at + 1 }));
    const { status, stdout } = await summaryOf([...events, ...many]);
    expect(status).to.equal(2);
    expect(stdout.match(/^✓ Summary/gm)).to.have.length(16);
    expect(stdout).to.match(/^\? Summary .*: not compared, too many others are about the same numbers$/m);
  });

  it('refuses what it does not understand', async () => {
    expect((await summaryOf([], 'europe')).status).to.equal(4);
    expect((await summaryOf([], '--from', 'yesterday')).status).to.equal(4);
  });
});
