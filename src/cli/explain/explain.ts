/** `isal explain CODE|FILE`: the paragraph behind an error code; what a file is and how to check it. */
import { errorCodes, isErrorCode } from '../../errors.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { explanations } from './explanations.ts';
import { explainFile } from './file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';

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

export async function explain(
  { positionals: [code] }: Given<typeof described.explain>,
  io: Io,
): Promise<number> {
  if (code === undefined) {
    io.stdout(`${errorCodes.join('\n')}\n`);
    return 0;
  }
  if (!isErrorCode(code)) {
    const { kind, text, command } = await explainFile(code);
    io.stdout(`${printable(kind)}\n\n${wrap(printable(text), 78)}\n\nTo check it: ${printable(command)}\n`);
    return 0;
  }
  io.stdout(`${code}\n\n${wrap(explanations[code], 78)}\n`);
  return 0;
}
