/** `isal log`: look at a ledger; nothing is printed that has not been proven under the trust file. */
import { open as openFile, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { searchFieldNames, searchFields, unmetFilter } from '../../attestation/search-fields.ts';
import type { SearchFieldName, SearchFilters } from '../../attestation/search-fields.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { CorrectionPredicate } from '../../attestation/types.ts';
import { fromUtf8, toHex } from '../../bytes.ts';
import { LedgerError, lengthOf } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { parseTime, timeForms } from '../../ledger/time.ts';
import { counted } from '../../words/en/numbers.ts';
import type { LogView } from '../../verifier/proving/log-client.ts';
import type { CheckpointTrust } from '../../verifier/trust.ts';
import type { CheckpointSummary } from '../../verifier/judging/verdict.ts';
import { summarise } from '../../verifier/judging/verify-bundle.ts';
import { numberOption } from '../terminal/args.ts';
import type { Given, ValuesOf } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { archivedCheckpoint } from '../verify/archived.ts';
import { checkpointText } from '../verify/checkpoint-text.ts';
import { entryJson, entryLine, entryText } from '../verify/entry-text.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { writeNew } from '../terminal/files.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { isoTime, markLine } from '../terminal/marks.ts';
import { connect, provenLeaf } from '../online/online.ts';
import type { Online } from '../online/online.ts';
import { progress } from '../terminal/progress.ts';
import type { Progress } from '../terminal/progress.ts';
import { pinnedCheckpointTrust } from '../online/trust.ts';

/** Proofs on their way at once. */
const window = 8;

/** What every command here takes. */
type Values = Pick<ValuesOf<typeof described.entry>, 'trust' | 'url' | 'max-age'>;
type Checkpoint = ValuesOf<typeof described.checkpoint>;

interface Opened extends Online {
  readonly trust: CheckpointTrust;
  readonly summary: CheckpointSummary;
}

async function open(values: Values, io: Io): Promise<Opened> {
  const trust = await pinnedCheckpointTrust(values.trust, io);
  const online = await connect({ url: values.url, maxAge: values['max-age'], trust, io });
  return { ...online, trust, summary: summarise(online.signed, trust.policy) };
}

export async function checkpoint({ values }: { readonly values: Checkpoint }, io: Io): Promise<ExitStatus> {
  if (values.at !== undefined) return checkpointAt(values.at, values, io);
  const { signed, summary } = await open(values, io);
  const note = fromUtf8(signed.note);
  if (values.json) io.stdout(`${JSON.stringify({ ...summary, note })}\n`);
  else if (values.raw) io.stdout(rawText(signed.note));
  else io.stdout(checkpointText(summary, io));
  return 0;
}

async function checkpointAt(text: string, values: Checkpoint, io: Io): Promise<ExitStatus> {
  const at = parseTime(text);
  if (at === undefined) throw new LedgerError('usage', '--at is no time', { expected: timeForms, got: text });
  const online = await open(values, io);
  const { policy } = online.trust;
  const newest = online.summary;
  const { time, note, verified } = await archivedCheckpoint(online, { at, policy });
  const then = summarise(verified, policy);
  if (values.json) {
    io.stdout(`${JSON.stringify({ at, time, ...then, note: fromUtf8(note), newest })}\n`);
    return 0;
  }
  if (values.raw) {
    io.stdout(rawText(note));
    return 0;
  }
  const clock = `published ${isoTime(time)} by the ledger's clock; that none came between then and ${isoTime(at)} is its word`;
  io.stdout(checkpointText(then, io));
  io.stdout(markLine('not-shown', 'Time', clock, io));
  io.stdout(checkpointText(newest, io));
  const [smaller, larger] = [then.size, newest.size].toSorted((a, b) => a - b);
  io.stdout(
    markLine('proven', 'Consistent', `the tree of size ${larger} extends that of size ${smaller}`, io),
  );
  return 0;
}

function rawText(note: Uint8Array): string {
  return fromUtf8(note).split('\n').map(printable).join('\n');
}

export async function entry(
  { values, positionals: [which] }: Given<typeof described.entry>,
  io: Io,
): Promise<ExitStatus> {
  const byHash = /^[0-9a-f]{64}$/.test(which);
  const wanted = byHash ? { leafHash: which } : { index: indexOf(which) };
  const online = await open(values, io);
  const { index, leaf } = await provenLeaf(online, wanted);
  const attestation = decodeAttestation(decodeEnvelope(leaf));
  const corrections = await correctionsOf(online, toHex(attestation.leafHash));
  if (values.json) {
    const shown = { ...entryJson(index, attestation), corrections: corrections.map(correctionJson) };
    io.stdout(`${JSON.stringify({ ...shown, checkpoint: online.summary, leaf: fromUtf8(leaf) })}\n`);
    return 0;
  }
  io.stdout(markLine('proven', 'Included', `leaf ${index} of ${online.summary.size}`, io));
  for (const correction of corrections) io.stdout(correctedLine(correction, io));
  if (corrections.length === 0) {
    const text = `none shown as of ${online.summary.size} (isal verify --replay proves it)`;
    io.stdout(markLine('not-shown', 'Corrections', text, io));
  }
  io.stdout(entryText(index, attestation));
  const statement = JSON.stringify(attestation.statement, null, 2);
  io.stdout(`${statement.split('\n').map(printable).join('\n')}\n`);
  return 0;
}

interface Correction {
  readonly index: number;
  readonly predicate: CorrectionPredicate;
}

/** The most that are shown with an entry. */
const maxCorrections = 16;

/** Corrections of a leaf that the ledger's search finds, each proven to be in the tree; who signed them is not judged. */
async function correctionsOf(online: Online, target: string): Promise<Correction[]> {
  const filters: SearchFilters = { subject: `sha256:${target}`, type: 'correction' };
  const indices = await online.client.search(filters, { limit: maxCorrections });
  const corrections: Correction[] = [];
  for (const index of indices.filter((at) => at < online.view.size)) {
    const attestation = decodeAttestation(decodeEnvelope((await provenLeaf(online, { index })).leaf));
    requireMatch(index, attestation, filters);
    if (attestation.type === 'correction') {
      corrections.push({ index, predicate: attestation.statement.predicate });
    }
  }
  return corrections;
}

function correctedLine({ index, predicate: { kind, reason } }: Correction, io: Io): string {
  return markLine('contradicted', 'Corrected', `by leaf ${index}: ${kind}: ${reason}`, io);
}

function correctionJson({ index, predicate: { kind, reason } }: Correction): object {
  return { index, kind, reason };
}

function indexOf(text: string): number {
  const index = Number(text);
  if (/^(?:0|[1-9][0-9]{0,15})$/.test(text) && index <= Number.MAX_SAFE_INTEGER) return index;
  throw new LedgerError('usage', 'neither an index nor a leaf hash', {
    expected: 'a whole number, or 64 characters of 0-9 a-f',
    got: lengthOf(text),
  });
}

export async function search({ values }: Given<typeof described.search>, io: Io): Promise<ExitStatus> {
  const filters = filtersOf(values);
  const limit = numberOption('limit', values.limit, { min: 1, max: 100_000 });
  const after =
    values.after === undefined
      ? undefined
      : numberOption('after', values.after, { min: 0, max: Number.MAX_SAFE_INTEGER });
  const online = await open(values, io);
  const { size } = online.summary;
  // What was recorded since the checkpoint cannot be proven under it; the next call shows it.
  const indices = (await online.client.search(filters, { ...defined({ after }), limit })).filter(
    (index) => index < size,
  );
  let shown = 0;
  for (let from = 0; from < indices.length; from += window) {
    const entries = await Promise.all(
      indices.slice(from, from + window).map(async (index) => {
        const { leaf } = await provenLeaf(online, { index });
        const attestation = decodeAttestation(decodeEnvelope(leaf));
        requireMatch(index, attestation, filters);
        return {
          index,
          attestation,
          corrections: await correctionsOf(online, toHex(attestation.leafHash)),
        };
      }),
    );
    for (const { index, attestation, corrections } of entries) {
      if (values.json) {
        const found = { ...entryJson(index, attestation), corrections: corrections.map(correctionJson) };
        io.stdout(`${JSON.stringify(found)}\n`);
      } else {
        io.stdout(`${printable(entryLine(index, attestation))}\n`);
        for (const correction of corrections) io.stdout(correctedLine(correction, io));
      }
      shown++;
    }
  }
  if (values.json) return 0;
  const more =
    shown === limit ? `, and --limit ${limit} is reached` : '; that there are no others is not shown';
  io.stderr(`${counted(shown, 'entry', 'entries')}, each proven in the tree of size ${size}${more}\n`);
  return 0;
}

/** The ledger would refuse anything malformed, and would have read it. */
function filtersOf(values: Pick<ValuesOf<typeof described.search>, SearchFieldName>): SearchFilters {
  return Object.fromEntries(
    searchFieldNames.flatMap((name) => {
      const text = values[name];
      if (text === undefined) return [];
      const { pattern, expected } = searchFields[name].form;
      if (pattern.test(text)) return [[name, text]];
      throw new LedgerError('usage', `--${name} is malformed`, { expected, got: lengthOf(text) });
    }),
  );
}

/** A server that answers one question with the entries of another misleads even with valid proofs. */
function requireMatch(index: number, attestation: Attestation, filters: SearchFilters): void {
  const unmet = unmetFilter(filters, attestation);
  if (unmet === undefined) return;
  throw new LedgerError('leaf-mismatch', 'the ledger found an entry that was not asked for', {
    expected: `${unmet} ${filters[unmet]}`,
    got: `leaf hash ${toHex(attestation.leafHash)}`,
    index,
  });
}

export async function exportLeaves({ values }: Given<typeof described.export>, io: Io): Promise<ExitStatus> {
  const { view, summary, signed } = await open(values, io);
  const unwritable = (cause: unknown): LedgerError =>
    new LedgerError('file-unreadable', 'the file cannot be written', {
      expected: 'a path that does not exist yet, where you may write',
      got: values.out,
      cause,
    });
  const file = await openFile(values.out, 'wx').catch((cause: unknown) => {
    throw unwritable(cause);
  });
  const bar = progress(io, 'exporting', view.size);
  try {
    await pipeline(linesOf(view, bar), file.createWriteStream());
  } catch (error) {
    // Half a log would look like a whole one, and stand in the way of the next try.
    await rm(values.out, { force: true });
    throw error instanceof LedgerError ? error : unwritable(error);
  } finally {
    bar.end();
  }
  // Last, so that beside a checkpoint there is always the whole of what it is of.
  if (values.checkpoint !== undefined) await writeNew(values.checkpoint, signed.note);
  if (values.json)
    io.stdout(`${JSON.stringify({ saved: values.out, leaves: view.size, checkpoint: summary })}\n`);
  else io.stdout(markLine('proven', 'Exported', `${view.size} leaves to ${values.out}`, io));
  return 0;
}

/** Each leaf and a line break; throws for a leaf that has one. */
async function* linesOf(view: LogView, bar: Progress): AsyncGenerator<Uint8Array> {
  for await (const { index, leaf } of view.leaves()) {
    if (leaf.includes(0x0a)) {
      throw new LedgerError('envelope-not-canonical', 'a leaf holds a line break', { index });
    }
    yield Buffer.concat([leaf, Buffer.of(0x0a)]);
    bar.update(index + 1);
  }
}
