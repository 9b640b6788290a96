/** Five processes: a ledger, its three witnesses, and whoever talks with it, by the `isal` command or by HTTP. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { utf8 } from '../../src/bytes.ts';
import { verifyCheckpoint } from '../../src/note/quorum.ts';
import { parseProof } from '../../src/note/proof.ts';
import { HttpClient } from './client.ts';
import type { Told } from './observer.ts';
import { Park, quorum } from './park.ts';
import { ServerProcess, runIsal, startBroken, within, type Ended } from './processes.ts';
import { Random } from '../random.ts';
import { onSite, type FaultSite } from './site.ts';

const pollMs = 50;
const kills = 12;
const seed = 20_261_123;

/** The whole talk, with one client that sends again what was not acknowledged. */
class Talk {
  readonly #site: FaultSite;
  #client: HttpClient | undefined;

  constructor(site: FaultSite) {
    this.#site = site;
  }

  at(url: string): void {
    this.close();
    this.#client = new HttpClient(url);
  }

  close(): void {
    this.#client?.close();
  }

  get client(): HttpClient {
    if (this.#client === undefined) throw new Error('no server yet');
    return this.#client;
  }

  submit(leaf: Uint8Array): Promise<Told> {
    return this.#site.observer.submit(this.client, leaf);
  }

  async status(path: string): Promise<number> {
    return (await this.client.get(path)).status;
  }

  /** Resolves when the ledger takes entries again. */
  async ready(): Promise<void> {
    const poll = async (): Promise<void> => {
      while ((await this.status('readyz')) !== 200) {
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    };
    await within(30_000, 'the return of the quorum', poll());
  }

  /** The names of the witnesses whose cosignatures are in an acknowledgement. */
  witnessesIn({ body }: Told): string[] {
    const { checkpoint } = parseProof(utf8(String(body['proof'])));
    return verifyCheckpoint({ note: checkpoint, policy: this.#site.policy }).witnesses.map(
      ({ name }) => name,
    );
  }
}

async function withWitnesses(
  test: (site: FaultSite, park: Park, talk: Talk) => Promise<void>,
): Promise<void> {
  const park = new Park();
  await onSite(
    async (site) => {
      const talk = new Talk(site);
      try {
        await park.start(await readFile(join(site.root, 'policy'), 'utf8'));
        await test(site, park, talk);
      } finally {
        talk.close();
      }
    },
    (root) => park.make(root),
  );
}

describe('a ledger with a quorum of 2 of 3 witnesses, each a process', function () {
  this.timeout(240_000);

  it('acknowledges with the quorum alone, and waits for it without losing or inventing anything', () =>
    withWitnesses(async (site, park, talk) => {
      const { leaves } = site;
      let server = site.serve();
      let url = await server.ready;
      talk.at(url);

      // The client as a process of its own, with nothing but the trust file.
      const trust = join(site.directory, 'trust.json');
      const file = join(site.root, 'entry.json');
      await writeFile(file, leaves.fresh());
      const submit = (): Promise<Ended> =>
        runIsal(['attest', 'submit', file, '--url', url, '--trust', trust]);
      expect((await submit()).output).to.match(/^✓ Recorded +leaf 1 of 2/);
      const first = await talk.submit(leaves.fresh());
      expect(first.status).to.equal(201);
      expect(talk.witnessesIn(first)).to.have.length.at.least(quorum);

      await park.kill(0);
      const second = await talk.submit(leaves.fresh());
      expect(second.status).to.equal(201);
      expect(talk.witnessesIn(second)).to.have.members(['witness.example/w2', 'witness.example/w3']);

      await park.kill(1);
      const cosigned = await talk.client.read('checkpoint');
      const caught = leaves.fresh();
      const late = leaves.fresh();
      // Committed before anybody could know; waits as long as a request may.
      const waiting = talk.submit(caught);
      while ((await talk.status('readyz')) === 200)
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      expect(await talk.submit(late)).to.include({ status: 503, code: 'below-quorum' });
      await writeFile(file, late);
      const refused = await submit();
      expect(refused.status).to.equal(5);
      expect(refused.words).to.match(/below-quorum/);
      expect(await waiting).to.include({ status: 503, code: 'recorded-not-published', index: 4 });
      expect(await talk.submit(leaves.fresh())).to.include({ status: 503, code: 'below-quorum' });

      const reads = async (): Promise<void> => {
        expect(await talk.client.read('checkpoint')).to.deep.equal(cosigned);
        expect(await talk.status('api/v1/attestations/3')).to.equal(200);
        expect(await talk.status('api/v1/attestations/4')).to.equal(404);
        expect(await talk.status('api/v1/proofs/inclusion?index=3')).to.equal(200);
        // The third witness may serve the checkpoint of five entries, so their tile is there.
        expect(await talk.status('tile/0/000.p/5')).to.equal(200);
        expect(await talk.status('tile/0/000.p/6')).to.equal(404);
        expect(await talk.status('healthz')).to.equal(200);
        expect(await talk.status('readyz')).to.equal(503);
      };
      await reads();

      server.terminate();
      expect((await within(40_000, 'the end of a server', server.ended)).status).to.equal(0);
      server = ServerProcess.serveAlone(site.directory);
      url = await server.ready;
      talk.at(url);
      await reads();
      expect(await talk.submit(late)).to.include({ status: 503, code: 'below-quorum' });

      await park.bringBack(1);
      await talk.ready();
      const retried = await talk.submit(caught);
      expect(retried).to.include({ status: 200, index: 4 });
      expect(talk.witnessesIn(retried)).to.have.members(['witness.example/w2', 'witness.example/w3']);
      // Nothing of what was refused had been recorded.
      expect(await talk.submit(late)).to.include({ status: 201, index: 5 });
      await park.bringBack(0);
      expect((await talk.submit(leaves.fresh())).status).to.equal(201);

      const report = await site.check(url);
      expect(report.violations).to.deep.equal([]);
      expect(report.size).to.equal(7);
      server.terminate();
      expect((await server.ended).status).to.equal(0);
    }));

  it('refuses to serve a directory that was restored with its anchor from a backup', () =>
    withWitnesses(async (site, _, talk) => {
      const server = site.serve();
      talk.at(await server.ready);
      await talk.submit(site.leaves.fresh());
      server.terminate();
      await server.ended;
      const backup = join(site.root, 'backup');
      await cp(site.directory, backup, { recursive: true });

      const again = site.serve();
      talk.at(await again.ready);
      for (let i = 0; i < 3; i++) expect((await talk.submit(site.leaves.fresh())).status).to.equal(201);
      again.terminate();
      await again.ended;
      await rm(site.directory, { recursive: true });
      await cp(backup, site.directory, { recursive: true });

      const { status, words } = await within(
        20_000,
        'the refusal',
        ServerProcess.serveAlone(site.directory).ended,
      );
      expect(status).to.equal(1);
      expect(words).to.match(/behind-witnesses/);
      expect(words).to.match(/size 5/);
    }));

  it(`keeps every acknowledgement while it and its witnesses are killed under load, ${kills} times (seed ${seed})`, () =>
    withWitnesses(async (site, park) => {
      const random = new Random(seed);
      const load = site.load(seed);
      let server = site.serve();
      load.start(await server.ready);
      for (let kill = 0; kill < kills; kill++) {
        await server.during(site.observer.reaches(site.observer.acks + 1 + random.below(300)));
        // One witness at a time, so that there is always a quorum for those who live.
        const victim = random.below(3);
        await park.kill(victim);
        await server.during(site.observer.reaches(site.observer.acks + 1 + random.below(100)));
        if (kill % 2 === 0) {
          await server.kill();
          load.pause();
          server = site.serve();
          load.resume(await server.ready);
        }
        await park.bringBack(victim);
      }
      await load.stop();
      const report = await site.check(await server.ready);
      expect(report.violations).to.deep.equal([]);
      expect(report.size).to.be.above(report.acknowledged);
      expect(load.unexpected).to.deep.equal([]);
      console.log(
        `      ${report.acknowledged} entries acknowledged under ${report.checkpoints} checkpoints`,
      );
    }));

  it('is told from one that publishes without asking them', () =>
    withWitnesses(async (site, _, talk) => {
      const server = startBroken(site.directory, []);
      const url = await server.ready;
      talk.at(url);
      await talk.submit(site.leaves.fresh());
      const { violations } = await site.check(url);
      expect(violations.map(({ invariant }) => invariant)).to.have.members(['I1', 'I2']);
      for (const { reason } of violations) expect(reason).to.match(/too few witnesses have cosigned/);
    }));
});
