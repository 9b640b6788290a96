/**
 * The ledger's two one-way switches.
 *
 * **Failed**: a commit that failed may or may not be on the disk; an anchor that
 * was taken means that another process signs. Nothing can be known any more
 * without opening anew: what waits is refused, and the process ends.
 *
 * **Damaged**: a row that was read is not what was written. That is known, and
 * it is known of which row; everything that still verifies is still true. So the
 * reader of that row is refused, every other one is served, and nothing is
 * committed or signed any more, since it would stand on the damage. The process
 * stays: a supervisor that starts it again would meet the same damage again.
 */
import { LedgerError, errorTable } from '../../errors.ts';

/** What a read is run under: it says what becomes of damage that the read meets. */
export interface Guard {
  guard<T>(read: () => Promise<T>): Promise<T>;
}

export class Failure implements Guard {
  /** Resolves, once, with the first error that stopped the ledger. */
  readonly failed: Promise<LedgerError>;
  /** Resolves, once, with why nothing is written any more: damage, or what stopped the ledger. */
  readonly halted: Promise<LedgerError>;
  readonly #fail: (error: LedgerError) => void;
  readonly #halt: (error: LedgerError) => void;
  #error: LedgerError | undefined;
  #damage: LedgerError | undefined;

  constructor() {
    const [failed, halted] = [promiseWithResolvers<LedgerError>(), promiseWithResolvers<LedgerError>()];
    this.failed = failed.promise;
    this.halted = halted.promise;
    this.#fail = failed.resolve;
    this.#halt = halted.resolve;
  }

  /** What stopped the ledger. */
  get error(): LedgerError | undefined {
    return this.#error;
  }

  /** The first damage that was met. */
  get damage(): LedgerError | undefined {
    return this.#damage;
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
      this.#halt(this.#error);
      this.#fail(this.#error);
    }
    return this.#error;
  }

  /** Ends all writing because of `damage`, and returns it. */
  damaged(damage: LedgerError): LedgerError {
    this.#damage ??= damage;
    this.#halt(damage);
    return damage;
  }

  /** What an error that came up inside means: damage ends all writing, everything else stops the ledger. */
  met(error: unknown): LedgerError {
    return error instanceof LedgerError && error.code === 'store-corrupt'
      ? this.damaged(error)
      : this.stop(error);
  }

  /** Throws why nothing may be written, if anything forbids it. */
  checkWriting(): void {
    const reason = this.#error ?? this.#damage;
    if (reason !== undefined) throw reason;
  }

  /** Throws the error that stopped the ledger, if one did. */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Runs `read`; what it finds wrong with the store is met, every other error is its caller's. */
  async guard<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof LedgerError && !isOwnStore(error)) throw error;
      throw this.met(error);
    }
  }
}

/** Errors of reading that say something of the store, and nothing of the request. */
function isOwnStore({ code }: LedgerError): boolean {
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
