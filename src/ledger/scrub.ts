/**
 * Reads a store that is being served again and again, every block and every
 * entry, so that damage is met while there is still a copy to mend it from, and
 * not by the reader who needs that entry. It takes a small share of a processor
 * and of the disk, and ends with the first damage: recording has ended then, and
 * `isal store check` names all that there is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LedgerError } from '../errors.ts';
import { checkLevelFiles } from '../storage/leveldb/check.ts';
import { isGrave, refusalOf } from '../storage/leveldb/damage.ts';
import { tileWidth } from '../tlog/tile.ts';
import type { Ledger } from './ledger.ts';

export interface ScrubLimits {
  /** Of the time of one processor. */
  readonly share: number;
  readonly bytesPerSecond: number;
  /** Between the end of one round and the beginning of the next, in milliseconds. */
  readonly pauseMs: number;
}

export const defaultScrubLimits: ScrubLimits = { share: 0.01, bytesPerSecond: 2 ** 20, pauseMs: 60_000 };

export interface ScrubProgress {
  /** Since the start. */
  readonly bytes: number;
  readonly rounds: number;
  /** When the last whole round ended, in milliseconds since the epoch; undefined before the first. */
  readonly roundAt?: number;
}

export interface ScrubParts {
  /** Where LevelDB has its files. */
  readonly database: string;
  readonly ledger: Pick<Ledger, 'health' | 'damaged' | 'entryBundle' | 'checkpoint'>;
  /** Told of a round that could not be finished, and not for damage: the next one begins anew. */
  readonly onError?: (error: unknown) => void;
  readonly limits?: Partial<ScrubLimits>;
}

/** Work that is done between two rests: a rest shorter than a timer can measure is none. */
const burstBytes = 2 ** 16;

export class Scrub {
  readonly #parts: ScrubParts;
  readonly #limits: ScrubLimits;
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #bytes = 0;
  #rounds = 0;
  #roundAt: number | undefined;
  /** Bytes since the last rest, and when it ended. */
  #burst = 0;
  #resumed = 0;

  constructor(parts: ScrubParts) {
    this.#parts = parts;
    this.#limits = { ...defaultScrubLimits, ...parts.limits };
  }

  get progress(): ScrubProgress {
    const [bytes, rounds] = [this.#bytes, this.#rounds];
    return this.#roundAt === undefined ? { bytes, rounds } : { bytes, rounds, roundAt: this.#roundAt };
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when nothing is read any more. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#wanted) {
      try {
        await this.#round();
      } catch (error) {
        // Damage was met by whoever read it; an end that was asked for is none of a round.
        if (this.#wanted) this.#parts.onError?.(error);
      }
      await this.#rest(this.#limits.pauseMs);
    }
  }

  get #wanted(): boolean {
    const { error, damage } = this.#parts.ledger.health();
    return !this.#ending.signal.aborted && error === undefined && damage === undefined;
  }

  async #round(): Promise<void> {
    this.#resumed = performance.now();
    const { database, ledger } = this.#parts;
    const pace = (bytes: number): Promise<void> => this.#pace(bytes);
    for await (const finding of checkLevelFiles(database, { rows: false, moving: true, pace })) {
      if (!isGrave(finding)) continue;
      throw ledger.damaged(refusalOf(finding));
    }
    const size = ledger.checkpoint()?.checkpoint.size ?? 0;
    for (let index = 0; index * tileWidth < size; index++) {
      const width = Math.min(tileWidth, size - index * tileWidth);
      await this.#pace((await ledger.entryBundle({ index, width })).length);
    }
    this.#rounds += 1;
    this.#roundAt = Date.now();
  }

  async #pace(bytes: number): Promise<void> {
    this.#bytes += bytes;
    this.#burst += bytes;
    if (this.#burst < burstBytes) return;
    const { share, bytesPerSecond } = this.#limits;
    const worked = performance.now() - this.#resumed;
    await this.#rest(
      Math.max((worked * (1 - share)) / share, (this.#burst / bytesPerSecond) * 1000 - worked),
    );
    if (this.#ending.signal.aborted) throw new LedgerError('shutting-down', 'the scrub was ended');
    this.#burst = 0;
    this.#resumed = performance.now();
  }

  async #rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {});
  }
}
