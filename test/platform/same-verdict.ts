/** One signature before all three verifiers, and a count of verdicts by kind. */
import { expect } from 'chai';
import { toHex } from '../../src/bytes.ts';
import * as noble from '../../src/platform/ed25519.ts';
import * as node from '../../src/platform/ed25519.node.ts';
import type { SignatureCase } from './signatures.ts';

/** Fails the test unless OpenSSL (in both ways) and noble give the verdict that the rule demands. */
export async function expectVerdict(signed: SignatureCase): Promise<void> {
  const { kind, publicKey, message, signature, accepted } = signed;
  const verdicts = [
    noble.verifyEd25519(publicKey, message, signature),
    node.verifyEd25519(publicKey, message, signature),
    await node.verifyEd25519Async(publicKey, message, signature),
  ];
  if (verdicts.every((verdict) => verdict === accepted)) return;
  expect.fail(
    `${kind}: expected ${accepted}, noble, node, node async said ${verdicts.join(', ')}; ` +
      `key ${toHex(publicKey)}, message ${toHex(message)}, signature ${toHex(signature)}`,
  );
}

/** Runs all cases; how many of each kind were accepted and refused. */
export async function expectVerdicts(
  cases: Iterable<SignatureCase>,
): Promise<Map<string, { accepted: number; refused: number }>> {
  const counts = new Map<string, { accepted: number; refused: number }>();
  for (const signed of cases) {
    await expectVerdict(signed);
    const count = counts.get(signed.kind) ?? { accepted: 0, refused: 0 };
    if (signed.accepted) count.accepted += 1;
    else count.refused += 1;
    counts.set(signed.kind, count);
  }
  return counts;
}
