import { expect } from 'chai';
import type { Hop } from '../../src/verifier/judging/hops/hop.ts';
import { en, shortcomingsOf } from '../../src/words/index.ts';
import { sampleHop } from '../verifier/sample-hops.ts';

/** A build that lacks nothing: built, its source in escrow and reviewed in full, rebuilt by somebody else. */
const whole: readonly Hop[] = [
  sampleHop('built'),
  sampleHop('source'),
  sampleHop('reviewed'),
  sampleHop('rebuilt'),
];
const update: readonly Hop[] = [sampleHop('updated'), ...whole.slice(1, 3)];

const shortOf = (hops: readonly Hop[], entries: readonly number[] = [4]): string[] =>
  shortcomingsOf({ answer: 'proven', hops, entries });
/** With this hop in place of the one of its name. */
const instead = (hop: Hop, among = whole): Hop[] => among.map((one) => (one.hop === hop.hop ? hop : one));

describe('what a proven answer falls short of', () => {
  it('is nothing where source, review and rebuild are whole', () => {
    expect(shortOf(whole)).to.deep.equal([]);
    expect(shortOf([...update, sampleHop('chain')])).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, string, readonly Hop[]])[] = [
    ['a deviation from procedure', 'deviations', instead(sampleHop('built', { deviations: 1 }))],
    [
      'a chain that is not shown to the first',
      'chain-open',
      [...update, sampleHop('chain', { mark: 'not-shown' })],
    ],
    ['a source that is not shown', 'no-source', instead(sampleHop('source', { mark: 'not-shown' }))],
    ['a source of something else', 'no-source', instead(sampleHop('source', { own: false }))],
    ['a review that is not shown', 'no-review', instead(sampleHop('reviewed', { mark: 'not-shown' }))],
    ['a review of something else', 'no-review', instead(sampleHop('reviewed', { own: false }))],
    ['a review in part', 'partly-reviewed', instead(sampleHop('reviewed', { whole: false }))],
    ['a second source without a review', 'partly-reviewed', [...whole, sampleHop('source', { snapshot: 2 })]],
    ['findings', 'review-findings', instead(sampleHop('reviewed', { result: 'findings' }))],
    ['a seal that is not proven', 'seal-unproven', [...whole, sampleHop('sealed', { mark: 'not-shown' })]],
    ['a rebuild that is not shown', 'no-rebuild', instead(sampleHop('rebuilt', { mark: 'not-shown' }))],
    [
      'a rebuild by the vendor',
      'rebuilt-by-vendor',
      instead(sampleHop('rebuilt', { independence: 'vendor' })),
    ],
  ];
  for (const [what, shortcoming, hops] of cases) {
    it(`is ${shortcoming} for ${what}, and nothing else`, () => {
      expect(shortOf(hops)).to.deep.equal([shortcoming]);
    });
  }

  it('is told in every language of the catalogue: each has its words', () => {
    const named = new Set(cases.map(([, shortcoming]) => shortcoming));
    expect(Object.keys(en.shortcomings)).to.have.members([...named]);
  });

  it('is that of the newest of several entries', () => {
    const older = sampleHop('built', { entry: 1, deviations: 1 });
    expect(shortOf([older, ...whole], [1, 4])).to.deep.equal([]);
    expect(shortOf([older, ...whole], [4, 1])).to.include('deviations');
  });

  it('asks for no rebuild of an update', () => {
    expect(shortOf(update)).to.deep.equal([]);
  });
});
