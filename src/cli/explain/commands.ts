/** `isal explain`, described. */
import { command } from '../terminal/command.ts';
import type { Command } from '../terminal/command.ts';

export const described = {
  explain: {
    line: 'what an error code means, or what a file is',
    positionals: [
      {
        name: 'CODE|FILE',
        text: 'an error code: what it means and what to do; or a file: what it is, what it claims, how to check it. Without either, every code is listed',
        words: 'codes',
        complete: 'file',
        optional: true,
      },
    ],
    statuses: [0, 4],
    examples: [
      { run: 'isal explain not-recorded', shows: 'what to do about that' },
      { run: 'isal explain trust.json', shows: 'what kind of file this is' },
      { run: 'isal explain', shows: 'every code' },
    ],
  },
} as const;

export const explain: Command = command(
  'explain',
  described.explain,
  async () => (await import('./explain.ts')).explain,
);
