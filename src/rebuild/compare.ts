/**
 * A rebuilt artefact against the published one. Archives and streams are opened
 * on both sides, as deep as they are nested, and what may differ without
 * changing what the software does is evened out under its name
 * (`normalisations.ts`). Everything else that differs is counted and listed.
 *
 * The two sides are not trusted, neither the one nor the other. So the readers
 * take only what every other reader reads in the same way; what they refuse is
 * compared as it stands and said to be closed. Nothing is left uncompared, and
 * "equivalent" needs a name for each difference.
 */
import { equal, utf8 } from '../bytes.ts';
import { assert } from '../errors.ts';
import { defined } from '../defined.ts';
import { isAr, parseAr } from './ar.ts';
import type { ArMember } from './ar.ts';
import { withoutAuthenticode } from './authenticode.ts';
import { Budget, Unreadable, usualLimits } from './budget.ts';
import type { Limits } from './budget.ts';
import { differingBytes } from './differing-bytes.ts';
import type { Normalisation } from './normalisations.ts';
import { pair } from './pair.ts';
import { closedFormat, streamOf } from './streams.ts';
import { isTar, parseTar } from './tar.ts';
import { orderMeansNothing, ownersMatter } from './tar-meaning.ts';
import type { Tar, TarEntry } from './tar.ts';

export type Verdict = 'identical' | 'equivalent' | 'different';

export type Change =
  | 'content'
  | 'missing'
  | 'added'
  | 'order'
  | 'type'
  | 'mode'
  | 'owner'
  | 'link'
  | 'device'
  | 'attributes'
  | 'comment';

export interface Difference {
  /** Members from the outside to the inside, with `!` between them; empty for the file itself. */
  readonly path: string;
  readonly change: Change;
  /** At least 1. */
  readonly bytes: number;
  /** Why it was compared from outside only, if it holds others. */
  readonly closed?: string;
}

export interface Comparison {
  readonly verdict: Verdict;
  /** 0 if and only if the verdict is not `different`. */
  readonly unexplainedBytes: number;
  /** What was evened out, and in how many places; in the order of the names. */
  readonly normalisations: readonly { readonly name: Normalisation; readonly places: number }[];
  /** The first ones, at most `maxListed`. */
  readonly differences: readonly Difference[];
  /** How many there are in all. */
  readonly differenceCount: number;
}

/** Differences that are listed one by one. */
export const maxListed = 1_000;

/** Throws `too-large` when a side goes beyond the limits; every other fault of a side is a difference. */
export function compareArtifacts(
  original: Uint8Array,
  candidate: Uint8Array,
  limits: Limits = usualLimits,
): Comparison {
  const comparer = new Comparer(limits);
  comparer.bytes('', original, candidate, 0);
  const comparison = comparer.result();
  assert(
    (comparison.verdict === 'identical') === equal(original, candidate),
    'identical means the same bytes',
  );
  return comparison;
}

const arHeaderBytes = 60;
const tarHeaderBytes = 512;

const join = (path: string, member: string): string => {
  const name = Buffer.from(member, 'latin1').toString('utf8');
  return path === '' ? name : `${path}!${name}`;
};

class Comparer {
  readonly #limits: Limits;
  readonly #budgets: readonly [Budget, Budget];
  readonly #evened = new Map<Normalisation, number>();
  readonly #differences: Difference[] = [];
  #differenceCount = 0;
  #unexplained = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#budgets = [new Budget(limits), new Budget(limits)];
  }

  result(): Comparison {
    const normalisations = [...this.#evened]
      .map(([name, places]) => ({ name, places }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return {
      verdict: this.#unexplained > 0 ? 'different' : normalisations.length > 0 ? 'equivalent' : 'identical',
      unexplainedBytes: this.#unexplained,
      normalisations,
      differences: this.#differences,
      differenceCount: this.#differenceCount,
    };
  }

  #even(name: Normalisation): void {
    this.#evened.set(name, (this.#evened.get(name) ?? 0) + 1);
  }

  #differs(path: string, change: Change, bytes: number, closed?: string): void {
    assert(bytes > 0, 'a difference has bytes');
    this.#unexplained += bytes;
    this.#differenceCount++;
    if (this.#differences.length < maxListed) {
      this.#differences.push({ path, change, bytes, ...defined({ closed }) });
    }
  }

  bytes(path: string, a: Uint8Array, b: Uint8Array, depth: number): void {
    if (equal(a, b)) return;
    let closed = closedFormat(a) ?? closedFormat(b);
    try {
      if (this.#opened(path, a, b, depth)) return;
    } catch (error) {
      // Thrown before anything was noted down: both sides are read whole first.
      if (!(error instanceof Unreadable)) throw error;
      closed = error.message;
    }
    this.#differs(path, 'content', differingBytes(a, b), closed);
  }

  /** Looks inside, where both sides are of the same kind; false if there is no inside. */
  #opened(path: string, a: Uint8Array, b: Uint8Array, depth: number): boolean {
    const [budgetA, budgetB] = this.#budgets;
    const streams = [streamOf(a), streamOf(b)] as const;
    const inner = depth + 1;
    const deep = (): void => {
      if (inner > this.#limits.depth) throw new Unreadable(`nested more than ${this.#limits.depth} deep`);
    };
    if (streams[0] !== undefined && streams[1] !== undefined) {
      deep();
      const [left, right] = [streams[0].unpack(a, budgetA), streams[1].unpack(b, budgetB)];
      const headers = !equal(left.headers, right.headers);
      const sameContent = equal(left.content, right.content);
      if (streams[0] !== streams[1]) this.#even('compression');
      else {
        if (headers) this.#even('gzip-header');
        const packed = !equal(a.subarray(left.headers.length), b.subarray(right.headers.length));
        if (sameContent && packed) this.#even('compression');
      }
      this.bytes(path, left.content, right.content, inner);
      return true;
    }
    if (isAr(a) && isAr(b)) {
      deep();
      this.#ar(path, parseAr(a, budgetA), parseAr(b, budgetB), inner);
      return true;
    }
    if (isTar(a) && isTar(b)) {
      deep();
      this.#tar(path, parseTar(a, budgetA), parseTar(b, budgetB), inner);
      return true;
    }
    return this.#program(path, a, b);
  }

  #program(path: string, a: Uint8Array, b: Uint8Array): boolean {
    const [left, right] = [withoutAuthenticode(a), withoutAuthenticode(b)];
    if (left === undefined || right === undefined) return false;
    const same = equal(left.content, right.content);
    const tables = [a.subarray(a.length - left.tableBytes), b.subarray(b.length - right.tableBytes)] as const;
    if (same || !equal(...tables)) this.#even('authenticode');
    if (!same) this.#differs(path, 'content', differingBytes(left.content, right.content));
    return true;
  }

  #ar(path: string, a: readonly ArMember[], b: readonly ArMember[], depth: number): void {
    const isDeb = a[0]?.name === 'debian-binary' && b[0]?.name === 'debian-binary';
    // dpkg ignores members that begin with an underscore; only those of signatures are taken away.
    const isSignature = ({ name }: ArMember): boolean => isDeb && /^_gpg[a-z]*$/.test(name);
    const [signaturesA, signaturesB] = [a.filter(isSignature), b.filter(isSignature)];
    const text = (member: ArMember): Uint8Array[] => [
      utf8(JSON.stringify([member.name, member.time, member.owner, member.mode])),
      member.data,
    ];
    const sameSignatures =
      signaturesA.length === signaturesB.length &&
      signaturesA.every((member, i) =>
        text(member).every((part, j) => equal(part, text(signaturesB[i] as ArMember)[j] as Uint8Array)),
      );
    if (!sameSignatures) this.#even('signature-block');
    /** The same member may be packed in another way, and then has another ending, which must be the true one. */
    const key = ({ name, data }: ArMember): string => {
      const suffix = streamOf(data)?.suffix;
      return isDeb && suffix !== undefined && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    };
    const rest = (members: readonly ArMember[]): ArMember[] => members.filter((m) => !isSignature(m));
    const { pairs, missing, added, moved } = pair(rest(a), rest(b), key);
    for (const [left, right] of pairs) {
      const inner = join(path, left.name);
      if (left.time !== right.time) this.#even('ar-times');
      if (left.owner !== right.owner) this.#even('ar-owners');
      this.#text(inner, 'mode', left.mode, right.mode);
      this.bytes(inner, left.data, right.data, depth);
    }
    for (const [members, change] of [
      [missing, 'missing'],
      [added, 'added'],
    ] as const) {
      for (const { name, data } of members) {
        this.#differs(join(path, name), change, arHeaderBytes + data.length);
      }
    }
    // The linker and dpkg read members in their order: it is not evened out.
    if (moved > 0) this.#differs(path, 'order', moved * arHeaderBytes);
  }

  #tar(path: string, a: Tar, b: Tar, depth: number): void {
    this.#text(path, 'comment', a.comments.join('\n'), b.comments.join('\n'));
    if (a.trailer !== b.trailer) this.#even('tar-format');
    const { pairs, missing, added, moved } = pair(a.entries, b.entries, (entry) => entry.path);
    for (const [left, right] of pairs) this.#entry(join(path, left.path), left, right, depth);
    for (const [entries, change] of [
      [missing, 'missing'],
      [added, 'added'],
    ] as const) {
      for (const entry of entries) {
        this.#differs(join(path, entry.path), change, tarHeaderBytes + entry.data.length);
      }
    }
    if (moved === 0) return;
    if (orderMeansNothing(a.entries) && orderMeansNothing(b.entries)) this.#even('tar-order');
    else this.#differs(path, 'order', moved * tarHeaderBytes);
  }

  #entry(path: string, a: TarEntry, b: TarEntry, depth: number): void {
    const before = this.#differenceCount;
    let evened = false;
    if (a.times !== b.times) {
      this.#even('tar-times');
      evened = true;
    }
    if (a.owner !== b.owner) {
      if (ownersMatter(a) || ownersMatter(b)) this.#text(path, 'owner', a.owner, b.owner);
      else {
        this.#even('tar-owners');
        evened = true;
      }
    }
    this.#text(path, 'type', a.type, b.type);
    this.#text(path, 'mode', a.mode.toString(8), b.mode.toString(8));
    this.#text(path, 'link', a.link, b.link);
    this.#text(path, 'device', a.device, b.device);
    this.#text(path, 'attributes', a.extra, b.extra);
    const sameSize = a.data.length === b.data.length;
    // Headers that differ although every field and the size are the same are written in another way.
    if (!evened && this.#differenceCount === before && sameSize && !equal(a.header, b.header)) {
      this.#even('tar-format');
    }
    this.bytes(path, a.data, b.data, depth);
  }

  #text(path: string, change: Change, a: string, b: string): void {
    if (a !== b) this.#differs(path, change, differingBytes(utf8(a), utf8(b)));
  }
}
