// Makes src/attestation/generated/ from schemas/*.json: the types; the schemas
// as a constant, so that the browser floor reads no file; the names of all their
// members, which are the words that an error may repeat; and the validators
// that ajv compiles from them, so that nothing compiles at run time. That would
// take longer than all else a verification does, and a page with a strict
// content security policy could not do it.
//
//   node schemas/generate.mjs            writes the files
//   node schemas/generate.mjs --print    prints them, by path, as JSON
//
// and docs/attestations.md with them. The test suite makes them too and compares, so they cannot go stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { transform } from 'esbuild';
import { compile } from 'json-schema-to-typescript';
import { format } from 'prettier';
import { reference } from './reference.mjs';

/** The schemas by name, in the order in which their types are written. */
const schemaNames = [
  'common',
  'statement',
  'authority',
  'source-snapshot',
  'source-review',
  'build',
  'rebuild-result',
  'database-update',
  'data-access',
  'period-summary',
  'residency',
  'supervisor-statement',
  'correction',
  'trust',
  'bundle',
  'evidence',
  'config',
  'watch',
];

const header = (what) =>
  `// Generated from schemas/*.json by schemas/generate.mjs: ${what}. Change the schemas, then \`npm run generate\`.\n\n`;

function readSchema(name) {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'));
}

/** File name → content, formatted as Prettier is configured for this repository. */
async function generate() {
  const schemas = Object.fromEntries(schemaNames.map((name) => [name, readSchema(name)]));
  const config = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).prettier;
  const pretty = (text) => format(text, { ...config, parser: 'typescript' });
  return {
    'types.ts': await pretty(header('the types') + (await typesOf(schemas))),
    'schemas.ts': await pretty(header('the schemas themselves') + constantOf(schemas)),
    'names.ts': await pretty(header('the names of their members') + namesOf(schemas)),
    'validators.ts': header('their validators, by ajv') + (await validatorsOf(schemas)),
  };
}

/** docs/attestations.md, formatted likewise. */
async function generateReference() {
  const schemas = Object.fromEntries(schemaNames.map((name) => [name, readSchema(name)]));
  const config = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).prettier;
  return format(reference(schemas), { ...config, parser: 'markdown' });
}

function constantOf(schemas) {
  return `
    // oxlint-disable unicorn/no-thenable -- a schema's "then" is no promise's
    export type SchemaName = ${schemaNames.map((name) => `'${name}'`).join(' | ')};

    /** A JSON Schema 2020-12 document. */
    export interface JsonSchema {
      readonly $id: string;
      readonly title: string;
      readonly description: string;
      readonly [keyword: string]: unknown;
    }

    export const schemas: Readonly<Record<SchemaName, JsonSchema>> = ${JSON.stringify(schemas)};
  `;
}

function namesOf(schemas) {
  const names = new Set();
  const collect = (schema) => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') for (const name of Object.keys(value)) names.add(name);
      collect(value);
    }
  };
  collect(schemas);
  return `
    /** Every name that a schema gives to a member. */
    export const memberNames: ReadonlySet<string> = new Set(${JSON.stringify([...names].toSorted())});
  `;
}

/** Minified, since nobody reads it: the schemas are its source. */
async function validatorsOf(schemas) {
  const names = schemaNames.filter((name) => name !== 'common');
  const variable = (name) => name.replace(/-./g, ([, letter]) => letter.toUpperCase());
  const ajv = new Ajv2020({
    strict: true,
    inlineRefs: false,
    unevaluated: false,
    messages: false,
    schemas: Object.values(schemas),
    code: { source: true, esm: true },
  });
  const source = standalone
    .default(ajv, Object.fromEntries(names.map((name) => [variable(name), schemas[name].$id])))
    .replaceAll(/const (\w+) = require\("ajv\/dist\/runtime\/(\w+)"\)\.default/g, 'const $1 = $2')
    .replaceAll(/^"use strict";|export (?=const)/g, '')
    .replaceAll(/export const/g, 'const');
  if (source.includes('require(')) throw new Error('ajv asks for something that a browser cannot load');
  const list = `export { ${names.map(variable).join(', ')} };`;
  const { code } = await transform(`${source}\n${list}`, { format: 'esm', minify: true, treeShaking: true });
  const [body, exported] = code.split(/export(?=\{)/);
  const members = exported
    .trim()
    .replace(/^\{|\};$/g, '')
    .split(',')
    .map((part) => part.split(' as '));
  const entries = names.map((name) => `'${name}': ${members.find(([, as]) => as === variable(name))[0]}`);
  return [
    '// oxlint-disable',
    '// @ts-nocheck',
    "import type { Validators } from '../validator.ts';",
    "import { equal, ucs2length } from '../validator.ts';",
    body.trim(),
    `export const validators: Validators = { ${entries.join(', ')} };`,
    '',
  ].join('\n');
}

/** One document with every definition side by side, so that each becomes one named type. */
async function typesOf(schemas) {
  const definitions = {};
  const add = (name, schema) => {
    if (name in definitions) throw new Error(`two definitions are called ${name}`);
    definitions[name] = schema;
  };
  const documents = {};
  for (const [name, { $defs, ...schema }] of Object.entries(schemas)) {
    for (const [key, definition] of Object.entries($defs)) add(key, definition);
    if (name === 'common') continue;
    add(schema.title, schema);
    documents[name] = { $ref: `#/$defs/${schema.title}` };
  }
  return compile(
    {
      title: 'SchemaTypes',
      description: 'The type that each schema describes.',
      type: 'object',
      additionalProperties: false,
      required: Object.keys(documents),
      properties: documents,
      $defs: Object.fromEntries(
        Object.entries(definitions).map(([name, schema]) => [name, forTypes(schema, definitions)]),
      ),
    },
    'SchemaTypes',
    { additionalProperties: false, bannerComment: '', format: false, ignoreMinAndMaxItems: true },
  );
}

// What a type cannot say; in a comment it would only be noise.
const withoutType = new Set([
  ...['$schema', '$id', 'title', 'if', 'then', 'else', 'contains', 'propertyNames'],
  ...['minItems', 'maxItems', 'uniqueItems', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern'],
]);

/**
 * A schema reduced to what becomes a type. A reference to a text becomes that
 * text with the description of its own member; a reference to anything larger
 * loses that description, which would split one named type into copies.
 */
function forTypes(schema, definitions) {
  if (Array.isArray(schema)) return schema.map((part) => forTypes(part, definitions));
  if (typeof schema !== 'object' || schema === null) return schema;
  if ('$ref' in schema) {
    const name = schema.$ref.replace(/^.*[/]/, '');
    const target = definitions[name];
    return target.type === 'string' && !('enum' in target)
      ? { type: 'string', description: schema.description ?? target.description }
      : { $ref: `#/$defs/${name}` };
  }
  const result = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      result[key] = Object.fromEntries(
        Object.entries(value).map(([name, property]) => [name, forTypes(property, definitions)]),
      );
    } else if (key === 'anyOf' && value.every((part) => 'required' in part)) {
      continue; // alternatives of presence
    } else if (!withoutType.has(key)) {
      result[key] = forTypes(value, definitions);
    }
  }
  return result;
}

if (process.argv[1] !== undefined && import.meta.filename === process.argv[1]) {
  const top = new URL('../', import.meta.url);
  const files = { 'docs/attestations.md': await generateReference() };
  for (const [name, content] of Object.entries(await generate())) {
    files[`src/attestation/generated/${name}`] = content;
  }
  if (process.argv[2] === '--print') process.stdout.write(JSON.stringify(files));
  else for (const [path, content] of Object.entries(files)) writeFileSync(new URL(path, top), content);
}
