import { expect } from 'chai';
import { concat, fromHex, toHex, uint64, utf8 } from '../../src/bytes.ts';
import { parseCheckpoint } from '../../src/note/checkpoint.ts';
import {
  cosign,
  mldsaMessage,
  sameSignature,
  verifyCosignature,
  verifyLogSignature,
  verifySignature,
} from '../../src/note/cosignature.ts';
import { parseVerifierKey, signerKey, verifierKey, verifierOf } from '../../src/note/key.ts';
import { parseNote, signNote, type NoteSignature } from '../../src/note/note.ts';
import { signEd25519 } from '#ed25519';
import { cosignedBy, logKey, mldsaLogKey, seed, text, witnessKey } from './make.ts';
import { refusal } from './refusal.ts';
import { cosignedCheckpoint, ed25519Log, mldsaLog, signedNote } from './vectors.ts';

function only(signatures: readonly NoteSignature[]): NoteSignature {
  const [first] = signatures;
  if (first === undefined || signatures.length !== 1) throw new Error('the vector has one signature');
  return first;
}

describe('note/cosignature', () => {
  it('verifies the example of the signed-note specification', () => {
    const note = parseNote(utf8(signedNote.note));
    const key = parseVerifierKey(signedNote.vkey);
    expect(verifySignature(key, note.text, only(note.signatures))).to.deep.equal({});
    expect(
      refusal(() => verifySignature(key, note.text.replace('an', 'no'), only(note.signatures))).code,
    ).to.equal('bad-signature');
  });

  it('verifies the ML-DSA-44 signature that another implementation made for a log', () => {
    const note = parseNote(utf8(mldsaLog.note));
    const key = parseVerifierKey(mldsaLog.vkey);
    expect(verifySignature(key, note.text, only(note.signatures))).to.deep.equal({ time: 0 });
    verifyLogSignature(key, note.text, only(note.signatures));
  });

  it('verifies the Ed25519 signature that another implementation made for a log', () => {
    const note = parseNote(utf8(ed25519Log.note));
    const key = verifierKey({ name: ed25519Log.name, type: 1, publicKey: fromHex(ed25519Log.publicKey) });
    verifyLogSignature(key, note.text, only(note.signatures));
  });

  it('signs the Ed25519 cosignature message of the specification, byte for byte', () => {
    const { text: exampleText } = parseNote(utf8(cosignedCheckpoint));
    const key = witnessKey(1);
    const { signature } = cosign({ key, text: exampleText, time: 1679315147 });
    const message = [
      'cosignature/v1',
      'time 1679315147',
      'example.com/behind-the-sofa',
      '20852163',
      'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=',
      '',
    ].join('\n');
    const blob = concat(uint64(1679315147), signEd25519(key.seed, utf8(message)));
    expect(toHex(signature)).to.equal(toHex(blob));
    expect(toHex(signature.subarray(0, 8))).to.equal('00000000641850cb');
  });

  it('builds the ML-DSA-44 message as the specification lays it out', () => {
    const message = mldsaMessage({ cosigner: 'w', time: 3, origin: 'log', size: 258, root: seed(0xab) });
    expect(toHex(message)).to.equal(
      [
        '737562747265652f76310a00',
        '0177',
        '0000000000000003',
        '036c6f67',
        '0000000000000000',
        '0000000000000102',
        'ab'.repeat(32),
      ].join(''),
    );
  });

  it('gives back the time of both kinds of cosignature', () => {
    for (const type of [4, 6] as const) {
      const key = witnessKey(1, type);
      const signature = cosign({ key, text, time: 1_700_000_000 });
      expect(verifyCosignature(verifierOf(key), text, signature)).to.deep.equal({ time: 1_700_000_000 });
    }
  });

  it('refuses either kind over another text, with another time, or cut short', () => {
    const other = text.replace('1234', '1235');
    for (const type of [4, 6] as const) {
      const key = witnessKey(1, type);
      const signature = cosign({ key, text, time: 1_700_000_000 });
      const later = {
        ...signature,
        signature: concat(uint64(1_700_000_001), signature.signature.subarray(8)),
      };
      const short = { ...signature, signature: signature.signature.subarray(1) };
      const verifier = verifierOf(key);
      expect(refusal(() => verifyCosignature(verifier, other, signature)).code).to.equal('bad-signature');
      expect(refusal(() => verifyCosignature(verifier, text, later)).code).to.equal('bad-signature');
      expect(refusal(() => verifyCosignature(verifier, text, short))).to.include({
        code: 'bad-signature',
        expected: `${signature.signature.length} bytes`,
      });
    }
  });

  it('refuses a witness’s cosignature with time 0, which a log may use for itself', () => {
    const signature = cosign({ key: mldsaLogKey, text, time: 0 });
    const key = verifierOf(mldsaLogKey);
    verifyLogSignature(key, text, signature);
    expect(refusal(() => verifyCosignature(key, text, signature))).to.include({
      code: 'bad-signature',
      got: 'time 0',
    });
    const zero = concat(uint64(0), signEd25519(witnessKey(1).seed, utf8(`cosignature/v1\ntime 0\n${text}`)));
    const witness = verifierOf(witnessKey(1));
    expect(refusal(() => verifyCosignature(witness, text, { ...witness, signature: zero })).code).to.equal(
      'bad-signature',
    );
  });

  it('refuses a note signature for a cosignature, and a cosignature for a log’s signature', () => {
    const note = signNote(text, [logKey]);
    expect(refusal(() => verifyCosignature(verifierOf(logKey), text, only(note.signatures))).code).to.equal(
      'bad-signature',
    );
    const cosignature = cosignedBy(1, 1);
    expect(refusal(() => verifyLogSignature(verifierOf(witnessKey(1)), text, cosignature)).code).to.equal(
      'bad-signature',
    );
  });

  it('refuses a signature of another name or ID', () => {
    const signature = cosignedBy(1, 5);
    const key = verifierOf(witnessKey(1));
    for (const other of [
      { ...signature, name: 'witness.example/w2' },
      { ...signature, id: (signature.id ^ 1) >>> 0 },
    ]) {
      expect(refusal(() => verifySignature(key, text, other)).code).to.equal('bad-signature');
    }
  });

  it('refuses a time beyond 2^53 - 1', () => {
    const signature = cosignedBy(1, 5);
    const far = signature.signature.slice();
    far[0] = 0x7f;
    expect(
      refusal(() => verifySignature(verifierOf(witnessKey(1)), text, { ...signature, signature: far })),
    ).to.include({ code: 'bad-signature', got: 'a later one' });
  });

  it('refuses a log’s ML-DSA-44 signature under extension lines, which it does not cover', () => {
    const signature = cosign({ key: mldsaLogKey, text, time: 0 });
    const extended = `${text}added by a relay\n`;
    const key = verifierOf(mldsaLogKey);
    verifySignature(key, extended, signature);
    expect(refusal(() => verifyLogSignature(key, extended, signature)).code).to.equal('bad-signature');
  });

  it('refuses an ML-DSA-44 cosignature where the origin does not fit its message', () => {
    const long = `${'o'.repeat(256)}\n1\n${text.split('\n')[2]}\n`;
    expect(parseCheckpoint(long).size).to.equal(1);
    expect(refusal(() => cosign({ key: witnessKey(1, 6), text: long, time: 1 })).code).to.equal(
      'malformed-checkpoint',
    );
  });

  it('does not sign without a time, nor cosign with a key for notes', () => {
    expect(() => cosign({ key: witnessKey(1), text, time: 0 })).to.throw('a cosignature has its time');
    expect(() => cosign({ key: mldsaLogKey, text, time: 0.5 })).to.throw('a cosignature has its time');
    expect(() => cosign({ key: logKey, text, time: 1 })).to.throw('do not cosign');
  });

  it('commits an ML-DSA-44 cosignature to the cosigner’s name', () => {
    const renamed = signerKey({ name: 'witness.example/other', type: 6, seed: witnessKey(1, 6).seed });
    const signature = cosign({ key: witnessKey(1, 6), text, time: 9 });
    const key = verifierOf(renamed);
    expect(
      refusal(() =>
        verifySignature(key, text, { name: key.name, id: key.id, signature: signature.signature }),
      ).code,
    ).to.equal('bad-signature');
  });

  it('tells equal signatures from different ones', () => {
    const signature = cosignedBy(1, 5);
    expect(sameSignature(signature, { ...signature, signature: signature.signature.slice() })).to.equal(true);
    expect(sameSignature(signature, cosignedBy(1, 6))).to.equal(false);
    expect(sameSignature(signature, { ...signature, name: 'x' })).to.equal(false);
  });
});
