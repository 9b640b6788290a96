/**
 * Validation against `schemas/`. A violation names the field (JSON Pointer)
 * and what the schema expects there; of what was found it says the kind and
 * the size only, since a field that was filled in by mistake may name a person.
 */
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { LedgerError, excerpt } from '../errors.ts';
import { pointerPart } from './canonical.ts';
import type { SchemaName } from './generated/schemas.ts';
import { schemas } from './generated/schemas.ts';
import type { SchemaTypes } from './generated/types.ts';

const validators = new Map<string, ValidateFunction>();
let ajv: Ajv2020 | undefined;

/** Compiled at first use, since compiling takes longer than most commands of the command line. */
function validatorOf(name: SchemaName): ValidateFunction {
  let validator = validators.get(name);
  if (validator === undefined) {
    ajv ??= new Ajv2020({ strict: true, schemas: Object.values(schemas), inlineRefs: false });
    validator = ajv.getSchema(schemas[name].$id);
    if (validator === undefined) throw new Error(`no schema ${name}`);
    validators.set(name, validator);
  }
  return validator;
}

/**
 * Throws `schema-violation` unless `value` is what the schema describes. `at`
 * is the pointer to the field at fault, beginning with `base`; for a member
 * that is missing or unknown it points at that member.
 */
export function validateSchema<Name extends keyof SchemaTypes>(
  name: Name,
  value: unknown,
  base = '',
): asserts value is SchemaTypes[Name] {
  const validator = validatorOf(name);
  if (validator(value)) return;
  // Of alternatives that all failed, the deepest fault is the one that its author meant.
  const faults = (validator.errors ?? []).filter(({ keyword }) => !['anyOf', 'if'].includes(keyword));
  const [fault, ...rest] = faults;
  if (fault === undefined) throw new Error(`schema ${name} failed without a reason`);
  const deepest = rest.reduce(
    (best, next) => (next.instancePath.length > best.instancePath.length ? next : best),
    fault,
  );
  const member = memberOf(deepest);
  const at = base + deepest.instancePath + (member === undefined ? '' : pointerPart(member));
  throw new LedgerError(
    'schema-violation',
    `not what the schema says, at ${at === '' ? 'the top' : excerpt(at)}`,
    {
      expected: expectationOf(deepest),
      got: kindOf(valueAt(value, deepest, member)),
      at,
    },
  );
}

/** The member that a fault is about, where the fault is reported of the object around it. */
function memberOf({ keyword, params, propertyName }: ErrorObject): string | undefined {
  if (keyword === 'required') return String(params['missingProperty']);
  if (keyword === 'additionalProperties') return String(params['additionalProperty']);
  if (keyword === 'propertyNames') return String(params['propertyName']);
  return propertyName;
}

function expectationOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'this member';
    case 'additionalProperties':
    case 'false schema':
      return 'no such member';
    case 'enum':
      return `one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'const':
      return String(params['allowedValue']);
    default:
      return excerpt(message ?? keyword, 200);
  }
}

function valueAt(value: unknown, { instancePath }: ErrorObject, member: string | undefined): unknown {
  const steps = instancePath.split('/').slice(1);
  const names = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let found = value;
  for (const name of member === undefined ? names : [...names, member]) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return `an object with ${Object.keys(value).length} members`;
}
