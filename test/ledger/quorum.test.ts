import { expect } from 'chai';
import { fromHex, utf8 } from '../../src/bytes.ts';
import type { Ledger, LedgerOptions, Receipt, Witnessing } from '../../src/ledger/ledger.ts';
import { formatVerifierKey, verifierOf } from '../../src/note/key.ts';
import { parsePolicy, type Policy } from '../../src/note/policy.ts';
import { verifyCheckpoint } from '../../src/note/quorum.ts';
import { parseProof, verifyProof } from '../../src/note/proof.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { GatedStorage } from './faulty.ts';
import {
  MemoryAnchor,
  Site,
  appendAll,
  copyOf,
  ed25519Key,
  leaves,
  policy as logAlone,
  refusal,
  until,
} from './site.ts';
import { WitnessStand, checkpointPath, policyOf } from './witnesses.ts';

/** Rounds as fast as a test wants them, and none that nobody asked for. */
const witnessing: Partial<Witnessing> = {
  timeoutMs: 2_000,
  times: { retryMs: 1, retryMaxMs: 5, refreshMs: 3_600_000 },
};

/** Throws unless the receipt holds under the whole policy; gives the witnesses whose cosignatures count. */
function witnessesIn(receipt: Receipt, policy: Policy): string[] {
  const proof = parseProof(utf8(receipt.proof));
  return verifyProof({ proof, leafHash: fromHex(receipt.leafHash), policy }).witnesses.map(
    ({ name }) => name,
  );
}

describe('a ledger with a quorum of 2 of 3 witnesses', () => {
  let stands: [WitnessStand, WitnessStand, WitnessStand];
  let policy: Policy;
  let site: Site;
  let opened: Ledger[];

  beforeEach(async () => {
    stands = [await WitnessStand.start(1), await WitnessStand.start(2), await WitnessStand.start(3)];
    policy = policyOf(stands, 2);
    site = new Site();
    opened = [];
  });

  afterEach(async () => {
    await Promise.all(opened.map((ledger) => ledger.close()));
    await Promise.all(stands.map((stand) => stand.stop()));
  });

  async function open(options: Partial<LedgerOptions> = {}): Promise<Ledger> {
    const ledger = await site.open({ policy, witnessing, ...options });
    opened.push(ledger);
    return ledger;
  }

  /** What is committed and waits, as a submitter sees it whose patience ends. */
  async function impatiently(ledger: Ledger, leaf: Uint8Array): Promise<Awaited<ReturnType<typeof refusal>>> {
    const patience = new AbortController();
    const answer = refusal(ledger.append(leaf, { signal: patience.signal }));
    await until(() => ledger.health().quorumUnavailable !== undefined);
    patience.abort();
    return answer;
  }

  it('acknowledges an entry with the cosignatures of the quorum in its proof', async () => {
    const ledger = await open();
    const receipts = await appendAll(ledger, leaves(3));
    for (const receipt of receipts) expect(witnessesIn(receipt, policy)).to.have.length.at.least(2);
    expect(ledger.ready).to.equal(true);
  });

  it('acknowledges with one witness cut off, and says which', async () => {
    const ledger = await open();
    stands[1].cutOff();
    const [receipt] = await appendAll(ledger, leaves(1));
    expect(witnessesIn(receipt as Receipt, policy)).to.have.members(['W1', 'W3']);
    await until(() => ledger.health().witnesses[1]?.state === 'failing');
    expect(ledger.health().witnesses[1]).to.deep.include({ names: ['W2'], url: stands[1].url });
    expect(ledger.health().witnesses[1]?.error?.code).to.equal('unreachable');
    expect(ledger.ready).to.equal(true);
  });

  it('asks a witness that was away from the size that it remembers', async () => {
    const ledger = await open();
    stands[1].cutOff();
    await appendAll(ledger, leaves(3));
    stands[1].behaviour = undefined;
    stands[2].cutOff();
    const [, , , receipt] = await appendAll(ledger, leaves(4));
    expect(witnessesIn(receipt as Receipt, policy)).to.have.members(['W1', 'W2']);
  });

  it('takes a witness that has lost its memory from the beginning', async () => {
    const ledger = await open();
    await appendAll(ledger, leaves(2));
    await stands[0].forget();
    stands[2].cutOff();
    const [, , receipt] = await appendAll(ledger, leaves(3));
    expect(witnessesIn(receipt as Receipt, policy)).to.have.members(['W1', 'W2']);
  });

  describe('of which two are cut off', () => {
    it('acknowledges nothing, commits nothing new, and reads on; when one returns, retries are answered', async () => {
      const ledger = await open();
      const [before] = await appendAll(ledger, leaves(1));
      stands[0].cutOff();
      stands[1].cutOff();
      const [, waiting, late] = leaves(3) as [Uint8Array, Uint8Array, Uint8Array];

      const recorded = await impatiently(ledger, waiting);
      expect(recorded).to.include({ code: 'recorded-not-published', index: 2 });
      const turnedAway = await refusal(ledger.append(late));
      expect(turnedAway.code).to.equal('below-quorum');
      expect(turnedAway.got).to.equal('W1: unreachable, W2: unreachable');
      expect(ledger.health()).to.include({ ready: false, committedSize: 3, publishedSize: 2, queued: 0 });
      // A retry of what is committed waits as its first sending did.
      const again = await refusal(ledger.append(waiting, { deadline: Date.now() + 100 }));
      expect(again).to.include({ code: 'recorded-not-published', index: 2 });

      expect(ledger.checkpoint()?.checkpoint.size).to.equal(2);
      expect(await ledger.entry(1)).to.deep.equal(leaves(1)[0]);
      expect((await refusal(ledger.entry(2))).code).to.equal('not-found');
      expect((await ledger.append(leaves(1)[0] as Uint8Array)).index).to.equal(before?.index);
      // The third witness may serve the checkpoint that it cosigned, so its tiles are here.
      expect(await ledger.tile({ level: 0, index: 0, width: 3 })).to.have.length(96);

      stands[1].behaviour = undefined;
      await until(() => ledger.ready);
      const retried = await ledger.append(waiting);
      expect(retried).to.include({ status: 'known', index: 2 });
      expect(witnessesIn(retried, policy)).to.have.members(['W2', 'W3']);
      expect(await ledger.append(late)).to.include({ status: 'new', index: 3 });
    });

    it('refuses what was queued when the quorum was lost', async () => {
      const storage = new GatedStorage(new MemoryStorage(site.image));
      const ledger = await open({ storage });
      const [committed, caught, queued] = leaves(3) as [Uint8Array, Uint8Array, Uint8Array];
      stands[0].cutOff();
      stands[1].cutOff();
      const patience = new AbortController();
      const waiting = refusal(ledger.append(committed, { signal: patience.signal }));
      await until(() => ledger.health().committedSize === 2);
      // The next commit is held up while the round fails, and another entry stands behind it.
      const held = storage.gate.passed;
      storage.gate.close();
      const onItsWay = refusal(ledger.append(caught, { signal: patience.signal }));
      await until(() => storage.gate.passed > held);
      const behind = refusal(ledger.append(queued));
      await until(() => ledger.health().queued === 1 && ledger.health().quorumUnavailable !== undefined);
      storage.gate.open();
      expect((await behind).code).to.equal('below-quorum');
      expect(ledger.health().committedSize).to.equal(3);
      patience.abort();
      expect((await waiting).code).to.equal('recorded-not-published');
      expect(await onItsWay).to.include({ code: 'recorded-not-published', index: 2 });
    });

    it('is opened all the same, serves the last cosigned checkpoint, and goes on when it can', async () => {
      const first = await open();
      await appendAll(first, leaves(2));
      const last = first.checkpoint()?.note;
      stands[0].cutOff();
      stands[1].cutOff();
      await impatiently(first, leaves(3)[2] as Uint8Array);
      await first.close();
      const anchored = site.anchor.head;

      const ledger = await open();
      expect(ledger.ready).to.equal(false);
      expect(ledger.checkpoint()?.note).to.deep.equal(last);
      expect(await ledger.entry(2)).to.deep.equal(leaves(2)[1]);
      expect((await refusal(ledger.append(leaves(4)[3] as Uint8Array))).code).to.equal('below-quorum');
      expect(site.anchor.head).to.deep.equal(anchored);

      stands[0].behaviour = undefined;
      await until(() => ledger.ready);
      expect(ledger.checkpoint()?.checkpoint.size).to.equal(4);
      expect(await ledger.append(leaves(3)[2] as Uint8Array)).to.include({ status: 'known', index: 3 });
    });

    it('signs nothing beyond its anchor before the quorum has confirmed that', async () => {
      const first = await open();
      await appendAll(first, leaves(1));
      const anchored = site.anchor.head;
      await appendAll(first, leaves(3));
      await first.close();
      // As a crash between commit and anchor leaves it, and the witnesses with it.
      site.anchor.head = anchored;
      site.image.rows.delete('c');
      site.image.keys.splice(site.image.keys.indexOf('c'), 1);
      for (const stand of stands) {
        await stand.forget();
        stand.cutOff();
      }
      const ledger = await open();
      await until(() => stands[0].asked.length > 20);
      expect(site.anchor.head).to.deep.equal(anchored);
      for (const stand of stands) stand.behaviour = undefined;
      await until(() => ledger.ready);
      expect(site.anchor.head.size).to.equal(4);
    });

    it('does not publish leaf 0, and has no checkpoint', async () => {
      stands[0].cutOff();
      stands[1].cutOff();
      const ledger = await open();
      expect(ledger.ready).to.equal(false);
      expect(ledger.checkpoint()).to.equal(undefined);
      expect((await refusal(ledger.append(leaves(1)[0] as Uint8Array))).code).to.equal('below-quorum');
      stands[0].behaviour = undefined;
      await until(() => ledger.ready);
      expect(ledger.checkpoint()?.checkpoint.size).to.equal(1);
    });

    it('is closed without waiting for them; what waited is told its index', async () => {
      const ledger = await open();
      stands[0].cutOff();
      stands[1].cutOff();
      const answer = refusal(ledger.append(leaves(1)[0] as Uint8Array));
      await until(() => ledger.health().quorumUnavailable !== undefined);
      await ledger.close();
      expect(await answer).to.include({ code: 'recorded-not-published', index: 1 });
    });
  });

  describe('that has fallen behind them', () => {
    it('refuses to open when database and anchor were restored from a backup', async () => {
      const first = await open();
      await appendAll(first, leaves(2));
      const backup = { image: copyOf(site.image), head: site.anchor.head };
      await appendAll(first, leaves(5));
      await first.close();

      site.image = backup.image;
      site.anchor.head = backup.head;
      const error = await refusal(open());
      expect(error.code).to.equal('behind-witnesses');
      expect(error.got).to.match(/^size 6/);
      expect(
        verifyCheckpoint({ note: utf8(String(error.facts['checkpoint'])), policy: logAlone }).checkpoint.size,
      ).to.equal(6);
      expect(site.anchor.head).to.deep.equal(backup.head);
    });

    it('refuses to open when they show no checkpoint for what they claim', async () => {
      const first = await open();
      await appendAll(first, leaves(2));
      const backup = { image: copyOf(site.image), head: site.anchor.head };
      await appendAll(first, leaves(5));
      await first.close();
      for (const stand of stands) {
        stand.behaviour = (request, response) =>
          request.path === '/add-checkpoint'
            ? stand.honest(request, response)
            : void response.writeHead(404).end();
      }
      site.image = backup.image;
      site.anchor.head = backup.head;
      expect((await refusal(open())).code).to.equal('behind-witnesses');
      expect(site.anchor.head).to.deep.equal(backup.head);
    });

    it('refuses to open when one of them shows its signature on a larger tree, though a quorum knows of none', async () => {
      const first = await open();
      await appendAll(first, leaves(2));
      const backup = { image: copyOf(site.image), head: site.anchor.head };
      await appendAll(first, leaves(5));
      await first.close();
      await stands[0].forget();
      await stands[1].forget();
      const asked = stands.map((stand) => stand.asked.length);
      // The last to speak, when the others have cosigned.
      stands[2].behaviour = async (request, response) => {
        await until(() =>
          stands.slice(0, 2).every((stand, i) => stand.asked.length >= (asked[i] as number) + 2),
        );
        await until(() =>
          stands
            .slice(0, 2)
            .every(({ witness }) => witness.checkpoint(checkpointPath.slice(1, 65)) !== undefined),
        );
        await stands[2].honest(request, response);
      };
      site.image = backup.image;
      site.anchor.head = backup.head;
      expect((await refusal(open())).code).to.equal('behind-witnesses');
    });

    /** A ledger with two entries, and a clone of it that runs too, with an anchor of its own. */
    async function withClone(): Promise<{ first: Ledger; clone: Site; second: Ledger }> {
      const first = await open();
      await appendAll(first, leaves(2));
      const clone = new Site();
      clone.image = copyOf(site.image);
      clone.anchor = new MemoryAnchor(site.anchor.head);
      const second = await clone.open({ policy, witnessing });
      opened.push(second);
      return { first, clone, second };
    }

    it('stops when a clone of it, with an anchor of its own, has gone ahead', async () => {
      const { first, clone, second } = await withClone();
      await appendAll(first, leaves(5));

      const waiting = refusal(second.append(leaves(6)[5] as Uint8Array));
      expect((await second.failed).code).to.equal('behind-witnesses');
      expect((await waiting).code).to.equal('recorded-not-published');
      expect(first.ready).to.equal(true);
      expect((await refusal(clone.open({ policy, witnessing }))).code).to.equal('behind-witnesses');
    });

    it('stops when a clone of it has signed another history of its size', async () => {
      const { first, second } = await withClone();
      await appendAll(first, leaves(3));
      const waiting = refusal(second.append(leaves(4)[3] as Uint8Array));
      const error = await second.failed;
      expect(error.code).to.equal('fork-witnessed');
      expect(error.got).to.match(/^size 4/);
      expect((await waiting).code).to.equal('recorded-not-published');
    });
  });

  describe('of which one claims a larger tree', () => {
    /** Says "409, a million" to everything, and shows what it was last given by the log. */
    function claim(stand: WitnessStand): void {
      stand.behaviour = (request, response) =>
        request.path === '/add-checkpoint'
          ? void response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('1000000\n')
          : stand.honest(request, response);
    }

    it('goes on with the other two, and calls it faulty', async () => {
      const ledger = await open();
      claim(stands[1]);
      const receipts = await appendAll(ledger, leaves(3));
      for (const receipt of receipts) expect(witnessesIn(receipt, policy)).to.have.members(['W1', 'W3']);
      await until(() => ledger.health().witnesses[1]?.state === 'faulty');
      await ledger.close();
      const again = await open();
      expect(again.ready).to.equal(true);
      expect(again.health().witnesses[1]?.state).to.equal('faulty');
    });

    it('is not stopped by its own newer checkpoint, which anybody may have given the witness meanwhile', async () => {
      const ledger = await open();
      await appendAll(ledger, leaves(1));
      let newer: Uint8Array | undefined;
      const asked = stands[1].asked.length;
      stands[1].behaviour = async ({ path }, response) => {
        await until(() => newer !== undefined);
        if (path === checkpointPath) response.end(newer);
        else response.writeHead(409).end('4\n');
      };
      await ledger.append(leaves(2)[1] as Uint8Array);
      await until(() => stands[1].asked.length > asked);
      await ledger.append(leaves(3)[2] as Uint8Array);
      newer = ledger.checkpoint()?.note;
      await until(() => ledger.health().witnesses[1]?.state === 'failing');
      stands[1].behaviour = undefined;
      expect(await ledger.append(leaves(4)[3] as Uint8Array)).to.include({ status: 'new', index: 4 });
      expect(ledger.health().error).to.equal(undefined);
    });

    it('waits for a third that is cut off, and does not stop', async () => {
      const first = await open();
      await appendAll(first, leaves(1));
      await first.close();
      claim(stands[1]);
      stands[2].cutOff();
      const ledger = await open();
      expect(ledger.ready).to.equal(false);
      stands[2].behaviour = undefined;
      await until(() => ledger.ready);
      expect(await ledger.append(leaves(2)[1] as Uint8Array)).to.include({ status: 'new', index: 2 });
    });

    it('refuses to open when a second one claims it too', async () => {
      const first = await open();
      await appendAll(first, leaves(1));
      await first.close();
      claim(stands[1]);
      claim(stands[2]);
      const error = await refusal(open());
      expect(error.code).to.equal('behind-witnesses');
      expect(error.got).to.equal('size 1000000, 1000000, by W2, W3');
    });
  });

  it('cosigns its checkpoint anew when nothing is recorded, so that it does not grow stale', async () => {
    const times: Witnessing['times'] = { retryMs: 1, retryMaxMs: 5, refreshMs: 1 };
    const ledger = await open({ witnessing: { ...witnessing, times } });
    const note = ledger.checkpoint()?.note;
    await until(() => ledger.checkpoint()?.note !== note);
    expect(ledger.checkpoint()?.checkpoint.size).to.equal(1);
    expect(() => verifyCheckpoint({ note: ledger.checkpoint()?.note as Uint8Array, policy })).not.to.throw();
  });

  it('serves nothing that was published before it had witnesses until they have cosigned it', async () => {
    const first = await site.open();
    await appendAll(first, leaves(2));
    await first.close();
    for (const stand of stands) stand.cutOff();
    const ledger = await open();
    expect(ledger.checkpoint()).to.equal(undefined);
    for (const stand of stands) stand.behaviour = undefined;
    await until(() => ledger.ready);
    expect(witnessesIn(await ledger.append(leaves(1)[0] as Uint8Array), policy)).to.have.length.at.least(2);
  });
});

describe('a policy that a ledger cannot serve under', () => {
  it('is refused: witnesses without an address, at an address that cannot be asked, or for another log', async () => {
    const stand = await WitnessStand.start(1);
    const other = new Site();
    const line = (stand.lines[0] as string).replace(/ \S+$/, '');
    const log = `log ${formatVerifierKey(verifierOf(ed25519Key))}`;
    for (const text of [
      `${log}\n${line}\nquorum W1\n`,
      `${log}\n${line} ftp://example.com/\nquorum W1\n`,
      `${log}\n${line} http://example.com/?a=b\nquorum W1\n`,
      `${stand.lines[0]}\nquorum W1\n`,
    ]) {
      expect((await refusal(other.open({ policy: parsePolicy(text), witnessing }))).code).to.equal(
        'malformed-policy',
      );
    }
    await stand.stop();
  });
});
