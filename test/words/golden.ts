/**
 * A catalogue as text, one line a message and sample:
 *
 *   hops.chain [to the first] = unbroken to the first, a, 2 updates back (leaf 1)
 *
 * so that a test holds every wording in one file. Each part of the catalogue
 * has a table of samples beside it in `samples/`.
 */

/** What each message that is a function is asked with, by what is sampled; constant messages need none. */
export type Samples<M> = {
  readonly [
    I in keyof M as M[I] extends string | Readonly<Record<string, string>> ? never : I
  ]: M[I] extends (...facts: infer F) => string ? Readonly<Record<string, F>> : Samples<M[I]>;
};

type Message = string | ((...facts: readonly unknown[]) => string);

/** Throws for a message without a sample. */
export function goldenLines(messages: object, samples: object, above = ''): string[] {
  return Object.entries(messages).flatMap(([id, message]: [string, Message | object]): string[] => {
    const path = `${above}${id}`;
    if (typeof message === 'string') return [`${path} = ${message}`];
    const own = (samples as Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>)[id] ?? {};
    if (typeof message !== 'function') return goldenLines(message, own, `${path}.`);
    const sampled = Object.entries(own);
    if (sampled.length === 0) throw new Error(`no sample of ${path}`);
    return sampled.map(([label, facts]) => {
      const say = message as (...facts: readonly unknown[]) => string;
      return `${path} [${label}] = ${say(...facts)}`;
    });
  });
}

/** Samples of a message that tells one thing. */
export function each<F>(samples: Readonly<Record<string, F>>): Readonly<Record<string, [F]>> {
  return Object.fromEntries(Object.entries(samples).map(([label, facts]) => [label, [facts] as [F]]));
}

/** What each message of a part that tells one thing is asked with, by what is sampled. */
export type Told<M> = {
  readonly [I in keyof M]: M[I] extends (facts: infer F) => string ? Readonly<Record<string, F>> : never;
};

/** The samples of such a part. A message without an entry, or facts of another message, do not compile. */
export function told<M>(facts: Told<M>): Samples<M> {
  const samples = Object.entries<Readonly<Record<string, unknown>>>(facts).map(([id, own]) => [
    id,
    each(own),
  ]);
  return Object.fromEntries(samples) as Samples<M>;
}

/** Of each message the first sample alone: for words that hardly depend on the facts. */
export function usual<M>(samples: Samples<M>): Samples<M> {
  const first = Object.entries<object>(samples).map(([id, own]) => [
    id,
    Object.fromEntries(Object.entries(own).slice(0, 1)),
  ]);
  return Object.fromEntries(first) as Samples<M>;
}
