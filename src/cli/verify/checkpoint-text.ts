/** A verified checkpoint in words. */
import type { CheckpointSummary } from '../../verifier/judging/verdict.ts';
import type { Io } from '../terminal/io.ts';
import { ago, isoTime, markLine, plainLine } from '../terminal/marks.ts';

export function checkpointText(summary: CheckpointSummary, io: Io): string {
  const { origin, size, root, logKeys, witnesses, witnessesListed } = summary;
  return [
    markLine('proven', 'Checkpoint', `${origin}, size ${size}`, io),
    plainLine('Root', root),
    ...logKeys.map((key) => plainLine('Signed by', key)),
    ...witnesses.map(({ name, time }) =>
      plainLine('Witness', `${name}, ${isoTime(time)} (${ago(time, io)})`),
    ),
    plainLine(
      'Witnesses',
      witnessesListed === 0
        ? 'none in the trust file: a second history for somebody else would not show'
        : `${witnesses.length} of ${witnessesListed} in the trust file`,
    ),
  ].join('');
}
