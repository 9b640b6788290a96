/** What unpacking a tar archive comes to: where order and owners of its entries matter. */
import type { TarEntry } from './tar.ts';

/** `./usr//bin/` and `usr/bin` are one place; undefined for paths that lead up or begin at the root. */
function place(path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : parts.join('/');
}

/**
 * Whether unpacking in any order gives the same files. Otherwise an attacker who
 * made the archive could let a later entry overwrite an earlier one, or write
 * through a link, and call the change a matter of order.
 */
export function orderMeansNothing(entries: readonly TarEntry[]): boolean {
  const seen = new Set<string>();
  const links = new Set<string>();
  for (const entry of entries) {
    const at = place(entry.path);
    if (at === undefined || seen.has(at)) return false;
    if (entry.type === '1' && !seen.has(place(entry.link) ?? '')) return false;
    if (entry.type === '2') links.add(at);
    seen.add(at);
  }
  return !anyBelow([...seen].toSorted(), links);
}

/** By search in the sorted places: paths of a hostile archive can have thousands of steps each. */
function anyBelow(sorted: readonly string[], links: ReadonlySet<string>): boolean {
  for (const link of links) {
    const begin = `${link}/`;
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if ((sorted[middle] as string) < begin) from = middle + 1;
      else to = middle;
    }
    if (sorted[from]?.startsWith(begin) === true) return true;
  }
  return false;
}

/** A program that runs as its owner is another one when its owner is another. */
export function ownersMatter({ mode }: TarEntry): boolean {
  return (mode & 0o6000) !== 0;
}
