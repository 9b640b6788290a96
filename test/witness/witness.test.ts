import { expect } from 'chai';
import { fromUtf8, toBase64, utf8 } from '../../src/bytes.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { AddCheckpoint } from '../../src/note/add-checkpoint.ts';
import { formatVerifierKey, signerKey, verifierOf } from '../../src/note/key.ts';
import { formatNote, parseNote, signNote } from '../../src/note/note.ts';
import { parsePolicy } from '../../src/note/policy.ts';
import { verifyCheckpoint } from '../../src/note/quorum.ts';
import { forkEvidence } from '../../src/verifier/convicting/evidence-file.ts';
import { verifyEvidence } from '../../src/verifier/convicting/evidence.ts';
import { emptyRoot } from '../../src/tlog/hash.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { hashOfOrigin } from '../../src/witness/records.ts';
import type { RefusedCheckpoint } from '../../src/witness/refused.ts';
import type { Witness } from '../../src/witness/witness.ts';
import { seed } from '../note/make.ts';
import { expectCode } from '../storage/suite.ts';
import { WitnessedLog, damaged } from './log.ts';
import { WitnessSite, cosignaturesIn, ed25519Key, mldsaKey, verifiers, witnessName } from './site.ts';

const log = new WitnessedLog();
const forked = new WitnessedLog({ history: 1, shared: 3 });
const other = new WitnessedLog({ origin: 'other.example/log' });
const policy = `${log.line}${other.line}quorum none\n`;

describe('a witness', () => {
  let site: WitnessSite;
  let witness: Witness;
  let forks: RefusedCheckpoint[];
  const keepRefused = async (refused: RefusedCheckpoint): Promise<void> => void forks.push(refused);

  beforeEach(async () => {
    site = new WitnessSite();
    forks = [];
    witness = await site.open(policy, { keepRefused });
  });

  afterEach(async () => witness.close());

  const add = async (from: number, to: number): Promise<string> => witness.add(await log.request(from, to));
  const refused = async (request: AddCheckpoint, code: ErrorCode): Promise<unknown> =>
    expectCode(witness.add(request), code);
  const served = (origin = log.origin): string =>
    fromUtf8(witness.checkpoint(hashOfOrigin(origin)) ?? new Uint8Array());

  describe('cosigns', () => {
    it('a log’s first checkpoint of any size, and each that extends the last', async () => {
      for (const [from, to] of [
        [0, 5],
        [5, 6],
        [6, 40],
      ] as const) {
        expect(cosignaturesIn(await add(from, to), log.text(to))).to.deep.equal([
          { type: 4, time: site.time },
        ]);
      }
    });

    it('with both kinds of key, never with time 0', async () => {
      await witness.close();
      witness = await site.open(policy, { keys: [ed25519Key, mldsaKey] });
      const answer = await add(0, 7);
      expect(cosignaturesIn(answer, log.text(7))).to.deep.equal([
        { type: 4, time: site.time },
        { type: 6, time: site.time },
      ]);
      expect(answer.split('\n')).to.have.length(3);
    });

    it('the same head again, with its new time', async () => {
      await add(0, 5);
      site.time += 10;
      expect(cosignaturesIn(await add(5, 5), log.text(5))).to.deep.equal([{ type: 4, time: site.time }]);
    });

    it('the same head in the same second with the very same lines, and writes nothing', async () => {
      await witness.close();
      const storage = new MemoryStorage(site.image);
      let commits = 0;
      const commit = storage.commit.bind(storage);
      storage.commit = async (...parts) => {
        commits++;
        await commit(...parts);
      };
      witness = await site.open(policy, { storage });
      const answer = await add(0, 5);
      const before = commits;
      expect(await add(5, 5)).to.equal(answer);
      expect(commits).to.equal(before);
      site.time++;
      expect(await add(5, 5)).not.to.equal(answer);
      expect(commits).to.be.greaterThan(before);
    });

    it('the empty tree, again and again, and what comes after it', async () => {
      expect(cosignaturesIn(await add(0, 0), log.text(0))).to.have.length(1);
      site.time++;
      expect(cosignaturesIn(await add(0, 0), log.text(0))).to.deep.equal([{ type: 4, time: site.time }]);
      expect(served()).to.contain('\n0\n');
      await add(0, 4);
      await refused(await log.request(0, 0), 'size-conflict');
    });

    it('each log by itself', async () => {
      await add(0, 9);
      await witness.add(await other.request(0, 2));
      await witness.add(await other.request(2, 3));
      await add(9, 10);
      expect(served()).to.contain('\n10\n');
      expect(served(other.origin)).to.contain('\n3\n');
    });

    it('a checkpoint with extension lines and signatures of strangers', async () => {
      const text = log.text(5, ['something else']);
      const stranger = signerKey({ name: 'stranger.example', type: 1, seed: seed(9) });
      const own = signNote(text, [log.key]).signatures;
      const checkpoint = utf8(
        formatNote({ text, signatures: [...signNote(text, [stranger]).signatures, ...own, ...own] }),
      );
      expect(cosignaturesIn(await witness.add({ oldSize: 0, proof: [], checkpoint }), text)).to.have.length(
        1,
      );
      // What it serves holds what it verified, each once, and nothing else.
      expect(parseNote(utf8(served())).signatures.map(({ name }) => name)).to.deep.equal([
        log.origin,
        witnessName,
      ]);
    });
  });

  describe('serves the last cosigned checkpoint', () => {
    it('that a client with both keys accepts', async () => {
      expect(witness.checkpoint(hashOfOrigin(log.origin))).to.equal(undefined);
      await add(0, 5);
      await add(5, 8);
      const [vkey = ''] = verifiers.map(formatVerifierKey);
      const { checkpoint, witnesses } = verifyCheckpoint({
        note: utf8(served()),
        policy: parsePolicy(`${log.line}witness W ${vkey}\nquorum W\n`),
      });
      expect(checkpoint.size).to.equal(8);
      expect(witnesses.map(({ time }) => time)).to.deep.equal([site.time]);
    });

    it('with the log’s ML-DSA-44 signature, where it knows that key', async () => {
      await witness.close();
      witness = await site.open(
        `${log.line}log ${formatVerifierKey(verifierOf(log.mldsaKey))}\nquorum none\n`,
        { keys: [ed25519Key, mldsaKey] },
      );
      const checkpoint = log.checkpoint(5, { mldsa: true });
      await witness.add({ oldSize: 0, proof: [], checkpoint });
      expect(parseNote(utf8(served())).signatures).to.have.length(4);
      expect(served().startsWith(fromUtf8(checkpoint))).to.equal(true);
    });

    it('also after a restart, and for a log that has left the policy', async () => {
      await add(0, 5);
      const before = served();
      await witness.close();
      witness = await site.open(`${other.line}quorum none\n`);
      expect(served()).to.equal(before);
      await refused(await log.request(5, 6), 'unknown-log');
    });
  });

  describe('refuses', () => {
    it('what is not a checkpoint', async () => {
      const request = await log.request(0, 5);
      await refused({ ...request, checkpoint: utf8('nothing') }, 'malformed-note');
      const text = 'log.example/witnessed\nfive\n';
      const checkpoint = utf8(formatNote(signNote(text, [log.key])));
      await refused({ ...request, checkpoint }, 'malformed-checkpoint');
    });

    it('a log that is not in its policy, whoever signed', async () => {
      await refused(await new WitnessedLog({ origin: 'unknown.example' }).request(0, 1), 'unknown-log');
    });

    it('a checkpoint without its log’s signature', async () => {
      const stranger = signerKey({ name: log.origin, type: 1, seed: seed(9) });
      const checkpoint = utf8(formatNote(signNote(log.text(5), [stranger])));
      await refused({ oldSize: 0, proof: [], checkpoint }, 'no-known-signature');
      // Another log of the policy does not speak for it.
      const foreign = utf8(formatNote(signNote(log.text(5), [other.key])));
      await refused({ oldSize: 0, proof: [], checkpoint: foreign }, 'no-known-signature');
    });

    it('a signature of its log that fails, also beside a good one', async () => {
      const request = await log.request(0, 5);
      await refused({ ...request, checkpoint: damaged(request.checkpoint) }, 'bad-signature');
      const good = parseNote(request.checkpoint).signatures;
      const bad = parseNote(damaged(request.checkpoint)).signatures;
      const checkpoint = utf8(formatNote({ text: log.text(5), signatures: [...good, ...bad] }));
      await refused({ ...request, checkpoint }, 'bad-signature');
    });

    it('an old size above the new one, whatever it remembers', async () => {
      await refused({ ...(await log.request(0, 5)), oldSize: 6 }, 'out-of-range');
      await add(0, 9);
      await refused({ ...(await log.request(0, 5)), oldSize: 9 }, 'out-of-range');
    });

    it('an old size that it does not remember, and says which it does', async () => {
      await refused({ oldSize: 3, proof: [], checkpoint: log.checkpoint(5) }, 'size-conflict');
      await add(0, 5);
      for (const oldSize of [0, 4, 6]) {
        const proof = oldSize === 0 ? [] : await log.proof(oldSize, 8);
        const error = await expectCode(
          witness.add({ oldSize, proof, checkpoint: log.checkpoint(8) }),
          'size-conflict',
        );
        expect(error.facts).to.deep.equal({ rememberedSize: 5 });
      }
    });

    it('two roots for one size, and keeps both as evidence', async () => {
      await add(0, 5);
      await refused({ oldSize: 5, proof: [], checkpoint: forked.checkpoint(5) }, 'root-mismatch');
      expect(served()).to.contain(toBase64(log.head(5).root));
      expect(forks).to.have.length(1);
      const [fork] = forks;
      expect(fork?.cosigned).to.deep.equal(utf8(served()));
      expect(fork).to.include({ shows: 'fork', origin: log.origin });
      expect(fork?.request.checkpoint).to.deep.equal(forked.checkpoint(5));
    });

    it('two roots for one size also after a crash, and does not take an older note for one of them', async () => {
      await add(0, 3);
      await witness.close();
      class Crashing extends MemoryStorage {
        override async commit(...[batch, ...heads]: Parameters<MemoryStorage['commit']>): Promise<void> {
          if (batch.puts[0]?.[0][0] === 2) throw new Error('crash');
          return super.commit(batch, ...heads);
        }
      }
      witness = await site.open(policy, { storage: new Crashing(site.image) });
      await refused(await log.request(3, 5), 'store-failed');
      await witness.close();
      witness = await site.open(policy, { keepRefused });
      await refused({ oldSize: 5, proof: [], checkpoint: forked.checkpoint(5) }, 'root-mismatch');
      expect(forks.map(({ head, cosigned, shows }) => [head.size, cosigned, shows])).to.deep.equal([
        [5, undefined, 'unproven'],
      ]);
    });

    it('a root for size 0 that is not the empty tree’s', async () => {
      await add(0, 0);
      const text = log.text(0).replace(toBase64(emptyRoot), toBase64(log.head(1).root));
      await refused({ oldSize: 0, proof: [], checkpoint: log.checkpoint(0, { text }) }, 'root-mismatch');
      expect(forks.map(({ cosigned, shows }) => [cosigned, shows])).to.deep.equal([[undefined, 'unproven']]);
    });

    it('a proof where none is needed', async () => {
      const proof = await log.proof(3, 5);
      await refused({ oldSize: 0, proof, checkpoint: log.checkpoint(5) }, 'consistency-failed');
      await add(0, 5);
      await refused({ oldSize: 5, proof, checkpoint: log.checkpoint(5) }, 'consistency-failed');
    });

    it('a proof that is missing, short, long, changed or another’s', async () => {
      await add(0, 5);
      const proof = await log.proof(5, 13);
      const checkpoint = log.checkpoint(13);
      const [first = new Uint8Array(), ...rest] = proof;
      const flipped = first.slice();
      flipped[31] = (flipped[31] ?? 0) ^ 1;
      for (const wrong of [
        [],
        rest,
        [...proof, first],
        [flipped, ...rest],
        proof.toReversed(),
        await log.proof(5, 12),
        await log.proof(4, 13),
        await forked.proof(5, 13),
      ]) {
        await refused({ oldSize: 5, proof: wrong, checkpoint }, 'consistency-failed');
      }
      await witness.add({ oldSize: 5, proof, checkpoint });
    });

    it('another history, at every size', async () => {
      await add(0, 5);
      for (let size = 6; size <= 40; size++) {
        await refused(await forked.request(5, size), 'consistency-failed');
      }
      expect(served()).to.contain('\n5\n');
      // Each of them with its proof convicts the log.
      expect(forks).to.have.length(35);
      const pinned = parsePolicy(`${log.line}quorum none\n`);
      for (const { cosigned = new Uint8Array(), request, consistency, shows } of forks) {
        expect(shows).to.equal('fork');
        if (consistency === undefined) throw new Error('a fork has its consistency');
        const evidence = forkEvidence({ older: cosigned, newer: request.checkpoint, consistency });
        const trust = { policy: pinned, origin: log.origin, genesis: '00'.repeat(32) };
        expect(verifyEvidence(evidence, trust)).to.deep.include({ kind: 'fork', against: ['log'] });
      }
    });

    it('what convicts nobody by itself, and keeps it as that', async () => {
      await add(0, 8);
      // From a whole subtree no proof holds the older root; and a false proof may be anybody's.
      await refused(await forked.request(8, 13), 'consistency-failed');
      await refused({ oldSize: 8, proof: [emptyRoot], checkpoint: log.checkpoint(13) }, 'consistency-failed');
      await refused({ oldSize: 3, proof: [], checkpoint: forked.checkpoint(5) }, 'size-conflict');
      await refused({ oldSize: 8, proof: [], checkpoint: forked.checkpoint(5) }, 'out-of-range');
      expect(forks.map(({ head, shows }) => [head.size, shows])).to.deep.equal([
        [13, 'unproven'],
        [13, 'unproven'],
        [5, 'smaller'],
        [5, 'smaller'],
      ]);
      expect(forks[0]?.request).to.deep.equal(await forked.request(8, 13));
      expect(forks[0]?.cosigned).to.deep.equal(utf8(served()));
    });

    it('a fork of one size also where the old size is wrong', async () => {
      await add(0, 8);
      await refused({ oldSize: 3, proof: [], checkpoint: forked.checkpoint(8) }, 'size-conflict');
      expect(forks.map(({ shows }) => shows)).to.deep.equal(['fork']);
    });

    it('what is a log’s daily life, and keeps nothing of it', async () => {
      await refused({ oldSize: 3, proof: [], checkpoint: log.checkpoint(5) }, 'size-conflict');
      await add(0, 8);
      await refused({ oldSize: 0, proof: [], checkpoint: log.checkpoint(13) }, 'size-conflict');
      await refused(
        { oldSize: 3, proof: await log.proof(3, 8), checkpoint: log.checkpoint(8) },
        'size-conflict',
      );
      await refused({ oldSize: 8, proof: [emptyRoot], checkpoint: log.checkpoint(8) }, 'consistency-failed');
      await refused({ oldSize: 0, proof: [], checkpoint: log.checkpoint(0) }, 'size-conflict');
      expect(forks).to.deep.equal([]);
    });

    it('a fork only when it is kept, and goes on where that takes long', async () => {
      await witness.close();
      let release = (): void => {};
      const kept = new Promise<void>((resolve) => (release = resolve));
      witness = await site.open(policy, { keepRefused: () => kept });
      await add(0, 5);
      let answered = false;
      const refusal = refused(await forked.request(5, 9), 'consistency-failed').then(() => (answered = true));
      // Others, and this log too, are cosigned meanwhile.
      await add(5, 6);
      expect(answered).to.equal(false);
      release();
      await refusal;
    });

    it('more calls than may wait', async () => {
      await witness.close();
      witness = await site.open(policy, { maxWaiting: 2 });
      const request = await log.request(0, 5);
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => witness.add(request)));
      const codes = results.map((result) =>
        result.status === 'rejected' ? (result.reason as { code: string }).code : 'cosigned',
      );
      expect(codes).to.deep.equal(['cosigned', 'size-conflict', 'queue-full', 'queue-full', 'queue-full']);
    });

    it('keys that cannot cosign as one', async () => {
      for (const keys of [[], [log.key], [ed25519Key, log.mldsaKey]]) {
        await expectCode(new WitnessSite().open(policy, { keys }), 'bad-key');
      }
    });
  });

  describe('judges in the order of the specification', () => {
    it('form, origin, signature, sizes, remembered size, root, proof', async () => {
      await add(0, 8);
      const text = forked.text(8);
      const steps: readonly (readonly [code: ErrorCode, request: AddCheckpoint])[] = [
        ['malformed-checkpoint', { oldSize: 9, proof: [emptyRoot], checkpoint: utf8('x\n\n— x AAAAAAA=\n') }],
        ['unknown-log', { oldSize: 9, proof: [emptyRoot], checkpoint: utf8(`un${text}\n— x AAAAAAA=\n`) }],
        [
          'no-known-signature',
          { oldSize: 9, proof: [emptyRoot], checkpoint: utf8(`${text}\n— x AAAAAAA=\n`) },
        ],
        ['out-of-range', { oldSize: 9, proof: [emptyRoot], checkpoint: forked.checkpoint(8) }],
        ['size-conflict', { oldSize: 7, proof: [emptyRoot], checkpoint: forked.checkpoint(8) }],
        ['root-mismatch', { oldSize: 8, proof: [emptyRoot], checkpoint: forked.checkpoint(8) }],
        ['consistency-failed', { oldSize: 8, proof: [emptyRoot], checkpoint: log.checkpoint(8) }],
      ];
      for (const [code, request] of steps) await refused(request, code);
    });
  });

  describe('keeps its times in order', () => {
    it('when the clock goes back a little: the time stays', async () => {
      await add(0, 5);
      const before = site.time;
      site.time -= 300;
      expect(cosignaturesIn(await add(5, 6), log.text(6))).to.deep.equal([{ type: 4, time: before }]);
    });

    it('when it goes back far: it signs nothing, also after a restart, until it is right', async () => {
      await add(0, 5);
      const before = site.time;
      site.time -= 301;
      await refused(await log.request(5, 6), 'clock-behind');
      await witness.close();
      witness = await site.open(policy);
      await refused(await log.request(5, 6), 'clock-behind');
      // What was not signed was not remembered either.
      site.time = before + 1;
      expect(cosignaturesIn(await add(5, 6), log.text(6))).to.deep.equal([{ type: 4, time: before + 1 }]);
    });

    it('when it goes back while a call waits', async () => {
      await add(0, 5);
      const calls = [add(5, 6), add(6, 7)];
      await Promise.all(calls);
      site.time -= 1000;
      await refused(await log.request(7, 8), 'clock-behind');
    });
  });
});
