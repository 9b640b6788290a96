/** What an operator sees of each witness: a claim against the others is not a failure among many. */
import { expect } from 'chai';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { Site, leaves, until } from '../site.ts';
import { WitnessStand, policyOf } from '../witnesses.ts';

describe('the status of a witness', () => {
  let stands: [WitnessStand, WitnessStand, WitnessStand];
  let ledger: Ledger;

  beforeEach(async () => {
    stands = [await WitnessStand.start(1), await WitnessStand.start(2), await WitnessStand.start(3)];
    ledger = await new Site().open({
      policy: policyOf(stands, 2),
      witnessing: { timeoutMs: 2_000, times: { retryMs: 1, retryMaxMs: 5, refreshMs: 3_600_000 } },
    });
  });

  afterEach(async () => {
    await ledger.close();
    await Promise.all(stands.map((stand) => stand.stop()));
  });

  const statusOf = (at: number) => ledger.health().witnesses[at];
  const append = async (seq: number) => ledger.append(leaves(seq)[seq - 1] as Uint8Array);

  /** Says that it holds another history, and shows what it was last given. */
  const dispute = (stand: WitnessStand): void => {
    stand.behaviour = (request, response) =>
      request.path === '/add-checkpoint'
        ? void response.writeHead(422).end('no\n')
        : stand.honest(request, response);
  };

  it('that claims another history is faulty, and the quorum of the others stands', async () => {
    dispute(stands[1]);
    expect(await append(1)).to.include({ status: 'new', index: 1 });
    await until(() => statusOf(1)?.error !== undefined);
    expect(statusOf(1)).to.include({ state: 'faulty', url: stands[1].url });
    expect(statusOf(1)?.error).to.include({ code: 'consistency-failed', got: 'status 422' });
    expect([statusOf(0)?.state, statusOf(2)?.state]).to.include('cosigning');
    expect(ledger.ready).to.equal(true);
  });

  it('that claims another history is named as the reason where it is wanted for the quorum', async () => {
    dispute(stands[1]);
    stands[2].cutOff();
    const waiting = append(1);
    await until(() => ledger.health().quorumUnavailable !== undefined);
    expect(statusOf(1)?.state).to.equal('faulty');
    expect(ledger.health().quorumUnavailable?.got).to.match(/^W2: consistency-failed, W3: unreachable$/);
    // It is not outvoted and not believed: the ledger goes on as soon as another one cosigns.
    stands[2].behaviour = undefined;
    expect(await waiting).to.include({ status: 'new', index: 1 });
  });

  it('is cosigning again once it has cosigned', async () => {
    dispute(stands[1]);
    await append(1);
    await until(() => statusOf(1)?.state === 'faulty');
    stands[1].behaviour = undefined;
    stands[0].cutOff();
    await append(2);
    expect(statusOf(1)).to.deep.equal({ url: stands[1].url, names: ['W2'], state: 'cosigning' });
  });

  it('that claims a larger tree late, when the quorum was met without it, is faulty at once', async () => {
    let answer: () => void = () => undefined;
    const late = new Promise<void>((resolve) => (answer = resolve));
    stands[1].behaviour = async (request, response) => {
      await late;
      if (request.path === '/add-checkpoint') response.writeHead(409).end('1000000\n');
      else await stands[1].honest(request, response);
    };
    await append(1);
    answer();
    await until(() => statusOf(1)?.error !== undefined);
    expect(statusOf(1)?.state).to.equal('faulty');
    expect(statusOf(1)?.error?.code).to.equal('size-conflict');
  });
});
