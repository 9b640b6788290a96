/** Answers from the whole log as programs read them: facts, and each line's mark and label. What they say is held by test/words. */
import type { Ran } from './desk.ts';

export interface Answer {
  readonly exit: number;
  readonly lines: readonly {
    readonly mark: string;
    readonly qualified?: true;
    readonly label: string;
    readonly text: string;
  }[];
  readonly corrections: readonly {
    readonly index: number;
    readonly targetIndex?: number;
    readonly kind: string;
  }[];
  readonly findingCount: number;
}

/** The JSON of a command that was run with `--json`. */
export function answerOf({ stdout, error }: Ran): Answer {
  if (error !== undefined) throw error;
  return JSON.parse(stdout) as Answer;
}

const signs: Readonly<Record<string, string>> = { proven: '✓', contradicted: '✗', 'not-shown': '?' };

/** `✓ Chain`, `! Reviewed`: the lines with these labels, of all where none is named. */
export function marksOf({ lines }: Answer, ...labels: readonly string[]): string[] {
  return lines
    .filter(({ label }) => labels.length === 0 || labels.includes(label))
    .map(({ mark, qualified, label }) => `${qualified === true ? '!' : signs[mark]} ${label}`);
}
