/** `isal attest rebuild`: a rebuilt artefact against the published one, and the statement that says how it came out. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { usualSource } from '../../attestation/kinds/index.ts';
import { predicateTypes, statementType } from '../../attestation/types.ts';
import { toHex } from '../../bytes.ts';
import { compareArtifacts, maxListed } from '../../rebuild/compare.ts';
import type { Comparison } from '../../rebuild/compare.ts';
import { snapshotOfDirectory } from '../../rebuild/directory.ts';
import { normalisations } from '../../rebuild/normalisations.ts';
import { sha256 } from '#sha256';
import { counted } from '../../words/en/numbers.ts';
import { hexOption, misused } from '../terminal/args.ts';
import type { Given as CommandGiven } from '../terminal/command.ts';
import { binding } from './binding.ts';
import type { described } from './commands.ts';
import { readSmall } from '../terminal/files.ts';
import { hashFile } from '../terminal/hash-file.ts';
import type { FileDigests } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { byteCount, markLine, plainLine } from '../terminal/marks.ts';
import { version } from '../terminal/version.ts';
import { writeStatement } from './statement-file.ts';

type Given = CommandGiven<typeof described.rebuild>;
type Values = Given['values'];

/** Both artefacts are held in memory, with all that is unpacked from them. */
const maxArtifactBytes = 1 << 30;
const shownDifferences = 20;
/** What `schemas/rebuild-result.json` allows. */
const maxRemarks = 16;
const maxRemarkCharacters = 200;

function digestsOf(bytes: Uint8Array): FileDigests {
  return { sha256: toHex(sha256(bytes)), sha512: createHash('sha512').update(bytes).digest('hex') };
}

/** Name and digest of the code that compared: the manifest of its directory, as `attest snapshot` makes it. */
export async function comparingTool(): Promise<{ name: string; sha256: string }> {
  const { manifest } = await snapshotOfDirectory(fileURLToPath(new URL('../../rebuild', import.meta.url)));
  return {
    name: `isal ${await version()}, manifest of its directory rebuild`,
    sha256: toHex(sha256(manifest)),
  };
}

const placeOf = (path: string): string => (path === '' ? 'the file' : path);

function report(comparison: Comparison, io: Io): string {
  const lines: string[] = [];
  for (const { name, places } of comparison.normalisations) {
    lines.push(plainLine('Evened out', `${name}: ${normalisations[name]} (${counted(places, 'place')})`));
  }
  for (const { path, change, bytes, closed } of comparison.differences.slice(0, shownDifferences)) {
    const why = closed === undefined ? '' : ` (compared from outside: ${closed})`;
    lines.push(
      markLine('contradicted', 'Differs', `${placeOf(path)}: ${change}, ${counted(bytes, 'byte')}${why}`, io),
    );
  }
  const more = comparison.differenceCount - shownDifferences;
  if (more > 0) lines.push(plainLine('', `and ${more} more (--json lists up to ${maxListed})`));
  const words = {
    identical: 'byte for byte',
    equivalent: 'after the normalisations above; 0 bytes unexplained',
    different: `${counted(comparison.unexplainedBytes, 'byte')} unexplained, in ${counted(comparison.differenceCount, 'place')}`,
  };
  const { verdict } = comparison;
  const mark = verdict === 'different' ? 'contradicted' : 'proven';
  lines.push(markLine(mark, 'Rebuilt', `${verdict}: ${words[verdict]}`, io));
  return lines.join('');
}

function limitations(given: readonly string[], { differences }: Comparison): string[] {
  const closed = differences.filter((difference) => difference.closed !== undefined);
  const remarks = [
    ...given,
    ...closed.map(({ path, closed: why = '' }) => `Compared from outside only: ${placeOf(path)} (${why})`),
  ].map((remark) => printable(remark).slice(0, maxRemarkCharacters).trim());
  if (remarks.length <= maxRemarks) return remarks;
  const left = remarks.length - maxRemarks + 1;
  return [
    ...remarks.slice(0, maxRemarks - 1),
    `And ${left} more members that were compared from outside only.`,
  ];
}

/** What a statement says is never made up: everything that the comparison does not know must be given. */
const needed = ['build', 'environment', 'from', 'independence'] as const;

type Stated = Values & { readonly [name in 'out' | (typeof needed)[number]]: NonNullable<Values[name]> };

/** What a statement rests on, where one is wanted. */
function statedOf(values: Values): Stated | undefined {
  if (values.out === undefined) return undefined;
  const missing = needed.filter((name) => values[name] === undefined);
  if (missing.length > 0) throw misused(`--out needs ${missing.map((name) => `--${name}`).join(', ')}`);
  return values as Stated;
}

async function statement(
  { original, candidate }: { original: FileDigests & { name: string }; candidate: FileDigests },
  comparison: Comparison,
  values: Stated,
  io: Io,
): Promise<object> {
  const tool = await comparingTool();
  const { name, ...digest } = original;
  return {
    _type: statementType,
    subject: [{ name, digest }],
    predicateType: predicateTypes['rebuild-result'],
    predicate: {
      ...(await binding(values, usualSource('rebuild-result'), io)),
      build: { leafHash: hexOption('build', values.build), digest },
      candidate: { digest: candidate, obtainedFrom: values.from },
      environment: await hashFile(values.environment),
      independence: values.independence,
      verdict: comparison.verdict,
      normalisations: comparison.normalisations.map((evened) => ({
        name: evened.name,
        tool: tool.name,
        toolDigest: { sha256: tool.sha256 },
      })),
      unexplainedBytes: comparison.unexplainedBytes,
      limitations: limitations(values.limitation, comparison),
    },
  };
}

export async function rebuild(
  { values, positionals: [originalPath, candidatePath] }: Given,
  io: Io,
): Promise<number> {
  const stated = statedOf(values);
  const original = await readSmall(originalPath, maxArtifactBytes);
  const candidate = await readSmall(candidatePath, maxArtifactBytes);
  const comparison = compareArtifacts(original, candidate);
  const digests = { original: digestsOf(original), candidate: digestsOf(candidate) };
  if (stated !== undefined) {
    const filled = await statement(
      { original: { name: basename(originalPath), ...digests.original }, candidate: digests.candidate },
      comparison,
      stated,
      io,
    );
    await writeStatement(stated.out, filled);
  }
  if (values.json) {
    io.stdout(`${JSON.stringify({ ...comparison, ...digests })}\n`);
  } else {
    io.stdout(
      plainLine('Original', `sha256 ${digests.original.sha256} (${byteCount(original.length)})`) +
        plainLine('Candidate', `sha256 ${digests.candidate.sha256} (${byteCount(candidate.length)})`) +
        report(comparison, io) +
        (values.out === undefined ? '' : `Statement in ${printable(values.out)}\n`),
    );
  }
  return comparison.verdict === 'different' ? 1 : 0;
}
