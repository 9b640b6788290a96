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
import { decodeNewStatement } from '../../admission/names.ts';
import { decodeEnvelope, maxPayloadDepth } from '../../attestation/statement.ts';
import { supervisionOf, usualSource } from '../../attestation/kinds/index.ts';
import type { TypedStatement } from '../../attestation/types.ts';
import { ed25519PublicKey } from '#ed25519';
import { fromUtf8, toHex, utf8 } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { parseProof, verifyProof } from '../../note/proof.ts';
import { hexOption } from '../terminal/args.ts';
import type { Given } from '../terminal/command.ts';
import { binding, requireBound } from './binding.ts';
import type { described } from './commands.ts';
import { LedgerClient } from '../../client/client.ts';
import { readSmall, writeWhole } from '../terminal/files.ts';
import { hashFile } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { markLine, plainLine } from '../terminal/marks.ts';
import { isObject, memberLines } from '../terminal/members.ts';
import { readPartyKey } from '../terminal/secret-file.ts';
import { mixedWords, template, unfilled } from './templates.ts';
import { ledgerUrl, pinnedTrust } from '../online/trust.ts';

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

export async function create(
  { values, positionals: [type] }: Given<typeof described.new>,
  io: Io,
): Promise<number> {
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
export async function lint(
  { values, positionals: [path] }: Given<typeof described.lint>,
  io: Io,
): Promise<number> {
  const file = await readSmall(path, maxStatementFile);
  const payload = isEnvelope(file) ? parseEnvelope(file).payload : canonicalBytes(file);
  const typed = decodeNewStatement(payload);
  requireBound(typed);
  if (values.json) {
    const mixed = mixedWords(typed.statement).map(({ at }) => at);
    const places = {
      unfilled: unfilled(typed.statement),
      ...(mixed.length === 0 ? {} : { mixedScripts: mixed }),
    };
    io.stdout(`${JSON.stringify({ ok: true, type: typed.type, ...places })}\n`);
    return 0;
  }
  io.stdout(`ok\n${summary(typed)}`);
  warn(typed, io);
  return 0;
}

function isEnvelope(file: Uint8Array): boolean {
  const json = parseJson(file, { maxBytes: maxStatementFile, maxDepth: maxPayloadDepth });
  return isObject(json) && Object.hasOwn(json, 'payloadType');
}

/** What is lawful and most likely a slip: nothing in a ledger can be filled in or put right later. */
function warn({ statement }: TypedStatement, io: Io): void {
  const places = unfilled(statement);
  if (places.length > 0) {
    io.stderr(
      `isal: these are still template values, and cannot be changed once recorded:\n${places.map((at) => `  ${at}\n`).join('')}`,
    );
  }
  const mixed = mixedWords(statement);
  if (mixed.length === 0) return;
  const lines = mixed.map(({ at, word, scripts }) => `  ${at}: ${printable(word)} (${scripts.join(', ')})\n`);
  io.stderr(
    `isal: these words have letters of several scripts, and would be taken for others that look the same:\n${lines.join('')}`,
  );
}

/** What was signed, for programs; with `--out -` the envelope itself is the answer. */
function reportJson(keyid: string, { type }: TypedStatement, out: string, io: Io): void {
  if (out !== '-') io.stdout(`${JSON.stringify({ keyid, type, out })}\n`);
}

export async function sign(
  { values, positionals: [path] }: Given<typeof described.sign>,
  io: Io,
): Promise<number> {
  const payload = await payloadOf(path);
  const typed = decodeNewStatement(payload);
  requireBound(typed);
  const seed = await readPartyKey(values.key, { readable: values['readable-keys'] });
  const envelope = { payloadType, payload, signatures: [signPayload(payload, seed)] };
  warn(typed, io);
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

export async function cosign(
  { values, positionals: [path] }: Given<typeof described.cosign>,
  io: Io,
): Promise<number> {
  const envelope = parseEnvelope(await readSmall(path, maxStatementFile));
  const typed = decodeNewStatement(envelope.payload);
  requireBound(typed);
  const seed = await readPartyKey(values.key, { readable: values['readable-keys'] });
  const signature = signPayload(envelope.payload, seed);
  if (envelope.signatures.some((present) => present.keyid === signature.keyid)) {
    throw new LedgerError('duplicate-signature', 'this key has signed the envelope already', {
      got: signature.keyid,
    });
  }
  warn(typed, io);
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

export async function submit(
  { values, positionals: [path] }: Given<typeof described.submit>,
  io: Io,
): Promise<number> {
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
