// Generated from schemas/*.json by schemas/generate.mjs: the types. Change the schemas, then `npm run generate`.

/**
 * What a signer may act as.
 */
export type Role =
  | 'supervisor'
  | 'builder'
  | 'database-publisher'
  | 'source-custodian'
  | 'access-gateway'
  | 'reviewer'
  | 'rebuilder'
  | 'vendor';
/**
 * A role, or target-signers: everybody who signed the leaf that a correction names.
 */
export type RuleRole = Role | 'target-signers';
/**
 * Links to other leaves of the same ledger.
 */
export type References = Reference[];
/**
 * Sentences for people; empty if there is nothing to say.
 *
 * Items: A sentence or two for people, in one line, under the same rules as a line.
 */
export type Remarks = string[];
/**
 * Digests of RFC 9901 disclosures (the _sd array of that RFC): each is the unpadded base64url of the SHA-256 over the ASCII bytes of base64url(JSON [salt, name, value]), with a fresh salt of 128 bits. In ascending order of their characters, distinct; decoys are allowed.
 *
 * Items: Digest of one disclosure.
 */
export type DisclosureDigests = string[];
/**
 * How the supervisor was present: inspectors on site, inspectors at a distance, or its own machinery.
 */
export type Presence = 'onsite' | 'remote' | 'automated';
/**
 * Electronic seals over the artefacts.
 */
export type Seals = Seal[];
/**
 * Certificates in PEM.
 *
 * Items: One certificate in PEM (RFC 7468).
 */
export type PinnedCertificates = string[];
/**
 * Hashes of an inclusion or consistency proof, from the bottom upwards.
 *
 * Items: 32 bytes in standard padded base64: a tree hash or an Ed25519 public key.
 */
export type ProofHashes = string[];
/**
 * Leaves that decide who was allowed to record: leaf 0 and every valid authority document after it up to one, in ascending order; also a leaf that an entry names and that is no valid authority document.
 */
export type DocumentChain = PlacedLeaf[];

/**
 * The type that each schema describes.
 */
export interface SchemaTypes {
  statement: Statement;
  authority: AuthorityPredicate;
  'source-snapshot': SourceSnapshotPredicate;
  'source-review': SourceReviewPredicate;
  build: BuildPredicate;
  'rebuild-result': RebuildResultPredicate;
  'database-update': DatabaseUpdatePredicate;
  'data-access': DataAccessPredicate;
  'period-summary': PeriodSummaryPredicate;
  residency: ResidencyPredicate;
  'supervisor-statement': SupervisorStatementPredicate;
  correction: CorrectionPredicate;
  trust: TrustFile;
  bundle: Bundle;
  evidence: EvidenceFile;
  config: LedgerConfig;
  watch: WatchList;
}
/**
 * The payload of every leaf: an in-toto Statement v1. The predicate has a schema of its own for each predicate type.
 */
export interface Statement {
  /**
   * Identifies an in-toto Statement v1.
   */
  _type: 'https://in-toto.io/Statement/v1';
  /**
   * What the statement is about. Artefacts stand here by their digests; ledger-wide statements by the SHA-256 of the origin; a data-access event by the SHA-256 of its event id.
   */
  subject: Subject[];
  /**
   * Identifies the type of the predicate.
   */
  predicateType: string;
  /**
   * What is claimed about the subject.
   */
  predicate: {
    [k: string]: unknown;
  };
}
/**
 * One thing that the statement is about: an in-toto ResourceDescriptor that must carry a digest.
 */
export interface Subject {
  /**
   * Name of the artefact, for example its file name.
   */
  name?: string;
  /**
   * Identifies the artefact globally.
   */
  uri?: string;
  /**
   * Where the artefact can be had. It is never fetched by the ledger.
   */
  downloadLocation?: string;
  /**
   * Media type of the artefact.
   */
  mediaType?: string;
  digest: ArtifactDigest;
}
/**
 * Digests of one and the same bytes. All that are given must match.
 */
export interface ArtifactDigest {
  /**
   * SHA-256 of the bytes.
   */
  sha256?: string;
  /**
   * SHA-512 of the bytes.
   */
  sha512?: string;
}
/**
 * Who may record what, from the leaf after this one until the next valid authority document. It replaces its predecessor whole and is signed by the root threshold of both. Its subject is the SHA-256 of the origin in UTF-8.
 */
export interface AuthorityPredicate {
  /**
   * Origin of the ledger that this document governs.
   */
  origin: string;
  /**
   * 1 for the first document (leaf 0), one more for each that follows.
   */
  version: number;
  /**
   * Leaf hash of the document that this one replaces; null for the first.
   */
  previous: string | null;
  /**
   * When the document was made.
   */
  occurredAt: string;
  root: AuthorityRoot;
  /**
   * Everybody who may sign entries. A key stands here once only.
   */
  signers: AuthoritySigner[];
  /**
   * For each predicate type, who must sign together. A type without a rule cannot be recorded.
   */
  rules: AuthorityRule[];
  /**
   * Keys that are no longer in force, cumulative: later documents may add to these or lower fromLeaf, never drop one.
   */
  revocations: AuthorityRevocation[];
  /**
   * How often the events of a source are summarised; at most one promise for each source. Left out where nothing is promised.
   */
  promises?: AuthorityPromise[];
}
/**
 * The root keys and how many of them must sign.
 */
export interface AuthorityRoot {
  /**
   * How many distinct root keys must sign; at most as many as there are.
   */
  threshold: number;
  /**
   * Ed25519 public keys of the root, distinct.
   *
   * Items: 32 bytes in standard padded base64: a tree hash or an Ed25519 public key.
   */
  keys: string[];
}
/**
 * One key that may sign entries, and as what.
 */
export interface AuthoritySigner {
  /**
   * Name of the signer: a system or an office, never a person.
   */
  name: string;
  /**
   * Organisation that holds the key. Dual control asks for different organisations; they are compared character by character.
   */
  organisation: string;
  /**
   * Ed25519 public key in base64.
   */
  publicKey: string;
  /**
   * What the signer may act as.
   */
  roles: Role[];
  /**
   * The event sources that the signer may use. Every signer of an entry must have the source of that entry, whoever only co-signs it too; with an empty list a key signs nothing.
   *
   * Items: A short machine-readable name: lowercase letters, digits, dot, hyphen, underscore; it begins with a letter or digit.
   */
  sources: string[];
}
/**
 * Who must sign statements of one predicate type.
 */
export interface AuthorityRule {
  /**
   * The predicate type that the rule is for.
   */
  predicateType: string;
  /**
   * Alternatives. Each lists the roles that must all sign, by different keys of different organisations.
   */
  anyOf: RuleRole[][];
}
/**
 * A key that stops being in force.
 */
export interface AuthorityRevocation {
  /**
   * SHA-256 of the raw public key.
   */
  keyid: string;
  /**
   * superseded and revoked count from the leaf of this document on; compromised may reach back.
   */
  kind: 'superseded' | 'revoked' | 'compromised';
  /**
   * Index of the first leaf for which the key no longer counts.
   */
  fromLeaf: number;
  /**
   * Why, in a sentence.
   */
  reason: string;
}
/**
 * From a time on, the periods of a source's summaries follow each other without a gap, and each summary is recorded at most summaryEvery and grace after its period begins.
 */
export interface AuthorityPromise {
  /**
   * Id of the source whose events are summarised.
   */
  source: string;
  /**
   * When the first of these periods begins, at the latest.
   */
  from: string;
  /**
   * Seconds that a period lasts.
   */
  summaryEvery: number;
  /**
   * Seconds that a summary may take after the end of its period.
   */
  grace: number;
}
/**
 * Source code as it was put into escrow, so that builds can name it and reviewers can look at it. One of the subjects has exactly the digests of manifest.
 */
export interface SourceSnapshotPredicate {
  ledger: LedgerBinding;
  /**
   * When the snapshot was taken.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  /**
   * The product whose source it is.
   */
  product: string;
  /**
   * Version of the source, for example a release or a revision.
   */
  version: string;
  /**
   * What it is the source of: a product, the vendor's cloud services, threat-detection rules, or the scripts that build.
   */
  kind: 'product' | 'cloud' | 'rules' | 'build-scripts';
  manifest: ArtifactDigest;
  /**
   * How many files the manifest lists.
   */
  files: number;
  git?: GitSource;
  escrow: Escrow;
  sbom?: ArtifactDigest;
}
/**
 * What binds a statement to one ledger and to the authority document in force, so that it cannot be replayed elsewhere.
 */
export interface LedgerBinding {
  /**
   * Origin of the ledger that the statement is made for.
   */
  origin: string;
  /**
   * Leaf hash of the authority document that the signers hold to be in force.
   */
  authority: string;
}
/**
 * Where the event was counted. A source numbers its events without gaps.
 */
export interface EventSource {
  /**
   * The source, one of those that the authority document gives to every signer of the entry.
   */
  id: string;
  /**
   * Number of the event at its source; the first is 1.
   */
  seq: number;
}
/**
 * A link to another leaf of the same ledger.
 */
export interface Reference {
  /**
   * What the other leaf is to this one, for example snapshot, review or erasure.
   */
  rel: string;
  /**
   * Leaf hash of the other leaf.
   */
  leafHash: string;
}
/**
 * A commit and the tree that it has.
 */
export interface GitSource {
  /**
   * Id of the commit.
   */
  commit?: string;
  /**
   * Id of its tree, which is a digest of all files.
   */
  tree: string;
}
/**
 * Where the source lies, for those who may look at it.
 */
export interface Escrow {
  /**
   * The site, for example the transparency centre.
   */
  site: string;
  /**
   * Country in which the site is.
   */
  country: string;
  /**
   * When the custodian received the source.
   */
  receivedAt: string;
}
/**
 * What an outside reviewer saw of an escrowed snapshot, how deep the look went and what it left out. One of the subjects has exactly the digests of the snapshot. Nothing in it names a reviewer: who they were is committed to by salted digests.
 */
export interface SourceReviewPredicate {
  ledger: LedgerBinding;
  /**
   * When the review ended.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  snapshot: AttestedArtifact;
  /**
   * overview looks at structure and documents, targeted at chosen parts in detail, full at every file.
   */
  depth: 'overview' | 'targeted' | 'full';
  /**
   * Which parts were in scope, one to a line.
   *
   * Items: One line for people. No control characters and none that turn the direction of writing or print as nothing (two names could look alike, and one text like another), no space at either end.
   */
  scope: string[];
  coverage: Coverage;
  /**
   * What was done, for example code-reading, static-analysis, build-observation.
   *
   * Items: A short machine-readable name: lowercase letters, digits, dot, hyphen, underscore; it begins with a letter or digit.
   */
  activities: string[];
  /**
   * Where the reviewers worked: at the escrow site, or at a distance.
   */
  presence: 'onsite' | 'remote';
  /**
   * no-findings and findings say what the review found; inconclusive that it could not tell; refused that it was not let near the source.
   */
  result: 'no-findings' | 'findings' | 'inconclusive' | 'refused';
  findings: FindingCounts;
  limitations: Remarks;
  reviewers: Reviewers;
  report?: ArtifactDigest;
}
/**
 * An artefact that another leaf of the same ledger attests.
 */
export interface AttestedArtifact {
  /**
   * Leaf hash of that leaf.
   */
  leafHash: string;
  digest: ArtifactDigest;
}
/**
 * Files looked at, of those in the snapshot.
 */
export interface Coverage {
  /**
   * Files that were looked at; at most filesTotal, and all of them in a full review.
   */
  filesCovered: number;
  /**
   * Files in the snapshot.
   */
  filesTotal: number;
}
/**
 * Findings by severity.
 */
export interface FindingCounts {
  /**
   * Findings that must be dealt with before the software is used.
   */
  critical: number;
  /**
   * Findings of high severity.
   */
  high: number;
  /**
   * Findings of medium severity.
   */
  medium: number;
  /**
   * Findings of low severity.
   */
  low: number;
}
/**
 * Who reviewed, without naming anybody.
 */
export interface Reviewers {
  /**
   * How many people.
   */
  count: number;
  _sd: DisclosureDigests;
}
/**
 * One build: SLSA provenance v1 with what the supervisor saw in one extension field. Members that SLSA does not define are admitted, as it asks of consumers; only isal_supervision is strict. The subjects are the artefacts built.
 */
export interface BuildPredicate {
  buildDefinition: BuildDefinition;
  runDetails: RunDetails;
  isal_supervision: BuildSupervision;
  [k: string]: unknown;
}
/**
 * SLSA BuildDefinition.
 */
export interface BuildDefinition {
  /**
   * How to perform the build and how to read its parameters.
   */
  buildType: string;
  /**
   * Parameters under external control. They are untrusted.
   */
  externalParameters: {
    [k: string]: unknown;
  };
  /**
   * Parameters that the build platform has set.
   */
  internalParameters?: {
    [k: string]: unknown;
  };
  /**
   * What the build was made from. The source snapshot must be among these by its digest, so at least one has a digest.
   */
  resolvedDependencies: ResourceDescriptor[];
  [k: string]: unknown;
}
/**
 * in-toto ResourceDescriptor. It has a uri, a digest or a content.
 */
export interface ResourceDescriptor {
  /**
   * Name of the resource within this statement.
   */
  name?: string;
  /**
   * Identifies the resource globally. It is never fetched.
   */
  uri?: string;
  digest?: DigestSet;
  /**
   * The bytes of the resource in base64, for small ones.
   */
  content?: string;
  /**
   * Where the resource can be had. It is never fetched.
   */
  downloadLocation?: string;
  /**
   * Media type of the resource.
   */
  mediaType?: string;
  /**
   * Further facts about the resource.
   */
  annotations?: {
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * Digests of one resource by algorithm, as in-toto names them: sha256, sha512, gitCommit and so on.
 */
export interface DigestSet {
  /**
   * SHA-256 of the resource.
   */
  sha256?: string;
  /**
   * SHA-512 of the resource.
   */
  sha512?: string;
  /**
   * Digest by another algorithm.
   */
  [k: string]: string | undefined;
}
/**
 * SLSA RunDetails.
 */
export interface RunDetails {
  builder: Builder;
  metadata?: BuildMetadata;
  /**
   * Artefacts that the build made beside its output, such as logs.
   */
  byproducts?: ResourceDescriptor[];
  [k: string]: unknown;
}
/**
 * SLSA Builder.
 */
export interface Builder {
  /**
   * Identifies the build platform and all that it rests on.
   */
  id: string;
  /**
   * What the orchestrator depends on.
   */
  builderDependencies?: ResourceDescriptor[];
  /**
   * Versions of the components of the platform by their names.
   */
  version?: {
    /**
     * Version of one component.
     */
    [k: string]: string;
  };
  [k: string]: unknown;
}
/**
 * SLSA BuildMetadata.
 */
export interface BuildMetadata {
  /**
   * Identifies this execution.
   */
  invocationId?: string;
  /**
   * When the build began.
   */
  startedOn?: string;
  /**
   * When the build ended.
   */
  finishedOn?: string;
  [k: string]: unknown;
}
/**
 * What the supervisor attests to about a build.
 */
export interface BuildSupervision {
  ledger: LedgerBinding;
  /**
   * When the build was finished and signed for.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  /**
   * The product that was built.
   */
  product: string;
  /**
   * Version of the product.
   */
  version: string;
  /**
   * Where the build ran, for example the data centre.
   */
  facility: string;
  /**
   * Country in which the build ran.
   */
  country: string;
  presence: Presence;
  /**
   * True if the build had no network and read nothing but its declared inputs.
   */
  hermetic: boolean;
  /**
   * SHA-256 of the certificate (DER) that the artefacts were signed with.
   */
  codeSigningCertificateSha256?: string;
  /**
   * SHA-256 of the RFC 3161 time-stamp token (DER) over the artefacts' signature.
   */
  timestampTokenSha256?: string;
  seals?: Seals;
  /**
   * Where the build departed from the agreed procedure; empty if nowhere.
   *
   * Items: A sentence or two for people, in one line, under the same rules as a line.
   */
  deviations: string[];
}
/**
 * An electronic seal over an artefact: a signature by an organisation's certificate, with a time-stamp.
 */
export interface Seal {
  subject: ArtifactDigest;
  /**
   * The seal: a detached CMS SignedData (RFC 5652) over the artefact, by SHA-256 or SHA-512, with signed attributes and the certificates up to the anchor; DER in base64.
   */
  cms: string;
  /**
   * An RFC 3161 TimeStampToken over the bytes of cms, or over the signature in it; DER in base64. A token may stand in the unsigned attributes of cms instead.
   */
  timestamp?: string;
}
/**
 * What came of building a published artefact again from its source. One of the subjects has exactly the digests of the build's artefact.
 */
export interface RebuildResultPredicate {
  ledger: LedgerBinding;
  /**
   * When the comparison was made.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  build: AttestedArtifact;
  candidate?: RebuildCandidate;
  environment?: ArtifactDigest;
  /**
   * What the rebuilder shares with the vendor: nothing; the vendor's toolchain; machines of the vendor; or everything, when the vendor rebuilt for itself.
   */
  independence: 'independent' | 'vendor-toolchain' | 'vendor-machines' | 'vendor';
  /**
   * identical: byte for byte; equivalent: after the normalisations nothing differs; different: something is left unexplained; not-rebuildable: there is nothing to compare.
   */
  verdict: 'identical' | 'equivalent' | 'different' | 'not-rebuildable';
  /**
   * What was evened out on both sides before they were compared; empty unless the verdict is equivalent or different.
   */
  normalisations: Normalisation[];
  /**
   * Bytes that still differ after the normalisations; 0 if identical or equivalent, at least 1 if different.
   */
  unexplainedBytes: number;
  limitations: Remarks;
}
/**
 * The artefact that was compared with the published one.
 */
export interface RebuildCandidate {
  digest: ArtifactDigest;
  /**
   * Where the candidate was obtained: who built it, from what, on what.
   */
  obtainedFrom: string;
}
/**
 * One way of evening out what may differ without changing what the software does.
 */
export interface Normalisation {
  /**
   * Its name, for example tar-order, gzip-header, signature-block.
   */
  name: string;
  /**
   * The tool that did it, with its version.
   */
  tool: string;
  toolDigest: ArtifactDigest;
}
/**
 * One update of a threat-detection database. Updates of a family and platform form a chain by previous. One of the subjects has exactly the digests of result.
 */
export interface DatabaseUpdatePredicate {
  ledger: LedgerBinding;
  /**
   * When the update was released.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  /**
   * Family of databases.
   */
  family: string;
  /**
   * Platform that the database is for; any if for all.
   */
  platform: string;
  /**
   * Version of the database after the update.
   */
  version: string;
  /**
   * full brings the whole state, incremental a patch to the previous one, rollback goes back to an earlier state.
   */
  kind: 'full' | 'incremental' | 'rollback';
  /**
   * The state that this update follows; null for the first of its family and platform.
   */
  previous: DatabaseState | null;
  patch?: ArtifactDigest;
  result: ArtifactDigest;
  records?: RecordCounts;
  /**
   * Oldest engine version that can load the state.
   */
  minimumEngine?: string;
  /**
   * How fast the update goes out: routine by the timetable, urgent ahead of it, emergency to all at once.
   */
  urgency: 'routine' | 'urgent' | 'emergency';
  /**
   * True if the state holds code that the engine runs.
   */
  containsExecutable: boolean;
  rulesSnapshot?: ArtifactDigest;
  compiler?: ArtifactDigest;
  rollout: Rollout;
  /**
   * Where the update was made and signed.
   */
  facility: string;
  /**
   * Country in which the update was made and signed.
   */
  country: string;
  /**
   * SHA-256 of the certificate (DER) that the update was signed with.
   */
  signatureCertificateSha256?: string;
  seals?: Seals;
  /**
   * How the update was looked at before its release: by machinery, in samples, or whole.
   */
  review: 'automated' | 'sampled' | 'full';
}
/**
 * One state of a database.
 */
export interface DatabaseState {
  /**
   * Version of that state.
   */
  version: string;
  result: ArtifactDigest;
}
/**
 * Records after the update, and those that it added, changed and removed.
 */
export interface RecordCounts {
  /**
   * Records in the state.
   */
  total: number;
  /**
   * Records added.
   */
  added?: number;
  /**
   * Records changed.
   */
  changed?: number;
  /**
   * Records removed.
   */
  removed?: number;
}
/**
 * Who gets the update.
 */
export interface Rollout {
  /**
   * Release channels, for example stable.
   *
   * Items: A short machine-readable name: lowercase letters, digits, dot, hyphen, underscore; it begins with a letter or digit.
   */
  channels: string[];
  /**
   * Regions, or the one word global.
   *
   * Items: A short machine-readable name: lowercase letters, digits, dot, hyphen, underscore; it begins with a letter or digit.
   */
  regions: string[];
  /**
   * Share of the endpoints in those regions and channels.
   */
  percent: number;
}
/**
 * One access, or attempted access, to customers' data, as the recorder in front of the store saw it. Nothing in it names a person or a customer: what does is committed to by salted digests. Its one subject is the SHA-256 over the 32 bytes of eventId.
 */
export interface DataAccessPredicate {
  ledger: LedgerBinding;
  /**
   * When the access took place; rounded down to the quarter of an hour where that is asked for.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  /**
   * 256 random bits as 64 lowercase hexadecimal digits. The subject's digest is the SHA-256 over these 32 bytes (not over the digits).
   */
  eventId: string;
  /**
   * What was done, or tried, with the data.
   */
  activity: 'store' | 'alter' | 'read' | 'disclose' | 'delete' | 'destroy';
  /**
   * Whether it was let through. Denied attempts are recorded too.
   */
  outcome: 'allowed' | 'denied' | 'error';
  /**
   * Whether a person or a program asked.
   */
  initiation: 'human' | 'automated';
  store: DataStore;
  /**
   * Categories of data, for example threat-statistics.
   *
   * Items: A short machine-readable name: lowercase letters, digits, dot, hyphen, underscore; it begins with a letter or digit.
   */
  categories: string[];
  /**
   * Region whose customers' data they are, for example europe.
   */
  dataRegion: string;
  /**
   * How many records, in buckets.
   */
  volume: 'none' | '1' | '2-10' | '11-100' | '101-1000' | '1001-10000' | 'over-10000' | 'unknown';
  actor: AccessActor;
  reason: AccessReason;
  legalRequest?: LegalRequest;
  approval: AccessApproval;
  /**
   * Country in which the data were seen or to which they went.
   */
  destinationCountry: string;
  /**
   * What protected the data, for example pseudonymised; empty if nothing.
   *
   * Items: A short machine-readable name: lowercase letters, digits, dot, hyphen, underscore; it begins with a letter or digit.
   */
  safeguards: string[];
  /**
   * Tags by which customers find their own events: HMAC-SHA-256(secret, day + newline + category), the first 128 bits. In ascending order, distinct.
   *
   * Items: One tag as 32 lowercase hexadecimal digits.
   */
  customerTags: string[];
}
/**
 * A store of customers' data.
 */
export interface DataStore {
  /**
   * Name of the store.
   */
  id: string;
  /**
   * Country in which the store stands.
   */
  country: string;
}
/**
 * Who asked, without naming a person.
 */
export interface AccessActor {
  /**
   * The organisation that the actor works for.
   */
  employer: string;
  /**
   * What the actor does there, broadly enough to point at nobody.
   */
  role: string;
  /**
   * Country of the actor's office.
   */
  officeCountry: string;
  /**
   * Country in which the actor was at the time.
   */
  physicalCountry: string;
  _sd: DisclosureDigests;
}
/**
 * Why the data were accessed.
 */
export interface AccessReason {
  /**
   * Kind of reason.
   */
  type: 'support' | 'service' | 'review' | 'legal-request' | 'alert';
  _sd: DisclosureDigests;
}
/**
 * The request of an authority for data.
 */
export interface LegalRequest {
  /**
   * Country whose authority asked.
   */
  country: string;
  /**
   * On what footing it asked.
   */
  kind: 'court-order' | 'administrative-order' | 'mutual-assistance' | 'emergency' | 'informal';
  /**
   * What came of it.
   */
  outcome: 'complied' | 'partly-complied' | 'refused' | 'contested' | 'pending';
}
/**
 * Whether somebody had to agree to the access, and did.
 */
export interface AccessApproval {
  /**
   * True if the access needed approval.
   */
  required: boolean;
  /**
   * What was decided; none if nobody decided.
   */
  decision: 'granted' | 'denied' | 'none';
  /**
   * When the approval ends.
   */
  expires?: string;
  _sd?: DisclosureDigests;
}
/**
 * What a recorder of data access counted in one period, zero counts included, set against the vendor's own count. Whoever replays the log counts again. Its one subject is the SHA-256 of the origin in UTF-8.
 */
export interface PeriodSummaryPredicate {
  ledger: LedgerBinding;
  /**
   * When the period was closed and signed for.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  period: Period;
  summarised: SummarisedEvents;
  counts: AccessCounts;
  /**
   * Events that the recorder counted.
   */
  gatewayCount: number;
  /**
   * Events that the vendor counted in its own systems.
   */
  vendorCount: number;
  /**
   * Events that one of the two has and the other has not; at least the difference of their counts.
   */
  unexplained: number;
  remarks: Remarks;
}
/**
 * A stretch of time: from its beginning up to, but not including, its end, which is later.
 */
export interface Period {
  /**
   * Its beginning.
   */
  from: string;
  /**
   * Its end.
   */
  to: string;
}
/**
 * A range of numbers of one source.
 */
export interface SummarisedEvents {
  /**
   * Id of the source whose events are counted.
   */
  source: string;
  /**
   * Number of the first event of the period.
   */
  seqFrom: number;
  /**
   * One more than the number of the last event; equal to seqFrom if there was none.
   */
  seqTo: number;
}
/**
 * Events counted by activity, by country and by reason.
 */
export interface AccessCounts {
  byActivity: CountsByActivity;
  /**
   * By the country in which the actor was; only countries with events, in ascending order.
   */
  byCountry: CountryCount[];
  byReason: CountsByReason;
}
/**
 * Events by activity.
 */
export interface CountsByActivity {
  /**
   * Events of activity store.
   */
  store: number;
  /**
   * Events of activity alter.
   */
  alter: number;
  /**
   * Events of activity read.
   */
  read: number;
  /**
   * Events of activity disclose.
   */
  disclose: number;
  /**
   * Events of activity delete.
   */
  delete: number;
  /**
   * Events of activity destroy.
   */
  destroy: number;
}
/**
 * Events of one country.
 */
export interface CountryCount {
  /**
   * Country in which the actor was.
   */
  country: string;
  /**
   * How many events.
   */
  count: number;
}
/**
 * Events by type of reason.
 */
export interface CountsByReason {
  /**
   * Events with reason support.
   */
  support: number;
  /**
   * Events with reason service.
   */
  service: number;
  /**
   * Events with reason review.
   */
  review: number;
  /**
   * Events with reason legal-request.
   */
  'legal-request': number;
  /**
   * Events with reason alert.
   */
  alert: number;
}
/**
 * Where the data of one region are, or are to be, stored and processed. The last statement about a region and its categories holds. Its one subject is the SHA-256 of the origin in UTF-8.
 */
export interface ResidencyPredicate {
  ledger: LedgerBinding;
  /**
   * When the statement was made.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  /**
   * Region whose customers' data it is about, for example europe.
   */
  region: string;
  /**
   * Categories of data, for example threat-statistics.
   *
   * Items: A short machine-readable name: lowercase letters, digits, dot, hyphen, underscore; it begins with a letter or digit.
   */
  categories: string[];
  /**
   * Countries in which the data were before.
   *
   * Items: A country as two capital letters (ISO 3166-1 alpha-2).
   */
  from: string[];
  /**
   * Countries in which the data are from then on.
   *
   * Items: A country as two capital letters (ISO 3166-1 alpha-2).
   */
  to: string[];
  /**
   * announced: promised; migrating: under way; complete: done; regressed: data are again where they must not be; corrected: an earlier statement was wrong.
   */
  phase: 'announced' | 'migrating' | 'complete' | 'regressed' | 'corrected';
  /**
   * From when it holds; for a promise, the promised date.
   */
  effectiveAt: string;
  /**
   * Copies that remain elsewhere; empty if none.
   */
  residualCopies: ResidualCopy[];
  exceptions: Remarks;
}
/**
 * A copy that remains outside of the countries named.
 */
export interface ResidualCopy {
  /**
   * Country in which the copy is.
   */
  country: string;
  /**
   * What it is, and why it remains.
   */
  what: string;
  /**
   * When it will be gone.
   */
  until?: string;
}
/**
 * What the supervisor says for itself: the outcome of an inspection or of a period, an incident, or how independent it is. Its one subject is the SHA-256 of the origin in UTF-8.
 */
export interface SupervisorStatementPredicate {
  ledger: LedgerBinding;
  /**
   * When the statement was made.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  /**
   * inspection of one place or matter; periodic report; incident; independence of the supervisor; funding of the supervisor.
   */
  kind: 'inspection' | 'periodic' | 'incident' | 'independence' | 'funding';
  period: Period;
  /**
   * What was looked at, one matter to a line.
   *
   * Items: One line for people. No control characters and none that turn the direction of writing or print as nothing (two names could look alike, and one text like another), no space at either end.
   */
  scope: string[];
  /**
   * satisfied; limited-assurance: nothing came to notice, on limited work; not-satisfied; unable: no conclusion could be reached.
   */
  conclusion: 'satisfied' | 'limited-assurance' | 'not-satisfied' | 'unable';
  limitations: Remarks;
  /**
   * When the next statement of this kind is due.
   */
  nextDue?: string;
  report?: ArtifactDigest;
}
/**
 * Says that a recorded leaf is not to be taken as it stands. The leaf remains; every view of it shows the correction. Its one subject has the target's leaf hash for its only digest.
 */
export interface CorrectionPredicate {
  ledger: LedgerBinding;
  /**
   * When the correction was made.
   */
  occurredAt: string;
  source: EventSource;
  refs?: References;
  /**
   * Leaf hash of the leaf that is corrected. It stands below this one.
   */
  target: string;
  /**
   * erratum: something in it is wrong; dispute: what it says is contested; retraction: it is taken back whole.
   */
  kind: 'erratum' | 'dispute' | 'retraction';
  /**
   * Why, in a sentence that names no person.
   */
  reason: string;
  /**
   * Leaf hash of the leaf that stands in its place, where there is one.
   */
  replacement?: string;
}
/**
 * What a verifier, a monitor or a customer pins. The supervisor publishes it out of band; nothing in it is ever refreshed from the server.
 */
export interface TrustFile {
  /**
   * Identifies the format.
   */
  format: 'isal-trust/v1';
  /**
   * A tlog-policy: log keys (a log line may carry the log's URL), witnesses, quorum.
   */
  policy: string;
  /**
   * Leaf hash of leaf 0, the first authority document.
   */
  genesis: string;
  authority?: PinnedAuthority;
  /**
   * Oldest cosignature that counts in online verification, in seconds.
   */
  maxAge?: number;
  /**
   * Size of tree that the log is known to have reached; a smaller checkpoint is refused.
   */
  minSize?: number;
  seals?: SealTrust;
}
/**
 * An authority document, known to have been in force at a size of the tree.
 */
export interface PinnedAuthority {
  /**
   * Leaf hash of the document.
   */
  leafHash: string;
  /**
   * Size of the tree at which it was in force.
   */
  asOfSize: number;
}
/**
 * Who is believed about electronic seals.
 */
export interface SealTrust {
  anchors: PinnedCertificates;
  timestampAnchors: PinnedCertificates;
  /**
   * Organisations whose seals count, by organizationIdentifier (ETSI EN 319 412-1); those of others are left open. Without it, every organisation that the anchors vouch for counts.
   *
   * Items: For example NTRCH-CHE-123.456.789.
   */
  organisations?: string[];
}
/**
 * All that an answer rests on, in one file that verifies offline (.isal-bundle): canonical JSON of at most 4 MiB. Every proof leads to the one checkpoint. The leaves are leaf 0, every authority document up to the one that the entries name, and the entries; in ascending order of their indices, distinct.
 */
export interface Bundle {
  /**
   * Identifies the format.
   */
  format: 'isal-bundle/v1';
  /**
   * The signed note of the checkpoint, verbatim.
   */
  checkpoint: string;
  /**
   * Leaves with their inclusion proofs.
   */
  leaves: BundleLeaf[];
}
/**
 * A leaf and its place in the tree.
 */
export interface BundleLeaf {
  /**
   * Index of the leaf.
   */
  index: number;
  /**
   * The bytes of the leaf (a canonical envelope) as text.
   */
  leaf: string;
  /**
   * Hashes of the inclusion proof, from the leaf upwards.
   *
   * Items: 32 bytes in standard padded base64: a tree hash or an Ed25519 public key.
   */
  proof: string[];
}
/**
 * Proof that a log, a source or witnesses have broken their word, in one file that verifies offline with nothing but a trust file: canonical JSON of at most 4 MiB. It has the format and exactly one other member, which is the kind of the evidence.
 */
export interface EvidenceFile {
  /**
   * Identifies the format.
   */
  format: 'isal-evidence/v1';
  fork?: ForkShown;
  rollback?: RollbackShown;
  'unauthorised-leaf'?: UnauthorisedShown;
  equivocation?: EquivocationShown;
  'broken-promise'?: BrokenPromiseShown;
}
/**
 * Two checkpoints of one log that no one history can have. The consistency proof leads from another older root than the one signed to the newer checkpoint.
 */
export interface ForkShown {
  /**
   * The checkpoint of the larger size, or of the same.
   */
  newer: string;
  /**
   * The checkpoint of the smaller size, or of the same.
   */
  older: string;
  /**
   * The root that the history of the newer checkpoint has at the older size; at the same size, the newer root.
   */
  olderRoot: string;
  proof: ProofHashes;
}
/**
 * Two checkpoints, each with a quorum. At least one witness has cosigned both, the smaller at the later time.
 */
export interface RollbackShown {
  /**
   * The checkpoint of the larger size.
   */
  larger: string;
  /**
   * The checkpoint of the smaller size, cosigned later.
   */
  smaller: string;
}
/**
 * A leaf in the tree of a checkpoint, and what decides who was allowed to record it.
 */
export interface UnauthorisedShown {
  /**
   * A checkpoint of the log; every proof leads to it.
   */
  checkpoint: string;
  leaf: PlacedLeaf;
  documents: DocumentChain;
  below?: LeavesBelow;
}
/**
 * A leaf and its place in the tree of the checkpoint.
 */
export interface PlacedLeaf {
  /**
   * Index of the leaf.
   */
  index: number;
  /**
   * The bytes of the leaf in base64.
   */
  leaf: string;
  proof: ProofHashes;
}
/**
 * The leaf hash of every leaf below an index, which shows that a leaf that is named is not among them.
 */
export interface LeavesBelow {
  /**
   * The leaf hashes in order, 32 bytes each, all together in standard padded base64; at most 65,536.
   */
  leafHashes: string;
  proof: ProofHashes;
}
/**
 * Two envelopes, each duly authorised, with one number of one source.
 */
export interface EquivocationShown {
  /**
   * A checkpoint of the log; every proof leads to it.
   */
  checkpoint: string;
  documents: DocumentChain;
  recorded: PlacedLeaf;
  other: OtherLeaf;
}
/**
 * An envelope that a source has signed. Index and proof are both there if the log has recorded it, and both absent if not.
 */
export interface OtherLeaf {
  /**
   * Index of the leaf, if it was recorded.
   */
  index?: number;
  /**
   * The bytes of the envelope in base64.
   */
  leaf: string;
  proof?: ProofHashes;
}
/**
 * A receipt, and another checkpoint of the log that has another leaf at the same index.
 */
export interface BrokenPromiseShown {
  /**
   * The tlog-proof that the log answered with, verbatim; its extra line is the leaf.
   */
  receipt: string;
  /**
   * Another checkpoint of the log, older or newer than that of the receipt.
   */
  checkpoint: string;
  /**
   * Leaf hash of what that checkpoint has at the index of the receipt.
   */
  leafHash: string;
  proof: ProofHashes;
}
/**
 * config.json of a ledger's directory: what `isal serve` needs to know besides keys and data.
 */
export interface LedgerConfig {
  /**
   * Identifies the format.
   */
  format: 'isal-config/v1';
  /**
   * The log's name for all time.
   */
  origin: string;
  /**
   * Whether checkpoints are signed with ML-DSA-44 beside Ed25519.
   */
  postQuantum: boolean;
  /**
   * Address to listen on; 127.0.0.1 where absent.
   */
  host?: string;
  /**
   * Port to listen on; 6962 where absent, 0 for any free one.
   */
  port?: number;
  /**
   * Path below which everything is served, for example /2026; the root where absent.
   */
  prefix?: string;
  /**
   * Where Prometheus may ask for metrics; nowhere where absent. For the operator alone, so not where the public listens.
   */
  metrics?: {
    /**
     * Address to listen on.
     */
    host: string;
    /**
     * Port to listen on; 0 for any free one.
     */
    port: number;
  };
  /**
   * Seconds; of every such stretch of time the last cosigned checkpoint is kept for ever. 3600 where absent.
   */
  archiveInterval?: number;
}
/**
 * What `isal monitor` follows: logs by their pinned trust files, rules, and where findings go.
 */
export interface WatchList {
  /**
   * Identifies the format.
   */
  format: 'isal-watch/v1';
  /**
   * The logs, each once.
   */
  logs: WatchedLog[];
  webhook?: Webhook;
  /**
   * Seconds between two rounds of `run`, a week at most; 60 where absent.
   */
  interval?: number;
}
/**
 * A log, what is pinned of it, and what to report of its entries.
 */
export interface WatchedLog {
  /**
   * Path of the pinned trust file; a relative one is taken from the watch list's directory.
   */
  trust: string;
  /**
   * Where the log is read; the URL in the trust file where absent.
   */
  url?: string;
  /**
   * Seconds that the witnesses' cosignatures may be old, in place of the trust file's maxAge; not with quorum none.
   */
  maxAge?: number;
  /**
   * Seconds for which the log may be out of reach, show an older checkpoint or be behind a witness before that is reported; 600 where absent.
   */
  patience?: number;
  /**
   * What to report, beside what every log is watched for.
   */
  rules: (ProductRule | DigestRule | SignerRule | TypeRule | UnauthorisedRule | GapRule | SilenceRule)[];
}
/**
 * Every build of a product.
 */
export interface ProductRule {
  /**
   * Kind of rule.
   */
  alert: 'product';
  /**
   * Name of the product, as builds give it.
   */
  product: string;
  /**
   * A name of your own, repeated in what the rule finds.
   */
  label?: string;
}
/**
 * Every entry about a file.
 */
export interface DigestRule {
  /**
   * Kind of rule.
   */
  alert: 'digest';
  digest: ArtifactDigest;
  /**
   * A name of your own, repeated in what the rule finds.
   */
  label?: string;
}
/**
 * Every use of a key.
 */
export interface SignerRule {
  /**
   * Kind of rule.
   */
  alert: 'signer';
  /**
   * SHA-256 of the raw public key.
   */
  keyid: string;
  /**
   * A name of your own, repeated in what the rule finds.
   */
  label?: string;
}
/**
 * Every entry of a type.
 */
export interface TypeRule {
  /**
   * Kind of rule.
   */
  alert: 'type';
  /**
   * Attestation type.
   */
  type:
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
    | 'correction';
  /**
   * A name of your own, repeated in what the rule finds.
   */
  label?: string;
}
/**
 * Leaves that were not entitled to be recorded. They are reported in any case; the rule gives them a label.
 */
export interface UnauthorisedRule {
  /**
   * Kind of rule.
   */
  alert: 'unauthorised';
  /**
   * A name of your own, repeated in what the rule finds.
   */
  label?: string;
}
/**
 * Numbers that a source has skipped. They are reported in any case, after an hour; the rule changes that time.
 */
export interface GapRule {
  /**
   * Kind of rule.
   */
  alert: 'gap';
  /**
   * Id of the source; every source without a rule of its own where absent.
   */
  source?: string;
  /**
   * Seconds for which a number may be missing: parties submit at the same time, so a later number may be recorded first.
   */
  after: number;
  /**
   * A name of your own, repeated in what the rule finds.
   */
  label?: string;
}
/**
 * No entry for longer than was promised.
 */
export interface SilenceRule {
  /**
   * Kind of rule.
   */
  alert: 'silence';
  /**
   * Id of the source; the whole log where absent.
   */
  source?: string;
  /**
   * Longest time between two entries, by the time that the entries give.
   */
  seconds: number;
  /**
   * A name of your own, repeated in what the rule finds.
   */
  label?: string;
}
/**
 * Where findings are sent, one POST with a JSON body for each.
 */
export interface Webhook {
  /**
   * The address; redirects are not followed.
   */
  url: string;
  /**
   * Value of the Authorization header.
   */
  authorization?: string;
}
