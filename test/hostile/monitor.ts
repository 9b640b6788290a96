/**
 * The whole monitor, as the command that cron runs, against a hostile log over
 * HTTP: what it must find at a size, with evidence that somebody who has only
 * the trust file can check. Small sizes run with every test, all with the
 * faults.
 */
import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli/isal.ts';
import type { Finding } from '../../src/monitor/finding.ts';
import { bundlePath, tilePath, tileWidth, tilesForSize } from '../../src/tlog/tile.ts';
import { authorityDocument, build, builder, genesis, leafHashOf } from '../fixtures/attestations.ts';
import { SampleLog, cosignedAt } from '../verifier/sample-log.ts';
import { event, flipped, forkOf, honestLeaves } from './histories.ts';
import { HostileServer } from './server.ts';

/** Seconds for which cosignatures are fresh and numbers may be missing. */
const patience = 600;

interface Ran {
  readonly status: number;
  readonly stdout: string;
}

async function isalAt(now: number, args: readonly string[]): Promise<Ran> {
  let stdout = '';
  const io = {
    stdout: (text: string) => void (stdout += text),
    stderr: () => undefined,
    env: {},
    isTTY: false,
  };
  return { status: await main(args, { ...io, now: () => now * 1_000 }), stdout };
}

/** A monitor's directory, and beside it the third party's: a trust file and nothing else. */
class Eyes {
  readonly #directory: string;
  readonly #path: string;
  now: number = cosignedAt + 60;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, 'monitor');
  }

  static async open(url: string): Promise<Eyes> {
    const eyes = new Eyes(await mkdtemp(join(tmpdir(), 'isal-eyes-')));
    const trust = JSON.stringify({ ...new SampleLog([genesis()]).trustFile(), maxAge: patience });
    await mkdir(eyes.#path);
    await writeFile(join(eyes.#path, 'trust.json'), trust);
    await writeFile(join(eyes.#directory, 'trust.json'), trust);
    const log = { trust: 'trust.json', url, rules: [{ alert: 'gap', after: patience }], patience: 0 };
    await writeFile(join(eyes.#path, 'watch.json'), JSON.stringify({ format: 'isal-watch/v1', logs: [log] }));
    return eyes;
  }

  close(): Promise<void> {
    return rm(this.#directory, { recursive: true });
  }

  async once(): Promise<{ status: number; findings: Finding[] }> {
    const { status, stdout } = await isalAt(this.now, ['monitor', 'once', this.#path, '--json']);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return { status, findings: lines.map((line) => JSON.parse(line) as Finding) };
  }

  /** What the finding's evidence proves to the third party. */
  async elsewhere({ evidence = 'none' }: Finding): Promise<Record<string, unknown>> {
    const file = join(this.#path, 'evidence', evidence);
    const args = ['verify', '--evidence', file, '--trust', join(this.#directory, 'trust.json'), '--json'];
    const { status, stdout } = await isalAt(this.now, args);
    expect(status, stdout).to.equal(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  }
}

export function describeMonitor(sizes: readonly number[]): void {
  describe('a hostile log, under the eyes of the whole monitor', () => {
    let server: HostileServer;
    let eyes: Eyes;
    before(async () => {
      server = await HostileServer.open();
    });
    after(() => server.close());
    beforeEach(async () => {
      eyes = await Eyes.open(server.url('monitor'));
    });
    afterEach(() => eyes.close());

    /** The one finding of a first look at this log, with what the log is called afterwards. */
    async function found(log: SampleLog): Promise<Finding> {
      server.show('monitor', { log });
      const { status, findings } = await eyes.once();
      expect(status).to.equal(1);
      expect(findings).to.have.length(1);
      return findings[0] as Finding;
    }

    for (const size of sizes) {
      const honest = (): SampleLog => new SampleLog(honestLeaves(size));
      const endingWith = (leaf: Uint8Array): SampleLog =>
        new SampleLog([...honestLeaves(size).slice(0, -1), leaf]);

      it(`that is honest is left in peace, at size ${size}`, async () => {
        server.show('monitor', { log: honest() });
        expect(await eyes.once()).to.deep.equal({ status: 0, findings: [] });
        eyes.now += patience / 2;
        expect(await eyes.once()).to.deep.equal({ status: 0, findings: [] });
      });

      it(`that shows it another history is convicted, at size ${size}`, async () => {
        server.show('monitor', { log: honest() });
        expect((await eyes.once()).status).to.equal(0);
        for (const [log, grown] of [
          [forkOf(size), size],
          [new SampleLog([...forkOf(size).leaves, event(200_000)]), size + 1],
        ] as const) {
          const finding = await found(log);
          expect(finding).to.include({ kind: 'fork', state: 'open' });
          expect(await eyes.elsewhere(finding)).to.deep.include({ kind: 'fork', sizes: [size, grown] });
        }
        server.show('monitor', { log: honest() });
        expect((await eyes.once()).findings).to.deep.equal([]);
      });

      it(`that forges a byte in any tile or bundle is found out, and read on once it stops, at size ${size}`, async () => {
        const bundles = Array.from({ length: Math.ceil(size / tileWidth) }, (_, index) =>
          bundlePath({ index, width: Math.min(tileWidth, size - index * tileWidth) }),
        );
        const log = honest();
        for (const [at, forged] of [...tilesForSize(size).map(tilePath), ...bundles].entries()) {
          await eyes.close();
          eyes = await Eyes.open(server.url('monitor'));
          server.show('monitor', {
            log,
            change: (path, bytes) => (path === forged ? flipped(bytes, 41 * at + size) : bytes),
          });
          const { status, findings } = await eyes.once();
          expect(status, forged).to.equal(1);
          expect(
            findings.map(({ kind }) => kind),
            forged,
          ).to.deep.equal(['tampered']);
          server.show('monitor', { log });
          const after = await eyes.once();
          expect(
            after.findings.map(({ kind, state }) => [kind, state]),
            forged,
          ).to.deep.equal([['tampered', 'over']]);
        }
      });

      it(`that begins with another leaf 0 than the pinned one is convicted of it, at size ${size}`, async () => {
        const finding = await found(new SampleLog([...forkOf(1).leaves, ...honestLeaves(size).slice(1)]));
        expect(finding).to.include({ kind: 'pinned-authority', index: 0 });
        expect(await eyes.elsewhere(finding)).to.deep.include({ indices: [0], sizes: [size] });
      });

      it(`that shows a stale checkpoint is found out, at size ${size}`, async () => {
        server.show('monitor', { log: honest() });
        expect((await eyes.once()).status).to.equal(0);
        eyes.now = cosignedAt + patience + 1;
        const { findings } = await eyes.once();
        expect(findings.map(({ kind, code }) => [kind, code])).to.deep.equal([['stale', 'stale-checkpoint']]);
      });

      if (size === 1) continue;

      it(`that shows less than before is found out, and the witnesses that help it are convicted, at size ${size}`, async () => {
        const log = honest();
        server.show('monitor', { log });
        expect((await eyes.once()).status).to.equal(0);
        server.show('monitor', { log, size: size - 1, time: cosignedAt + 30 });
        const { status, findings } = await eyes.once();
        expect(status).to.equal(1);
        // It serves the tiles of the smaller tree too, so what it has signed before is withheld.
        expect(findings.map(({ kind }) => kind)).to.deep.equal(['rollback', 'withheld']);
        const proof = await eyes.elsewhere(findings[0] as Finding);
        expect(proof).to.deep.include({ against: ['witnesses'], sizes: [size, size - 1] });
      });

      it(`that signs in a leaf that nobody was allowed to record is convicted of it, at size ${size}`, async () => {
        const finding = await found(endingWith(build({ signedBy: [builder] })));
        expect(finding).to.include({ kind: 'unauthorised', code: 'missing-role', index: size - 1 });
        expect(await eyes.elsewhere(finding)).to.deep.include({
          kind: 'unauthorised-leaf',
          indices: [size - 1],
          sizes: [size],
        });
      });

      it(`that signs in an invalid authority document is convicted of it, at size ${size}`, async () => {
        const usurped = authorityDocument({
          version: 2,
          previous: leafHashOf(genesis()),
          signedBy: [builder],
        });
        const finding = await found(endingWith(usurped));
        expect(finding).to.include({ kind: 'invalid-authority', index: size - 1 });
        expect(await eyes.elsewhere(finding)).to.deep.include({ indices: [size - 1] });
      });

      it(`whose source leaves out a number is found out, at size ${size}`, async () => {
        server.show('monitor', { log: endingWith(event(size)) });
        expect((await eyes.once()).findings).to.deep.equal([]);
        server.show('monitor', { log: endingWith(event(size)), time: cosignedAt + patience });
        eyes.now = cosignedAt + patience + 61;
        const { status, findings } = await eyes.once();
        expect(status).to.equal(1);
        expect(findings.map(({ kind, facts }) => [kind, facts?.['source'], facts?.['from']])).to.deep.equal([
          ['gap', 'access', size - 1],
        ]);
      });

      if (size === 2) continue;

      it(`whose source uses a number twice is convicted with it, at size ${size}`, async () => {
        const finding = await found(endingWith(event(1, 'another content')));
        expect(finding).to.include({ kind: 'equivocation', code: 'source-conflict', index: size - 1 });
        expect(await eyes.elsewhere(finding)).to.deep.include({
          against: ['source', 'log'],
          indices: [1, size - 1],
        });
      });
    }
  });
}
