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
  /** In memory over all connections: what is being recorded with its answers, and as much again for readers. */
  readonly bufferedBytes: number;
  /** Answers about whole artefacts that are made at once: each reads some hundred leaves at the most. */
  readonly artifactsAtOnce: number;
  /** Those that may wait for their turn. */
  readonly artifactsInLine: number;
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
  artifactsAtOnce: 4,
  artifactsInLine: 256,
  pageItems: 256,
};
