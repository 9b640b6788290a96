/**
 * The watch list: which logs a monitor follows, and what it reports beside
 * what every log is watched for. `schemas/watch.json`:
 *
 *   {
 *     "format": "isal-watch/v1",
 *     "logs": [
 *       {
 *         "trust": "trust.json",
 *         "url": "https://ledger.example.ch",
 *         "rules": [
 *           { "alert": "product", "product": "Endpoint Security" },
 *           { "alert": "signer", "keyid": "5e8f…64 hex digits…", "label": "the builder's key" },
 *           { "alert": "gap", "after": 3600 },
 *           { "alert": "silence", "source": "access-gateway", "seconds": 86400 }
 *         ]
 *       }
 *     ],
 *     "webhook": { "url": "https://alerts.example.ch/isal" },
 *     "interval": 60
 *   }
 */
import { parseJson } from '../attestation/canonical.ts';
import { validateSchema } from '../attestation/schema.ts';
import type { WatchList, WatchedLog } from '../attestation/types.ts';
import { LedgerError } from '../errors.ts';
import type { Trust } from '../verifier/trust.ts';

export type Rule = WatchedLog['rules'][number];

/** Far above any list that a person would keep. */
export const maxWatchBytes: number = 1 << 20;

/** Seconds between two rounds, where the list says nothing. */
export const defaultInterval = 60;
/** Seconds of patience with a log that does not answer, where the list says nothing. */
export const defaultPatience = 600;
/** Seconds that a number may be missing, where no rule speaks of its source. */
export const defaultGapAfter = 3_600;

/** A watch list. Throws `malformed-watch`, with the cause inside. */
export function parseWatch(bytes: Uint8Array): WatchList {
  try {
    const value: unknown = parseJson(bytes, { maxBytes: maxWatchBytes, maxDepth: 8 });
    validateSchema('watch', value);
    requireUsable(value.webhook?.url);
    return value;
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw new LedgerError('malformed-watch', `not a watch list: ${cause.message}`, {
      expected: cause.expected ?? 'schemas/watch.json',
      got: cause.got,
      at: cause.at,
      cause,
    });
  }
}

/** What matches the schema and is no address all the same would be found out only when there is something to send. */
function requireUsable(webhook: string | undefined): void {
  if (webhook === undefined) return;
  const url = URL.canParse(webhook) ? new URL(webhook) : undefined;
  // A name and password in a URL are never sent; `authorization` is for them.
  if (url !== undefined && url.username === '' && url.password === '') return;
  throw new LedgerError('schema-violation', 'findings cannot be sent to this address', {
    expected: 'http://… or https://…, without a name and password',
    at: '/webhook/url',
  });
}

/** Text of a watch list for a person to go on from. Throws `malformed-watch` on its own text. */
export function formatWatch(watch: WatchList): string {
  const text = `${JSON.stringify(watch, null, 2)}\n`;
  parseWatch(new TextEncoder().encode(text));
  return text;
}

/** Seconds that cosignatures may be old; undefined where the policy has no witnesses. Throws `malformed-watch`. */
export function maxAgeOf({ maxAge }: Pick<WatchedLog, 'maxAge'>, trust: Trust): number | undefined {
  if (maxAge !== undefined && trust.policy.quorum === 'none') {
    throw new LedgerError('malformed-watch', 'a maximum age needs witnesses, and the policy has no quorum', {
      expected: 'a quorum of witnesses, or no maxAge',
      got: `quorum none for ${trust.origin}`,
    });
  }
  return maxAge ?? trust.maxAge;
}
