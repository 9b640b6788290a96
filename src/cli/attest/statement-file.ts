/** Statements that commands write: checked as at admission, so that nobody carries one about that no ledger takes. */
import { canonicalize, parseJson } from '../../attestation/canonical.ts';
import { decodeStatement, maxPayloadDepth } from '../../attestation/statement.ts';
import { utf8 } from '../../bytes.ts';
import { writeWhole } from '../terminal/files.ts';

/** Laid out for people. Throws what `isal attest lint` would throw, with the member that is wrong. */
export function formatStatement(statement: object): Uint8Array {
  const bytes = utf8(`${JSON.stringify(statement, null, 2)}\n`);
  decodeStatement(
    utf8(canonicalize(parseJson(bytes, { maxBytes: bytes.length, maxDepth: maxPayloadDepth }))),
  );
  return bytes;
}

/** Throws also `file-unreadable`. */
export async function writeStatement(path: string, statement: object): Promise<void> {
  await writeWhole(path, formatStatement(statement));
}
