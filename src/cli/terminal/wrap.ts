/** Long lines for people: broken at spaces, what follows set in. */

/** Characters to a line; a terminal that is not wide shows 80 to 120. */
const lineWidth = 110;

/**
 * The line as several, none longer than 110 characters unless a word is, the
 * later ones set in by `indent`; a change is broken before its arrow if it can
 * be. What is printed must be safe for a terminal already.
 */
export function wrapLine(line: string, indent: string): string {
  if (line.length <= lineWidth) return line;
  const lines: string[] = [];
  for (const part of line.split(/ (?=→ )/)) {
    let current = lines.length === 0 ? '' : indent;
    // A key id stays with the word before it, which says what it is.
    for (const [i, word] of part.split(/ (?![0-9a-f]{64})/).entries()) {
      if (i > 0 && current.length + 1 + word.length > lineWidth && current.trim() !== '') {
        lines.push(current);
        current = `${indent}${word}`;
      } else current += `${i === 0 ? '' : ' '}${word}`;
    }
    lines.push(current);
  }
  return lines.join('\n');
}
