import { expect } from 'chai';
import fc from 'fast-check';
import { toBase64, utf8 } from '../../src/bytes.ts';
import { signerKey, verifierOf, type SignerKey } from '../../src/note/key.ts';
import {
  formatPolicy,
  maxPolicyBytes,
  maxPolicyEntries,
  parsePolicy,
  type Policy,
} from '../../src/note/policy.ts';
import { quorumMet } from '../../src/note/quorum.ts';
import { lines, logKey, mldsaLogKey, policyOf, seed, vkey, witnessKey } from './make.ts';
import { refusal } from './refusal.ts';
import { mldsaLog } from './vectors.ts';

function witnessed(policy: Policy, ...names: readonly string[]): boolean {
  return quorumMet(
    policy,
    names.map((name) => ({ name })),
  );
}

describe('note/policy', () => {
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
    for (const cut of ['quorum none', 'quorum nonex', 'quorum none\n#']) {
      expect(refusal(() => parsePolicy(cut)).message, cut).to.match(/does not end in a newline/);
    }
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
