/** English: where the data of a region are said to be. */
import type { ResidencyPoint } from '../../verifier/answering/residency.ts';
import type { CorrectionShown } from '../../verifier/answering/relied.ts';
import type { CategoryStatus, ResidencyStatement, Standing } from '../../verifier/folds/residency.ts';
import type { Messages } from '../messages.ts';
import { sayIn } from '../say.ts';

const say = sayIn('en');

export const residency: Messages<ResidencyPoint, 'about'> = {
  region: ({ region, status, correction }) =>
    `${region}, ${status.category}: ${standings[status.standing](status)} (${leaf(status.statement)})` +
    `${dates(status)}${corrected(correction)}`,
  'taken-back': ({ region, category, claim, by }) => {
    const { phase, to, effectiveAt } = claim.predicate;
    const said = `${phase}, in ${to.join(', ')} from ${day(effectiveAt)} on (${leaf(claim)})`;
    return `${region}, ${category}: “${said}” was WRONG, says ${leaf(by)} of ${day(by.predicate.occurredAt)}`;
  },
  stated: ({ region, statement, correction }) => {
    const { phase, categories, from, to, effectiveAt, occurredAt } = statement.predicate;
    const move = `from ${from.join(', ')} to ${to.join(', ')}, effective ${day(effectiveAt)}`;
    const said = `${phase}, ${categories.join(', ')} ${move}${rest(statement)}`;
    return `${region}: ${day(occurredAt)} (${leaf(statement)}) ${said}${corrected(correction)}`;
  },
  'no-region': ({ region, size }) =>
    `no statement about ${region === undefined ? 'any region' : region} as of ${say.number(size)}`,
};

const standings: Readonly<Record<Standing, (status: CategoryStatus) => string>> = {
  done: ({ statement }) => `${since(statement)}, nothing excepted`,
  excepted: ({ statement }) => `${since(statement)}, NOT WHOLLY${rest(statement)}`,
  overdue: ({ statement, promises }) => {
    const promise = promises.at(-1)?.predicate;
    const { phase, effectiveAt } = statement.predicate;
    const late = {
      announced: 'and nothing stated since',
      migrating: `and still under way${rest(statement)}`,
      complete: `and stated to be so only from ${day(effectiveAt)}${rest(statement)}`,
      regressed: '',
      corrected: '',
    };
    return `promised in ${promise?.to.join(', ') ?? ''} for ${day(promise?.effectiveAt ?? '')}, ${late[phase]}`;
  },
  'copy-overdue': ({ statement }) =>
    `${since(statement)}, and no statement says that a copy was gone by its date${rest(statement)}`,
  pending: ({ statement }) => {
    const { phase, to, effectiveAt } = statement.predicate;
    return `${phase}, to be in ${to.join(', ')} from ${day(effectiveAt)}${rest(statement)}`;
  },
  against: ({ statement }) => {
    const what = statement.predicate.phase === 'regressed' ? 'REGRESSED' : 'an earlier statement was WRONG';
    return `${what}: ${since(statement)}${rest(statement)}`;
  },
};

/** What is promised against what was so: `; promised for 2018-12-31 (leaf 1): 48 days earlier`. */
function dates({ promises, arrived, delayDays, standing, statement }: CategoryStatus): string {
  // The one promise is what the line speaks of already.
  const told = standing === 'overdue' || statement.predicate.phase === 'announced';
  if (promises.length === 0 || (told && promises.length === 1)) return '';
  const each = promises.map((promise) => `${day(promise.predicate.effectiveAt)} (${leaf(promise)})`);
  const promised = `; promised for ${each.join(', then for ')}`;
  if (arrived === undefined || delayDays === undefined) return promised;
  if (delayDays === 0) return `${promised}: kept to the day`;
  const late = say.count(Math.abs(delayDays), { one: 'day', other: 'days' });
  const first = promises.length === 1 ? '' : ' than the first of these';
  return `${promised}: ${late} ${delayDays < 0 ? 'earlier' : 'LATER'}${first}`;
}

function since({ predicate: { to, effectiveAt } }: ResidencyStatement): string {
  return `in ${to.join(', ')} since ${day(effectiveAt)}`;
}

/** Copies that remain elsewhere, and what is excepted. */
function rest({ predicate: { residualCopies, exceptions } }: ResidencyStatement): string {
  const copies = residualCopies.map(({ country, what, until }) => {
    const end = until === undefined ? '' : ` until ${day(until)}`;
    return `; a copy in ${country}${end}: ${what}`;
  });
  return [...copies, ...exceptions.map((exception) => `; except: ${exception}`)].join('');
}

function corrected(correction: CorrectionShown | undefined): string {
  if (correction === undefined) return '';
  const { index, kind, reason } = correction;
  return `; CORRECTED by leaf ${say.number(index)}: ${kind}: ${reason}`;
}

function leaf({ entry }: ResidencyStatement): string {
  return `leaf ${say.number(entry.index)}`;
}

/** The day of a time of a statement, in UTC. */
function day(time: string): string {
  return time.slice(0, 10);
}
