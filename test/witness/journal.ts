/** Every cosignature that a witness gave out, and what must hold of all of them together. */
import { toHex } from '../../src/bytes.ts';
import { parseAddCheckpoint } from '../../src/note/add-checkpoint.ts';
import { parseCheckpoint } from '../../src/note/checkpoint.ts';
import { parseNote } from '../../src/note/note.ts';
import { cosignaturesIn } from './site.ts';
import type { VerifierKey } from '../../src/note/key.ts';

interface Given {
  readonly size: number;
  readonly root: string;
  readonly time: number;
}

export class Journal {
  readonly given: Given[] = [];
  /** Sentences, one for each broken promise. */
  readonly broken: string[] = [];
  readonly #keys: readonly VerifierKey[] | undefined;

  constructor(keys?: readonly VerifierKey[]) {
    this.#keys = keys;
  }

  /** The largest size whose cosignature has arrived. */
  get largest(): number {
    return this.given.reduce((most, { size }) => Math.max(most, size), -1);
  }

  /** Call it when a request leaves; call what it returns with the answer's signature lines, if there are any. */
  asked(body: Uint8Array): (answer: string) => void {
    const { text } = parseNote(parseAddCheckpoint(body).checkpoint);
    const { size, root } = parseCheckpoint(text);
    const before = this.largest;
    return (answer) => {
      if (size < before) this.broken.push(`size ${size} was cosigned after size ${before}`);
      for (const { time } of cosignaturesIn(answer, text, this.#keys)) {
        if (time === 0) this.broken.push(`size ${size} was cosigned without a time`);
        this.given.push({ size, root: toHex(root), time });
      }
    };
  }

  /** All that is broken, looked at from every pair of cosignatures. */
  findings(): string[] {
    const found = [...this.broken];
    for (const [index, a] of this.given.entries()) {
      for (const b of this.given.slice(index + 1)) {
        if (a.size === b.size && a.root !== b.root) found.push(`size ${a.size} has two roots`);
        if ((a.size - b.size) * (a.time - b.time) < 0) {
          found.push(`size ${a.size} at ${a.time}, but size ${b.size} at ${b.time}`);
        }
      }
    }
    return found;
  }
}
