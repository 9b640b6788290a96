/**
 * What a command line may hold, described once for each command. The parser,
 * help, completion, manual pages and docs/commands.md all derive from it.
 *
 *     export const described = {
 *       get: {
 *         line: 'fetch all that an answer rests on',
 *         positionals: [{ name: 'FILE', text: 'the file that it is about', complete: 'file' }],
 *         options: { out: { value: 'FILE', text: 'where to save it', complete: 'file' } },
 *         shared: ['trust', 'url', 'json'],
 *         statuses: [0, 1, 2, 3, 4, 5],
 *         examples: [{ run: 'isal bundle get setup.bin', shows: 'saves setup.bin.isal-bundle' }],
 *       },
 *     } as const;
 *
 * A description is a literal, so that the types of what a command is given
 * follow from it (`Given`), and it stands apart from the code that runs, so that
 * help and completion load nothing else.
 */
import { attestationTypes } from '../../attestation/generated/type-names.ts';
import type { AttestationType } from '../../attestation/types.ts';
import { errorCodes } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import type { ExitStatus } from './exit.ts';
import type { Io } from './io.ts';
import { sharedOptions } from './shared-options.ts';

/** Lists of words that the code holds already. */
interface Vocabularies {
  readonly types: AttestationType;
  readonly codes: ErrorCode;
}

const vocabularies: { readonly [V in keyof Vocabularies]: readonly Vocabularies[V][] } = {
  types: attestationTypes,
  codes: errorCodes,
};

type Words = readonly string[] | keyof Vocabularies;

/** What a value may be, and what a shell offers for it. */
export interface Completable {
  readonly complete?: 'file' | 'directory';
  /** All that it may be: the parser refuses anything else. */
  readonly choices?: Words;
  /** Offered by a shell among others that it may be. */
  readonly words?: Words;
}

export interface Positional extends Completable {
  /** What stands for it in help, such as FILE. */
  readonly name: string;
  readonly text: string;
  readonly optional?: true;
  /** As many words as there are, or none; the last positional alone. */
  readonly several?: true;
  /** The option with which it must be left out, and without which it must be given. */
  readonly unless?: string;
}

interface Flag extends Readonly<
  Partial<Record<keyof Completable | 'list' | 'required' | 'default' | 'unset', never>>
> {
  readonly text: string;
  readonly value?: never;
}

interface Single extends Completable {
  readonly text: string;
  /** What stands for the value in help, such as FILE. */
  readonly value: string;
  readonly required?: true;
  /** The value where none is given. */
  readonly default?: string;
  /** What holds where none is given, in words. */
  readonly unset?: string;
  readonly list?: never;
}

interface List extends Completable {
  readonly text: string;
  readonly value: string;
  /** How several are given: only by giving the option again, or with commas between as well. */
  readonly list: 'repeated' | 'commas';
  readonly required?: never;
  readonly default?: never;
  readonly unset?: never;
}

export type Option = Flag | Single | List;

/** A shared option of which one command has something else to say. */
interface Like {
  readonly like: keyof typeof sharedOptions;
  readonly text?: string;
  readonly unset?: string;
  readonly default?: string;
  readonly required?: true;
}

export interface Example {
  /** The command line, as it is typed. */
  readonly run: string;
  readonly shows: string;
  /** Its exit status, if that is not 0. */
  readonly status?: ExitStatus;
}

export interface Description {
  /** What it does, in one line. */
  readonly line: string;
  readonly positionals?: readonly Positional[];
  readonly options?: Readonly<Record<string, Option | Like>>;
  /** Options that several commands take, by their names. */
  readonly shared?: readonly Exclude<keyof typeof sharedOptions, `${string} ${string}`>[];
  /** Options of which exactly one must be given. */
  readonly oneOf?: readonly string[];
  /** Paragraphs. */
  readonly notes?: readonly string[];
  /** Its answer is lines with marks, which help explains. */
  readonly marked?: true;
  /** What it makes is for its owner alone, under any umask, but for what it says is public. */
  readonly closed?: true;
  readonly statuses: readonly ExitStatus[];
  /** What a status means here, where that is not its usual meaning. */
  readonly meanings?: Readonly<Partial<Record<ExitStatus, string>>>;
  readonly examples: readonly Example[];
}

type Shared = typeof sharedOptions;
type Told<O> = O extends { readonly like: infer L extends keyof Shared }
  ? Omit<Shared[L], keyof O> & Omit<O, 'like'>
  : O;

type OwnOptions<D> = D extends { readonly options: infer O }
  ? { readonly [K in keyof O]: Told<O[K]> }
  : object;
type TakenOptions<D> = D extends { readonly shared: readonly (infer S extends keyof Shared)[] }
  ? Pick<Shared, S>
  : object;

type WordOf<O> = O extends { readonly choices: infer C }
  ? C extends keyof Vocabularies
    ? Vocabularies[C]
    : C extends readonly string[]
      ? C[number]
      : string
  : string;

type ValueOf<O> = O extends { readonly list: string }
  ? readonly WordOf<O>[]
  : O extends { readonly value: string }
    ? O extends { readonly required: true } | { readonly default: string }
      ? WordOf<O>
      : WordOf<O> | undefined
    : boolean;

type ValuesOfOptions<O> = { readonly [K in keyof O]: ValueOf<O[K]> };

/** The options of a command line: a flag is there or not, a list may be empty. */
export type ValuesOf<D> = ValuesOfOptions<OwnOptions<D> & TakenOptions<D>>;

type PositionalsOf<D> = D extends { readonly positionals: infer P extends readonly unknown[] }
  ? {
      readonly [I in keyof P]: P[I] extends { readonly several: true }
        ? readonly WordOf<P[I]>[]
        : P[I] extends { readonly optional: true } | { readonly unless: string }
          ? WordOf<P[I]> | undefined
          : WordOf<P[I]>;
    }
  : readonly [];

/** What a command is run with: a command line that its description admits. */
export interface Given<D> {
  readonly values: ValuesOf<D>;
  readonly positionals: PositionalsOf<D>;
}

/** The same of any command, as the parser makes it. */
export interface AnyGiven {
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly positionals: readonly (string | readonly string[] | undefined)[];
}

export interface Command {
  readonly name: string;
  readonly line: string;
  readonly description: Description;
  /** The code that runs, loaded when it is to run. */
  load(): Promise<(given: AnyGiven, io: Io) => Promise<number>>;
}

/** Commands under one name: `isal bundle get`, `isal bundle inspect`. */
export interface Family {
  readonly name: string;
  readonly line: string;
  readonly notes?: readonly string[];
  readonly commands: readonly Node[];
}

export type Node = Command | Family;

export function isFamily(node: Node): node is Family {
  return 'commands' in node;
}

/** Nothing beside these members: the compiler finds a mistyped one in a literal no other way. */
type Only<T, Members extends PropertyKey> = { readonly [K in keyof T]: K extends Members ? T[K] : never };
type MembersOf<T> = T extends T ? keyof T : never;
type Checked<D> = Only<D, keyof Description> &
  (D extends { readonly options: infer O }
    ? { readonly options: { readonly [K in keyof O]: Only<O[K], MembersOf<Option | Like>> } }
    : unknown) &
  (D extends { readonly positionals: infer P }
    ? { readonly positionals: { readonly [I in keyof P]: Only<P[I], keyof Positional> } }
    : unknown);

/** A description and the code that runs for it; that must take what the description gives. */
export function command<const D extends Description>(
  name: string,
  description: D & Checked<D>,
  load: () => Promise<(given: Given<D>, io: Io) => Promise<number>>,
): Command {
  // The parser makes of a command line what `Given` says, which no type can follow through a table.
  return { name, line: description.line, description, load: load as unknown as Command['load'] };
}

/** Every option of a command by its name, in the order of its help: its own, then those it shares. */
export function optionsOf({ options = {}, shared = [] }: Description): ReadonlyMap<string, Option> {
  const own = Object.entries(options).map(([name, option]): [string, Option] => {
    if (!('like' in option)) return [name, option];
    const { like, ...rest } = option;
    return [name, { ...sharedOptions[like], ...rest } as Option];
  });
  return new Map([...own, ...shared.map((name): [string, Option] => [name, sharedOptions[name]])]);
}

function listed(words: Words | undefined): readonly string[] | undefined {
  return typeof words === 'string' ? vocabularies[words] : words;
}

/** All that a value may be, where that is a list. */
export function choicesOf({ choices }: Completable): readonly string[] | undefined {
  return listed(choices);
}

/** What a shell offers for a value, beside files. */
export function wordsOf({ choices, words }: Completable): readonly string[] {
  return listed(choices) ?? listed(words) ?? [];
}
