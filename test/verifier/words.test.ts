/** The verifier gives facts: what people read is written in `words/`. */
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { sentencesIn } from '../prose.ts';

const folder = fileURLToPath(new URL('../../../src/verifier/', import.meta.url));

describe('the verifier', () => {
  it('writes no sentence for people', async () => {
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
    expect(names.length).to.be.above(40);
    const found: string[] = [];
    for (const name of names) {
      const sentences = sentencesIn(await readFile(`${folder}${name}`, 'utf8'));
      found.push(...sentences.map(({ line, text }) => `${name}:${line} ${text}`));
    }
    expect(found, 'to be told as facts, and said in src/words/').to.deep.equal([]);
  });
});

describe('the search for sentences', () => {
  const lines = (source: string): [number, string][] =>
    sentencesIn(source).map(({ line, text }) => [line, text]);

  it('finds them in strings and in templates, by their line', () => {
    expect(
      lines("const a = 'one';\nconst b = 'no review shown';\nconst c = \"it’s not there\";"),
    ).to.deep.equal([
      [2, 'no review shown'],
      [3, 'it’s not there'],
    ]);
    expect(lines('const text = `leaf ${index} of ${size}`;')).to.deep.equal([[1, 'leaf … of …']]);
    expect(lines("f(`${count} ${count === 1 ? 'more seal' : `more ${'of them'}`} left`);")).to.deep.equal([
      [1, 'more seal'],
      [1, 'of them'],
    ]);
    expect(lines("return { text: 'the log has signed two trees' };")).to.have.length(1);
    expect(lines("const said: Record<string, string> = { 'all-leaves': 'none among all' };")).to.have.length(
      1,
    );
  });

  it('takes names, codes, keys and single words for what they are', () => {
    for (const source of [
      "import { en } from '../words/index.ts';",
      "const code = 'not-recorded'; const space = ' '; const comma = ', ';",
      'const key = `${hop.hop} ${hop.entry} ${hop.index}`;',
      'const digest = `sha256 ${sha256}`;',
      "const types: Record<'one' | 'other', 1> = x; const one = { 'two-words': 'word' };",
    ]) {
      expect(lines(source), source).to.deep.equal([]);
    }
  });

  it('leaves comments and patterns aside', () => {
    expect(lines("// it says 'no review shown'\n/* and `no rebuild shown` */\nconst a = 1;")).to.deep.equal(
      [],
    );
    expect(
      lines("const words = /'no review shown'/; const b = 1 / 2; const c = 'a real one';"),
    ).to.deep.equal([[1, 'a real one']]);
  });

  it('leaves the developer’s text aside: of errors, assertions and the reasons of a failure', () => {
    for (const source of [
      "throw new LedgerError('not-found', 'no such leaf', { expected: 'a leaf of the tree', got: `${n} of them` });",
      "throw new Error('broken invariant here');",
      "assert(a === b, `both are ${'of one'} checkpoint`);",
      "const failure = { code, message: 'two entries differ', got: a ? 'one of them' : `none of ${n}` };",
      "const schema = { type: 'string', description: 'One line of text' };",
    ]) {
      expect(lines(source), source).to.deep.equal([]);
    }
  });

  it('does not take what stands beside such text for it', () => {
    expect(lines("const one = { message: 'for developers only', text: 'for people too' };")).to.deep.equal([
      [1, 'for people too'],
    ]);
    expect(lines("f({ got: [a, { text: 'x' }], text: `said to ${who} here` });")).to.deep.equal([
      [1, 'said to … here'],
    ]);
    expect(lines("assert(x, 'for developers only'); say('for people too');")).to.deep.equal([
      [1, 'for people too'],
    ]);
    expect(lines("const a = b ? message : 'for people too';")).to.have.length(1);
    expect(lines("new Hop('for people too'); insert(a, 'for people too');")).to.have.length(2);
  });
});
