import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const room = fileURLToPath(new URL('../../../src/cli/', import.meta.url));

/** What the command line takes from the rooms that judge: formats to read and make, and questions to ask. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  // To make, read and sign statements and authority documents. Not: rules, revocations, corrections, signatures.
  // Which names look alike is no judgement of what is recorded: it warns whoever is about to write or to pin one.
  attestation: [
    'authority-document.ts',
    'authority.ts',
    'canonical.ts',
    'customer-tag.ts',
    'digests.ts',
    'disclosure.ts',
    'envelope.ts',
    'generated/type-names.ts',
    'kinds/index.ts',
    'names/alike.ts',
    'names/unseen.ts',
    'schema.ts',
    'search-fields.ts',
    'statement.ts',
    'types.ts',
  ],
  // The doors: each gives a verdict, or facts with marks. Not: what makes findings, marks or answers.
  'verifier/judging': [
    'answer.ts',
    'hops/hop.ts',
    'inspect.ts',
    'judge-file.ts',
    'one-entry.ts',
    'requirements.ts',
    'sealed.ts',
    'verdict.ts',
    'verify-bundle.ts',
  ],
};

/** `attestation/rules.ts` → the room and the file, for rooms that have a list. */
function placed(path: string): { readonly list: string; readonly file: string } | undefined {
  const list = Object.keys(allowed).find((name) => path.startsWith(`${name}/`));
  return list === undefined ? undefined : { list, file: path.slice(list.length + 1) };
}

/** Imports of `source` beyond the lists, by what follows the last `../`. */
function beyond(source: string): string[] {
  return [...source.matchAll(/from '(?:\.\.\/)+([^']+)'|import\('(?:\.\.\/)+([^']+)'\)/g)]
    .map(([, statically, lazily]) => statically ?? lazily ?? '')
    .filter((path) => {
      const found = placed(path);
      return found !== undefined && allowed[found.list]?.includes(found.file) !== true;
    });
}

describe('the command line', () => {
  it('judges nothing itself: it imports no rules and no maker of verdicts', () => {
    const files = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(files).to.have.length.greaterThan(50);
    const found = files.flatMap((name) =>
      beyond(readFileSync(join(room, name), 'utf8')).map((path) => `${name}: ${path}`),
    );
    expect(found).to.deep.equal([]);
  });

  it('would be caught: this test sees an import of a rule, of a maker of findings, and a lazy one', () => {
    const source = [
      "import { statusAt } from '../../attestation/revocations.ts';",
      "import { verdictOf } from '../../verifier/judging/finding.ts';",
      "const { authorise } = await import('../../attestation/rules.ts');",
      "import { judgeFile } from '../../verifier/judging/judge-file.ts';",
      "import { readSmall } from '../terminal/files.ts';",
    ].join('\n');
    expect(beyond(source)).to.deep.equal([
      'attestation/revocations.ts',
      'verifier/judging/finding.ts',
      'attestation/rules.ts',
    ]);
  });
});
