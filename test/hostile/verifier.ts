/** A hostile log, and what a verifier and a third party make of what it shows. */
import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes.ts';
import { LedgerClient } from '../../src/client/client.ts';
import { bundlePath, tilePath, tileWidth, tilesForSize } from '../../src/tlog/tile.ts';
import { collectUnauthorised } from '../../src/verifier/convicting/evidence-collect.ts';
import {
  equivocationEvidence,
  forkEvidence,
  rollbackEvidence,
} from '../../src/verifier/convicting/evidence-file.ts';
import { verifyEvidence } from '../../src/verifier/convicting/evidence.ts';
import { LogClient } from '../../src/verifier/proving/log-client.ts';
import type { LogView, SignedCheckpoint } from '../../src/verifier/proving/log-client.ts';
import { replay } from '../../src/verifier/folds/replay.ts';
import type { Replay } from '../../src/verifier/folds/replay.ts';
import { parseTrust } from '../../src/verifier/trust.ts';
import { build, genesis } from '../fixtures/attestations.ts';
import { refusal } from '../note/refusal.ts';
import { rejection } from '../verifier/rejection.ts';
import { SampleLog, cosignedAt } from '../verifier/sample-log.ts';
import { event, flipped, forkOf, honestLeaves, unauthorisedLeaves } from './histories.ts';
import { HostileServer } from './server.ts';

/** A trust file on paper: what the third party has, and all that it has. */
const trustFile = utf8(JSON.stringify(new SampleLog([genesis()]).trustFile()));
const trust = parseTrust(trustFile);
/** Judged as if elsewhere: from bytes, under a trust file read again. */
const elsewhere = (bytes: Uint8Array) => verifyEvidence(concat(bytes), parseTrust(trustFile));

/** Registers the suite for logs of these sizes. */
export function describeVerifier(sizes: readonly number[]): void {
  describe('a hostile log, under the eyes of the verifier', () => {
    let server: HostileServer;
    before(async () => {
      server = await HostileServer.open();
    });
    after(() => server.close());

    async function connect(client: string): Promise<{ signed: SignedCheckpoint; view: LogView }> {
      const { fetchPath } = new LedgerClient(server.url(client));
      const log = new LogClient({ policy: trust.policy, fetchPath });
      const signed = await log.checkpoint({ now: cosignedAt, maxAge: 600 });
      return { signed, view: log.at(signed.checkpoint) };
    }

    const replayOf = (view: LogView): Promise<Replay> =>
      replay({ size: view.size, root: view.root, leaves: view.leaves(), trust });

    for (const size of sizes) {
      const honest = (): SampleLog => new SampleLog(honestLeaves(size));

      it(`that forks at size ${size} is convicted by two clients who compare what they were shown`, async () => {
        server.show('monitor', { log: honest() });
        server.show('customer', { log: forkOf(size) });
        const [one, two] = [await connect('monitor'), await connect('customer')];
        const [older, newer] = [one.signed.note, two.signed.note];
        const bytes = forkEvidence({ older, newer, consistency: await two.view.consistency(size) });
        expect(elsewhere(bytes)).to.deep.include({ kind: 'fork', sizes: [size, size] });
      });

      it(`that forges a byte in any one tile or bundle of ${size} leaves is refused`, async () => {
        const bundles = Array.from({ length: Math.ceil(size / tileWidth) }, (_, index) =>
          bundlePath({ index, width: Math.min(tileWidth, size - index * tileWidth) }),
        );
        const paths = [...tilesForSize(size).map(tilePath), ...bundles];
        const log = honest();
        for (const [position, forged] of paths.entries()) {
          server.show('monitor', {
            log,
            change: (path, bytes) => (path === forged ? flipped(bytes, 41 * position + size) : bytes),
          });
          const { view } = await connect('monitor');
          const { code } = await rejection(async () => {
            for (const tile of tilesForSize(size)) if (tile.level > 0) await view.tiles.tile(tile);
            for await (const { index } of view.leaves()) if (index < 0) return;
          });
          expect(code, forged).to.be.oneOf(['root-mismatch', 'leaf-mismatch', 'malformed-tile']);
        }
      });
    }

    it('that lets two clients see sizes of two histories is convicted by the consistency that it must show', async () => {
      server.show('monitor', { log: new SampleLog(honestLeaves(600)) });
      for (const size of [2, 256, 300, 512]) {
        server.show('customer', { log: forkOf(size) });
        const [large, small] = [await connect('monitor'), await connect('customer')];
        const consistency = await large.view.consistency(size);
        const bytes = forkEvidence({ older: small.signed.note, newer: large.signed.note, consistency });
        expect(elsewhere(bytes).sizes).to.deep.equal([size, 600]);
        server.show('customer', { log: new SampleLog(honestLeaves(size)) });
        const same = await connect('customer');
        const none = forkEvidence({ older: same.signed.note, newer: large.signed.note, consistency });
        expect(refusal(() => elsewhere(none)).code).to.equal('not-evidence');
      }
    });

    it('that shows an old checkpoint is refused by its age; witnesses that help it are convicted', async () => {
      const log = new SampleLog(honestLeaves(10));
      server.show('customer', { log, size: 5, time: cosignedAt - 601 });
      expect((await rejection(() => connect('customer'))).code).to.equal('stale-checkpoint');
      server.show('monitor', { log, time: cosignedAt - 60 });
      server.show('customer', { log, size: 5, time: cosignedAt });
      const [larger, smaller] = [
        (await connect('monitor')).signed.note,
        (await connect('customer')).signed.note,
      ];
      expect(elsewhere(rollbackEvidence({ larger, smaller }))).to.deep.include({ sizes: [10, 5] });
    });

    for (const [name, leaf, code] of unauthorisedLeaves()) {
      it(`that signs in ${name} is convicted of that leaf, and of no other`, async () => {
        const log = new SampleLog([...honestLeaves(300), leaf, event(300)]);
        server.show('monitor', { log });
        const { signed, view } = await connect('monitor');
        const { findings, findingCount } = await replayOf(view);
        expect(findings.map((finding) => [finding.index, finding.code])).to.deep.equal([[300, code]]);
        expect(findingCount).to.equal(1);
        const collect = (index: number) =>
          collectUnauthorised({ checkpoint: signed.note, view, index, documents: [0] });
        expect(elsewhere(await collect(300))).to.deep.include({ kind: 'unauthorised-leaf', indices: [300] });
        for (const index of [0, 1, 299, 301]) {
          const bytes = await collect(index);
          expect(refusal(() => elsewhere(bytes)).code, `leaf ${index}`).to.equal('not-evidence');
        }
      });
    }

    it('that begins with another leaf 0 than the pinned one is refused and convicted', async () => {
      server.show('monitor', { log: forkOf(1) });
      const { signed, view } = await connect('monitor');
      expect((await rejection(() => replayOf(view))).code).to.equal('leaf-mismatch');
      const bytes = await collectUnauthorised({ checkpoint: signed.note, view, index: 0, documents: [] });
      expect(elsewhere(bytes).indices).to.deep.equal([0]);
    });

    it('whose source leaves out numbers or uses one twice is found out, the second with evidence', async () => {
      const twice = build({ seq: 1, file: 'another' });
      const log = new SampleLog([genesis(), build({ seq: 1 }), event(1), event(4), twice, event(3)]);
      server.show('monitor', { log });
      const { signed, view } = await connect('monitor');
      const { findings, gaps } = await replayOf(view);
      expect(gaps).to.deep.equal([{ source: 'access', from: 2, to: 3 }]);
      expect(findings.map(({ index, code }) => [index, code])).to.deep.equal([[4, 'source-conflict']]);
      const bytes = equivocationEvidence({
        checkpoint: signed.note,
        documents: [await view.inclusion(0)],
        recorded: await view.inclusion(1),
        other: await view.inclusion(4),
      });
      expect(elsewhere(bytes)).to.deep.include({ against: ['source', 'log'], indices: [1, 4] });
    });
  });
}
