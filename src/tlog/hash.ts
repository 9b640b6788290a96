/**
 * The hashes of a Merkle tree, RFC 6962 section 2.1:
 *
 *     MTH({})      = SHA-256()
 *     MTH({d0})    = SHA-256(0x00 || d0)                      a leaf hash
 *     MTH(D[0:n])  = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))
 *                    k the largest power of two smaller than n
 */
import { sha256 } from '#sha256';

export { hashLeaf, hashNode } from '#sha256';

/** 32 bytes: a leaf hash, the hash of an inner node, or a root. */
export type Hash = Uint8Array;

/** Bytes in a hash. */
export const hashSize = 32;

/** The root of the tree without leaves. */
export const emptyRoot: Hash = sha256(new Uint8Array(0));
