/**
 * Signatures that divide Ed25519 implementations, made from a seed: honest
 * ones, ones with a bit turned over, and ones built with points of small
 * order, whose verdict follows from how they were built.
 */
import { Point, utils } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, uint64, utf8 } from '../../src/bytes.ts';
import { assert } from '../../src/errors.ts';
import { ed25519PublicKey, signEd25519 } from '../../src/platform/ed25519.ts';

export interface SignatureCase {
  readonly kind: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** The verdict that the rule demands. */
  readonly accepted: boolean;
}

const order = Point.CURVE().n;
const field = Point.CURVE().p;

/** Bytes from a seed: SHA-512 over a counter. */
export class SeededBytes {
  readonly #seed: Uint8Array;
  #count = 0;

  constructor(seed: string) {
    this.#seed = utf8(seed);
  }

  /** The next 64 bytes. */
  next(): Uint8Array {
    this.#count += 1;
    return sha512(concat(this.#seed, uint64(this.#count)));
  }

  below(limit: number): number {
    return new DataView(this.next().buffer).getUint32(0) % limit;
  }

  scalar(): bigint {
    return toScalar(this.next());
  }
}

function toScalar(bytes: Uint8Array): bigint {
  return [...bytes].toReversed().reduce((value, byte) => value * 256n + BigInt(byte), 0n) % order;
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** The eight points of small order: multiple j of one of order 8 at index j. */
export const smallOrderPoints: readonly Point[] = findSmallOrderPoints();

function findSmallOrderPoints(): Point[] {
  for (let y = 2n; ; y++) {
    let point: Point;
    try {
      point = Point.fromBytes(littleEndian(y), false);
    } catch {
      continue; // About half of all y are no point's.
    }
    // The order of the base point takes its part away and leaves the torsion.
    const torsion = point.multiplyUnsafe(order - 1n).add(point);
    if (torsion.multiplyUnsafe(4n).is0()) continue;
    return Array.from({ length: 8 }, (_, j) => torsion.multiplyUnsafe(BigInt(j)));
  }
}

/** Encodings of 32 bytes that decode loosely but are not canonical: y + p, and a sign bit on x = 0. */
export const nonCanonicalKeys: readonly Uint8Array[] = [
  ...Array.from({ length: 19 }, (_, y) => littleEndian(field + BigInt(y))),
  ...Array.from({ length: 19 }, (_, y) => littleEndian(field + BigInt(y) + 2n ** 255n)),
  littleEndian(1n + 2n ** 255n),
  littleEndian(field - 1n + 2n ** 255n),
];

interface Signer {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly secret: bigint;
  /** The public point with each point of small order added to it. */
  readonly torsioned: readonly Point[];
}

/** `count` cases, a third honest, a third mutated, a third torsioned or otherwise built to divide. */
export function* signatureCases(seed: string, count: number): Generator<SignatureCase> {
  const random = new SeededBytes(seed);
  const signers = Array.from({ length: 16 }, (): Signer => {
    const secretSeed = random.next().subarray(0, 32);
    const { scalar, point } = utils.getExtendedPublicKey(secretSeed);
    const torsioned = smallOrderPoints.map((torsion) => point.add(torsion));
    return { seed: secretSeed, publicKey: ed25519PublicKey(secretSeed), secret: scalar, torsioned };
  });
  for (let i = 0; i < count; i++) {
    const signer = signers[random.below(signers.length)] as Signer;
    const message = random.next().subarray(0, random.below(65));
    if (i % 3 === 0) yield honest(signer, message);
    else if (i % 3 === 1) yield mutated(honest(signer, message), random);
    else yield built(signer, message, random);
  }
}

function honest({ seed, publicKey }: Signer, message: Uint8Array): SignatureCase {
  return { kind: 'honest', publicKey, message, signature: signEd25519(seed, message), accepted: true };
}

function mutated({ publicKey, message, signature }: SignatureCase, random: SeededBytes): SignatureCase {
  const flip = (bytes: Uint8Array): Uint8Array => {
    const flipped = Uint8Array.from(bytes);
    const at = random.below(bytes.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
    return flipped;
  };
  const field = message.length === 0 ? random.below(2) : random.below(3);
  if (field === 0)
    return { kind: 'bit of the signature', publicKey, message, signature: flip(signature), accepted: false };
  if (field === 1)
    return { kind: 'bit of the key', publicKey: flip(publicKey), message, signature, accepted: false };
  return { kind: 'bit of the message', publicKey, message: flip(message), signature, accepted: false };
}

function built(signer: Signer, message: Uint8Array, random: SeededBytes): SignatureCase {
  switch (random.below(6)) {
    case 0: {
      const { publicKey, signature } = honest(signer, message);
      const s = toScalar(signature.subarray(32));
      const raised = concat(
        signature.subarray(0, 32),
        littleEndian(s + order * BigInt(1 + random.below(15))),
      );
      return { kind: 'S + n·L', publicKey, message, signature: raised, accepted: false };
    }
    case 1: {
      // Under a key of small order anybody can make what a loose verifier takes.
      const key = smallOrderPoints[random.below(8)] as Point;
      const s = random.below(2) === 0 ? 0n : random.scalar();
      const r = Point.BASE.multiplyUnsafe(s).add(smallOrderPoints[random.below(8)] as Point);
      const signature = concat(r.toBytes(), littleEndian(s));
      return { kind: 'key of small order', publicKey: key.toBytes(), message, signature, accepted: false };
    }
    case 2: {
      const publicKey = nonCanonicalKeys[random.below(nonCanonicalKeys.length)] as Uint8Array;
      const s = random.scalar();
      const signature = concat(Point.BASE.multiplyUnsafe(s).toBytes(), littleEndian(s));
      return { kind: 'non-canonical key', publicKey, message, signature, accepted: false };
    }
    default:
      return torsioned(signer, message, random);
  }
}

/**
 * Key a·B + T, commitment r·B + U, S = r + k·a, with T and U of small order.
 * S·B − k·A is then r·B − k·T, so that the rule holds where −k·T is U, while
 * verifiers that multiply by the cofactor take every one of these. For a third
 * of them a nonce is sought with which the verdict is yes.
 */
function torsioned(signer: Signer, message: Uint8Array, random: SeededBytes): SignatureCase {
  const j = random.below(8);
  const u = smallOrderPoints[random.below(3) === 0 ? 0 : random.below(8)] as Point;
  const publicKey = (signer.torsioned[j] as Point).toBytes();
  const zeroNonce = random.below(16) === 0;
  const tries = !zeroNonce && random.below(3) === 0 ? 24 : 1;
  let made: SignatureCase | undefined;
  for (let i = 0; made?.accepted !== true && i < tries; i++) {
    // Without a nonce R itself is of small order, which is refused whatever the equation says.
    const r = zeroNonce ? 0n : random.scalar();
    const commitment = Point.BASE.multiplyUnsafe(r).add(u).toBytes();
    const k = toScalar(sha512(concat(commitment, publicKey, message)));
    const minusKT = smallOrderPoints[Number((8n - ((k * BigInt(j)) % 8n)) % 8n)] as Point;
    made = {
      kind: `torsioned key ${j}${zeroNonce ? ', R of small order' : ''}`,
      publicKey,
      message,
      signature: concat(commitment, littleEndian((r + k * signer.secret) % order)),
      accepted: minusKT.equals(u) && !zeroNonce,
    };
  }
  assert(made !== undefined, 'at least one try is made');
  return made;
}

/** A signature whose R is a point of small order and whose S fits it as far as it can. */
export function withoutNonce(seed: Uint8Array, point: Point, message: Uint8Array): Uint8Array {
  const r = point.toBytes();
  const k = toScalar(sha512(concat(r, ed25519PublicKey(seed), message)));
  return concat(r, littleEndian((k * utils.getExtendedPublicKey(seed).scalar) % order));
}
