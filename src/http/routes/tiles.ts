/**
 * The read API of a tiled log (c2sp.org/tlog-tiles):
 *
 *     /checkpoint                      the cosigned checkpoint, stale in seconds
 *     /tile/<L>/<N>[.p/<W>]            hashes, 32 bytes each, never change
 *     /tile/entries/<N>[.p/<W>]        entries with two-byte lengths, never change
 *
 * These paths carry nearly all the traffic of a log, so they go past koa.
 * What does not exist is 404, always: clients fall back from a partial tile to
 * the full one on that status, and a friendly 200 would break them.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LedgerError } from '../../errors.ts';
import { parseBundlePath, parseTilePath, tileWidth } from '../../tlog/tile.ts';
import { Gzip } from '../exchange/gzip.ts';
import { acceptsGzip, answerOptions, briefly, forever, matchesTag } from '../exchange/headers.ts';
import type { Operation, Service } from '../exchange/route.ts';
import { problemResponses } from '../exchange/route.ts';

const octets = 'application/octet-stream';
const bundlePrefix = '/tile/entries/';

export class Tiles {
  readonly #service: Service;
  readonly #gzip = new Gzip();
  /** The note that was served last, and its entity tag. */
  #tagged: { note: Uint8Array; tag: string } | undefined;

  constructor(service: Service) {
    this.#service = service;
  }

  /** Whether a path (without prefix and query) belongs here. */
  static serves(path: string): boolean {
    return path === '/checkpoint' || path.startsWith('/tile/');
  }

  /** Answers, or throws what `problemOf` can read. */
  async handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'OPTIONS') return answerOptions(response, 'GET, HEAD, OPTIONS');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD, OPTIONS');
      throw new LedgerError('method-not-allowed', 'read-only: use GET or HEAD', { expected: 'GET or HEAD' });
    }
    if (path === '/checkpoint') this.#checkpoint(request, response);
    else if (path.startsWith(bundlePrefix)) await this.#bundle(path, request, response);
    else await this.#tile(path, request, response);
  }

  #checkpoint(request: IncomingMessage, response: ServerResponse): void {
    const published = this.#service.ledger.checkpoint();
    if (published === undefined) throw new LedgerError('not-found', 'no checkpoint has been published yet');
    const { note } = published;
    const tag = this.#tagOf(note);
    response.setHeader('Cache-Control', briefly);
    response.setHeader('ETag', tag);
    if (matchesTag(request, tag)) {
      response.statusCode = 304;
      response.end();
      return;
    }
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.setHeader('Content-Length', note.length);
    response.statusCode = 200;
    response.end(request.method === 'HEAD' ? undefined : note);
  }

  /** Hashed once for each publication. */
  #tagOf(note: Uint8Array): string {
    if (this.#tagged?.note !== note) {
      this.#tagged = { note, tag: `"${createHash('sha256').update(note).digest('hex').slice(0, 32)}"` };
    }
    return this.#tagged.tag;
  }

  async #tile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const tile = parseTilePath(path.slice(1));
    this.#service.ledger.requireTile(tile);
    response.setHeader('Content-Type', octets);
    response.setHeader('Cache-Control', forever);
    response.setHeader('Content-Length', tile.width * 32);
    await this.#send(request, response, () => this.#service.ledger.tile(tile));
  }

  async #bundle(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const place = parseBundlePath(path.slice(1));
    this.#service.ledger.requireTile({ level: 0, ...place });
    response.setHeader('Content-Type', octets);
    response.setHeader('Cache-Control', forever);
    response.setHeader('Vary', 'Accept-Encoding');
    await this.#send(request, response, async () => {
      const bytes = await this.#service.ledger.entryBundle(place);
      const key = place.width === tileWidth ? String(place.index) : undefined;
      const compressed = acceptsGzip(request) ? await this.#gzip.compress(bytes, key) : undefined;
      if (compressed !== undefined) response.setHeader('Content-Encoding', 'gzip');
      const answer = compressed ?? bytes;
      response.setHeader('Content-Length', answer.length);
      return answer;
    });
  }

  /** HEAD is told what is known without reading: a bundle's length is not. */
  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    read: () => Promise<Uint8Array>,
  ): Promise<void> {
    let bytes: Uint8Array | undefined;
    if (request.method === 'GET') {
      await this.#service.gate.pass(request, response, {
        line: 'tiles',
        // Bytes alone are charged, so that whoever reads the whole log is not turned away for it.
        units: 0,
        run: async () => {
          bytes = await read();
        },
      });
    }
    response.statusCode = 200;
    response.end(bytes);
  }
}

/** How `/openapi.json` describes these paths. */
export const tileOperations: Readonly<Record<string, Operation>> = {
  '/checkpoint': {
    operationId: 'getCheckpoint',
    summary: 'The published, cosigned checkpoint (c2sp.org/tlog-checkpoint)',
    responses: {
      200: { description: 'A signed note', content: { 'text/plain': { schema: { type: 'string' } } } },
      304: { description: 'As the client has it already (If-None-Match)' },
      ...problemResponses(404),
    },
  },
  '/tile/{level}/{tile}': {
    operationId: 'getTile',
    summary: 'A tile of hashes (c2sp.org/tlog-tiles)',
    parameters: [
      pathParameter('level', 'Level, 0 to 63', '^(?:0|[1-9]|[1-5][0-9]|6[0-3])$'),
      pathParameter(
        'tile',
        'Index as path elements of three digits, for example x001/x234/067, or 000.p/5',
        tilePattern(),
      ),
    ],
    responses: {
      200: { description: '32 bytes for each hash', content: { [octets]: {} } },
      ...problemResponses(404, 429, 503),
    },
  },
  '/tile/entries/{tile}': {
    operationId: 'getEntryBundle',
    summary: 'An entry bundle (c2sp.org/tlog-tiles)',
    parameters: [pathParameter('tile', 'Index and width, as for a tile of level 0', tilePattern())],
    responses: {
      200: { description: 'Entries, each after its length in two bytes', content: { [octets]: {} } },
      ...problemResponses(404, 429, 503),
    },
  },
};

function pathParameter(name: string, description: string, pattern: string): Record<string, unknown> {
  return { name, in: 'path', required: true, description, schema: { type: 'string', pattern } };
}

function tilePattern(): string {
  return '^(?:x[0-9]{3}/)*[0-9]{3}(?:\\.p/[1-9][0-9]{0,2})?$';
}
