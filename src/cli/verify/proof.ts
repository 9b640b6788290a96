/** `isal proof`: inclusion and consistency, each verified under the trust file before anything is printed. */
import { hashLeaf } from '#sha256';
import { equal, fromHex, toBase64, toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { formatProof, maxProofBytes, parseProof, verifyProof } from '../../note/proof.ts';
import { verifyConsistency } from '../../tlog/consistency.ts';
import type { Hash } from '../../tlog/hash.ts';
import { requireMinSize, summarise } from '../../verifier/judging/verify-bundle.ts';
import { misused, numberOption } from '../terminal/args.ts';
import type { Given } from '../terminal/command.ts';
import { checkpointText } from './checkpoint-text.ts';
import type { described } from './commands.ts';
import { entryJson, entryText } from './entry-text.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall, writeWhole } from '../terminal/files.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { markLine, plainLine } from '../terminal/marks.ts';
import { connect, provenLeaf } from '../online/online.ts';
import type { Online } from '../online/online.ts';
import { pinnedCheckpointTrust } from '../online/trust.ts';

const largest = Number.MAX_SAFE_INTEGER;

/** --leaf as a leaf hash. Throws `usage`. */
function leafOption(leaf: string): string {
  try {
    fromHex(leaf, 32);
  } catch {
    throw misused('--leaf is not a leaf hash');
  }
  return leaf;
}

export async function inclusion(
  { values }: Given<typeof described.proofInclusion>,
  io: Io,
): Promise<ExitStatus> {
  const which =
    values.index === undefined
      ? { leafHash: leafOption(values.leaf ?? '') }
      : { index: numberOption('index', values.index, { min: 0, max: largest }) };
  const trust = await pinnedCheckpointTrust(values.trust, io);
  const online = await connect({ url: values.url, maxAge: values['max-age'], trust, io });
  const { index, leaf, proof } = await provenLeaf(online, which);
  const summary = summarise(online.signed, trust.policy);
  const document = formatProof({ extra: leaf, index, hashes: [...proof], checkpoint: online.signed.note });
  if (values.out !== undefined) await writeWhole(values.out, utf8(document));
  if (values.json) {
    const hashes = proof.map((hash) => toBase64(hash));
    const leafHash = toHex(hashLeaf(leaf));
    io.stdout(`${JSON.stringify({ index, leafHash, hashes, checkpoint: summary, proof: document })}\n`);
    return 0;
  }
  io.stdout(
    markLine('proven', 'Included', `leaf ${index} of ${summary.size}, by ${proof.length} hashes`, io),
  );
  io.stdout(plainLine('Leaf hash', toHex(hashLeaf(leaf))));
  io.stdout(checkpointText(summary, io));
  if (values.out !== undefined) io.stdout(`Saved ${printable(values.out)} (verifies offline)\n`);
  return 0;
}

export async function consistency(
  { values }: Given<typeof described.proofConsistency>,
  io: Io,
): Promise<ExitStatus> {
  const from = numberOption('from', values.from, { min: 0, max: largest });
  const trust = await pinnedCheckpointTrust(values.trust, io);
  const online = await connect({ url: values.url, maxAge: values['max-age'], trust, io });
  const { size, root } = online.signed.checkpoint;
  const to = values.to === undefined ? size : numberOption('to', values.to, { min: 0, max: largest });
  if (from > to || to > size) {
    throw new LedgerError('out-of-range', 'the sizes do not fit into the tree', {
      expected: `--from at most --to, and --to at most ${size}, the size of the newest checkpoint`,
      got: `--from ${from} --to ${to}`,
    });
  }
  // Only the newest root is signed. The root at --to is the one that it extends,
  // and the root at --from the one that the root at --to extends.
  const toRoot = to === size ? root : (await proven(online, { from: to, to: size, toRoot: root })).fromRoot;
  const { fromRoot, hashes } = await proven(online, { from, to, toRoot });
  const summary = summarise(online.signed, trust.policy);
  if (values.json) {
    const roots = { fromRoot: toBase64(fromRoot), toRoot: toBase64(toRoot) };
    const list = hashes.map((hash) => toBase64(hash));
    io.stdout(`${JSON.stringify({ from, to, ...roots, hashes: list, checkpoint: summary })}\n`);
    return 0;
  }
  io.stdout(
    markLine(
      'proven',
      'Consistent',
      `the tree of size ${to} extends the one of size ${from}: nothing changed, nothing dropped`,
      io,
    ),
  );
  io.stdout(plainLine(`Root ${from}`, toBase64(fromRoot)));
  io.stdout(plainLine(`Root ${to}`, toBase64(toRoot)));
  io.stdout(checkpointText(summary, io));
  return 0;
}

/** A consistency proof to a root that is already trusted. Throws `consistency-failed`. */
async function proven(
  { client }: Online,
  { from, to, toRoot }: { from: number; to: number; toRoot: Hash },
): Promise<{ fromRoot: Hash; hashes: readonly Hash[] }> {
  // The ledger names a root at `to` as well; only the trusted one counts.
  const { fromRoot, hashes } = await client.consistency({ from, to });
  verifyConsistency({ from, fromRoot, to, toRoot, proof: [...hashes] });
  return { fromRoot, hashes };
}

export async function inspect(
  { values, positionals: [path] }: Given<typeof described.proofInspect>,
  io: Io,
): Promise<ExitStatus> {
  const trust = await pinnedCheckpointTrust(values.trust, io);
  const proof = parseProof(await readSmall(path, maxProofBytes));
  const { extra, index } = proof;
  if (extra === undefined && values.leaf === undefined) {
    throw misused('the proof does not carry its leaf; name its hash with --leaf');
  }
  const leafHash =
    values.leaf === undefined ? hashLeaf(extra ?? new Uint8Array(0)) : fromHex(leafOption(values.leaf), 32);
  const age =
    values['max-age'] === undefined
      ? {}
      : {
          now: Math.floor(io.now() / 1_000),
          maxAge: numberOption('max-age', values['max-age'], { min: 1, max: largest }),
        };
  const verified = verifyProof({ proof, leafHash, policy: trust.policy, ...age });
  requireMinSize(verified, trust);
  const summary = summarise(verified, trust.policy);
  // The extra line is not covered by the proof; it is shown only if it is the proven leaf.
  const own = extra !== undefined && equal(hashLeaf(extra), leafHash) ? extra : undefined;
  const attestation = own === undefined ? undefined : decodeAttestation(decodeEnvelope(own));
  if (values.json) {
    const entry =
      attestation === undefined ? { index, leafHash: toHex(leafHash) } : entryJson(index, attestation);
    io.stdout(`${JSON.stringify({ entry, checkpoint: summary })}\n`);
    return 0;
  }
  io.stdout(markLine('proven', 'Included', `leaf ${index} of ${summary.size}`, io));
  if (attestation !== undefined) {
    io.stdout(entryText(index, attestation));
    io.stdout(
      markLine('not-shown', 'Authority', 'a proof alone does not show who was allowed to record it', io),
    );
    const more = `what supervises or corrects it is in other leaves (isal bundle get ${index})`;
    io.stdout(markLine('not-shown', 'Corrections', more, io));
  }
  io.stdout(checkpointText(summary, io));
  return 0;
}
