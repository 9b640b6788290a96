/** The members of `T` that may be undefined become members that may be absent. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The same members without those that are undefined: with
 * `exactOptionalPropertyTypes`, "absent" and "present and undefined" differ.
 *
 *     defined({ code, got })   { code }   where `got` is undefined
 */
export function defined<const T extends object>(members: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]: [string, unknown]) => value !== undefined),
  ) as Defined<T>;
}
