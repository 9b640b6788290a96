/**
 * The ledger's one-way switch. A commit that failed may or may not be on the
 * disk; an anchor that was taken means that another process signs; a row that
 * does not hash to its tile means that the store cannot be believed. After any
 * of these nothing can be known without opening anew, so the ledger stops:
 * what waits is refused, and the process ends.
 */
import { LedgerError, errorTable } from '../../errors.ts';

/** What a read is run under: it says what becomes of damage that the read meets. */
export interface Guard {
  guard<T>(read: () => Promise<T>): Promise<T>;
}

export class Failure implements Guard {
  /** Resolves, once, with the first error that stopped the ledger. */
  readonly failed: Promise<LedgerError>;
  readonly #resolve: (error: LedgerError) => void;
  #error: LedgerError | undefined;

  constructor() {
    const { promise, resolve } = promiseWithResolvers<LedgerError>();
    this.failed = promise;
    this.#resolve = resolve;
  }

  get error(): LedgerError | undefined {
    return this.#error;
  }

  /** Stops the ledger and returns the error that stopped it: the first one, if there were several. */
  stop(cause: unknown): LedgerError {
    if (this.#error === undefined) {
      this.#error =
        cause instanceof LedgerError
          ? cause
          : new LedgerError('store-failed', 'the ledger stopped on an unexpected error', {
              got: cause instanceof Error ? cause.message : String(cause),
              cause,
            });
      this.#resolve(this.#error);
    }
    return this.#error;
  }

  /** Throws the error that stopped the ledger, if one did. */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Runs `read`; damage that it meets stops the ledger, every other error is its caller's. */
  async guard<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof LedgerError && !isDamage(error)) throw error;
      throw this.stop(error);
    }
  }
}

/** Errors of reading that say something of the store, and nothing of the request. */
function isDamage({ code }: LedgerError): boolean {
  return errorTable[code].class === 'own-store';
}

export interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
export function promiseWithResolvers<T>(): Resolvers<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
