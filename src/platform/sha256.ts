/**
 * SHA-256 where there is no node:crypto: browsers and other runtimes.
 * `sha256.node.ts` exports the same names and yields the same bytes;
 * `#sha256` (package.json "imports") picks one.
 *
 *     leaf = SHA-256(0x00 || entry)           RFC 6962, section 2.1
 *     node = SHA-256(0x01 || left || right)
 */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { assert } from '../errors.ts';

/** SHA-256 of `data`: 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return nobleSha256(data);
}

/** The hash of a leaf. The prefix keeps an entry from being passed off as an inner node. */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  return nobleSha256.create().update(leafPrefix).update(entry).digest();
}

/** The hash of an inner node from the 32-byte hashes of its two children. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  assert(left.length === 32 && right.length === 32, 'the children of a node are 32-byte hashes');
  return nobleSha256.create().update(nodePrefix).update(left).update(right).digest();
}

const leafPrefix = Uint8Array.of(0x00);
const nodePrefix = Uint8Array.of(0x01);
