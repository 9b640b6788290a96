/** The places of the story: three witnesses, the ledger that they watch, and who signs there. */
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { signEnvelope } from '../../attestation/envelope.ts';
import { encodeStatement } from '../../attestation/statement.ts';
import type { Statement } from '../../attestation/types.ts';
import { LedgerError } from '../../errors.ts';
import type { Policy } from '../../note/policy.ts';
import { parseTrust } from '../../verifier/trust.ts';
import { LedgerClient } from '../../client/client.ts';
import { readPartyKey } from '../../cli/terminal/secret-file.ts';
import { serve, serveWitness } from '../child.ts';
import type { Server } from '../child.ts';
import { record } from '../record.ts';
import type { Recorded } from '../record.ts';
import type { StatementContext } from '../statements.ts';
import { words } from './stage.ts';
import type { Stage } from './stage.ts';

const origin = 'demo.example/isal';
const witnesses = ['w1', 'w2', 'w3'] as const;

export class Site {
  readonly stage: Stage;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly #policy: Policy;

  constructor(stage: Stage, parts: { url: string; policy: Policy; now: () => number }) {
    this.stage = stage;
    this.url = parts.url;
    this.#policy = parts.policy;
    this.now = parts.now;
  }

  key(party: string): Promise<Uint8Array> {
    return readPartyKey(this.stage.path(`ledger/keys/${party}.pem`));
  }

  /** What binds the next statement of a program to the ledger: the authority that is in force. */
  async place(): Promise<Omit<StatementContext, 'seq'>> {
    const { leafHash } = await new LedgerClient(this.url).authority();
    return { origin, authority: leafHash, occurredAt: new Date(this.now()).toISOString() };
  }

  async signed(statement: Statement, parties: readonly string[]): Promise<Uint8Array> {
    const seeds = await Promise.all(parties.map((party) => this.key(party)));
    return signEnvelope(encodeStatement(statement), seeds);
  }

  /** What a program of the vendor or of the supervisor does by itself: signs and records over HTTP, proofs checked. */
  async byProgram(statements: readonly Statement[], parties: readonly string[]): Promise<Recorded[]> {
    const leaves = await Promise.all(statements.map((statement) => this.signed(statement, parties)));
    const recorded: Recorded[] = [];
    for await (const one of record(leaves, { url: this.url, policy: this.#policy })) recorded.push(one);
    return recorded;
  }
}

/** Different free ports; another program could take one before it is used, and the story then says so and ends. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  return Promise.all(
    servers.map(async (server) => {
      if (!server.listening) await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      server.close();
      await once(server, 'close');
      return port;
    }),
  );
}

/** Opens the ledger; what is started is put into `running`, for the caller to stop. */
export async function openSite(stage: Stage, running: Server[], now: () => number): Promise<Site> {
  stage.chapter(
    'The supervisor opens a ledger',
    `The supervisor's word is not enough either. Three witnesses, which are other people's machines, sign
     each state of the ledger, and only if it extends the one that they signed last. Two of the three must.
     So nothing that was published once can be changed or taken back unseen.`,
  );
  const [port = 0, ...ports] = await freePorts(witnesses.length + 1);
  await writeFile(stage.path('no-log.txt'), 'quorum none\n');
  const lines: string[] = [];
  for (const [i, name] of witnesses.entries()) {
    const output = await stage.isal(
      words`witness init ${name} --name ${name}.example --policy no-log.txt
            --url http://127.0.0.1:${ports[i] ?? 0} --no-post-quantum`,
      { only: i === 0 ? /^(Made|witness )/ : /^witness / },
    );
    lines.push(output.split('\n').find((line) => line.startsWith('witness ')) ?? '');
  }
  const names = witnesses.map((name) => `${name}.example`).join(' ');
  const policy = `${lines.join('\n')}\ngroup two-of-three 2 ${names}\nquorum two-of-three\n`;
  await writeFile(stage.path('witnesses.txt'), policy);
  stage.tell(`These lines go into witnesses.txt, with the quorum. The ledger is made with them:`);
  const url = `http://127.0.0.1:${port}`;
  await stage.isal(words`init ledger --origin ${origin} --url ${url} --witnesses witnesses.txt`, {
    shows: [/^Made the ledger/],
  });
  await copyFile(stage.path('ledger/trust.json'), stage.path('trust.json'));
  const trust = parseTrust(await readFile(stage.path('trust.json')));
  await start(stage, { running, trust: await readFile(stage.path('trust.json'), 'utf8'), port, ports });
  stage.tell(
    `Ledger and witnesses run now. trust.json is the one thing that a customer must have got by a safe way,
     in a contract, say: it holds the ledger's key, those of the witnesses, and the hash of leaf 0, the
     authority document, which says who may sign what.`,
  );
  stage.exports('ISAL_TRUST', 'trust.json');
  return new Site(stage, { url, policy: trust.policy, now });
}

async function start(
  stage: Stage,
  parts: { running: Server[]; trust: string; port: number; ports: readonly number[] },
): Promise<void> {
  const { policy } = JSON.parse(parts.trust) as { policy: string };
  const log = policy.split('\n').find((line) => line.startsWith('log '));
  if (log === undefined) throw new LedgerError('internal', 'the trust file has no line for the log');
  await Promise.all(
    witnesses.map(async (name, i) => {
      await writeFile(join(stage.path(name), 'policy.txt'), `${log}\nquorum none\n`);
      parts.running.push(await serveWitness(stage.path(name), parts.ports[i] ?? 0, stage.children));
    }),
  );
  parts.running.push(await serve(stage.path('ledger'), parts.port, stage.children));
}
