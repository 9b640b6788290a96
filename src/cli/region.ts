/** `isal region status`: where the data of a region are said to be, and every statement about it. */
import { LedgerError } from '../errors.ts';
import { grouped } from '../verifier/hops.ts';
import { Residency } from '../verifier/residency.ts';
import type { CategoryStatus, RegionStatus, ResidencyStatement, Standing } from '../verifier/residency.ts';
import { parseCommand } from './args.ts';
import type { ExitStatus } from './exit.ts';
import type { Io } from './io.ts';
import { answer, leafJson, readWholeLog, timeOption, wholeLogOptions, wholeLogUsage } from './whole-log.ts';
import type { Line } from './whole-log.ts';

export const usage: string = `isal region status [REGION] [options]    where a region's data are by the last statement for
                                 each category, and every statement before it

  --as-of TIME     hold promised dates against this time (default: now); TIME as
                   2026-11-03T12:00:00Z or in seconds since 1970
${wholeLogUsage}`;

const options = { ...wholeLogOptions, 'as-of': { type: 'string' } } as const;

const marks: Readonly<Record<Standing, Line['mark']>> = {
  done: 'proven',
  excepted: 'proven',
  overdue: 'not-shown',
  pending: 'not-shown',
  against: 'contradicted',
};

export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  const [verb = '', ...rest] = args;
  if (verb !== 'status') {
    throw new LedgerError('usage', 'there is no such region command', { expected: usage, got: verb });
  }
  const { values, positionals } = parseCommand(rest, options, usage);
  const [region, ...more] = positionals;
  if (more.length > 0) {
    throw new LedgerError('usage', 'name one region, or none for all', {
      expected: usage,
      got: positionals.join(' '),
    });
  }
  const at = timeOption('as-of', values['as-of']) ?? io.now();
  const residency = new Residency(region);
  const log = await readWholeLog(values, (entry) => residency.add(entry), io);
  const regions = residency.result(at);
  const own = regions.flatMap(regionLines);
  if (regions.length === 0) {
    const whose = region === undefined ? 'any region' : region;
    const text = `no statement about ${whose} as of ${grouped(log.replay.size)}`;
    own.push({ mark: 'not-shown', label: 'Region', text });
  }
  return answer(log, { own, facts: { regions: regions.map(regionJson) }, json: values.json }, io);
}

function regionLines({ region, categories, history }: RegionStatus): Line[] {
  return [
    ...categories.map((category) => nowLine(region, category)),
    // That it was said is proven, whatever it says; what came of it stands above.
    ...history.map(({ entry, predicate }): Line => {
      const said = `${predicate.phase}, ${predicate.categories.join(', ')} ${moveText(predicate)}`;
      const text = `${region}: ${predicate.occurredAt.slice(0, 10)} (leaf ${grouped(entry.index)}) ${said}${restText(predicate)}`;
      return { mark: 'proven', label: 'Stated', text };
    }),
  ];
}

function nowLine(region: string, { category, statement, standing }: CategoryStatus): Line {
  const { entry, predicate } = statement;
  const leaf = `(leaf ${grouped(entry.index)})`;
  const text = `${region}, ${category}: ${standingText(standing, predicate)} ${leaf}`;
  return { mark: marks[standing], label: 'Region', text };
}

function standingText(standing: Standing, predicate: ResidencyStatement['predicate']): string {
  const { phase, to, effectiveAt } = predicate;
  const where = to.join(', ');
  const on = effectiveAt.slice(0, 10);
  const since = `in ${where} since ${on}`;
  const rest = restText(predicate);
  const texts: Readonly<Record<Standing, string>> = {
    done: `${since}, nothing excepted`,
    excepted: `${since}, NOT WHOLLY${rest}`,
    overdue:
      phase === 'announced'
        ? `promised in ${where} for ${on}, and nothing stated since`
        : `${since}, and that a copy is gone by its date is not stated${rest}`,
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

function regionJson({ region, categories, history }: RegionStatus): object {
  return {
    region,
    categories: categories.map(({ category, statement, standing }) => ({
      category,
      index: statement.entry.index,
      standing,
      mark: marks[standing],
    })),
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
