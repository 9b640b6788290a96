/** A decoded entry in words and as JSON, for the commands that show entries. */
import { toHex } from '../../bytes.ts';
import type { Attestation } from '../../attestation/statement.ts';
import { plainLine } from '../terminal/marks.ts';

/** One line: what an entry is about. */
export function entryLine(index: number, attestation: Attestation): string {
  const { type, product, family, version, supervision, statement } = attestation;
  const [subject] = statement.subject;
  const digest = subject?.digest.sha256 ?? subject?.digest.sha512 ?? '';
  const words = [
    String(index).padStart(8),
    type.padEnd(15),
    `${product ?? family ?? ''}${version === undefined ? '' : ` ${version}`}`.trim().padEnd(32),
    supervision?.occurredAt ?? '',
    `${digest.slice(0, 12)}…`,
  ];
  return words.join('  ').trimEnd();
}

/** Several lines: everything a person wants to know first. */
export function entryText(index: number, attestation: Attestation): string {
  const { type, product, family, version, supervision, statement, envelope, leafHash } = attestation;
  return [
    plainLine('Leaf', `${index}, ${type}`),
    plainLine('Leaf hash', toHex(leafHash)),
    ...(product === undefined ? [] : [plainLine('Product', `${product} ${version ?? ''}`)]),
    ...(family === undefined ? [] : [plainLine('Family', `${family} ${version ?? ''}`)]),
    ...statement.subject.flatMap(({ name, digest }) =>
      Object.entries(digest).map(([algorithm, value]) =>
        plainLine('Subject', `${algorithm} ${String(value)}${name === undefined ? '' : ` ${name}`}`),
      ),
    ),
    ...(supervision === undefined
      ? []
      : [
          plainLine(
            'Source',
            `${supervision.source.id} no. ${supervision.source.seq}, ${supervision.occurredAt}`,
          ),
          plainLine('Authority', supervision.ledger.authority),
        ]),
    ...envelope.signatures.map(({ keyid }) => plainLine('Signed by', keyid)),
  ].join('');
}

export function entryJson(index: number, attestation: Attestation): object {
  const { type, statement, envelope, leafHash } = attestation;
  const signers = envelope.signatures.map(({ keyid }) => keyid);
  return { index, leafHash: toHex(leafHash), type, signers, statement };
}
