/** Keys and checkpoints for tests: every seed is one repeated byte. */
import { utf8 } from '../../src/bytes.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { cosign } from '../../src/note/cosignature.ts';
import { formatVerifierKey, signerKey, verifierOf, type SignerKey } from '../../src/note/key.ts';
import { formatNote, signNote, type Note, type NoteSignature } from '../../src/note/note.ts';
import { parsePolicy, type Policy } from '../../src/note/policy.ts';

export const origin = 'ledger.example/test';

export function seed(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

export const logKey: SignerKey = signerKey({ name: origin, type: 1, seed: seed(1) });
export const mldsaLogKey: SignerKey = signerKey({ name: origin, type: 6, seed: seed(2) });

export function witnessKey(number: number, type: 4 | 6 = 4): SignerKey {
  return signerKey({ name: `witness.example/w${number}`, type, seed: seed(100 + number) });
}

export const text: string = formatCheckpoint({ origin, size: 1234, root: seed(7), extensions: [] });

export function vkey(key: SignerKey): string {
  return formatVerifierKey(verifierOf(key));
}

/** The checkpoint signed by the log's Ed25519 key, with further signatures behind it. */
export function signed(more: readonly NoteSignature[] = [], of: string = text): Uint8Array {
  const note = signNote(of, [logKey]);
  return bytesOf({ text: note.text, signatures: [...note.signatures, ...more] });
}

export function bytesOf(note: Note): Uint8Array {
  return utf8(formatNote(note));
}

export function cosignedBy(number: number, time: number, of: string = text): NoteSignature {
  return cosign({ key: witnessKey(number), text: of, time });
}

export function policyOf(...lines: readonly string[]): Policy {
  return parsePolicy(lines.map((line) => `${line}\n`).join(''));
}

/** Log key and witnesses 1 to `count`, named W1 and so on. */
export function lines(count: number): string[] {
  return [
    `log ${vkey(logKey)}`,
    ...Array.from({ length: count }, (_, at) => `witness W${at + 1} ${vkey(witnessKey(at + 1))}`),
  ];
}
