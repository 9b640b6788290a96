/** `isal attest rebuild`: a rebuilt artefact against the published one, and the statement that says how it came out. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { usualSource } from '../../attestation/kinds/index.ts';
import { predicateTypes, statementType } from '../../attestation/types.ts';
import { toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { compareArtifacts, maxListed } from '../../rebuild/compare.ts';
import type { Comparison } from '../../rebuild/compare.ts';
import { snapshotOfDirectory } from '../../rebuild/directory.ts';
import { normalisations } from '../../rebuild/normalisations.ts';
import { sha256 } from '#sha256';
import { counted } from '../../verifier/judging/hops.ts';
import { hexOption, parseCommand } from '../terminal/args.ts';
import { binding, bindingOptions } from './binding.ts';
import { readSmall } from '../terminal/files.ts';
import { hashFile } from '../terminal/hash-file.ts';
import type { FileDigests } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { byteCount, markLine, plainLine } from '../terminal/marks.ts';
import { writeStatement } from './statement-file.ts';

export const usage: string = `isal attest rebuild ORIGINAL CANDIDATE
                                   compare a rebuilt artefact with the published one:
                                   identical or equivalent (exit 0), different (exit 1)
  --out STATEMENT   write the rebuild-result too, to sign; it needs
    --build LEAFHASH       leaf of the build that published ORIGINAL
    --environment FILE     description of where CANDIDATE was built: an image, a list of packages
    --from TEXT            who built CANDIDATE, from what, on what
    --independence KIND    independent, vendor-toolchain, vendor-machines or vendor
  --limitation TEXT what the rebuild could not do (may be given again)
  --url URL or --trust FILE, or --origin ORIGIN, --authority LEAFHASH and --seq N;
  --source ID; --json`;

const text = { type: 'string' } as const;
const options = {
  ...bindingOptions,
  out: text,
  build: text,
  environment: text,
  from: text,
  independence: text,
  limitation: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
} as const;

/** Both artefacts are held in memory, with all that is unpacked from them. */
const maxArtifactBytes = 1 << 30;
const shownDifferences = 20;
const independences = ['independent', 'vendor-toolchain', 'vendor-machines', 'vendor'];
/** What `schemas/rebuild-result.json` allows. */
const maxRemarks = 16;
const maxRemarkCharacters = 200;

function digestsOf(bytes: Uint8Array): FileDigests {
  return { sha256: toHex(sha256(bytes)), sha512: createHash('sha512').update(bytes).digest('hex') };
}

/** Name and digest of the code that compared: the manifest of its directory, as `attest snapshot` makes it. */
export async function comparingTool(): Promise<{ name: string; sha256: string }> {
  const { version } = JSON.parse(
    await readFile(new URL('../../../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  const { manifest } = await snapshotOfDirectory(fileURLToPath(new URL('../../rebuild', import.meta.url)));
  return { name: `isal ${version}, manifest of its directory rebuild`, sha256: toHex(sha256(manifest)) };
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

type Values = ReturnType<typeof parseCommand<typeof options>>['values'];

/** What a statement says is never made up: everything that the comparison does not know must be given. */
function required(values: Values, name: 'build' | 'environment' | 'from' | 'independence'): string {
  const value = values[name];
  if (value !== undefined) return value;
  throw new LedgerError('usage', `a statement needs --${name}`, { expected: usage });
}

async function statement(
  { original, candidate }: { original: FileDigests & { name: string }; candidate: FileDigests },
  comparison: Comparison,
  values: Values,
  io: Io,
): Promise<object> {
  const independence = required(values, 'independence');
  if (!independences.includes(independence)) {
    throw new LedgerError('usage', '--independence is none of the kinds', {
      expected: independences.join(', '),
      got: independence,
    });
  }
  const tool = await comparingTool();
  const { name, ...digest } = original;
  return {
    _type: statementType,
    subject: [{ name, digest }],
    predicateType: predicateTypes['rebuild-result'],
    predicate: {
      ...(await binding(values, usualSource('rebuild-result'), io)),
      build: { leafHash: hexOption('build', required(values, 'build')), digest },
      candidate: { digest: candidate, obtainedFrom: required(values, 'from') },
      environment: await hashFile(required(values, 'environment')),
      independence,
      verdict: comparison.verdict,
      normalisations: comparison.normalisations.map((evened) => ({
        name: evened.name,
        tool: tool.name,
        toolDigest: { sha256: tool.sha256 },
      })),
      unexplainedBytes: comparison.unexplainedBytes,
      limitations: limitations(values.limitation ?? [], comparison),
    },
  };
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommand(args, options, usage);
  const [originalPath, candidatePath, ...more] = positionals;
  if (originalPath === undefined || candidatePath === undefined || more.length > 0) {
    throw new LedgerError('usage', 'name two files', { expected: usage });
  }
  if (values.out !== undefined) {
    for (const name of ['build', 'environment', 'from', 'independence'] as const) required(values, name);
  }
  const original = await readSmall(originalPath, maxArtifactBytes);
  const candidate = await readSmall(candidatePath, maxArtifactBytes);
  const comparison = compareArtifacts(original, candidate);
  const digests = { original: digestsOf(original), candidate: digestsOf(candidate) };
  if (values.out !== undefined) {
    const filled = await statement(
      { original: { name: basename(originalPath), ...digests.original }, candidate: digests.candidate },
      comparison,
      values,
      io,
    );
    await writeStatement(values.out, filled);
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
