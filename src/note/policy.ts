/**
 * Trust policies (c2sp.org/tlog-policy): which logs, which witnesses, and how
 * many of those must have cosigned a checkpoint.
 *
 *     log <vkey> [<url>]
 *     witness A <vkey> [<url>]
 *     witness B <vkey> [<url>]
 *     witness C <vkey> [<url>]
 *     group most 2 A B C           # "any" is 1, "all" is the number of members
 *     quorum most                  # or the name of one witness, or "none"
 *
 * Items are separated by spaces and tabs; empty lines and lines that start
 * with '#' are ignored (a comment behind items, as above, is not allowed).
 * Names are defined before they are used. The file is one of octets: names
 * are equal when their octets are.
 */
import { fromUtf8, parseDecimal, toHex, utf8 } from '../bytes.ts';
import { LedgerError, excerpt, lengthOf } from '../errors.ts';
import { defined } from '../defined.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './key.ts';

export interface PolicyLog {
  /** Type 1 or 6; its name is the log's origin. */
  readonly key: VerifierKey;
  readonly url?: string;
}

export interface PolicyWitness {
  /** Meaningful only within the policy; not the key's name. */
  readonly name: string;
  /** Type 4 or 6. */
  readonly key: VerifierKey;
  readonly url?: string;
}

export interface PolicyGroup {
  readonly name: string;
  /** From 1 to the number of members. */
  readonly threshold: number;
  /** Names of witnesses and of groups defined before; no name is in two groups. */
  readonly members: readonly string[];
}

export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly groups: readonly PolicyGroup[];
  /** The name of a witness or group, or 'none'. */
  readonly quorum: string;
}

/** The specification asks for at least 32 of each; log and witness signatures together fit one note. */
export const maxPolicyEntries = 64;
export const maxPolicyBytes: number = 512 * 1024;

/** How much of a policy is read. */
export interface PolicyBounds {
  readonly bytes: number;
  readonly logs: number;
}

const bounds: PolicyBounds = { bytes: maxPolicyBytes, logs: maxPolicyEntries };

/** Parses the text or octets of a policy. Throws `malformed-policy`, `weak-key`, `too-large`. */
export function parsePolicy(text: string | Uint8Array, { bytes, logs }: PolicyBounds = bounds): Policy {
  const { content, itemText } = decode(text, bytes);
  const builder = new PolicyBuilder(itemText, logs);
  if (!content.endsWith('\n')) {
    // A file that was cut off could end in the name of another, weaker quorum.
    throw malformed('the last line of the policy does not end in a newline', 'a newline at the end');
  }
  for (const [index, line] of content.slice(0, -1).split('\n').entries()) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    if (items.length === 0 || items[0]?.startsWith('#')) continue;
    try {
      builder.add(items);
    } catch (cause) {
      if (!(cause instanceof LedgerError)) throw cause;
      throw new LedgerError(
        cause.code === 'weak-key' ? 'weak-key' : 'malformed-policy',
        `line ${index + 1} of the policy: ${cause.message}`,
        {
          expected: cause.expected,
          got: cause.got,
          facts: { line: index + 1 },
          cause,
        },
      );
    }
  }
  return builder.finish();
}

/** The text of a policy: logs, witnesses, groups, quorum. Throws what `parsePolicy` throws on its own text. */
export function formatPolicy(policy: Policy, within: PolicyBounds = bounds): string {
  const lines = [
    ...policy.logs.map(({ key, url }) => ['log', formatVerifierKey(key), url]),
    ...policy.witnesses.map(({ name, key, url }) => ['witness', name, formatVerifierKey(key), url]),
    ...policy.groups.map(({ name, threshold, members }) => [
      'group',
      name,
      threshold === members.length ? 'all' : threshold === 1 ? 'any' : String(threshold),
      ...members,
    ]),
    ['quorum', policy.quorum],
  ];
  const text = lines
    .map(
      (items) =>
        `${items
          .filter((item) => item !== undefined)
          .map(checkItem)
          .join(' ')}\n`,
    )
    .join('');
  parsePolicy(text, within);
  return text;
}

function checkItem(item: string): string {
  if (!/^[^\u0000-\u0020\u007f]+$/.test(item)) {
    throw malformed('a name or URL that a policy cannot hold', 'no white space or control characters', item);
  }
  return item;
}

/** Takes the lines of a policy in order; each definition is complete before it can be named. */
class PolicyBuilder {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #groups: PolicyGroup[] = [];
  /** Witnesses and groups share one name space; 'none' is taken from the start. */
  readonly #names = new Set<string>(['none']);
  readonly #grouped = new Set<string>();
  readonly #publicKeys = new Set<string>();
  #quorum: string | undefined;
  readonly #itemText: (item: string) => string;
  readonly #maxLogs: number;

  constructor(itemText: (item: string) => string, maxLogs: number) {
    this.#itemText = itemText;
    this.#maxLogs = maxLogs;
  }

  add(items: readonly string[]): void {
    const [keyword, ...values] = items;
    if (keyword === 'log') this.#addLog(values);
    else if (keyword === 'witness') this.#addWitness(values);
    else if (keyword === 'group') this.#addGroup(values);
    else if (keyword === 'quorum') this.#setQuorum(values);
    else throw malformed('unknown keyword', 'log, witness, group or quorum', lengthOf(keyword ?? ''));
  }

  finish(): Policy {
    if (this.#quorum === undefined)
      throw malformed('the policy has no quorum line', 'exactly one quorum line');
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum };
  }

  #addLog(values: readonly string[]): void {
    const [vkey, url, ...rest] = values;
    if (vkey === undefined || rest.length > 0)
      throw malformed('a log line has a key and perhaps a URL', 'log <vkey> [<url>]');
    const key = this.#key(vkey, [1, 6]);
    push(this.#logs, { key, ...defined({ url }) }, this.#maxLogs);
  }

  #addWitness(values: readonly string[]): void {
    const [name, vkey, url, ...rest] = values;
    if (name === undefined || vkey === undefined || rest.length > 0) {
      throw malformed('a witness line has a name, a key and perhaps a URL', 'witness <name> <vkey> [<url>]');
    }
    this.#define(name);
    const key = this.#key(vkey, [4, 6]);
    push(this.#witnesses, { name, key, ...defined({ url }) });
  }

  #addGroup(values: readonly string[]): void {
    const [name, count, ...members] = values;
    if (name === undefined || count === undefined || members.length === 0) {
      throw malformed(
        'a group line has a name, a threshold and members',
        'group <name> all|any|<k> <name>...',
      );
    }
    for (const member of members) {
      if (member === 'none' || !this.#names.has(member)) {
        throw malformed(
          'a group member is not defined above',
          'a witness or group of an earlier line',
          member,
        );
      }
      // A witness that counted in two places would have two votes.
      if (this.#grouped.has(member))
        throw malformed('a name is a group member twice', 'each at most once', member);
      this.#grouped.add(member);
    }
    this.#define(name);
    const threshold = count === 'any' ? 1 : count === 'all' ? members.length : parseDecimal(count);
    if (threshold < 1 || threshold > members.length) {
      throw malformed('the threshold cannot be', `1 to ${members.length}`, count);
    }
    push(this.#groups, { name, threshold, members });
  }

  #setQuorum(values: readonly string[]): void {
    const [name, ...rest] = values;
    if (name === undefined || rest.length > 0) throw malformed('a quorum line has one name', 'quorum <name>');
    if (this.#quorum !== undefined) throw malformed('a second quorum line', 'exactly one quorum line', name);
    if (!this.#names.has(name)) {
      throw malformed(
        'the quorum is not defined above',
        'none, or a witness or group of an earlier line',
        name,
      );
    }
    this.#quorum = name;
  }

  #define(name: string): void {
    if (this.#names.has(name))
      throw malformed('a name is defined twice', 'one definition for each name', name);
    this.#names.add(name);
  }

  #key(vkey: string, types: readonly number[]): VerifierKey {
    const key = parseVerifierKey(this.#itemText(vkey));
    if (!types.includes(key.type)) {
      throw malformed(
        'a key of the wrong type for its line',
        `type ${types.join(' or ')}`,
        `type ${key.type}`,
      );
    }
    // One key under two names would be two witnesses, or a log its own witness.
    const publicKey = toHex(key.publicKey);
    if (this.#publicKeys.has(publicKey)) {
      throw malformed('a public key is listed twice', 'each public key at most once', key.name);
    }
    this.#publicKeys.add(publicKey);
    return key;
  }
}

function push<T>(list: T[], item: T, most: number = maxPolicyEntries): void {
  if (list.length >= most) throw malformed('too many lines of one kind', `at most ${most} of this kind`);
  list.push(item);
}

interface Decoded {
  readonly content: string;
  /** The UTF-8 text of one item, for the key name that is part of a vkey. */
  readonly itemText: (item: string) => string;
}

/**
 * Text of a policy in which names are equal exactly when their octets are:
 * UTF-8 where the whole file is, else one character for each octet.
 */
function decode(text: string | Uint8Array, maxBytes: number): Decoded {
  const octets = typeof text === 'string' ? utf8(text) : text;
  if (octets.length > maxBytes) {
    throw new LedgerError('too-large', 'the policy is too large', {
      expected: `at most ${maxBytes} bytes`,
      got: `${octets.length} bytes`,
    });
  }
  const control = octets.find(
    (octet) => (octet < 0x20 && octet !== 0x09 && octet !== 0x0a) || octet === 0x7f,
  );
  if (control !== undefined) {
    throw malformed(
      'a control character in the policy',
      'tab and newline only',
      `0x${toHex(Uint8Array.of(control))}`,
    );
  }
  let content: string;
  try {
    content = fromUtf8(octets);
  } catch {
    return { content: latin1(octets), itemText: (item) => fromUtf8(fromLatin1(item)) };
  }
  // A lone surrogate has no octets of its own: two names could become one.
  if (typeof text === 'string' && content !== text) {
    throw malformed('a lone surrogate in the policy', 'text that UTF-8 can hold');
  }
  return { content, itemText: (item) => item };
}

function latin1(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function malformed(message: string, expected: string, got?: string): LedgerError {
  return new LedgerError('malformed-policy', message, {
    expected: excerpt(expected),
    got: got === undefined ? undefined : excerpt(got),
  });
}
