/** A JSON object laid out for people who read before they sign: one line for each member that is no object. */

/**
 * Path and value of each, in their order; a list is one value.
 *
 *     {depth: 'full', coverage: {of: 9}, scope: ['a', 'b']}
 *     depth: "full"
 *     coverage.of: 9
 *     scope: ["a","b"]
 */
export function memberLines(value: object, above = ''): string[] {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    isObject(member) && Object.keys(member).length > 0
      ? memberLines(member, `${above}${name}.`)
      : [`${above}${name}: ${JSON.stringify(member)}`],
  );
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
