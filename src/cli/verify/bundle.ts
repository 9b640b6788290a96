/** `isal bundle`: fetch the file that an answer rests on, or look into one. */
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { parseDecimal } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { hopJson } from '../../words/index.ts';
import { formatBundle, maxBundleBytes, parseBundle } from '../../verifier/proving/bundle.ts';
import type { Bundle } from '../../verifier/proving/bundle.ts';
import { inspectEntries } from '../../verifier/judging/inspect.ts';
import { matchSubjects } from '../../verifier/folds/subject.ts';
import type { Digests } from '../../verifier/folds/subject.ts';
import type { Trust } from '../../verifier/trust.ts';
import { verifyBundle } from '../../verifier/judging/verify-bundle.ts';
import type { Given } from '../terminal/command.ts';
import { checkpointText } from './checkpoint-text.ts';
import type { described } from './commands.ts';
import { entryJson, entryLine } from './entry-text.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall, writeWhole } from '../terminal/files.ts';
import { hashFile } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { failureText, hopLine, markLine, plainLine } from '../terminal/marks.ts';
import { bundleAbout, bundleOf, connect, freshness } from '../online/online.ts';
import { pinnedTrust } from '../online/trust.ts';

type Getting = Given<typeof described.bundleGet>;

interface Wanted {
  readonly digests?: Digests;
  readonly index?: number;
  /** What the bundle is called when nobody says otherwise. */
  readonly name: string;
}

/** A digest or an index is one by its form; everything else is a file. A file named like a number is ./12. */
async function wantedOf(what: string): Promise<Wanted> {
  if (/^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/.test(what)) {
    const [algorithm = '', hex = ''] = what.split(':');
    return { digests: { [algorithm]: hex }, name: what.replace(':', '-').slice(0, 23) };
  }
  if (/^(?:0|[1-9][0-9]*)$/.test(what)) {
    return { index: parseDecimal(what), name: `leaf-${what}` };
  }
  const { sha256, sha512 } = await hashFile(what);
  return { digests: { sha256, sha512 }, name: what };
}

export async function get({ values, positionals: [what] }: Getting, io: Io): Promise<ExitStatus> {
  const trust = await pinnedTrust(values.trust, io);
  const wanted = await wantedOf(what);
  const { digests } = wanted;
  const atOnce = digests === undefined ? undefined : await bundleAbout(digests, { url: values.url, trust });
  const { bundle, all } = atOnce ?? (await getByAsking(wanted, what, { values, trust, io }));
  const { walk, summary } = verifyBundle({ bundle, trust, ...freshness(undefined, trust, io) });
  const about =
    wanted.digests === undefined
      ? walk.entries.filter(({ index }) => index === wanted.index)
      : matchSubjects(walk.entries, wanted.digests);
  if (about.length === 0 && wanted.index === undefined) {
    throw new LedgerError('not-recorded', 'the ledger shows no entry about it', {
      expected: Object.entries(wanted.digests ?? {})
        .map((pair) => pair.join(':'))
        .join(' or '),
      got: `none as of size ${summary.size}; that there is none is not proven`,
    });
  }
  const out = values.out ?? `${wanted.name}.isal-bundle`;
  await writeWhole(out, formatBundle(bundle));
  if (values.json) {
    const entries = about.map(({ index, attestation }) => entryJson(index, attestation));
    io.stdout(`${JSON.stringify({ saved: out, checkpoint: summary, entries, all })}\n`);
    return 0;
  }
  for (const { index, attestation } of about)
    io.stdout(markLine('proven', 'Entry', entryLine(index, attestation), io));
  if (!all) io.stdout(hopLine({ hop: 'more', mark: 'not-shown' }, io));
  io.stdout(
    `Saved ${printable(out)}: ${bundle.leaves.length} leaves as of size ${summary.size} (verifies offline)\n`,
  );
  return 0;
}

/** Entry by entry, for an index and where the ledger does not put it together itself. */
async function getByAsking(
  wanted: Wanted,
  what: string,
  { values, trust, io }: { readonly values: Getting['values']; readonly trust: Trust; readonly io: Io },
): Promise<{ bundle: Bundle; all: boolean }> {
  const online = await connect({ url: values.url, trust, io });
  if (wanted.index !== undefined && wanted.index >= online.signed.checkpoint.size) {
    throw new LedgerError('out-of-range', 'the tree has no such leaf', {
      expected: `0 to ${online.signed.checkpoint.size - 1}`,
      got: what,
    });
  }
  const { digests, index: known } = wanted;
  return bundleOf(online, trust, { digests, known: known === undefined ? [] : [known] });
}

export async function inspect(
  { values, positionals: [path] }: Given<typeof described.bundleInspect>,
  io: Io,
): Promise<ExitStatus> {
  const trust = await pinnedTrust(values.trust, io);
  const bundle = parseBundle(await readSmall(path, maxBundleBytes));
  const { summary, walk } = verifyBundle({ bundle, trust });
  const inspected = inspectEntries(walk, summary);
  const status = inspected.some(({ failure }) => failure !== undefined) ? 1 : 0;
  const leaves = bundle.leaves.map(({ index, leaf }) => ({
    index,
    attestation: decodeAttestation(decodeEnvelope(leaf)),
  }));
  if (values.json) {
    const shown = leaves.map(({ index, attestation }) => entryJson(index, attestation));
    const about = inspected.map(({ entry: { index }, hops, failure }) =>
      defined({ index, hops: hops.map(hopJson), failure }),
    );
    io.stdout(`${JSON.stringify({ checkpoint: summary, leaves: shown, about, exit: status })}\n`);
    return status;
  }
  io.stdout(checkpointText(summary, io));
  for (const { index, attestation } of leaves)
    io.stdout(markLine('proven', 'Leaf', entryLine(index, attestation), io));
  for (const { entry, hops, failure } of inspected) {
    const { type, product, family, version } = entry.attestation;
    io.stdout(`\n${plainLine('Leaf', `${entry.index}, ${type} ${product ?? family} ${version}`)}`);
    for (const hop of hops) io.stdout(hopLine(hop, io));
    if (failure !== undefined) io.stdout(failureText(failure));
  }
  return status;
}
