/** English: what stands at the head of every answer from the whole log, the labels of its lines, the answer. */
import type { LogPoint } from '../../verifier/answering/whole-log.ts';
import type { Mark } from '../../verifier/mark.ts';
import type { Messages } from '../messages.ts';
import type { Point } from '../points.ts';
import { sayIn } from '../say.ts';
import { witnessed } from './hops.ts';

const say = sayIn('en');

export const points: Messages<LogPoint, 'about'> = {
  checkpoint: ({ origin, size, witnesses, witnessesListed, age }) => {
    const seen = witnessed({ witnesses, witnessesListed });
    return `${origin}, size ${say.number(size)}; ${seen}${age === undefined ? '' : `; ${say.ago(age)}`}`;
  },
  replayed: ({ size, findingCount }) => {
    const leaves = say.count(size, { one: 'leaf', other: 'leaves' });
    return findingCount === 0
      ? `${leaves}, ${size === 1 ? 'entitled to its place' : 'all entitled to their places'}`
      : `${say.number(findingCount)} of ${leaves} ${findingCount === 1 ? 'was not entitled to its place' : 'were not entitled to their places'}`;
  },
  finding: ({ finding: { index, message, code } }) =>
    `${index === undefined ? '' : `leaf ${say.number(index)}: `}${message} (${code})`,
  key: ({ name, status, index }) =>
    `the key of ${name} is ${status} as of leaf ${say.number(index)}, says a later authority document`,
  corrected: ({ correction: { index, target, targetIndex, kind, reason } }) => {
    const corrected = targetIndex === undefined ? `${target.slice(0, 8)}…` : say.number(targetIndex);
    return `leaf ${corrected} is corrected by leaf ${say.number(index)}: ${kind}: ${reason}`;
  },
  'corrections-unread': ({ count }) =>
    `${say.number(count)} more in the log ${count === 1 ? 'was' : 'were'} not looked at`,
};

export const pointLabels: Messages<Point, 'about'> = {
  checkpoint: () => 'Checkpoint',
  replayed: () => 'Replayed',
  finding: () => 'Finding',
  key: () => 'Keys',
  corrected: () => 'Corrected',
  'corrections-unread': () => 'Corrections',
  chain: () => 'Chain',
  link: () => 'Update',
  'no-chain': () => 'Chain',
  update: () => 'Update',
  way: () => 'Chain',
  supervised: ({ hop: { hop } }) => (hop === 'source' ? 'Source' : 'Reviewed'),
  'roll-out': () => 'Roll-out',
  others: () => 'Others',
  newer: () => 'Newer',
  'no-update': () => 'Update',
  'updates-unlisted': () => 'Update',
  region: () => 'Region',
  'taken-back': () => 'Taken back',
  stated: () => 'Stated',
  'no-region': () => 'Region',
  events: () => 'Events',
  gap: () => 'Gap',
  summary: () => 'Summary',
  'summary-differs': () => 'Summary',
  'summary-skipped': () => 'Summary',
  promised: () => 'Promised',
  late: () => 'Late',
  'no-summary': () => 'No summary',
  open: () => 'Open',
  'no-events': () => 'Events',
  access: ({ access: { entry } }) => `Leaf ${say.number(entry.index)}`,
  'access-corrected': () => 'Corrections',
  'access-key': () => 'Keys',
  unrecorded: () => 'Gap',
};

/** The worst of the marks, in a sentence. */
export const pointAnswers: Readonly<Record<Mark, string>> = {
  proven: 'proven from the whole log.',
  contradicted: 'CONTRADICTED. What is marked ✗ does not agree.',
  'not-shown': 'not proven. What is marked ? is missing.',
};
