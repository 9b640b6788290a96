// Generated from schemas/*.json by schemas/generate.mjs: the schemas themselves. Change the schemas, then `npm run generate`.

// oxlint-disable unicorn/no-thenable -- a schema's "then" is no promise's
export type SchemaName =
  | 'common'
  | 'statement'
  | 'authority'
  | 'source-snapshot'
  | 'source-review'
  | 'build'
  | 'rebuild-result'
  | 'database-update'
  | 'data-access'
  | 'period-summary'
  | 'residency'
  | 'supervisor-statement'
  | 'correction'
  | 'trust'
  | 'bundle'
  | 'evidence'
  | 'config'
  | 'watch';

/** A JSON Schema 2020-12 document. */
export interface JsonSchema {
  readonly $id: string;
  readonly title: string;
  readonly description: string;
  readonly [keyword: string]: unknown;
}

export const schemas: Readonly<Record<SchemaName, JsonSchema>> = {
  common: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:common:v1',
    title: 'Common',
    description: 'Shapes that several schemas share.',
    $defs: {
      Origin: {
        description:
          'Origin of a log: the first line of its checkpoints and the name of its keys. Printable ASCII without space and plus sign.',
        type: 'string',
        minLength: 1,
        maxLength: 200,
        pattern: '^[!-*,-~]+$',
      },
      HexHash: {
        description: 'A SHA-256 as 64 lowercase hexadecimal digits.',
        type: 'string',
        minLength: 64,
        maxLength: 64,
        pattern: '^[0-9a-f]{64}$',
      },
      HexSha512: {
        description: 'A SHA-512 as 128 lowercase hexadecimal digits.',
        type: 'string',
        minLength: 128,
        maxLength: 128,
        pattern: '^[0-9a-f]{128}$',
      },
      Base64Hash: {
        description: '32 bytes in standard padded base64: a tree hash or an Ed25519 public key.',
        type: 'string',
        minLength: 44,
        maxLength: 44,
        pattern: '^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$',
      },
      UtcTime: {
        description:
          'A moment in UTC between 2000 and 2099 as RFC 3339 writes it, with a capital T and Z, and up to nine decimals of a second.',
        type: 'string',
        minLength: 20,
        maxLength: 30,
        pattern:
          '^20(?:[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[02468][048]|[13579][26])-02-29)T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?Z$',
      },
      Country: {
        description: 'A country as two capital letters (ISO 3166-1 alpha-2).',
        type: 'string',
        minLength: 2,
        maxLength: 2,
        pattern: '^[A-Z]{2}$',
      },
      Identifier: {
        description:
          'A short machine-readable name: lowercase letters, digits, dot, hyphen, underscore; it begins with a letter or digit.',
        type: 'string',
        minLength: 1,
        maxLength: 64,
        pattern: '^[a-z0-9][a-z0-9._-]*$',
      },
      Line: {
        description:
          'One line for people. No control characters and none that turn the direction of writing or print as nothing (two names could look alike, and one text like another), no space at either end.',
        type: 'string',
        minLength: 1,
        maxLength: 200,
        pattern:
          '^(?! )[^\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]*[^\\u0000- \\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]$',
      },
      Remark: {
        description: 'A sentence or two for people, in one line, under the same rules as a line.',
        type: 'string',
        minLength: 1,
        maxLength: 500,
        pattern:
          '^(?! )[^\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]*[^\\u0000- \\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]$',
      },
      Uri: {
        description: 'A URI. It is never fetched.',
        type: 'string',
        minLength: 1,
        maxLength: 1000,
        pattern: '^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$',
      },
      ArtifactDigest: {
        description: 'Digests of one and the same bytes. All that are given must match.',
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        properties: {
          sha256: { description: 'SHA-256 of the bytes.', $ref: '#/$defs/HexHash' },
          sha512: { description: 'SHA-512 of the bytes.', $ref: '#/$defs/HexSha512' },
        },
      },
      LedgerBinding: {
        description:
          'What binds a statement to one ledger and to the authority document in force, so that it cannot be replayed elsewhere.',
        type: 'object',
        additionalProperties: false,
        required: ['origin', 'authority'],
        properties: {
          origin: {
            description: 'Origin of the ledger that the statement is made for.',
            $ref: '#/$defs/Origin',
          },
          authority: {
            description: 'Leaf hash of the authority document that the signers hold to be in force.',
            $ref: '#/$defs/HexHash',
          },
        },
      },
      EventSource: {
        description: 'Where the event was counted. A source numbers its events without gaps.',
        type: 'object',
        additionalProperties: false,
        required: ['id', 'seq'],
        properties: {
          id: {
            description:
              'The source, one of those that the authority document gives to every signer of the entry.',
            $ref: '#/$defs/Identifier',
          },
          seq: {
            description: 'Number of the event at its source; the first is 1.',
            type: 'integer',
            minimum: 1,
            maximum: 9007199254740991,
          },
        },
      },
      Reference: {
        description: 'A link to another leaf of the same ledger.',
        type: 'object',
        additionalProperties: false,
        required: ['rel', 'leafHash'],
        properties: {
          rel: {
            description: 'What the other leaf is to this one, for example snapshot, review or erasure.',
            $ref: '#/$defs/Identifier',
          },
          leafHash: { description: 'Leaf hash of the other leaf.', $ref: '#/$defs/HexHash' },
        },
      },
      References: {
        description: 'Links to other leaves of the same ledger.',
        type: 'array',
        minItems: 1,
        maxItems: 16,
        uniqueItems: true,
        items: { $ref: '#/$defs/Reference' },
      },
      DisclosureDigests: {
        description:
          'Digests of RFC 9901 disclosures (the _sd array of that RFC): each is the unpadded base64url of the SHA-256 over the ASCII bytes of base64url(JSON [salt, name, value]), with a fresh salt of 128 bits. In ascending order of their characters, distinct; decoys are allowed.',
        type: 'array',
        minItems: 1,
        maxItems: 8,
        uniqueItems: true,
        items: {
          description: 'Digest of one disclosure.',
          type: 'string',
          minLength: 43,
          maxLength: 43,
          pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$',
        },
      },
      Remarks: {
        description: 'Sentences for people; empty if there is nothing to say.',
        type: 'array',
        minItems: 0,
        maxItems: 16,
        items: { $ref: '#/$defs/Remark' },
      },
      SealBase64: {
        description: 'DER in standard padded base64, at most 16,384 bytes.',
        type: 'string',
        minLength: 4,
        maxLength: 21848,
        pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?$',
      },
      Seal: {
        description:
          "An electronic seal over an artefact: a signature by an organisation's certificate, with a time-stamp.",
        type: 'object',
        additionalProperties: false,
        required: ['subject', 'cms'],
        properties: {
          subject: {
            description: 'Digests of the artefact that is sealed, exactly as one of the subjects has them.',
            $ref: '#/$defs/ArtifactDigest',
          },
          cms: {
            description:
              'The seal: a detached CMS SignedData (RFC 5652) over the artefact, by SHA-256 or SHA-512, with signed attributes and the certificates up to the anchor; DER in base64.',
            $ref: '#/$defs/SealBase64',
          },
          timestamp: {
            description:
              'An RFC 3161 TimeStampToken over the bytes of cms, or over the signature in it; DER in base64. A token may stand in the unsigned attributes of cms instead.',
            $ref: '#/$defs/SealBase64',
          },
        },
      },
      Seals: {
        description: 'Electronic seals over the artefacts.',
        type: 'array',
        minItems: 1,
        maxItems: 4,
        items: { $ref: '#/$defs/Seal' },
      },
      Period: {
        description:
          'A stretch of time: from its beginning up to, but not including, its end, which is later.',
        type: 'object',
        additionalProperties: false,
        required: ['from', 'to'],
        properties: {
          from: { description: 'Its beginning.', $ref: '#/$defs/UtcTime' },
          to: { description: 'Its end.', $ref: '#/$defs/UtcTime' },
        },
      },
      AttestedArtifact: {
        description: 'An artefact that another leaf of the same ledger attests.',
        type: 'object',
        additionalProperties: false,
        required: ['leafHash', 'digest'],
        properties: {
          leafHash: { description: 'Leaf hash of that leaf.', $ref: '#/$defs/HexHash' },
          digest: {
            description: 'Digests of the artefact, as that leaf gives them.',
            $ref: '#/$defs/ArtifactDigest',
          },
        },
      },
    },
  },
  statement: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:statement:v1',
    title: 'Statement',
    description:
      'The payload of every leaf: an in-toto Statement v1. The predicate has a schema of its own for each predicate type.',
    type: 'object',
    additionalProperties: false,
    required: ['_type', 'subject', 'predicateType', 'predicate'],
    properties: {
      _type: {
        description: 'Identifies an in-toto Statement v1.',
        type: 'string',
        const: 'https://in-toto.io/Statement/v1',
      },
      subject: {
        description:
          'What the statement is about. Artefacts stand here by their digests; ledger-wide statements by the SHA-256 of the origin; a data-access event by the SHA-256 of its event id.',
        type: 'array',
        minItems: 1,
        maxItems: 128,
        uniqueItems: true,
        items: { $ref: '#/$defs/Subject' },
      },
      predicateType: {
        description: 'Identifies the type of the predicate.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Uri',
      },
      predicate: {
        description: 'What is claimed about the subject.',
        type: 'object',
        additionalProperties: true,
      },
    },
    $defs: {
      Subject: {
        description:
          'One thing that the statement is about: an in-toto ResourceDescriptor that must carry a digest.',
        type: 'object',
        additionalProperties: false,
        required: ['digest'],
        properties: {
          name: {
            description: 'Name of the artefact, for example its file name.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          uri: {
            description: 'Identifies the artefact globally.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Uri',
          },
          downloadLocation: {
            description: 'Where the artefact can be had. It is never fetched by the ledger.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Uri',
          },
          mediaType: {
            description: 'Media type of the artefact.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          digest: {
            description: 'Digests of the artefact.',
            $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
          },
        },
      },
    },
  },
  authority: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:authority:v1',
    title: 'AuthorityPredicate',
    description:
      'Who may record what, from the leaf after this one until the next valid authority document. It replaces its predecessor whole and is signed by the root threshold of both. Its subject is the SHA-256 of the origin in UTF-8.',
    type: 'object',
    additionalProperties: false,
    required: ['origin', 'version', 'previous', 'occurredAt', 'root', 'signers', 'rules', 'revocations'],
    properties: {
      origin: {
        description: 'Origin of the ledger that this document governs.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Origin',
      },
      version: {
        description: '1 for the first document (leaf 0), one more for each that follows.',
        type: 'integer',
        minimum: 1,
        maximum: 1000000,
      },
      previous: {
        description: 'Leaf hash of the document that this one replaces; null for the first.',
        anyOf: [{ $ref: 'urn:isal:schema:common:v1#/$defs/HexHash' }, { type: 'null' }],
      },
      occurredAt: {
        description: 'When the document was made.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      root: { description: 'The keys that may sign the next document.', $ref: '#/$defs/AuthorityRoot' },
      signers: {
        description: 'Everybody who may sign entries. A key stands here once only.',
        type: 'array',
        minItems: 0,
        maxItems: 128,
        items: { $ref: '#/$defs/AuthoritySigner' },
      },
      rules: {
        description:
          'For each predicate type, who must sign together. A type without a rule cannot be recorded.',
        type: 'array',
        minItems: 0,
        maxItems: 32,
        items: { $ref: '#/$defs/AuthorityRule' },
      },
      revocations: {
        description:
          'Keys that are no longer in force, cumulative: later documents may add to these or lower fromLeaf, never drop one.',
        type: 'array',
        minItems: 0,
        maxItems: 128,
        items: { $ref: '#/$defs/AuthorityRevocation' },
      },
      promises: {
        description:
          'How often the events of a source are summarised; at most one promise for each source. Left out where nothing is promised.',
        type: 'array',
        minItems: 1,
        maxItems: 64,
        items: { $ref: '#/$defs/AuthorityPromise' },
      },
    },
    if: { type: 'object', properties: { version: { type: 'integer', minimum: 2 } } },
    then: { type: 'object', properties: { previous: { type: 'string' } } },
    else: { type: 'object', properties: { previous: { type: 'null' } } },
    $defs: {
      Role: {
        description: 'What a signer may act as.',
        type: 'string',
        enum: [
          'supervisor',
          'builder',
          'database-publisher',
          'source-custodian',
          'access-gateway',
          'reviewer',
          'rebuilder',
          'vendor',
        ],
      },
      AuthorityRoot: {
        description: 'The root keys and how many of them must sign.',
        type: 'object',
        additionalProperties: false,
        required: ['threshold', 'keys'],
        properties: {
          threshold: {
            description: 'How many distinct root keys must sign; at most as many as there are.',
            type: 'integer',
            minimum: 1,
            maximum: 16,
          },
          keys: {
            description: 'Ed25519 public keys of the root, distinct.',
            type: 'array',
            minItems: 1,
            maxItems: 16,
            uniqueItems: true,
            items: { $ref: 'urn:isal:schema:common:v1#/$defs/Base64Hash' },
          },
        },
      },
      AuthoritySigner: {
        description: 'One key that may sign entries, and as what.',
        type: 'object',
        additionalProperties: false,
        required: ['name', 'organisation', 'publicKey', 'roles', 'sources'],
        properties: {
          name: {
            description: 'Name of the signer: a system or an office, never a person.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          organisation: {
            description:
              'Organisation that holds the key. Dual control asks for different organisations; they are compared character by character.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          publicKey: {
            description: 'Ed25519 public key in base64.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Base64Hash',
          },
          roles: {
            description: 'What the signer may act as.',
            type: 'array',
            minItems: 1,
            maxItems: 8,
            uniqueItems: true,
            items: { $ref: '#/$defs/Role' },
          },
          sources: {
            description:
              'The event sources that the signer may use. Every signer of an entry must have the source of that entry, whoever only co-signs it too; with an empty list a key signs nothing.',
            type: 'array',
            minItems: 0,
            maxItems: 64,
            uniqueItems: true,
            items: { $ref: 'urn:isal:schema:common:v1#/$defs/Identifier' },
          },
        },
      },
      AuthorityRule: {
        description: 'Who must sign statements of one predicate type.',
        type: 'object',
        additionalProperties: false,
        required: ['predicateType', 'anyOf'],
        properties: {
          predicateType: {
            description: 'The predicate type that the rule is for.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Uri',
          },
          anyOf: {
            description:
              'Alternatives. Each lists the roles that must all sign, by different keys of different organisations.',
            type: 'array',
            minItems: 1,
            maxItems: 8,
            uniqueItems: true,
            items: {
              description: 'Roles that must sign together.',
              type: 'array',
              minItems: 1,
              maxItems: 8,
              uniqueItems: true,
              items: { $ref: '#/$defs/RuleRole' },
            },
          },
        },
      },
      RuleRole: {
        description: 'A role, or target-signers: everybody who signed the leaf that a correction names.',
        anyOf: [{ $ref: '#/$defs/Role' }, { type: 'string', const: 'target-signers' }],
      },
      AuthorityRevocation: {
        description: 'A key that stops being in force.',
        type: 'object',
        additionalProperties: false,
        required: ['keyid', 'kind', 'fromLeaf', 'reason'],
        properties: {
          keyid: {
            description: 'SHA-256 of the raw public key.',
            $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
          },
          kind: {
            description:
              'superseded and revoked count from the leaf of this document on; compromised may reach back.',
            type: 'string',
            enum: ['superseded', 'revoked', 'compromised'],
          },
          fromLeaf: {
            description: 'Index of the first leaf for which the key no longer counts.',
            type: 'integer',
            minimum: 0,
            maximum: 9007199254740991,
          },
          reason: { description: 'Why, in a sentence.', $ref: 'urn:isal:schema:common:v1#/$defs/Remark' },
        },
      },
      AuthorityPromise: {
        description:
          "From a time on, the periods of a source's summaries follow each other without a gap, and each summary is recorded at most summaryEvery and grace after its period begins.",
        type: 'object',
        additionalProperties: false,
        required: ['source', 'from', 'summaryEvery', 'grace'],
        properties: {
          source: {
            description: 'Id of the source whose events are summarised.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Identifier',
          },
          from: {
            description: 'When the first of these periods begins, at the latest.',
            $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
          },
          summaryEvery: {
            description: 'Seconds that a period lasts.',
            type: 'integer',
            minimum: 60,
            maximum: 31622400,
          },
          grace: {
            description: 'Seconds that a summary may take after the end of its period.',
            type: 'integer',
            minimum: 0,
            maximum: 31622400,
          },
        },
      },
    },
  },
  'source-snapshot': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:source-snapshot:v1',
    title: 'SourceSnapshotPredicate',
    description:
      'Source code as it was put into escrow, so that builds can name it and reviewers can look at it. One of the subjects has exactly the digests of manifest.',
    type: 'object',
    additionalProperties: false,
    required: ['ledger', 'occurredAt', 'source', 'product', 'version', 'kind', 'manifest', 'files', 'escrow'],
    properties: {
      ledger: {
        description: 'The ledger and the authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
      },
      occurredAt: {
        description: 'When the snapshot was taken.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      source: {
        description: 'Number of the statement at its source of events.',
        $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
      },
      refs: {
        description: 'Other leaves that the statement rests on.',
        $ref: 'urn:isal:schema:common:v1#/$defs/References',
      },
      product: {
        description: 'The product whose source it is.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Line',
      },
      version: {
        description: 'Version of the source, for example a release or a revision.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Line',
      },
      kind: {
        description:
          "What it is the source of: a product, the vendor's cloud services, threat-detection rules, or the scripts that build.",
        type: 'string',
        enum: ['product', 'cloud', 'rules', 'build-scripts'],
      },
      manifest: {
        description:
          'Digests of the manifest: the list of all files with theirs. Builds and updates name the snapshot by it.',
        $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
      },
      files: {
        description: 'How many files the manifest lists.',
        type: 'integer',
        minimum: 1,
        maximum: 100000000,
      },
      git: { description: 'Where the source is in a git repository.', $ref: '#/$defs/GitSource' },
      escrow: { description: 'Where the source lies, for those who may look at it.', $ref: '#/$defs/Escrow' },
      sbom: {
        description:
          'Digests of the software bill of materials (CycloneDX or SPDX) that belongs to the source.',
        $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
      },
    },
    $defs: {
      GitObjectId: {
        description:
          'A git object id: 40 hexadecimal digits in a repository with SHA-1, 64 in one with SHA-256.',
        type: 'string',
        minLength: 40,
        maxLength: 64,
        pattern: '^(?:[0-9a-f]{40}|[0-9a-f]{64})$',
      },
      GitSource: {
        description: 'A commit and the tree that it has.',
        type: 'object',
        additionalProperties: false,
        required: ['tree'],
        properties: {
          commit: { description: 'Id of the commit.', $ref: '#/$defs/GitObjectId' },
          tree: {
            description: 'Id of its tree, which is a digest of all files.',
            $ref: '#/$defs/GitObjectId',
          },
        },
      },
      Escrow: {
        description: 'Where the source lies, for those who may look at it.',
        type: 'object',
        additionalProperties: false,
        required: ['site', 'country', 'receivedAt'],
        properties: {
          site: {
            description: 'The site, for example the transparency centre.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          country: {
            description: 'Country in which the site is.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Country',
          },
          receivedAt: {
            description: 'When the custodian received the source.',
            $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
          },
        },
      },
    },
  },
  'source-review': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:source-review:v1',
    title: 'SourceReviewPredicate',
    description:
      'What an outside reviewer saw of an escrowed snapshot, how deep the look went and what it left out. One of the subjects has exactly the digests of the snapshot. Nothing in it names a reviewer: who they were is committed to by salted digests.',
    type: 'object',
    additionalProperties: false,
    required: [
      'ledger',
      'occurredAt',
      'source',
      'snapshot',
      'depth',
      'scope',
      'coverage',
      'activities',
      'presence',
      'result',
      'findings',
      'limitations',
      'reviewers',
    ],
    properties: {
      ledger: {
        description: 'The ledger and the authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
      },
      occurredAt: { description: 'When the review ended.', $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime' },
      source: {
        description: 'Number of the statement at its source of events.',
        $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
      },
      refs: {
        description: 'Other leaves that the statement rests on.',
        $ref: 'urn:isal:schema:common:v1#/$defs/References',
      },
      snapshot: {
        description: 'The snapshot that was reviewed: its leaf, and the digests of its manifest.',
        $ref: 'urn:isal:schema:common:v1#/$defs/AttestedArtifact',
      },
      depth: {
        description:
          'overview looks at structure and documents, targeted at chosen parts in detail, full at every file.',
        type: 'string',
        enum: ['overview', 'targeted', 'full'],
      },
      scope: {
        description: 'Which parts were in scope, one to a line.',
        type: 'array',
        minItems: 1,
        maxItems: 32,
        uniqueItems: true,
        items: { $ref: 'urn:isal:schema:common:v1#/$defs/Line' },
      },
      coverage: { description: 'How many files were looked at.', $ref: '#/$defs/Coverage' },
      activities: {
        description: 'What was done, for example code-reading, static-analysis, build-observation.',
        type: 'array',
        minItems: 1,
        maxItems: 16,
        uniqueItems: true,
        items: { $ref: 'urn:isal:schema:common:v1#/$defs/Identifier' },
      },
      presence: {
        description: 'Where the reviewers worked: at the escrow site, or at a distance.',
        type: 'string',
        enum: ['onsite', 'remote'],
      },
      result: {
        description:
          'no-findings and findings say what the review found; inconclusive that it could not tell; refused that it was not let near the source.',
        type: 'string',
        enum: ['no-findings', 'findings', 'inconclusive', 'refused'],
      },
      findings: {
        description: 'How many findings; all 0 if there were none.',
        $ref: '#/$defs/FindingCounts',
      },
      limitations: {
        description: 'What the review could not see or do.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Remarks',
      },
      reviewers: { description: 'Who reviewed, without naming anybody.', $ref: '#/$defs/Reviewers' },
      report: {
        description: 'Digests of the report, which is not public.',
        $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
      },
    },
    $defs: {
      Coverage: {
        description: 'Files looked at, of those in the snapshot.',
        type: 'object',
        additionalProperties: false,
        required: ['filesCovered', 'filesTotal'],
        properties: {
          filesCovered: {
            description: 'Files that were looked at; at most filesTotal, and all of them in a full review.',
            type: 'integer',
            minimum: 0,
            maximum: 100000000,
          },
          filesTotal: {
            description: 'Files in the snapshot.',
            type: 'integer',
            minimum: 1,
            maximum: 100000000,
          },
        },
      },
      FindingCounts: {
        description: 'Findings by severity.',
        type: 'object',
        additionalProperties: false,
        required: ['critical', 'high', 'medium', 'low'],
        properties: {
          critical: {
            description: 'Findings that must be dealt with before the software is used.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000,
          },
          high: { description: 'Findings of high severity.', type: 'integer', minimum: 0, maximum: 1000000 },
          medium: {
            description: 'Findings of medium severity.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000,
          },
          low: { description: 'Findings of low severity.', type: 'integer', minimum: 0, maximum: 1000000 },
        },
      },
      Reviewers: {
        description: 'Who reviewed, without naming anybody.',
        type: 'object',
        additionalProperties: false,
        required: ['count', '_sd'],
        properties: {
          count: { description: 'How many people.', type: 'integer', minimum: 1, maximum: 1000 },
          _sd: {
            description: 'Commits to their names.',
            $ref: 'urn:isal:schema:common:v1#/$defs/DisclosureDigests',
          },
        },
      },
    },
  },
  build: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:build:v1',
    title: 'BuildPredicate',
    description:
      'One build: SLSA provenance v1 with what the supervisor saw in one extension field. Members that SLSA does not define are admitted, as it asks of consumers; only isal_supervision is strict. The subjects are the artefacts built.',
    type: 'object',
    additionalProperties: true,
    maxProperties: 32,
    required: ['buildDefinition', 'runDetails', 'isal_supervision'],
    properties: {
      buildDefinition: { description: 'The input of the build.', $ref: '#/$defs/BuildDefinition' },
      runDetails: { description: 'This execution of the build.', $ref: '#/$defs/RunDetails' },
      isal_supervision: { description: 'What the supervisor attests to.', $ref: '#/$defs/BuildSupervision' },
    },
    $defs: {
      BuildDefinition: {
        description: 'SLSA BuildDefinition.',
        type: 'object',
        additionalProperties: true,
        maxProperties: 32,
        required: ['buildType', 'externalParameters', 'resolvedDependencies'],
        properties: {
          buildType: {
            description: 'How to perform the build and how to read its parameters.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Uri',
          },
          externalParameters: {
            description: 'Parameters under external control. They are untrusted.',
            type: 'object',
            additionalProperties: true,
            maxProperties: 64,
          },
          internalParameters: {
            description: 'Parameters that the build platform has set.',
            type: 'object',
            additionalProperties: true,
            maxProperties: 64,
          },
          resolvedDependencies: {
            description:
              'What the build was made from. The source snapshot must be among these by its digest, so at least one has a digest.',
            type: 'array',
            minItems: 1,
            maxItems: 256,
            items: { $ref: '#/$defs/ResourceDescriptor' },
            contains: { type: 'object', properties: { digest: true }, required: ['digest'] },
          },
        },
      },
      RunDetails: {
        description: 'SLSA RunDetails.',
        type: 'object',
        additionalProperties: true,
        maxProperties: 32,
        required: ['builder'],
        properties: {
          builder: { description: 'The build platform.', $ref: '#/$defs/Builder' },
          metadata: { description: 'About this execution.', $ref: '#/$defs/BuildMetadata' },
          byproducts: {
            description: 'Artefacts that the build made beside its output, such as logs.',
            type: 'array',
            minItems: 0,
            maxItems: 64,
            items: { $ref: '#/$defs/ResourceDescriptor' },
          },
        },
      },
      Builder: {
        description: 'SLSA Builder.',
        type: 'object',
        additionalProperties: true,
        maxProperties: 32,
        required: ['id'],
        properties: {
          id: {
            description: 'Identifies the build platform and all that it rests on.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Uri',
          },
          builderDependencies: {
            description: 'What the orchestrator depends on.',
            type: 'array',
            minItems: 0,
            maxItems: 64,
            items: { $ref: '#/$defs/ResourceDescriptor' },
          },
          version: {
            description: 'Versions of the components of the platform by their names.',
            type: 'object',
            maxProperties: 64,
            additionalProperties: {
              description: 'Version of one component.',
              type: 'string',
              maxLength: 200,
            },
          },
        },
      },
      BuildMetadata: {
        description: 'SLSA BuildMetadata.',
        type: 'object',
        additionalProperties: true,
        maxProperties: 32,
        properties: {
          invocationId: {
            description: 'Identifies this execution.',
            type: 'string',
            minLength: 1,
            maxLength: 500,
          },
          startedOn: {
            description: 'When the build began.',
            $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
          },
          finishedOn: {
            description: 'When the build ended.',
            $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
          },
        },
      },
      ResourceDescriptor: {
        description: 'in-toto ResourceDescriptor. It has a uri, a digest or a content.',
        type: 'object',
        additionalProperties: true,
        maxProperties: 32,
        properties: {
          name: {
            description: 'Name of the resource within this statement.',
            type: 'string',
            minLength: 1,
            maxLength: 500,
          },
          uri: {
            description: 'Identifies the resource globally. It is never fetched.',
            type: 'string',
            minLength: 1,
            maxLength: 2000,
          },
          digest: { description: 'Digests of the resource.', $ref: '#/$defs/DigestSet' },
          content: {
            description: 'The bytes of the resource in base64, for small ones.',
            type: 'string',
            maxLength: 2048,
          },
          downloadLocation: {
            description: 'Where the resource can be had. It is never fetched.',
            type: 'string',
            minLength: 1,
            maxLength: 2000,
          },
          mediaType: {
            description: 'Media type of the resource.',
            type: 'string',
            minLength: 1,
            maxLength: 200,
          },
          annotations: {
            description: 'Further facts about the resource.',
            type: 'object',
            additionalProperties: true,
            maxProperties: 32,
          },
        },
        anyOf: [
          { type: 'object', properties: { uri: true }, required: ['uri'] },
          { type: 'object', properties: { digest: true }, required: ['digest'] },
          { type: 'object', properties: { content: true }, required: ['content'] },
        ],
      },
      DigestSet: {
        description:
          'Digests of one resource by algorithm, as in-toto names them: sha256, sha512, gitCommit and so on.',
        type: 'object',
        minProperties: 1,
        maxProperties: 8,
        propertyNames: { type: 'string', minLength: 1, maxLength: 32, pattern: '^[A-Za-z][A-Za-z0-9_]*$' },
        properties: {
          sha256: {
            description: 'SHA-256 of the resource.',
            $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
          },
          sha512: {
            description: 'SHA-512 of the resource.',
            $ref: 'urn:isal:schema:common:v1#/$defs/HexSha512',
          },
        },
        additionalProperties: {
          description: 'Digest by another algorithm.',
          type: 'string',
          minLength: 1,
          maxLength: 200,
          pattern: '^[!-~]+$',
        },
      },
      Presence: {
        description:
          'How the supervisor was present: inspectors on site, inspectors at a distance, or its own machinery.',
        type: 'string',
        enum: ['onsite', 'remote', 'automated'],
      },
      BuildSupervision: {
        description: 'What the supervisor attests to about a build.',
        type: 'object',
        additionalProperties: false,
        required: [
          'ledger',
          'occurredAt',
          'source',
          'product',
          'version',
          'facility',
          'country',
          'presence',
          'hermetic',
          'deviations',
        ],
        properties: {
          ledger: {
            description: 'The ledger and the authority document.',
            $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
          },
          occurredAt: {
            description: 'When the build was finished and signed for.',
            $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
          },
          source: {
            description: 'Number of the build at its source of events.',
            $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
          },
          refs: {
            description: 'Other leaves that the build rests on.',
            $ref: 'urn:isal:schema:common:v1#/$defs/References',
          },
          product: {
            description: 'The product that was built.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          version: { description: 'Version of the product.', $ref: 'urn:isal:schema:common:v1#/$defs/Line' },
          facility: {
            description: 'Where the build ran, for example the data centre.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          country: {
            description: 'Country in which the build ran.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Country',
          },
          presence: { description: 'How the supervisor was present.', $ref: '#/$defs/Presence' },
          hermetic: {
            description: 'True if the build had no network and read nothing but its declared inputs.',
            type: 'boolean',
          },
          codeSigningCertificateSha256: {
            description: 'SHA-256 of the certificate (DER) that the artefacts were signed with.',
            $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
          },
          timestampTokenSha256: {
            description: "SHA-256 of the RFC 3161 time-stamp token (DER) over the artefacts' signature.",
            $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
          },
          seals: {
            description: 'Electronic seals over the artefacts.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Seals',
          },
          deviations: {
            description: 'Where the build departed from the agreed procedure; empty if nowhere.',
            type: 'array',
            minItems: 0,
            maxItems: 16,
            items: { $ref: 'urn:isal:schema:common:v1#/$defs/Remark' },
          },
        },
      },
    },
  },
  'rebuild-result': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:rebuild-result:v1',
    title: 'RebuildResultPredicate',
    description:
      "What came of building a published artefact again from its source. One of the subjects has exactly the digests of the build's artefact.",
    type: 'object',
    additionalProperties: false,
    required: [
      'ledger',
      'occurredAt',
      'source',
      'build',
      'independence',
      'verdict',
      'normalisations',
      'unexplainedBytes',
      'limitations',
    ],
    properties: {
      ledger: {
        description: 'The ledger and the authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
      },
      occurredAt: {
        description: 'When the comparison was made.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      source: {
        description: 'Number of the statement at its source of events.',
        $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
      },
      refs: {
        description: 'Other leaves that the statement rests on.',
        $ref: 'urn:isal:schema:common:v1#/$defs/References',
      },
      build: {
        description:
          'The build that was checked: its leaf, and the digests of the artefact that it published.',
        $ref: 'urn:isal:schema:common:v1#/$defs/AttestedArtifact',
      },
      candidate: {
        description:
          'What was compared with the published artefact; absent if and only if it could not be rebuilt.',
        $ref: '#/$defs/RebuildCandidate',
      },
      environment: {
        description:
          'Digests of the description of the environment that it was rebuilt in, for example a container image or a list of packages.',
        $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
      },
      independence: {
        description:
          "What the rebuilder shares with the vendor: nothing; the vendor's toolchain; machines of the vendor; or everything, when the vendor rebuilt for itself.",
        type: 'string',
        enum: ['independent', 'vendor-toolchain', 'vendor-machines', 'vendor'],
      },
      verdict: {
        description:
          'identical: byte for byte; equivalent: after the normalisations nothing differs; different: something is left unexplained; not-rebuildable: there is nothing to compare.',
        type: 'string',
        enum: ['identical', 'equivalent', 'different', 'not-rebuildable'],
      },
      normalisations: {
        description:
          'What was evened out on both sides before they were compared; empty unless the verdict is equivalent or different.',
        type: 'array',
        minItems: 0,
        maxItems: 32,
        uniqueItems: true,
        items: { $ref: '#/$defs/Normalisation' },
      },
      unexplainedBytes: {
        description:
          'Bytes that still differ after the normalisations; 0 if identical or equivalent, at least 1 if different.',
        type: 'integer',
        minimum: 0,
        maximum: 9007199254740991,
      },
      limitations: {
        description: 'What the rebuild could not do.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Remarks',
      },
    },
    if: { type: 'object', properties: { verdict: { enum: ['not-rebuildable'] } } },
    then: {
      type: 'object',
      properties: {
        candidate: false,
        normalisations: { type: 'array', maxItems: 0 },
        unexplainedBytes: { const: 0 },
      },
    },
    else: {
      type: 'object',
      properties: { candidate: true, environment: true },
      required: ['candidate', 'environment'],
      if: { type: 'object', properties: { verdict: { enum: ['identical'] } } },
      then: {
        type: 'object',
        properties: { normalisations: { type: 'array', maxItems: 0 }, unexplainedBytes: { const: 0 } },
      },
      else: {
        type: 'object',
        if: { type: 'object', properties: { verdict: { enum: ['equivalent'] } } },
        then: {
          type: 'object',
          properties: { normalisations: { type: 'array', minItems: 1 }, unexplainedBytes: { const: 0 } },
        },
        else: {
          if: { type: 'object', properties: { verdict: { enum: ['different'] } } },
          then: { type: 'object', properties: { unexplainedBytes: { type: 'integer', minimum: 1 } } },
        },
      },
    },
    $defs: {
      RebuildCandidate: {
        description: 'The artefact that was compared with the published one.',
        type: 'object',
        additionalProperties: false,
        required: ['digest', 'obtainedFrom'],
        properties: {
          digest: {
            description: 'Digests of the candidate.',
            $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
          },
          obtainedFrom: {
            description: 'Where the candidate was obtained: who built it, from what, on what.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
        },
      },
      Normalisation: {
        description: 'One way of evening out what may differ without changing what the software does.',
        type: 'object',
        additionalProperties: false,
        required: ['name', 'tool', 'toolDigest'],
        properties: {
          name: {
            description: 'Its name, for example tar-order, gzip-header, signature-block.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Identifier',
          },
          tool: {
            description: 'The tool that did it, with its version.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          toolDigest: {
            description: 'Digests of the tool.',
            $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
          },
        },
      },
    },
  },
  'database-update': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:database-update:v1',
    title: 'DatabaseUpdatePredicate',
    description:
      'One update of a threat-detection database. Updates of a family and platform form a chain by previous. One of the subjects has exactly the digests of result.',
    type: 'object',
    additionalProperties: false,
    required: [
      'ledger',
      'occurredAt',
      'source',
      'family',
      'platform',
      'version',
      'kind',
      'previous',
      'result',
      'urgency',
      'containsExecutable',
      'rollout',
      'facility',
      'country',
      'review',
    ],
    properties: {
      ledger: {
        description: 'The ledger and the authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
      },
      occurredAt: {
        description: 'When the update was released.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      source: {
        description: 'Number of the update at its source of events.',
        $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
      },
      refs: {
        description: 'Other leaves that the update rests on.',
        $ref: 'urn:isal:schema:common:v1#/$defs/References',
      },
      family: { description: 'Family of databases.', $ref: 'urn:isal:schema:common:v1#/$defs/Identifier' },
      platform: {
        description: 'Platform that the database is for; any if for all.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Identifier',
      },
      version: {
        description: 'Version of the database after the update.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Line',
      },
      kind: {
        description:
          'full brings the whole state, incremental a patch to the previous one, rollback goes back to an earlier state.',
        type: 'string',
        enum: ['full', 'incremental', 'rollback'],
      },
      previous: {
        description: 'The state that this update follows; null for the first of its family and platform.',
        anyOf: [{ $ref: '#/$defs/DatabaseState' }, { type: 'null' }],
      },
      patch: {
        description: 'Digests of the patch file, where one is delivered.',
        $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
      },
      result: {
        description: 'Digests of the state on the endpoint after the update.',
        $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
      },
      records: { description: 'How many records changed.', $ref: '#/$defs/RecordCounts' },
      minimumEngine: {
        description: 'Oldest engine version that can load the state.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Line',
      },
      urgency: {
        description:
          'How fast the update goes out: routine by the timetable, urgent ahead of it, emergency to all at once.',
        type: 'string',
        enum: ['routine', 'urgent', 'emergency'],
      },
      containsExecutable: {
        description: 'True if the state holds code that the engine runs.',
        type: 'boolean',
      },
      rulesSnapshot: {
        description: "Digest of the escrowed snapshot of the rules' source that the state was compiled from.",
        $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
      },
      compiler: {
        description: 'Digest of the compiler that made the state.',
        $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
      },
      rollout: { description: 'Who gets the update.', $ref: '#/$defs/Rollout' },
      facility: {
        description: 'Where the update was made and signed.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Line',
      },
      country: {
        description: 'Country in which the update was made and signed.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Country',
      },
      signatureCertificateSha256: {
        description: 'SHA-256 of the certificate (DER) that the update was signed with.',
        $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
      },
      seals: {
        description: 'Electronic seals over the states and patches.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Seals',
      },
      review: {
        description: 'How the update was looked at before its release: by machinery, in samples, or whole.',
        type: 'string',
        enum: ['automated', 'sampled', 'full'],
      },
    },
    if: { type: 'object', properties: { kind: { enum: ['incremental', 'rollback'] } } },
    then: { type: 'object', properties: { previous: { type: 'object' } } },
    $defs: {
      DatabaseState: {
        description: 'One state of a database.',
        type: 'object',
        additionalProperties: false,
        required: ['version', 'result'],
        properties: {
          version: { description: 'Version of that state.', $ref: 'urn:isal:schema:common:v1#/$defs/Line' },
          result: {
            description: 'Digests of that state, as its own update gave them.',
            $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
          },
        },
      },
      RecordCounts: {
        description: 'Records after the update, and those that it added, changed and removed.',
        type: 'object',
        additionalProperties: false,
        required: ['total'],
        properties: {
          total: {
            description: 'Records in the state.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          added: { description: 'Records added.', type: 'integer', minimum: 0, maximum: 1000000000000 },
          changed: { description: 'Records changed.', type: 'integer', minimum: 0, maximum: 1000000000000 },
          removed: { description: 'Records removed.', type: 'integer', minimum: 0, maximum: 1000000000000 },
        },
      },
      Rollout: {
        description: 'Who gets the update.',
        type: 'object',
        additionalProperties: false,
        required: ['channels', 'regions', 'percent'],
        properties: {
          channels: {
            description: 'Release channels, for example stable.',
            type: 'array',
            minItems: 1,
            maxItems: 16,
            uniqueItems: true,
            items: { $ref: 'urn:isal:schema:common:v1#/$defs/Identifier' },
          },
          regions: {
            description: 'Regions, or the one word global.',
            type: 'array',
            minItems: 1,
            maxItems: 64,
            uniqueItems: true,
            items: { $ref: 'urn:isal:schema:common:v1#/$defs/Identifier' },
          },
          percent: {
            description: 'Share of the endpoints in those regions and channels.',
            type: 'integer',
            minimum: 0,
            maximum: 100,
          },
        },
      },
    },
  },
  'data-access': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:data-access:v1',
    title: 'DataAccessPredicate',
    description:
      "One access, or attempted access, to customers' data, as the recorder in front of the store saw it. Nothing in it names a person or a customer: what does is committed to by salted digests. Its one subject is the SHA-256 over the 32 bytes of eventId.",
    type: 'object',
    additionalProperties: false,
    required: [
      'ledger',
      'occurredAt',
      'source',
      'eventId',
      'activity',
      'outcome',
      'initiation',
      'store',
      'categories',
      'dataRegion',
      'volume',
      'actor',
      'reason',
      'approval',
      'destinationCountry',
      'safeguards',
      'customerTags',
    ],
    properties: {
      ledger: {
        description: 'The ledger and the authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
      },
      occurredAt: {
        description:
          'When the access took place; rounded down to the quarter of an hour where that is asked for.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      source: {
        description: 'Number of the event at its recorder.',
        $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
      },
      refs: {
        description: 'Other leaves that the event is linked with.',
        $ref: 'urn:isal:schema:common:v1#/$defs/References',
      },
      eventId: {
        description:
          "256 random bits as 64 lowercase hexadecimal digits. The subject's digest is the SHA-256 over these 32 bytes (not over the digits).",
        $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
      },
      activity: {
        description: 'What was done, or tried, with the data.',
        type: 'string',
        enum: ['store', 'alter', 'read', 'disclose', 'delete', 'destroy'],
      },
      outcome: {
        description: 'Whether it was let through. Denied attempts are recorded too.',
        type: 'string',
        enum: ['allowed', 'denied', 'error'],
      },
      initiation: {
        description: 'Whether a person or a program asked.',
        type: 'string',
        enum: ['human', 'automated'],
      },
      store: { description: 'The store that was accessed.', $ref: '#/$defs/DataStore' },
      categories: {
        description: 'Categories of data, for example threat-statistics.',
        type: 'array',
        minItems: 1,
        maxItems: 16,
        uniqueItems: true,
        items: { $ref: 'urn:isal:schema:common:v1#/$defs/Identifier' },
      },
      dataRegion: {
        description: "Region whose customers' data they are, for example europe.",
        $ref: 'urn:isal:schema:common:v1#/$defs/Identifier',
      },
      volume: {
        description: 'How many records, in buckets.',
        type: 'string',
        enum: ['none', '1', '2-10', '11-100', '101-1000', '1001-10000', 'over-10000', 'unknown'],
      },
      actor: { description: 'Who asked.', $ref: '#/$defs/AccessActor' },
      reason: { description: 'Why.', $ref: '#/$defs/AccessReason' },
      legalRequest: {
        description: 'The request of an authority; there if and only if the reason is legal-request.',
        $ref: '#/$defs/LegalRequest',
      },
      approval: { description: 'Whether somebody had to agree, and did.', $ref: '#/$defs/AccessApproval' },
      destinationCountry: {
        description: 'Country in which the data were seen or to which they went.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Country',
      },
      safeguards: {
        description: 'What protected the data, for example pseudonymised; empty if nothing.',
        type: 'array',
        minItems: 0,
        maxItems: 16,
        uniqueItems: true,
        items: { $ref: 'urn:isal:schema:common:v1#/$defs/Identifier' },
      },
      customerTags: {
        description:
          'Tags by which customers find their own events: HMAC-SHA-256(secret, day + newline + category), the first 128 bits. In ascending order, distinct.',
        type: 'array',
        minItems: 0,
        maxItems: 256,
        uniqueItems: true,
        items: {
          description: 'One tag as 32 lowercase hexadecimal digits.',
          type: 'string',
          minLength: 32,
          maxLength: 32,
          pattern: '^[0-9a-f]{32}$',
        },
      },
    },
    if: {
      type: 'object',
      properties: { reason: { type: 'object', properties: { type: { const: 'legal-request' } } } },
    },
    then: { type: 'object', properties: { legalRequest: true }, required: ['legalRequest'] },
    else: { type: 'object', properties: { legalRequest: false } },
    $defs: {
      DataStore: {
        description: "A store of customers' data.",
        type: 'object',
        additionalProperties: false,
        required: ['id', 'country'],
        properties: {
          id: { description: 'Name of the store.', $ref: 'urn:isal:schema:common:v1#/$defs/Identifier' },
          country: {
            description: 'Country in which the store stands.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Country',
          },
        },
      },
      AccessActor: {
        description: 'Who asked, without naming a person.',
        type: 'object',
        additionalProperties: false,
        required: ['employer', 'role', 'officeCountry', 'physicalCountry', '_sd'],
        properties: {
          employer: {
            description: 'The organisation that the actor works for.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          role: {
            description: 'What the actor does there, broadly enough to point at nobody.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Identifier',
          },
          officeCountry: {
            description: "Country of the actor's office.",
            $ref: 'urn:isal:schema:common:v1#/$defs/Country',
          },
          physicalCountry: {
            description: 'Country in which the actor was at the time.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Country',
          },
          _sd: {
            description: 'Commits to identity.',
            $ref: 'urn:isal:schema:common:v1#/$defs/DisclosureDigests',
          },
        },
      },
      AccessReason: {
        description: 'Why the data were accessed.',
        type: 'object',
        additionalProperties: false,
        required: ['type', '_sd'],
        properties: {
          type: {
            description: 'Kind of reason.',
            type: 'string',
            enum: ['support', 'service', 'review', 'legal-request', 'alert'],
          },
          _sd: {
            description: 'Commits to detail, for example the text of a ticket.',
            $ref: 'urn:isal:schema:common:v1#/$defs/DisclosureDigests',
          },
        },
      },
      LegalRequest: {
        description: 'The request of an authority for data.',
        type: 'object',
        additionalProperties: false,
        required: ['country', 'kind', 'outcome'],
        properties: {
          country: {
            description: 'Country whose authority asked.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Country',
          },
          kind: {
            description: 'On what footing it asked.',
            type: 'string',
            enum: ['court-order', 'administrative-order', 'mutual-assistance', 'emergency', 'informal'],
          },
          outcome: {
            description: 'What came of it.',
            type: 'string',
            enum: ['complied', 'partly-complied', 'refused', 'contested', 'pending'],
          },
        },
      },
      AccessApproval: {
        description: 'Whether somebody had to agree to the access, and did.',
        type: 'object',
        additionalProperties: false,
        required: ['required', 'decision'],
        properties: {
          required: { description: 'True if the access needed approval.', type: 'boolean' },
          decision: {
            description: 'What was decided; none if nobody decided.',
            type: 'string',
            enum: ['granted', 'denied', 'none'],
          },
          expires: {
            description: 'When the approval ends.',
            $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
          },
          _sd: {
            description: 'Commits to approver.',
            $ref: 'urn:isal:schema:common:v1#/$defs/DisclosureDigests',
          },
        },
      },
    },
  },
  'period-summary': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:period-summary:v1',
    title: 'PeriodSummaryPredicate',
    description:
      "What a recorder of data access counted in one period, zero counts included, set against the vendor's own count. Whoever replays the log counts again. Its one subject is the SHA-256 of the origin in UTF-8.",
    type: 'object',
    additionalProperties: false,
    required: [
      'ledger',
      'occurredAt',
      'source',
      'period',
      'summarised',
      'counts',
      'gatewayCount',
      'vendorCount',
      'unexplained',
      'remarks',
    ],
    properties: {
      ledger: {
        description: 'The ledger and the authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
      },
      occurredAt: {
        description: 'When the period was closed and signed for.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      source: {
        description: 'Number of the statement at its source of events.',
        $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
      },
      refs: {
        description: 'Other leaves that the statement rests on.',
        $ref: 'urn:isal:schema:common:v1#/$defs/References',
      },
      period: { description: 'The period.', $ref: 'urn:isal:schema:common:v1#/$defs/Period' },
      summarised: {
        description: 'The events of the period by their numbers.',
        $ref: '#/$defs/SummarisedEvents',
      },
      counts: {
        description: 'The events of the period, counted in three ways. Each way adds up to gatewayCount.',
        $ref: '#/$defs/AccessCounts',
      },
      gatewayCount: {
        description: 'Events that the recorder counted.',
        type: 'integer',
        minimum: 0,
        maximum: 1000000000000,
      },
      vendorCount: {
        description: 'Events that the vendor counted in its own systems.',
        type: 'integer',
        minimum: 0,
        maximum: 1000000000000,
      },
      unexplained: {
        description:
          'Events that one of the two has and the other has not; at least the difference of their counts.',
        type: 'integer',
        minimum: 0,
        maximum: 1000000000000,
      },
      remarks: {
        description: 'What explains a difference, or is to be known about the period.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Remarks',
      },
    },
    $defs: {
      SummarisedEvents: {
        description: 'A range of numbers of one source.',
        type: 'object',
        additionalProperties: false,
        required: ['source', 'seqFrom', 'seqTo'],
        properties: {
          source: {
            description: 'Id of the source whose events are counted.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Identifier',
          },
          seqFrom: {
            description: 'Number of the first event of the period.',
            type: 'integer',
            minimum: 1,
            maximum: 9007199254740991,
          },
          seqTo: {
            description: 'One more than the number of the last event; equal to seqFrom if there was none.',
            type: 'integer',
            minimum: 1,
            maximum: 9007199254740991,
          },
        },
      },
      AccessCounts: {
        description: 'Events counted by activity, by country and by reason.',
        type: 'object',
        additionalProperties: false,
        required: ['byActivity', 'byCountry', 'byReason'],
        properties: {
          byActivity: { description: 'By activity.', $ref: '#/$defs/CountsByActivity' },
          byCountry: {
            description:
              'By the country in which the actor was; only countries with events, in ascending order.',
            type: 'array',
            minItems: 0,
            maxItems: 250,
            uniqueItems: true,
            items: { $ref: '#/$defs/CountryCount' },
          },
          byReason: { description: 'By type of reason.', $ref: '#/$defs/CountsByReason' },
        },
      },
      CountryCount: {
        description: 'Events of one country.',
        type: 'object',
        additionalProperties: false,
        required: ['country', 'count'],
        properties: {
          country: {
            description: 'Country in which the actor was.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Country',
          },
          count: { description: 'How many events.', type: 'integer', minimum: 1, maximum: 1000000000000 },
        },
      },
      CountsByActivity: {
        description: 'Events by activity.',
        type: 'object',
        additionalProperties: false,
        required: ['store', 'alter', 'read', 'disclose', 'delete', 'destroy'],
        properties: {
          store: {
            description: 'Events of activity store.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          alter: {
            description: 'Events of activity alter.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          read: {
            description: 'Events of activity read.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          disclose: {
            description: 'Events of activity disclose.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          delete: {
            description: 'Events of activity delete.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          destroy: {
            description: 'Events of activity destroy.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
        },
      },
      CountsByReason: {
        description: 'Events by type of reason.',
        type: 'object',
        additionalProperties: false,
        required: ['support', 'service', 'review', 'legal-request', 'alert'],
        properties: {
          support: {
            description: 'Events with reason support.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          service: {
            description: 'Events with reason service.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          review: {
            description: 'Events with reason review.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          'legal-request': {
            description: 'Events with reason legal-request.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
          alert: {
            description: 'Events with reason alert.',
            type: 'integer',
            minimum: 0,
            maximum: 1000000000000,
          },
        },
      },
    },
  },
  residency: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:residency:v1',
    title: 'ResidencyPredicate',
    description:
      'Where the data of one region are, or are to be, stored and processed. The last statement about a region and its categories holds. Its one subject is the SHA-256 of the origin in UTF-8.',
    type: 'object',
    additionalProperties: false,
    required: [
      'ledger',
      'occurredAt',
      'source',
      'region',
      'categories',
      'from',
      'to',
      'phase',
      'effectiveAt',
      'residualCopies',
      'exceptions',
    ],
    properties: {
      ledger: {
        description: 'The ledger and the authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
      },
      occurredAt: {
        description: 'When the statement was made.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      source: {
        description: 'Number of the statement at its source of events.',
        $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
      },
      refs: {
        description: 'Other leaves that the statement rests on.',
        $ref: 'urn:isal:schema:common:v1#/$defs/References',
      },
      region: {
        description: "Region whose customers' data it is about, for example europe.",
        $ref: 'urn:isal:schema:common:v1#/$defs/Identifier',
      },
      categories: {
        description: 'Categories of data, for example threat-statistics.',
        type: 'array',
        minItems: 1,
        maxItems: 16,
        uniqueItems: true,
        items: { $ref: 'urn:isal:schema:common:v1#/$defs/Identifier' },
      },
      from: {
        description: 'Countries in which the data were before.',
        type: 'array',
        minItems: 1,
        maxItems: 32,
        uniqueItems: true,
        items: { $ref: 'urn:isal:schema:common:v1#/$defs/Country' },
      },
      to: {
        description: 'Countries in which the data are from then on.',
        type: 'array',
        minItems: 1,
        maxItems: 32,
        uniqueItems: true,
        items: { $ref: 'urn:isal:schema:common:v1#/$defs/Country' },
      },
      phase: {
        description:
          'announced: promised; migrating: under way; complete: done; regressed: data are again where they must not be; corrected: an earlier statement was wrong.',
        type: 'string',
        enum: ['announced', 'migrating', 'complete', 'regressed', 'corrected'],
      },
      effectiveAt: {
        description: 'From when it holds; for a promise, the promised date.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      residualCopies: {
        description: 'Copies that remain elsewhere; empty if none.',
        type: 'array',
        minItems: 0,
        maxItems: 16,
        uniqueItems: true,
        items: { $ref: '#/$defs/ResidualCopy' },
      },
      exceptions: {
        description: 'What is not covered; empty if nothing.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Remarks',
      },
    },
    $defs: {
      ResidualCopy: {
        description: 'A copy that remains outside of the countries named.',
        type: 'object',
        additionalProperties: false,
        required: ['country', 'what'],
        properties: {
          country: {
            description: 'Country in which the copy is.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Country',
          },
          what: {
            description: 'What it is, and why it remains.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Remark',
          },
          until: { description: 'When it will be gone.', $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime' },
        },
      },
    },
  },
  'supervisor-statement': {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:supervisor-statement:v1',
    title: 'SupervisorStatementPredicate',
    description:
      'What the supervisor says for itself: the outcome of an inspection or of a period, an incident, or how independent it is. Its one subject is the SHA-256 of the origin in UTF-8.',
    type: 'object',
    additionalProperties: false,
    required: ['ledger', 'occurredAt', 'source', 'kind', 'period', 'scope', 'conclusion', 'limitations'],
    properties: {
      ledger: {
        description: 'The ledger and the authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
      },
      occurredAt: {
        description: 'When the statement was made.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      source: {
        description: 'Number of the statement at its source of events.',
        $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
      },
      refs: {
        description: 'Other leaves that the statement rests on.',
        $ref: 'urn:isal:schema:common:v1#/$defs/References',
      },
      kind: {
        description:
          'inspection of one place or matter; periodic report; incident; independence of the supervisor; funding of the supervisor.',
        type: 'string',
        enum: ['inspection', 'periodic', 'incident', 'independence', 'funding'],
      },
      period: {
        description: 'The time that the statement covers.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Period',
      },
      scope: {
        description: 'What was looked at, one matter to a line.',
        type: 'array',
        minItems: 1,
        maxItems: 32,
        uniqueItems: true,
        items: { $ref: 'urn:isal:schema:common:v1#/$defs/Line' },
      },
      conclusion: {
        description:
          'satisfied; limited-assurance: nothing came to notice, on limited work; not-satisfied; unable: no conclusion could be reached.',
        type: 'string',
        enum: ['satisfied', 'limited-assurance', 'not-satisfied', 'unable'],
      },
      limitations: {
        description: 'What kept the work from being complete; empty if nothing.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Remarks',
      },
      nextDue: {
        description: 'When the next statement of this kind is due.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      report: {
        description: 'Digests of the full report.',
        $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
      },
    },
    $defs: {},
  },
  correction: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:correction:v1',
    title: 'CorrectionPredicate',
    description:
      "Says that a recorded leaf is not to be taken as it stands. The leaf remains; every view of it shows the correction. Its one subject has the target's leaf hash for its only digest.",
    type: 'object',
    additionalProperties: false,
    required: ['ledger', 'occurredAt', 'source', 'target', 'kind', 'reason'],
    properties: {
      ledger: {
        description: 'The ledger and the authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/LedgerBinding',
      },
      occurredAt: {
        description: 'When the correction was made.',
        $ref: 'urn:isal:schema:common:v1#/$defs/UtcTime',
      },
      source: {
        description: 'Number of the statement at its source of events.',
        $ref: 'urn:isal:schema:common:v1#/$defs/EventSource',
      },
      refs: {
        description: 'Other leaves that the statement rests on.',
        $ref: 'urn:isal:schema:common:v1#/$defs/References',
      },
      target: {
        description: 'Leaf hash of the leaf that is corrected. It stands below this one.',
        $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
      },
      kind: {
        description:
          'erratum: something in it is wrong; dispute: what it says is contested; retraction: it is taken back whole.',
        type: 'string',
        enum: ['erratum', 'dispute', 'retraction'],
      },
      reason: {
        description: 'Why, in a sentence that names no person.',
        $ref: 'urn:isal:schema:common:v1#/$defs/Remark',
      },
      replacement: {
        description: 'Leaf hash of the leaf that stands in its place, where there is one.',
        $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
      },
    },
    $defs: {},
  },
  trust: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:trust:v1',
    title: 'TrustFile',
    description:
      'What a verifier, a monitor or a customer pins. The supervisor publishes it out of band; nothing in it is ever refreshed from the server.',
    type: 'object',
    additionalProperties: false,
    required: ['format', 'policy', 'genesis'],
    properties: {
      format: { description: 'Identifies the format.', type: 'string', const: 'isal-trust/v1' },
      policy: {
        description: "A tlog-policy: log keys (a log line may carry the log's URL), witnesses, quorum.",
        type: 'string',
        minLength: 1,
        maxLength: 65536,
      },
      genesis: {
        description: 'Leaf hash of leaf 0, the first authority document.',
        $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
      },
      authority: {
        description: 'A later authority document that is known to be in force.',
        $ref: '#/$defs/PinnedAuthority',
      },
      maxAge: {
        description: 'Oldest cosignature that counts in online verification, in seconds.',
        type: 'integer',
        minimum: 1,
        maximum: 315576000,
      },
      minSize: {
        description: 'Size of tree that the log is known to have reached; a smaller checkpoint is refused.',
        type: 'integer',
        minimum: 1,
        maximum: 9007199254740991,
      },
      seals: {
        description: 'What electronic seals are judged by; without it, none is ever proven.',
        $ref: '#/$defs/SealTrust',
      },
    },
    $defs: {
      SealTrust: {
        description: 'Who is believed about electronic seals.',
        type: 'object',
        additionalProperties: false,
        required: ['anchors', 'timestampAnchors'],
        properties: {
          anchors: {
            description: 'Certificates to one of which that of a seal must lead, in PEM.',
            $ref: '#/$defs/PinnedCertificates',
          },
          timestampAnchors: {
            description: 'Certificates to one of which that of a time-stamping authority must lead, in PEM.',
            $ref: '#/$defs/PinnedCertificates',
          },
          organisations: {
            description:
              'Organisations whose seals count, by organizationIdentifier (ETSI EN 319 412-1); those of others are left open. Without it, every organisation that the anchors vouch for counts.',
            type: 'array',
            minItems: 1,
            maxItems: 32,
            uniqueItems: true,
            items: {
              description: 'For example NTRCH-CHE-123.456.789.',
              $ref: 'urn:isal:schema:common:v1#/$defs/Line',
            },
          },
        },
      },
      PinnedCertificates: {
        description: 'Certificates in PEM.',
        type: 'array',
        minItems: 1,
        maxItems: 16,
        items: {
          description: 'One certificate in PEM (RFC 7468).',
          type: 'string',
          minLength: 1,
          maxLength: 24000,
        },
      },
      PinnedAuthority: {
        description: 'An authority document, known to have been in force at a size of the tree.',
        type: 'object',
        additionalProperties: false,
        required: ['leafHash', 'asOfSize'],
        properties: {
          leafHash: {
            description: 'Leaf hash of the document.',
            $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
          },
          asOfSize: {
            description: 'Size of the tree at which it was in force.',
            type: 'integer',
            minimum: 1,
            maximum: 9007199254740991,
          },
        },
      },
    },
  },
  bundle: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:bundle:v1',
    title: 'Bundle',
    description:
      'All that an answer rests on, in one file that verifies offline (.isal-bundle): canonical JSON of at most 4 MiB. Every proof leads to the one checkpoint. The leaves are leaf 0, every authority document up to the one that the entries name, and the entries; in ascending order of their indices, distinct.',
    type: 'object',
    additionalProperties: false,
    required: ['format', 'checkpoint', 'leaves'],
    properties: {
      format: { description: 'Identifies the format.', type: 'string', const: 'isal-bundle/v1' },
      checkpoint: {
        description: 'The signed note of the checkpoint, verbatim.',
        type: 'string',
        minLength: 1,
        maxLength: 262144,
      },
      leaves: {
        description: 'Leaves with their inclusion proofs.',
        type: 'array',
        minItems: 1,
        maxItems: 1024,
        items: { $ref: '#/$defs/BundleLeaf' },
      },
    },
    $defs: {
      BundleLeaf: {
        description: 'A leaf and its place in the tree.',
        type: 'object',
        additionalProperties: false,
        required: ['index', 'leaf', 'proof'],
        properties: {
          index: {
            description: 'Index of the leaf.',
            type: 'integer',
            minimum: 0,
            maximum: 9007199254740990,
          },
          leaf: {
            description: 'The bytes of the leaf (a canonical envelope) as text.',
            type: 'string',
            minLength: 1,
            maxLength: 32768,
          },
          proof: {
            description: 'Hashes of the inclusion proof, from the leaf upwards.',
            type: 'array',
            minItems: 0,
            maxItems: 63,
            items: { $ref: 'urn:isal:schema:common:v1#/$defs/Base64Hash' },
          },
        },
      },
    },
  },
  evidence: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:evidence:v1',
    title: 'EvidenceFile',
    description:
      'Proof that a log, a source or witnesses have broken their word, in one file that verifies offline with nothing but a trust file: canonical JSON of at most 4 MiB. It has the format and exactly one other member, which is the kind of the evidence.',
    type: 'object',
    additionalProperties: false,
    required: ['format'],
    minProperties: 2,
    maxProperties: 2,
    properties: {
      format: { description: 'Identifies the format.', type: 'string', const: 'isal-evidence/v1' },
      fork: { description: 'The log has signed two histories.', $ref: '#/$defs/ForkShown' },
      rollback: {
        description: 'Witnesses have vouched for a smaller tree after a larger one.',
        $ref: '#/$defs/RollbackShown',
      },
      'unauthorised-leaf': {
        description: 'The log has recorded what nobody was allowed to record.',
        $ref: '#/$defs/UnauthorisedShown',
      },
      equivocation: {
        description: 'A source has given one number to two contents, or a log has recorded a number twice.',
        $ref: '#/$defs/EquivocationShown',
      },
      'broken-promise': {
        description: 'The log has acknowledged a leaf at an index and then put another one there.',
        $ref: '#/$defs/BrokenPromiseShown',
      },
    },
    $defs: {
      SignedNote: {
        description: 'The signed note of a checkpoint, verbatim.',
        type: 'string',
        minLength: 1,
        maxLength: 262144,
      },
      LeafBytes: {
        description:
          'The bytes of a leaf in standard padded base64; any bytes that a log can serve, well-formed or not.',
        type: 'string',
        minLength: 0,
        maxLength: 87380,
      },
      ProofHashes: {
        description: 'Hashes of an inclusion or consistency proof, from the bottom upwards.',
        type: 'array',
        minItems: 0,
        maxItems: 64,
        items: { $ref: 'urn:isal:schema:common:v1#/$defs/Base64Hash' },
      },
      PlacedLeaf: {
        description: 'A leaf and its place in the tree of the checkpoint.',
        type: 'object',
        additionalProperties: false,
        required: ['index', 'leaf', 'proof'],
        properties: {
          index: {
            description: 'Index of the leaf.',
            type: 'integer',
            minimum: 0,
            maximum: 9007199254740990,
          },
          leaf: { description: 'The bytes of the leaf in base64.', $ref: '#/$defs/LeafBytes' },
          proof: { description: 'Its inclusion proof.', $ref: '#/$defs/ProofHashes' },
        },
      },
      OtherLeaf: {
        description:
          'An envelope that a source has signed. Index and proof are both there if the log has recorded it, and both absent if not.',
        type: 'object',
        additionalProperties: false,
        required: ['leaf'],
        properties: {
          index: {
            description: 'Index of the leaf, if it was recorded.',
            type: 'integer',
            minimum: 0,
            maximum: 9007199254740990,
          },
          leaf: { description: 'The bytes of the envelope in base64.', $ref: '#/$defs/LeafBytes' },
          proof: { description: 'Its inclusion proof, if it was recorded.', $ref: '#/$defs/ProofHashes' },
        },
      },
      DocumentChain: {
        description:
          'Leaves that decide who was allowed to record: leaf 0 and every valid authority document after it up to one, in ascending order; also a leaf that an entry names and that is no valid authority document.',
        type: 'array',
        minItems: 0,
        maxItems: 1024,
        items: { $ref: '#/$defs/PlacedLeaf' },
      },
      LeavesBelow: {
        description:
          'The leaf hash of every leaf below an index, which shows that a leaf that is named is not among them.',
        type: 'object',
        additionalProperties: false,
        required: ['leafHashes', 'proof'],
        properties: {
          leafHashes: {
            description:
              'The leaf hashes in order, 32 bytes each, all together in standard padded base64; at most 65,536.',
            type: 'string',
            minLength: 44,
            maxLength: 2796204,
          },
          proof: {
            description: 'Consistency proof from the tree of these leaves to the checkpoint.',
            $ref: '#/$defs/ProofHashes',
          },
        },
      },
      ForkShown: {
        description:
          'Two checkpoints of one log that no one history can have. The consistency proof leads from another older root than the one signed to the newer checkpoint.',
        type: 'object',
        additionalProperties: false,
        required: ['newer', 'older', 'olderRoot', 'proof'],
        properties: {
          newer: {
            description: 'The checkpoint of the larger size, or of the same.',
            $ref: '#/$defs/SignedNote',
          },
          older: {
            description: 'The checkpoint of the smaller size, or of the same.',
            $ref: '#/$defs/SignedNote',
          },
          olderRoot: {
            description:
              'The root that the history of the newer checkpoint has at the older size; at the same size, the newer root.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Base64Hash',
          },
          proof: {
            description: 'Consistency proof from that root at the older size to the newer checkpoint.',
            $ref: '#/$defs/ProofHashes',
          },
        },
      },
      RollbackShown: {
        description:
          'Two checkpoints, each with a quorum. At least one witness has cosigned both, the smaller at the later time.',
        type: 'object',
        additionalProperties: false,
        required: ['larger', 'smaller'],
        properties: {
          larger: { description: 'The checkpoint of the larger size.', $ref: '#/$defs/SignedNote' },
          smaller: {
            description: 'The checkpoint of the smaller size, cosigned later.',
            $ref: '#/$defs/SignedNote',
          },
        },
      },
      UnauthorisedShown: {
        description: 'A leaf in the tree of a checkpoint, and what decides who was allowed to record it.',
        type: 'object',
        additionalProperties: false,
        required: ['checkpoint', 'documents', 'leaf'],
        properties: {
          checkpoint: {
            description: 'A checkpoint of the log; every proof leads to it.',
            $ref: '#/$defs/SignedNote',
          },
          leaf: { description: 'The leaf.', $ref: '#/$defs/PlacedLeaf' },
          documents: {
            description: 'Authority documents below the leaf; none where the leaf alone says enough.',
            $ref: '#/$defs/DocumentChain',
          },
          below: {
            description:
              'All leaf hashes below the leaf, where it names a document that is not in the log there.',
            $ref: '#/$defs/LeavesBelow',
          },
        },
      },
      EquivocationShown: {
        description: 'Two envelopes, each duly authorised, with one number of one source.',
        type: 'object',
        additionalProperties: false,
        required: ['checkpoint', 'documents', 'other', 'recorded'],
        properties: {
          checkpoint: {
            description: 'A checkpoint of the log; every proof leads to it.',
            $ref: '#/$defs/SignedNote',
          },
          documents: {
            description: 'The authority documents that the two name, with all before them.',
            $ref: '#/$defs/DocumentChain',
          },
          recorded: { description: 'The one that was recorded.', $ref: '#/$defs/PlacedLeaf' },
          other: { description: 'The other one, recorded or refused.', $ref: '#/$defs/OtherLeaf' },
        },
      },
      BrokenPromiseShown: {
        description: 'A receipt, and another checkpoint of the log that has another leaf at the same index.',
        type: 'object',
        additionalProperties: false,
        required: ['checkpoint', 'leafHash', 'proof', 'receipt'],
        properties: {
          receipt: {
            description: 'The tlog-proof that the log answered with, verbatim; its extra line is the leaf.',
            type: 'string',
            minLength: 1,
            maxLength: 393216,
          },
          checkpoint: {
            description: 'Another checkpoint of the log, older or newer than that of the receipt.',
            $ref: '#/$defs/SignedNote',
          },
          leafHash: {
            description: 'Leaf hash of what that checkpoint has at the index of the receipt.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Base64Hash',
          },
          proof: { description: 'Inclusion proof of that leaf hash.', $ref: '#/$defs/ProofHashes' },
        },
      },
    },
  },
  config: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:config:v1',
    title: 'LedgerConfig',
    description:
      "config.json of a ledger's directory: what `isal serve` needs to know besides keys and data.",
    type: 'object',
    additionalProperties: false,
    required: ['format', 'origin', 'postQuantum'],
    properties: {
      format: { description: 'Identifies the format.', type: 'string', const: 'isal-config/v1' },
      origin: {
        description: "The log's name for all time.",
        $ref: 'urn:isal:schema:common:v1#/$defs/Origin',
      },
      postQuantum: {
        description: 'Whether checkpoints are signed with ML-DSA-44 beside Ed25519.',
        type: 'boolean',
      },
      host: {
        description: 'Address to listen on; 127.0.0.1 where absent.',
        type: 'string',
        minLength: 1,
        maxLength: 255,
      },
      port: {
        description: 'Port to listen on; 6962 where absent, 0 for any free one.',
        type: 'integer',
        minimum: 0,
        maximum: 65535,
      },
      prefix: {
        description: 'Path below which everything is served, for example /2026; the root where absent.',
        type: 'string',
        maxLength: 200,
        pattern: '^(?:/[A-Za-z0-9._~-]+)*$',
      },
      metrics: {
        description:
          'Where Prometheus may ask for metrics; nowhere where absent. For the operator alone, so not where the public listens.',
        type: 'object',
        additionalProperties: false,
        required: ['host', 'port'],
        properties: {
          host: { description: 'Address to listen on.', type: 'string', minLength: 1, maxLength: 255 },
          port: {
            description: 'Port to listen on; 0 for any free one.',
            type: 'integer',
            minimum: 0,
            maximum: 65535,
          },
        },
      },
      archiveInterval: {
        description:
          'Seconds; of every such stretch of time the last cosigned checkpoint is kept for ever. 3600 where absent.',
        type: 'integer',
        minimum: 1,
        maximum: 31622400,
      },
    },
    $defs: {},
  },
  watch: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:isal:schema:watch:v1',
    title: 'WatchList',
    description:
      'What `isal monitor` follows: logs by their pinned trust files, rules, and where findings go.',
    type: 'object',
    additionalProperties: false,
    required: ['format', 'logs'],
    properties: {
      format: { description: 'Identifies the format.', type: 'string', const: 'isal-watch/v1' },
      logs: {
        description: 'The logs, each once.',
        type: 'array',
        minItems: 1,
        maxItems: 64,
        items: { $ref: '#/$defs/WatchedLog' },
      },
      webhook: { description: 'Where findings are sent beside standard output.', $ref: '#/$defs/Webhook' },
      interval: {
        description: 'Seconds between two rounds of `run`, a week at most; 60 where absent.',
        type: 'integer',
        minimum: 1,
        maximum: 604800,
      },
    },
    $defs: {
      WatchedLog: {
        description: 'A log, what is pinned of it, and what to report of its entries.',
        type: 'object',
        additionalProperties: false,
        required: ['trust', 'rules'],
        properties: {
          trust: {
            description:
              "Path of the pinned trust file; a relative one is taken from the watch list's directory.",
            type: 'string',
            minLength: 1,
            maxLength: 4096,
          },
          url: {
            description: 'Where the log is read; the URL in the trust file where absent.',
            $ref: '#/$defs/HttpUrl',
          },
          maxAge: {
            description:
              "Seconds that the witnesses' cosignatures may be old, in place of the trust file's maxAge; not with quorum none.",
            type: 'integer',
            minimum: 1,
            maximum: 315576000,
          },
          patience: {
            description:
              'Seconds for which the log may be out of reach, show an older checkpoint or be behind a witness before that is reported; 600 where absent.',
            type: 'integer',
            minimum: 0,
            maximum: 315576000,
          },
          rules: {
            description: 'What to report, beside what every log is watched for.',
            type: 'array',
            minItems: 0,
            maxItems: 256,
            items: {
              anyOf: [
                { $ref: '#/$defs/ProductRule' },
                { $ref: '#/$defs/DigestRule' },
                { $ref: '#/$defs/SignerRule' },
                { $ref: '#/$defs/TypeRule' },
                { $ref: '#/$defs/UnauthorisedRule' },
                { $ref: '#/$defs/GapRule' },
                { $ref: '#/$defs/SilenceRule' },
              ],
            },
          },
        },
      },
      Webhook: {
        description: 'Where findings are sent, one POST with a JSON body for each.',
        type: 'object',
        additionalProperties: false,
        required: ['url'],
        properties: {
          url: { description: 'The address; redirects are not followed.', $ref: '#/$defs/HttpUrl' },
          authorization: {
            description: 'Value of the Authorization header.',
            type: 'string',
            minLength: 1,
            maxLength: 4096,
            pattern: '^[ -~]+$',
          },
        },
      },
      HttpUrl: {
        description: 'An http or https URL.',
        type: 'string',
        minLength: 8,
        maxLength: 1000,
        pattern: '^https?://[!-~]+$',
      },
      ProductRule: {
        description: 'Every build of a product.',
        type: 'object',
        additionalProperties: false,
        required: ['alert', 'product'],
        properties: {
          alert: { description: 'Kind of rule.', type: 'string', const: 'product' },
          product: {
            description: 'Name of the product, as builds give it.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
          label: {
            description: 'A name of your own, repeated in what the rule finds.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
        },
      },
      DigestRule: {
        description: 'Every entry about a file.',
        type: 'object',
        additionalProperties: false,
        required: ['alert', 'digest'],
        properties: {
          alert: { description: 'Kind of rule.', type: 'string', const: 'digest' },
          digest: {
            description: 'Digests of the file; one that matches is enough.',
            $ref: 'urn:isal:schema:common:v1#/$defs/ArtifactDigest',
          },
          label: {
            description: 'A name of your own, repeated in what the rule finds.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
        },
      },
      SignerRule: {
        description: 'Every use of a key.',
        type: 'object',
        additionalProperties: false,
        required: ['alert', 'keyid'],
        properties: {
          alert: { description: 'Kind of rule.', type: 'string', const: 'signer' },
          keyid: {
            description: 'SHA-256 of the raw public key.',
            $ref: 'urn:isal:schema:common:v1#/$defs/HexHash',
          },
          label: {
            description: 'A name of your own, repeated in what the rule finds.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
        },
      },
      TypeRule: {
        description: 'Every entry of a type.',
        type: 'object',
        additionalProperties: false,
        required: ['alert', 'type'],
        properties: {
          alert: { description: 'Kind of rule.', type: 'string', const: 'type' },
          type: {
            description: 'Attestation type.',
            type: 'string',
            enum: [
              'authority',
              'source-snapshot',
              'source-review',
              'build',
              'rebuild-result',
              'database-update',
              'data-access',
              'period-summary',
              'residency',
              'supervisor-statement',
              'correction',
            ],
          },
          label: {
            description: 'A name of your own, repeated in what the rule finds.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
        },
      },
      UnauthorisedRule: {
        description:
          'Leaves that were not entitled to be recorded. They are reported in any case; the rule gives them a label.',
        type: 'object',
        additionalProperties: false,
        required: ['alert'],
        properties: {
          alert: { description: 'Kind of rule.', type: 'string', const: 'unauthorised' },
          label: {
            description: 'A name of your own, repeated in what the rule finds.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
        },
      },
      GapRule: {
        description:
          'Numbers that a source has skipped. They are reported in any case, after an hour; the rule changes that time.',
        type: 'object',
        additionalProperties: false,
        required: ['alert', 'after'],
        properties: {
          alert: { description: 'Kind of rule.', type: 'string', const: 'gap' },
          source: {
            description: 'Id of the source; every source without a rule of its own where absent.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Identifier',
          },
          after: {
            description:
              'Seconds for which a number may be missing: parties submit at the same time, so a later number may be recorded first.',
            type: 'integer',
            minimum: 0,
            maximum: 315576000,
          },
          label: {
            description: 'A name of your own, repeated in what the rule finds.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
        },
      },
      SilenceRule: {
        description: 'No entry for longer than was promised.',
        type: 'object',
        additionalProperties: false,
        required: ['alert', 'seconds'],
        properties: {
          alert: { description: 'Kind of rule.', type: 'string', const: 'silence' },
          source: {
            description: 'Id of the source; the whole log where absent.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Identifier',
          },
          seconds: {
            description: 'Longest time between two entries, by the time that the entries give.',
            type: 'integer',
            minimum: 1,
            maximum: 315576000,
          },
          label: {
            description: 'A name of your own, repeated in what the rule finds.',
            $ref: 'urn:isal:schema:common:v1#/$defs/Line',
          },
        },
      },
    },
  },
};
