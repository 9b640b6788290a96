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
 * hostile server could use to rewrite the screen, become visible escapes, and so
 * do those that turn the direction of writing or print as nothing.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
