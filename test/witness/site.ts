/** A witness in this process, over a store in memory that outlives it. */
import type { AnchorState } from '../../src/cosigner/cosigner.ts';
import { verifyCosignature } from '../../src/note/cosignature.ts';
import { matchesKey, signerKey, verifierOf } from '../../src/note/key.ts';
import type { SignerKey, VerifierKey } from '../../src/note/key.ts';
import { parseSignatureLines } from '../../src/note/note.ts';
import { parsePolicy } from '../../src/note/policy.ts';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/storage.ts';
import type { Head } from '../../src/tlog/head.ts';
import { emptyRoot } from '../../src/tlog/hash.ts';
import { Witness } from '../../src/witness/witness.ts';
import type { WitnessParts } from '../../src/witness/witness.ts';
import { seed } from '../note/make.ts';

export const witnessName = 'witness.example/w1';
export const ed25519Key: SignerKey = signerKey({ name: witnessName, type: 4, seed: seed(61) });
export const mldsaKey: SignerKey = signerKey({ name: witnessName, type: 6, seed: seed(62) });
export const verifiers: readonly VerifierKey[] = [ed25519Key, mldsaKey].map(verifierOf);

/** An anchor in memory, as durable as the object. */
export class MemoryAnchor implements AnchorState {
  head: Head = { size: 0, root: emptyRoot };

  async advance(next: Head): Promise<void> {
    this.head = next;
  }
}

/** What of a witness outlives its process, and its clock. */
export class WitnessSite {
  readonly image: MemoryImage = new MemoryImage();
  readonly anchor: AnchorState = new MemoryAnchor();
  /** Seconds. */
  time = 1_800_000_000;

  async open(
    policy: string,
    {
      storage = new MemoryStorage(this.image),
      ...parts
    }: Partial<Pick<WitnessParts, 'keys' | 'maxWaiting' | 'keepRefused' | 'onCosigned' | 'anchor'>> & {
      storage?: Storage;
    } = {},
  ): Promise<Witness> {
    return Witness.open({
      storage,
      anchor: this.anchor,
      keys: [ed25519Key],
      policy: parsePolicy(policy),
      now: () => this.time * 1000,
      ...parts,
    });
  }
}

export interface Cosigned {
  readonly type: number;
  readonly time: number;
}

/** Verifies every line of an answer with the witness's keys and says what they are. */
export function cosignaturesIn(
  answer: string,
  text: string,
  keys: readonly VerifierKey[] = verifiers,
): Cosigned[] {
  return parseSignatureLines(answer).map((signature) => {
    const key = keys.find((verifier) => matchesKey(verifier, signature));
    if (key === undefined) throw new Error(`a line by nobody: ${signature.name}`);
    return { type: key.type, time: verifyCosignature(key, text, signature).time };
  });
}
