import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '../../src/bytes.ts';
import { formatCheckpoint, parseCheckpoint } from '../../src/note/checkpoint.ts';
import { parseNote } from '../../src/note/note.ts';
import { seed } from './make.ts';
import { refusal } from './refusal.ts';
import { cosignedCheckpoint, mldsaLog } from './vectors.ts';

const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';

describe('note/checkpoint', () => {
  it('reads the published checkpoints and writes them back', () => {
    for (const published of [cosignedCheckpoint, mldsaLog.note]) {
      const { text } = parseNote(utf8(published));
      expect(formatCheckpoint(parseCheckpoint(text))).to.equal(text);
    }
    expect(parseCheckpoint(parseNote(utf8(cosignedCheckpoint)).text)).to.deep.include({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      extensions: [],
    });
  });

  it('round-trips any tree head, with and without extension lines', () => {
    const oneLine = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .map((part) => part.replace(/[\u0000-\u001f]/g, '_'));
    const checkpoint = fc.record({
      origin: oneLine,
      size: fc.maxSafeNat(),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      extensions: fc.array(oneLine, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(checkpoint, (value) => {
        expect(parseCheckpoint(formatCheckpoint(value))).to.deep.equal(value);
      }),
      { seed: 3 },
    );
  });

  it('takes any one-line origin, spaces and plus signs included', () => {
    expect(parseCheckpoint(`Some log + more\n0\n${root}\n`)).to.include({
      origin: 'Some log + more',
      size: 0,
    });
  });

  it('takes sizes up to 2^53 - 1', () => {
    expect(parseCheckpoint(`o\n9007199254740991\n${root}\n`).size).to.equal(2 ** 53 - 1);
    expect(refusal(() => parseCheckpoint(`o\n9007199254740992\n${root}\n`)).code).to.equal(
      'malformed-checkpoint',
    );
  });

  it('refuses every malformed line', () => {
    for (const text of [
      '',
      '\n',
      'o\n1\n',
      `o\n1\n${root}`,
      `\n1\n${root}\n`,
      `o\n\n${root}\n`,
      'o\n1\n\n',
      `o\n1\n${root}\n\n`,
      `o\n1\n${root}\n\nextension\n`,
      `o\n1\n${root}\nextension\n\n`,
      `o\n01\n${root}\n`,
      `o\n+1\n${root}\n`,
      `o\n-1\n${root}\n`,
      `o\n1 \n${root}\n`,
      `o\n 1\n${root}\n`,
      `o\n1e3\n${root}\n`,
      `o\n0x1\n${root}\n`,
      `o\n١\n${root}\n`,
      `o\n18446744073709551615\n${root}\n`,
      `o\n1\n${root.slice(0, -1)}\n`,
      `o\n1\n${root} \n`,
      `o\n1\nAAAA\n`,
      `o\n1\n${root.slice(0, -2)}J=\n`,
      `o\n1\n${'A'.repeat(46)}==\n`,
      `o\r\n1\n${root}\n`,
      `o\n1\n${root}\next\tension\n`,
    ]) {
      expect(refusal(() => parseCheckpoint(text)).code, JSON.stringify(text)).to.equal(
        'malformed-checkpoint',
      );
    }
  });

  it('says what it expected and what was there', () => {
    expect(refusal(() => parseCheckpoint(`o\n007\n${root}\n`))).to.include({
      message: 'the tree size of the checkpoint is malformed',
      got: '3 characters',
    });
  });

  it('refuses to write what it would not read', () => {
    const good = { origin: 'o', size: 1, root: seed(1), extensions: [] };
    for (const bad of [
      { ...good, origin: '' },
      { ...good, origin: 'a\nb' },
      { ...good, extensions: [''] },
      { ...good, extensions: ['a\nb'] },
    ]) {
      expect(refusal(() => formatCheckpoint(bad)).code).to.equal('malformed-checkpoint');
    }
    expect(refusal(() => formatCheckpoint({ ...good, origin: 'a\tb' })).code).to.equal(
      'malformed-checkpoint',
    );
    expect(() => formatCheckpoint({ ...good, size: -1 })).to.throw('safe integer');
    expect(() => formatCheckpoint({ ...good, size: 2 ** 53 })).to.throw('safe integer');
    expect(() => formatCheckpoint({ ...good, root: new Uint8Array(31) })).to.throw('32 bytes');
  });
});
