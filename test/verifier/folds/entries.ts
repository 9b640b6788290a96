/** Entries for folds, which look at no signature: statements of the fixtures, numbered as leaves. */
import { expect } from 'chai';
import { sha256 } from '#sha256';
import { utf8 } from '../../../src/bytes.ts';
import type { Attestation } from '../../../src/attestation/statement.ts';
import type { AttestationType, StatementOf } from '../../../src/attestation/types.ts';
import type { Entry } from '../../../src/verifier/authorising/walk.ts';
import type { KeptFold } from '../../../src/verifier/folds/fold.ts';

/** An entry that says this, at a leaf. */
export function entryOf<T extends AttestationType>(index: number, type: T, statement: StatementOf<T>): Entry {
  const leafHash = sha256(utf8(`leaf ${index}`));
  const attestation = { type, statement, leafHash } as unknown as Attestation;
  return { index, attestation, signers: [], authority: { index: 0, version: 1 } };
}

/**
 * A fold that is kept row by row, written out at any place and taken up again, goes on as if
 * nothing had happened.
 */
export function expectKept<R, K>(make: () => KeptFold<R, K>, entries: readonly Entry[], at: number): void {
  const undisturbed = make();
  for (const entry of entries) undisturbed.add(entry);
  const expected = undisturbed.result(at);
  for (let cut = 0; cut <= entries.length; cut++) {
    const before = make();
    const rows = entries.slice(0, cut).flatMap((entry) => {
      const kept = before.keep(entry);
      return kept === undefined ? [] : [JSON.stringify(kept)];
    });
    const after = make();
    for (const row of rows) after.take(JSON.parse(row) as K);
    for (const entry of entries.slice(cut)) after.add(entry);
    expect(after.result(at), `cut at ${cut}`).to.deep.equal(expected);
  }
}
