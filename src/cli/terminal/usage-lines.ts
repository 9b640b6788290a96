/**
 * Of a command's usage, what somebody needs who has mistyped one line: not all
 * of it, but how the verb that was typed is used.
 *
 *     isal attest sign STATEMENT --key PEM [--out ENVELOPE]
 */

/** Its lines `isal COMMAND …`, without what they say of themselves after two spaces or more. */
function synopses(usage: string): readonly (readonly string[])[] {
  return usage
    .split('\n')
    .filter((line) => line.startsWith('isal '))
    .map((line) => (line.split(/ {2,}/)[0] ?? '').split(' '));
}

/**
 * How the command is used whose first words were typed; where they stop before
 * the verb, or another word stands there, which verbs there are.
 */
export function usageLines(usage: string, typed: readonly string[]): readonly string[] {
  const known = synopses(usage);
  const alike = (words: readonly string[]): number => {
    const different = words.findIndex((word, i) => i > 0 && word !== typed[i - 1]);
    return different === -1 ? words.length : different;
  };
  const most = Math.max(...known.map(alike));
  const nearest = known.filter((words) => alike(words) === most);
  const verbs = [...new Set(nearest.map((words) => words[most] ?? ''))];
  if (verbs.length > 1 && verbs.every((verb) => /^[a-z]+$/.test(verb))) {
    return [`${nearest[0]?.slice(0, most).join(' ') ?? ''} ${verbs.join('|')} …`];
  }
  return nearest.map((words) => words.join(' '));
}
