/** What a family of routes gives to the router and to the description at `/openapi.json`. */
import type { Context } from 'koa';
import type { Ledger } from '../../ledger/ledger.ts';
import type { PublishedLog } from '../../ledger/published-log.ts';
import type { Trust } from '../../verifier/trust.ts';
import type { Budget } from '../bounds/budget.ts';
import type { Gate, Plan } from '../bounds/gate.ts';
import type { HttpLimits } from '../bounds/limits.ts';
import type { Observer } from './observer.ts';

/** What the routes stand on. */
export interface Service {
  readonly ledger: PublishedLog;
  /** Takes entries; undefined where the log is only read. */
  readonly recorder: Recorder | undefined;
  readonly limits: HttpLimits;
  /** What the ledger's verifiers pin; by it the server judges its own answers. */
  readonly trust: Trust;
  /** Memory for submitted bytes and their answers: apart from that of readers, so that none of them is in an append's way. */
  readonly recording: Budget;
  /** What every reader's request goes through. */
  readonly gate: Gate;
  /** Path before every route, without a slash at its end; empty for none. */
  readonly prefix: string;
  /** For the operator's log: what callers are not told. */
  readonly report: (error: unknown) => void;
  /** Says why the server takes no new work, when it does not. */
  readonly state: { closing: boolean; failed: boolean };
  readonly observer?: Observer | undefined;
}

/** The side of a ledger that takes entries. */
export type Recorder = Pick<Ledger, 'append' | 'ready' | 'health'>;

interface Described {
  /** As OpenAPI writes it: `/api/v1/attestations/{id}`. */
  readonly path: string;
  /** The OpenAPI operation object. */
  readonly operation: Operation;
}

/** What a read takes, from the request alone; throws what is wrong with the request. `parameters` are those of the path. */
export type Planner = (context: Context, parameters: Readonly<Record<string, string>>) => Plan;

/** A read, told what it takes before it takes it. */
export interface ReadRoute extends Described {
  readonly method: 'get';
  readonly plan: Planner;
  /**
   * What HEAD is told: as GET where that is cheap, else the status and what
   * headers are known without the answer, which HTTP allows (RFC 9110, section 9.3.2).
   */
  readonly head: 'as-get' | Planner;
}

/** Recording, which waits in no line of readers. */
export interface WriteRoute extends Described {
  readonly method: 'post';
  readonly handle: (context: Context) => Promise<void>;
}

export type Route = ReadRoute | WriteRoute;

/** An operation object of OpenAPI 3.1; only what the server's own parts look at is typed. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Record<string, unknown>[];
  readonly requestBody?: Record<string, unknown>;
  readonly responses: Readonly<Record<string, unknown>>;
}

/** A query parameter of an operation. */
export function queryParameter(
  name: string,
  description: string,
  schema: Record<string, unknown>,
  required = false,
): Record<string, unknown> {
  return { name, in: 'query', required, description, schema };
}

/** A response that carries JSON by the named component schema. */
export function jsonResponse(description: string, schema: string): Record<string, unknown> {
  return {
    description,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
  };
}

/** The responses that carry a problem, one for each status. */
export function problemResponses(...statuses: readonly number[]): Record<string, unknown> {
  return Object.fromEntries(
    statuses.map((status) => [String(status), { $ref: `#/components/responses/Problem${status}` }]),
  );
}

/** Says what HEAD is told of an answer that is not made for it. */
export function sendHead(context: Context, type: string): void {
  context.status = 200;
  context.set('Content-Type', type);
}

/** Answers with JSON. */
export function sendJson(context: Context, status: number, value: unknown): void {
  sendText(context, status, 'application/json', JSON.stringify(value));
}

export function sendText(context: Context, status: number, type: string, text: string): void {
  context.status = status;
  sendBytes(context, type, Buffer.from(text));
}

/** Answers with bytes that others are answered with, too: nothing is copied. */
export function sendBytes(context: Context, type: string, bytes: Buffer): void {
  context.set('Content-Type', type);
  context.length = bytes.length;
  context.body = bytes;
}
