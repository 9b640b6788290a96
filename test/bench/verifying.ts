/**
 * One of the two processes whose Ed25519 verifications are what appends are
 * measured against: node:crypto (OpenSSL), parsed key at hand, nothing else done.
 */
import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import type { Run } from './rounds.ts';
import { answerJobs } from './worker.ts';

export interface VerifyingJob {
  /** Length of each message, as of the attestations on the other side. */
  readonly messageBytes: number;
  readonly milliseconds: number;
}

const messages = 1_000;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
let signed: { readonly message: Buffer; readonly signature: Buffer }[] = [];

answerJobs(({ messageBytes, milliseconds }: VerifyingJob): Run => {
  if (signed[0]?.message.length !== messageBytes) {
    signed = Array.from({ length: messages }, () => {
      const message = randomBytes(messageBytes);
      return { message, signature: sign(null, message, privateKey) };
    });
  }
  const began = performance.now();
  let count = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    for (let i = 0; i < 50; i++) {
      const { message, signature } = signed[count++ % messages] as (typeof signed)[number];
      if (!verify(null, message, publicKey, signature)) throw new Error('a good signature is refused');
    }
    elapsed = performance.now() - began;
  }
  return { count, milliseconds: elapsed };
});
