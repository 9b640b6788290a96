/**
 * Every command that asks a ledger, when the ledger or a proxy before it has no
 * time: nothing was looked at, so the exit status is 5, at whichever request that
 * happens, and never a verdict. How many commands are tried, and at how many of
 * their requests, the extent says.
 */
import { expect } from 'chai';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { table } from '../../../src/cli/commands.ts';
import type { Extent } from '../../extent.ts';
import { commandsBelow } from '../table.ts';
import type { NamedCommand } from '../table.ts';
import { Workshop } from '../workshop.ts';
import type { Front } from '../workshop.ts';

/** How a request is turned away. */
interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Hands on what is asked and what is answered, until it has no time any more. */
class Busy implements Front {
  readonly #server: Server = createServer((asked, answer) => this.#handle(asked, answer));
  url = '';
  target = '';
  /** Requests that are still handed on. */
  left = Infinity;
  refused = 0;
  refusal: Refusal = { status: 503 };

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #handle(asked: IncomingMessage, answer: ServerResponse): void {
    if (this.left > 0) {
      this.left -= 1;
      this.#handOn(asked, answer);
      return;
    }
    this.refused += 1;
    asked.resume();
    const { status, headers = {}, body } = this.refusal;
    answer.writeHead(status, headers).end(body);
  }

  #handOn(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, headers } = asked;
    const behind = request(new URL(asked.url ?? '', this.target), { method, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    behind.on('error', () => answer.destroy());
    asked.pipe(behind);
  }
}

const problem = (code: string, status: number): string =>
  JSON.stringify({ type: `urn:isal:error:${code}`, status, code, detail: 'later' });

/** By a proxy before the ledger, with nothing, and by one that says more than it can know. */
const refusals: Readonly<Record<string, Refusal>> = {
  '429 from a proxy, without a word': { status: 429 },
  '503 from a proxy, without a word': { status: 503 },
  '503 that says there is nothing': { status: 503, body: problem('not-found', 503) },
};

/** Whether its description says that it asks a ledger, one way or another. */
function asksALedger({ description: { options = {}, shared = [] } }: NamedCommand): boolean {
  if (shared.includes('url')) return true;
  return Object.values(options).some((option) => 'like' in option && option.like === 'url to ask');
}

/** Commands that run until they are stopped; of a ledger without time they say that they try again, if they ask one. */
const staying = new Set(['isal serve', 'isal signer run', 'isal witness run', 'isal monitor run']);

/** What the help shows of these asks no ledger, or not in every way that they can. */
const further: Readonly<Record<string, readonly string[]>> = {
  'isal attest rebuild': [
    `isal attest rebuild setup.bin rebuilt.bin --build ${'a'.repeat(64)} --environment reviewer.txt --from source --independence vendor --trust trust.json --out rebuild.json`,
  ],
  'isal authority sign': ['isal authority sign proposal.json --key root-3.pem --out third.dsse.json'],
  'isal verify': ['isal verify setup.bin --proof entry.tlog-proof', 'isal verify other.bin'],
  'isal log checkpoint': ['isal log checkpoint --at 2100-01-01T00:00:00Z'],
};

/** Registers them as a suite. */
export function pushedBackSuite({ name: extent, cases, upTo, random }: Extent): void {
  describe(`a ledger without time: ${extent}`, function () {
    this.timeout(upTo(1_200_000, 60_000));
    const drawn = random();
    const started = process.cwd();
    let busy: Busy;
    let workshop: Workshop;
    before(async () => {
      busy = await new Busy().open();
      workshop = await Workshop.open(busy);
    });
    after(async () => {
      await workshop.close();
      await busy.close();
      process.chdir(started);
    });

    // The demo makes ledgers of its own.
    const commands = commandsBelow(['isal'], table.root).filter(
      ({ words }) => words[1] !== 'demo' && !staying.has(words.join(' ')),
    );

    for (const [name, refusal] of Object.entries(refusals)) {
      it(`${name}: each command ends in 5 at whichever request it is turned away`, async () => {
        await workshop.enter(name);
        busy.refusal = refusal;
        const turnedAway = new Set<NamedCommand>();
        const chosen = [...cases(commands, 3, name)];
        for (const one of chosen) {
          const shown = one.description.examples.map(({ run }) => run);
          for (const run of [...shown, ...(further[one.words.join(' ')] ?? [])]) {
            if ((await sweep(run)) > 0) turnedAway.add(one);
          }
        }
        const untried = chosen.filter((one) => asksALedger(one) && !turnedAway.has(one));
        expect(untried.map(({ words }) => words.join(' '))).to.deep.equal([]);
      });
    }

    it('leaves no half of a log under the name of a whole one, and touches none that is there', async () => {
      await workshop.enter('half a log');
      const run = 'isal log export --out leaves.jsonl';
      Object.assign(busy, { left: 2, refused: 0, refusal: { status: 503 } });
      expect((await workshop.run(run)).status).to.equal(5);
      expect(existsSync('leaves.jsonl')).to.equal(false);
      await writeFile('leaves.jsonl', 'of last year');
      busy.left = Infinity;
      expect((await workshop.run(run)).status).to.equal(4);
      expect(await readFile('leaves.jsonl', 'utf8')).to.equal('of last year');
    });

    /** Types an example again and again, with one request more that is let through; how often it was turned away. */
    async function sweep(run: string): Promise<number> {
      // A sample leaves out requests on the way: each of them costs the command from its beginning.
      for (let left = 0; ; left += upTo(1, 1 + drawn.below(8))) {
        Object.assign(busy, { left, refused: 0 });
        const { status, stdout, stderr } = await workshop.run(run);
        if (busy.refused === 0) return left;
        expect(status, `${run}, after ${left} requests: ${stdout}${stderr}`).to.equal(5);
        const said = `${stdout}${stderr}`;
        expect(said, `${run}, after ${left} requests`).to.not.match(/not.proven|contradicted/i);
      }
    }
  });
}
