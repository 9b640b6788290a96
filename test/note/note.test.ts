import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '../../src/bytes.ts';
import { isKeyName, signerKey, verifierOf } from '../../src/note/key.ts';
import { verifySignature } from '../../src/note/cosignature.ts';
import {
  formatNote,
  formatSignatureLine,
  maxNoteBytes,
  maxSignatures,
  parseNote,
  parseSignatureLine,
  parseSignatureLines,
  signNote,
} from '../../src/note/note.ts';
import { seed, witnessKey } from './make.ts';
import { expectOneSpelling } from './mutations.ts';
import { refusal } from './refusal.ts';
import { cosignedCheckpoint, noteWithEmptyLines, signedNote } from './vectors.ts';

const line = '— example.com/foo AAAAAAE=';

function note(...signatures: readonly string[]): Uint8Array {
  return utf8(`text\n\n${signatures.map((signature) => `${signature}\n`).join('')}`);
}

describe('note/note', () => {
  it('reads the published notes and writes them back', () => {
    for (const text of [signedNote.note, noteWithEmptyLines, cosignedCheckpoint]) {
      expect(formatNote(parseNote(utf8(text)))).to.equal(text);
    }
  });

  it('separates the text at the last empty line', () => {
    const { text, signatures } = parseNote(utf8(noteWithEmptyLines));
    expect(text).to.match(/sole:\n\ned è subito sera\.\n$/);
    expect(signatures).to.have.length(1);
    expect(signatures[0]).to.include({ name: 'quasimodo.example/salvatore', id: 0x367ba04b });
    expect(signatures[0]?.signature).to.have.length(64);
  });

  it('keeps empty lines at the end of a text', () => {
    expect(parseNote(utf8(`a\n\n\n\n${line}\n`)).text).to.equal('a\n\n\n');
    expect(parseNote(utf8(`\n\n${line}\n`)).text).to.equal('\n');
  });

  it('takes lines that look like signatures for text when an empty line follows', () => {
    expect(parseNote(utf8(`a\n\n${line}\n\n${line}\n`)).text).to.equal(`a\n\n${line}\n`);
  });

  it('round-trips any text and signatures', () => {
    const text = fc
      .array(fc.string({ unit: 'grapheme' }).map((part) => part.replace(/[\u0000-\u001f]/g, '')))
      .map((parts) => `${parts.join('\n')}\n`);
    const signature = fc.record({
      name: fc.string({ minLength: 1, unit: 'binary' }).filter(isKeyName),
      id: fc.nat({ max: 2 ** 32 - 1 }),
      signature: fc.uint8Array({ minLength: 1, maxLength: 100 }),
    });
    fc.assert(
      fc.property(text, fc.array(signature, { minLength: 1, maxLength: 5 }), (content, signatures) => {
        const value = { text: content, signatures };
        expect(parseNote(utf8(formatNote(value)))).to.deep.equal(value);
      }),
      { seed: 2 },
    );
  });

  it('accepts a mutated note only if it writes it back the same', () => {
    expectOneSpelling(utf8(cosignedCheckpoint), parseNote, formatNote);
  });

  it('refuses what is not a note', () => {
    const cases: readonly (string | Uint8Array)[] = [
      '',
      '\n',
      'text\n',
      `text\n${line}\n`,
      `\n${line}\n`,
      'text\n\n',
      `text\n\n${line}`,
      `text\n\n${line}\nmore\n`,
      `te\rxt\n\n${line}\n`,
      `text\r\n\r\n${line}\r\n`,
      `te\txt\n\n${line}\n`,
      `te\u0000xt\n\n${line}\n`,
      new Uint8Array([0x74, 0xff, ...utf8(`\n\n${line}\n`)]),
      new Uint8Array([0xed, 0xa0, 0x80, ...utf8(`\n\n${line}\n`)]),
    ];
    for (const value of cases) {
      const bytes = typeof value === 'string' ? utf8(value) : value;
      expect(refusal(() => parseNote(bytes)).code, JSON.stringify(value)).to.equal('malformed-note');
    }
  });

  it('refuses malformed signature lines', () => {
    for (const bad of [
      '— example.com/foo',
      '— example.com/foo ',
      '—  AAAAAAE=',
      '-- example.com/foo AAAAAAE=',
      '- example.com/foo AAAAAAE=',
      '—example.com/foo AAAAAAE=',
      '— example.com/foo  AAAAAAE=',
      '— example.com/foo AAAAAAE= ',
      '— example.com/foo AAAAAAE= x',
      '— exam+ple AAAAAAE=',
      '— exam\u00a0ple AAAAAAE=',
      '— example.com/foo AAAAAA==',
      '— example.com/foo AAAAAAF=',
      '— example.com/foo AAAAAAE',
      '— example.com/foo AAAA_AE=',
      '— example.com/foo AAA=',
    ]) {
      expect(refusal(() => parseNote(note(bad))).code, bad).to.equal('malformed-note');
      expect(refusal(() => parseSignatureLine(bad)).code, bad).to.equal('malformed-note');
    }
  });

  it('takes 64 signatures and no more, where no other limit is given', () => {
    const many = Array.from({ length: maxSignatures }, () => line);
    expect(parseNote(note(...many)).signatures).to.have.length(64);
    expect(refusal(() => parseNote(note(...many, line))).code).to.equal('too-large');
    expect(refusal(() => parseNote(note(line, line), { maxSignatures: 1 })).code).to.equal('too-large');
  });

  it('has room for 64 ML-DSA-44 signatures, and refuses more bytes unread', () => {
    const long = formatSignatureLine({ ...witnessKey(1, 6), signature: new Uint8Array(2428) });
    expect(parseNote(note(...Array.from({ length: 64 }, () => long))).signatures).to.have.length(64);
    // Not UTF-8 either: the size must be refused first.
    expect(refusal(() => parseNote(new Uint8Array(maxNoteBytes + 1).fill(0xff))).code).to.equal('too-large');
    expect(refusal(() => parseNote(utf8(signedNote.note), { maxBytes: 100 })).code).to.equal('too-large');
  });

  it('reads a witness’s answer as lines of their own', () => {
    expect(parseSignatureLines(`${line}\n${line}\n`)).to.have.length(2);
    for (const block of ['', line, `${line}\n\n`, '\n']) {
      expect(refusal(() => parseSignatureLines(block)).code, JSON.stringify(block)).to.equal(
        'malformed-note',
      );
    }
  });

  it('refuses to write what it would not read', () => {
    const signature = { name: 'a', id: 1, signature: Uint8Array.of(1) };
    const refused = [
      { text: 'no newline', signatures: [signature] },
      { text: 'tab\t\n', signatures: [signature] },
      { text: '\ud800\n', signatures: [signature] },
      { text: 'a\n', signatures: [] },
      { text: 'a\n', signatures: [{ ...signature, name: 'a b' }] },
      { text: 'a\n', signatures: [{ ...signature, signature: new Uint8Array(0) }] },
    ];
    for (const value of refused) {
      expect(refusal(() => formatNote(value)).code, JSON.stringify(value)).to.equal('malformed-note');
    }
    expect(() => formatSignatureLine({ ...signature, id: 2 ** 32 })).to.throw('32-bit');
  });

  it('signs with several keys, each signature verifying over the text', () => {
    const keys = [1, 2].map((byte) => signerKey({ name: `k${byte}`, type: 1, seed: seed(byte) }));
    const { text, signatures } = parseNote(utf8(formatNote(signNote('hello\n', keys))));
    expect(signatures.map(({ name }) => name)).to.deep.equal(['k1', 'k2']);
    for (const [at, signature] of signatures.entries()) {
      const key = keys[at];
      if (key === undefined) throw new Error('one signature for each key');
      expect(verifySignature(verifierOf(key), text, signature)).to.deep.equal({});
    }
  });

  it('signs nothing that is no note text, and with no cosigner’s key', () => {
    expect(refusal(() => signNote('hello', [])).code).to.equal('malformed-note');
    expect(() => signNote('hello\n', [witnessKey(1)])).to.throw('keys of type 1');
  });
});
