/**
 * The hops of a verdict: what is said of a file, one fact at a time. Each is a
 * member of one union, so that the answer, the requirements, the JSON and the
 * words all derive from what the hop is, and none of them from its text.
 *
 *   recorded, built | updated, chain, source, reviewed, rebuilt, sealed, keys   of one entry about the file
 *   checkpoint, authority, file                                                 where the judging ended early
 *   revocations, corrections, replayed, more                                    of the whole answer
 *
 * Inclusion proves that something is there. That something is *not* there (no
 * correction, no later authority document that revokes a key, no review) is
 * never proven by a bundle, so it is never more than `not-shown`, unless a
 * replay of the whole log has looked at every leaf.
 *
 * Strings hold text from signed statements: escape them before they meet a
 * terminal or a page.
 */
import type { ErrorCode } from '../../../errors.ts';
import type {
  BuildPredicate,
  CorrectionPredicate,
  DatabaseUpdatePredicate,
  RebuildResultPredicate,
  SourceReviewPredicate,
  SourceSnapshotPredicate,
} from '../../../attestation/types.ts';
import type { OpenReason } from '../../../seal/seal.ts';
import type { ChainVerdict } from '../../folds/chain-verdict.ts';
import type { Agreement, DigestAlgorithm } from '../../../attestation/digests.ts';
import type { LinkKind } from '../../folds/update-chain.ts';
import type { Mark } from '../../mark.ts';

/** What every hop has. */
interface Said<N extends string> {
  readonly hop: N;
  readonly mark: Mark;
  /** Proven, and less than its name may seem to say. */
  readonly qualified?: true;
  /** The leaf that the hop rests on. */
  readonly index?: number;
  /** Leaf hash of that leaf, lowercase hex. */
  readonly leafHash?: string;
  /** The entry about the file to which the hop belongs; absent where it belongs to the whole answer. */
  readonly entry?: number;
  /** What it was contradicted or refused for. */
  readonly code?: ErrorCode;
  /** A leaf that it rests on was corrected, or signed with a key that had been stolen by then. */
  readonly spoilt?: Spoilt;
  /** It stands for itself and all others like it, which are not listed. */
  readonly more?: true;
}

export type Spoilt =
  | { readonly by: 'correction'; readonly target: number; readonly correction: number }
  | {
      readonly by: 'key';
      /** The leaf that it signed. */
      readonly leaf: number;
      readonly keyid: string;
      readonly name: string;
      readonly status: string;
    };

/** Where the judging ended: what the error said. */
interface Refused<N extends string> extends Said<N> {
  readonly state: 'refused';
  readonly code: ErrorCode;
  /** The developer's text of the error. */
  readonly reason: string;
}

/** A name with the organisation that it signs for. */
export interface Signatory {
  readonly name: string;
  readonly organisation: string;
}

/** A statement by its leaf and the version that it is of. */
export interface VersionAt {
  readonly version: string;
  readonly index: number;
}

export type CheckpointHop = Refused<'checkpoint'>;

export type RecordedHop =
  | Refused<'recorded'>
  | (Said<'recorded'> & {
      readonly state: 'recorded';
      readonly index: number;
      readonly leafHash: string;
      readonly size: number;
      readonly witnesses: number;
      /** Witnesses that the policy lists. */
      readonly witnessesListed: number;
    })
  | (Said<'recorded'> & {
      /** By a tlog-proof, which shows one leaf in the tree. */
      readonly state: 'included';
      readonly index: number;
      readonly size: number;
      /** Base64. */
      readonly root: string;
    });

export type AuthorityHop =
  | Refused<'authority'>
  /** A tlog-proof does not show who was allowed to record the entry. */
  | (Said<'authority'> & { readonly state: 'unproven' });

export type FileHop =
  | Refused<'file'>
  | (Said<'file'> & {
      readonly state: 'absent';
      /** Whose word it is: what a bundle holds, what a ledger shows, what all leaves hold, what a proof is of. */
      readonly among: 'bundle' | 'ledger' | 'all-leaves' | 'proof';
      readonly size?: number;
    });

export type BuiltHop = Said<'built'> &
  Pick<
    BuildPredicate['isal_supervision'],
    'product' | 'version' | 'facility' | 'country' | 'presence' | 'occurredAt'
  > & {
    /** Deviations from procedure that were declared. */
    readonly deviations: number;
  };

export type UpdatedHop = Said<'updated'> &
  Pick<
    DatabaseUpdatePredicate,
    'family' | 'version' | 'kind' | 'facility' | 'country' | 'occurredAt' | 'review'
  > & {
    /** The version that it follows; null for the first of its family. */
    readonly previous: string | null;
  };

export type ChainHop = Said<'chain'> & {
  readonly end: ChainVerdict<unknown>['end'];
  /** Updates on the way, the one about the file among them. */
  readonly updates: number;
  /** The leaf of the last one back. */
  readonly oldest: number;
  readonly version: string;
  /** The version that the last one back follows; absent for a first one. */
  readonly before?: string;
  /** Where it is open or broken. */
  readonly link?: LinkKind;
  readonly at?: VersionAt & { readonly previous?: number };
  /** A rollback to a state that nothing before it records. */
  readonly lost?: VersionAt;
  /** Recorded after what follows it. */
  readonly late?: VersionAt;
  readonly size: number;
  /** Whether every update of the log was looked at. */
  readonly complete: boolean;
};

/** That nothing of a kind is shown, or, with `absent`, that there is none among all leaves. */
interface None {
  readonly state: 'none';
  readonly size: number;
  readonly absent?: true;
}

/** What a snapshot of source is of, and whether that is what the file was made from. */
export interface SnapshotOf {
  /** The leaf of the snapshot. */
  readonly snapshot: number;
  readonly product: string;
  readonly kind: SourceSnapshotPredicate['kind'];
  /** The scripts that build a product, or a library in it, may be in escrow while the product is not. */
  readonly own: boolean;
}

/** The manifest of a source. */
export interface Manifest {
  readonly files: number;
  readonly algorithm: string;
  readonly value: string;
}

export type SourceHop =
  | (Said<'source'> &
      None & {
        /** What the entry is that names no escrowed source. */
        readonly of: 'build' | 'update';
        /** The first input that it names by a digest, and how many there are. */
        readonly inputs: number;
        readonly input?: string;
        readonly algorithm?: string;
        readonly digest?: string;
      })
  /** One digest of the manifest is that of the input, and another is not. */
  | (Said<'source'> & SnapshotOf & Manifest & { readonly state: 'conflict'; readonly index: number })
  | (Said<'source'> &
      SnapshotOf &
      Manifest & {
        readonly state: 'snapshot';
        readonly index: number;
        readonly version: string;
        readonly site: string;
        readonly country: string;
        /** What keeps it from being the source of this file: of another kind, of another product. */
        readonly suits: boolean;
        readonly ofProduct: boolean;
        readonly of: 'build' | 'update';
        readonly recordedAfter: boolean;
      });

export type ReviewedHop =
  | (Said<'reviewed'> & None & { readonly snapshot?: number })
  | (Said<'reviewed'> &
      SnapshotOf &
      Pick<SourceReviewPredicate, 'depth' | 'result' | 'presence'> & {
        readonly state: 'review';
        readonly index: number;
        /** Whether the digests that it gives of the snapshot are those of the snapshot. */
        readonly agreement: Agreement;
        /** Full, and of no fewer files than the snapshot has. */
        readonly whole: boolean;
        readonly filesCovered: number;
        readonly filesTotal: number;
        readonly snapshotFiles: number;
        /** How many, and of which severity. */
        readonly findings: number;
        readonly severities: SourceReviewPredicate['findings'];
        readonly limitations: number;
        /** By the organisation that made the file. */
        readonly byMaker: boolean;
        /** By one that is not that one and whose name looks like its. */
        readonly likeMaker?: true;
      });

export type RebuiltHop =
  | (Said<'rebuilt'> & None)
  | (Said<'rebuilt'> &
      Pick<RebuildResultPredicate, 'verdict' | 'unexplainedBytes' | 'independence'> & {
        readonly state: 'rebuild';
        readonly index: number;
        /** Whether the digests that it gives of the file are those of the file. */
        readonly agreement: Agreement;
        /** What the rebuilder says of its independence; a rebuild by the maker of the file is by the vendor all the same. */
        readonly stated: RebuildResultPredicate['independence'];
        /** By an organisation whose name looks like that of the one that made the file. */
        readonly likeMaker?: true;
        readonly normalisations: readonly string[];
        readonly limitations: number;
        /** Called identical, and by this digest it is not. */
        readonly wrong?: DigestAlgorithm;
        /** It differed and says nothing any more. */
        readonly retractedBy?: number;
        /** It differed and was corrected, and still stands. */
        readonly correctedBy?: number;
      });

/** Of several seals over the file in one entry, which one it is, from 0. */
interface Nth {
  readonly nth: number;
}

export type SealedHop =
  | (Refused<'sealed'> & Nth)
  | (Said<'sealed'> & { readonly state: 'unread'; readonly count: number })
  | (Said<'sealed'> &
      Nth & {
        readonly state: 'seal';
        readonly index: number;
        /** As the certificate of the seal says; only a claim unless the hop is proven. */
        readonly holder: string;
        readonly organisation?: string;
        readonly organisationIdentifier?: string;
        readonly commonName?: string;
        readonly country?: string;
        readonly issuer: string;
        /** Of the certificate, lowercase hex. */
        readonly certificateSha256: string;
        readonly key: string;
        readonly hash: string;
        /** Milliseconds, by the time-stamp. */
        readonly time?: number;
        /** The TSA. */
        readonly tsa?: string;
        readonly forSeals?: true;
        readonly legislation: readonly string[];
        /** What is missing; absent in a hop that is proven. */
        readonly open?: { readonly reason: OpenReason; readonly text: string };
        /** Whether revocation lists that count were shown for every certificate below the trust anchors. */
        readonly covered: boolean;
        /** Milliseconds, when the certificate was revoked after the seal. */
        readonly revokedLater?: number;
      });

export type KeysHop = Said<'keys'> & {
  readonly signers: readonly Signatory[];
  /** Two organisations that dual control counted as two, and whose names look alike. */
  readonly lookAlikes?: readonly [string, string];
  /** The authority document that the signers named. */
  readonly authorityIndex: number;
  readonly authorityVersion: number;
};

export type RevocationsHop = Said<'revocations'> & {
  readonly size: number;
  readonly newestAuthority: number;
  readonly version: number;
  /** Keys behind the answer that were replaced or revoked since, which takes nothing back. */
  readonly since: readonly { readonly keyid: string; readonly name: string; readonly status: string }[];
};

export type CorrectionsHop =
  | (Said<'corrections'> & { readonly state: 'none'; readonly size: number })
  | (Said<'corrections'> & {
      readonly state: 'correction';
      readonly index: number;
      /** The leaf that is corrected. */
      readonly target: number;
      readonly kind: CorrectionPredicate['kind'];
      readonly by: readonly Signatory[];
      readonly statedReason: string;
    });

export type ReplayedHop =
  | (Said<'replayed'> & {
      readonly state: 'clean';
      readonly size: number;
      /** Entries about the file in the whole log, and those among them that the answer is not about. */
      readonly entries: number;
      readonly others: readonly number[];
    })
  | (Said<'replayed'> & {
      readonly state: 'findings';
      readonly size: number;
      /** Leaves that were not entitled to their places, and what the first of them was refused for. */
      readonly findings: number;
      readonly code: ErrorCode;
      readonly reason: string;
    });

/** The ledger has more about the file than went into the answer. */
export type MoreHop = Said<'more'>;

export type Hop =
  | CheckpointHop
  | RecordedHop
  | AuthorityHop
  | FileHop
  | BuiltHop
  | UpdatedHop
  | ChainHop
  | SourceHop
  | ReviewedHop
  | RebuiltHop
  | SealedHop
  | KeysHop
  | RevocationsHop
  | CorrectionsHop
  | ReplayedHop
  | MoreHop;

export type HopName = Hop['hop'];
export type HopOf<N extends HopName> = Extract<Hop, { readonly hop: N }>;

/** Where the judging of a file can end early, in this order. */
export type Stage = 'checkpoint' | 'recorded' | 'authority' | 'file';
