import { expect } from 'chai';
import fc from 'fast-check';
import {
  chainMark,
  linkMark,
  verdictBehind,
  wholeChainVerdict,
} from '../../../src/verifier/folds/chain-verdict.ts';
import type { Recorded } from '../../../src/verifier/folds/fold.ts';
import { compareDigests } from '../../../src/attestation/digests.ts';
import {
  UpdateChains,
  chainFields,
  linkUpdates,
  wholeUpdate,
} from '../../../src/verifier/folds/update-chain.ts';
import type { ChainFields, LinkKind, Update } from '../../../src/verifier/folds/update-chain.ts';
import { entryOf, expectKept } from './entries.ts';
import { plans, statementOf } from './update-plans.ts';
import type { Step } from './update-plans.ts';
import { seed } from '../../extent.ts';

type Plain = Update<Recorded, ChainFields>;

const updatesOf = (plan: readonly Step[]): Plain[] =>
  plan.map((step, at) => ({
    entry: { index: at + 1, leafHash: '' },
    predicate: chainFields(statementOf(step, at).predicate),
  }));

const same = (a: ChainFields['result'], b: ChainFields['result']): boolean => compareDigests(a, b) === 'same';
const again = (a: Plain, b: Plain): boolean =>
  a.predicate.version === b.predicate.version && same(a.predicate.result, b.predicate.result);

/** The rules word by word, each question asked of all updates. */
function naive(updates: readonly Plain[]): { link: LinkKind; previous?: number }[] {
  const taken = new Set<Plain>();
  const follows = new Map<Plain, Plain>();
  const first = updates.find(({ predicate }) => predicate.previous === null);
  const links = updates.map((update): { link: LinkKind; previous?: number } => {
    const { previous } = update.predicate;
    const at = (one: Plain): number => one.entry.index;
    if (previous === null) {
      if (update === first || first === undefined) return { link: 'first' };
      if (!again(update, first)) return { link: 'begins-again', previous: at(first) };
      taken.add(update);
      return { link: 'first' };
    }
    // Below, from the nearest down; then above, from the nearest up. Those with its SHA-256 before the others.
    const others = [
      ...updates.filter((one) => at(one) < at(update)).toReversed(),
      ...updates.filter((one) => at(one) > at(update)),
    ];
    const states = (['sha256', 'sha512'] as const).flatMap((name) =>
      others.filter(
        ({ predicate: { result } }) =>
          previous.result[name] !== undefined &&
          result[name] === previous.result[name] &&
          same(result, previous.result),
      ),
    );
    const named = states.filter((one) => one.predicate.version === previous.version);
    const free = named.find((one) => !taken.has(one));
    const shared = named.find((one) =>
      [...follows].some(([other, followed]) => followed === one && again(other, update)),
    );
    const place = free ?? shared;
    if (place !== undefined) {
      taken.add(free ?? update);
      follows.set(update, place);
      return { link: 'follows', previous: at(place) };
    }
    const followed = new Set(follows.values());
    const fork = named.find((one) => followed.has(one)) ?? named[0];
    if (fork !== undefined) return { link: 'forks', previous: at(fork) };
    if (states[0] !== undefined) return { link: 'other-version', previous: at(states[0]) };
    const version = others.find((one) => one.predicate.version === previous.version);
    if (version === undefined) return { link: 'skips' };
    const comparable = compareDigests(version.predicate.result, previous.result) !== 'incomparable';
    return { link: comparable ? 'other-state' : 'incomparable', previous: at(version) };
  });
  return links.map((link, at) => {
    const seen = new Set<Plain>();
    let one = updates[at];
    for (; one !== undefined && !seen.has(one); one = follows.get(one)) seen.add(one);
    return one === undefined ? link : { ...link, link: 'circle' };
  });
}

describe('the links of any chain of updates', () => {
  it('are those of a naive reference', () => {
    const seen = new Set<LinkKind>();
    fc.assert(
      fc.property(plans, (plan) => {
        const updates = updatesOf(plan);
        const links = linkUpdates(updates).map(({ link, previous }) =>
          previous === undefined ? { link } : { link, previous: previous.index },
        );
        expect(links).to.deep.equal(naive(updates));
        for (const { link } of links) seen.add(link);
      }),
      { numRuns: 600, seed },
    );
    expect([...seen]).to.include.members(['first', 'follows', 'begins-again', 'forks', 'skips']);
  });

  it('say the same of a chain as the ways behind all its updates', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(plans, (plan) => {
        const links = linkUpdates(updatesOf(plan));
        const whole = chainMark(wholeChainVerdict(links)).mark;
        const ways = links.map((own) => chainMark(verdictBehind(own, links, { whole: true }).verdict).mark);
        const worst = ['contradicted', 'not-shown', 'proven'].find((mark) =>
          ways.some((way) => way === mark),
        );
        expect(whole).to.equal(worst);
        // One link is no better than the way that begins with it.
        links.forEach((link, at) => {
          if (linkMark(link) === 'contradicted') expect(ways[at]).to.equal('contradicted');
          if (ways[at] === 'proven') expect(linkMark(link)).to.equal('proven');
        });
        seen.add(whole);
      }),
      { numRuns: 500, seed },
    );
    expect([...seen]).to.have.members(['proven', 'contradicted', 'not-shown']);
  });

  it('are the same after any restart', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const entries = plan.map((step, at) => entryOf(at + 1, 'database-update', statementOf(step, at)));
        expectKept(() => new UpdateChains({ fields: chainFields }), entries, 0);
        expectKept(() => new UpdateChains({ family: 'threats', fields: wholeUpdate }), entries, 0);
      }),
      { numRuns: 50 },
    );
  });
});
