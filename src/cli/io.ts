/** What a command may touch of the process it runs in, so that tests can run it without one. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether standard error is a terminal: progress bars are drawn on it. */
  readonly isTTY: boolean;
  /** Whether standard output is a terminal that shows colours. */
  readonly colours?: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * Text from outside, safe to print on a terminal: control characters, which a
 * hostile server could use to rewrite the screen, become visible escapes.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
