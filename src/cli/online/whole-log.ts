/**
 * Questions that only the whole log answers: what was left out, what came
 * before, what holds now. Every leaf is read by its place, so the ledger does
 * not learn what is looked for and cannot leave anything out.
 *
 * Each answer is a list of lines with marks; the worst of them is the exit status.
 */
import { verifyEd25519Async } from '../../platform/ed25519.node.ts';
import { toHex } from '../../bytes.ts';
import { targetOf } from '../../attestation/correction.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { parseTime, timeForms } from '../../ledger/time.ts';
import { counted, grouped } from '../../verifier/judging/hops.ts';
import { replay } from '../../verifier/folds/replay.ts';
import type { Replay } from '../../verifier/folds/replay.ts';
import { SignersByLeaf } from '../../verifier/authorising/signers-by-leaf.ts';
import type { CheckpointSummary } from '../../verifier/judging/verdict.ts';
import type { Mark } from '../../verifier/mark.ts';
import type { Failure } from '../../verifier/proving/failure.ts';
import { summarise } from '../../verifier/judging/verify-bundle.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { ago, plainLine, shownLine } from '../terminal/marks.ts';
import { connect } from './online.ts';
import { progress } from '../terminal/progress.ts';
import { pinnedTrust } from './trust.ts';

/** One line of an answer. */
export interface Line {
  readonly mark: Mark;
  /** Proven, and less than it may seem. */
  readonly qualified?: true;
  readonly label: string;
  readonly text: string;
  /** What is open by its nature, such as a period that still runs: it leaves the exit status alone. */
  readonly expected?: boolean;
}

/** A correction of an entry that the answer rests on. */
export interface CorrectionShown {
  readonly index: number;
  /** Leaf hash of what it corrects. */
  readonly target: string;
  /** The place of that leaf, where it was noted. */
  readonly targetIndex?: number;
  readonly kind: string;
  readonly reason: string;
}

export interface WholeLog {
  readonly checkpoint: CheckpointSummary;
  readonly replay: Replay;
  readonly corrections: readonly CorrectionShown[];
  /** What the replay itself says: findings, corrections, keys that were compromised. */
  readonly lines: readonly Line[];
}

/** Names at most so many findings and corrections; the rest is counted. */
const maxNamed = 100;
const maxPlaces = 100_000;

/**
 * Replays the log; `take` gets every authorised entry and says whether the
 * answer rests on it. On which of the others it does may only be known in the
 * end: `restsOn` is then asked for them.
 */
export async function readWholeLog(
  options: {
    readonly trust?: string | undefined;
    readonly url?: string | undefined;
    readonly 'max-age'?: string | undefined;
  },
  take: (entry: Entry) => boolean,
  io: Io,
  restsOn: () => Iterable<Entry> = () => [],
): Promise<WholeLog> {
  const trust = await pinnedTrust(options.trust, io);
  const { signed, view } = await connect({
    url: options.url,
    maxAge: options['max-age'],
    trust,
    io,
  });
  const relied = new Relied();
  const bar = progress(io, 'reading the log', view.size);
  const result = await replay({
    size: view.size,
    root: view.root,
    leaves: view.leaves(),
    trust,
    verify: verifyEd25519Async,
    onProgress: (done) => bar.update(done),
    onEntry: (entry) => {
      if (take(entry)) relied.add(entry);
    },
  });
  bar.end();
  for (const entry of restsOn()) relied.add(entry);
  const corrections = relied.corrections(result);
  const checkpoint = summarise(signed, trust.policy);
  const lines = [
    checkpointLine(checkpoint, io),
    replayedLine(result),
    ...findingLines(result),
    ...relied.keyLines(result),
  ];
  for (const { index, target, targetIndex, kind, reason } of corrections.slice(0, maxNamed)) {
    const corrected = targetIndex === undefined ? `${target.slice(0, 8)}…` : grouped(targetIndex);
    const text = `leaf ${corrected} is corrected by leaf ${grouped(index)}: ${kind}: ${reason}`;
    lines.push({ mark: 'contradicted', label: 'Corrected', text });
  }
  if (result.corrections.length < result.counts.correction) {
    const text = `${grouped(result.counts.correction - result.corrections.length)} more in the log than were looked at`;
    lines.push({ mark: 'not-shown', label: 'Corrections', text });
  }
  return { checkpoint, replay: result, corrections, lines };
}

/** The entries that an answer rests on, kept close: there may be millions. */
class Relied {
  readonly #leaves = new SignersByLeaf();
  /** Leaf hash → index of the first of them, for people; beyond, the leaf hash must do. */
  readonly #places = new Map<string, number>();
  /** For each key its last entry: a compromise reaches from a leaf upwards. */
  readonly #last = new Map<string, { index: number; name: string }>();

  add(entry: Entry): void {
    const { index, signers } = entry;
    this.#note(entry);
    for (const { keyid, name } of signers) {
      if ((this.#last.get(keyid)?.index ?? -1) < index) this.#last.set(keyid, { index, name });
    }
  }

  /** Corrections of these entries, and of those corrections, by index. */
  corrections({ corrections }: Replay): CorrectionShown[] {
    const found: CorrectionShown[] = [];
    for (const entry of corrections) {
      const { index, attestation } = entry;
      const target = targetOf(attestation);
      if (attestation.type !== 'correction' || target === undefined) continue;
      if (this.#leaves.find(target) === undefined) continue;
      const { kind, reason } = attestation.statement.predicate;
      const targetIndex = this.#places.get(target);
      found.push({ index, target, ...defined({ targetIndex }), kind, reason });
      this.#note(entry);
    }
    return found;
  }

  keyLines({ authority }: Replay): Line[] {
    const lines: Line[] = [];
    for (const [keyid, { index, name }] of this.#last) {
      const status = authority.statusOf(keyid, index);
      if (status === 'in-force') continue;
      const text = `the key of ${name} is ${status} as of leaf ${grouped(index)}, says a later authority document`;
      lines.push({ mark: 'contradicted', label: 'Keys', text });
    }
    return lines;
  }

  #note({ index, attestation: { leafHash } }: Entry): void {
    this.#leaves.add(leafHash, new Set());
    if (this.#places.size < maxPlaces) this.#places.set(toHex(leafHash), index);
  }
}

function checkpointLine({ origin, size, witnesses, witnessesListed, asOf }: CheckpointSummary, io: Io): Line {
  const seen =
    witnessesListed === 0
      ? 'no witnesses in the trust file'
      : `${witnesses.length} of ${witnessesListed} witnesses`;
  const age = asOf === undefined ? '' : `; ${ago(asOf, io)}`;
  return {
    mark: 'proven',
    label: 'Checkpoint',
    text: `${origin}, size ${grouped(size)}; ${seen}${age}`,
  };
}

function replayedLine({ size, findingCount }: Replay): Line {
  return findingCount === 0
    ? {
        mark: 'proven',
        label: 'Replayed',
        text: `${counted(size, 'leaf', 'leaves')}, all entitled to their places`,
      }
    : {
        mark: 'contradicted',
        label: 'Replayed',
        text: `${grouped(findingCount)} of ${counted(size, 'leaf', 'leaves')} were not entitled to their places`,
      };
}

function findingLines({ findings }: Replay): Line[] {
  return findings.slice(0, maxNamed).map(({ index, message, code }: Failure) => ({
    mark: 'contradicted',
    label: 'Finding',
    text: `leaf ${grouped(index ?? 0)}: ${message} (${code})`,
  }));
}

/** 1 if anything speaks against the log, else 2 if anything is not shown that must be, else 0. */
export function statusOf(lines: readonly Line[]): ExitStatus {
  if (lines.some(({ mark }) => mark === 'contradicted')) return 1;
  return lines.some(({ mark, expected }) => mark === 'not-shown' && expected !== true) ? 2 : 0;
}

const answers: Readonly<Record<number, string>> = {
  0: 'proven, as far as the log goes.',
  1: 'CONTRADICTED. What is marked ✗ does not agree.',
  2: 'not proven. What is marked ? is missing.',
};

/** Prints the answer and gives its exit status. `facts` are its own members in JSON. */
export function answer(
  { checkpoint, replay: replayed, corrections, lines }: WholeLog,
  { own, facts, json }: { readonly own: readonly Line[]; readonly facts: object; readonly json: boolean },
  io: Io,
): ExitStatus {
  const all = [...lines, ...own];
  const exit = statusOf(all);
  if (json) {
    const { findings, findingCount } = replayed;
    const marked = all.map(({ mark, qualified, label, text }) => ({
      mark,
      ...defined({ qualified }),
      label,
      text,
    }));
    const shown = { exit, ...facts, corrections, findingCount, findings, lines: marked, checkpoint };
    io.stdout(`${JSON.stringify(shown)}\n`);
    return exit;
  }
  for (const line of all) io.stdout(shownLine(line, io));
  io.stdout(plainLine('ANSWER', answers[exit] ?? ''));
  return exit;
}

/** What identifies a leaf in JSON. */
export function leafJson({ index, attestation }: Entry): { index: number; leafHash: string } {
  return { index, leafHash: toHex(attestation.leafHash) };
}

/** A time in an option, in milliseconds. Throws `usage`. */
export function timeOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseTime(text);
  if (seconds !== undefined) return seconds * 1_000;
  throw new LedgerError('usage', `--${name} is no time`, { expected: timeForms, got: text });
}
