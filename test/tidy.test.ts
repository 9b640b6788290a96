import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const source = fileURLToPath(new URL('../../src/', import.meta.url));

/** Generated, or a list of words: as long as what they list. */
const lists = /(?:^|\/)generated\/|^words\/en\/|^cli\/explain\/explanations\.ts$/;

/** Paths below `src/` → lines. */
function filesOfSource(): Map<string, number> {
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return new Map(
    names.map((name) => [name, readFileSync(join(source, name), 'utf8').split('\n').length - 1]),
  );
}

describe('a tidy house', () => {
  it('has at most 20 files in a folder', () => {
    const folders = new Map<string, number>();
    for (const name of filesOfSource().keys()) {
      folders.set(dirname(name), (folders.get(dirname(name)) ?? 0) + 1);
    }
    expect(folders.size).to.be.greaterThan(20);
    expect([...folders].filter(([, count]) => count > 20)).to.deep.equal([]);
  });

  it('has at most 400 lines in a file, lists and what is generated aside', () => {
    const long = [...filesOfSource()].filter(([name, lines]) => lines > 400 && !lists.test(name));
    expect(long).to.deep.equal([]);
  });

  it('has its functions measured in every room', () => {
    const { overrides } = JSON.parse(readFileSync(join(source, '.oxlintrc.json'), 'utf8')) as {
      overrides: { files: string[]; rules: object }[];
    };
    const measured = overrides.find(({ rules }) => 'max-lines-per-function' in rules)?.files.join() ?? '';
    const rooms = new Set(
      [...filesOfSource().keys()].flatMap((name) => name.split('/').slice(0, -1)[0] ?? []),
    );
    expect(measured.replace(/^\{|\}\/\*\*$/g, '').split(',')).to.have.members([...rooms]);
  });
});
