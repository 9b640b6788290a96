/**
 * Validation against `schemas/`. A violation names the field (JSON Pointer)
 * and what the schema expects there; of what was found it says the kind and
 * the size only, since a field that was filled in by mistake may name a person.
 * For the same reason the pointer ends before a name that is in no schema.
 */
import { LedgerError, assert, excerpt, lengthOf } from '../errors.ts';
import { placeOf } from './canonical.ts';
import type { SchemaTypes } from './generated/types.ts';
import { validators } from './generated/validators.ts';
import type { Fault } from './validator.ts';

/**
 * Throws `schema-violation` unless `value` is what the schema describes. `at`
 * is the pointer to the field at fault, beginning with `base`; for a member
 * that is missing it points at that member, for one that is unknown at the
 * object around it, unless its name is that of a member elsewhere.
 */
export function validateSchema<Name extends keyof SchemaTypes>(
  name: Name,
  value: unknown,
  base = '',
): asserts value is SchemaTypes[Name] {
  const validator = validators[name];
  if (validator(value)) return;
  const faults = validator.errors ?? [];
  const fault = deepest(faults);
  const here = faults.filter(({ instancePath }) => instancePath === fault.instancePath);
  const alternatives = here.some(({ keyword }) => keyword === 'anyOf') ? meant(here) : [fault];
  // Where several alternatives failed, each in its own way, only the place around them is at fault for sure.
  const [only, ...others] = alternatives;
  const member = only === undefined || others.length > 0 ? undefined : memberOf(only);
  const { at: place, got } = placeOf([...stepsOf(value, fault), ...(member === undefined ? [] : [member])]);
  const at = base + place;
  throw new LedgerError(
    'schema-violation',
    `not what the schema says, at ${at === '' ? 'the top' : excerpt(at)}`,
    {
      expected: alternatives.map(expectationOf).join(' or '),
      got: got ?? kindOf(valueAt(value, fault, member)),
      at,
    },
  );
}

/** Of alternatives that all failed, the deepest fault is in the one that its author meant. */
function deepest(faults: readonly Fault[]): Fault {
  const depth = ({ instancePath }: Fault): number => instancePath.split('/').length;
  const [first, ...rest] = faults;
  assert(first !== undefined, 'a validator that refuses says why');
  return rest.reduce((best, next) => (depth(next) > depth(best) ? next : best), first);
}

/** Of the alternatives at one place, those of the right type, if there are any. */
function meant(faults: readonly Fault[]): readonly Fault[] {
  const alternatives = faults.filter(({ keyword }) => keyword !== 'anyOf');
  const typed = alternatives.filter(({ keyword }) => keyword !== 'type');
  return typed.length > 0 ? typed : alternatives;
}

/** The member that a fault is about, where the fault is reported of the object around it. */
function memberOf({ keyword, params, propertyName }: Fault): string | undefined {
  if (keyword === 'required') return String(params['missingProperty']);
  if (keyword === 'additionalProperties') return String(params['additionalProperty']);
  return propertyName;
}

function expectationOf({ keyword, params }: Fault): string {
  switch (keyword) {
    case 'required':
      return `the member ${String(params['missingProperty'])}`;
    case 'additionalProperties':
    case 'false schema':
      return 'no such member';
    case 'type':
      return `type ${String(params['type'])}`;
    case 'enum':
      return `one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'const':
      return String(params['allowedValue']);
    case 'pattern':
      return `a text that matches ${excerpt(String(params['pattern']), 200)}`;
    case 'uniqueItems':
      return 'distinct items';
    case 'contains':
      return 'an item that the schema asks for';
    default:
      // The bounds: minimum, maxLength, maxItems, minProperties and their like.
      return `${keyword} ${String(params['limit'])}`;
  }
}

function namesIn({ instancePath }: Fault): string[] {
  const steps = instancePath.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The way to the fault: names of members, and indices as numbers. */
function stepsOf(value: unknown, fault: Fault): (string | number)[] {
  let found = value;
  return namesIn(fault).map((name) => {
    const step = Array.isArray(found) ? Number(name) : name;
    found = (found as Record<string, unknown>)[name];
    return step;
  });
}

function valueAt(value: unknown, fault: Fault, member: string | undefined): unknown {
  const names = namesIn(fault);
  let found = value;
  for (const name of member === undefined ? names : [...names, member]) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** A number can be personal, of a telephone or on a badge: its value is not told. */
function kindOfNumber(value: number): string {
  if (value === 0) return 'the number 0';
  const sign = value < 0 ? 'negative ' : '';
  if (!Number.isInteger(value)) return `a ${sign}number with a fraction`;
  const digits = String(Math.abs(value)).length;
  return `a ${sign}whole number of ${digits} digit${digits === 1 ? '' : 's'}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `a string of ${lengthOf(value)}`;
  if (typeof value === 'number') return kindOfNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return `an object with ${Object.keys(value).length} members`;
}
