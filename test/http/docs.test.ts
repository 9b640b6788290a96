/** docs/api.md says what the server does. */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { errorCodes } from '../../src/errors.ts';
import { defaultLimits } from '../../src/http/bounds/limits.ts';
import { statusOf } from '../../src/http/exchange/status.ts';
import type { Running } from './harness.ts';
import { ask, run } from './harness.ts';

const meanings: Readonly<Record<number, string>> = {
  400: 'cannot be read as what it should be',
  403: 'these signers may not record it',
  404: 'is not there',
  405: 'not with this method',
  406: 'not in this form',
  409: 'in conflict with what is recorded',
  413: 'too much',
  415: 'not this media type',
  422: 'not an attestation that this ledger takes',
  500: 'a fault of our own, or a code that clients raise',
  429: 'not so much from one address; `Retry-After` and `retryAfter` say when',
  503: 'not now; `Retry-After` and `retryAfter` say when',
};

/** The list of errors as docs/api.md must have it. */
function list(): string {
  const statuses = [...new Set(errorCodes.map((code) => statusOf[code]))].toSorted((a, b) => a - b);
  const rows = statuses.map((status) => {
    const codes = errorCodes.filter((code) => statusOf[code] === status).map((code) => `\`${code}\``);
    return `- **${status}**, ${meanings[status] ?? ''}: ${codes.join(', ')}`;
  });
  return rows.join('\n');
}

/** Each item in one line. */
function squeezed(text: string): string {
  return text.replaceAll(/\n +/g, ' ');
}

describe('docs/api.md', () => {
  let text: string;
  let running: Running;

  before(async () => {
    text = await readFile('docs/api.md', 'utf8');
    running = await run();
  });

  after(() => running.close());

  it('lists every code under its status', () => {
    expect(Object.keys(meanings).map(Number)).to.include.members(Object.values(statusOf));
    expect(squeezed(text), `docs/api.md needs this list:\n${list()}\n`).to.include(list());
  });

  it('names every route and every search parameter', async () => {
    const { paths } = (await ask(running, '/openapi.json')).json as {
      paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
    };
    for (const [path, operations] of Object.entries(paths)) {
      const written = path
        .replace('{level}/{tile}', '<L>/<N>')
        .replace('{tile}', '<N>')
        .replace('{id}', '{index or leaf hash}');
      expect(text, path).to.include(written);
      for (const { parameters = [] } of Object.values(operations)) {
        for (const { name } of parameters.filter((parameter) => parameter.in === 'query')) {
          expect(text, `${path} ${name}`).to.match(new RegExp(`\`${name}|[?|&]${name}=`));
        }
      }
    }
  });

  it('states the limits', () => {
    const {
      headerBytes,
      headersMs,
      requestMs,
      bodyBytes,
      batchLines,
      batchBytes,
      connections,
      responseMs,
      lines,
      address,
      pageItems,
    } = defaultLimits;
    for (const limit of [
      `${headerBytes / 1024} KiB, within ${headersMs / 1000} s`,
      `${requestMs / 1000} s each`,
      `${bodyBytes / 1024} KiB`,
      `${batchLines.toLocaleString('en')} lines, ${batchBytes / 1024 / 1024} MiB`,
      connections.toLocaleString('en'),
      `${(requestMs + responseMs) / 1000} s from the request`,
      `1 to ${pageItems}`,
      ...[lines.tiles, lines.lookups, lines.long].map(
        ({ running, waiting }) => `${running} and ${waiting.toLocaleString('en')}`,
      ),
      `${lines.batches.running}, ${lines.batches.each} and ${lines.batches.waiting.toLocaleString('en')}`,
      `${address.costPerMinute.toLocaleString('en')} units`,
      `${address.requestsPerAddress} requests`,
      `${address.connectionsPerAddress} connections`,
    ]) {
      expect(text).to.include(limit);
    }
  });
});
