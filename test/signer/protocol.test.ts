import { expect } from 'chai';
import fc from 'fast-check';
import { LedgerError } from '../../src/errors.ts';
import { verifierOf } from '../../src/note/key.ts';
import {
  Lines,
  formatAnswer,
  formatHello,
  formatRequest,
  maxLineBytes,
  parseAnswer,
  parseHello,
  parseRequest,
} from '../../src/signer/protocol.ts';
import { ed25519Key, mldsaKey } from '../ledger/site.ts';

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
}

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const head = fc.record({ size: fc.maxSafeNat(), root: hash });

describe('what server and signer say to each other', () => {
  it('is read as it was written', () => {
    const keys = [verifierOf(ed25519Key), verifierOf(mldsaKey)];
    expect(parseHello(formatHello(keys))).to.deep.equal(keys);
    expect(parseRequest(formatRequest({ do: 'open' }))).to.deep.equal({ do: 'open' });
    fc.assert(
      fc.property(
        head,
        fc.array(hash, { maxLength: 64 }),
        fc.string({ unit: 'grapheme' }),
        (signed, proof, text) => {
          const request = { do: 'sign' as const, head: signed, proof };
          expect(parseRequest(formatRequest(request))).to.deep.equal(request);
          const note = new TextEncoder().encode(text);
          expect(parseAnswer(formatAnswer({ head: signed, note }))).to.deep.equal({ head: signed, note });
          expect(parseAnswer(formatAnswer({ head: signed }))).to.deep.equal({ head: signed });
        },
      ),
    );
  });

  it('keeps of an error its code, what was expected and what was got', () => {
    const error = new LedgerError('anchor-taken', 'taken', { expected: 'one', got: 'two' });
    const answer = parseAnswer(formatAnswer({ error }));
    if (!('error' in answer)) throw new Error('an error was told');
    expect(answer.error).to.include({ code: 'anchor-taken', message: 'taken', expected: 'one', got: 'two' });
    expect(codeOf(() => parseHello(formatAnswer({ error })))).to.equal('anchor-taken');
    expect(codeOf(() => parseHello('{"error":{"code":"made-up","message":""}}'))).to.equal('internal');
  });

  it('is refused where it is anything else', () => {
    const root = Buffer.alloc(32).toString('base64');
    const requests = [
      '',
      'null',
      '[]',
      '"open"',
      '{}',
      '{"do":"close"}',
      '{"do":"sign"}',
      '{"do":"sign","proof":[]}',
      `{"do":"sign","head":{"size":-1,"root":"${root}"},"proof":[]}`,
      `{"do":"sign","head":{"size":1.5,"root":"${root}"},"proof":[]}`,
      `{"do":"sign","head":{"size":9007199254740992,"root":"${root}"},"proof":[]}`,
      `{"do":"sign","head":{"size":"1","root":"${root}"},"proof":[]}`,
      `{"do":"sign","head":{"size":1,"root":"${root}"},"proof":{}}`,
      `{"do":"sign","head":{"size":1,"root":"${root}"},"proof":[1]}`,
    ];
    for (const text of requests)
      expect(
        codeOf(() => parseRequest(text)),
        text,
      ).to.equal('bad-request');
    const short = `{"do":"sign","head":{"size":1,"root":"AAAA"},"proof":[]}`;
    expect(codeOf(() => parseRequest(short))).to.equal('bad-base64');
    for (const text of ['{}', '{"note":"x"}', '{"error":1}', '{"error":{"code":"internal"}}', '{"head":1}']) {
      expect(
        codeOf(() => parseAnswer(text)),
        text,
      ).to.equal('bad-request');
    }
    for (const text of ['{}', '{"format":"isal-signer/v2","keys":[]}', '{"format":"isal-signer/v1"}']) {
      expect(
        codeOf(() => parseHello(text)),
        text,
      ).to.equal('bad-request');
    }
  });

  it('comes in lines, however it was cut, of which none fills the memory', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat({ max: 40 })), (texts, cuts) => {
        const sent = texts.map((text) => text.replaceAll('\n', ' '));
        const bytes = Buffer.from(sent.map((text) => `${text}\n`).join(''));
        const lines = new Lines();
        const got: string[] = [];
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          got.push(...lines.push(bytes.subarray(from, from + cut)));
          from += cut;
        }
        expect(got).to.deep.equal(sent);
      }),
    );
    const endless = new Lines();
    expect(endless.push(Buffer.alloc(maxLineBytes, 0x20))).to.deep.equal([]);
    expect(codeOf(() => endless.push(Buffer.from(' ')))).to.equal('too-large');
  });
});
