/**
 * The judgement of a file, hop by hop, once every entry that is looked at has
 * been authorised: by a bundle, which shows some of the log, or by a replay,
 * which has read all of it.
 *
 *   recorded, built | updated, chain, source, reviewed, rebuilt, keys    for each entry about the file
 *   revocations, corrections                                            for the whole answer
 *
 * A leaf that the answer rests on and that was corrected, or that was signed
 * by a key which had already been stolen then, contradicts its own hop and the
 * answer.
 */
import type { AuthoritySnapshot } from '../../attestation/authority.ts';
import { correctedFailure, correctedHops, correctionsAmong } from './corrections.ts';
import { artefactHop, counted, grouped, keysHop, recordedHop } from './hops.ts';
import { knownDigests, leavesOf, supervisionsOf } from './supervision.ts';
import type { Families, Supervision } from './supervision.ts';
import { supervisionHops } from './supervision-hops.ts';
import type { JudgedHop, Scope } from './supervision-hops.ts';
import type { Digests } from '../folds/subject.ts';
import type { Complete, Leaf, Supporting } from '../folds/supporting.ts';
import type { CheckpointSummary, Hop } from './verdict.ts';
import type { Failure } from '../proving/failure.ts';
import type { Entry } from '../authorising/walk.ts';

export interface Judging {
  /** The entries about the file, by index. */
  readonly matches: readonly Entry[];
  readonly digests: Digests;
  readonly supporting: Supporting;
  /** The newest authority document known. */
  readonly newest: AuthoritySnapshot;
  readonly checkpoint: CheckpointSummary;
  /** Where every leaf of the tree has been read: of which kinds all are among `supporting`. */
  readonly complete?: Complete;
  /** Shared by several judgements with one and the same `supporting`. */
  readonly families?: Families;
}

export interface Judgement {
  readonly hops: readonly Hop[];
  /** Present if a hop is contradicted. */
  readonly failure?: Failure;
}

/** Hops of one name about one entry. */
const maxAlike = 16;
/** Hops that speak against one entry by one name, and corrections: whoever sees so many has seen enough. */
const maxContradicted = 64;

export function judge(judging: Judging): Judgement {
  const { newest, checkpoint, complete } = judging;
  const scope: Scope = { size: checkpoint.size, complete };
  const { supervisions, leaves, corrected } = followed(judging);
  const reached = new Map<number, Reached>();
  for (const leaf of leaves) {
    const found = reachedBack(leaf, newest);
    if (found !== undefined) reached.set(leaf.index, found);
  }
  const spoilt = { corrected, reached };
  const judged = supervisions.flatMap((supervision) => entryHops(supervision, judging, scope, spoilt));
  const failures = judged.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  // What is wrong with an entry about the file itself is the reason before all others.
  const own = failures.find(({ index }) => judging.matches.some((entry) => entry.index === index));
  const corrections = passedOver(corrected, judged);
  const failure =
    own ?? failures[0] ?? correctedFailure(corrections.filter(({ mark }) => mark === 'contradicted'));
  const open = openHops({
    scope,
    newest,
    leaves,
    reached: reached.size > 0,
    corrected: corrected.length > 0,
  });
  return {
    hops: [...bounded(judged.map(({ hop }) => hop)), ...open, ...corrections.slice(0, maxContradicted)],
    ...(failure === undefined ? {} : { failure }),
  };
}

type Following = Pick<Judging, 'matches' | 'digests' | 'supporting' | 'complete' | 'families'>;

interface Followed {
  readonly supervisions: readonly Supervision[];
  /** Each leaf once: first what is nearest to the entries about the file. */
  readonly leaves: readonly Leaf[];
  readonly corrected: readonly Hop[];
}

function followed({ matches, digests, supporting, complete, families }: Following): Followed {
  const whole = complete?.updates === true;
  const supervisions = supervisionsOf(matches, { digests, supporting, whole }, families);
  const rested = supervisions.map(leavesOf);
  const all = [...rested.flatMap(({ own }) => own), ...rested.flatMap(({ before }) => before)];
  const leaves = [...new Map(all.map((leaf) => [leaf.index, leaf])).values()];
  return {
    supervisions,
    leaves,
    corrected: correctedHops(leaves, correctionsAmong(supporting.corrections)),
  };
}

/** Indices of the leaves that a judgement rests on, and of the corrections of those; the entries about the file first. */
export function leavesBehind(following: Following): number[] {
  const { leaves, corrected } = followed(following);
  const own = following.matches.map(({ index }) => index);
  return [...new Set([...own, ...[...corrected, ...leaves].map(({ index = 0 }) => index)])];
}

interface Reached {
  readonly keyid: string;
  readonly name: string;
  readonly status: string;
  readonly document: number;
}

interface Spoilt {
  readonly corrected: readonly Hop[];
  readonly reached: ReadonlyMap<number, Reached>;
}

/** A later document may say that a key was already stolen when the leaf was signed. */
function reachedBack({ index, signers }: Leaf, newest: AuthoritySnapshot): Reached | undefined {
  for (const { keyid, name } of signers) {
    const status = newest.statusOf(keyid, index);
    if (status !== 'in-force') return { keyid, name, status, document: newest.index };
  }
  return undefined;
}

function entryHops(
  supervision: Supervision,
  { digests, checkpoint }: Judging,
  scope: Scope,
  spoilt: Spoilt,
): JudgedHop[] {
  const { entry, chain } = supervision;
  const known = knownDigests(entry.attestation, digests);
  const keys = spoilt.reached.get(entry.index);
  const own: JudgedHop[] = [{ hop: artefactHop(entry) }, ...supervisionHops(supervision, known, scope)];
  const rested = leavesOf(supervision);
  const hashes = new Map([...rested.own, ...rested.before].map(({ index, leafHash }) => [index, leafHash]));
  const before = chain?.path.slice(1).map((update) => update.entry.index) ?? [];
  return [
    { hop: recordedHop(entry, checkpoint) },
    ...own.map(({ hop: { facts, ...rest }, ...judged }) => {
      const leafHash = hashes.get(rest.index ?? -1);
      const hop: Hop = { ...rest, facts: leafHash === undefined ? facts : { ...facts, leafHash } };
      // A chain rests on the updates before; the one about the file has hops of its own.
      const rests = hop.hop === 'chain' ? before : hop.index === undefined ? [] : [hop.index];
      // The keys of the entry itself are the matter of the hop `keys`.
      return spoiledHop({ ...judged, hop }, rests, {
        ...spoilt,
        reached: hop.index === entry.index ? noKeys : spoilt.reached,
      });
    }),
    keys === undefined
      ? { hop: keysHop(entry) }
      : reachedHop({ hop: keysHop(entry) }, entry.index, keys, true),
  ];
}

const noKeys: ReadonlyMap<number, Reached> = new Map();

/** The hop, contradicted if one of the leaves that it rests on was corrected or signed with a stolen key. */
function spoiledHop(judged: JudgedHop, rests: readonly number[], { corrected, reached }: Spoilt): JudgedHop {
  const { hop, mark } = judged.hop;
  if (judged.failure?.code === 'rebuild-differs') return rebuildTakenBack(judged, corrected);
  // What is shown of a chain stands or falls, wherever it ends.
  if (mark !== 'proven' && !(hop === 'chain' && mark === 'not-shown')) return judged;
  for (const index of rests) {
    const keys = reached.get(index);
    if (keys !== undefined) return reachedHop(judged, index, keys);
  }
  const correction = corrected.find(({ facts }) => rests.some((index) => index === facts['target']));
  if (correction === undefined) return judged;
  const { text, facts } = judged.hop;
  const what = `leaf ${grouped(Number(correction.facts['target']))} is corrected by leaf ${grouped(correction.index ?? 0)}`;
  // The failure is that of all corrections together.
  return { hop: contradictedHop(judged.hop, `${text}; ${what}`, { ...facts, code: 'corrected' }) };
}

/** The corrections, of which those of a rebuild that was taken back, and those of them, contradict nothing. */
function passedOver(corrected: readonly Hop[], judged: readonly JudgedHop[]): Hop[] {
  const over = new Set(
    judged.flatMap(({ hop }) => (hop.facts['retractedBy'] === undefined ? [] : [hop.index])),
  );
  // A correction stands above its target, so one pass in the order of the log is enough.
  return corrected.map((hop): Hop => {
    if (!over.has(Number(hop.facts['target']))) return hop;
    over.add(hop.index);
    return { ...hop, mark: 'not-shown' };
  });
}

/**
 * A rebuild that speaks against the file does so no longer once it was
 * retracted, or one honest mistake would convict the file for ever. It then
 * says nothing. A retraction that was itself corrected takes nothing back.
 */
function rebuildTakenBack(judged: JudgedHop, corrected: readonly Hop[]): JudgedHop {
  const { index, text, facts } = judged.hop;
  const about = corrected.filter((correction) => correction.facts['target'] === index);
  const [first] = about;
  if (first?.index === undefined) return judged;
  const standing = about.find(
    (correction) =>
      correction.facts['kind'] === 'retraction' &&
      !corrected.some((other) => other.facts['target'] === correction.index),
  );
  if (standing?.index === undefined) {
    return { ...judged, hop: { ...judged.hop, text: `${text}; corrected by leaf ${grouped(first.index)}` } };
  }
  const { code: _, ...rest } = facts;
  return {
    hop: {
      ...judged.hop,
      mark: 'not-shown',
      text: `${text}; retracted by leaf ${grouped(standing.index)}`,
      facts: { ...rest, retractedBy: standing.index },
    },
  };
}

function reachedHop(
  { hop }: JudgedHop,
  index: number,
  { keyid, name, status, document }: Reached,
  alone = false,
): JudgedHop {
  const message = `the key of ${name} is ${status} as of leaf ${grouped(index)}, says a later authority document`;
  return {
    hop: contradictedHop(hop, alone ? message : `${hop.text}; ${message}`, {
      ...hop.facts,
      code: 'key-not-in-force',
      keyid,
      status,
    }),
    failure: {
      code: 'key-not-in-force',
      message,
      expected: 'keys that no later authority document revokes back to this leaf',
      got: `${keyid}, by the document at leaf ${document}`,
      index,
    },
  };
}

function contradictedHop({ qualified: _, ...hop }: Hop, text: string, facts: Hop['facts']): Hop {
  return { ...hop, mark: 'contradicted', text, facts };
}

/** Somebody may record reviews by the thousand; what speaks against the file is not among those left out. */
function bounded(hops: readonly Hop[]): Hop[] {
  const counts = new Map<string, { shown: number; contradicted: number; left: number }>();
  const shown: Hop[] = [];
  for (const hop of hops) {
    const key = `${hop.hop} ${hop.entry}`;
    const count = counts.get(key) ?? { shown: 0, contradicted: 0, left: 0 };
    counts.set(key, count);
    const fits =
      hop.mark === 'contradicted' ? count.contradicted++ < maxContradicted : count.shown++ < maxAlike;
    if (fits) shown.push(hop);
    else if (count.left++ === 0) {
      shown.push({
        ...hop,
        mark: 'not-shown',
        text: `and more like it, from leaf ${grouped(hop.index ?? 0)} on`,
      });
    }
  }
  return shown;
}

/**
 * What stays open without a replay of the log. A key that was replaced or
 * revoked since takes nothing back, and is told, since who relies on the next
 * file by that key has to know; it is told here, because a server that
 * withholds the later document withholds it from no line that is ticked.
 */
function openHops({
  scope: { size, complete },
  newest,
  leaves,
  reached,
  corrected,
}: {
  readonly scope: Scope;
  readonly newest: AuthoritySnapshot;
  readonly leaves: readonly Leaf[];
  readonly reached: boolean;
  readonly corrected: boolean;
}): Hop[] {
  const all = `all ${counted(size, 'leaf', 'leaves')}`;
  const corrections: Hop =
    complete?.corrections === true
      ? { hop: 'corrections', mark: 'proven', text: `none among ${all}`, facts: { size } }
      : {
          hop: 'corrections',
          mark: 'not-shown',
          text: `none shown as of ${grouped(size)} (--replay proves it)`,
          facts: { size },
        };
  const rest = corrected ? [] : [corrections];
  if (complete !== undefined) {
    if (reached) return rest;
    const text =
      `none that reaches these keys here; authority version ${newest.version} ` +
      `(leaf ${grouped(newest.index)}) is the newest of ${counted(size, 'leaf', 'leaves')}`;
    // Nothing of what a server showed: it may have withheld some of it.
    const facts = { size, newestAuthority: newest.index };
    return [{ hop: 'revocations', mark: 'proven', text, facts }, ...rest];
  }
  const signers = new Map(leaves.flatMap((leaf) => leaf.signers).map((signer) => [signer.keyid, signer]));
  const since = [...signers.values()]
    .map(({ name, keyid }) => ({ name, keyid, status: newest.statusOf(keyid, size) }))
    .filter(({ status }) => status !== 'in-force');
  const told = since.map(({ name, status }) => `the key of ${name} is ${status} by now; `).join('');
  const facts: Record<string, string> = {};
  for (const { keyid, status } of since) {
    facts[status] = facts[status] === undefined ? keyid : `${facts[status]},${keyid}`;
  }
  const text =
    `${told}${told === '' ? 'none' : 'no other'} shown after the authority document at leaf ` +
    `${grouped(newest.index)}, as of ${grouped(size)} (--replay proves it)`;
  return [
    {
      hop: 'revocations',
      mark: 'not-shown',
      text,
      facts: { size, newestAuthority: newest.index, ...facts },
    },
    ...rest,
  ];
}
