/**
 * NDJSON: lines ended by LF, the last one with or without it. A line is handed
 * on as the bytes that were sent; nothing is trimmed, since its bytes are the leaf.
 */
import { LedgerError } from '../../errors.ts';
import { tooLarge } from './body.ts';

const lineFeed = 10;

export interface LineLimits {
  readonly maxLineBytes: number;
  readonly maxLines: number;
  readonly maxBytes: number;
}

/**
 * Each line, or the refusal that stands for it. A line that is too long is
 * refused and skipped without being kept; past `maxLines` or `maxBytes` one
 * last refusal (`too-large`) is given and reading ends.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  { maxLineBytes, maxLines, maxBytes }: LineLimits,
): AsyncGenerator<Uint8Array | LedgerError, void, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let total = 0;
  let lines = 0;
  const take = (): Uint8Array | LedgerError => {
    const line = length > maxLineBytes ? tooLarge(maxLineBytes) : Buffer.concat(parts, length);
    parts = [];
    length = 0;
    lines += 1;
    return line;
  };
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > maxBytes) {
      yield tooLarge(maxBytes);
      return;
    }
    let start = 0;
    while (start < chunk.length) {
      if (lines === maxLines) {
        yield new LedgerError('too-large', 'the batch has too many lines', {
          expected: `at most ${maxLines} lines`,
        });
        return;
      }
      const found = chunk.indexOf(lineFeed, start);
      const end = found === -1 ? chunk.length : found;
      length += end - start;
      if (length > maxLineBytes) parts = [];
      else parts.push(chunk.subarray(start, end));
      start = end + 1;
      if (found !== -1) yield take();
    }
  }
  if (length > 0) yield take();
}
