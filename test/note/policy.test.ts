import { expect } from 'chai';
import fc from 'fast-check';
import { toBase64, utf8 } from '../../src/bytes.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { cosign } from '../../src/note/cosignature.ts';
import { signerKey, verifierOf, type SignerKey } from '../../src/note/key.ts';
import { parseNote, signNote } from '../../src/note/note.ts';
import {
  formatPolicy,
  maxPolicyBytes,
  maxPolicyEntries,
  parsePolicy,
  quorumMet,
  verifyCheckpoint,
  type Policy,
} from '../../src/note/policy.ts';
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

function witnessed(policy: Policy, ...names: readonly string[]): boolean {
  return quorumMet(
    policy,
    names.map((name) => ({ name })),
  );
}

describe('note/policy: the file', () => {
  it('reads the example of the specification and counts by it', () => {
    const policy = policyOf(
      `log ${vkey(logKey)}`,
      '',
      ...[1, 2, 3].map((at) => `witness X${at} ${vkey(witnessKey(at))}`),
      'group X-witnesses 2 X1 X2 X3',
      '',
      ...[1, 2, 3].map((at) => `witness Y${at} ${vkey(witnessKey(3 + at))}`),
      'group Y-witnesses any Y1 Y2 Y3',
      '',
      'group X-and-Y all X-witnesses Y-witnesses',
      'quorum X-and-Y',
    );
    expect(policy.groups.map(({ threshold }) => threshold)).to.deep.equal([2, 1, 2]);
    expect(witnessed(policy, 'X1', 'X3', 'Y2')).to.equal(true);
    expect(witnessed(policy, 'X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3')).to.equal(true);
    expect(witnessed(policy, 'X1', 'X2', 'X3')).to.equal(false);
    expect(witnessed(policy, 'X1', 'Y1', 'Y2', 'Y3')).to.equal(false);
    expect(witnessed(policy)).to.equal(false);
  });

  it('keeps keys and URLs', () => {
    const policy = policyOf(
      `log ${vkey(logKey)} https://ledger.example/`,
      `log ${vkey(mldsaLogKey)}`,
      `witness W ${vkey(witnessKey(1, 6))} https://w.example/ü`,
      'quorum W',
    );
    expect(policy).to.deep.equal({
      logs: [{ key: verifierOf(logKey), url: 'https://ledger.example/' }, { key: verifierOf(mldsaLogKey) }],
      witnesses: [{ name: 'W', key: verifierOf(witnessKey(1, 6)), url: 'https://w.example/ü' }],
      groups: [],
      quorum: 'W',
    });
    expect(parsePolicy(formatPolicy(policy))).to.deep.equal(policy);
  });

  it('ignores comments, empty lines, and white space around items', () => {
    const policy = policyOf('# ü', '   \t', ' \t# quorum W9', `\tlog   ${vkey(logKey)}\t `, ' quorum\t none');
    expect(policy).to.deep.equal({
      logs: [{ key: verifierOf(logKey) }],
      witnesses: [],
      groups: [],
      quorum: 'none',
    });
  });

  it('takes a policy without logs, and keys of another log’s making', () => {
    expect(policyOf('quorum none').logs).to.deep.equal([]);
    expect(policyOf(`log ${mldsaLog.vkey}`, 'quorum none').logs[0]?.key.type).to.equal(6);
  });

  it('round-trips any nesting of groups', () => {
    const witnesses = lines(6).slice(1);
    const shape = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 20 })), { maxLength: 5 });
    fc.assert(
      fc.property(shape, (groups) => {
        const free = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6'];
        const made: string[] = [];
        for (const [at, [extra, pick]] of groups.entries()) {
          const members = free.splice(0, Math.min(extra + 1, free.length));
          made.push(`group G${at} ${(pick % members.length) + 1} ${members.join(' ')}`);
          free.push(`G${at}`);
        }
        const policy = policyOf(...witnesses, ...made, `quorum ${free.at(-1)}`);
        expect(parsePolicy(formatPolicy(policy))).to.deep.equal(policy);
      }),
      { numRuns: 30, seed: 4 },
    );
  });

  it('refuses each fault of a line, naming the line', () => {
    const base = lines(3);
    const other = signerKey({ name: 'other.example', type: 1, seed: seed(1) });
    const sameWitness = signerKey({ name: 'renamed.example', type: 4, seed: witnessKey(1).seed });
    const faults: Readonly<Record<string, readonly string[]>> = {
      'unknown keyword': ['logs x', 'quorum none'],
      'log without a key': ['log', 'quorum none'],
      'log with three items': [`log ${vkey(logKey)} a b`, 'quorum none'],
      'log with a broken key': ['log x+12345678+AAAA', 'quorum none'],
      'log with a cosigner’s Ed25519 key': [`log ${vkey(witnessKey(1))}`, 'quorum none'],
      'witness with a log’s Ed25519 key': [`witness A ${vkey(logKey)}`, 'quorum A'],
      'witness without a name': [`witness ${vkey(witnessKey(1))}`, 'quorum none'],
      'witness with too many items': [`witness A ${vkey(witnessKey(1))} u v`, 'quorum none'],
      'witness named none': [`witness none ${vkey(witnessKey(1))}`, 'quorum none'],
      'witness name twice': [...base, `witness W1 ${vkey(witnessKey(9))}`, 'quorum none'],
      'group named like a witness': [...base, 'group W1 any W2', 'quorum none'],
      'group named none': [...base, 'group none any W2', 'quorum none'],
      'log key twice': [...base, `log ${vkey(logKey)}`, 'quorum none'],
      'log key twice under another name': [...base, `log ${vkey(other)}`, 'quorum none'],
      'witness key twice': [...base, `witness W9 ${vkey(witnessKey(1))}`, 'quorum none'],
      'witness key twice under another name': [...base, `witness W9 ${vkey(sameWitness)}`, 'quorum none'],
      'log that is its own witness': [
        ...base,
        `witness W9 ${vkey(signerKey({ name: 'w9.example', type: 4, seed: seed(1) }))}`,
        'quorum W9',
      ],
      'group without members': [...base, 'group G any', 'quorum none'],
      'group without a threshold': [...base, 'group G', 'quorum none'],
      'member not defined': [...base, 'group G any W4', 'quorum none'],
      'member defined later': ['group G any W1', ...base, 'quorum none'],
      'member that is the group itself': [...base, 'group G any W1 G', 'quorum none'],
      'member none': [...base, 'group G any none', 'quorum none'],
      'member twice in a group': [...base, 'group G any W1 W1', 'quorum none'],
      'member in two groups': [...base, 'group G any W1 W2', 'group H any W2 W3', 'quorum G'],
      'group in two groups': [...base, 'group G any W1', 'group H any G', 'group I any G', 'quorum I'],
      'threshold 0': [...base, 'group G 0 W1 W2', 'quorum none'],
      'threshold above n': [...base, 'group G 3 W1 W2', 'quorum none'],
      'threshold with a leading zero': [...base, 'group G 01 W1 W2', 'quorum none'],
      'threshold with a sign': [...base, 'group G +1 W1 W2', 'quorum none'],
      'threshold that is no number': [...base, 'group G most W1 W2', 'quorum none'],
      'quorum not defined': [...base, 'quorum W4'],
      'quorum defined later': ['quorum W1', ...base],
      'quorum twice': [...base, 'quorum W1', 'quorum W1'],
      'quorum without a name': [...base, 'quorum'],
      'quorum of two names': [...base, 'quorum W1 W2'],
      'comment behind items': [...base, 'quorum W1 # one of them'],
    };
    for (const [what, policy] of Object.entries(faults)) {
      const refused = refusal(() => policyOf(...policy));
      expect(refused.code, what).to.equal('malformed-policy');
      expect(refused.message, what).to.match(/^line \d+ of the policy: /);
    }
    expect(refusal(() => policyOf(...base, 'quorum W4')).facts).to.deep.equal({ line: 5 });
  });

  it('refuses a file without a quorum line, or cut off within its last', () => {
    expect(refusal(() => policyOf(...lines(1))).code).to.equal('malformed-policy');
    expect(refusal(() => parsePolicy('')).code).to.equal('malformed-policy');
    expect(refusal(() => parsePolicy('quorum none')).code).to.equal('malformed-policy');
  });

  it('lets no weak key in', () => {
    const weak = `weak+00000000+${toBase64(Uint8Array.of(4, ...new Uint8Array(32)))}`;
    const refused = refusal(() => policyOf(`witness W ${weak}`, 'quorum W'));
    expect(refused.code).to.equal('weak-key');
    expect(refused.facts).to.deep.equal({ line: 1 });
  });

  it('takes 64 of each kind and no more', () => {
    const keys = (type: 1 | 4, count: number): SignerKey[] =>
      Array.from({ length: count }, (_, at) =>
        signerKey({
          name: `k${at}`,
          type,
          seed: Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? at : type)),
        }),
      );
    const all = [
      ...keys(1, maxPolicyEntries).map((key) => `log ${vkey(key)}`),
      ...keys(4, maxPolicyEntries).map((key, at) => `witness W${at} ${vkey(key)}`),
      ...Array.from({ length: maxPolicyEntries }, (_, at) => `group G${at} any W${at}`),
    ];
    const policy = policyOf(...all, 'quorum G63');
    expect(policy.logs.length + policy.witnesses.length + policy.groups.length).to.equal(192);
    expect(refusal(() => policyOf(...all, 'group G64 any G1', 'quorum none')).code).to.equal(
      'malformed-policy',
    );
    const one = keys(1, 65).map((key) => `log ${vkey(key)}`);
    expect(refusal(() => policyOf(...one, 'quorum none')).code).to.equal('malformed-policy');
    const more = keys(4, 65).map((key, at) => `witness W${at} ${vkey(key)}`);
    expect(refusal(() => policyOf(...more, 'quorum none')).code).to.equal('malformed-policy');
    expect(refusal(() => parsePolicy(new Uint8Array(maxPolicyBytes + 1).fill(0x0a))).code).to.equal(
      'too-large',
    );
  });

  it('refuses control characters other than tab and newline', () => {
    for (const bad of ['\r', '\u0000', '\u000b', '\u007f']) {
      expect(refusal(() => parsePolicy(`# ${bad}\nquorum none\n`)).code).to.equal('malformed-policy');
    }
    expect(refusal(() => parsePolicy('# \ud800\nquorum none\n')).code).to.equal('malformed-policy');
    expect(refusal(() => parsePolicy('\ufeffquorum none\n')).code).to.equal('malformed-policy');
  });

  it('compares names by their octets alone', () => {
    const names = ['K', '\u212a', 'e\u0301', '\u00e9', 'a\u00a0b', '__proto__', 'constructor'];
    const policy = policyOf(
      ...names.map((name, at) => `witness ${name} ${vkey(witnessKey(at + 1))}`),
      `group G all ${names.join(' ')}`,
      'quorum G',
    );
    expect(policy.witnesses.map(({ name }) => name)).to.deep.equal(names);
    expect(witnessed(policy, ...names)).to.equal(true);
    expect(witnessed(policy, ...names.slice(1))).to.equal(false);
    expect(refusal(() => policyOf('quorum toString')).code).to.equal('malformed-policy');
  });

  it('takes octets that are no UTF-8 for what they are', () => {
    const key = signerKey({ name: 'zürich.example', type: 4, seed: seed(8) });
    const file = (name: number): Uint8Array =>
      Uint8Array.from([
        ...utf8('# '),
        0xff,
        ...utf8('\nwitness '),
        name,
        ...utf8(` ${vkey(key)}\nquorum `),
        0xe9,
        ...utf8('\n'),
      ]);
    const policy = parsePolicy(file(0xe9));
    expect(policy.witnesses).to.deep.equal([{ name: 'é', key: verifierOf(key) }]);
    expect(parsePolicy(formatPolicy(policy))).to.deep.equal(policy);
    expect(refusal(() => parsePolicy(file(0xe8))).code).to.equal('malformed-policy');
  });

  it('refuses to write names that a line cannot hold', () => {
    const policy = policyOf(...lines(2), 'group G all W1 W2', 'quorum G');
    expect(parsePolicy(formatPolicy(policy))).to.deep.equal(policy);
    for (const bad of [
      { ...policy, groups: [{ name: 'G', threshold: 1, members: ['W1 W2'] }] },
      { ...policy, quorum: '' },
      { ...policy, quorum: 'G\nquorum none' },
      { ...policy, quorum: 'H' },
      { ...policy, logs: [{ key: verifierOf(logKey), url: 'a b' }] },
    ]) {
      expect(refusal(() => formatPolicy(bad)).code).to.equal('malformed-policy');
    }
  });
});

describe('note/policy: a checkpoint under it', () => {
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
