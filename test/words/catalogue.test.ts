/** Another language beside English: which messages it lacks, and that hops are told in it. */
import { expect } from 'chai';
import { answerText, en, hopText, missingIds } from '../../src/words/index.ts';
import type { Catalogue, PartialCatalogue } from '../../src/words/index.ts';
import { sampleHop } from '../verifier/sample-hops.ts';

/** Some of German. */
const de = {
  language: 'de',
  labels: { ...en.labels, recorded: 'Eingetragen', keys: 'Schlüssel' },
  hops: {
    recorded: (hop) =>
      hop.state === 'recorded' ? `Blatt ${hop.index} von ${hop.size}` : 'nicht eingetragen',
    more: () => 'das Verzeichnis hat mehr, als eine Antwort fasst',
  },
  moreAlike: (hop) => `und weitere ab Blatt ${hop.index}`,
  answers: { contradicted: 'WIDERLEGT: verlassen Sie sich nicht auf diese Datei.' },
} as const satisfies PartialCatalogue;

/** The rest in English, as a page would fall back. */
const words: Catalogue = {
  ...en,
  ...de,
  hops: { ...en.hops, ...de.hops },
  answers: { ...en.answers, ...de.answers },
};

/** Every id of a catalogue, as `missingIds` names them. */
const idsOf = (part: object): string[] => missingIds(part, {});

describe('a catalogue', () => {
  it('lacks nothing of itself, and all of it where there is none', () => {
    expect(missingIds(en, en)).to.deep.equal([]);
    expect(missingIds(en, {})).to.deep.equal(Object.keys(en));
  });

  it('that is being translated is told exactly what it lacks', () => {
    const lacking = (part: 'hops' | 'answers', has: readonly string[]): string[] =>
      idsOf(en[part])
        .filter((id) => !has.includes(id))
        .map((id) => `${part}.${id}`);
    const { language: _, labels: __, hops, moreAlike: ___, answers, ...parts } = en;
    expect(missingIds(en, de)).to.have.members([
      ...lacking('hops', ['recorded', 'more']),
      ...lacking('answers', ['contradicted']),
      ...Object.keys(parts),
    ]);
    expect(missingIds({ hops, answers }, de)).to.include.members(['hops.chain', 'answers.proven']);
  });

  it('lacks no message that falls back to English', () => {
    expect(missingIds(en, words)).to.deep.equal([]);
  });

  it('tells hops and answers in its own language, and what it lacks in English', () => {
    expect(hopText(sampleHop('recorded'), words)).to.equal('Blatt 48211 von 51002');
    expect(hopText(sampleHop('recorded', { more: true }), words)).to.equal('und weitere ab Blatt 48211');
    expect(hopText(sampleHop('chain'), words)).to.equal(en.hops.chain(sampleHop('chain')));
    const contradicted = { answer: 'contradicted', hops: [], entries: [] } as const;
    expect(answerText(contradicted, words)).to.equal(de.answers.contradicted);
    expect(answerText({ ...contradicted, answer: 'policy' }, words)).to.equal(en.answers.policy);
  });
});
