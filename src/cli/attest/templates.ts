/** Statements to fill in, `isal attest new TYPE`, and what of one still waits to be filled in. */
import { placeOf } from '../../attestation/canonical.ts';
import { template as blank } from '../../attestation/kinds/index.ts';
import { mixedScripts } from '../../attestation/names/unseen.ts';
import type { MixedWord } from '../../attestation/names/unseen.ts';
import type { TemplateContext } from '../../attestation/kinds/index.ts';
import { attestationTypes, predicateTypes, statementType } from '../../attestation/types.ts';
import type { AttestationType, Statement } from '../../attestation/types.ts';

/** A statement to fill in: valid as it stands, but for what must not be made up. */
export function template(type: AttestationType, context: TemplateContext): Statement {
  return { _type: statementType, predicateType: predicateTypes[type], ...blank(type, context) };
}

/** What a person must replace: words in capitals, and digests and keys that are nobody's. */
const placeholder = /^(?:[A-Z]{2,}(?:,? [A-Z]{2,})*|0{64}|A{43}=)$/;

const nowhere: TemplateContext = {
  ledger: { origin: '', authority: '' },
  occurredAt: '2026-01-01T00:00:00Z',
  source: { id: '', seq: 1 },
};

const placeholders: ReadonlySet<string> = new Set(
  attestationTypes
    .map((type) => blank(type, nowhere))
    .flatMap(({ subject, predicate }) => texts([subject, predicate], []))
    .map(({ text }) => text)
    .filter((text) => text.length > 2 && placeholder.test(text)),
);

interface Stated {
  readonly subject: readonly object[];
  readonly predicate: object;
}

/** Where a statement is still as its template had it: JSON Pointers, which end before a name that no schema has. */
export function unfilled(statement: Stated): string[] {
  return textsOf(statement)
    .filter(({ text }) => placeholders.has(text))
    .map(({ steps }) => placeOf(steps).at);
}

/** Where a word has letters of several scripts that look alike, by the first such word of each text. */
export function mixedWords(statement: Stated): (MixedWord & { readonly at: string })[] {
  return textsOf(statement).flatMap(({ steps, text }) => {
    const mixed = mixedScripts(text);
    return mixed === undefined ? [] : [{ at: placeOf(steps).at, ...mixed }];
  });
}

function textsOf({ subject, predicate }: Stated): ReturnType<typeof texts> {
  return [...texts(subject, ['subject']), ...texts(predicate, ['predicate'])];
}

function texts(value: unknown, steps: readonly (string | number)[]): { steps: typeof steps; text: string }[] {
  if (typeof value === 'string') return [{ steps, text: value }];
  if (Array.isArray(value)) return value.flatMap((member, i) => texts(member, [...steps, i]));
  if (typeof value !== 'object' || value === null) return [];
  // Without a ledger nothing is signed at all (`requireBound`), so that nobody needs to be warned of it.
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'ledger' ? [] : texts(member, [...steps, name]),
  );
}
