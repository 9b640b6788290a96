/**
 * Canaries through every route, in every place of a request, as well as wrongly
 * signed, misplaced and malformed; and then a search of everything that the
 * server keeps, says and logs. Nothing of them may be found.
 */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { customerTag, parseCustomerSecret } from '../../src/attestation/customer-tag.ts';
import { commitmentsTo, makeDisclosure } from '../../src/attestation/disclosure.ts';
import type { RunningServer } from '../../src/http/server.ts';
import { startWitnessServer } from '../../src/http/witness.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { startMetrics } from '../../src/metrics/listener.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { openLevel } from '../../src/storage/level.ts';
import type { LevelStore } from '../../src/storage/level.ts';
import type { Extent } from '../extent.ts';
import * as fixtures from '../fixtures/attestations.ts';
import type { Answer, Asking, Running } from '../http/harness.ts';
import { ask, json, ndjson, raw, run, submit } from '../http/harness.ts';
import { seriesOf } from '../metrics/series.ts';
import { WitnessedLog } from '../witness/log.ts';
import { WitnessSite } from '../witness/site.ts';
import { canaries, canarySecret, texts, wordsIn } from './canaries.ts';
import { leafOf, refusedLeaves, rubbish, rubbishPayloads, spoiltStatements } from './rubbish.ts';

const authority = fixtures.leafHashOf(fixtures.genesis());

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

/** One event that commits to canaries, under tags of the canary secret: what may stand in the log. */
function committed(): Uint8Array {
  const disclosures = Object.entries(canaries).map(([name, value], at) =>
    makeDisclosure({ salt: new Uint8Array(16).fill(at + 1), name, value }),
  );
  return fixtures.dataAccess({
    authority,
    change: ({ predicate }) => {
      predicate.actor._sd = commitmentsTo(disclosures.slice(0, 3));
      predicate.reason._sd = commitmentsTo(disclosures.slice(3));
      const day = predicate.occurredAt.slice(0, 10);
      predicate.customerTags = [
        customerTag(parseCustomerSecret(canarySecret), { day, category: 'threat-statistics' }),
      ];
    },
  });
}

const inUrl = (text: string): string => encodeURIComponent(text);
/** As a header may hold it: bytes of UTF-8. */
const inHeader = (text: string): string => Buffer.from(text.replaceAll('\n', ' ')).toString('latin1');

const headerNames = [
  'Accept',
  'Accept-Encoding',
  'Authorization',
  'Cookie',
  'Content-Type',
  'Content-Encoding',
  'Expect',
  'If-None-Match',
  'If-Modified-Since',
  'Origin',
  'Range',
  'Referer',
  'User-Agent',
  'X-Forwarded-For',
  'Forwarded',
  'Via',
  'X-Request-Id',
  'X-Customer-Secret',
  'Traceparent',
];

/** Every request that a description allows for, with the canary wherever one can stand. */
function requestsOf(
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>,
  turn: number,
): [path: string, asking: Asking][] {
  const text = texts[turn] ?? '';
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters = [] }]) => {
      const asking = {
        method: method.toUpperCase(),
        ...(method === 'post' ? { headers: json, body: '{}' } : {}),
      };
      const plain = path.replaceAll(/\{\w+\}/g, '0');
      const queries = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
      const targets = [
        path.replaceAll(/\{\w+\}/g, inUrl(text)),
        `${plain}/${inUrl(text)}`,
        `${plain}${inUrl(text)}`,
        ...[...queries, inUrl(text), 'secret'].map((name) => `${plain}?${name}=${inUrl(text)}`),
        ...queries.map((name) => `${plain}?${name}=${inUrl(text)}&${name}=${inUrl(text)}`),
        `${plain}?${inUrl(text)}`,
        `${plain}?subject=sha256:${inUrl(text)}`,
        `${plain}?x=%ff${inUrl(text)}`,
      ];
      // A header each time another canary, or there would be thousands.
      const headed = headerNames.map((name, at): [string, Asking] => [
        plain,
        {
          ...asking,
          headers: { ...asking.headers, [name]: inHeader(texts[(at + turn) % texts.length] ?? '') },
        },
      ]);
      return [...targets.map((target): [string, Asking] => [target, asking]), ...(turn < 2 ? headed : [])];
    }),
  );
}

/** Registers them as two suites. */
export function sweepRoutes({ name, cases, upTo }: Extent): void {
  describe(`privacy: canaries through every route of the ledger, ${name}`, function () {
    this.timeout(60_000);
    let directory: string;
    let storage: LevelStore;
    let running: Running;
    let metrics: Metrics;
    let listener: RunningServer;
    /** What the server said, a request each. */
    const said: { readonly what: string; readonly answer: string }[] = [];
    const leaves: Uint8Array[] = [];

    const listen = (what: string, { status, headers, text }: Answer): number => {
      said.push({ what, answer: `${JSON.stringify(headers)}\n${text}` });
      return status;
    };

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'isal-privacy-'));
      // Uncompressed, so that the search sees what the files hold.
      storage = await openLevel(join(directory, 'db'), { create: true, compression: false });
      const observer = (ledger: Ledger): Metrics => {
        metrics = new Metrics({ ledger, policy: { logs: [], witnesses: [], groups: [], quorum: 'none' } });
        return metrics;
      };
      running = await run({ storage, observer });
      listener = await startMetrics(metrics, { host: '127.0.0.1', port: 0, failed: running.ledger.failed });
      leaves.push(committed(), fixtures.build({ authority }));
      for (const leaf of leaves) expect(listen('good', await submit(running, leaf))).to.equal(201);
    });

    after(async () => {
      await listener.close();
      await running.close();
      await rm(directory, { recursive: true });
    });

    it('sends them in every path, query and header that the description knows', async () => {
      const { paths } = (await ask(running, '/openapi.json')).json as {
        paths: Record<string, Record<string, Operation>>;
      };
      const statuses = new Set<number>();
      for (const turn of texts.keys()) {
        const requests = requestsOf(paths, turn);
        expect(requests.length).to.be.greaterThan(100);
        for (const [path, asking] of cases(requests, 100, texts[turn])) {
          const status = listen(
            `${asking.method} ${path} ${JSON.stringify(asking.headers)}`,
            await ask(running, path, asking),
          );
          statuses.add(status);
        }
      }
      // The last two are answers to few of them.
      expect([...statuses]).to.include.members([200, 400, 404, 406, 415].slice(0, upTo(5, 3)));
    });

    it('sends them as bodies: other files, broken JSON, disclosures, secrets', async () => {
      for (const body of cases([...rubbish(), ...rubbishPayloads()], 80)) {
        const status = listen(Buffer.from(body).toString(), await submit(running, body));
        expect(status, Buffer.from(body).toString()).to.be.within(400, 422);
      }
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', canaries.login]) {
        listen(type, await submit(running, rubbish()[0] as Uint8Array, { 'Content-Type': type }));
      }
    });

    it('sends them in every member of every type of statement, and as members', async () => {
      const spoilt = [
        ...spoiltStatements().map(({ text, by }) => leafOf(text, by)),
        ...refusedLeaves(authority),
      ];
      expect(spoilt.length).to.be.greaterThan(600);
      const sent = [...cases(spoilt, 300)];
      for (let from = 0; from < sent.length; from += 500) {
        const batch = sent.slice(from, from + 500);
        const body = Buffer.concat(batch.flatMap((leaf) => [leaf, Buffer.of(0x0a)]));
        const answer = await ask(running, '/api/v1/attestations', { body, headers: ndjson });
        const lines = answer.text.trimEnd().split('\n');
        expect(lines).to.have.length(batch.length);
        for (const [at, line] of lines.entries()) {
          const leaf = Buffer.from(batch[at] ?? []).toString();
          expect((JSON.parse(line) as { status: number }).status, `${leaf}\n${line}`).to.be.within(400, 422);
          said.push({ what: leaf, answer: line });
        }
      }
    });

    it('sends them past the HTTP parser', async () => {
      const impatient = await run({ limits: { headersMs: 300, checkMs: 50, idleMs: 300 } });
      const name = Buffer.from(canaries.name).toString('latin1');
      const requests = [
        `GET /${name} HTTP/1.1\r\nHost: x\r\n\r\n`,
        `GET /${inUrl(canaries.name)} HTTP/9.9\r\nHost: x\r\n\r\n`,
        `${canaries.badge} / HTTP/1.1\r\nHost: x\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: x\r\n${name}: ${name}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(9000)}${name}\r\n\r\n`,
        `GET / HTTP/1.1\r\n${canaries.ticket}\r\n\r\n`,
        `POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nContent-Length: ${canaries.badge}\r\n\r\n`,
        `POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ${canaries.login}\r\n\r\n`,
        `${canaries.address}\r\n\r\n`,
      ];
      const answers = await Promise.all(requests.map((request) => raw(impatient, request)));
      for (const [at, answer] of answers.entries()) said.push({ what: requests[at] ?? '', answer });
      await impatient.close();
      expect(answers.join('').length).to.be.greaterThan(500);
      expect(wordsIn(JSON.stringify(impatient.log))).to.deep.equal([]);
    });

    it('never hears of them again', () => {
      expect(said.length).to.be.greaterThan(upTo(2_000, 1_000));
      if (wordsIn(said.map(({ answer }) => answer).join('\n')).length === 0) return;
      const leaks = said.flatMap(({ what, answer }) =>
        wordsIn(answer).map((word) => ({ word, what, answer })),
      );
      expect(leaks.slice(0, 5)).to.deep.equal([]);
    });

    it('counts none of them: not in the name nor in a label of a metric', async () => {
      const text = await metrics.text();
      expect(
        seriesOf(text).get('isal_submissions_total{outcome="refused",code="schema-violation"}'),
      ).to.be.greaterThan(upTo(100, 50));
      expect(wordsIn(text)).to.deep.equal([]);
      for (const asking of [{}, { method: 'POST', body: '{}' }]) {
        for (const one of cases(texts, 3)) {
          for (const path of [`/${inUrl(one)}`, `/metrics?${inUrl(one)}`, `/metrics/${inUrl(one)}`]) {
            const headers = Object.fromEntries(headerNames.map((name) => [name, inHeader(one)]));
            delete headers['Expect'];
            expect(
              wordsIn((await ask({ server: listener }, path, { ...asking, headers })).text),
            ).to.deep.equal([]);
          }
        }
      }
      // Where it would be seen, if a route were ever what was asked for.
      const planted = new Metrics({ ledger: running.ledger, policy: running.policy });
      planted.answered({ method: 'GET', route: `/${canaries.name}`, status: 200, seconds: 0 });
      expect(wordsIn(await planted.text())).to.include(canaries.name);
    });

    it('logs none of them', () => {
      expect(running.log.length).to.be.greaterThan(upTo(1_000, 500));
      expect(wordsIn(JSON.stringify(running.log))).to.deep.equal([]);
    });

    it('keeps none of them: not in the tiles, not in a row of the database, not in a byte of its files', async () => {
      expect(running.ledger.checkpoint()?.checkpoint.size).to.equal(3);
      for (const path of ['/checkpoint', '/tile/0/000.p/3', '/tile/entries/000.p/3']) {
        const { status, body } = await ask(running, path);
        expect(status).to.equal(200);
        expect(wordsIn(body), path).to.deep.equal([]);
      }
      let rows = 0;
      for await (const [key, value] of storage.range({
        gte: new Uint8Array(0),
        lt: new Uint8Array(9).fill(0xff),
      })) {
        rows++;
        expect([...wordsIn(key), ...wordsIn(value)]).to.deep.equal([]);
      }
      expect(rows).to.be.greaterThan(20);
      // Not LOCK: reading it would give up the lock of a database that is open.
      const names = (await readdir(join(directory, 'db'))).filter((name) => name !== 'LOCK');
      let bytes = 0;
      for (const name of names) {
        const content = await readFile(join(directory, 'db', name));
        bytes += content.length;
        expect(wordsIn(content), name).to.deep.equal([]);
      }
      expect(bytes).to.be.greaterThan(5000);
    });

    it('would be found out: a name in a public field stands in rows, tiles, files and answers', async () => {
      const named = fixtures.build({ authority, seq: 2, product: canaries.name });
      expect(wordsIn((await submit(running, named)).text)).to.include(canaries.name);
      expect(wordsIn((await ask(running, '/tile/entries/000.p/4')).body)).to.include(canaries.name);
      const holds = async (): Promise<boolean> => {
        for await (const [key] of storage.range({
          gte: new Uint8Array(0),
          lt: new Uint8Array(9).fill(0xff),
        })) {
          if (wordsIn(key).includes(canaries.name)) return true;
        }
        return false;
      };
      expect(await holds()).to.equal(true);
      const files = await Promise.all(
        (await readdir(join(directory, 'db')))
          .filter((name) => name !== 'LOCK')
          .map((name) => readFile(join(directory, 'db', name))),
      );
      expect(wordsIn(Buffer.concat(files))).to.include(canaries.name);
    });
  });

  describe(`privacy: canaries through every route of a witness, ${name}`, () => {
    it('come back in no answer, and stand in no line of its log', async () => {
      const log = new WitnessedLog();
      const witness = await new WitnessSite().open(`${log.line}quorum none\n`);
      const entries: unknown[] = [];
      const server = await startWitnessServer(witness, {
        host: '127.0.0.1',
        port: 0,
        prefix: '',
        log: (entry) => entries.push(entry),
      });
      const heard: string[] = [];
      for (const body of rubbish()) {
        heard.push((await ask({ server }, '/add-checkpoint', { body })).text);
      }
      for (const text of texts) {
        for (const path of [
          `/${inUrl(text)}`,
          `/${inUrl(text)}/checkpoint`,
          `/add-checkpoint?x=${inUrl(text)}`,
        ]) {
          for (const method of ['GET', 'POST', 'DELETE']) {
            heard.push((await ask({ server }, path, { method })).text);
          }
        }
        for (const name of headerNames) {
          heard.push((await ask({ server }, '/healthz', { headers: { [name]: inHeader(text) } })).text);
        }
      }
      await server.close();
      await witness.close();
      expect(heard.length).to.be.greaterThan(300);
      expect(wordsIn(heard.join('\n'))).to.deep.equal([]);
      expect(entries.length).to.be.greaterThan(300);
      expect(wordsIn(JSON.stringify(entries))).to.deep.equal([]);
    });
  });
}
