/** `isal attest`: write a statement, check it, sign it, have it cosigned, submit it. Files go between the parties. */
import { basename } from 'node:path';
import { canonicalize, parseJson } from '../../attestation/canonical.ts';
import {
  formatEnvelope,
  keyidOf,
  parseEnvelope,
  payloadType,
  signPayload,
} from '../../attestation/envelope.ts';
import { decodeEnvelope, decodeStatement, maxPayloadDepth } from '../../attestation/statement.ts';
import { supervisionOf, usualSource } from '../../attestation/kinds/index.ts';
import type { TypedStatement } from '../../attestation/types.ts';
import { ed25519PublicKey } from '#ed25519';
import { fromUtf8, toHex, utf8 } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { parseProof, verifyProof } from '../../note/proof.ts';
import { hexOption, onePositional, parseCommand } from '../terminal/args.ts';
import { binding, bindingOptions, requireBound } from './binding.ts';
import * as rebuild from './rebuild.ts';
import * as seal from './seal.ts';
import * as snapshot from './snapshot.ts';
import { LedgerClient } from '../../client/client.ts';
import { readSmall, writeWhole } from '../terminal/files.ts';
import { hashFile } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { markLine, plainLine } from '../terminal/marks.ts';
import { isObject, memberLines } from '../terminal/members.ts';
import { readPartyKey } from '../terminal/secret-file.ts';
import { template, typeLines, typeNamed, unfilled } from './templates.ts';
import { ledgerUrl, pinnedTrust } from '../online/trust.ts';

/** What each takes, for the `--help` of one. */
export const usages: Readonly<Record<string, string>> = {
  new: `isal attest new TYPE [options]     write a statement to fill in; TYPE is one of
${typeLines('                                   ')}
  --file FILE       its subject: name and digests of FILE
  --url URL         ask the ledger at URL, or the one of --trust FILE, for its origin, the
                    authority in force and the next number of the source
  --origin ORIGIN   or give them:  --authority LEAFHASH  --seq N (each is used once)
  --source ID       who counts it (default: as is usual for the type)
  --target LEAFHASH the leaf that a correction is of
  --out STATEMENT   where to write it (default: standard output)`,
  lint: `isal attest lint STATEMENT|ENVELOPE
                                   check a statement before anybody signs it; --json`,
  sign: `isal attest sign STATEMENT --key PEM [--out ENVELOPE]
                                   sign it; the envelope goes to the next party`,
  cosign: `isal attest cosign ENVELOPE --key PEM [--out ENVELOPE]
                                   show what others signed, and add a signature`,
  submit: `isal attest submit ENVELOPE [--url URL] [--trust FILE] [--out PROOF]
                                   record it, at the URL in the trust file unless another is given;
                                   the proof is checked before it is believed`,
  rebuild: rebuild.usage,
  snapshot: snapshot.usage,
  seal: seal.usage,
};

const keys = `Keys are Ed25519 in PKCS#8 PEM, mode 0600: openssl genpkey -algorithm ed25519 -out KEY.pem
--out - writes to standard output. --json where there is an answer.`;

export const usage: string = `${Object.values(usages).join('\n')}

${keys}`;

const options: {
  readonly [name in 'file' | 'key' | 'out' | 'target' | keyof typeof bindingOptions]: {
    readonly type: 'string';
  };
} & { readonly json: { readonly type: 'boolean'; readonly default: false } } = {
  ...bindingOptions,
  file: { type: 'string' },
  key: { type: 'string' },
  out: { type: 'string' },
  target: { type: 'string' },
  json: { type: 'boolean', default: false },
};

type Values = ReturnType<typeof parseCommand<typeof options>>['values'];

/** A statement on disk may be laid out for people; what is signed is its canonical form. */
const maxStatementFile = 1 << 20;

async function write(path: string, text: string, io: Io): Promise<void> {
  if (path === '-') io.stdout(text);
  else await writeWhole(path, utf8(text));
}

/** The canonical payload of a statement file, laid out in any way. Throws what admission would throw. */
async function payloadOf(path: string): Promise<Uint8Array> {
  return canonicalBytes(await readSmall(path, maxStatementFile));
}

function canonicalBytes(file: Uint8Array): Uint8Array {
  return utf8(canonicalize(parseJson(file, { maxBytes: maxStatementFile, maxDepth: maxPayloadDepth })));
}

/** What a statement says, but for what every statement has; nobody signs unseen that somebody was on site. */
function claims(typed: TypedStatement): string[] {
  const { pointer } = supervisionOf(typed) ?? { pointer: '/predicate' };
  const above = pointer
    .split('/')
    .slice(2)
    .map((name) => `${name}.`)
    .join('');
  const everywhere = ['ledger.origin', 'ledger.authority', 'source.id', 'source.seq', 'occurredAt'];
  return memberLines(typed.statement.predicate).filter(
    (line) => !everywhere.some((member) => line.startsWith(`${above}${member}: `)),
  );
}

function summary(typed: TypedStatement): string {
  const { type, statement } = typed;
  const lines = [`type     ${type}`];
  for (const { name, digest } of statement.subject) {
    const digests = Object.entries(digest).map(([algorithm, hex]) => `${algorithm} ${hex}`);
    const [first = '', ...others] = [...(name === undefined ? [] : [name]), ...digests];
    lines.push(`subject  ${first}`, ...others.map((other) => `         ${other}`));
  }
  const supervised = supervisionOf(typed);
  if (supervised !== undefined) {
    const { ledger, source, occurredAt } = supervised.value;
    lines.push(`ledger   ${ledger.origin}, authority ${ledger.authority}`);
    lines.push(`source   ${source.id} no. ${source.seq}, ${occurredAt}`);
  }
  lines.push(...claims(typed).map((line, i) => `${i === 0 ? 'says' : ''.padEnd(4)}     ${line}`));
  return `${lines.map((line) => `  ${printable(line)}`).join('\n')}\n`;
}

async function create(name: string, values: Values, io: Io): Promise<number> {
  const type = typeNamed(name);
  const { target, file } = values;
  const statement = template(type, {
    ...(await binding(values, usualSource(type), io)),
    ...defined({
      target: target === undefined ? undefined : hexOption('target', target),
      subject: file === undefined ? undefined : { name: basename(file), digests: await hashFile(file) },
    }),
  });
  await write(values.out ?? '-', `${JSON.stringify(statement, null, 2)}\n`, io);
  return 0;
}

/** A statement, or an envelope around one: who may have signed it, only an authority document tells. */
async function lint(path: string, values: Values, io: Io): Promise<number> {
  const file = await readSmall(path, maxStatementFile);
  const payload = isEnvelope(file) ? parseEnvelope(file).payload : canonicalBytes(file);
  const typed = decodeStatement(payload);
  requireBound(typed);
  if (values.json) {
    io.stdout(`${JSON.stringify({ ok: true, type: typed.type, unfilled: unfilled(typed.statement) })}\n`);
    return 0;
  }
  io.stdout(`ok\n${summary(typed)}`);
  warnUnfilled(typed, io);
  return 0;
}

function isEnvelope(file: Uint8Array): boolean {
  const json = parseJson(file, { maxBytes: maxStatementFile, maxDepth: maxPayloadDepth });
  return isObject(json) && Object.hasOwn(json, 'payloadType');
}

/** Nothing in a ledger can be filled in later. */
function warnUnfilled({ statement }: TypedStatement, io: Io): void {
  const places = unfilled(statement);
  if (places.length === 0) return;
  io.stderr(
    `isal: these are still template values, and cannot be changed once recorded:\n${places.map((at) => `  ${at}\n`).join('')}`,
  );
}

function keyOption(values: Values): string {
  if (values.key === undefined)
    throw new LedgerError('usage', 'signing needs --key', { expected: `--key PEM\n${keys}` });
  return values.key;
}

/** What was signed, for programs; with `--out -` the envelope itself is the answer. */
function reportJson(keyid: string, { type }: TypedStatement, out: string, io: Io): void {
  if (out !== '-') io.stdout(`${JSON.stringify({ keyid, type, out })}\n`);
}

async function sign(path: string, values: Values, io: Io): Promise<number> {
  const payload = await payloadOf(path);
  const typed = decodeStatement(payload);
  requireBound(typed);
  const seed = await readPartyKey(keyOption(values));
  const envelope = { payloadType, payload, signatures: [signPayload(payload, seed)] };
  warnUnfilled(typed, io);
  const out = values.out ?? `${path.replace(/\.json$/, '')}.dsse.json`;
  await write(out, fromUtf8(formatEnvelope(envelope)), io);
  if (values.json) reportJson(keyidOf(ed25519PublicKey(seed)), typed, out, io);
  else if (out !== '-') {
    io.stdout(
      `Signed by ${keyidOf(ed25519PublicKey(seed))}:\n${summary(typed)}Written to ${printable(out)}\n`,
    );
  }
  return 0;
}

async function cosign(path: string, values: Values, io: Io): Promise<number> {
  const envelope = parseEnvelope(await readSmall(path, maxStatementFile));
  const typed = decodeStatement(envelope.payload);
  requireBound(typed);
  const seed = await readPartyKey(keyOption(values));
  const signature = signPayload(envelope.payload, seed);
  if (envelope.signatures.some((present) => present.keyid === signature.keyid)) {
    throw new LedgerError('duplicate-signature', 'this key has signed the envelope already', {
      got: signature.keyid,
    });
  }
  warnUnfilled(typed, io);
  const out = values.out ?? path;
  await write(
    out,
    fromUtf8(formatEnvelope({ ...envelope, signatures: [...envelope.signatures, signature] })),
    io,
  );
  if (values.json) reportJson(signature.keyid, typed, out, io);
  else if (out !== '-') {
    io.stdout(
      `Cosigned by ${signature.keyid}, with ${envelope.signatures.length} before:\n${summary(typed)}Written to ${printable(out)}\n`,
    );
  }
  return 0;
}

async function submit(path: string, values: Values, io: Io): Promise<number> {
  // The trust file is read first: an entry that is recorded but cannot be checked would look like a failure.
  const trust = await pinnedTrust(values.trust, io);
  const leaf = await readSmall(path, maxStatementFile);
  const { leafHash } = decodeEnvelope(leaf);
  const answer = await new LedgerClient(ledgerUrl(values.url, trust)).append(leaf);
  const proof = parseProof(utf8(answer.proof));
  const { checkpoint } = verifyProof({ proof, leafHash, policy: trust.policy });
  const out = values.out ?? `${path}.tlog-proof`;
  await write(out, answer.proof, io);
  const facts = { index: proof.index, leafHash: toHex(leafHash), size: checkpoint.size, new: answer.isNew };
  if (out === '-') return 0;
  if (values.json) io.stdout(`${JSON.stringify(facts)}\n`);
  else {
    io.stdout(
      markLine(
        'proven',
        answer.isNew ? 'Recorded' : 'Known',
        `leaf ${proof.index} of ${checkpoint.size}`,
        io,
      ) +
        plainLine('Leaf hash', facts.leafHash) +
        plainLine('Proof', out),
    );
  }
  return 0;
}

const verbs = { new: create, lint, sign, cosign, submit };

/** The options that each takes; another one would be passed over in silence. */
const taken: Readonly<Record<keyof typeof verbs, readonly (keyof typeof options)[]>> = {
  new: ['file', 'url', 'trust', 'origin', 'authority', 'source', 'seq', 'target', 'out'],
  lint: ['json'],
  sign: ['key', 'out', 'json'],
  cosign: ['key', 'out', 'json'],
  submit: ['url', 'trust', 'out', 'json'],
};

export async function run(args: readonly string[], io: Io): Promise<number> {
  const [verb = '', ...rest] = args;
  if (verb === 'rebuild') return rebuild.run(rest, io);
  if (verb === 'snapshot') return snapshot.run(rest, io);
  if (verb === 'seal') return seal.run(rest, io);
  if (!Object.hasOwn(verbs, verb)) {
    throw new LedgerError('usage', 'there is no such attest command', { expected: usage, got: verb });
  }
  const own = usages[verb] ?? usage;
  const { values, positionals } = parseCommand(rest, options, own);
  const name = verb as keyof typeof verbs;
  for (const [option, value] of Object.entries(values)) {
    if (value === false || taken[name].some((known) => known === option)) continue;
    throw new LedgerError('usage', `attest ${verb} has no option --${option}`, { expected: own });
  }
  return verbs[name](onePositional(positionals, name === 'new' ? 'type' : 'file', own), values, io);
}
