/**
 * The headers that stand on every answer, and the two negotiations that the
 * server does: media type of a request body, gzip for an answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LedgerError, lengthOf } from '../../errors.ts';

/** A tile never changes once it has been served. */
export const forever = 'public, max-age=31536000, immutable';

/** Everything is public; the checkpoint goes stale with the next publication. */
export const briefly = 'public, max-age=2';

/**
 * An answer is data: no browser may guess another type or run it. Reading is
 * open to pages elsewhere, for other people's monitors; recording is not.
 */
export function setCommonHeaders(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  response.setHeader('Cache-Control', 'no-store');
  if (request.method !== 'POST') {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Retry-After');
  }
}

/** A browser's question before it sends `If-None-Match` or `Accept` from another origin. */
export function answerOptions(response: ServerResponse, allow: string): void {
  response.setHeader('Allow', allow);
  response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD');
  response.setHeader('Access-Control-Allow-Headers', 'Accept, If-None-Match');
  response.setHeader('Access-Control-Max-Age', '86400');
  response.statusCode = 204;
  response.end();
}

/**
 * The media type of the body, one of `accepted`. Throws `wrong-media-type`,
 * also for a content coding (a bomb could hide in it) and for a charset that is not UTF-8.
 */
export function bodyType<T extends string>(request: IncomingMessage, accepted: readonly T[]): T {
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw new LedgerError('wrong-media-type', 'a request body must not be compressed', {
      expected: 'no Content-Encoding',
      got: `a coding of ${lengthOf(coding)}`,
    });
  }
  const header = request.headers['content-type'] ?? '';
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  const found = accepted.find((candidate) => candidate === type);
  if (found === undefined || !parameters.every((p) => p === 'charset=utf-8' || p === 'charset="utf-8"')) {
    throw new LedgerError('wrong-media-type', 'the route does not take this media type', {
      expected: accepted.join(' or '),
      got: header === '' ? 'no Content-Type' : `a header of ${lengthOf(header)}`,
    });
  }
  return found;
}

/** Whether the client lists gzip (or `*`) with a weight above zero (RFC 9110, section 12.5.3). */
export function acceptsGzip(request: IncomingMessage): boolean {
  const header = [request.headers['accept-encoding'] ?? []].flat().join(',');
  const weights = new Map<string, number>();
  for (const item of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

/** Whether `If-None-Match` names this entity tag (weak comparison, RFC 9110, section 13.1.2). */
export function matchesTag(request: IncomingMessage, tag: string): boolean {
  return tagsOf(request).includes('*') || namesTag(request, tag);
}

/** Whether the client names this very tag: it then had the answer from us. */
export function namesTag(request: IncomingMessage, tag: string): boolean {
  return tagsOf(request).some((candidate) => candidate.replace(/^W\//, '') === tag);
}

function tagsOf(request: IncomingMessage): string[] {
  return (request.headers['if-none-match'] ?? '').split(',').map((item) => item.trim());
}
