import { expect } from 'chai';
import { LedgerClient } from '../../src/client/client.ts';
import { startWitnessServer } from '../../src/http/witness.ts';
import { witnessReaders } from '../../src/monitor/witnesses.ts';
import { formatVerifierKey, verifierOf } from '../../src/note/key.ts';
import { proveConsistency } from '../../src/tlog/consistency.ts';
import { parseTrust } from '../../src/verifier/trust.ts';
import { utf8 } from '../../src/bytes.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { SampleLog, logKey } from '../verifier/sample-log.ts';
import { WitnessSite, ed25519Key } from '../witness/site.ts';
import { Post } from './post.ts';

describe('a monitor and a witness over HTTP', () => {
  it('compare what they hold, by the path that c2sp.org/tlog-witness gives it', async () => {
    const genesis = fixtures.genesis();
    const log = new SampleLog([genesis, fixtures.build({ seq: 1 }), fixtures.build({ seq: 2 })]);
    const line = `log ${formatVerifierKey(verifierOf(logKey))}\n`;
    const witness = await new WitnessSite().open(`${line}quorum none\n`);
    const server = await startWitnessServer(witness, { host: '127.0.0.1', port: 0 });
    const voice = `witness w ${formatVerifierKey(verifierOf(ed25519Key))} ${server.url}\n`;
    const policy = `${line}${voice}quorum none\n`;
    const trust = parseTrust(utf8(JSON.stringify({ ...log.trustFile(), policy })));
    const post = await Post.make(trust);
    post.time = 1_800_000_000;
    const witnesses = witnessReaders(trust.policy, (url) => new LedgerClient(url).fetchPath);
    const ask = async (): Promise<unknown> => {
      const [view] = (await post.round(log.serve({ cosigners: [] }), { witnesses })).witnesses;
      return { state: view?.state, size: view?.size };
    };
    try {
      expect(await ask()).to.deep.equal({ state: 'silent', size: undefined });
      await witness.add({ oldSize: 0, proof: [], checkpoint: await log.note({ size: 2, cosigners: [] }) });
      expect(await ask()).to.deep.equal({ state: 'behind', size: 2 });
      const proof = await proveConsistency({ from: 2, to: 3 }, log.reader);
      await witness.add({ oldSize: 2, proof, checkpoint: await log.note({ cosigners: [] }) });
      expect(await ask()).to.deep.equal({ state: 'same', size: 3 });
      expect(await post.findings()).to.deep.equal([]);
    } finally {
      await server.close();
      await witness.close();
      await post.close();
    }
  });
});
