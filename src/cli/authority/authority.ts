/**
 * `isal authority`: a new authority document by files. Root keys are kept
 * offline, so their holders read and sign with a bundle and the trust file
 * alone; only fetching that bundle and submitting need the network.
 */
import { ed25519PublicKey } from '#ed25519';
import { decodeNewStatement } from '../../admission/names.ts';
import { type RootQuorum, missingRoots, requireRoots } from '../../attestation/authority-document.ts';
import { type AuthoritySnapshot, verifySignatures } from '../../attestation/authority.ts';
import { canonicalize, parseJson } from '../../attestation/canonical.ts';
import type { Envelope } from '../../attestation/envelope.ts';
import {
  formatEnvelope,
  keyidOf,
  maxLeafBytes,
  parseEnvelope,
  payloadType,
  signPayload,
} from '../../attestation/envelope.ts';
import {
  decodeAttestation,
  decodeEnvelope,
  encodeStatement,
  maxPayloadDepth,
} from '../../attestation/statement.ts';
import type { AuthorityPredicate, AuthorityRevocation } from '../../attestation/types.ts';
import { fromHex, fromUtf8, toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { parseProof, verifyProof } from '../../note/proof.ts';
import { formatBundle } from '../../verifier/proving/bundle.ts';
import { counted } from '../../words/en/numbers.ts';
import type { CheckpointSummary } from '../../verifier/judging/verdict.ts';
import { misused, numberOption } from '../terminal/args.ts';
import type { Given, ValuesOf } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { changesBetween, keyidOfText } from './changes.ts';
import { successorStatement } from './proposal.ts';
import { LedgerClient } from '../../client/client.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall, writeNew, writeWhole } from '../terminal/files.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { markLine, plainLine } from '../terminal/marks.ts';
import { readPartyKey } from '../terminal/secret-file.ts';
import { ledgerUrl, pinnedTrust } from '../online/trust.ts';
import { wrapLine } from '../terminal/wrap.ts';
import { inForce, inForceJson, inForceText } from './in-force.ts';
import type { InForce } from './in-force.ts';

/** A document on its way: the payload that roots sign, and the signatures that it has. */
interface Pending {
  readonly envelope: Envelope;
  readonly document: AuthorityPredicate;
}

/** A statement, laid out in any way, or an envelope. */
async function readPending(path: string): Promise<Pending> {
  // A person may lay the statement out with plenty of white space; its canonical form has its own bound.
  const bytes = await readSmall(path, 8 * maxLeafBytes);
  const value = parseJson(bytes, { maxBytes: 8 * maxLeafBytes, maxDepth: maxPayloadDepth });
  const isEnvelope = typeof value === 'object' && value !== null && 'payloadType' in value;
  const envelope = isEnvelope
    ? parseEnvelope(bytes)
    : { payloadType, payload: utf8(canonicalize(value)), signatures: [] };
  const typed = decodeNewStatement(envelope.payload);
  if (typed.type === 'authority') return { envelope, document: typed.statement.predicate };
  throw new LedgerError('unknown-type', 'not an authority document', {
    expected: 'a statement of type authority',
    got: typed.type,
    at: '/predicateType',
  });
}

/**
 * Holds a pending document against the one in force, and the signatures that
 * it has against its payload: a signature that does not verify must not be
 * counted before the last root holder, who then thinks that the quorum is met.
 */
function judge({ envelope, document }: Pending, { snapshot, summary }: InForce): readonly RootQuorum[] {
  const quorums = snapshot.quorums(document, { index: summary.size });
  verifySignatures({ envelope }, new Map(quorums.flatMap(({ roots }) => [...roots.keys])));
  return quorums;
}

const keyidsOf = ({ signatures }: Envelope): string[] => signatures.map(({ keyid }) => keyid);

function changesText(from: AuthoritySnapshot, to: AuthorityPredicate, { size }: CheckpointSummary): string {
  const changes = changesBetween(from.document, to);
  const lines = changes.length === 0 ? ['nothing but its version and time'] : changes;
  return (
    `Version ${to.version} of ${printable(to.origin)}, made ${to.occurredAt}, changes against version ` +
    `${from.version} (leaf ${from.index}, as of size ${size}):\n` +
    lines.map((line) => `${wrapLine(`  ${printable(line)}`, '      ')}\n`).join('')
  );
}

function missingText(keyids: readonly string[], quorums: readonly RootQuorum[]): string {
  return missingRoots(keyids, quorums)
    .map(({ whose, roots, missing }) => {
      const still = missing === 0 ? 'complete' : `${missing} missing`;
      return plainLine(
        whose === 'old' ? 'Old roots' : 'New roots',
        `${still}; ${roots.threshold} of ${roots.keys.size} must sign`,
      );
    })
    .join('');
}

const missingJson = (keyids: readonly string[], quorums: readonly RootQuorum[]): object =>
  Object.fromEntries(missingRoots(keyids, quorums).map(({ whose, missing }) => [whose, missing]));

export async function show(
  { values, positionals: [path] }: Given<typeof described.show>,
  io: Io,
): Promise<ExitStatus> {
  const current = await inForce(values, await pinnedTrust(values.trust, io), io);
  if (values.out !== undefined) await writeWhole(values.out, formatBundle(current.bundle));
  if (path !== undefined) {
    const pending = await readPending(path);
    const quorums = judge(pending, current);
    const keyids = keyidsOf(pending.envelope);
    const { snapshot, summary } = current;
    const changes = changesBetween(snapshot.document, pending.document);
    io.stdout(
      values.json
        ? `${JSON.stringify({ version: pending.document.version, changes, signed: keyids, missing: missingJson(keyids, quorums) })}\n`
        : changesText(snapshot, pending.document, summary) + missingText(keyids, quorums),
    );
  } else if (values.json) io.stdout(`${JSON.stringify(inForceJson(current))}\n`);
  else {
    io.stdout(inForceText(current, io));
    if (values.out !== undefined) io.stdout(`Saved ${printable(values.out)} (verifies offline)\n`);
  }
  return 0;
}

type Proposing = ValuesOf<typeof described.propose>;

/** The --revoke options. A typing mistake here could never be taken back: revocations stay for ever. */
function revocationOf(values: Proposing, { chain, summary }: InForce): AuthorityRevocation | undefined {
  const { revoke, kind = 'revoked', 'from-leaf': fromLeaf, reason } = values;
  const refused = (message: string, expected: string, got?: string): LedgerError =>
    new LedgerError('usage', message, { expected, got });
  if (revoke === undefined) {
    if (values.kind === undefined && fromLeaf === undefined && reason === undefined) return undefined;
    throw misused('--kind, --from-leaf and --reason belong to --revoke');
  }
  if (reason === undefined) throw refused('a revocation says why', '--reason TEXT');
  if (kind === 'compromised' && fromLeaf === undefined) {
    throw refused(
      'a compromise says since when',
      '--from-leaf N: the first leaf that the thief may have signed',
    );
  }
  const keyid = toHex(fromHex(revoke, 32));
  const listed = chain.flatMap(({ document: { statement } }) => [
    ...statement.predicate.root.keys.map(keyidOfText),
    ...statement.predicate.signers.map(({ publicKey }) => keyidOfText(publicKey)),
  ]);
  if (!listed.includes(keyid)) {
    throw refused('no document of this ledger lists that key', [...new Set(listed)].join('\n'), keyid);
  }
  const first =
    fromLeaf === undefined
      ? summary.size
      : numberOption('from-leaf', fromLeaf, { min: 0, max: Number.MAX_SAFE_INTEGER });
  return { keyid, kind, fromLeaf: first, reason };
}

export async function propose({ values }: { readonly values: Proposing }, io: Io): Promise<ExitStatus> {
  const current = await inForce(values, await pinnedTrust(values.trust, io), io);
  const { snapshot, summary } = current;
  const revocation = revocationOf(values, current);
  const threshold =
    values.threshold === undefined
      ? undefined
      : numberOption('threshold', values.threshold, { min: 1, max: 16 });
  const statement = successorStatement(
    snapshot,
    {
      addSigners: values['add-signer'],
      removeSigners: values['remove-signer'],
      addRoots: values['add-root'],
      removeRoots: values['remove-root'],
      addPromises: values['add-promise'],
      removePromises: values['remove-promise'],
      ...defined({ threshold, revocation }),
    },
    new Date(io.now()).toISOString(),
  );
  const document = statement.predicate;
  decodeNewStatement(encodeStatement(statement));
  const quorums = snapshot.quorums(document, { index: summary.size });
  const out = values.out ?? `authority-${document.version}.json`;
  const text = `${JSON.stringify(statement, null, 2)}\n`;
  if (out === '-') {
    io.stdout(text);
    return 0;
  }
  // Nobody asked for this name: the other proposal that bears it may be on its way to be signed.
  await (values.out === undefined ? writeNew : writeWhole)(out, utf8(text));
  if (values.json) {
    const { version } = document;
    const changes = changesBetween(snapshot.document, document);
    io.stdout(`${JSON.stringify({ version, changes, missing: missingJson([], quorums), out })}\n`);
    return 0;
  }
  io.stdout(
    `${changesText(snapshot, document, summary)}${missingText([], quorums)}Written to ${printable(out)}\n`,
  );
  return 0;
}

export async function sign(
  { values, positionals: [path] }: Given<typeof described.sign>,
  io: Io,
): Promise<ExitStatus> {
  const current = await inForce(values, await pinnedTrust(values.trust, io), io);
  const pending = await readPending(path);
  const quorums = judge(pending, current);
  const { snapshot, summary } = current;
  const seed = await readPartyKey(values.key, { readable: values['readable-keys'] });
  const keyid = keyidOf(ed25519PublicKey(seed));
  requireWanted(keyid, keyidsOf(pending.envelope), quorums);
  const { payload, signatures } = pending.envelope;
  const envelope = { payloadType, payload, signatures: [...signatures, signPayload(payload, seed)] };
  const keyids = keyidsOf(envelope);
  // Complete and yet refused: of two sets that share keys, one has more than it needs.
  if (missingRoots(keyids, quorums).every(({ missing }) => missing === 0)) requireRoots(keyids, quorums);
  const out = values.out ?? (path.endsWith('.dsse.json') ? path : `${path.replace(/\.json$/, '')}.dsse.json`);
  const changes = changesBetween(snapshot.document, pending.document);
  const leaf = formatEnvelope(envelope);
  // Never signed unseen: where the envelope itself goes to standard output, the changes go to standard error.
  const told = values.json ? '' : changesText(snapshot, pending.document, summary);
  if (out === '-') {
    io.stderr(told);
    io.stdout(fromUtf8(leaf));
    return 0;
  }
  await writeWhole(out, leaf);
  io.stdout(
    values.json
      ? `${JSON.stringify({ keyid, version: pending.document.version, changes, missing: missingJson(keyids, quorums), out })}\n`
      : `${told}Signed by ${keyid}, ${counted(keyids.length, 'signature')} in all\n${missingText(keyids, quorums)}Written to ${printable(out)}\n`,
  );
  return 0;
}

/** Refuses a signature that the ledger would refuse later: not by a root, a second time, or more than is needed. */
function requireWanted(keyid: string, signed: readonly string[], quorums: readonly RootQuorum[]): void {
  const sets = quorums.filter(({ roots }) => roots.keys.has(keyid));
  const facts = { facts: { keyid } };
  if (sets.length === 0) {
    const expected = [...new Set(quorums.flatMap(({ roots }) => [...roots.keys.keys()]))].join('\n');
    throw new LedgerError('unknown-signer', 'this key is no root, old or new', {
      expected,
      got: keyid,
      ...facts,
    });
  }
  if (signed.includes(keyid)) {
    throw new LedgerError('duplicate-signature', 'this key has signed the document already', {
      expected: 'one signature by each key',
      got: keyid,
      ...facts,
    });
  }
  if (missingRoots(signed, sets).some(({ missing }) => missing > 0)) return;
  throw new LedgerError('superfluous-signature', 'no threshold needs a signature by this key any more', {
    expected: 'as many signatures as the thresholds ask for',
    got: `${counted(signed.length, 'signature')} before this one`,
    ...facts,
  });
}

export async function submit(
  { values, positionals: [path] }: Given<typeof described.submit>,
  io: Io,
): Promise<ExitStatus> {
  const trust = await pinnedTrust(values.trust, io);
  const leaf = await readSmall(path, maxLeafBytes);
  const attestation = decodeAttestation(decodeEnvelope(leaf));
  const leafHash = toHex(attestation.leafHash);
  const { snapshot, summary, chain } = await inForce(values, trust, io);
  // What is recorded is not a successor of itself; sent again, it gets its old place.
  if (!chain.some(({ document }) => toHex(document.leafHash) === leafHash)) {
    snapshot.succeed(attestation, { index: summary.size });
  }
  const answer = await new LedgerClient(ledgerUrl(values.url, trust)).append(leaf);
  const proof = parseProof(utf8(answer.proof));
  const { checkpoint } = verifyProof({ proof, leafHash: attestation.leafHash, policy: trust.policy });
  const out = values.out ?? `${path}.tlog-proof`;
  if (out === '-') {
    io.stdout(answer.proof);
    return 0;
  }
  await writeWhole(out, utf8(answer.proof));
  const facts = { index: proof.index, leafHash, size: checkpoint.size, new: answer.isNew };
  if (values.json) io.stdout(`${JSON.stringify({ ...facts, out })}\n`);
  else {
    const place = `leaf ${proof.index} of ${checkpoint.size}`;
    io.stdout(
      markLine('proven', answer.isNew ? 'Recorded' : 'Known', place, io) +
        plainLine('Leaf hash', leafHash) +
        plainLine('Proof', out),
    );
  }
  return 0;
}
