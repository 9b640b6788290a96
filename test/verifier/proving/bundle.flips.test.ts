import { expect } from 'chai';
import { concat, equal, fromUtf8, utf8 } from '../../../src/bytes.ts';
import { formatNote, parseNote } from '../../../src/note/note.ts';
import type { Note, NoteSignature } from '../../../src/note/note.ts';
import { formatBundle, parseBundle } from '../../../src/verifier/proving/bundle.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import type { Answer } from '../../../src/verifier/judging/answer.ts';
import { build, digest, genesis } from '../../fixtures/attestations.ts';
import { SampleLog, logKey, postQuantumKey, witnesses } from '../sample-log.ts';
import type { PolicyOptions, SignOptions } from '../sample-log.ts';

const file = 'hello_1.1.deb';

interface Case {
  readonly signed: SignOptions;
  readonly policy: PolicyOptions;
  /** Whether the policy is met without the signatures of this name. */
  readonly spare: (name: string) => boolean;
  readonly bits: (at: number) => readonly number[];
  /** Which bytes to change: all, or those of the signature lines alone. */
  readonly only?: 'signature lines';
}

/**
 * What the answer must be, told by parsing alone: a note that still parses,
 * with one signature under another name or key ID, lacks that signature; any
 * other change contradicts.
 */
function expectedAnswer(original: Note, changed: Uint8Array, spare: Case['spare']): Answer {
  let note: Note;
  try {
    note = parseNote(parseBundle(changed).checkpoint);
  } catch {
    return 'contradicted';
  }
  const at = note.signatures.findIndex((signature, i) => !sameSignature(signature, original.signatures[i]));
  const [before, after] = [original.signatures[at], note.signatures[at]];
  if (before === undefined || after === undefined) return 'contradicted';
  if (before.name === after.name && before.id === after.id) return 'contradicted';
  return spare(before.name) ? 'proven' : 'policy';
}

function sameSignature(a: NoteSignature, b: NoteSignature | undefined): boolean {
  return b !== undefined && a.name === b.name && a.id === b.id && equal(a.signature, b.signature);
}

async function flips({ signed, policy, spare, bits, only }: Case): Promise<ReadonlyMap<Answer, number>> {
  const log = new SampleLog([genesis(), build({ seq: 1, file }), build({ seq: 2 })]);
  const trust = log.trust({}, policy);
  const bundle = await log.bundle([1], signed);
  const bytes = formatBundle(bundle);
  const original = parseNote(bundle.checkpoint);
  const digests = { sha256: digest(file) };
  expect((await judgeFile({ digests, bundle: bytes, trust })).answer).to.equal('proven');

  const text = Buffer.from(bytes).toString('latin1');
  const from = only === undefined ? 0 : text.indexOf(Buffer.from('— ').toString('latin1'));
  const to = only === undefined ? bytes.length : text.indexOf('"format"');
  const seen = new Map<Answer, number>();
  for (let at = from; at < to; at++) {
    for (const bit of bits(at)) {
      const changed = concat(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      const { answer } = await judgeFile({ digests, bundle: changed, trust });
      const where = `byte ${at} after ${text.slice(Math.max(0, at - 30), at)}, bit ${bit}`;
      expect(answer, where).to.equal(expectedAnswer(original, changed, spare));
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
    }
  }
  return seen;
}

describe('a bundle with one bit changed', () => {
  it('is contradicted at every byte, but for the names and key IDs of signatures, where the policy is missed', async () => {
    const seen = await flips({
      signed: { keys: [logKey], cosigners: witnesses.slice(0, 2) },
      policy: { quorum: '2' },
      spare: () => false,
      bits: (at) => [at % 8],
    });
    expect([...seen.keys()]).to.have.members(['contradicted', 'policy']);
    expect(seen.get('policy')).to.be.lessThan(100);
  });

  it('is proven inside the name or key ID of a signature that the policy does not need, and nowhere else', async () => {
    const seen = await flips({
      signed: { keys: [logKey], cosigners: witnesses },
      policy: { quorum: '2' },
      spare: (name) => name.startsWith('witness'),
      bits: () => [0, 2, 5],
      only: 'signature lines',
    });
    expect([...seen.keys()]).to.have.members(['contradicted', 'policy', 'proven']);
  });

  it('is proven anywhere inside a signature by a key that the policy does not list', async () => {
    const log = new SampleLog([genesis(), build({ seq: 1, file })]);
    const trust = log.trust({}, { quorum: 'none' });
    const bundle = await log.bundle([1], { keys: [logKey], cosigners: witnesses.slice(0, 1) });
    const note = parseNote(bundle.checkpoint);
    const [own, unlisted] = note.signatures;
    if (own === undefined || unlisted === undefined) throw new Error('the note has two signatures');
    for (let at = 0; at < unlisted.signature.length; at++) {
      const signature = concat(unlisted.signature);
      signature[at] = (signature[at] ?? 0) ^ 1;
      const checkpoint = utf8(formatNote({ ...note, signatures: [own, { ...unlisted, signature }] }));
      const { answer } = await judgeFile({
        digests: { sha256: digest(file) },
        bundle: { ...bundle, checkpoint },
        trust,
      });
      expect(answer).to.equal('proven');
    }
  });
});

describe('a bundle whose needed signature became unknown', () => {
  it('misses the policy, for each byte of the key name and of the key ID', async () => {
    const log = new SampleLog([genesis(), build({ seq: 1, file })]);
    const digests = { sha256: digest(file) };
    const trust = log.trust();
    const bundle = await log.bundle([1]);
    const note = fromUtf8(bundle.checkpoint);
    for (const line of note.match(/^— .*$/gm) ?? []) {
      const [, name = '', encoded = ''] = line.split(' ');
      const others = Array.from(
        { length: name.length },
        (_, at) => `— ${name.slice(0, at)}~${name.slice(at + 1)} ${encoded}`,
      );
      const ids = [0, 1, 2, 3, 4].map((at) => {
        const digit = encoded[at] === 'A' ? 'B' : 'A';
        return `— ${name} ${encoded.slice(0, at)}${digit}${encoded.slice(at + 1)}`;
      });
      for (const other of [...others, ...ids]) {
        const checkpoint = utf8(note.replace(line, other));
        const verdict = await judgeFile({ digests, bundle: { ...bundle, checkpoint }, trust });
        expect(verdict.answer, other).to.equal('policy');
      }
      const removed = utf8(note.replace(`${line}\n`, ''));
      const without = await judgeFile({ digests, bundle: { ...bundle, checkpoint: removed }, trust });
      expect(without.answer, `without ${name}`).to.equal('policy');
    }
  });

  it('is proven as long as the other log key that the policy lists has signed', async () => {
    const log = new SampleLog([genesis(), build({ seq: 1, file })]);
    const keys = [logKey, postQuantumKey];
    const bundle = await log.bundle([1], { keys });
    const note = fromUtf8(bundle.checkpoint);
    const [first = ''] = note.match(/^— .*$/gm) ?? [];
    const checkpoint = utf8(note.replace(`${first}\n`, ''));
    const digests = { sha256: digest(file) };
    const without = { ...bundle, checkpoint };
    const both = await judgeFile({ digests, bundle: without, trust: log.trust({}, { keys }) });
    expect(both.answer).to.equal('proven');
    expect((await judgeFile({ digests, bundle: without, trust: log.trust() })).answer).to.equal('policy');
  });
});
