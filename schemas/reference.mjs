// The reference page of the attestation types, docs/attestations.md, from the
// schemas: every field with its bounds and its description.

/** The types in the order of the page, with who usually signs and what the subject is. */
const types = [
  [
    'authority',
    'the threshold of the root keys, those of the document before and its own',
    'the SHA-256 of the origin',
  ],
  ['source-snapshot', 'source-custodian + supervisor', 'an artefact with the digests of `manifest`'],
  ['source-review', 'reviewer + supervisor', 'an artefact with the digests of `snapshot.digest`'],
  ['build', 'builder + supervisor', 'the artefacts that were built'],
  ['rebuild-result', 'rebuilder', 'an artefact with the digests of `build.digest`'],
  ['database-update', 'database-publisher + supervisor', 'an artefact with the digests of `result`'],
  ['data-access', 'access-gateway', 'the SHA-256 over the 32 bytes of `eventId`'],
  ['period-summary', 'access-gateway + vendor', 'the SHA-256 of the origin'],
  ['residency', 'vendor + supervisor', 'the SHA-256 of the origin'],
  ['supervisor-statement', 'supervisor', 'the SHA-256 of the origin'],
  ['correction', 'everybody who signed the target, or supervisor', 'the leaf hash of `target`'],
];

const intro = `
# Attestation types

<!-- Generated from schemas/*.json by \`npm run generate\`. Change the schemas. -->

Every leaf is a DSSE envelope around an in-toto Statement v1 ([format.md](format.md#leaf)). What follows is the
predicate of each type: its fields, what they may hold, and what they mean. A field with a ? may be left out; any
field that is not listed is refused, except in SLSA's own parts of a build. \`isal attest new TYPE\` prints a statement to fill in, \`isal attest lint FILE\`
names the field that is wrong.

Who signs is said by the authority document in force; below is what \`isal init\` writes for a trial. Every signer must
have been given the \`source.id\` of the statement, and no two of one statement belong to one organisation.

Beyond single fields, these are refused: a review that covers more files than there are, a *full* one that covers
fewer, and a result that contradicts the number of findings; an *identical* rebuild with other digests; a period that
does not end after it begins; a summary whose counts do not add up to \`gatewayCount\`, or whose two counts differ by
more than \`unexplained\`; a correction that replaces a leaf by itself, or whose target is not recorded below it.
`;

/** The page as Markdown. `schemas`: by name. */
export function reference(schemas) {
  const parts = types.map(([name, signers, subject]) => {
    const schema = schemas[name];
    const rows = [...fieldsOf(schema, schema, schemas, '')].map(
      ([field, kind, description]) => `| ${field} | ${kind} | ${cell(description)} |`,
    );
    return [
      `## ${name}`,
      '',
      schema.description,
      '',
      `Signed by ${signers}. Subject: ${subject}.`,
      '',
      '| field | may be | meaning |',
      '| --- | --- | --- |',
      ...rows,
    ].join('\n');
  });
  return `${intro}\n${parts.join('\n\n')}\n`;
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
