/** Writes DER, and puts a time-stamp into a seal, which openssl has no command for. */
import { concat } from '../../src/bytes.ts';
import { context, parts, readDer, tags } from '../../src/seal/der.ts';
import type { Der } from '../../src/seal/der.ts';

/** One value: tag, shortest length, content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const inside = concat(...content);
  const { length } = inside;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concat(Uint8Array.of(tag, ...head), inside);
}

/** The same value with its last part changed, and the last part of that, `depth` levels down. */
function changeLast(value: Der, depth: number, change: (value: Der) => Uint8Array): Uint8Array {
  if (depth === 0) return change(value);
  const inside = parts(value);
  const last = inside.pop();
  if (last === undefined) throw new Error('there is no last part');
  return der(value.tag, ...inside.map(({ bytes }) => bytes), changeLast(last, depth - 1, change));
}

/** id-aa-signatureTimeStampToken, 1.2.840.113549.1.9.16.2.14. */
const signatureTimestamp = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e);

/** The seal with tokens in its unsigned attributes. */
export function withTokens(cms: Uint8Array, ...tokens: readonly Uint8Array[]): Uint8Array {
  const attributes = tokens.map((token) =>
    der(tags.sequence, der(tags.oid, signatureTimestamp), der(tags.set, token)),
  );
  // ContentInfo, [0], SignedData, signerInfos, SignerInfo: each the last part of the one around it.
  return changeLast(readDer(cms), 4, (signer) =>
    der(signer.tag, signer.content, der(context(1), ...attributes)),
  );
}

/** The seal with these certificates and no others. */
export function withCertificates(cms: Uint8Array, ...certificates: readonly Uint8Array[]): Uint8Array {
  return changeLast(readDer(cms), 2, (signedData) =>
    der(
      signedData.tag,
      ...parts(signedData).map(({ tag, bytes }) => (tag === context(0) ? der(tag, ...certificates) : bytes)),
    ),
  );
}

/** The seal, said to be over plain data. */
export function asData(cms: Uint8Array): Uint8Array {
  const idData = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);
  return changeLast(readDer(cms), 2, (signedData) =>
    der(
      signedData.tag,
      ...parts(signedData).map(({ bytes }, at) =>
        at === 2 ? der(tags.sequence, der(tags.oid, idData)) : bytes,
      ),
    ),
  );
}

/** The value of the signature in a seal that has no unsigned attributes. */
export function signatureOf(cms: Uint8Array): Uint8Array {
  let found = new Uint8Array();
  changeLast(readDer(cms), 5, (signature) => {
    found = Uint8Array.from(signature.content);
    return signature.bytes;
  });
  return found;
}
