/** What a body costs is given back, however it ends. */
import { Readable } from 'node:stream';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect } from 'chai';
import { utf8 } from '../../../src/bytes.ts';
import type { LedgerError } from '../../../src/errors.ts';
import { readBody } from '../../../src/http/exchange/body.ts';
import { Budget } from '../../../src/http/bounds/budget.ts';
import { rejection } from '../../verifier/rejection.ts';

const maxBytes = 8;
const total = 32;

/** A request whose body comes in these parts, and then ends or breaks off. */
function request(parts: readonly string[], end: 'whole' | 'aborted' = 'whole'): IncomingMessage {
  const stream = Readable.from(
    (async function* () {
      for (const part of parts) yield utf8(part);
      if (end === 'aborted') throw new Error('aborted');
    })(),
    { objectMode: false },
  );
  return Object.assign(stream, { headers: {} }) as unknown as IncomingMessage;
}

/** `readBody` asks a response only to a client that waits for leave to send; none here does. */
const response = undefined as unknown as ServerResponse;

describe('the budget of request bodies', () => {
  const refused = (budget: Budget, from: IncomingMessage): Promise<LedgerError> =>
    rejection(async () => readBody(from, response, { maxBytes, budget }));

  it('is charged for a body until it is released, and given back once', async () => {
    const budget = new Budget(total);
    const body = await readBody(request(['abcd', 'efgh']), response, { maxBytes, budget });
    expect([body.bytes.length, budget.left]).to.deep.equal([maxBytes, total - maxBytes]);
    body.release();
    body.release();
    expect(budget.left).to.equal(total);
  });

  it('has all of it back after a body that grew beyond the bound', async () => {
    const budget = new Budget(total);
    expect((await refused(budget, request(['abcd', 'efgh', 'i']))).code).to.equal('too-large');
    expect(budget.left).to.equal(total);
  });

  it('has all of it back after a body that breaks off', async () => {
    const budget = new Budget(total);
    expect((await refused(budget, request(['abcd', 'ef'], 'aborted'))).code).to.equal('bad-request');
    expect(budget.left).to.equal(total);
  });

  it('has back what a body took before there was no more to take', async () => {
    const budget = new Budget(6);
    expect((await refused(budget, request(['abcd', 'efgh']))).code).to.equal('queue-full');
    expect(budget.left).to.equal(6);
  });

  it('is not charged for a body that says itself that it is too long', async () => {
    const budget = new Budget(total);
    const long = Object.assign(request(['abcd']), { headers: { 'content-length': '9' } });
    expect((await refused(budget, long)).code).to.equal('too-large');
    expect([long.readableDidRead, budget.left]).to.deep.equal([false, total]);
  });

  it('takes a body that says that it is exactly as long as it may be', async () => {
    const budget = new Budget(total);
    const longest = Object.assign(request(['abcdefgh']), { headers: { 'content-length': String(maxBytes) } });
    const body = await readBody(longest, response, { maxBytes, budget });
    expect(body.bytes).to.have.length(maxBytes);
  });
});
