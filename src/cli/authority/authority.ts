/**
 * `isal authority`: a new authority document by files. Root keys are kept
 * offline, so their holders read and sign with a bundle and the trust file
 * alone; only fetching that bundle and submitting need the network.
 */
import { ed25519PublicKey } from '#ed25519';
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
import type { AttestationOf } from '../../attestation/statement.ts';
import {
  decodeAttestation,
  decodeEnvelope,
  decodeStatement,
  encodeStatement,
  maxPayloadDepth,
} from '../../attestation/statement.ts';
import type { AuthorityPredicate, AuthorityRevocation } from '../../attestation/types.ts';
import { fromHex, fromUtf8, toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { parseProof, verifyProof } from '../../note/proof.ts';
import { formatBundle, maxBundleBytes, parseBundle } from '../../verifier/proving/bundle.ts';
import type { Bundle } from '../../verifier/proving/bundle.ts';
import { counted } from '../../verifier/judging/hops.ts';
import type { Trust } from '../../verifier/trust.ts';
import type { CheckpointSummary } from '../../verifier/judging/verdict.ts';
import { verifyBundle } from '../../verifier/judging/verify-bundle.ts';
import { numberOption, onePositional, parseCommand } from '../terminal/args.ts';
import { changesBetween, keyidOfText, namesIn, promiseText, revocationText, signerText } from './changes.ts';
import { successorStatement } from './proposal.ts';
import { LedgerClient } from '../../client/client.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall, writeNew, writeWhole } from '../terminal/files.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { markLine, plainLine } from '../terminal/marks.ts';
import { connect, bundleOf } from '../online/online.ts';
import { readPartyKey } from '../terminal/secret-file.ts';
import { ledgerUrl, pinnedTrust } from '../online/trust.ts';
import { wrapLine } from '../terminal/wrap.ts';

export const usage: string = `isal authority show [DOCUMENT]      the authority document in force, its chain proven; with
                                    DOCUMENT (a proposal, signed or not) what that changes
  --out BUNDLE      save the proven chain, for machines without a network
isal authority propose [changes]    write the next document, to be edited and signed
  --add-signer 'NAME;ORGANISATION;ROLE,…;SOURCE,…;KEY'   --remove-signer KEYID
  --add-root KEY    --remove-root KEYID    --threshold N
  --revoke KEYID    --kind superseded|revoked|compromised (default: revoked)
    --reason TEXT   --from-leaf N (default: the next leaf; a compromise names it)
  --add-promise 'SOURCE;EVERY;GRACE[;FROM]'              --remove-promise SOURCE
                    the source is summarised every EVERY, such as 7d, and each summary
                    recorded within GRACE, such as 12h; from FROM on (default: now)
  --out FILE        default: authority-VERSION.json
isal authority sign DOCUMENT --key PEM
                                    show what it changes, and add the signature of a root key
  --out ENVELOPE    default: the same name, ending in .dsse.json
isal authority submit ENVELOPE      check it once more, record it, verify the proof
  --out PROOF       default: ENVELOPE.tlog-proof

  --trust FILE      the pinned trust file (default: ISAL_TRUST)
  --url URL         the ledger (default: the URL in the trust file)
  --bundle BUNDLE   the proven chain from a file, with no network; not for submit
  --json            the answer as JSON

KEY is a public key in base64; a KEYID is the SHA-256 of one in hex, as show prints it.
Options that add or remove may be given more than once.`;

const options = {
  trust: { type: 'string' },
  url: { type: 'string' },
  bundle: { type: 'string' },
  out: { type: 'string' },
  key: { type: 'string' },
  'add-signer': { type: 'string', multiple: true },
  'remove-signer': { type: 'string', multiple: true },
  'add-root': { type: 'string', multiple: true },
  'remove-root': { type: 'string', multiple: true },
  threshold: { type: 'string' },
  'add-promise': { type: 'string', multiple: true },
  'remove-promise': { type: 'string', multiple: true },
  revoke: { type: 'string' },
  kind: { type: 'string' },
  'from-leaf': { type: 'string' },
  reason: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseCommand<typeof options>>['values'];

/** The authority in force as far as the bundle shows, verified under the trust file. */
interface InForce {
  readonly bundle: Bundle;
  readonly summary: CheckpointSummary;
  readonly snapshot: AuthoritySnapshot;
  /** Every document up to it, from leaf 0. */
  readonly chain: readonly { readonly index: number; readonly document: AttestationOf<'authority'> }[];
}

/** Whether a server or a stick brought the bundle makes no difference: it is verified here. */
async function inForce(values: Values, trust: Trust, io: Io): Promise<InForce> {
  const bundle =
    values.bundle === undefined
      ? (await bundleOf(await connect({ url: values.url, trust, io }), trust, { found: { indices: [] } }))
          .bundle
      : parseBundle(await readSmall(values.bundle, maxBundleBytes));
  const { summary, walk } = verifyBundle({ bundle, trust });
  const chain = bundle.leaves.flatMap(({ index, leaf }) => {
    const document = decodeAttestation(decodeEnvelope(leaf));
    return document.type === 'authority' ? [{ index, document }] : [];
  });
  return { bundle, summary, snapshot: walk.newest, chain };
}

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
  const typed = decodeStatement(envelope.payload);
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

async function show(paths: readonly string[], values: Values, io: Io): Promise<void> {
  const path = paths.length === 0 ? undefined : onePositional(paths, 'document', usage);
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
    return;
  }
  if (values.json) return io.stdout(`${JSON.stringify(inForceJson(current))}\n`);
  io.stdout(inForceText(current, io));
  if (values.out !== undefined) io.stdout(`Saved ${printable(values.out)} (verifies offline)\n`);
}

function inForceJson({ summary, snapshot, chain }: InForce): object {
  const { index, leafHash, version, document } = snapshot;
  const { size } = summary;
  return {
    checkpoint: summary,
    index,
    leafHash,
    version,
    size,
    root: { threshold: document.root.threshold, keyids: document.root.keys.map(keyidOfText) },
    signers: document.signers.map((signer) => {
      const keyid = keyidOfText(signer.publicKey);
      return { keyid, ...signer, status: snapshot.statusOf(keyid, size) };
    }),
    rules: document.rules,
    revocations: document.revocations,
    promises: document.promises ?? [],
    chain: chain.map((one) => ({
      index: one.index,
      leafHash: toHex(one.document.leafHash),
      version: one.document.statement.predicate.version,
      occurredAt: one.document.statement.predicate.occurredAt,
    })),
  };
}

/** The column of the texts. */
const setIn = ' '.repeat(15);

function inForceText({ summary, snapshot, chain }: InForce, io: Io): string {
  const { index, leafHash, version, document } = snapshot;
  const { size, origin } = summary;
  const names = namesIn(...chain.map((one) => one.document.statement.predicate));
  return [
    markLine('proven', 'Checkpoint', `${origin}, size ${size}`, io),
    ...chain.map((one) => {
      const { version: its, occurredAt } = one.document.statement.predicate;
      return markLine('proven', 'Document', `version ${its}, leaf ${one.index}, made ${occurredAt}`, io);
    }),
    markLine('proven', 'In force', `version ${version}, leaf hash ${leafHash}`, io),
    markLine(
      'not-shown',
      'Later',
      `none shown after leaf ${index}, as of ${size} (isal log fsck proves it)`,
      io,
    ),
    plainLine('Roots', `${document.root.threshold} of ${document.root.keys.length} must sign`),
    ...document.root.keys.map((key) => plainLine('Root key', keyidOfText(key))),
    ...document.signers.map((signer) => {
      const status = snapshot.statusOf(keyidOfText(signer.publicKey), size);
      return wrapLine(plainLine(status === 'in-force' ? 'Signer' : status, signerText(signer)), setIn);
    }),
    ...document.rules.map(({ predicateType, anyOf }) =>
      plainLine('Rule', `${predicateType}: ${anyOf.map((roles) => roles.join(' + ')).join(', or ')}`),
    ),
    ...document.revocations.map((one) =>
      wrapLine(plainLine('Revocation', revocationText(names)(one)), setIn),
    ),
    ...(document.promises ?? []).map((one) => plainLine('Promise', promiseText(one))),
  ].join('');
}

/** The --revoke options. A typing mistake here could never be taken back: revocations stay for ever. */
function revocationOf(values: Values, { chain, summary }: InForce): AuthorityRevocation | undefined {
  const { revoke, kind = 'revoked', 'from-leaf': fromLeaf, reason } = values;
  const refused = (message: string, expected: string, got?: string): LedgerError =>
    new LedgerError('usage', message, { expected, got });
  if (revoke === undefined) {
    if (values.kind === undefined && fromLeaf === undefined && reason === undefined) return undefined;
    throw refused('--kind, --from-leaf and --reason belong to --revoke', usage);
  }
  if (kind !== 'superseded' && kind !== 'revoked' && kind !== 'compromised') {
    throw refused('there is no such kind of revocation', 'superseded, revoked or compromised', kind);
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

async function propose(paths: readonly string[], values: Values, io: Io): Promise<void> {
  if (paths.length > 0) throw new LedgerError('usage', 'propose takes options only', { expected: usage });
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
      addSigners: values['add-signer'] ?? [],
      removeSigners: values['remove-signer'] ?? [],
      addRoots: values['add-root'] ?? [],
      removeRoots: values['remove-root'] ?? [],
      addPromises: values['add-promise'] ?? [],
      removePromises: values['remove-promise'] ?? [],
      ...defined({ threshold, revocation }),
    },
    new Date(io.now()).toISOString(),
  );
  const document = statement.predicate;
  decodeStatement(encodeStatement(statement));
  const quorums = snapshot.quorums(document, { index: summary.size });
  const out = values.out ?? `authority-${document.version}.json`;
  const text = `${JSON.stringify(statement, null, 2)}\n`;
  if (out === '-') return io.stdout(text);
  // Nobody asked for this name: the other proposal that bears it may be on its way to be signed.
  await (values.out === undefined ? writeNew : writeWhole)(out, utf8(text));
  if (values.json) {
    const { version } = document;
    const changes = changesBetween(snapshot.document, document);
    io.stdout(`${JSON.stringify({ version, changes, missing: missingJson([], quorums), out })}\n`);
    return;
  }
  io.stdout(
    `${changesText(snapshot, document, summary)}${missingText([], quorums)}Written to ${printable(out)}\n`,
  );
}

async function sign(paths: readonly string[], values: Values, io: Io): Promise<void> {
  const path = onePositional(paths, 'document', usage);
  if (values.key === undefined) throw new LedgerError('usage', 'signing needs --key', { expected: usage });
  const current = await inForce(values, await pinnedTrust(values.trust, io), io);
  const pending = await readPending(path);
  const quorums = judge(pending, current);
  const { snapshot, summary } = current;
  const seed = await readPartyKey(values.key);
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
    return io.stdout(fromUtf8(leaf));
  }
  await writeWhole(out, leaf);
  io.stdout(
    values.json
      ? `${JSON.stringify({ keyid, version: pending.document.version, changes, missing: missingJson(keyids, quorums), out })}\n`
      : `${told}Signed by ${keyid}, ${counted(keyids.length, 'signature')} in all\n${missingText(keyids, quorums)}Written to ${printable(out)}\n`,
  );
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

async function submit(paths: readonly string[], values: Values, io: Io): Promise<void> {
  const path = onePositional(paths, 'envelope', usage);
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
  if (out === '-') return io.stdout(answer.proof);
  await writeWhole(out, utf8(answer.proof));
  const facts = { index: proof.index, leafHash, size: checkpoint.size, new: answer.isNew };
  if (values.json) return io.stdout(`${JSON.stringify({ ...facts, out })}\n`);
  io.stdout(
    markLine('proven', answer.isNew ? 'Recorded' : 'Known', `leaf ${proof.index} of ${checkpoint.size}`, io) +
      plainLine('Leaf hash', leafHash) +
      plainLine('Proof', out),
  );
}

const verbs = { show, propose, sign, submit };

const common = ['trust', 'url', 'out', 'json'] as const;

/** The options that each takes; another one would be passed over in silence. */
const taken: Readonly<Record<keyof typeof verbs, readonly (keyof typeof options)[]>> = {
  show: [...common, 'bundle'],
  propose: [
    ...common,
    'bundle',
    'add-signer',
    'remove-signer',
    'add-root',
    'remove-root',
    'threshold',
    'add-promise',
    'remove-promise',
    'revoke',
    'kind',
    'from-leaf',
    'reason',
  ],
  sign: [...common, 'bundle', 'key'],
  submit: common,
};

export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  const [verb = '', ...rest] = args;
  if (!Object.hasOwn(verbs, verb)) {
    throw new LedgerError('usage', 'there is no such authority command', { expected: usage, got: verb });
  }
  const { values, positionals } = parseCommand(rest, options, usage);
  const name = verb as keyof typeof verbs;
  for (const [option, value] of Object.entries(values)) {
    if (value === false || taken[name].some((known) => known === option)) continue;
    throw new LedgerError('usage', `authority ${verb} has no option --${option}`, { expected: usage });
  }
  if (values.bundle !== undefined && values.url !== undefined) {
    throw new LedgerError('usage', 'the chain comes from --bundle or from --url', { expected: usage });
  }
  await verbs[name](positionals, values, io);
  return 0;
}
