/**
 * What the generated validators stand on: their type, and the two functions
 * that ajv's code calls.
 */
import type { SchemaTypes } from './generated/types.ts';

/** Why a value is refused, as ajv reports it. */
export interface Fault {
  /** JSON Pointer to the value at fault. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The member whose name is at fault. */
  readonly propertyName?: string;
}

/** True, or false with its reasons in `errors` until the next call. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly Fault[] | null;
}

export type Validators = Readonly<Record<keyof SchemaTypes, Validator>>;

/** Length of a string as JSON Schema counts it: in characters of Unicode, not in UTF-16 units. */
export function ucs2length(text: string): number {
  let length = text.length;
  for (let i = 1; i < text.length; i++) {
    if (isSurrogate(text, i - 1, 0xd800) && isSurrogate(text, i, 0xdc00)) length--;
  }
  return length;
}

function isSurrogate(text: string, i: number, half: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === half;
}

/** Whether two JSON values are the same value. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal(member(a, name), member(b, name)))
  );
}

function member(value: object, name: string): unknown {
  return (value as Record<string, unknown>)[name];
}
