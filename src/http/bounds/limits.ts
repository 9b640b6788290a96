import type { AllowanceLimits } from './allowances.ts';
import type { LineOptions } from './line.ts';

/**
 * - `tiles`: tiles and entry bundles, which nearly all readers need
 * - `lookups`: one entry, one proof
 * - `long`: pages and whole artefacts
 * - `batches`: many envelopes in one request, which last as long as their senders like
 */
export type LineName = 'tiles' | 'lookups' | 'long' | 'batches';

/** What a client may ask of the server, in bytes, milliseconds and counts. */
export interface HttpLimits {
  /** Until the header of a request is complete. */
  readonly headersMs: number;
  /** Until a request is complete, and until an append is answered. */
  readonly requestMs: number;
  /** Until a client has taken the whole answer, after `requestMs`. */
  readonly responseMs: number;
  /** For the answers that are under way when the ledger has stopped. */
  readonly failedMs: number;
  /** A kept-alive connection without a request. */
  readonly idleMs: number;
  /** How often connections are looked at for the limits above. */
  readonly checkMs: number;
  readonly headerBytes: number;
  /** Fewer where the process may not open so many files (open-files.ts). */
  readonly connections: number;
  /** One submitted envelope, as a body or as a line. */
  readonly bodyBytes: number;
  readonly batchBytes: number;
  readonly batchLines: number;
  /** Lines of one batch that may be on their way through the ledger at once. */
  readonly batchWindow: number;
  /** In memory over all connections: what is being recorded with its answers, and as much again for what readers have not yet taken. */
  readonly bufferedBytes: number;
  /** Requests of one connection that are not yet answered. */
  readonly pipelined: number;
  /** Work by its kind (gate.ts). */
  readonly lines: Readonly<Record<LineName, LineOptions>>;
  /** Of one address that is counted. */
  readonly address: AllowanceLimits;
  /** How long a refusal for too much is held back, so that whoever asks again at once does not keep the server busy. */
  readonly refusalMs: number;
  /** For readers to take their answers when the server is told to stop. */
  readonly closingMs: number;
  /** Items in one page of search results. */
  readonly pageItems: number;
}

export const defaultLimits: HttpLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  responseMs: 60_000,
  failedMs: 2_000,
  idleMs: 15_000,
  checkMs: 1_000,
  headerBytes: 8 * 1024,
  connections: 10_000,
  bodyBytes: 64 * 1024,
  batchBytes: 8 * 1024 * 1024,
  batchLines: 1_000,
  batchWindow: 256,
  bufferedBytes: 128 * 1024 * 1024,
  pipelined: 32,
  lines: {
    tiles: { running: 4, waiting: 1024 },
    lookups: { running: 8, waiting: 512 },
    long: { running: 2, waiting: 256 },
    batches: { running: 16, each: 8, waiting: 1024 },
  },
  address: { costPerMinute: 30_000, requestsPerAddress: 64, connectionsPerAddress: 256 },
  refusalMs: 500,
  closingMs: 2_000,
  pageItems: 256,
};
