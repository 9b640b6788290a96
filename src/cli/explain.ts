/** `isal explain CODE`: the paragraph behind an error code. */
import { errorCodes, LedgerError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { explanations } from './explanations.ts';
import type { Io } from './io.ts';

export const usage = `isal explain CODE     say what an error code means and what to do
isal explain          list every code`;

const isCode = (text: string): text is ErrorCode => (errorCodes as readonly string[]).includes(text);

/** Words of `text` in lines of at most `width` characters. */
function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const [code, ...rest] = args;
  if (rest.length > 0) throw new LedgerError('usage', 'one code at a time', { expected: usage });
  if (code === undefined) {
    io.stdout(`${errorCodes.join('\n')}\n`);
    return 0;
  }
  if (!isCode(code)) {
    throw new LedgerError('usage', 'there is no such code', {
      expected: 'a code that `isal explain` lists',
      got: code,
    });
  }
  io.stdout(`${code}\n\n${wrap(explanations[code], 78)}\n`);
  return 0;
}
