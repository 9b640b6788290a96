import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '../../src/bytes.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { cosign } from '../../src/note/cosignature.ts';
import { signerKey, verifierOf } from '../../src/note/key.ts';
import { LedgerError } from '../../src/errors.ts';
import { parseNote, signNote } from '../../src/note/note.ts';
import type { NoteSignature } from '../../src/note/note.ts';
import type { Policy } from '../../src/note/policy.ts';
import { quorumMet, verifyCheckpoint } from '../../src/note/quorum.ts';
import {
  bytesOf,
  cosignedBy,
  lines,
  logKey,
  mldsaLogKey,
  origin,
  policyOf,
  seed,
  signed,
  text,
  vkey,
  witnessKey,
} from './make.ts';
import { refusal } from './refusal.ts';
import { mldsaLog } from './vectors.ts';

const now = 1_700_000_000;
const two = policyOf(...lines(3), 'group G 2 W1 W2 W3', 'quorum G');

describe('note/quorum', () => {
  it('accepts a checkpoint that enough witnesses cosigned, and says who', () => {
    const verified = verifyCheckpoint({ note: signed([cosignedBy(1, 5), cosignedBy(3, 6)]), policy: two });
    expect(verified.checkpoint).to.deep.include({ origin, size: 1234 });
    expect(verified.text).to.equal(text);
    expect(verified.log).to.deep.equal([verifierOf(logKey)]);
    expect(verified.witnesses).to.deep.equal([
      { name: 'W1', key: verifierOf(witnessKey(1)), time: 5 },
      { name: 'W3', key: verifierOf(witnessKey(3)), time: 6 },
    ]);
  });

  it('dates a checkpoint by what a quorum vouches for, whatever time one witness writes', () => {
    const asOf = (policy: Policy, ...times: readonly number[]): number | undefined =>
      verifyCheckpoint({ note: signed(times.map((time, at) => cosignedBy(at + 1, time))), policy }).asOf;
    expect(asOf(two, 5, 6)).to.equal(5);
    expect(asOf(two, 9_000_000_000, 6, 5)).to.equal(6);
    expect(asOf(policyOf(...lines(3), 'quorum W2'), 9_000_000_000, 6, 7)).to.equal(6);
    expect(
      asOf(policyOf(...lines(3), 'group A any W1 W2', 'group B all A W3', 'quorum B'), 4, 8, 6),
    ).to.equal(6);
    expect(asOf(policyOf(...lines(3), 'quorum none'), 5, 6)).to.equal(undefined);
  });

  it('accepts either of the log’s keys, on any line', () => {
    const mldsa = cosign({ key: mldsaLogKey, text, time: 0 });
    const only = policyOf(`log ${vkey(mldsaLogKey)}`, 'quorum none');
    const both = policyOf(`log ${vkey(logKey)}`, `log ${vkey(mldsaLogKey)}`, 'quorum none');
    const { signatures } = signNote(text, [logKey]);
    const note = bytesOf({ text, signatures: [cosignedBy(1, 5), mldsa, ...signatures] });
    expect(verifyCheckpoint({ note, policy: only }).log).to.deep.equal([verifierOf(mldsaLogKey)]);
    expect(verifyCheckpoint({ note, policy: both }).log).to.have.length(2);
  });

  it('accepts ML-DSA-44 witnesses, and published checkpoints of others', () => {
    const policy = policyOf(`log ${vkey(logKey)}`, `witness W ${vkey(witnessKey(1, 6))}`, 'quorum W');
    const cosignature = cosign({ key: witnessKey(1, 6), text, time: 9 });
    expect(verifyCheckpoint({ note: signed([cosignature]), policy }).witnesses[0]?.time).to.equal(9);
    const published = policyOf(`log ${mldsaLog.vkey}`, 'quorum none');
    expect(verifyCheckpoint({ note: utf8(mldsaLog.note), policy: published }).checkpoint.size).to.equal(1);
  });

  it('refuses too few witnesses', () => {
    for (const cosignatures of [[], [cosignedBy(1, 5)], [cosignedBy(1, 5), cosignedBy(4, 5)]]) {
      expect(refusal(() => verifyCheckpoint({ note: signed(cosignatures), policy: two })).code).to.equal(
        'quorum-not-met',
      );
    }
  });

  it('counts a witness once, with its newest time, however often it cosigned', () => {
    const same = [cosignedBy(1, 5), cosignedBy(1, 5), cosignedBy(1, 9), cosignedBy(1, 7)];
    expect(refusal(() => verifyCheckpoint({ note: signed(same), policy: two })).code).to.equal(
      'quorum-not-met',
    );
    const { witnesses } = verifyCheckpoint({ note: signed([...same, cosignedBy(2, 5)]), policy: two });
    expect(witnesses.map(({ name, time }) => [name, time])).to.deep.equal([
      ['W1', 9],
      ['W2', 5],
    ]);
  });

  describe('with an Ed25519 and an ML-DSA-44 key of one witness', () => {
    const pq = (number: number): string => `witness P${number} ${vkey(witnessKey(number, 6))}`;
    const both = [cosignedBy(1, 5), cosign({ key: witnessKey(1, 6), text, time: 6 })];
    const asks = (policy: Policy, cosignatures: readonly NoteSignature[]): string => {
      try {
        verifyCheckpoint({ note: signed(cosignatures), policy });
        return 'met';
      } catch (error) {
        if (error instanceof LedgerError) return error.code;
        throw error;
      }
    };

    it('counts the name once in a group, and another witness beside it', () => {
      const policy = policyOf(...lines(2), pq(1), 'group G 2 W1 P1 W2', 'quorum G');
      expect(asks(policy, both)).to.equal('quorum-not-met');
      expect(asks(policy, [...both, cosignedBy(2, 5)])).to.equal('met');
      for (const one of both) expect(asks(policy, [one, cosignedBy(2, 5)])).to.equal('met');
    });

    it('counts the name in the first group that lists it, however groups are nested', () => {
      const policy = policyOf(
        ...lines(3),
        pq(1),
        'group A any W1 W2',
        'group B any P1 W3',
        'group C all A B',
        'quorum C',
      );
      expect(asks(policy, both)).to.equal('quorum-not-met');
      expect(asks(policy, [...both, cosignedBy(3, 5)])).to.equal('met');
      // A further cosignature undoes no quorum.
      expect(asks(policy, [cosignedBy(2, 5), cosignedBy(3, 5)])).to.equal('met');
      expect(asks(policy, [cosignedBy(2, 5), cosignedBy(3, 5), ...both])).to.equal('met');
      const inner = policyOf(...lines(2), pq(1), 'group A any P1 W2', 'group B 2 W1 A', 'quorum B');
      expect(asks(inner, both)).to.equal('quorum-not-met');
    });

    it('passes over groups that the quorum does not rest on', () => {
      const policy = policyOf(...lines(2), pq(1), 'group A any W1', 'group B all P1 W2', 'quorum B');
      expect(asks(policy, [both[1] ?? cosignedBy(9, 1), cosignedBy(2, 5)])).to.equal('met');
      expect(asks(policyOf(...lines(1), pq(1), 'group A any W1', 'quorum P1'), both)).to.equal('met');
    });

    it('lets no further cosignature undo a quorum, in any policy', () => {
      const names = ['W1', 'W2', 'W3', 'P1', 'P2', 'P3'];
      const base = policyOf(...lines(3), ...[1, 2, 3].map(pq), 'quorum none');
      const shape = fc.tuple(
        fc.shuffledSubarray(names, { minLength: 6 }),
        fc.tuple(
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 2 }),
        ),
        fc.subarray(names),
        fc.constantFrom(...names),
      );
      fc.assert(
        fc.property(shape, ([order, [a, b, c], cosigned, more]) => {
          const policy: Policy = {
            ...base,
            groups: [
              { name: 'A', threshold: a, members: order.slice(0, 3) },
              { name: 'B', threshold: b, members: order.slice(3) },
              { name: 'C', threshold: c, members: ['A', 'B'] },
            ],
            quorum: 'C',
          };
          const met = (by: readonly string[]): boolean =>
            quorumMet(
              policy,
              by.map((name) => ({ name })),
            );
          if (met(cosigned)) expect(met([...cosigned, more])).to.equal(true);
          const distinct = new Set(cosigned.map((name) => name.slice(1))).size;
          if (met(cosigned)) expect(distinct, 'as many names as members that count').to.be.at.least(c);
        }),
        { numRuns: 500, seed: 8 },
      );
    });
  });

  it('passes over signatures of unknown name or ID, which equals their removal', () => {
    const one = cosignedBy(1, 5);
    const unknown = [
      { ...one, name: 'witness.example/w0' },
      { ...one, id: (one.id ^ 1) >>> 0 },
      { ...one, name: one.name.toUpperCase() },
      cosignedBy(9, 5),
    ];
    verifyCheckpoint({ note: signed([...unknown, one, cosignedBy(2, 5)]), policy: two });
    for (const other of unknown) {
      expect(
        refusal(() => verifyCheckpoint({ note: signed([other, cosignedBy(2, 5)]), policy: two })).code,
      ).to.equal('quorum-not-met');
    }
  });

  it('refuses the whole note when a listed key’s signature fails, needed or not', () => {
    const enough = [cosignedBy(1, 5), cosignedBy(2, 5)];
    const third = cosignedBy(3, 5);
    for (let at = 0; at < third.signature.length; at += 9) {
      const broken = third.signature.slice();
      broken[at] = (broken[at] ?? 0) ^ 1;
      const note = signed([...enough, { ...third, signature: broken }]);
      expect(refusal(() => verifyCheckpoint({ note, policy: two })).code, `byte ${at}`).to.equal(
        'bad-signature',
      );
    }
    const short = { ...third, signature: third.signature.subarray(0, 64) };
    expect(refusal(() => verifyCheckpoint({ note: signed([...enough, short]), policy: two })).code).to.equal(
      'bad-signature',
    );
    const also = { ...third, signature: cosignedBy(3, 5, text.replace('1234', '1235')).signature };
    for (const order of [
      [third, also],
      [also, third],
    ]) {
      expect(
        refusal(() => verifyCheckpoint({ note: signed([...enough, ...order]), policy: two })).code,
      ).to.equal('bad-signature');
    }
  });

  it('refuses another text under good signatures', () => {
    const { signatures } = parseNote(signed([cosignedBy(1, 5), cosignedBy(2, 5)]));
    for (const other of [
      text.replace('1234', '1235'),
      text.replace(origin, 'ledger.example/other'),
      `${text}extension\n`,
    ]) {
      expect(
        refusal(() => verifyCheckpoint({ note: bytesOf({ text: other, signatures }), policy: two })).code,
      ).to.equal('bad-signature');
    }
  });

  it('refuses a note that no listed log signed', () => {
    const { signatures } = signNote(text, [signerKey({ name: origin, type: 1, seed: seed(9) })]);
    const note = bytesOf({ text, signatures: [...signatures, cosignedBy(1, 5), cosignedBy(2, 5)] });
    expect(refusal(() => verifyCheckpoint({ note, policy: two })).code).to.equal('no-known-signature');
    expect(
      refusal(() => verifyCheckpoint({ note: signed(), policy: policyOf('quorum none') })).code,
    ).to.equal('no-known-signature');
  });

  it('refuses a checkpoint of another origin than the log key’s name', () => {
    const other = formatCheckpoint({
      origin: 'ledger.example/other',
      size: 1,
      root: seed(1),
      extensions: [],
    });
    const cosignatures = [cosignedBy(1, 5, other), cosignedBy(2, 5, other)];
    expect(refusal(() => verifyCheckpoint({ note: signed(cosignatures, other), policy: two }))).to.include({
      code: 'origin-mismatch',
      expected: origin,
      got: 'ledger.example/other',
    });
  });

  it('does not take one listed log’s signature for another’s checkpoint', () => {
    const otherLog = signerKey({ name: 'ledger.example/other', type: 1, seed: seed(3) });
    const policy = policyOf(`log ${vkey(logKey)}`, `log ${vkey(otherLog)}`, 'quorum none');
    const note = bytesOf(signNote(text, [otherLog]));
    expect(refusal(() => verifyCheckpoint({ note, policy })).code).to.equal('origin-mismatch');
    const both = bytesOf(signNote(text, [otherLog, logKey]));
    expect(verifyCheckpoint({ note: both, policy }).log).to.deep.equal([verifierOf(logKey)]);
  });

  it('tries every key that a name and ID can mean', () => {
    const [first, second] = [witnessKey(1), witnessKey(2)];
    const { name, id } = first;
    // Two keys with one name and ID: a collision such as 2^32 trials find.
    const policy: Policy = {
      ...two,
      witnesses: [
        { name: 'W1', key: verifierOf(first) },
        { name: 'W2', key: { ...verifierOf(second), name, id } },
        { name: 'W3', key: verifierOf(witnessKey(3)) },
      ],
      quorum: 'W2',
    };
    const renamed = { ...cosignedBy(2, 5), name, id };
    const { witnesses } = verifyCheckpoint({ note: signed([renamed, cosignedBy(1, 5)]), policy });
    expect(witnesses.map((witness) => witness.name)).to.deep.equal(['W2', 'W1']);
    const neither = { ...cosignedBy(3, 5), name, id };
    expect(
      refusal(() => verifyCheckpoint({ note: signed([renamed, cosignedBy(1, 5), neither]), policy })).code,
    ).to.equal('bad-signature');
  });

  it('refuses a subtree signature of a witness, made with time 0, as its cosignature', () => {
    const policy = policyOf(`log ${vkey(logKey)}`, `witness W ${vkey(witnessKey(1, 6))}`, 'quorum W');
    const note = signed([cosign({ key: witnessKey(1, 6), text, time: 0 })]);
    expect(refusal(() => verifyCheckpoint({ note, policy })).code).to.equal('bad-signature');
  });

  it('drops cosignatures older than the maximum age before it counts', () => {
    const note = signed([cosignedBy(1, now - 100), cosignedBy(2, now - 50), cosignedBy(3, now - 101)]);
    expect(verifyCheckpoint({ note, policy: two, now, maxAge: 100 }).witnesses).to.have.length(2);
    expect(refusal(() => verifyCheckpoint({ note, policy: two, now, maxAge: 99 })).code).to.equal(
      'stale-checkpoint',
    );
    expect(verifyCheckpoint({ note, policy: two, now }).witnesses).to.have.length(3);
  });

  it('calls a checkpoint stale only if it once met the quorum', () => {
    const note = signed([cosignedBy(1, now - 1000)]);
    expect(refusal(() => verifyCheckpoint({ note, policy: two, now, maxAge: 10 })).code).to.equal(
      'quorum-not-met',
    );
  });

  it('ignores cosignatures from more than five minutes ahead', () => {
    const near = signed([cosignedBy(1, now), cosignedBy(2, now + 300)]);
    const far = signed([cosignedBy(1, now), cosignedBy(2, now + 301)]);
    for (const maxAge of [undefined, 10]) {
      verifyCheckpoint({ note: near, policy: two, now, maxAge });
      expect(refusal(() => verifyCheckpoint({ note: far, policy: two, now, maxAge })).code).to.equal(
        'quorum-not-met',
      );
    }
    verifyCheckpoint({ note: far, policy: two });
  });

  it('falls back on a witness’s older cosignature where its newest lies ahead', () => {
    const note = signed([cosignedBy(1, now + 999), cosignedBy(1, now - 5), cosignedBy(2, now)]);
    expect(verifyCheckpoint({ note, policy: two, now, maxAge: 10 }).witnesses[0]?.time).to.equal(now - 5);
  });

  it('refuses a maximum age where no witness is asked', () => {
    const policy = policyOf(...lines(1), 'quorum none');
    verifyCheckpoint({ note: signed(), policy, now });
    expect(refusal(() => verifyCheckpoint({ note: signed(), policy, now, maxAge: 10 })).code).to.equal(
      'malformed-policy',
    );
    expect(() => verifyCheckpoint({ note: signed(), policy: two, maxAge: 10 })).to.throw('a given time');
  });

  it('tells the faults of form, signature, origin, age and quorum apart, in this order', () => {
    const other = text.replace(origin, 'ledger.example/other');
    const bad = { ...cosignedBy(1, 5), signature: cosignedBy(2, 5).signature };
    const check = (note: Uint8Array, maxAge?: number): string =>
      refusal(() => verifyCheckpoint({ note, policy: two, now, maxAge })).code;
    expect(check(utf8('no note'))).to.equal('malformed-note');
    expect(check(bytesOf(signNote('no checkpoint\n', [logKey])))).to.equal('malformed-checkpoint');
    expect(check(signed([bad], other))).to.equal('bad-signature');
    expect(check(signed([cosignedBy(1, 5, other)], other))).to.equal('origin-mismatch');
    expect(check(signed([cosignedBy(1, 5), cosignedBy(2, 5)]), 10)).to.equal('stale-checkpoint');
    expect(check(signed([cosignedBy(1, 5)]), 10)).to.equal('quorum-not-met');
  });

  it('verifies a signature line that is repeated only once', () => {
    const { publicKey, ...rest } = verifierOf(witnessKey(1));
    let uses = 0;
    const key = {
      ...rest,
      get publicKey(): Uint8Array {
        uses++;
        return publicKey;
      },
    };
    const policy: Policy = { ...two, witnesses: [{ name: 'W1', key }], groups: [], quorum: 'W1' };
    const cosignature = cosignedBy(1, 5);
    const note = signed(Array.from({ length: 60 }, () => cosignature));
    expect(verifyCheckpoint({ note, policy }).witnesses).to.have.length(1);
    expect(uses).to.equal(1);
  });
});
