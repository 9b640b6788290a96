/** Questions under way at once: enough that no answer is waited for alone, and few enough for any server. */
const atOnce = 8;

/** Does the work for all items, a few at a time; the results are in the order of the items. */
export async function inParallel<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))));
  }
  return results;
}
