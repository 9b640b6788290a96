/** `isal region status`: where the data of a region are said to be, and every statement about it. */
import { toHex } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { counted, grouped } from '../../verifier/judging/hops.ts';
import { Residency } from '../../verifier/folds/residency.ts';
import type {
  CategoryStatus,
  RegionStatus,
  ResidencyStatement,
  Standing,
  TakenBack,
} from '../../verifier/folds/residency.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { answer, leafJson, readWholeLog, timeOption } from '../online/whole-log.ts';
import type { CorrectionShown, Line } from '../online/whole-log.ts';

const marks: Readonly<Record<Standing, Line['mark']>> = {
  done: 'proven',
  excepted: 'proven',
  overdue: 'not-shown',
  'copy-overdue': 'not-shown',
  pending: 'not-shown',
  against: 'contradicted',
};

export async function status(
  { values, positionals: [region] }: Given<typeof described.status>,
  io: Io,
): Promise<ExitStatus> {
  const at = timeOption('as-of', values['as-of']) ?? io.now();
  const residency = new Residency(region);
  const log = await readWholeLog(values, (entry) => residency.add(entry), io);
  const regions = residency.result(at);
  const corrected = new Map(log.corrections.map((correction) => [correction.target, correction]));
  const own = regions.flatMap((one) => regionLines(one, corrected));
  if (regions.length === 0) {
    const whose = region === undefined ? 'any region' : region;
    const text = `no statement about ${whose} as of ${grouped(log.replay.size)}`;
    own.push({ mark: 'not-shown', label: 'Region', text });
  }
  return answer(
    log,
    { own, facts: { regions: regions.map((one) => regionJson(one, corrected)) }, json: values.json },
    io,
  );
}

/** By the leaf hash of what they are of; of several, the last. */
type Corrected = ReadonlyMap<string, CorrectionShown>;

function regionLines({ region, categories, history }: RegionStatus, corrected: Corrected): Line[] {
  return [
    ...categories.flatMap((category) => [
      nowLine(region, category, corrected),
      ...category.takenBack.map((one) => takenBackLine(region, category.category, one)),
    ]),
    // That it was said is proven, whatever it says; what came of it stands above.
    ...history.map(({ entry, predicate }): Line => {
      const said = `${predicate.phase}, ${predicate.categories.join(', ')} ${moveText(predicate)}`;
      const correction = correctionText(entry, corrected);
      const text = `${region}: ${predicate.occurredAt.slice(0, 10)} ${leafText(entry)} ${said}${restText(predicate)}${correction}`;
      return { mark: correction === '' ? 'proven' : 'contradicted', label: 'Stated', text };
    }),
  ];
}

/** What is corrected does not hold, whatever it says. */
function nowLine(region: string, category: CategoryStatus, corrected: Corrected): Line {
  const { statement, standing } = category;
  const { entry } = statement;
  const correction = correctionText(entry, corrected);
  const text = `${region}, ${category.category}: ${standingText(category)} ${leafText(entry)}${datesText(category)}${correction}`;
  return { mark: correction === '' ? marks[standing] : 'contradicted', label: 'Region', text };
}

/** That a claim was made and taken back is proven. What holds now has its own line. */
function takenBackLine(region: string, category: string, { claim, by }: TakenBack): Line {
  const { phase, to, effectiveAt } = claim.predicate;
  const said = `${phase}, in ${to.join(', ')} from ${effectiveAt.slice(0, 10)} on ${leafText(claim.entry)}`;
  const on = by.predicate.occurredAt.slice(0, 10);
  const text = `${region}, ${category}: “${said}” was WRONG, says ${leafText(by.entry).slice(1, -1)} of ${on}`;
  return { mark: 'proven', label: 'Taken back', text };
}

function standingText({ standing, statement: { predicate }, promises }: CategoryStatus): string {
  const { phase, to, effectiveAt } = predicate;
  const where = to.join(', ');
  const on = effectiveAt.slice(0, 10);
  const since = `in ${where} since ${on}`;
  const rest = restText(predicate);
  const promise = promises.at(-1)?.predicate;
  const promised = `promised in ${promise?.to.join(', ')} for ${promise?.effectiveAt.slice(0, 10)}`;
  const late = {
    announced: 'and nothing stated since',
    migrating: `and still under way${rest}`,
    complete: `to be so only from ${on}${rest}`,
    regressed: '',
    corrected: '',
  };
  const texts: Readonly<Record<Standing, string>> = {
    done: `${since}, nothing excepted`,
    excepted: `${since}, NOT WHOLLY${rest}`,
    overdue: `${promised}, ${late[phase]}`,
    'copy-overdue': `${since}, and that a copy is gone by its date is not stated${rest}`,
    pending: `${phase}, to be in ${where} from ${on}${rest}`,
    against: `${phase === 'regressed' ? 'REGRESSED' : 'an earlier statement was WRONG'}: ${since}${rest}`,
  };
  return texts[standing];
}

function moveText({ from, to, effectiveAt }: ResidencyStatement['predicate']): string {
  return `from ${from.join(', ')} to ${to.join(', ')}, effective ${effectiveAt.slice(0, 10)}`;
}

function restText({ residualCopies, exceptions }: ResidencyStatement['predicate']): string {
  const copies = residualCopies.map(({ country, what, until }) => {
    const end = until === undefined ? '' : ` until ${until.slice(0, 10)}`;
    return `; a copy in ${country}${end}: ${what}`;
  });
  return [...copies, ...exceptions.map((exception) => `; except: ${exception}`)].join('');
}

/** Promised against actual: `; promised for 2018-12-31 (leaf 1): 48 days early`. */
function datesText({ promises, arrived, delayDays, standing, statement }: CategoryStatus): string {
  // The one promise is what the line speaks of already.
  const told = standing === 'overdue' || statement.predicate.phase === 'announced';
  if (told && promises.length === 1) return '';

  const dates = promises.map(
    ({ entry, predicate }) => `${predicate.effectiveAt.slice(0, 10)} ${leafText(entry)}`,
  );
  if (dates.length === 0) return '';
  const promised = `; promised for ${dates.join(', then for ')}`;
  if (arrived === undefined || delayDays === undefined) return promised;
  const first = dates.length === 1 ? '' : ' than the first of these';
  if (delayDays === 0) return `${promised}: kept to the day`;
  return `${promised}: ${counted(Math.abs(delayDays), 'day')} ${delayDays < 0 ? 'earlier' : 'LATER'}${first}`;
}

function leafText({ index }: Entry): string {
  return `(leaf ${grouped(index)})`;
}

function correctionText({ attestation }: Entry, corrected: Corrected): string {
  const correction = corrected.get(toHex(attestation.leafHash));
  if (correction === undefined) return '';
  return `; CORRECTED by leaf ${grouped(correction.index)}: ${correction.kind}: ${correction.reason}`;
}

function regionJson({ region, categories, history }: RegionStatus, corrected: Corrected): object {
  const dated = ({ entry, predicate }: ResidencyStatement): object => {
    const { to, effectiveAt } = predicate;
    return { index: entry.index, to, effectiveAt };
  };
  return {
    region,
    categories: categories.map(({ statement, standing, promises, arrived, takenBack, ...rest }) => {
      const correction = corrected.get(toHex(statement.entry.attestation.leafHash));
      return {
        ...rest,
        index: statement.entry.index,
        standing,
        mark: correction === undefined ? marks[standing] : 'contradicted',
        promises: promises.map(dated),
        ...defined({ arrived: arrived && dated(arrived) }),
        takenBack: takenBack.map(({ claim, by }) => ({ index: claim.entry.index, by: by.entry.index })),
        ...defined({ correctedBy: correction?.index }),
      };
    }),
    history: history.map(({ entry, predicate }) => {
      const { occurredAt, categories: about, from, to, phase, effectiveAt } = predicate;
      const { residualCopies, exceptions } = predicate;
      return {
        ...leafJson(entry),
        occurredAt,
        categories: about,
        from,
        to,
        phase,
        effectiveAt,
        residualCopies,
        exceptions,
      };
    }),
  };
}
