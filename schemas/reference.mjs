// The reference page of the attestation types, docs/attestations.md, from their
// schemas and kinds: who signs, what the subject is, and every field with its
// bounds and its description. And the table of the types in docs/format.md.

const intro = `
# Attestation types

<!-- Generated from schemas/*.json and src/attestation/kinds/ by \`npm run generate\`. Change these. -->

Every leaf is a DSSE envelope around an in-toto Statement v1 ([format.md](format.md#leaf)). What follows is the
predicate of each type: its fields, what they may hold, and what they mean. A field with a ? may be left out; any
field that is not listed is refused, except in SLSA's own parts of a build. \`isal attest new TYPE\` prints a statement to fill in, \`isal attest lint FILE\`
names the field that is wrong.

Who signs is said by the authority document in force; below is what \`isal init\` writes for a trial. Every signer must
have been given the \`source.id\` of the statement, and no two of one statement belong to one organisation.
`;

/** The page as Markdown. `schemas`: by name; `kinds`: in the order of the page. */
export function reference(schemas, kinds) {
  const parts = kinds.map(({ type, usual, subject, consistency }) => {
    const schema = schemas[type];
    const rows = [...fieldsOf(schema, schema, schemas, '')].map(
      ([field, may, description]) => `| ${field} | ${may} | ${cell(description)} |`,
    );
    return [
      `## ${type}`,
      '',
      schema.description,
      '',
      `Signed by ${signersOf(usual)}. Subject: ${subject.words}.`,
      ...(consistency === undefined ? [] : ['', `Refused beyond single fields: ${consistency.refuses}.`]),
      '',
      '| field | may be | meaning |',
      '| --- | --- | --- |',
      ...rows,
    ].join('\n');
  });
  return `${intro}\n${parts.join('\n\n')}\n`;
}

/** The table of the types in docs/format.md. */
export function typeTable(kinds) {
  const rows = kinds.map(
    ({ type, predicateType, subject }) =>
      `| \`${type}\` | \`${predicateType}\` | ${subject.words} | \`schemas/${type}.json\` |`,
  );
  return ['| type | predicate type | subject | schema |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function signersOf(usual) {
  if (usual === null) return 'the threshold of the root keys, those of the document before and its own';
  const name = (role) => (role === 'target-signers' ? 'everybody who signed the target' : role);
  return usual.anyOf.map((together) => together.map(name).join(' + ')).join(', or ');
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}

/** What a reference stands for, and the schema that its own references are relative to. */
function resolve(schema, within, schemas) {
  if (!('$ref' in schema)) return [schema, within];
  const [id, pointer] = schema.$ref.split('#');
  const home = id === '' ? within : Object.values(schemas).find(({ $id }) => $id === id);
  const target = pointer
    .split('/')
    .slice(1)
    .reduce((part, name) => part[name], home);
  return resolve(target, home, schemas);
}

/** Shapes that come again and again; `words` says what is in them. */
const shared = [
  'LedgerBinding',
  'EventSource',
  'References',
  'ArtifactDigest',
  'DigestSet',
  'ResourceDescriptor',
];

function* fieldsOf(schema, within, schemas, path) {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const optional = schema.required?.includes(name) ? '' : '?';
    const field = `${path}${name}`;
    const [target, home] = resolve(property, within, schemas);
    yield [
      `\`${field}\`${optional}`,
      kindOf(property, within, schemas),
      property.description ?? target.description,
    ];
    if (isShared(property)) continue;
    if (target.type === 'object') yield* fieldsOf(target, home, schemas, `${field}.`);
    if (target.type === 'array') {
      const [item, itemHome] = resolve(target.items, home, schemas);
      if (item.type === 'object' && !isShared(target.items)) {
        yield* fieldsOf(item, itemHome, schemas, `${field}[].`);
      }
    }
  }
}

function isShared(property) {
  return '$ref' in property && shared.some((name) => property.$ref.endsWith(`/${name}`));
}

const words = {
  Origin: 'origin of a log',
  SealBase64: 'DER in base64, up to 16,384 bytes',
  HexHash: 'SHA-256 in hex',
  HexSha512: 'SHA-512 in hex',
  Base64Hash: '32 bytes in base64',
  UtcTime: 'time, UTC',
  Country: 'country',
  Identifier: 'identifier',
  Line: 'line',
  Remark: 'remark',
  Uri: 'URI',
  ArtifactDigest: '`sha256` and/or `sha512`',
  LedgerBinding: '`origin`, `authority`',
  EventSource: '`id`, `seq`',
  References: 'up to 16 of `rel`, `leafHash`',
  DigestSet: 'digests by algorithm',
  ResourceDescriptor: 'in-toto ResourceDescriptor',
};

function kindOf(property, within, schemas) {
  const name = '$ref' in property ? property.$ref.replace(/^.*[/]/, '') : '';
  if (name in words) return words[name];
  const [target, home] = resolve(property, within, schemas);
  if ('const' in target) return `\`${target.const}\``;
  if ('enum' in target) return target.enum.map((value) => `\`${value}\``).join(', ');
  if ('anyOf' in target && !('type' in target)) {
    return target.anyOf.map((part) => kindOf(part, home, schemas)).join(' or ');
  }
  switch (target.type) {
    case 'array':
      return `${target.minItems ?? 0} to ${target.maxItems} of: ${kindOf(target.items, home, schemas)}`;
    case 'integer':
      return `${target.minimum} to ${target.maximum === Number.MAX_SAFE_INTEGER ? '2^53 − 1' : target.maximum}`;
    case 'boolean':
      return '`true`, `false`';
    case 'null':
      return '`null`';
    case 'string':
      return `text of ${target.minLength ?? 0} to ${target.maxLength} characters`;
    default:
      return 'object';
  }
}
