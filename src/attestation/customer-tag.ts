/**
 * Customer tags: how a customer finds the accesses to its own data in a public
 * log, and no other reader can.
 *
 *     tag = the first 128 bits of HMAC-SHA-256(secret, "2026-11-03\nthreat-statistics")
 *
 * The secret is shared by the customer and the gateway that records. Without it
 * a tag is a random number. Events of one customer on one day (UTC) in one
 * category carry the same tag, so every reader can see that they belong
 * together; across days and categories only a holder of the secret can.
 */
import { sha256 } from '#sha256';
import { concat, fromHex, toHex, utf8 } from '../bytes.ts';
import { LedgerError, assert } from '../errors.ts';
import type { DataAccessPredicate } from './types.ts';

/** Bytes of a customer's secret. */
export const customerSecretBytes = 32;
const tagBytes = 16;
const blockBytes = 64;
/** A year of days in forty categories; a log that makes up more of them must not fill the memory. */
const maxRemembered = 16_384;

/** The secret in a file: 64 lowercase hexadecimal digits and perhaps a newline. Throws `bad-key`. */
export function parseCustomerSecret(text: string): Uint8Array {
  try {
    return fromHex(text.replace(/\r?\n$/, ''), customerSecretBytes);
  } catch {
    // The cause is dropped on purpose: it quotes the secret.
    throw new LedgerError('bad-key', 'not a customer’s secret', {
      expected: `${customerSecretBytes * 2} lowercase hexadecimal digits`,
    });
  }
}

/** The tag of a day ("2026-11-03", UTC) and a category, as 32 lowercase hexadecimal digits. */
export function customerTag(
  secret: Uint8Array,
  { day, category }: { readonly day: string; readonly category: string },
): string {
  assert(/^\d{4}-\d\d-\d\d$/.test(day), 'a day is YYYY-MM-DD');
  return toHex(hmacSha256(secret, utf8(`${day}\n${category}`)).subarray(0, tagBytes));
}

/** Tells a customer's own events from others, by one secret. */
export class CustomerTags {
  readonly #secret: Uint8Array;
  /** Tags by day and category, dropped when there are too many. */
  readonly #known = new Map<string, string>();

  constructor(secret: Uint8Array) {
    assert(secret.length === customerSecretBytes, 'a secret has 32 bytes');
    this.#secret = secret;
  }

  /** Whether the event carries a tag of its own day and one of its categories. */
  isMine({ occurredAt, categories, customerTags }: DataAccessPredicate): boolean {
    if (customerTags.length === 0) return false;
    const day = occurredAt.slice(0, 10);
    return categories.some((category) => customerTags.includes(this.#tag(day, category)));
  }

  #tag(day: string, category: string): string {
    const name = `${day}\n${category}`;
    let tag = this.#known.get(name);
    if (tag === undefined) {
      tag = customerTag(this.#secret, { day, category });
      if (this.#known.size === maxRemembered) this.#known.clear();
      this.#known.set(name, tag);
    }
    return tag;
  }
}

/** HMAC (RFC 2104) over SHA-256: 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(blockBytes);
  padded.set(key.length > blockBytes ? sha256(key) : key);
  const inner = padded.map((byte) => byte ^ 0x36);
  const outer = padded.map((byte) => byte ^ 0x5c);
  return sha256(concat(outer, sha256(concat(inner, message))));
}
