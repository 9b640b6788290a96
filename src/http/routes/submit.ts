/**
 * Recording: `POST /api/v1/attestations`, one envelope as JSON or many as
 * NDJSON. The bytes of the body, or of the line, are the leaf; they are handed
 * to the ledger as they came. A client that goes away undoes nothing: what was
 * handed over is recorded, and the same bytes sent again are answered with 200.
 */
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { LedgerError } from '../../errors.ts';
import type { Receipt } from '../../ledger/ledger.ts';
import { bodyChunks, checkDeclared, readBody } from '../exchange/body.ts';
import { releaseAtEnd } from '../bounds/budget.ts';
import { bodyType } from '../exchange/headers.ts';
import { splitLines } from '../exchange/lines.ts';
import type { Submission } from '../exchange/observer.ts';
import { isOurFault, problemOf } from '../exchange/problem.ts';
import { parseQuery } from '../exchange/query.ts';
import type { LineAnswer } from '../exchange/ordered.ts';
import { orderedAnswers } from '../exchange/ordered.ts';
import { ReceiptWait } from '../exchange/receipt-wait.ts';
import type { Recorder, Route, Service } from '../exchange/route.ts';
import { jsonResponse, problemResponses, sendJson } from '../exchange/route.ts';

const single = 'application/json';
const batch = 'application/x-ndjson';

/** What a line holds in memory until its answer has left: itself, and a proof with the leaf again in base64. */
function heldBytes(line: Uint8Array): number {
  return 8 * 1024 + 3 * line.length;
}

export function submitRoutes(service: Service): readonly Route[] {
  const { bodyBytes, batchBytes, batchLines } = service.limits;
  return [
    {
      method: 'post',
      path: '/api/v1/attestations',
      operation: {
        operationId: 'recordAttestations',
        summary: `Record one envelope (${bodyBytes} bytes), or up to ${batchLines} as lines (${batchBytes} bytes)`,
        requestBody: {
          required: true,
          content: {
            [single]: { schema: { $ref: '#/components/schemas/Envelope' } },
            [batch]: { schema: { type: 'string', description: 'One envelope a line, each ended by LF' } },
          },
        },
        responses: {
          200: {
            description:
              'Already recorded, the same bytes; for a batch, one answer a line in the order of the request',
            content: {
              [single]: { schema: { $ref: '#/components/schemas/Receipt' } },
              [batch]: { schema: { $ref: '#/components/schemas/LineAnswer' } },
            },
          },
          201: jsonResponse('Recorded and published', 'Receipt'),
          ...problemResponses(400, 403, 408, 409, 413, 415, 422, 500, 503),
        },
      },
      handle: (context) => submit(context, service),
    },
  ];
}

async function submit(context: Context, service: Service): Promise<void> {
  parseQuery(context.querystring, []);
  const type = bodyType(context.req, [single, batch]);
  if (service.state.closing) throw shuttingDown();
  const { recorder } = service;
  // Before the body is read: nothing that is in it would be recorded.
  if (recorder === undefined) throw readOnly();
  if (type === batch) await submitBatch(context, { ...service, recorder });
  else await submitOne(context, { ...service, recorder });
}

/** A service of a ledger that takes entries. */
interface Recording extends Service {
  readonly recorder: Recorder;
}

async function submitOne(context: Context, service: Recording): Promise<void> {
  const { recorder, limits, recording, prefix } = service;
  const body = await readBody(context.req, context.res, {
    maxBytes: limits.bodyBytes,
    budget: recording,
  }).catch((error: unknown) => {
    service.observer?.submitted({ ...refusalOf(error), seconds: 0 });
    throw error;
  });
  const wait = new ReceiptWait(limits.requestMs);
  try {
    const receipt = await observed(service, () => recorder.append(body.bytes, wait));
    context.set('Location', `${prefix}/api/v1/attestations/${receipt.index}`);
    sendJson(context, statusOfReceipt(receipt), receiptOf(receipt));
  } finally {
    wait.end();
    releaseAtEnd(context.res, body.release);
  }
}

async function submitBatch(context: Context, service: Recording): Promise<void> {
  const { limits } = service;
  checkDeclared(context.req, limits.batchBytes);
  releaseAtEnd(context.res, await service.gate.batch(context.req));
  const lines = splitLines(bodyChunks(context.req, context.res), {
    maxLineBytes: limits.bodyBytes,
    maxLines: limits.batchLines,
    maxBytes: limits.batchBytes,
  });
  // Nothing is answered before the first line is there, so that an empty or
  // broken request gets a status of its own.
  const first = await lines.next();
  if (first.done === true)
    throw new LedgerError('empty', 'the request has no body', { expected: 'one line or more' });
  const wait = new ReceiptWait(limits.requestMs);
  const answers = orderedAnswers({
    first: first.value,
    rest: lines,
    window: limits.batchWindow,
    answer: (line) => answerLine(line, service, wait),
  });
  context.status = 200;
  context.set('Content-Type', batch);
  context.body = Readable.from(timed(answers, wait), { objectMode: false, highWaterMark: 64 * 1024 });
}

/** Stops the clock when the last answer has left. */
async function* timed(answers: AsyncIterable<string>, wait: ReceiptWait): AsyncGenerator<string, void, void> {
  try {
    yield* answers;
  } finally {
    wait.end();
  }
}

/** The answer to one line; it never fails, since every line stands on its own merits. */
async function answerLine(
  line: Uint8Array | LedgerError,
  service: Recording,
  wait: ReceiptWait,
): Promise<LineAnswer> {
  let release = (): void => {};
  try {
    const receipt = await observed(service, async () => {
      if (line instanceof LedgerError) throw line;
      if (line.length === 0) throw new LedgerError('empty', 'an empty line', { expected: 'an envelope' });
      if (service.state.closing) throw shuttingDown();
      release = service.recording.take(heldBytes(line));
      return service.recorder.append(line, wait);
    });
    return { text: lineOf({ status: statusOfReceipt(receipt), ...receiptOf(receipt) }), release };
  } catch (error) {
    if (isOurFault(error)) service.report(error);
    // Rubbish is let go at once: a client that reads no answers would otherwise hold all of it.
    release();
    return { text: lineOf(problemOf(error)), release: () => {} };
  }
}

/** Tells the observer what came of one envelope, all of which is here. */
async function observed({ observer }: Service, work: () => Promise<Receipt>): Promise<Receipt> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  try {
    const receipt = await work();
    const outcome = receipt.status === 'new' ? 'recorded' : 'known';
    observer?.submitted({ outcome, seconds: seconds() });
    return receipt;
  } catch (error) {
    observer?.submitted({ ...refusalOf(error), seconds: seconds() });
    throw error;
  }
}

function refusalOf(error: unknown): Pick<Submission, 'outcome' | 'code'> {
  return { outcome: 'refused', code: error instanceof LedgerError ? error.code : 'internal' };
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function statusOfReceipt(receipt: Receipt): 200 | 201 {
  return receipt.status === 'new' ? 201 : 200;
}

function receiptOf({ index, leafHash, proof }: Receipt): { index: number; leafHash: string; proof: string } {
  return { index, leafHash, proof };
}

/** What a log that is only read says to a submitter. */
export function readOnly(): LedgerError {
  return new LedgerError('read-only', 'this ledger is served read-only and takes no entries now', {
    expected: 'a ledger that takes entries: keep the entry, and send it again later',
  });
}

function shuttingDown(): LedgerError {
  return new LedgerError('shutting-down', 'the ledger is shutting down and takes nothing new');
}
