/** The number that the next statement of a source has, as a proposal: at admission the ledger decides. */
import type { LedgerClient } from '../../client/client.ts';

/** Halving needs fewer, unless the answers are made up. */
const maxQuestions = 128;
/** Most sources have signed something of late, so this much of the end of the log is looked at first. */
const newest = 256;

/**
 * One more than the largest number that the server shows at the beginning and
 * among the last entries of `source`; 1 for a source that has none. A search
 * goes forward only, so the last entry is found by halving what it may lie in.
 */
export async function nextNumber(client: Pick<LedgerClient, 'numbers'>, source: string): Promise<number> {
  const first = await client.numbers(source, { after: -1 });
  let largest = Math.max(0, ...first.items.map(({ seq }) => seq));
  let more = first.next;
  // An entry of the source is at `low`, and none at `high` or behind it.
  let low = first.items.at(-1)?.index ?? -1;
  let high = first.size;
  let after = Math.max(low, high - 1 - newest);
  for (let question = 1; more && low + 1 < high && question < maxQuestions; question++) {
    const page = await client.numbers(source, { after });
    largest = Math.max(largest, ...page.items.map(({ seq }) => seq));
    const last = page.items.at(-1)?.index;
    if (last === undefined) high = after + 1;
    else {
      low = last;
      more = page.next;
    }
    after = Math.floor((low + high - 1) / 2);
  }
  return Math.min(largest + 1, Number.MAX_SAFE_INTEGER);
}
