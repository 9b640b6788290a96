/** `isal verify FILE`: a file in, an answer out, hop by hop; the proofs it rests on saved beside the file. */
import { existsSync } from 'node:fs';
import { verifyEd25519Async } from '../../platform/ed25519.node.ts';
import { hashLeaf } from '#sha256';
import { toBase64 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { maxProofBytes, parseProof, verifyProof } from '../../note/proof.ts';
import { answerWords } from '../../verifier/judging/answer-words.ts';
import { answerOf } from '../../verifier/judging/answer.ts';
import { fittingLeaves } from '../../verifier/collecting/collect.ts';
import type { Collected } from '../../verifier/collecting/collect.ts';
import type { LeafSource } from '../../verifier/proving/leaf-source.ts';
import type { Answer } from '../../verifier/judging/answer.ts';
import { formatBundle, maxBundleBytes } from '../../verifier/proving/bundle.ts';
import type { Bundle } from '../../verifier/proving/bundle.ts';
import { LeafCache } from '../../verifier/proving/leaf-cache.ts';
import { replay } from '../../verifier/folds/replay.ts';
import type { Replay } from '../../verifier/folds/replay.ts';
import { leavesFound, withReplay } from '../../verifier/judging/replayed.ts';
import { checkRequirements, parseRequirements } from '../../verifier/judging/requirements.ts';
import { matchSubjects } from '../../verifier/folds/subject.ts';
import type { Trust } from '../../verifier/trust.ts';
import type { Hop, Verdict } from '../../verifier/judging/verdict.ts';
import { failureOf } from '../../verifier/proving/failure.ts';
import { withSeals } from '../../verifier/judging/sealed.ts';
import { requireMinSize, summarise, verifyArtifact } from '../../verifier/judging/verify.ts';
import { onePositional, parseCommand } from '../terminal/args.ts';
import { verifyEvidenceFile } from './evidence.ts';
import { exitStatusOf } from '../terminal/exit.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall, writeWhole } from '../terminal/files.ts';
import { fileSize, hashFile } from '../terminal/hash-file.ts';
import type { FileDigests } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { ago, byteCount, failureText, hopLine, isoTime, plainLine } from '../terminal/marks.ts';
import {
  bundleAbout,
  connect,
  entriesAbout,
  fetchBundle,
  freshness,
  inWordsOfAsking,
  moreHop,
  tileSource,
} from '../online/online.ts';
import type { Online } from '../online/online.ts';
import { progress } from '../terminal/progress.ts';
import { sealOptions, sealTrust } from './seal-options.ts';
import type { SealTrust } from './seal-options.ts';
import { pinnedTrust } from '../online/trust.ts';

export const usage: string = `isal verify FILE [options]    is this file recorded and supervised?
isal verify --evidence F      does this file prove that somebody broke their word?

  --trust FILE     the pinned trust file (default: ISAL_TRUST)
  --url URL        the ledger (default: the URL in the trust file)
  --bundle FILE    judge by this .isal-bundle, with no network
  --proof FILE     judge by this .tlog-proof; what it lacks is asked of the ledger
  --offline        open no socket; without --bundle or --proof, FILE.isal-bundle is used
  --evidence FILE  judge an evidence file by the trust file alone; 0 means that it holds
  --replay         read the whole log, so that what is not there is proven too
  --require LIST   refuse a file that lacks one of these, with commas between: source,
                   review[=overview|targeted|full|no-findings], rebuild[=identical|independent],
                   chain, country=CC, presence=onsite|remote|automated, seal, corrections,
                   revocations (the last two need --replay)
  --max-age S      refuse witnesses' signatures older than S seconds
  --seal-anchors PEM, --timestamp-anchors PEM
                   certificates that seals and their time-stamps must lead to, beside
                   those in the trust file
  --crl LIST       a revocation list, DER or PEM, for seals and their time-stamps
  --out FILE       where to save the bundle (default: FILE.isal-bundle)
  --json           the verdict as JSON

Marks: ✓ proven, ✗ contradicted, ? not shown as of the size named,
! proven, and less than it may seem: read the line.
Exit status: 0 proven, 1 contradicted, 2 not proven, 3 stale or policy not met, 4 usage, 5 unreachable.`;

const options = {
  bundle: { type: 'string' },
  proof: { type: 'string' },
  evidence: { type: 'string' },
  offline: { type: 'boolean', default: false },
  trust: { type: 'string' },
  url: { type: 'string' },
  replay: { type: 'boolean', default: false },
  require: { type: 'string' },
  'max-age': { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
  ...sealOptions,
} as const;

type Values = ReturnType<typeof parseCommand<typeof options>>['values'];

interface Task {
  readonly path: string;
  readonly digests: FileDigests;
  readonly trust: Trust;
  readonly values: Values;
  readonly seals: SealTrust;
  readonly io: Io;
}

interface Outcome {
  readonly verdict: Verdict;
  /** Proofs that are not on this disk yet. */
  readonly bundle?: Uint8Array;
  /** Whether the checkpoint was the newest one a moment ago. */
  readonly fresh: boolean;
}

export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  const { values, positionals } = parseCommand(args, options, usage);
  if (values.evidence !== undefined) {
    requireAlone(values, positionals);
    return verifyEvidenceFile(values.evidence, { trust: values.trust, json: values.json }, io);
  }
  const path = onePositional(positionals, 'file', usage);
  requireSensible(values);
  const requirements = values.require === undefined ? [] : parseRequirements(values.require);
  const trust = await pinnedTrust(values.trust, io);
  const seals = await sealTrust(values, trust.seals);
  const size = await fileSize(path);
  const hashing = progress(io, 'hashing', size);
  const digests = await hashFile(path, (bytes) => hashing.update(bytes));
  hashing.end();

  const { verdict: judged, bundle, fresh } = await judge({ path, digests, trust, values, seals, io });
  const verdict = checkRequirements(judged, requirements);
  const out = values.out ?? `${path}.isal-bundle`;
  const saved = bundle !== undefined && (await save(out, bundle, values.out !== undefined, io));
  const status = exitStatusOf[verdict.answer];
  if (values.json) {
    const file = { path, size, ...digests };
    const required = requirements.map(({ text }) => text);
    const report = { ...verdict, exit: status, file, required, ...(saved ? { saved: out } : {}) };
    io.stdout(`${JSON.stringify(report)}\n`);
    return status;
  }
  io.stdout(
    plainLine(
      'File',
      `sha256 ${digests.sha256.slice(0, 8)}…${digests.sha256.slice(-8)} (${byteCount(size)})`,
    ),
  );
  const age = ageText(verdict, fresh, io);
  for (const hop of verdict.hops) io.stdout(hopLine(hop.hop === 'recorded' ? withAge(hop, age) : hop, io));
  io.stdout(plainLine('ANSWER', answerWords(verdict)));
  if (verdict.failure !== undefined) io.stdout(failureText(verdict.failure));
  if (saved) {
    const what = verdict.answer === 'contradicted' ? 'shows the contradiction' : 'verifies';
    io.stdout(`Saved ${printable(out)} (${what} offline)\n`);
  }
  return status;
}

/** Evidence is judged without a file and without a ledger; `--offline` says no more than is so anyway. */
function requireAlone(values: Values, positionals: readonly string[]): void {
  const more = [
    ...(['bundle', 'proof', 'url', 'replay', 'require', 'max-age', 'out'] as const),
    ...(['seal-anchors', 'timestamp-anchors', 'crl'] as const),
  ];
  const [other] = more.filter((name) => values[name] !== undefined && values[name] !== false);
  if (positionals.length === 0 && other === undefined) return;
  throw new LedgerError('usage', '--evidence judges one evidence file and nothing else', {
    expected: usage,
    got: other === undefined ? (positionals[0] ?? '') : `--${other}`,
  });
}

function requireSensible(values: Values): void {
  const { bundle, proof, offline, replay: whole, url } = values;
  const refuse = (message: string): never => {
    throw new LedgerError('usage', message, { expected: usage });
  };
  if (bundle !== undefined && proof !== undefined) refuse('--bundle and --proof exclude each other');
  if (bundle !== undefined && (whole || url !== undefined)) {
    refuse('--bundle judges without the ledger; leave it out to ask the ledger');
  }
  if (offline && url !== undefined) refuse('--offline opens no socket, so there is nothing to ask at --url');
  if (offline && whole) refuse('--replay reads the whole log from the ledger, which --offline forbids');
}

async function judge(task: Task): Promise<Outcome> {
  const { path, values } = task;
  if (values.bundle !== undefined) return judgeBundle(task, values.bundle);
  if (!values.offline) return judgeOnline(task);
  if (values.proof !== undefined) return { verdict: await judgeProof(task, values.proof), fresh: false };
  const beside = `${path}.isal-bundle`;
  if (!existsSync(beside)) {
    throw new LedgerError('usage', 'offline, the proofs must be on this disk', {
      expected: `--bundle FILE, --proof FILE, or ${beside}`,
    });
  }
  return judgeBundle(task, beside);
}

async function judgeBundle(task: Task, path: string): Promise<Outcome> {
  const { digests, trust, values, io } = task;
  const bundle = await readSmall(path, maxBundleBytes);
  const verdict = verifyArtifact({ digests, bundle, trust, ...savedAge(values, trust, io) });
  return { verdict: await sealed(verdict, bundle, task), fresh: false };
}

/** The verdict with the seals in the entries that it rests on. */
function sealed(verdict: Verdict, bundle: Bundle | Uint8Array, { digests, seals }: Task): Promise<Verdict> {
  return withSeals(verdict, { bundle, digests, trust: { seals: seals.pinned }, crls: seals.crls });
}

/** A saved proof is judged as of its checkpoint, whatever its age, unless --max-age is given. */
function savedAge(values: Values, trust: Trust, io: Io): { now?: number; maxAge?: number } {
  if (values['max-age'] === undefined) return {};
  return freshness(values['max-age'], trust, io);
}

/** By what the ledger puts together itself, in one request; undefined where that is not about the file. */
async function judgeAtOnce(task: Task): Promise<Outcome | undefined> {
  const { digests, trust, values, io } = task;
  const answered = await bundleAbout(digests, { url: values.url, trust });
  if (answered === undefined) return undefined;
  const { bundle, all } = answered;
  const found = verifyArtifact({ digests, bundle, trust, ...freshness(values['max-age'], trust, io) });
  if (found.failure?.code === 'not-recorded') return undefined;
  const verdict = withMore(await sealed(found, bundle, task), all);
  return { verdict, fresh: true, ...(worthKeeping(verdict, found) ? { bundle: formatBundle(bundle) } : {}) };
}

async function judgeOnline(task: Task): Promise<Outcome> {
  const { digests, trust, values, io } = task;
  if (!values.replay && values.proof === undefined) {
    const judged = await judgeAtOnce(task);
    if (judged !== undefined) return judged;
  }
  let online: Online;
  try {
    online = await connect({ url: values.url, maxAge: values['max-age'], trust, io });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    const answer = answerOf(error.code);
    // The user's own faults and a silent ledger are no verdict on the file.
    if (answer === 'not-proven' || !verdictCodes.has(error.code)) throw error;
    return { verdict: refusedCheckpoint(error, answer), fresh: true };
  }
  const replayed = values.replay ? await replayAll(online, task) : undefined;
  const source = new LeafCache(
    replayed === undefined ? online.client.source(online.view.size) : tileSource(online),
    replayed?.documents,
  );
  const { indices, all } = await entriesFor(online, task, source, replayed);
  const bundle = await fetchBundle(online, indices, trust, { source, authority: replayed?.authority });
  const bytes = formatBundle(bundle);
  const found = verifyArtifact({ digests, bundle, trust });
  const judged = inWordsOfAsking(found, { replayed: replayed !== undefined });
  const whole = replayed === undefined ? judged : withReplay(judged, replayed);
  const verdict = withMore(await sealed(whole, bundle, task), all);
  return { verdict, fresh: true, ...(worthKeeping(verdict, found) ? { bundle: bytes } : {}) };
}

/** A line that takes nothing away and proves nothing: whoever holds back entries does not say so. */
function withMore(verdict: Verdict, all: boolean): Verdict {
  return all ? verdict : { ...verdict, hops: [...verdict.hops, moreHop] };
}

/**
 * What a bundle proves is worth keeping, and so is what contradicts the file by
 * entries that are all in order: whoever signed those cannot take it back.
 */
function worthKeeping(verdict: Verdict, byBundle: Verdict): boolean {
  if (verdict.answer === 'proven') return true;
  // Seals stand in the bundle, too.
  const bySeal = verdict.hops.some(({ hop, mark }) => hop === 'sealed' && mark === 'contradicted');
  const convicted = bySeal || byBundle.answer === 'contradicted';
  return verdict.answer === 'contradicted' && convicted && byBundle.entries.length > 0;
}

/** What a checkpoint can be refused for, which is an answer about what the ledger shows. */
const verdictCodes: ReadonlySet<string> = new Set([
  'malformed-note',
  'malformed-checkpoint',
  'bad-signature',
  'origin-mismatch',
  'no-known-signature',
  'quorum-not-met',
  'stale-checkpoint',
  'checkpoint-too-small',
]);

function refusedCheckpoint(error: LedgerError, answer: Answer): Verdict {
  const mark = answer === 'contradicted' ? 'contradicted' : 'not-shown';
  const hop: Hop = { hop: 'checkpoint', mark, text: error.message, facts: { code: error.code } };
  return { answer, hops: [hop], failure: failureOf(error), entries: [] };
}

/** Entries about one file, in a bundle. */
const maxAbout = 16;

/** Where the entries are that the answer rests on. A replay knows; otherwise the ledger's search only suggests. */
async function entriesFor(
  { client, view }: Online,
  { digests, values }: Task,
  source: LeafSource,
  replayed?: Replay,
): Promise<Collected> {
  if (replayed !== undefined) {
    const about = (replayed.entries ?? []).slice(-maxAbout);
    // The bundle may have no room for some of it; the answer rests on all that was read.
    return { indices: await fittingLeaves(leavesFound(replayed, about), source), all: true };
  }
  const known =
    values.proof === undefined ? [] : [parseProof(await readSmall(values.proof, maxProofBytes)).index];
  return entriesAbout({ client, source, digests, size: view.size, known });
}

async function replayAll({ view }: Online, { digests, trust, io }: Task): Promise<Replay> {
  const { size, root } = view;
  const bar = progress(io, 'replaying the log', size);
  const result = await replay({
    size,
    root,
    leaves: view.leaves(),
    trust,
    digests,
    verify: verifyEd25519Async,
    onProgress: (done) => bar.update(done),
  });
  bar.end();
  return result;
}

/** A tlog-proof shows one leaf in the tree, and nothing about who was allowed to record it. */
async function judgeProof({ digests, trust, values, io }: Task, path: string): Promise<Verdict> {
  const checked: Hop[] = [];
  try {
    const proof = parseProof(await readSmall(path, maxProofBytes));
    if (proof.extra === undefined) {
      throw new LedgerError('malformed-proof', 'the proof has no extra line, so its leaf is not known', {
        expected: 'the leaf in the extra line',
      });
    }
    const leafHash = hashLeaf(proof.extra);
    const verified = verifyProof({ proof, leafHash, policy: trust.policy, ...savedAge(values, trust, io) });
    requireMinSize(verified, trust);
    const attestation = decodeAttestation(decodeEnvelope(proof.extra));
    const checkpoint = summarise(verified, trust.policy);
    const { index } = proof;
    const about = matchSubjects([{ index, attestation }], digests).length > 0;
    if (about) {
      const text = `leaf ${index} of ${checkpoint.size}, root ${toBase64(verified.checkpoint.root)}`;
      checked.push({ hop: 'recorded', mark: 'proven', text, index, facts: { size: checkpoint.size } });
    }
    const error = about
      ? new LedgerError(
          'authority-unproven',
          'a proof alone does not show who was allowed to record the entry',
          {
            expected: 'an .isal-bundle, or the ledger at hand (without --offline)',
            index,
          },
        )
      : new LedgerError('not-recorded', 'the proof is of another entry than one about this file', { index });
    const hop: Hop = { hop: about ? 'authority' : 'file', mark: 'not-shown', text: error.message, facts: {} };
    return {
      answer: 'not-proven',
      hops: [...checked, hop],
      failure: failureOf(error),
      checkpoint,
      entries: about ? [index] : [],
    };
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code === 'file-unreadable' || error.code === 'usage')
      throw error;
    return refusedCheckpoint(error, answerOf(error.code));
  }
}

/** A bundle that was asked for by name must be written; one beside the file only where that can be. */
async function save(out: string, bundle: Uint8Array, asked: boolean, io: Io): Promise<boolean> {
  try {
    await writeWhole(out, bundle);
    return true;
  } catch (error) {
    if (asked || !(error instanceof LedgerError)) throw error;
    io.stderr(`isal: the bundle was not saved: ${printable(error.got ?? error.message)}\n`);
    return false;
  }
}

function ageText({ checkpoint }: Verdict, fresh: boolean, io: Io): string {
  const asOf = checkpoint?.asOf;
  if (asOf === undefined) return '';
  return fresh ? `; ${ago(asOf, io)}` : `; as of ${isoTime(asOf)}`;
}

function withAge(hop: Hop, age: string): Hop {
  return { ...hop, text: `${hop.text}${age}` };
}
