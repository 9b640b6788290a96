/**
 * The gate that every reader's request goes through, one stage after another:
 *
 *     plan ─► spend units ─► wait in a line ─► work ─► hold the answer until it is taken
 *             429            503               ▲       503
 *                                              └ the next stage, where there is one
 *
 * A slot of a line is memory, reserved before anything is read: what one piece of
 * work of that kind holds at the most, times the slots, is what all of them hold.
 * Health, checkpoints and appends wait in no line of readers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LedgerError } from '../../errors.ts';
import { Allowances } from './allowances.ts';
import type { Asker, Askers } from './asker.ts';
import { Budget, releaseAtEnd } from './budget.ts';
import { Line } from './line.ts';
import type { HttpLimits, LineName } from './limits.ts';

/** What a stage takes, told before any of it is taken. */
export interface Cost {
  /** Undefined for what is at hand: it neither reads nor decodes. */
  readonly line?: LineName;
  /** CPU in units of one checkpoint that is served, at the most; answered bytes are charged beside it. */
  readonly units: number;
}

/** One stage of making an answer. */
export interface Plan extends Cost {
  /** Makes the answer, or says what the next stage takes. */
  readonly run: () => Promise<Plan | void> | Plan | void;
}

/** Answered bytes that cost as much as serving a checkpoint. */
const bytesPerUnit = 64 * 1024;
/** Answers up to this length fit into the socket's own buffer. */
const uncountedBytes = 1024;

/** What was refused, for counting. */
export const limitNames = [
  'address-cost',
  'address-requests',
  'address-connections',
  'pipelined',
  'line',
  'memory',
] as const;

export type Limit = (typeof limitNames)[number];

export interface GateParts {
  readonly limits: HttpLimits;
  readonly askers: Askers;
  readonly onRefused?: (limit: Limit) => void;
}

export class Gate {
  readonly #parts: GateParts;
  readonly #allowances: Allowances;
  readonly lines: Readonly<Record<LineName, Line>>;
  /**
   * Answers that clients have not yet taken: of tiles and bundles, and of
   * everything else, so that neither takes the other's share.
   */
  readonly tiles: Budget;
  readonly reading: Budget;
  /** Ends the refusals that are held back; owned by `#hold` and `close`. */
  readonly #held = new Set<() => void>();
  #closed = false;

  constructor(parts: GateParts) {
    const { lines, address, bufferedBytes } = parts.limits;
    this.#parts = parts;
    this.#allowances = new Allowances(address);
    this.lines = {
      tiles: new Line(lines.tiles),
      lookups: new Line(lines.lookups),
      long: new Line(lines.long),
      batches: new Line(lines.batches),
    };
    this.tiles = new Budget(bufferedBytes / 2);
    this.reading = new Budget(bufferedBytes / 2);
  }

  /**
   * Carries out a plan; the answer is in `response` then, or about to be. Throws
   * what its stages throw, `too-many-requests`, `queue-full`, and what `close` was given.
   */
  async pass(request: IncomingMessage, response: ServerResponse, plan: Plan): Promise<void> {
    const asker = this.#parts.askers.of(request);
    try {
      await this.#stages(asker, response, plan);
    } catch (error) {
      if (isPushingBack(error)) await this.#hold();
      throw error;
    }
  }

  /**
   * Waits until a batch may be read; the returned function ends its turn. Until
   * then its sender is held back by the connection, and costs no memory. Throws
   * `queue-full`, and what `close` was given.
   */
  async batch(request: IncomingMessage): Promise<() => void> {
    const { key } = this.#parts.askers.of(request);
    try {
      return await new Promise((begin, refuse) => {
        const turn = this.lines.batches.take(key, () => new Promise<void>((end) => begin(end)));
        turn.catch(refuse);
      });
    } catch (error) {
      if (isPushingBack(error)) {
        this.#parts.onRefused?.('line');
        await this.#hold();
      }
      throw error;
    }
  }

  async #stages(asker: Asker, response: ServerResponse, plan: Plan): Promise<void> {
    const { line } = plan;
    const leave = line === undefined || line === 'tiles' ? undefined : this.#enter(asker);
    let last = plan;
    try {
      for (let stage: Plan | undefined = plan; stage !== undefined;) {
        last = stage;
        stage = await this.#stage(asker, response, stage);
      }
    } finally {
      leave?.();
    }
    this.#holdAnswer(asker, response, last);
  }

  #enter(asker: Asker): () => void {
    return this.#counting('address-requests', () => this.#allowances.request(asker));
  }

  async #stage(asker: Asker, response: ServerResponse, stage: Plan): Promise<Plan | undefined> {
    this.#counting('address-cost', () => this.#allowances.spend(asker, stage.units));
    if (stage.line === undefined) return (await stage.run()) ?? undefined;
    const line = this.lines[stage.line];
    let begun = false;
    try {
      return await line.take(asker.key, async () => {
        begun = true;
        // A client that has left while it waited is owed nothing.
        return response.destroyed ? undefined : ((await stage.run()) ?? undefined);
      });
    } catch (error) {
      if (!begun && isPushingBack(error)) this.#parts.onRefused?.('line');
      throw error;
    }
  }

  /** Takes memory for an answer that was made, until its client has it. */
  #holdAnswer(asker: Asker, response: ServerResponse, { line }: Plan): void {
    const length = Number(response.getHeader('Content-Length') ?? 0);
    if (length <= uncountedBytes || response.req.method === 'HEAD') return;
    const budget = line === 'tiles' ? this.tiles : this.reading;
    releaseAtEnd(
      response,
      this.#counting('memory', () => budget.take(length, asker.key)),
    );
    // After the fact, since it is known only now: what one has had is missing for the next request.
    this.#allowances.owe(asker, length / bytesPerUnit);
  }

  /** Told of every refusal by its kind. */
  #counting<T>(limit: Limit, take: () => T): T {
    try {
      return take();
    } catch (error) {
      this.#parts.onRefused?.(limit);
      throw error;
    }
  }

  /** Refuses all that wait, and all that come, with `error`. */
  close(error: LedgerError): void {
    this.#closed = true;
    for (const line of Object.values(this.lines)) line.close(error);
    for (const end of this.#held) end();
  }

  async #hold(): Promise<void> {
    const { refusalMs } = this.#parts.limits;
    if (this.#closed || refusalMs === 0) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#held.delete(end);
        resolve();
      };
      const timer = setTimeout(end, refusalMs);
      this.#held.add(end);
    });
  }
}

function isPushingBack(error: unknown): boolean {
  return error instanceof LedgerError && (error.code === 'queue-full' || error.code === 'too-many-requests');
}
