import { expect } from 'chai';
import fc from 'fast-check';
import { utf8, fromUtf8 } from '../../../src/bytes.ts';
import { LedgerError } from '../../../src/errors.ts';
import { splitLines } from '../../../src/http/exchange/lines.ts';

const wide = { maxLineBytes: 100, maxLines: 1000, maxBytes: 10_000 };

async function* arriving(chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield utf8(chunk);
}

async function split(chunks: readonly string[], limits = wide): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of splitLines(arriving(chunks), limits)) {
    lines.push(line instanceof LedgerError ? `!${line.code}` : fromUtf8(line));
  }
  return lines;
}

describe('http/lines', () => {
  it('gives the same lines however the bytes are cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('', 'a', 'bc', '{"x":1}', ' y '), { maxLength: 8 }),
        fc.array(fc.nat(6), { maxLength: 20 }),
        async (lines, cuts) => {
          const text = lines.map((line) => `${line}\n`).join('');
          const chunks: string[] = [];
          let rest = text;
          for (const cut of cuts) {
            chunks.push(rest.slice(0, cut));
            rest = rest.slice(cut);
          }
          expect(await split([...chunks, rest])).to.deep.equal(lines);
        },
      ),
    );
  });

  it('takes a last line without its line feed', async () => {
    expect(await split(['a\nb'])).to.deep.equal(['a', 'b']);
  });

  it('keeps carriage returns and spaces, since they are bytes of the leaf', async () => {
    expect(await split(['a\r\n b \n'])).to.deep.equal(['a\r', ' b ']);
  });

  it('gives nothing for no bytes', async () => {
    expect(await split([])).to.deep.equal([]);
  });

  it('refuses a line that is too long in its place and goes on behind it', async () => {
    const limits = { ...wide, maxLineBytes: 4 };
    expect(await split(['1234\n12', '345\n', 'ok\n123456'], limits)).to.deep.equal([
      '1234',
      '!too-large',
      'ok',
      '!too-large',
    ]);
  });

  it('ends with one refusal when there are too many lines', async () => {
    expect(await split(['a\nb\nc\nd\n'], { ...wide, maxLines: 2 })).to.deep.equal(['a', 'b', '!too-large']);
    expect(await split(['a\nb\n'], { ...wide, maxLines: 2 })).to.deep.equal(['a', 'b']);
  });

  it('ends with one refusal when there are too many bytes', async () => {
    expect(await split(['a\nb\n', 'c\n'], { ...wide, maxBytes: 5 })).to.deep.equal(['a', 'b', '!too-large']);
  });

  it('takes exactly as many bytes as it may, and of a line as many', async () => {
    expect(await split(['a\nb\n', 'c\n'], { ...wide, maxBytes: 6 })).to.deep.equal(['a', 'b', 'c']);
    expect(await split(['1234\n', '1234'], { ...wide, maxLineBytes: 4 })).to.deep.equal(['1234', '1234']);
  });
});
