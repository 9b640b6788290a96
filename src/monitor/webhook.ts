/**
 * A webhook: one POST for each finding, its JSON as the body. Any status of
 * 200 to 299 takes it. The address is the operator's own; what it answers is
 * thrown away unread.
 */
import { LedgerError } from '../errors.ts';
import { defined } from '../defined.ts';
import type { Webhook } from '../attestation/types.ts';
import type { Finding } from './finding.ts';
import type { Channel } from './outbox.ts';

const timeoutMs = 10_000;

export class WebhookChannel implements Channel {
  readonly name = 'webhook';
  readonly #webhook: Webhook;
  readonly #timeoutMs: number;

  constructor(webhook: Webhook, { timeoutMs: limit = timeoutMs }: { readonly timeoutMs?: number } = {}) {
    this.#webhook = webhook;
    this.#timeoutMs = limit;
  }

  /** Takes the first finding. Throws `unreachable` where it was not taken. */
  async deliver([first]: readonly Finding[]): Promise<number> {
    if (first === undefined) return 0;
    const { url, authorization } = this.#webhook;
    let status: number;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': `${first.id}-${first.n}`,
          ...defined({ authorization }),
        },
        body: JSON.stringify(first),
        // A redirect could carry findings, and the header, to somebody else.
        redirect: 'error',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      status = response.status;
      await response.body?.cancel();
    } catch (cause) {
      throw refused(new URL(url).origin, reasonOf(cause), cause);
    }
    if (status < 200 || status > 299) throw refused(new URL(url).origin, `status ${status}`);
    return 1;
  }
}

/** Names the origin alone: the path of a webhook is often its password. */
function refused(origin: string, got: string, cause?: unknown): LedgerError {
  return new LedgerError('unreachable', 'the webhook did not take a finding', {
    expected: `a status of 200 to 299 from ${origin}`,
    got,
    cause,
  });
}

/** fetch says only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}
