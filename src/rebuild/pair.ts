/** Members of two archives, matched by their keys. */
export interface Pairs<T> {
  readonly pairs: readonly (readonly [T, T])[];
  /** In the first only, in the second only. */
  readonly missing: readonly T[];
  readonly added: readonly T[];
  /** How many of the matched ones stand at another place among the matched ones. */
  readonly moved: number;
}

/** The second member of a key is matched with the second one of the other side, and so on. */
export function pair<T>(a: readonly T[], b: readonly T[], key: (member: T) => string): Pairs<T> {
  const [left, right] = [numbered(a, key), numbered(b, key)];
  const common = [...left.keys()].filter((name) => right.has(name));
  const order = [...right.keys()].filter((name) => left.has(name));
  return {
    pairs: common.map((name) => [left.get(name) as T, right.get(name) as T] as const),
    missing: [...left].filter(([name]) => !right.has(name)).map(([, member]) => member),
    added: [...right].filter(([name]) => !left.has(name)).map(([, member]) => member),
    moved: common.filter((name, place) => order[place] !== name).length,
  };
}

function numbered<T>(members: readonly T[], key: (member: T) => string): Map<string, T> {
  const seen = new Map<string, number>();
  const out = new Map<string, T>();
  for (const member of members) {
    const name = key(member);
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    // The number stands first, so that no name can look like another one with its number.
    out.set(`${number} ${name}`, member);
  }
  return out;
}
