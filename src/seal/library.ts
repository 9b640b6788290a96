/**
 * pkijs and asn1js read what a seal consists of, and verify its signatures by
 * WebCrypto. They read leniently: BER as well as DER, and what a structure holds
 * beyond what they know they pass over. So what they have read is written
 * again and has to come out as it was, and none of their errors gets out.
 */
import { fromBER } from 'asn1js';
import type { BaseBlock } from 'asn1js';
import { CryptoEngine } from 'pkijs';
import { equal } from '../bytes.ts';
import { malformed, maxValues, requireDer } from './der.ts';

export const engine: CryptoEngine = new CryptoEngine({ name: 'isal', crypto: globalThis.crypto });

/** A kind of structure in the library. */
type Kind<T> = new (parameters: { readonly schema: BaseBlock }) => T;

interface Writable {
  readonly toSchema: (whole?: boolean) => unknown;
}

export const bytesOf = (block: unknown): Uint8Array => new Uint8Array((block as BaseBlock).toBER());

/** Any one value in DER. Throws `malformed-seal`. */
export function readBlock(bytes: Uint8Array, limit: number = maxValues): BaseBlock {
  requireDer(bytes, limit);
  // What stands inside a string is not looked into: who wants it reads it by itself.
  const { offset, result } = fromBER(Uint8Array.from(bytes), { maxNodes: limit, parseEmbedded: false });
  if (offset !== bytes.length) throw malformed('not DER');
  return result;
}

/** Reads one structure and nothing else. Throws `malformed-seal`. */
export function read<T extends Writable>(
  Type: Kind<T>,
  bytes: Uint8Array,
  what: string,
  {
    limit,
    keep = () => {},
  }: {
    readonly limit?: number;
    /** Takes over from the text what the library would write otherwise; it has to be checked by itself. */
    readonly keep?: (written: BaseBlock[], found: readonly BaseBlock[]) => void;
  } = {},
): T {
  const block = readBlock(bytes, limit);
  try {
    const found = [...partsOf(block)];
    const read = new Type({ schema: block });
    const written = read.toSchema(true);
    keep(partsOf(written), found);
    if (equal(bytesOf(written), bytes)) return read;
  } catch {
    // Whatever the library did not expect is no such structure; its words may quote from it.
  }
  throw malformed(`not ${what}, or one that holds more than is known here`);
}

/** The values in one that is constructed; none in any other. */
export function partsOf(block: unknown): BaseBlock[] {
  const value = (block as { readonly valueBlock?: { readonly value?: unknown } } | undefined)?.valueBlock
    ?.value;
  return Array.isArray(value) ? (value as BaseBlock[]) : [];
}
