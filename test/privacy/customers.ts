/**
 * A log of many accesses to the data of several customers, a few of them one
 * customer's own, and that customer's machine under observation.
 */
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { customerTag } from '../../src/attestation/customer-tag.ts';
import { toHex, utf8 } from '../../src/bytes.ts';
import { access } from '../../src/cli/access/commands.ts';
import type { LogEntry } from '../../src/http/exchange/log.ts';
import { startServer } from '../../src/http/server.ts';
import type { RunningServer } from '../../src/http/server.ts';
import { sha256 } from '#sha256';
import { parseTrust } from '../../src/verifier/trust.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { Desk } from '../cli/desk.ts';
import type { Ran } from '../cli/desk.ts';
import { genesis } from '../ledger/site.ts';

const authority = fixtures.leafHashOf(genesis);
export const secretOf = (customer: string): Uint8Array => sha256(utf8(`secret of ${customer}`));
/** Three customers with events, and one without. */
export const customers = ['us', 'them', 'others'] as const;
export const categories = ['threat-statistics', 'telemetry', 'crash-reports', 'licences'] as const;
export const days: readonly string[] = Array.from(
  { length: 20 },
  (_, day) => `2026-11-${String(day + 1).padStart(2, '0')}`,
);

interface Made {
  readonly leaf: Uint8Array;
  readonly mine: boolean;
}

/** Event number `seq`, a function of it alone: every hundredth is ours, every tenth looks like it. */
function event(seq: number): Made {
  const random = sha256(utf8(`event ${seq}`));
  const pick = <T>(from: readonly T[], at: number): T => from[(random[at] ?? 0) % from.length] as T;
  const [day, category, other] = [pick(days, 0), pick(categories, 1), pick(categories, 2)];
  const ours = secretOf('us');
  const tags = [pick(customers.slice(1), 3)].map((who) => customerTag(secretOf(who), { day, category }));
  const mine = seq % 100 === 7;
  if (mine) tags.push(customerTag(ours, { day, category: seq % 200 === 7 ? category : other }));
  else if (seq % 10 === 3) {
    // Ours of another day, or of a category that the event is not about, or all but the last digit: none of our events.
    const wrongDay = days[(days.indexOf(day) + 1) % days.length] ?? '';
    const wrong = categories.find((one) => one !== category && one !== other) ?? '';
    const tag = customerTag(ours, { day, category });
    tags.push(
      ...(seq % 30 === 3
        ? [customerTag(ours, { day: wrongDay, category })]
        : seq % 30 === 13
          ? [customerTag(ours, { day, category: wrong })]
          : [`${tag.slice(0, 31)}${tag.endsWith('0') ? '1' : '0'}`]),
    );
  }
  const leaf = fixtures.dataAccess({
    authority,
    seq,
    occurredAt: `${day}T${String((random[4] ?? 0) % 24).padStart(2, '0')}:30:00Z`,
    change: ({ predicate }) => {
      predicate.categories = [...new Set([category, other])];
      predicate.customerTags = [...new Set(tags)].toSorted();
    },
  });
  return { leaf, mine };
}

/** What went over the wire. */
export interface Sent {
  /** Method and path, in the order of their text: several are on their way at once. */
  readonly requests: readonly string[];
  /** Every byte of every request, headers and bodies too. */
  readonly all: string;
}

export class Customers {
  readonly desk: Desk;
  /** Indices of our events. */
  readonly expected: readonly number[];
  /** The server's log. */
  readonly log: readonly LogEntry[];
  readonly #server: RunningServer;
  readonly #proxy: Server;
  #sent: string[] = [];
  #requests: string[] = [];

  private constructor(
    parts: Pick<Customers, 'desk' | 'expected' | 'log'>,
    { server, proxy }: { server: RunningServer; proxy: Server },
  ) {
    this.desk = parts.desk;
    this.expected = parts.expected;
    this.log = parts.log;
    this.#server = server;
    this.#proxy = proxy;
    proxy.on('request', (request, response) => {
      this.#requests.push(`${request.method} ${request.url}`);
      this.#sent.push(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n`);
      request.on('data', (chunk) => this.#sent.push(String(chunk)));
      void fetch(new URL(request.url ?? '/', server.url)).then(async (answer) => {
        response.writeHead(answer.status);
        response.end(new Uint8Array(await answer.arrayBuffer()));
      });
    });
  }

  /** A ledger with `count` accesses. */
  static async open(count: number): Promise<Customers> {
    const desk = await Desk.open([]);
    const expected: number[] = [];
    for (let from = 1; from <= count; from += 1000) {
      const some = Array.from({ length: Math.min(1000, count - from + 1) }, (_, at) => event(from + at));
      const receipts = await Promise.all(some.map(({ leaf }) => desk.ledger.append(leaf)));
      for (const [at, { index }] of receipts.entries()) if (some[at]?.mine === true) expected.push(index);
    }
    for (const who of [...customers, 'nobody']) {
      await desk.write(who, `${toHex(secretOf(who))}\n`);
      await chmod(desk.path(who), 0o600);
    }
    const log: LogEntry[] = [];
    const server = await startServer(desk.ledger, {
      host: '127.0.0.1',
      port: 0,
      prefix: '/log',
      trust: parseTrust(utf8(desk.trust())),
      log: (entry) => log.push(entry),
    });
    const proxy = createServer();
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    return new Customers({ desk, expected: expected.toSorted((a, b) => a - b), log }, { server, proxy });
  }

  async close(): Promise<void> {
    this.#proxy.close();
    this.#proxy.closeAllConnections();
    await this.#server.close();
    await this.desk.close();
  }

  /** `isal access mine` on the machine of a customer. */
  async mine(who: string): Promise<{ readonly ran: Ran; readonly indices: number[]; readonly sent: Sent }> {
    this.#sent = [];
    this.#requests = [];
    const url = `http://127.0.0.1:${(this.#proxy.address() as AddressInfo).port}/log`;
    const { desk } = this;
    const words = [
      'mine',
      '--secret',
      desk.path(who),
      '--trust',
      desk.path('trust.json'),
      '--url',
      url,
      '--json',
    ];
    const ran = await desk.run(access, ...words);
    if (ran.error !== undefined) throw ran.error;
    const { events } = JSON.parse(ran.stdout) as { events: { index: number }[] };
    return {
      ran,
      indices: events.map(({ index }) => index),
      sent: { requests: this.#requests.toSorted(), all: this.#sent.join('') },
    };
  }
}

/** The secret of a customer and every tag that it makes, in all spellings. */
export function secretsOf(who: string): string[] {
  const secret = secretOf(who);
  const all = days.flatMap((day) => categories.map((category) => customerTag(secret, { day, category })));
  return [toHex(secret), ...all].flatMap((hex) => {
    const bytes = Buffer.from(hex, 'hex');
    return [hex, hex.toUpperCase(), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
  });
}
