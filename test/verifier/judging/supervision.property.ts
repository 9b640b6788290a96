/**
 * The judgement of a build against a naive one, over logs that hold any mixture
 * of right, wrong and half right statements, in any order, of which a bundle
 * shows any part. The naive judge works on the plan from which the leaves are
 * made, and never sees a leaf.
 */
import fc from 'fast-check';
import { expect } from 'chai';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
import type { Extent } from '../../extent.ts';
import {
  build,
  correction,
  digest,
  genesis,
  leafHashOf,
  rebuildResult,
  sourceReview,
  sourceSnapshot,
} from '../../fixtures/attestations.ts';
import { SampleLog } from '../sample-log.ts';
import { digests, file, replayedVerdict, verdictOf } from '../supervised-log.ts';

/** One of two values by each of two algorithms, or none; never neither. */
interface Two {
  readonly a: 'x' | 'y' | null;
  readonly b: 'x' | 'y' | null;
}

interface Plan {
  readonly inputs: readonly Two[];
  readonly snapshots: readonly {
    readonly manifest: Two;
    readonly kind: 'product' | 'build-scripts';
    readonly product: 'hello' | 'other';
  }[];
  readonly reviews: readonly {
    /** Which snapshot it names; that of nobody if there are fewer. */
    readonly of: number;
    readonly digest: Two;
    readonly depth: 'targeted' | 'full';
    readonly covered: 5 | 10;
    readonly result: 'no-findings' | 'findings' | 'refused' | 'inconclusive';
  }[];
  readonly rebuilds: readonly {
    readonly own: boolean;
    readonly digest: 'file' | 'other';
    readonly verdict: 'equivalent' | 'different' | 'not-rebuildable';
    readonly independence: 'independent' | 'vendor';
  }[];
  /** Positions of their targets among all leaves before, modulo how many those are. */
  readonly corrections: readonly number[];
  /** Ranks that put the leaves in order. */
  readonly order: readonly number[];
  /** Which leaves the bundle shows. */
  readonly shown: readonly boolean[];
}

const filesInSnapshot = 10;
const one = fc.constantFrom('x' as const, 'y' as const, null);
const two: fc.Arbitrary<Two> = fc.record({ a: one, b: one }).filter(({ a, b }) => a !== null || b !== null);
const room = 16;

const plans: fc.Arbitrary<Plan> = fc.record({
  inputs: fc.array(two, { minLength: 1, maxLength: 2 }),
  snapshots: fc.array(
    fc.record({
      manifest: two,
      kind: fc.constantFrom('product', 'build-scripts'),
      product: fc.constantFrom('hello', 'other'),
    }),
    { maxLength: 2 },
  ),
  reviews: fc.array(
    fc.record({
      of: fc.nat(2),
      digest: two,
      depth: fc.constantFrom('targeted', 'full'),
      covered: fc.constantFrom(5, 10),
      result: fc.constantFrom('no-findings', 'findings', 'refused', 'inconclusive'),
    }),
    { maxLength: 3 },
  ),
  rebuilds: fc.array(
    fc.record({
      own: fc.boolean(),
      digest: fc.constantFrom('file', 'other'),
      verdict: fc.constantFrom('equivalent', 'different', 'not-rebuildable'),
      independence: fc.constantFrom('independent', 'vendor'),
    }),
    { maxLength: 2 },
  ),
  corrections: fc.array(fc.nat(room), { maxLength: 2 }),
  order: fc.array(fc.nat(1_000), { minLength: room, maxLength: room }),
  shown: fc.array(fc.boolean(), { minLength: room, maxLength: room }),
});

const sha512 = (text: string): string => digest(`${text} a`) + digest(`${text} b`);

function digestsOf({ a, b }: Two): { sha256?: string; sha512?: string } {
  return {
    ...(a === null ? {} : { sha256: digest(`manifest ${a}`) }),
    ...(b === null ? {} : { sha512: sha512(`manifest ${b}`) }),
  };
}

type Name = `snapshot ${number}` | `review ${number}` | `rebuild ${number}` | 'build';

/** The leaves of a plan: names in the order of the log, the log, and which index each name has. */
function made(plan: Plan): { log: SampleLog; names: Name[]; targets: number[] } {
  const leaves = new Map<Name, Uint8Array>();
  leaves.set(
    'build',
    build({
      file,
      change: ({ predicate }) => {
        predicate.buildDefinition.resolvedDependencies = plan.inputs.map((input) => ({
          digest: digestsOf(input),
        }));
      },
    }),
  );
  for (const [at, { manifest, kind, product }] of plan.snapshots.entries()) {
    const leaf = sourceSnapshot({
      seq: at + 1,
      product,
      change: ({ predicate, subject }) => {
        predicate.manifest = digestsOf(manifest);
        predicate.files = filesInSnapshot;
        predicate.kind = kind;
        subject[0] = { digest: digestsOf(manifest) };
      },
    });
    leaves.set(`snapshot ${at}`, leaf);
  }
  for (const [at, { of, digest: own, depth, covered, result }] of plan.reviews.entries()) {
    const snapshot = leaves.get(`snapshot ${of}`);
    const leafHash = snapshot === undefined ? digest('no leaf') : leafHashOf(snapshot);
    const leaf = sourceReview({
      seq: at + 1,
      change: ({ predicate, subject }) => {
        predicate.snapshot = { leafHash, digest: digestsOf(own) };
        predicate.depth = depth;
        predicate.coverage = { filesCovered: covered, filesTotal: depth === 'full' ? covered : 10 };
        predicate.result = result;
        predicate.findings = {
          critical: 0,
          high: 0,
          medium: 0,
          low: result === 'findings' ? 1 : 0,
        };
        subject[0] = { digest: digestsOf(own) };
      },
    });
    leaves.set(`review ${at}`, leaf);
  }
  for (const [at, { own, digest: which, verdict, independence }] of plan.rebuilds.entries()) {
    const sha256 = digest(which === 'file' ? file : 'another file');
    const leafHash = own ? leafHashOf(leaves.get('build') as Uint8Array) : digest('no leaf');
    const leaf = rebuildResult({
      seq: at + 1,
      build: { leafHash, sha256 },
      change: ({ predicate }) => {
        predicate.verdict = verdict;
        predicate.independence = independence;
        if (verdict === 'different') predicate.unexplainedBytes = 3;
        if (verdict !== 'not-rebuildable') return;
        predicate.normalisations = [];
        delete predicate.candidate;
        delete predicate.environment;
      },
    });
    leaves.set(`rebuild ${at}`, leaf);
  }
  const names = [...leaves.keys()]
    .map((name, at) => ({ name, rank: plan.order[at] ?? 0 }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ name }) => name);
  const log = new SampleLog([genesis(), ...names.map((name) => leaves.get(name) as Uint8Array)]);
  const targets = plan.corrections.map((target, at) => {
    const index = 1 + (target % (log.size - 1));
    log.append(correction({ seq: at + 1, target: leafHashOf(log.leaves[index] as Uint8Array) }));
    return index;
  });
  return { log, names, targets };
}

type Relation = 'same' | 'half' | 'other' | 'nothing';

function relation(one: Two, other: Two): Relation {
  const marks = (['a', 'b'] as const).map((name) =>
    one[name] === null || other[name] === null ? '' : one[name] === other[name] ? '=' : '#',
  );
  if (marks.includes('=')) return marks.includes('#') ? 'half' : 'same';
  return marks.includes('#') ? 'other' : 'nothing';
}

/** What is to be said of a plan where the leaves at these indices are known: one text a hop, and whether it is contradicted. */
function naive(plan: Plan, names: readonly Name[], targets: readonly number[], known: ReadonlySet<number>) {
  const indexOf = (name: Name): number => names.indexOf(name) + 1;
  const first = names.length + 1;
  const corrected = new Set(targets.filter((_, at) => known.has(first + at)));
  const standing = new Set(targets.filter((_, at) => known.has(first + at) && !corrected.has(first + at)));
  const lines: string[] = [];
  let contradicted = false;
  const say = (name: string, index: number, mark: string, less = false): void => {
    const spoilt = index > 0 && corrected.has(index);
    if (spoilt || mark === 'contradicted') contradicted = true;
    const last = spoilt && mark === 'proven' ? 'contradicted' : mark;
    lines.push(`${name} ${index} ${last}${less && last === 'proven' ? ' !' : ''}`);
  };
  const at = indexOf('build');
  say('built', at, 'proven');
  let sources = 0;
  for (const [number, snapshot] of plan.snapshots.entries()) {
    const index = indexOf(`snapshot ${number}`);
    const relations = plan.inputs.map((input) => relation(input, snapshot.manifest));
    if (!known.has(index) || !relations.some((some) => some === 'same' || some === 'half')) continue;
    sources++;
    const own = snapshot.kind === 'product' && snapshot.product === 'hello';
    say('source', index, relations.includes('half') ? 'contradicted' : 'proven', !own || index > at);
    let reviews = 0;
    for (const [count, review] of plan.reviews.entries()) {
      const place = indexOf(`review ${count}`);
      if (review.of !== number || !known.has(place)) continue;
      reviews++;
      const agrees = relation(review.digest, snapshot.manifest);
      const toldNothing = review.result === 'refused' || review.result === 'inconclusive';
      const good = agrees === 'same' && !toldNothing;
      const whole = review.depth === 'full' && review.covered === filesInSnapshot;
      const mark = agrees === 'half' ? 'contradicted' : good ? 'proven' : 'not-shown';
      say('reviewed', place, mark, !own || !whole || review.result === 'findings');
    }
    if (reviews === 0) say('reviewed', 0, 'not-shown');
  }
  if (sources === 0) {
    lines.push(`source ${at} not-shown`);
    say('reviewed', 0, 'not-shown');
  }
  let rebuilds = 0;
  for (const [count, rebuild] of plan.rebuilds.entries()) {
    const place = indexOf(`rebuild ${count}`);
    if (!known.has(place) || !rebuild.own || rebuild.digest === 'other') continue;
    rebuilds++;
    if (rebuild.verdict === 'different' && standing.has(place)) {
      lines.push(`rebuilt ${place} not-shown`);
      continue;
    }
    const marks = { equivalent: 'proven', different: 'contradicted', 'not-rebuildable': 'not-shown' };
    say('rebuilt', place, marks[rebuild.verdict], rebuild.independence === 'vendor');
  }
  if (rebuilds === 0) say('rebuilt', 0, 'not-shown');
  return { lines: lines.toSorted(), answer: contradicted ? 'contradicted' : 'proven' };
}

function told({ hops, answer }: Verdict): { lines: string[]; answer: string } {
  const named = new Set(['built', 'source', 'reviewed', 'rebuilt']);
  const lines = hops
    .filter(({ hop }) => named.has(hop))
    .map(({ hop, index = 0, mark, qualified }) => `${hop} ${index} ${mark}${qualified === true ? ' !' : ''}`);
  return { lines: lines.toSorted(), answer };
}

/** Registers it as a suite. */
export function sweepJudgements({ name, upTo }: Extent): void {
  describe(`the judgement of any build, ${name}`, () => {
    it('is that of a naive judge, by any bundle and by a replay', async () => {
      let contradicted = 0;
      await fc.assert(
        fc.asyncProperty(plans, async (plan) => {
          const { log, names, targets } = made(plan);
          const own = names.indexOf('build') + 1;
          const chosen = log.leaves.flatMap((_, index) =>
            index === own || (index > 0 && plan.shown[index % room] === true) ? [index] : [],
          );
          // A bundle that shows a correction shows its target.
          const known = new Set(chosen);
          for (const index of known) {
            const target = targets[index - names.length - 1];
            if (target !== undefined) known.add(target);
          }
          expect(told(await verdictOf(log, chosen))).to.deep.equal(naive(plan, names, targets, known));
          const all = new Set(log.leaves.keys());
          const expected = naive(plan, names, targets, all);
          expect(told(await replayedVerdict(log, chosen))).to.deep.equal(expected);
          if (expected.answer === 'contradicted') contradicted++;
          expect(digests.sha256).to.equal(digest(file));
        }),
        { numRuns: upTo(1000, 40) },
      );
      expect(contradicted).to.be.within(upTo(100, 4), upTo(990, 39));
    });
  });
}
