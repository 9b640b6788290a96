/**
 * `isal explain FILE`: what kind of file this is, what it claims, and how to
 * check it. Nothing is verified and no trust file is needed, so nothing is
 * said to be so: a claim is called one.
 */
import { existsSync } from 'node:fs';
import { LedgerError } from '../../errors.ts';
import { parseEnvelope } from '../../attestation/envelope.ts';
import { canonicalize, parseJson } from '../../attestation/canonical.ts';
import {
  decodeAttestation,
  decodeEnvelope,
  decodeStatement,
  maxPayloadDepth,
} from '../../attestation/statement.ts';
import { fromUtf8, utf8 } from '../../bytes.ts';
import { parseAddCheckpoint } from '../../note/add-checkpoint.ts';
import { parseCheckpoint } from '../../note/checkpoint.ts';
import { maxNoteBytes, parseNote } from '../../note/note.ts';
import { maxProofBytes, parseProof } from '../../note/proof.ts';
import { oneOfEachName } from '../../note/quorum.ts';
import { manifestFormat } from '../../rebuild/manifest.ts';
import { maxBundleBytes, parseBundle } from '../../verifier/proving/bundle.ts';
import { maxEvidenceBytes, parseEvidence } from '../../verifier/convicting/evidence-file.ts';
import type { Evidence } from '../../verifier/convicting/evidence-file.ts';
import { counted, grouped } from '../../words/en/numbers.ts';
import { parseTrust } from '../../verifier/trust.ts';
import { policyWarnings } from '../online/trust.ts';
import { readSmall } from '../terminal/files.ts';

interface Explanation {
  readonly kind: string;
  /** A paragraph. */
  readonly text: string;
  readonly command: string;
}

/** The kind of the file and a paragraph on it. Throws `file-unreadable`, `too-large`, `usage` for no file of ours. */
export async function explainFile(path: string): Promise<Explanation> {
  if (!existsSync(path)) throw unknown(path);
  const bytes = await readSmall(
    path,
    Math.max(maxBundleBytes, maxEvidenceBytes, maxProofBytes, maxNoteBytes),
  );
  for (const reader of readers) {
    const explanation = reader(bytes);
    if (explanation === undefined) continue;
    // The whole word alone, as it is: A_FILE is another one, and a path may hold what a replacement would mean.
    return { ...explanation, command: explanation.command.replace(/\bFILE\b/, () => path) };
  }
  throw unknown(path);
}

function unknown(path: string): LedgerError {
  return new LedgerError('usage', 'neither an error code nor a file that isal writes', {
    expected:
      'a code that `isal explain` lists, or evidence, a bundle, proof, checkpoint, request to a witness, trust file, statement, envelope or manifest',
    got: path,
  });
}

/** What the bytes are if they are of one kind; undefined if they are not. */
function reading<T>(
  parse: (bytes: Uint8Array) => T,
  explain: (value: T) => Explanation,
): (bytes: Uint8Array) => Explanation | undefined {
  return (bytes) => {
    try {
      return explain(parse(bytes));
    } catch (error) {
      if (error instanceof LedgerError) return undefined;
      throw error;
    }
  };
}

const readers: readonly ((bytes: Uint8Array) => Explanation | undefined)[] = [
  reading(parseEvidence, (evidence) => ({
    kind: `evidence: ${evidence.kind}`,
    text: evidenceText(evidence),
    command: 'isal verify --evidence FILE --trust TRUST',
  })),
  reading(parseAddCheckpoint, ({ oldSize, checkpoint }) => ({
    kind: 'request to a witness',
    text: `What a witness was asked: to cosign the checkpoint of ${checkpointOf(checkpoint)}, with a proof from size ${grouped(oldSize)}. A witness keeps one that it refused and that may be a fork. By itself it proves no more than that the log has signed that checkpoint; hold its root against the log’s tree at that size.`,
    command: 'isal proof consistency --from SIZE --trust TRUST',
  })),
  reading(parseBundle, ({ checkpoint, leaves }) => ({
    kind: 'bundle',
    text: `Everything that an answer about a file rests on: ${counted(leaves.length, 'leaf', 'leaves')} with proofs under the checkpoint of ${checkpointOf(checkpoint)}. It verifies offline, next to the file that it is about.`,
    command: 'isal bundle inspect FILE --trust TRUST',
  })),
  reading(parseProof, ({ index, checkpoint }) => ({
    kind: 'proof',
    text: `A tlog-proof: it claims that a leaf stands at index ${grouped(index)} under the checkpoint of ${checkpointOf(checkpoint)}. It says nothing about who was allowed to record the leaf; a bundle does.`,
    command: 'isal proof inspect FILE --trust TRUST',
  })),
  reading(parseTrust, ({ origin, policy }) => ({
    kind: 'trust file',
    text: `The trust file for ${origin}: ${counted(policy.logs.length, 'key')} of the log, ${counted(oneOfEachName(policy.witnesses).length, 'witness', 'witnesses')}, and the leaf hash of leaf 0. ${policyWarnings(
      policy,
    )
      .map((warning) => `${warning} `)
      .join(
        '',
      )}Every verdict rests on it, so it is worth what the way is worth by which you got it. Never take it from the ledger that you are about to check.`,
    command: 'isal verify A_FILE --trust FILE',
  })),
  reading(
    (bytes) => decodeAttestation(decodeEnvelope(bytes)),
    ({ type, envelope }) => ({
      kind: 'envelope',
      text: `A signed statement of type ${type}, with ${counted(envelope.signatures.length, 'signature')}. By itself it is not recorded anywhere.`,
      command: 'isal attest lint FILE',
    }),
  ),
  reading(parseEnvelope, ({ signatures }) => ({
    kind: 'envelope',
    text: `A signed envelope with ${counted(signatures.length, 'signature')} whose payload is no statement that this ledger records.`,
    command: 'isal attest lint FILE',
  })),
  reading(statementType, (type) => ({
    kind: 'statement',
    text: `A statement of type ${type}, which nobody has signed yet. Whoever signs it should have it checked first; it tells all that it says.`,
    command: 'isal attest lint FILE',
  })),
  reading(manifestFiles, (files) => ({
    kind: 'manifest of a source',
    text: `The list of ${counted(files, 'file')} of a source, each with its mode, its size and the SHA-256 of its content. Its own digest stands in the source-snapshot, so it is worth what that snapshot is worth; to compare it with files, make the manifest of those anew.`,
    command: 'isal attest snapshot DIR --manifest OTHER && cmp FILE OTHER',
  })),
  reading(
    (bytes) => checkpointOf(bytes),
    (checkpoint) => ({
      kind: 'checkpoint',
      text: `A checkpoint: the head of ${checkpoint}. Its signatures are not checked here.`,
      command: 'isal log checkpoint --trust TRUST',
    }),
  ),
];

/** Of a statement as a person lays it out. */
function statementType(bytes: Uint8Array): string {
  const json = parseJson(bytes, { maxBytes: bytes.length, maxDepth: maxPayloadDepth });
  return decodeStatement(utf8(canonicalize(json))).type;
}

function manifestFiles(bytes: Uint8Array): number {
  const lines = fromUtf8(bytes).split('\n');
  if (lines[0] === manifestFormat && lines.at(-1) === '') return lines.length - 2;
  throw new LedgerError('usage', 'not a manifest', { expected: manifestFormat });
}

/** "ledger.example/isal with 51,002 leaves", as the note claims. */
function checkpointOf(note: Uint8Array): string {
  const { origin, size } = parseCheckpoint(parseNote(note).text);
  return `${origin} with ${counted(size, 'leaf', 'leaves')}`;
}

function evidenceText(evidence: Evidence): string {
  if (evidence.kind === 'fork') {
    return `It claims that the log has signed two histories: one checkpoint of ${checkpointOf(evidence.older)}, one of ${checkpointOf(evidence.newer)}, and a proof that the second does not extend the first.`;
  }
  if (evidence.kind === 'rollback') {
    return `It claims that witnesses have cosigned ${checkpointOf(evidence.larger)} and later, as the largest tree that they had seen, ${checkpointOf(evidence.smaller)}.`;
  }
  if (evidence.kind === 'unauthorised-leaf') {
    return `It claims that leaf ${grouped(evidence.leaf.index)} of ${checkpointOf(evidence.checkpoint)} was recorded although nobody was allowed to record it, and shows the ${counted(evidence.documents.length, 'leaf', 'leaves')} that decide it.`;
  }
  if (evidence.kind === 'equivocation') {
    return `It claims that a source has given one number to two contents, or that the log has recorded a number twice: at leaf ${grouped(evidence.recorded.index)} of ${checkpointOf(evidence.checkpoint)}, and in another envelope.`;
  }
  return `It claims that the log has acknowledged a leaf, in the receipt that the file holds, and has another one in its place in ${checkpointOf(evidence.checkpoint)}.`;
}
