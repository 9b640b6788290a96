import { expect } from 'chai';
import { concat, fromUtf8, utf8 } from '../../../src/bytes.ts';
import { formatNote, parseNote } from '../../../src/note/note.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import { sample } from '../../extent.ts';
import { build, digest, genesis } from '../../fixtures/attestations.ts';
import { SampleLog, logKey, postQuantumKey, witnesses } from '../sample-log.ts';
import { sweepBundle } from './bundle.sweeps.ts';

const file = 'hello_1.1.deb';

sweepBundle(sample);

describe('a bundle with one bit changed', () => {
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
