/**
 * What one address may ask for: so much work in a minute, so many requests at
 * once, so many connections. Work is counted in units of one checkpoint that is
 * served.
 */
import { LRUCache } from 'lru-cache';
import { LedgerError } from '../../errors.ts';
import type { Asker } from './asker.ts';

export interface AllowanceLimits {
  /** Units of work in a minute; as many may be used up at once. */
  readonly costPerMinute: number;
  /** Requests that are worked on or wait. */
  readonly requestsPerAddress: number;
  readonly connectionsPerAddress: number;
}

interface Purse {
  units: number;
  /** Milliseconds. */
  at: number;
}

/**
 * Addresses whose spending is remembered. An attacker with more of them than
 * this wins nothing by making us forget: each is then one that has spent nothing.
 */
const rememberedAddresses = 16_384;

export class Allowances {
  readonly #limits: AllowanceLimits;
  readonly #now: () => number;
  readonly #purses = new LRUCache<string, Purse>({ max: rememberedAddresses });
  /** Bounded by the connections that there are. */
  readonly #requests = new Tally();
  readonly #connections = new Tally();

  constructor(limits: AllowanceLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Spends `units` of what the asker has left. Throws `too-many-requests`, with the time until there is enough. */
  spend({ key, counted }: Asker, units: number): void {
    if (!counted) return;
    const { costPerMinute } = this.#limits;
    const purse = this.#purse(key);
    // What costs more than a whole minute's worth is had by whoever has saved that up.
    const wanted = Math.min(units, costPerMinute);
    if (purse.units < wanted) throw tooMuch(costPerMinute, (wanted - purse.units) / costPerMinute);
    purse.units -= wanted;
  }

  /** Charges for what was had already; the debt is at most one minute's worth. */
  owe({ key, counted }: Asker, units: number): void {
    if (!counted) return;
    const purse = this.#purse(key);
    purse.units = Math.max(-this.#limits.costPerMinute, purse.units - units);
  }

  #purse(key: string): Purse {
    const { costPerMinute } = this.#limits;
    const at = this.#now();
    const purse = this.#purses.get(key) ?? { units: costPerMinute, at };
    // A clock that goes back gives nothing and takes nothing.
    const earned = (Math.max(0, at - purse.at) * costPerMinute) / 60_000;
    purse.units = Math.min(costPerMinute, purse.units + earned);
    purse.at = at;
    this.#purses.set(key, purse);
    return purse;
  }

  /** Counts a request until the returned function is called. Throws `too-many-requests`. */
  request({ key, counted }: Asker): () => void {
    if (!counted) return () => {};
    const { requestsPerAddress } = this.#limits;
    if (this.#requests.of(key) >= requestsPerAddress) {
      throw tooMany(`${requestsPerAddress} requests at once`, 1);
    }
    return this.#requests.add(key);
  }

  /** Counts a connection until the returned function is called; undefined where there are too many. */
  connection({ key, counted }: Asker): (() => void) | undefined {
    if (!counted) return () => {};
    if (this.#connections.of(key) >= this.#limits.connectionsPerAddress) return undefined;
    return this.#connections.add(key);
  }
}

/** How many there are of each. */
class Tally {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string): () => void {
    this.#counts.set(key, this.of(key) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = this.of(key) - 1;
      if (left === 0) this.#counts.delete(key);
      else this.#counts.set(key, left);
    };
  }
}

function tooMuch(costPerMinute: number, minutes: number): LedgerError {
  return tooMany(`work of ${costPerMinute} units in a minute`, minutes * 60);
}

function tooMany(most: string, seconds: number): LedgerError {
  return new LedgerError('too-many-requests', 'this address asks for more than one may have', {
    expected: `at most ${most}`,
    facts: { retryAfter: Math.max(1, Math.ceil(seconds)) },
  });
}
