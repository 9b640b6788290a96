/** Writes DER, and puts a time-stamp into a seal, which openssl has no command for. */
import { fromBER } from 'asn1js';
import type { BaseBlock } from 'asn1js';
import { concat } from '../../src/bytes.ts';

/** One value: tag, shortest length, content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const inside = concat(...content);
  const { length } = inside;
  const head =
    length < 0x80
      ? [length]
      : length < 0x100
        ? [0x81, length]
        : length < 0x10000
          ? [0x82, length >> 8, length & 0xff]
          : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return concat(Uint8Array.of(tag, ...head), inside);
}

/** The values inside one. */
function parts(value: Uint8Array): Uint8Array[] {
  const { result } = fromBER(Uint8Array.from(value), { parseEmbedded: false });
  const { value: inside } = result.valueBlock as unknown as { readonly value: readonly BaseBlock[] };
  return inside.map((one) => new Uint8Array(one.toBER()));
}

/** The same value with its last part changed, and the last part of that, `depth` levels down. */
function changeLast(value: Uint8Array, depth: number, change: (value: Uint8Array) => Uint8Array): Uint8Array {
  if (depth === 0) return change(value);
  const inside = parts(value);
  const last = inside.pop();
  if (last === undefined) throw new Error('there is no last part');
  return der(value[0] ?? 0, ...inside, changeLast(last, depth - 1, change));
}

/** The value once for each value in it that is in parts, at most `depth` levels down, with one part more in that one. */
export function withOneMore(value: Uint8Array, depth: number, more: Uint8Array): Uint8Array[] {
  const [tag = 0] = value;
  if ((tag & 0x20) === 0 || depth < 0) return [];
  const inside = parts(value);
  const deeper = inside.flatMap((part, at) =>
    withOneMore(part, depth - 1, more).map((changed) => der(tag, ...inside.with(at, changed))),
  );
  return [der(tag, ...inside, more), ...deeper];
}

/** id-aa-signatureTimeStampToken, 1.2.840.113549.1.9.16.2.14. */
const signatureTimestamp = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e);

/** The seal with tokens in its unsigned attributes. */
export function withTokens(cms: Uint8Array, ...tokens: readonly Uint8Array[]): Uint8Array {
  const attributes = tokens.map((token) => der(0x30, der(0x06, signatureTimestamp), der(0x31, token)));
  // ContentInfo, [0], SignedData, signerInfos, SignerInfo: each the last part of the one around it.
  return changeLast(cms, 4, (signer) => der(0x30, ...parts(signer), der(0xa1, ...attributes)));
}

/** The seal with these certificates and no others. */
export function withCertificates(cms: Uint8Array, ...certificates: readonly Uint8Array[]): Uint8Array {
  return changeLast(cms, 2, (signedData) =>
    der(0x30, ...parts(signedData).map((part) => (part[0] === 0xa0 ? der(0xa0, ...certificates) : part))),
  );
}

/** The seal, said to be over plain data. */
export function asData(cms: Uint8Array): Uint8Array {
  const idData = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);
  return changeLast(cms, 2, (signedData) =>
    der(0x30, ...parts(signedData).map((part, at) => (at === 2 ? der(0x30, der(0x06, idData)) : part))),
  );
}

/** The value of the signature in a seal that has no unsigned attributes. */
export function signatureOf(cms: Uint8Array): Uint8Array {
  let found = new Uint8Array();
  changeLast(cms, 5, (signature) => {
    // An OCTET STRING of less than 64 KiB, behind its tag and length.
    const length = signature[1] ?? 0;
    found = Uint8Array.from(signature.subarray(length < 0x80 ? 2 : 2 + (length & 0x7f)));
    return signature;
  });
  return found;
}

/** The seal with its signed attributes, which nothing signs any more, changed. */
export function withSignedAttributes(
  cms: Uint8Array,
  change: (attributes: readonly Uint8Array[]) => readonly Uint8Array[],
): Uint8Array {
  return changeLast(cms, 4, (signer) =>
    der(0x30, ...parts(signer).map((part) => (part[0] === 0xa0 ? der(0xa0, ...change(parts(part))) : part))),
  );
}
