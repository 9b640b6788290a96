/** Every size limit of a note, a policy, a key, a request to a witness and a proof: exactly at it, and one beyond. */
import { expect } from 'chai';
import { concat, toBase64, utf8 } from '../../src/bytes.ts';
import {
  formatAddCheckpoint,
  maxAddCheckpointBytes,
  maxConsistencyHashes,
  parseAddCheckpoint,
} from '../../src/note/add-checkpoint.ts';
import {
  formatSignerKey,
  formatVerifierKey,
  maxNameBytes,
  parseSignerKey,
  parseVerifierKey,
  verifierKey,
  verifierOf,
} from '../../src/note/key.ts';
import {
  formatSignatureLine,
  maxNoteBytes,
  maxSignatures,
  parseNote,
  parseSignatureLines,
} from '../../src/note/note.ts';
import { formatPolicy, maxPolicyBytes, maxPolicyEntries, parsePolicy } from '../../src/note/policy.ts';
import {
  formatProofHead,
  maxExtraBytes,
  maxProofBytes,
  maxProofHashes,
  parseProof,
} from '../../src/note/proof.ts';
import { logKey, seed, signed, vkey, witnessKey } from './make.ts';
import { refusal } from './refusal.ts';

const codeOf = (call: () => unknown): string => refusal(call).code;
const line = `${formatSignatureLine({ name: 'a', id: 1, signature: seed(1) })}\n`;

/** A note of so many bytes. */
function noteOf(bytes: number): Uint8Array {
  const tail = `\n\n${line}`;
  return utf8(`${'x'.repeat(bytes - utf8(tail).length)}${tail}`);
}

describe('the limits of a note', () => {
  it('bytes: 256 KiB, or what the caller allows', () => {
    expect(parseNote(noteOf(maxNoteBytes)).signatures).to.have.length(1);
    expect(codeOf(() => parseNote(noteOf(maxNoteBytes + 1)))).to.equal('too-large');
    expect(parseNote(noteOf(300), { maxBytes: 300 }).signatures).to.have.length(1);
    expect(codeOf(() => parseNote(noteOf(301), { maxBytes: 300 }))).to.equal('too-large');
  });

  it('signatures: 64, or what the caller allows', () => {
    const note = (count: number): Uint8Array => utf8(`text\n\n${line.repeat(count)}`);
    expect(parseNote(note(maxSignatures)).signatures).to.have.length(maxSignatures);
    expect(codeOf(() => parseNote(note(maxSignatures + 1)))).to.equal('too-large');
    expect(parseNote(note(2), { maxSignatures: 2 }).signatures).to.have.length(2);
    expect(codeOf(() => parseNote(note(3), { maxSignatures: 2 }))).to.equal('too-large');
    expect(parseSignatureLines(line.repeat(16), 16)).to.have.length(16);
    expect(codeOf(() => parseSignatureLines(line.repeat(17), 16))).to.equal('too-large');
  });

  it('a signature: one byte at least behind the key ID', () => {
    const of = (bytes: number): string => `— a ${toBase64(new Uint8Array(bytes).fill(1))}\n`;
    expect(parseSignatureLines(of(5))[0]?.signature).to.have.length(1);
    expect(codeOf(() => parseSignatureLines(of(4)))).to.equal('malformed-note');
  });
});

describe('the limits of a policy', () => {
  it('bytes: 512 KiB', () => {
    const start = `log ${vkey(logKey)}\nquorum none\n#`;
    const policy = (bytes: number): Uint8Array => utf8(`${start}${'x'.repeat(bytes - start.length - 1)}\n`);
    expect(parsePolicy(policy(maxPolicyBytes)).logs).to.have.length(1);
    expect(codeOf(() => parsePolicy(policy(maxPolicyBytes + 1)))).to.equal('too-large');
  });

  it('64 logs, 64 witnesses and 64 groups', () => {
    const key = (type: 1 | 4, number: number): string =>
      formatVerifierKey(
        verifierKey({
          name: `k${number}`,
          type,
          publicKey: verifierOf(witnessKey(number)).publicKey,
        }),
      );
    const lines: Record<string, (at: number) => string> = {
      log: (at) => `log ${key(1, at)}`,
      witness: (at) => `witness W${at} ${key(4, at)}`,
    };
    for (const [kind, make] of Object.entries(lines)) {
      const policy = (count: number): string =>
        [...Array.from({ length: count }, (_, at) => make(at)), 'quorum none', ''].join('\n');
      const parsed = parsePolicy(policy(maxPolicyEntries));
      expect(parsed.logs.length + parsed.witnesses.length, kind).to.equal(maxPolicyEntries);
      expect(
        codeOf(() => parsePolicy(policy(maxPolicyEntries + 1))),
        kind,
      ).to.equal('malformed-policy');
    }
    const groups = (count: number): string =>
      [
        `witness W ${key(4, 0)}`,
        ...Array.from({ length: count }, (_, at) => `group G${at} any ${at === 0 ? 'W' : `G${at - 1}`}`),
        'quorum none',
        '',
      ].join('\n');
    expect(parsePolicy(groups(maxPolicyEntries)).groups).to.have.length(maxPolicyEntries);
    expect(codeOf(() => parsePolicy(groups(maxPolicyEntries + 1)))).to.equal('malformed-policy');
  });

  it('a threshold from 1 to the number of members, written and read', () => {
    const policy = (threshold: string): string =>
      [
        ...[1, 2, 3].map((number) => `witness W${number} ${vkey(witnessKey(number))}`),
        `group g ${threshold} W1 W2 W3`,
        'quorum g',
        '',
      ].join('\n');
    for (const threshold of ['1', '2', '3']) {
      const parsed = parsePolicy(policy(threshold));
      expect(parsed.groups[0]?.threshold).to.equal(Number(threshold));
      expect(parsePolicy(formatPolicy(parsed))).to.deep.equal(parsed);
    }
    for (const threshold of ['0', '4']) {
      expect(
        codeOf(() => parsePolicy(policy(threshold))),
        threshold,
      ).to.equal('malformed-policy');
    }
  });
});

describe('the limits of a request to a witness', () => {
  const hashLine = `${toBase64(seed(3))}\n`;

  it('bytes: every hash and the largest note', () => {
    const head = utf8(`old ${Number.MAX_SAFE_INTEGER}\n${hashLine.repeat(maxConsistencyHashes)}\n`);
    expect(head.length + maxNoteBytes).to.equal(maxAddCheckpointBytes);
    const largest = concat(head, new Uint8Array(maxNoteBytes));
    expect(parseAddCheckpoint(largest).checkpoint).to.have.length(maxNoteBytes);
    expect(codeOf(() => parseAddCheckpoint(concat(head, new Uint8Array(maxNoteBytes + 1))))).to.equal(
      'too-large',
    );
  });

  it('63 hashes, read and written', () => {
    const request = (count: number): Uint8Array => utf8(`old 1\n${hashLine.repeat(count)}\n`);
    expect(parseAddCheckpoint(request(maxConsistencyHashes)).proof).to.have.length(63);
    expect(codeOf(() => parseAddCheckpoint(request(maxConsistencyHashes + 1)))).to.equal(
      'malformed-add-checkpoint',
    );
    const written = (count: number): Uint8Array =>
      formatAddCheckpoint({
        oldSize: 1,
        proof: Array.from({ length: count }, () => seed(3)),
        checkpoint: signed(),
      });
    expect(parseAddCheckpoint(written(maxConsistencyHashes)).proof).to.have.length(63);
    expect(() => written(maxConsistencyHashes + 1)).to.throw('63 hashes');
  });
});

describe('the limits of a key', () => {
  it('a name of 1 to 255 bytes', () => {
    const { publicKey } = verifierOf(logKey);
    const named = (name: string) => verifierKey({ name, type: 1, publicKey });
    for (const name of ['a', 'a'.repeat(maxNameBytes), `${'é'.repeat(127)}a`]) {
      expect(parseVerifierKey(formatVerifierKey(named(name))).name).to.equal(name);
    }
    for (const name of ['', 'a'.repeat(maxNameBytes + 1), 'é'.repeat(128)]) {
      expect(
        codeOf(() => named(name)),
        name,
      ).to.equal('bad-key');
    }
  });

  it('its text and nothing around it: no prefix, no suffix, no line before or behind', () => {
    const verifier = vkey(logKey);
    const signer = formatSignerKey(logKey);
    expect(parseVerifierKey(verifier)).to.deep.equal(verifierOf(logKey));
    expect(parseSignerKey(signer)).to.deep.equal(logKey);
    const prefixes = ['x', 'x+', '+', ' ', '\n', 'x\n', 'log ', 'PRIVATE+KEY+', 'x+00000000+', '\ufeff'];
    for (const prefix of prefixes) {
      expect(
        codeOf(() => parseVerifierKey(prefix + verifier)),
        prefix,
      ).to.equal('bad-key');
      expect(
        codeOf(() => parseSignerKey(prefix + signer)),
        prefix,
      ).to.equal('bad-key');
    }
    for (const suffix of ['x', '=', '+', ' ', '\n', '\nx', `+${verifier}`]) {
      expect(
        codeOf(() => parseVerifierKey(verifier + suffix)),
        suffix,
      ).to.equal('bad-key');
      expect(
        codeOf(() => parseSignerKey(signer + suffix)),
        suffix,
      ).to.equal('bad-key');
    }
    // As long as the prefix of a private key, and not it.
    for (const prefix of ['private+key+', 'PRIVATE+KEY ', 'x'.repeat(12)]) {
      const text = `${prefix}${signer.slice(prefix.length)}`;
      expect(
        codeOf(() => parseSignerKey(text)),
        prefix,
      ).to.equal('bad-key');
    }
    // One kind in place of the other.
    expect(codeOf(() => parseSignerKey(verifier))).to.equal('bad-key');
    expect(codeOf(() => parseVerifierKey(signer))).to.equal('bad-key');
  });
});

describe('the limits of a proof', () => {
  const checkpoint = signed();

  it('63 hashes, read and written, and as much extra data', () => {
    const head = (hashes: number, extra: number): Uint8Array =>
      utf8(
        formatProofHead({
          extra: new Uint8Array(extra),
          index: Number.MAX_SAFE_INTEGER,
          hashes: Array.from({ length: hashes }, () => seed(3)),
        }),
      );
    const largest = concat(head(maxProofHashes, maxExtraBytes), checkpoint);
    expect(parseProof(largest)).to.deep.include({ index: Number.MAX_SAFE_INTEGER, checkpoint });
    expect(parseProof(concat(head(0, 1), checkpoint)).extra).to.have.length(1);
    expect(() => head(maxProofHashes + 1, 1)).to.throw('63 hashes');
    for (const extra of [0, maxExtraBytes + 1])
      expect(codeOf(() => head(1, extra))).to.equal('malformed-proof');
  });

  it('bytes: every part at its largest, before anything of it is decoded', () => {
    const bytes = new Uint8Array(maxProofBytes);
    expect(codeOf(() => parseProof(bytes))).to.equal('malformed-proof');
    expect(codeOf(() => parseProof(new Uint8Array(maxProofBytes + 1)))).to.equal('too-large');
  });
});
