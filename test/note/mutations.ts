import { expect } from 'chai';
import { utf8 } from '../../src/bytes.ts';

/** Flips bits of every byte: what is still read must be written back as it was read, or two texts would mean one thing. */
export function expectOneSpelling<T>(
  bytes: Uint8Array,
  parse: (bytes: Uint8Array) => T,
  format: (value: T) => string,
): void {
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [1, 2, 16, 128]) {
      const mutated = bytes.slice();
      mutated[at] = (mutated[at] ?? 0) ^ bit;
      let parsed: T;
      try {
        parsed = parse(mutated);
      } catch {
        continue;
      }
      expect(utf8(format(parsed))).to.deep.equal(mutated);
    }
  }
}
