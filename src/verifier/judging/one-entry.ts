/** One entry of a verified bundle, for an answer that rests on it alone, such as a disclosure. */
import { LedgerError } from '../../errors.ts';
import type { Entry, Walk } from '../authorising/walk.ts';
import { leafOf } from '../folds/supporting.ts';
import { correctedHops, correctionsAmong } from './corrections.ts';
import type { CorrectionHop } from './corrections.ts';

/**
 * What the bundle shows against the entry: its corrections, and those of them.
 * Throws `key-not-in-force` where a later document says that a key on it had
 * already been stolen when it was signed.
 */
export function againstEntry(entry: Entry, { entries, newest }: Walk): readonly CorrectionHop[] {
  const { index, signers } = entry;
  const stolen = signers.find(({ keyid }) => newest.statusOf(keyid, index) !== 'in-force');
  if (stolen === undefined) return correctedHops([leafOf(entry)], correctionsAmong(entries));
  throw new LedgerError('key-not-in-force', `the key of ${stolen.name} is not in force as of this leaf`, {
    expected: 'keys that no later authority document revokes back to this leaf',
    got: `${newest.statusOf(stolen.keyid, index)}, by the document at leaf ${newest.index}`,
    index,
  });
}
