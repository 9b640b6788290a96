import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { kinds } from '../../src/attestation/generated/kinds.ts';
import { supervisionOf, usualRules, usualSourcesOf } from '../../src/attestation/kinds/index.ts';
import { type Kind, type Kinds, atTop } from '../../src/attestation/kinds/shared/kind.ts';
import { decodeStatement } from '../../src/attestation/statement.ts';
import { attestationTypes, predicateTypes, typeOfPredicate } from '../../src/attestation/types.ts';
import * as fixtures from '../fixtures/attestations.ts';

const source = fileURLToPath(new URL('../../../src/', import.meta.url));

/** Paths below `src/` of what people write. */
async function written(): Promise<string[]> {
  const files = await readdir(source, { recursive: true });
  return files.filter((file) => file.endsWith('.ts') && !file.includes('/generated/'));
}

const read = (path: string): Promise<string> => readFile(join(source, path), 'utf8');

// None of these is run: that the compiler refuses the marked lines is what is shown.
export function refusedByTheCompiler(): unknown[] {
  const { subject: _rule, ...withoutSubjectRule } = kinds.residency;
  const { residency: _kind, ...withoutResidency } = kinds;
  // @ts-expect-error a type without a rule for its subject
  const first: Kind<'residency'> = withoutSubjectRule;
  // @ts-expect-error a type without its kind
  const second: Kinds = withoutResidency;
  // @ts-expect-error an entry that no role signs and no source counts
  const third: Kind<'residency'> = { ...kinds.residency, usual: null };
  // @ts-expect-error an entry that is bound to no ledger
  const fourth: Kind<'residency'> = { ...kinds.residency, supervision: null };
  // @ts-expect-error a build, whose supervision stands in a member of its own, read as if it stood at the top
  const fifth: Kind<'build'> = { ...kinds.build, supervision: atTop };
  // @ts-expect-error the kind of another type
  const sixth: Kind<'residency'> = kinds.correction;
  return [first, second, third, fourth, fifth, sixth];
}

describe('the attestation types', () => {
  it('have a file each, and no file is of no type', async () => {
    const files = (await written()).filter((file) => /^attestation\/kinds\/[^/]+\.ts$/.test(file));
    expect(files.toSorted()).to.deep.equal(
      [...attestationTypes, 'index'].map((type) => `attestation/kinds/${type}.ts`).toSorted(),
    );
  });

  it('are in the order that their files give', () => {
    const orders = attestationTypes.map((type) => kinds[type].order);
    expect(orders).to.deep.equal([...new Set(orders)].toSorted((a, b) => a - b));
    expect(attestationTypes.map((type) => typeOfPredicate(predicateTypes[type]))).to.deep.equal(
      attestationTypes,
    );
    expect(typeOfPredicate('urn:isal:predicate:build:v1')).to.equal(undefined);
  });

  it('are listed nowhere else: no file outside their own names more than six of them', async () => {
    const outside = (await written()).filter((file) => !file.startsWith('attestation/kinds/'));
    expect(outside).to.have.length.greaterThan(100);
    for (const file of outside) {
      const text = await read(file);
      const named = attestationTypes.filter((type) => text.includes(`'${type}'`));
      expect(named.length, `${file} names ${named.join(', ')}`).to.be.at.most(6);
    }
  });

  it('have supervision where their kind says, but for the authority document', () => {
    const at = (statement: object): string | undefined =>
      supervisionOf(decodeStatement(fixtures.payloadOf(statement)))?.pointer;
    expect(at(fixtures.authorityStatement())).to.equal(undefined);
    expect(at(fixtures.buildStatement())).to.equal('/predicate/isal_supervision');
    expect(at(fixtures.databaseUpdateStatement())).to.equal('/predicate');
    const build = decodeStatement(fixtures.payloadOf(fixtures.buildStatement({ seq: 7 })));
    expect(supervisionOf(build)?.value.source).to.deep.equal({ id: fixtures.buildSource, seq: 7 });
  });

  it('are ruled in a first authority document, each as its kind says, authority documents by the roots alone', () => {
    const ruled = usualRules().map(({ predicateType }) => typeOfPredicate(predicateType));
    expect(ruled).to.deep.equal(attestationTypes.filter((type) => type !== 'authority'));
    expect(usualRules().at(-1)?.anyOf).to.deep.equal([['target-signers'], ['supervisor']]);
  });

  it('give a role the sources of what it signs, and of corrections to it', () => {
    expect(usualSourcesOf('builder')).to.deep.equal(['build-conveyor', 'corrections']);
    expect(usualSourcesOf('vendor')).to.deep.equal(['access-summaries', 'residency', 'corrections']);
    expect(usualSourcesOf('supervisor')).to.have.members([
      'build-conveyor',
      'database-release',
      'source-escrow',
      'source-reviews',
      'residency',
      'supervision',
      'corrections',
    ]);
  });
});
