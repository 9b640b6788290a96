/** `isal attest seal`: an electronic seal into a statement, after it has been held against the file. */
import { canonicalize, parseJson } from '../../attestation/canonical.ts';
import type { JsonValue } from '../../attestation/canonical.ts';
import { compareDigests } from '../../attestation/digests.ts';
import { maxLeafBytes } from '../../attestation/envelope.ts';
import { sealableTypes, supervisionOf } from '../../attestation/kinds/index.ts';
import { decodeStatement, maxPayloadDepth } from '../../attestation/statement.ts';
import type { Seal, Subject } from '../../attestation/types.ts';
import { fromBase64, equal, toBase64, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { derOf } from '../../seal/pem.ts';
import { fingerprint, judgeSeal, maxSealBytes, readPinned } from '../../seal/seal.ts';
import type { SealJudgement } from '../../seal/seal.ts';
import { tokenOf } from '../../seal/timestamp.ts';
import { sealHop } from '../../verifier/judging/sealed.ts';
import { sealText } from '../../words/index.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { readSmall, writeWhole } from '../terminal/files.ts';
import { hashFile } from '../terminal/hash-file.ts';
import type { FileDigests } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { markLine } from '../terminal/marks.ts';
import { sealTrust } from '../verify/seal-options.ts';

const maxStatementFile = 1 << 20;
/** PEM and what people put around it. */
const maxSealFile = 4 * maxSealBytes;
/** An envelope around the payload: its frame, and two signatures. */
const envelopeBytes = 520;

export async function seal(
  { values, positionals: [path] }: Given<typeof described.seal>,
  io: Io,
): Promise<number> {
  const { file, cms: cmsFile } = values;
  const statement = parseJson(await readSmall(path, maxStatementFile), {
    maxBytes: maxStatementFile,
    maxDepth: maxPayloadDepth,
  });
  const digests = await hashFile(file);
  const { subject, place } = sealable(statement, digests);
  const { pinned, crls } = await sealTrust(values, undefined);
  const cms = derOf(await readSmall(cmsFile, maxSealFile), 'CMS', 'PKCS7');
  const timestamp =
    values.timestamp === undefined ? undefined : tokenOf(await readSmall(values.timestamp, maxSealFile));
  const judgement = await judgeSeal({
    cms,
    ...defined({ timestamp }),
    digests,
    pinned: readPinned(pinned, crls),
  });
  const { open } = judgement;
  const asked = pinned.anchors.length + pinned.timestampAnchors.length > 0;
  if (asked && open !== undefined) {
    throw new LedgerError('seal-untrusted', sealText(sealHop(judgement)), {
      expected: 'a path to the anchors that are named',
    });
  }
  const own: Seal = {
    subject: subject.digest,
    cms: toBase64(cms),
    ...defined({ timestamp: timestamp && toBase64(timestamp) }),
  };
  const filled = withSeal(statement, place, own);
  const out = values.out ?? path;
  await writeWhole(out, utf8(`${JSON.stringify(filled, null, 2)}\n`));
  await report(judgement, { out, json: values.json, io });
  return 0;
}

type JsonObject = { readonly [name: string]: JsonValue };

/** The subject that is the file, and where the seals of the statement stand. Throws `usage`, `subject-mismatch`. */
function sealable(
  statement: JsonValue,
  digests: FileDigests,
): { subject: Subject; place: readonly string[] } {
  const typed = decodeStatement(utf8(canonicalize(statement)));
  const supervised = supervisionOf(typed);
  if (supervised === undefined || !sealableTypes.includes(typed.type)) {
    throw new LedgerError('usage', 'statements of this type hold no seals', {
      expected: `a statement of type ${sealableTypes.join(' or ')}`,
      got: typed.type,
    });
  }
  const { subject } = typed.statement;
  const agreements = subject.map(({ digest }) => compareDigests(digest, digests));
  const found = subject[agreements.indexOf('same')];
  // Of a statement with a conflict, every verifier would say that it contradicts the file.
  if (found === undefined || agreements.includes('conflict')) {
    throw new LedgerError('subject-mismatch', 'the statement is not about this file', {
      expected: `a subject with sha256 ${digests.sha256}`,
      at: '/subject',
    });
  }
  return {
    subject: found,
    place: supervised.pointer.split('/').slice(1),
  };
}

/** The statement with one seal more. Throws what linting it throws, and `too-large` if it fits into no leaf. */
function withSeal(statement: JsonValue, place: readonly string[], seal: Seal): JsonValue {
  const change = (value: JsonValue, [name, ...rest]: readonly string[]): JsonValue => {
    const members = value as JsonObject;
    if (name !== undefined) return { ...members, [name]: change(members[name] ?? {}, rest) };
    const seals = (members['seals'] ?? []) as unknown as Seal[];
    if (seals.some(({ cms }) => equal(fromBase64(cms), fromBase64(seal.cms)))) {
      throw new LedgerError('usage', 'the statement holds this seal already');
    }
    return { ...members, seals: [...seals, seal] as unknown as JsonValue };
  };
  const filled = change(statement, place);
  const payload = utf8(canonicalize(filled));
  decodeStatement(payload);
  const leaf = Math.ceil(payload.length / 3) * 4 + envelopeBytes;
  if (leaf > maxLeafBytes) {
    throw new LedgerError('too-large', 'the statement with its seal fits into no leaf', {
      expected: `at most ${maxLeafBytes} bytes; leave the anchors’ own certificates and revocation lists out of the seal`,
      got: `${leaf} bytes`,
    });
  }
  return filled;
}

async function report(
  judgement: SealJudgement,
  { out, json, io }: { out: string; json: boolean; io: Io },
): Promise<void> {
  const { sealer, open, time } = judgement;
  if (json) {
    const { organisation, organisationIdentifier, commonName } = sealer.subject;
    const facts = {
      organisation,
      organisationIdentifier,
      commonName,
      certificateSha256: await fingerprint(sealer),
      ...defined({
        time: time === undefined ? undefined : new Date(time).toISOString(),
        open: open?.reason,
      }),
      out,
    };
    io.stdout(`${JSON.stringify(facts)}\n`);
    return;
  }
  io.stdout(
    markLine(open === undefined ? 'proven' : 'not-shown', 'Sealed', sealText(sealHop(judgement)), io) +
      `Written to ${printable(out)}\n`,
  );
}
