/**
 * What is kept of a command's answer, in two parts: the verdict, which stays
 * what it was, and the words for people, which may change.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Command } from './commands.ts';
import type { Ran } from './run.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The verdict of one command. */
export interface Kept {
  readonly id: string;
  readonly argv: readonly string[];
  readonly exit: number;
  /** Of a refusal on standard error. */
  readonly code?: string;
  readonly json?: Json;
  readonly lines?: readonly Json[];
  /** Of an answer in words: the symbols at the beginning of its lines, in order. */
  readonly marks?: string;
}

/** JSON pointer into the verdict, or `stdout` and `stderr` → what stands there for people to read. */
export type Words = Readonly<Record<string, string>>;

/** Members that hold sentences; all others are facts. */
const wordMembers: ReadonlySet<string> = new Set(['text', 'message', 'expected', 'got']);

export function keptOf(group: string, { argv, output }: Command, ran: Ran): { verdict: Kept; words: Words } {
  const words: Record<string, string> = {};
  const { exit, stdout, stderr } = ran;
  const [, code] = /\(isal explain ([a-z-]+)\)\n$/.exec(stderr) ?? [];
  if (stderr !== '') words['stderr'] = stderr;
  const answers = output === 'text' ? [] : stdout.split('\n').filter((line) => line !== '');
  const parsed = answers.map((line) => JSON.parse(line) as Json);
  if (output === 'text' && stdout !== '') words['stdout'] = stdout;
  if (output === 'json' && parsed.length > 1) throw new Error(`more than one answer: ${argv.join(' ')}`);
  const verdict: Kept = {
    id: `${group}: ${idOf(argv)}`,
    argv,
    exit,
    ...(code === undefined ? {} : { code }),
    ...(output === 'json' && parsed[0] !== undefined ? { json: apart(parsed[0], '/json', words) } : {}),
    ...(output === 'lines' ? { lines: parsed.map((line, at) => apart(line, `/lines/${at}`, words)) } : {}),
    ...(output === 'text' ? { marks: marksOf(stdout) } : {}),
  };
  return { verdict, words };
}

/** The command line without what most of them have. */
function idOf(argv: readonly string[]): string {
  return argv
    .join(' ')
    .replace(' --trust {dir}/trust/trust.json', '')
    .replaceAll('{dir}/', '')
    .replace(/ --url \{url\}/, '')
    .replace(' --out {out}/bundle', '')
    .replace(/ --json$/, '');
}

/** The value without its words, which are put where their pointers say. */
function apart(value: Json, pointer: string, words: Record<string, string>): Json {
  if (Array.isArray(value)) return value.map((one: Json, at) => apart(one, `${pointer}/${at}`, words));
  if (typeof value !== 'object' || value === null) return value;
  const facts: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (wordMembers.has(name) && typeof member === 'string') words[`${pointer}/${name}`] = member;
    else facts[name] = apart(member, `${pointer}/${name}`, words);
  }
  return facts;
}

function marksOf(stdout: string): string {
  return stdout
    .split('\n')
    .map((line) => /^([✓✗?!]) /u.exec(line)?.[1] ?? '')
    .join('');
}

/** A place at which a verdict is not what it was; a member that is absent is undefined. */
export interface Difference {
  readonly id: string;
  readonly pointer: string;
  readonly was?: unknown;
  readonly is?: unknown;
}

/** A difference that is wanted, and why. */
export interface Deviation extends Difference {
  readonly reason: string;
}

/** Every place at which a fresh verdict differs from the kept one of its command, none of which holds another. */
export function differencesOf(
  kept: ReadonlyMap<string, readonly Kept[]>,
  fresh: ReadonlyMap<string, readonly Kept[]>,
): Difference[] {
  const byId = new Map([...fresh.values()].flat().map((one) => [one.id, one]));
  return [...kept.values()].flat().flatMap((was) => {
    const is = byId.get(was.id);
    const found = is === undefined ? [{ pointer: '', was }] : differing(was, is, '');
    return found.map((one) => ({ id: was.id, ...one }));
  });
}

function differing(was: unknown, is: unknown, pointer: string): Omit<Difference, 'id'>[] {
  if (isDeepStrictEqual(was, is)) return [];
  const open = (value: unknown): value is object => typeof value === 'object' && value !== null;
  const alike = open(was) && open(is) && Array.isArray(was) === Array.isArray(is);
  // Of lists of two lengths nobody can say which member is which.
  if (!alike || (Array.isArray(was) && was.length !== (is as readonly unknown[]).length)) {
    return [{ pointer, ...(was === undefined ? {} : { was }), ...(is === undefined ? {} : { is }) }];
  }
  const [before, after] = [new Map(Object.entries(was)), new Map(Object.entries(is))];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) =>
    differing(
      before.get(name),
      after.get(name),
      `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    ),
  );
}

/** Whether a deviation says of this difference what it is. */
export function isOf(deviation: Deviation, difference: Difference): boolean {
  const { reason: _, ...wanted } = deviation;
  return isDeepStrictEqual(wanted, difference);
}
