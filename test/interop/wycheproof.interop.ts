/**
 * Project Wycheproof's Ed25519 and ML-DSA-44 vectors. They come as a Go module
 * at one version and one checksum, through the `go` command and its module
 * proxy, and are read from the module cache; nothing of them is kept here.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fromHex } from '../../src/bytes.ts';
import { acceptablePublicKey } from '../../src/platform/ed25519.ts';
import { mldsa44PublicKey, signMldsa44, verifyMldsa44 } from '../../src/platform/mldsa44.ts';
import { expectVerdict } from '../platform/same-verdict.ts';

const moduleVersion = 'github.com/c2sp/wycheproof@v0.0.0-20260902155932-3fa63dd0344a';
const moduleSum = 'h1:pNbL2nztRsWfW/ispAwsvcDFxs9Id38uIsR2/Up5G2c=';

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly msg?: string;
  readonly ctx?: string;
  readonly sig: string;
  readonly result: 'valid' | 'invalid';
}

interface Vectors<Group> {
  readonly numberOfTests: number;
  readonly testGroups: readonly (Group & { readonly tests: readonly Vector[] })[];
}

describe('the Wycheproof vectors', function () {
  this.timeout(180_000);
  let directory: string;

  before(() => {
    // Outside any Go module, so that none of its requirements has a say.
    const answer = execFileSync('go', ['mod', 'download', '-json', moduleVersion], {
      cwd: tmpdir(),
      encoding: 'utf8',
    });
    const { Dir, Sum } = JSON.parse(answer) as { Dir: string; Sum: string };
    expect(Sum).to.equal(moduleSum);
    directory = join(Dir, 'testvectors_v1');
  });

  function read<Group>(name: string): Vectors<Group> {
    return JSON.parse(readFileSync(join(directory, name), 'utf8')) as Vectors<Group>;
  }

  it('of Ed25519 have their verdicts under the rule, through node:crypto and noble', async () => {
    const { numberOfTests, testGroups } = read<{ publicKey: { pk: string } }>('ed25519_test.json');
    let seen = 0;
    let valid = 0;
    for (const { publicKey, tests } of testGroups) {
      const key = fromHex(publicKey.pk, 32);
      expect(acceptablePublicKey(key)).to.equal(true);
      for (const { tcId, comment, msg = '', sig, result } of tests) {
        await expectVerdict({
          kind: `Wycheproof ${tcId} ${comment}`,
          publicKey: key,
          message: fromHex(msg),
          signature: fromHex(sig),
          accepted: result === 'valid',
        });
        seen += 1;
        if (result === 'valid') valid += 1;
      }
    }
    expect(seen).to.equal(numberOfTests);
    expect([seen, valid]).to.deep.equal([151, 88]);
  });

  it('of ML-DSA-44 verification without a context have their verdicts', () => {
    const { testGroups } = read<{ publicKey: string }>('mldsa_44_verify_test.json');
    let seen = 0;
    for (const { publicKey, tests } of testGroups) {
      for (const { tcId, comment, msg = '', ctx, sig, result } of tests) {
        // A signature under a context is no signature here: ours is always empty.
        const accepted = result === 'valid' && (ctx ?? '') === '';
        const verdict = verifyMldsa44(fromHex(publicKey), fromHex(msg), fromHex(sig));
        if (verdict !== accepted) expect.fail(`Wycheproof ${tcId} ${comment}: ${verdict}`);
        seen += 1;
      }
    }
    expect(seen).to.equal(180);
  });

  it('of ML-DSA-44 signing from a seed give the same keys and signatures', () => {
    const { testGroups } = read<{ privateSeed: string; publicKey: string | null }>(
      'mldsa_44_sign_seed_test.json',
    );
    let seen = 0;
    for (const { privateSeed, publicKey, tests } of testGroups) {
      for (const { tcId, flags, msg, ctx, sig, result } of tests) {
        // Not ours: the hash signed in the message's place, contexts, fresh randomness.
        const ours =
          msg !== undefined &&
          (ctx ?? '') === '' &&
          !flags.includes('Internal') &&
          !flags.includes('Randomized');
        if (!ours || result !== 'valid') continue;
        const seed = fromHex(privateSeed, 32);
        expect(mldsa44PublicKey(seed)).to.deep.equal(fromHex(publicKey ?? ''));
        if (Buffer.compare(signMldsa44(seed, fromHex(msg)), fromHex(sig)) !== 0)
          expect.fail(`Wycheproof ${tcId}`);
        seen += 1;
      }
    }
    expect(seen).to.be.greaterThan(60);
  });
});
