/**
 * The shape of a part of a catalogue: one message for each member of a union of
 * facts, told apart by its member `D`. A message that is missing does not compile.
 */
export type Messages<U extends Readonly<Record<D, string>>, D extends string> = {
  readonly [K in U[D]]: (facts: Extract<U, Readonly<Record<D, K>>>) => string;
};

/** What a part says of these facts. The key says which of the union they are, which the compiler cannot follow. */
export function said<D extends string, F extends Readonly<Record<D, string>>>(
  messages: Messages<F, D>,
  by: D,
  facts: F,
): string {
  const message = messages[facts[by] as F[D]] as (facts: F) => string;
  return message(facts);
}
