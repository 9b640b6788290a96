/** `isal verify FILE`: a file in, an answer out, hop by hop; the proofs it rests on saved beside the file. */
import { existsSync } from 'node:fs';
import { LedgerError, assert, errorTable } from '../../errors.ts';
import { LedgerClient } from '../../client/client.ts';
import { maxNoteBytes } from '../../note/note.ts';
import { maxProofBytes, parseProof } from '../../note/proof.ts';
import { formatBundle, maxBundleBytes } from '../../verifier/proving/bundle.ts';
import type { Bundle } from '../../verifier/proving/bundle.ts';
import { LogClient } from '../../verifier/proving/log-client.ts';
import type { LogView } from '../../verifier/proving/log-client.ts';
import type { Replay } from '../../verifier/folds/replay.ts';
import { judgeFile } from '../../verifier/judging/judge-file.ts';
import type { FileQuestion } from '../../verifier/judging/judge-file.ts';
import { parseRequirements } from '../../verifier/judging/requirements.ts';
import type { Verdict } from '../../verifier/judging/verdict.ts';
import { requireMinSize } from '../../verifier/judging/verify-bundle.ts';
import { answerText, failureShown, verdictJson } from '../../words/index.ts';
import { misused } from '../terminal/args.ts';
import type { Given as CommandGiven } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { verifyEvidenceFile } from './evidence.ts';
import { exitStatusOf } from '../terminal/exit.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall, writeWhole } from '../terminal/files.ts';
import { fileSize, hashFile } from '../terminal/hash-file.ts';
import type { FileDigests } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { ago, byteCount, failureText, hopLine, isoTime, plainLine } from '../terminal/marks.ts';
import { bundleAbout, freshness, sourceOf } from '../online/online.ts';
import { replayed, treeOf } from '../online/replayed.ts';
import { progress } from '../terminal/progress.ts';
import { sealTrust } from './seal-options.ts';
import { ledgerUrl, pinnedTrust } from '../online/trust.ts';

type Given = CommandGiven<typeof described.verify>;
type Values = Given['values'];

interface Task {
  readonly path: string;
  /** What every way of judging has in common. */
  readonly asked: Pick<FileQuestion, 'trust' | 'seals' | 'require'> & { readonly digests: FileDigests };
  readonly values: Values;
  readonly io: Io;
}

interface Outcome {
  readonly verdict: Verdict;
  /** Proofs that are not on this disk yet, and are worth keeping. */
  readonly bundle?: Bundle | undefined;
  /** Whether the checkpoint was the newest one a moment ago. */
  readonly fresh: boolean;
}

export async function run({ values, positionals: [path] }: Given, io: Io): Promise<ExitStatus> {
  if (values.evidence !== undefined) {
    requireAlone(values);
    return verifyEvidenceFile(values.evidence, { trust: values.trust, json: values.json }, io);
  }
  assert(path !== undefined, 'without --evidence a file is named');
  requireSensible(values);
  const require = values.require.length === 0 ? [] : parseRequirements(values.require.join(','));
  const trust = await pinnedTrust(values.trust, io);
  const { pinned: anchors, crls } = await sealTrust(values, trust.seals);
  const size = await fileSize(path);
  const hashing = progress(io, 'hashing', size);
  const digests = await hashFile(path, (bytes) => hashing.update(bytes));
  hashing.end();

  const asked = { digests, trust, seals: { anchors, crls }, require };
  const { verdict, bundle, fresh } = await judge({ path, asked, values, io });
  const out = values.out ?? `${path}.isal-bundle`;
  const saved = bundle !== undefined && (await save(out, bundle, values.out !== undefined, io));
  const status = exitStatusOf[verdict.answer];
  if (values.json) {
    const file = { path, size, ...digests };
    const required = require.map(({ text }) => text);
    const report = {
      ...verdictJson(verdict),
      exit: status,
      file,
      required,
      ...(saved ? { saved: out } : {}),
    };
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
  for (const hop of verdict.hops) io.stdout(hopLine(hop, io, hop.hop === 'recorded' ? age : ''));
  io.stdout(plainLine('ANSWER', answerText(verdict)));
  if (verdict.failure !== undefined) io.stdout(failureText(failureShown(verdict.failure)));
  if (saved) {
    const what = verdict.answer === 'contradicted' ? 'shows the contradiction' : 'verifies';
    io.stdout(`Saved ${printable(out)} (${what} offline)\n`);
  }
  return status;
}

/** Evidence is judged without a ledger, too; `--offline` says no more than is so anyway. */
function requireAlone(values: Values): void {
  const single = ['bundle', 'proof', 'url', 'replay', 'max-age', 'out'] as const;
  const lists = ['require', 'seal-anchors', 'timestamp-anchors', 'crl'] as const;
  const other =
    single.find((name) => values[name] !== undefined && values[name] !== false) ??
    lists.find((name) => values[name].length > 0);
  if (other !== undefined) throw misused(`--evidence judges one evidence file and takes no --${other}`);
}

function requireSensible({ bundle, proof, offline, replay: whole, url }: Values): void {
  if (bundle !== undefined && proof !== undefined) throw misused('--bundle and --proof exclude each other');
  if (bundle !== undefined && (whole || url !== undefined)) {
    throw misused('--bundle judges without the ledger; leave it out to ask the ledger');
  }
  if (offline && url !== undefined)
    throw misused('--offline opens no socket, so there is nothing to ask at --url');
  if (offline && whole) {
    throw misused('--replay reads the whole log from the ledger, which --offline forbids');
  }
}

async function judge(task: Task): Promise<Outcome> {
  const { path, values } = task;
  if (values.bundle !== undefined) return judgeBundle(task, values.bundle);
  if (!values.offline) return judgeOnline(task);
  if (values.proof !== undefined) {
    const proof = await readSmall(values.proof, maxProofBytes);
    return { verdict: await judgeFile({ ...task.asked, ...savedAge(task), proof }), fresh: false };
  }
  const beside = `${path}.isal-bundle`;
  if (!existsSync(beside)) {
    throw new LedgerError('usage', 'offline, the proofs must be on this disk', {
      expected: `--bundle FILE, --proof FILE, or ${beside}`,
    });
  }
  return judgeBundle(task, beside);
}

async function judgeBundle(task: Task, path: string): Promise<Outcome> {
  const bundle = await readSmall(path, maxBundleBytes);
  return { verdict: await judgeFile({ ...task.asked, ...savedAge(task), bundle }), fresh: false };
}

/** A saved proof is judged as of its checkpoint, whatever its age, unless --max-age is given. */
function savedAge({ asked: { trust }, values, io }: Task): { now?: number; maxAge?: number } {
  if (values['max-age'] === undefined) return {};
  return freshness(values['max-age'], trust, io);
}

async function judgeOnline(task: Task): Promise<Outcome> {
  const { asked, values, io } = task;
  const age = freshness(values['max-age'], asked.trust, io);
  if (!values.replay && values.proof === undefined) {
    const judged = await judgeAtOnce(task, age);
    if (judged !== undefined) return judged;
  }
  const known =
    values.proof === undefined ? [] : [parseProof(await readSmall(values.proof, maxProofBytes)).index];
  const client = new LedgerClient(ledgerUrl(values.url, asked.trust));
  const note = await client.fetchPath('checkpoint', maxNoteBytes);
  const { view, replayed: whole } = values.replay ? await replayAll(client, note, task) : {};
  const source = sourceOf(client, { note, view });
  const verdict = await judgeFile({ ...asked, ...age, source, known, replay: whole });
  return { verdict, fresh: true, bundle: await worthKeeping(verdict, task) };
}

/** By what the ledger puts together itself, in one request; undefined where that is not about the file. */
async function judgeAtOnce(task: Task, age: ReturnType<typeof freshness>): Promise<Outcome | undefined> {
  const { asked, values } = task;
  const answered = await bundleAbout(asked.digests, { url: values.url, trust: asked.trust });
  if (answered === undefined) return undefined;
  const { bundle, all } = answered;
  const verdict = await judgeFile({ ...asked, ...age, bundle, more: !all });
  if (verdict.failure?.code === 'not-recorded') return undefined;
  return { verdict, fresh: true, bundle: await worthKeeping({ ...verdict, bundle }, task) };
}

/**
 * What a bundle proves is worth keeping, and so is what contradicts the file by
 * entries that are all in order: whoever signed those cannot take it back. What
 * only a replay has shown, the bundle does not.
 */
async function worthKeeping(verdict: Verdict, { asked }: Task): Promise<Bundle | undefined> {
  const { bundle, answer, failure } = verdict;
  // What somebody requires of a file is their own matter, and says nothing about the bundle.
  if (answer === 'proven') return bundle;
  if (bundle === undefined || (answer !== 'contradicted' && failure?.code !== 'requirement-not-met')) {
    return undefined;
  }
  const alone = await judgeFile({ ...asked, require: [], bundle });
  const keeps = answer === 'contradicted' ? alone.answer === 'contradicted' : alone.answer === 'proven';
  return keeps && alone.entries.length > 0 ? bundle : undefined;
}

/**
 * The whole log, if the trust file accepts the checkpoint; one that it refuses
 * is for the judge to refuse, and there is nothing to replay.
 */
async function replayAll(
  client: LedgerClient,
  note: Uint8Array,
  { asked: { digests, trust }, values, io }: Task,
): Promise<{ view?: LogView; replayed?: Replay }> {
  const log = new LogClient({
    policy: trust.policy,
    fetchPath: (path, maxBytes) =>
      path === 'checkpoint' ? Promise.resolve(note) : client.fetchPath(path, maxBytes),
  });
  let view: LogView;
  try {
    const signed = await log.checkpoint(freshness(values['max-age'], trust, io));
    requireMinSize(signed, trust);
    view = log.at(signed.checkpoint);
  } catch (error) {
    if (error instanceof LedgerError && errorTable[error.code].class !== 'caller') return {};
    throw error;
  }
  const whole = { ...treeOf(view), trust, digests };
  return { view, replayed: await replayed(whole, { label: 'replaying the log', io }) };
}

/** A bundle that was asked for by name must be written; one beside the file only where that can be. */
async function save(out: string, bundle: Bundle, asked: boolean, io: Io): Promise<boolean> {
  try {
    await writeWhole(out, formatBundle(bundle));
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
