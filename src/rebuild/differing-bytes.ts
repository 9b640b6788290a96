/**
 * How many bytes differ: the smaller of two counts, so that neither one changed
 * byte nor one inserted byte makes the whole file count.
 *
 * - place by place: places at which the bytes differ, and the difference in length;
 * - the middle: the longer of what is left of both when the equal beginning and
 *   the equal end are taken away.
 *
 * 0 if and only if the two are equal.
 */
export function differingBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  const longer = Math.max(a.length, b.length);
  let begin = 0;
  while (begin < shorter && a[begin] === b[begin]) begin++;
  let end = 0;
  while (end < shorter - begin && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  let places = longer - shorter;
  for (let i = begin; i < shorter; i++) if (a[i] !== b[i]) places++;
  return Math.min(places, longer - begin - end);
}
