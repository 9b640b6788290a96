/** English: what an evidence file proves, and against whom. */
import type { Accused, EvidenceFinding } from '../../verifier/convicting/evidence-finding.ts';
import type { Messages } from '../messages.ts';
import { sayIn } from '../say.ts';

const say = sayIn('en');

export const evidence: Messages<EvidenceFinding, 'kind'> = {
  fork: ({ sizes: [older, newer] }) =>
    older === newer
      ? `the log has signed two different trees of ${say.number(older)} leaves`
      : `the log has signed two histories: the tree of ${say.number(newer)} leaves ` +
        `does not begin with the tree of ${say.number(older)} that it signed`,
  rollback: ({ witnesses, sizes: [larger, smaller] }) =>
    `${say.count(witnesses.length, { one: 'witness', other: 'witnesses' })} (${witnesses.join(', ')}) ` +
    `cosigned a tree of ${say.number(larger)} leaves, and later one of ${say.number(smaller)} as the largest seen`,
  'unauthorised-leaf': ({ indices: [index], sizes: [size], refusal: { message } }) =>
    `leaf ${say.number(index)} of ${say.number(size)} was recorded although it was not allowed: ${message}`,
  equivocation: ({ source, seq, indices: [recorded, other], differ }) => {
    const name = `number ${say.number(seq)} of the stream ${source}`;
    const places = `leaf ${say.number(recorded)}${other === undefined ? '' : ` and leaf ${say.number(other)}`}`;
    const unshown = other === undefined ? ', and an envelope that is not shown to be recorded' : '';
    return differ
      ? `two contents were signed as ${name} (${places}${unshown})`
      : `the log has recorded ${name} twice (${places})`;
  },
  'broken-promise': ({ indices: [index], sizes: [then, now] }) =>
    `the log has acknowledged leaf ${say.number(index)} in a tree of ${say.number(then)} leaves, ` +
    `and has another leaf in its place in a tree of ${say.number(now)}`,
};

/** Whose word is broken. */
export const accused: Readonly<Record<Accused, (finding: EvidenceFinding) => string>> = {
  log: () => 'the log',
  source: (finding) =>
    finding.kind === 'equivocation' && finding.signers.length === 0
      ? 'the stream, which several signers share: none of its keys signed both'
      : 'the stream, whose keys signed both',
  witnesses: () => 'the named witnesses',
};
