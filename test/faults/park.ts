/** Three witnesses as processes, for a ledger that needs two of them. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ServerProcess, runIsal, type Ended } from './processes.ts';

export const quorum = 2;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function fine(args: readonly string[]): Promise<Ended> {
  const ended = await runIsal(args);
  if (ended.status !== 0) throw new Error(`isal ${args.join(' ')}: ${ended.words}`);
  return ended;
}

interface Place {
  readonly directory: string;
  readonly port: number;
  process?: ServerProcess;
}

/** Three witnesses with an address each, made before their ledger, as their keys go into its trust file. */
export class Park {
  readonly #places: Place[] = [];

  /** Arguments for `isal init`. */
  async make(root: string): Promise<readonly string[]> {
    const noLog = join(root, 'no-log');
    await writeFile(noLog, 'quorum none\n');
    const lines: string[] = [];
    for (const name of ['witness.example/w1', 'witness.example/w2', 'witness.example/w3']) {
      const directory = join(root, name.replace('/', '-'));
      const port = await freePort();
      await fine(['witness', 'init', directory, '--name', name, '--policy', noLog]);
      const shown = await fine(['witness', 'show', directory, '--url', `http://127.0.0.1:${port}`]);
      lines.push(shown.output.split('\n').find((line) => line.startsWith('witness ')) ?? '');
      this.#places.push({ directory, port });
    }
    const names = lines.map((line) => line.split(' ')[1]).join(' ');
    const policy = join(root, 'witnesses');
    await writeFile(policy, `${lines.join('\n')}\ngroup supervised ${quorum} ${names}\nquorum supervised\n`);
    return ['--witnesses', policy];
  }

  /** Tells every witness of the log, and starts them all. */
  async start(policyText: string): Promise<void> {
    const log = policyText.split('\n').find((line) => line.startsWith('log ')) ?? '';
    for (const { directory } of this.#places) {
      await writeFile(join(directory, 'policy.txt'), `${log}\nquorum none\n`);
    }
    await Promise.all(this.#places.map((_, i) => this.bringBack(i)));
  }

  async bringBack(i: number): Promise<void> {
    const place = this.#places[i] as Place;
    place.process = ServerProcess.witness(place.directory, place.port);
    await place.process.ready;
  }

  async kill(i: number): Promise<void> {
    await this.#places[i]?.process?.kill();
  }
}
