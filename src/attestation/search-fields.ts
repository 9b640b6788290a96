/**
 * What entries are found by: one table, from which come the rows of the
 * ledger's index, the parameters of the HTTP interface, and the options of
 * `isal log search`. A filter is a text:
 *
 *     subject  sha256:9f2c…     type  build     signer  03a1…     ref  77b0…
 */
import { LedgerError, lengthOf } from '../errors.ts';
import type { DigestAlgorithm, NamedDigest } from './digests.ts';
import type { Attestation } from './statement.ts';
import { attestationTypes } from './generated/type-names.ts';

export type SearchFieldName = 'subject' | 'type' | 'product' | 'family' | 'signer' | 'source' | 'ref';

/** Entries that have all of these. */
export type SearchFilters = { readonly [name in SearchFieldName]?: string };

/** Rows of the ledger's index. Most fields have one of their own name; a subject has one for each algorithm. */
export type SearchRowName = Exclude<SearchFieldName, 'subject'> | DigestAlgorithm;

/** A row of the index, less the entry that it leads to. */
export interface SearchRow {
  readonly row: SearchRowName;
  readonly value: string;
}

export interface SearchRowForm {
  /** What stands for the row in the keys of every store, for ever. */
  readonly byte: number;
  /** Whether its values are lowercase hexadecimal, and kept as the bytes that it stands for. */
  readonly hex?: true;
  /** Whether one value comes again and again, so that it is worth remembering how it is written. */
  readonly recurs?: true;
}

export const searchRows: Readonly<Record<SearchRowName, SearchRowForm>> = {
  sha256: { byte: 0, hex: true },
  sha512: { byte: 1, hex: true },
  signer: { byte: 2, hex: true, recurs: true },
  type: { byte: 3, recurs: true },
  product: { byte: 4, recurs: true },
  family: { byte: 5, recurs: true },
  source: { byte: 6, recurs: true },
  ref: { byte: 7, hex: true },
};

/** What a value must look like. */
export interface ValueForm {
  readonly pattern: RegExp;
  readonly expected: string;
  /** All that it may be, where that is a list. */
  readonly choices?: readonly string[];
  /** The same as a JSON Schema, for a description of the interface. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface SearchField {
  /** What it finds, for descriptions and help. */
  readonly about: string;
  /** What stands for the value in help. */
  readonly placeholder: string;
  readonly form: ValueForm;
  /** The rows by which an entry is found. */
  readonly rowsOf: (attestation: Attestation) => readonly SearchRow[];
  /** The row that a filter asks for. */
  readonly rowFor: (text: string) => SearchRow;
}

function formOf(pattern: RegExp, expected: string): ValueForm {
  return { pattern, expected, schema: { type: 'string', pattern: pattern.source } };
}

export const hashForm: ValueForm = formOf(/^[0-9a-f]{64}$/, '64 characters of 0-9 a-f');

export const digestForm: ValueForm = formOf(
  /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/,
  'sha256: and 64, or sha512: and 128 characters of 0-9 a-f',
);

/** As the schemas bound these names; the look-up itself is exact. */
const nameForm: ValueForm = {
  pattern: /^[^\p{Cc}\p{Cs}]{1,256}$/u,
  expected: '1 to 256 characters, no control characters',
  schema: { type: 'string', maxLength: 256 },
};

const typeForm: ValueForm = {
  pattern: new RegExp(`^(?:${attestationTypes.join('|')})$`),
  expected: `one of ${attestationTypes.join(', ')}`,
  choices: attestationTypes,
  schema: { type: 'string', enum: [...attestationTypes] },
};

/** A field with one row, of which an entry has any number of values. */
function field(
  row: Exclude<SearchFieldName, 'subject'>,
  words: Pick<SearchField, 'about' | 'placeholder' | 'form'>,
  valuesOf: (attestation: Attestation) => readonly (string | undefined)[],
): SearchField {
  return {
    ...words,
    rowsOf: (attestation) =>
      valuesOf(attestation).flatMap((value) => (value === undefined ? [] : [{ row, value }])),
    rowFor: (value) => ({ row, value }),
  };
}

export const searchFields: Readonly<Record<SearchFieldName, SearchField>> = {
  subject: {
    about: 'entries about the artefact with this digest, sha256:HEX or sha512:HEX',
    placeholder: 'DIGEST',
    form: digestForm,
    rowsOf: ({ subjects }) => subjects.map(({ alg, hex }) => ({ row: alg, value: hex })),
    rowFor: (text) => {
      const { alg, hex } = parseSubjectDigest(text);
      return { row: alg, value: hex };
    },
  },
  type: field('type', { about: 'entries of this type', placeholder: 'TYPE', form: typeForm }, ({ type }) => [
    type,
  ]),
  product: field(
    'product',
    { about: 'entries about this product', placeholder: 'NAME', form: nameForm },
    ({ product }) => [product],
  ),
  family: field(
    'family',
    { about: 'entries about this family of databases', placeholder: 'NAME', form: nameForm },
    ({ family }) => [family],
  ),
  signer: field(
    'signer',
    { about: 'entries that this key has signed', placeholder: 'KEYID', form: hashForm },
    ({ envelope }) => envelope.signatures.map(({ keyid }) => keyid),
  ),
  source: field(
    'source',
    { about: 'entries that this stream has numbered', placeholder: 'ID', form: nameForm },
    ({ supervision }) => [supervision?.source.id],
  ),
  ref: field(
    'ref',
    { about: 'entries that refer to this leaf', placeholder: 'LEAFHASH', form: hashForm },
    ({ refs }) => refs,
  ),
};

export const searchFieldNames: readonly SearchFieldName[] = Object.keys(searchFields) as SearchFieldName[];

/** The digest of an artefact. Throws `bad-request`. */
export function parseSubjectDigest(text: string): NamedDigest {
  if (!digestForm.pattern.test(text)) {
    throw new LedgerError('bad-request', 'not the digest of an artefact', {
      expected: digestForm.expected,
      got: lengthOf(text),
    });
  }
  return { alg: text.startsWith('sha256:') ? 'sha256' : 'sha512', hex: text.slice(7) };
}

/** All rows by which an entry is found. */
export function searchRowsOf(attestation: Attestation): readonly SearchRow[] {
  return searchFieldNames.flatMap((name) => searchFields[name].rowsOf(attestation));
}

/** The rows that an entry must have to be found. Throws `bad-request` for a malformed subject. */
export function searchRowsFor(filters: SearchFilters): readonly SearchRow[] {
  return searchFieldNames.flatMap((name) => {
    const text = filters[name];
    return text === undefined ? [] : [searchFields[name].rowFor(text)];
  });
}

/** The first filter that an entry does not meet; undefined if it meets them all. */
export function unmetFilter(filters: SearchFilters, attestation: Attestation): SearchFieldName | undefined {
  return searchFieldNames.find((name) => {
    const text = filters[name];
    if (text === undefined) return false;
    const { rowFor, rowsOf } = searchFields[name];
    const wanted = rowFor(text);
    return !rowsOf(attestation).some(({ row, value }) => row === wanted.row && value === wanted.value);
  });
}
