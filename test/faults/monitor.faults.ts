import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Finding } from '../../src/monitor/finding.ts';
import { verifyEvidence } from '../../src/verifier/convicting/evidence.ts';
import type { FetchPath } from '../../src/verifier/proving/tile-reader.ts';
import { parseTrust } from '../../src/verifier/trust.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { brokenPromises } from '../monitor/deliveries.ts';
import { Receiver, serveLog } from '../monitor/serving.ts';
import type { Site } from '../monitor/serving.ts';
import { SampleLog } from '../verifier/sample-log.ts';
import { within } from './processes.ts';
import { Random } from '../random.ts';

const entries = 50_000;
const kills = 40;
const seed = 20_261_122;

const isal = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** What the monitor has to find, as `kind index`. */
type Plan = string[];

const watchedSource = 'marked';
const watched = fixtures.party('watched-gateway', fixtures.supervisorOrganisation);
const stranger = fixtures.party('stranger');
const signers = [...fixtures.signers, fixtures.signer(watched, ['access-gateway'], [watchedSource])];

/** A log of data-access events; at places that the seed decides, what a monitor has to see. */
function makeLog(random: Random): { log: SampleLog; plan: Plan } {
  const genesis = fixtures.genesis({ signers });
  const log = new SampleLog([genesis]);
  const plan: Plan = [];
  let authority = fixtures.leafHashOf(genesis);
  let version = 1;
  let seq = 0;
  let marked = 0;
  while (log.size < entries) {
    const index = log.size;
    const lot = random.below(10_000);
    if (lot < 1_000) {
      log.append(
        fixtures.dataAccess({ authority, source: watchedSource, seq: ++marked, signedBy: [watched] }),
      );
      plan.push(`signer ${index}`);
    } else if (lot < 1_010) {
      log.append(fixtures.dataAccess({ authority, seq: seq + 1, signedBy: [stranger] }));
      plan.push(`unauthorised ${index}`);
    } else if (lot < 1_015 && seq > 0) {
      const again = 1 + random.below(seq);
      const change = (statement: { predicate: { destinationCountry: string } }): void => {
        statement.predicate.destinationCountry = 'AT';
      };
      log.append(fixtures.dataAccess({ authority, seq: again, change }));
      plan.push(`equivocation ${index}`);
    } else if (lot < 1_020) {
      const document = fixtures.authorityDocument({ signers, version: ++version, previous: authority });
      log.append(document);
      authority = fixtures.leafHashOf(document);
      plan.push(`authority ${index}`);
    } else log.append(fixtures.dataAccess({ authority, seq: ++seq }));
  }
  return { log, plan };
}

/** Every path once; the log is as large as it will ever be. */
function remembering(fetchPath: FetchPath): FetchPath {
  const answers = new Map<string, Promise<Uint8Array>>();
  return (path, maxBytes) => {
    const answer = answers.get(path) ?? fetchPath(path, maxBytes);
    answers.set(path, answer);
    return answer;
  };
}

/** `isal monitor run` as a process, with the findings that it has printed. */
class MonitorProcess {
  readonly #child: ChildProcess;
  readonly findings: Finding[] = [];
  readonly ended: Promise<unknown>;
  /** Resolves with the first finding. */
  readonly begun: Promise<void>;
  #rest = '';
  words = '';

  constructor(directory: string) {
    const child = spawn(process.execPath, [isal, 'monitor', 'run', directory, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let begin = (): void => undefined;
    this.begun = new Promise((resolve) => (begin = resolve));
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (this.words = (this.words + text).slice(-4_096)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      // A line that a crash has cut off was not delivered: it comes again whole.
      this.#rest = lines.pop() ?? '';
      if (lines.length > 0) begin();
      for (const line of lines) this.findings.push(JSON.parse(line) as Finding);
    });
    this.ended = once(child, 'close').then(([status, signal]: unknown[]) => status ?? signal);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<unknown> {
    this.#child.kill(signal);
    return this.ended;
  }
}

async function moment(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

describe(`a monitor killed ${kills} times while catching up on ${entries} entries (seed ${seed})`, function () {
  this.timeout(540_000);
  let directory = '';
  let site: Site | undefined;
  let receiver: Receiver;

  after(async () => {
    await site?.close();
    await receiver.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('skips no entry, loses no finding, and repeats only what a crash left unconfirmed', async () => {
    const random = new Random(seed);
    const { log, plan } = makeLog(random);
    site = await serveLog(remembering(log.serve({ cosigners: [] })));
    receiver = await Receiver.listen();
    // Down every now and then: that must neither stop the looking nor lose a finding.
    const weather = new Random(seed + 1);
    receiver.status = () => (weather.below(400) === 0 ? 503 : 200);
    directory = await mkdtemp(join(tmpdir(), 'isal-monitor-'));
    const trust = JSON.stringify(log.trustFile({ quorum: 'none' }));
    await writeFile(join(directory, 'trust.json'), trust);
    const rules = [
      { alert: 'signer', keyid: watched.keyid },
      { alert: 'gap', after: 0 },
    ];
    const logs = [{ trust: 'trust.json', url: site.url, rules }];
    const watch = { format: 'isal-watch/v1', logs, webhook: { url: receiver.url }, interval: 1 };
    await writeFile(join(directory, 'watch.json'), JSON.stringify(watch));

    const runs: Finding[][] = [];
    const posts: Finding[][] = [];
    let working = 0;
    let furthest = -1;
    for (let kill = 1; kill <= kills; kill++) {
      const before = receiver.taken.length;
      const monitor = new MonitorProcess(directory);
      // Most crashes come at work; every fourth one may come while the monitor starts.
      if (kill % 4 === 0) await moment(random.below(1_000));
      else {
        await within(30_000, 'the first finding', Promise.race([monitor.begun, monitor.ended]));
        await moment(random.below(200));
      }
      expect(await monitor.end('SIGKILL'), monitor.words).to.equal('SIGKILL');
      runs.push(monitor.findings);
      posts.push(receiver.taken.slice(before));
      const reached = monitor.findings.at(-1)?.n ?? -1;
      if (reached > furthest && reached < plan.length - 1) working++;
      furthest = Math.max(furthest, reached);
    }
    expect(working, 'kills in the middle of catching up').to.be.above(kills / 3);

    const monitor = new MonitorProcess(directory);
    const before = receiver.taken.length;
    const done = async (): Promise<void> => {
      for (;;) {
        await Promise.race([moment(200), monitor.ended.then(() => expect.fail(monitor.words))]);
        const status = await readFile(join(directory, 'status.json'), 'utf8').catch(() => '{"logs":[]}');
        const [{ judged, outbox } = { judged: 0, outbox: {} }] = (
          JSON.parse(status) as { logs: { judged: number; outbox: Record<string, number> }[] }
        ).logs;
        if (judged === entries && Object.values(outbox).every((waiting) => waiting === 0)) return;
      }
    };
    await within(240_000, 'catching up', done());
    expect(await monitor.end('SIGTERM'), monitor.words).to.equal(0);
    runs.push(monitor.findings);
    posts.push(receiver.taken.slice(before));

    // A round of standard output is 256 lines, a webhook takes one at a time.
    expect(brokenPromises(runs, { repeats: 256 })).to.deep.equal([]);
    expect(brokenPromises(posts, { repeats: 1 })).to.deep.equal([]);
    for (const channel of [runs, posts]) {
      const found = new Map(channel.flat().map((finding) => [finding.n, `${finding.kind} ${finding.index}`]));
      expect([...found].toSorted(([a], [b]) => a - b).map(([, what]) => what)).to.have.members(plan);
      expect(found.size).to.equal(plan.length);
    }
    const pinned = parseTrust(new TextEncoder().encode(trust));
    const evidence = await readdir(join(directory, 'evidence'));
    expect(evidence).to.have.length(plan.filter((what) => /^(unauthorised|equivocation)/.test(what)).length);
    for (const name of evidence) {
      verifyEvidence(new Uint8Array(await readFile(join(directory, 'evidence', name))), pinned);
    }
    const repeated = runs.flat().length - plan.length;
    console.log(
      `      ${plan.length} findings, ${working} kills at work, ${repeated} lines and ${posts.flat().length - plan.length} posts repeated`,
    );
  });
});
