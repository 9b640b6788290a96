/**
 * The last cosigned checkpoint of each log, as the monitoring retrieval serves
 * it. With 10,000 logs, verifying all of them would hold up the start for
 * minutes, so each is looked at when it is first asked for.
 */
import { LedgerError } from '../errors.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { verifyCosignature } from '../note/cosignature.ts';
import { matchesKey, type VerifierKey } from '../note/key.ts';
import { parseNote, type NoteSignature } from '../note/note.ts';
import { hashOfOrigin } from './records.ts';

/** The last answer: the checkpoint's text, its cosignatures and their time. */
export interface LastAnswer {
  readonly note: Uint8Array;
  readonly text: string;
  readonly cosignatures: readonly NoteSignature[];
  readonly time: number;
}

export class KeptNotes {
  readonly #keys: readonly VerifierKey[];
  /** By the hash of the origin in hex; also of logs that the policy no longer lists. */
  readonly #answers = new Map<string, LastAnswer>();
  /** As they were found in the store; nobody has asked for them yet. */
  readonly #found = new Map<string, Uint8Array>();

  /** `keys`: the witness's own. */
  constructor(keys: readonly VerifierKey[]) {
    this.#keys = keys;
  }

  /** A note from the store. */
  found(name: string, note: Uint8Array): void {
    this.#found.set(name, note);
  }

  set(name: string, answer: LastAnswer): void {
    this.#found.delete(name);
    this.#answers.set(name, answer);
  }

  /** Damage to a kept note makes no false answer: one that does not verify is not there. */
  get(name: string): LastAnswer | undefined {
    const note = this.#found.get(name);
    if (note !== undefined) {
      this.#found.delete(name);
      const answer = this.#verified(name, note);
      if (answer !== undefined) this.#answers.set(name, answer);
    }
    return this.#answers.get(name);
  }

  #verified(name: string, note: Uint8Array): LastAnswer | undefined {
    try {
      const { text, signatures } = parseNote(note);
      if (hashOfOrigin(parseCheckpoint(text).origin) !== name) return undefined;
      const own = this.#keys.flatMap((key) =>
        signatures
          .filter((signature) => matchesKey(key, signature))
          .map((signature) => ({ signature, time: verifyCosignature(key, text, signature).time })),
      );
      const [first] = own;
      if (first === undefined) return undefined;
      return { note, text, cosignatures: own.map(({ signature }) => signature), time: first.time };
    } catch (error) {
      if (error instanceof LedgerError) return undefined;
      throw error;
    }
  }
}
