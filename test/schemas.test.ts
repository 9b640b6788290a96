import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import type { SchemaName } from '../src/attestation/generated/schemas.ts';
import { schemas } from '../src/attestation/generated/schemas.ts';
import { attestationTypes } from '../src/attestation/types.ts';

const top = new URL('../..', import.meta.url);

/** Every schema inside a schema, with its pointer. */
function* partsOf(schema: unknown, at = ''): Generator<[string, Record<string, unknown>]> {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
  const part = schema as Record<string, unknown>;
  yield [at, part];
  for (const keyword of ['properties', '$defs']) {
    for (const [name, child] of Object.entries(part[keyword] ?? {}))
      yield* partsOf(child, `${at}/${keyword}/${name}`);
  }
  for (const keyword of ['items', 'additionalProperties']) yield* partsOf(part[keyword], `${at}/${keyword}`);
  if (Array.isArray(part['anyOf'])) {
    for (const [i, child] of part['anyOf'].entries()) yield* partsOf(child, `${at}/anyOf/${i}`);
  }
}

describe('schemas', () => {
  // In a process of its own, as `npm run generate` is: after thousands of other tests in one process, ajv has
  // been seen to write its own pieces of code as JSON.
  it('are the source of the generated files and of the reference page as they stand', async () => {
    const program = fileURLToPath(new URL('schemas/generate.mjs', top));
    const { stdout } = await promisify(execFile)(process.execPath, [program, '--print'], {
      maxBuffer: 1 << 24,
    });
    const files = JSON.parse(stdout) as Record<string, string>;
    expect(Object.keys(files)).to.include('docs/attestations.md').and.to.have.length.greaterThan(3);
    for (const [path, content] of Object.entries(files)) {
      const committed = await readFile(new URL(path, top), 'utf8');
      expect(committed === content, `${path} is stale: run npm run generate`).to.equal(true);
    }
    for (const type of attestationTypes) expect(files['docs/attestations.md']).to.contain(`\n## ${type}\n`);
  });

  it('are valid JSON Schema 2020-12 without anything that ajv finds unclear', () => {
    const ajv = new Ajv2020({ strict: true, schemas: Object.values(schemas) });
    for (const { $id } of Object.values(schemas)) expect(ajv.getSchema($id), $id).to.be.a('function');
  });

  it('are all generated from', async () => {
    const files = (await readdir(new URL('schemas/', top))).filter((name) => name.endsWith('.json'));
    expect(files.toSorted()).to.deep.equal(
      Object.keys(schemas)
        .map((name) => `${name}.json`)
        .toSorted(),
    );
  });

  for (const [name, schema] of Object.entries(schemas) as [SchemaName, unknown][]) {
    const parts = [...partsOf(schema)];

    it(`${name}: every field and definition has a description`, () => {
      const silent = parts.filter(
        ([at, part]) => /\/(?:properties|\$defs)\/[^/]+$/.test(at) && !('description' in part),
      );
      expect(silent.map(([at]) => at).filter((at) => !at.includes('/anyOf/'))).to.deep.equal([]);
    });

    it(`${name}: every string, array and number has a bound`, () => {
      const bound: Record<string, readonly string[]> = {
        string: ['maxLength', 'enum', 'const'],
        array: ['maxItems'],
        integer: ['minimum', 'maximum'],
        number: ['minimum', 'maximum'],
      };
      const boundless = parts.filter(([, part]) => {
        const keywords = bound[String(part['type'])] ?? [];
        return part['type'] === 'integer'
          ? !keywords.every((keyword) => keyword in part)
          : keywords.length > 0 && !keywords.some((keyword) => keyword in part);
      });
      expect(boundless.map(([at]) => at)).to.deep.equal([]);
    });

    it(`${name}: every object refuses unknown members, or bounds their number`, () => {
      const open = parts.filter(
        ([at, part]) =>
          part['type'] === 'object' &&
          !at.includes('/anyOf/') &&
          part['additionalProperties'] !== false &&
          !('maxProperties' in part),
      );
      // The predicate of a statement has a schema of its own.
      expect(open.map(([at]) => at)).to.deep.equal(name === 'statement' ? ['/properties/predicate'] : []);
    });
  }
});
