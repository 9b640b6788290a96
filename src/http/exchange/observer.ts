/**
 * What a server tells those who count what it does. None of it was sent by a
 * client: routes are templates, codes and outcomes are closed sets.
 */
import type { ErrorCode } from '../../errors.ts';
import type { Budget } from '../bounds/budget.ts';
import type { Gate, Limit } from '../bounds/gate.ts';

/** A request that is over. */
export interface Answered {
  /** As node's parser knows it. */
  readonly method: string;
  /** The template, for example `/api/v1/attestations/{id}`; empty where none served it. */
  readonly route: string;
  /** 0 where the answer was cut off. */
  readonly status: number;
  /** Absent where nothing came that could be called a request. */
  readonly seconds?: number;
}

/** What came of one envelope, sent alone or as a line of many. */
export interface Submission {
  readonly outcome: 'recorded' | 'known' | 'refused';
  /** Why it was refused. */
  readonly code?: ErrorCode;
  /** From when all of it was here. */
  readonly seconds: number;
}

/** What requests share; what is in use can be asked for at any time. */
export interface Shared {
  /** Memory for what is being recorded. */
  readonly recording: Budget;
  /** Lines and memory of readers. */
  readonly gate: Pick<Gate, 'lines' | 'tiles' | 'reading'>;
}

/** Called in the middle of serving: it must neither throw nor take long. */
export interface Observer {
  /** Once, before anything is served. */
  serving(shared: Shared): void;
  answered(request: Answered): void;
  submitted(submission: Submission): void;
  /** A request, or a connection, for which a limit had no room. */
  refused(limit: Limit): void;
}
