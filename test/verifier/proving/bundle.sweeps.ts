/** A bundle with one bit changed, and what the answer must be. */
import { expect } from 'chai';
import { concat, equal } from '../../../src/bytes.ts';
import { parseNote } from '../../../src/note/note.ts';
import type { Note, NoteSignature } from '../../../src/note/note.ts';
import { formatBundle, parseBundle } from '../../../src/verifier/proving/bundle.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import type { Answer } from '../../../src/verifier/judging/answer.ts';
import { range, type Extent } from '../../extent.ts';
import { build, digest, genesis } from '../../fixtures/attestations.ts';
import { SampleLog, logKey, witnesses } from '../sample-log.ts';
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
  /** Which of the changes to make. */
  readonly some: (all: Iterable<Place>) => Iterable<Place>;
}

type Place = readonly [at: number, bit: number];

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

async function flips({
  signed,
  policy,
  spare,
  bits,
  only,
  some,
}: Case): Promise<ReadonlyMap<Answer, number>> {
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
  const places = [...range(from, to - 1)].flatMap((at) => bits(at).map((bit): Place => [at, bit]));
  for (const [at, bit] of some(places)) {
    const changed = concat(bytes);
    changed[at] = (changed[at] ?? 0) ^ (1 << bit);
    const { answer } = await judgeFile({ digests, bundle: changed, trust });
    const where = `byte ${at} after ${text.slice(Math.max(0, at - 30), at)}, bit ${bit}`;
    expect(answer, where).to.equal(expectedAnswer(original, changed, spare));
    seen.set(answer, (seen.get(answer) ?? 0) + 1);
  }
  return seen;
}

/** Registers them as a suite. */
export function sweepBundle({ name, cases }: Extent): void {
  describe(`a bundle with one bit changed, ${name}`, () => {
    it('is contradicted at every byte, but for the names and key IDs of signatures, where the policy is missed', async () => {
      const seen = await flips({
        signed: { keys: [logKey], cosigners: witnesses.slice(0, 2) },
        policy: { quorum: '2' },
        spare: () => false,
        bits: (at) => [at % 8],
        some: (all) => cases(all, 600),
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
        some: (all) => cases(all, 300),
      });
      expect([...seen.keys()]).to.have.members(['contradicted', 'policy', 'proven']);
    });
  });
}
