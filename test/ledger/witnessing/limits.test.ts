/** As many witnesses as one checkpoint has room for, with the log's own signatures. */
import { expect } from 'chai';
import { Failure } from '../../../src/ledger/store/failure.ts';
import { Witnesses } from '../../../src/ledger/witnessing/witness-round.ts';
import { formatVerifierKey, verifierOf } from '../../../src/note/key.ts';
import { maxSignatures } from '../../../src/note/note.ts';
import { parsePolicy } from '../../../src/note/policy.ts';
import { vkey, witnessKey } from '../../note/make.ts';
import { refusal } from '../../note/refusal.ts';
import { ed25519Key, mldsaKey, origin } from '../site.ts';

describe('the witnesses of a ledger', () => {
  const keys = [ed25519Key, mldsaKey].map(verifierOf);

  /** The witnesses are asked for nothing before a round. */
  const listed = (count: number): Witnesses => {
    const text = [
      ...keys.map((key) => `log ${formatVerifierKey(key)}`),
      ...Array.from(
        { length: count },
        (_, at) => `witness W${at} ${vkey(witnessKey(at))} http://w.example/${at}`,
      ),
      'quorum W0',
      '',
    ].join('\n');
    const parts = { origin, keys, failure: new Failure(), now: Date.now, timeoutMs: 1 };
    return new Witnesses({ policy: parsePolicy(text), ...parts });
  };

  it('and its own two signatures are 64 lines of a note, and no more', () => {
    expect(listed(maxSignatures - keys.length).status).to.have.length(62);
    expect(refusal(() => listed(maxSignatures - keys.length + 1))).to.include({
      code: 'malformed-policy',
      expected: 'at most 62',
      got: '63',
    });
  });
});
