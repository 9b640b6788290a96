/**
 * The parts of a ledger, put together in the order in which they rest on each
 * other. None closes over a later one: what one finds out and another needs
 * goes through `LogStates`.
 *
 *     configured   from the options alone: signer, witnesses, leaf 0
 *     recovered    from store and anchor (open.ts)
 *     assembled    from both
 */
import { toHex } from '../bytes.ts';
import type { LedgerError } from '../errors.ts';
import { defined } from '../defined.ts';
import type { VerifySignatureMaybeAsync } from '../attestation/authority.ts';
import type { AnchorState } from '../cosigner/cosigner.ts';
import type { SignerKey } from '../note/key.ts';
import type { Policy } from '../note/policy.ts';
import { verifyEd25519Async } from '../platform/ed25519.node.ts';
import type { Signer } from '../signer/signer.ts';
import type { Storage } from '../storage/storage.ts';
import { headOf } from '../tlog/head.ts';
import { Archive, defaultArchiveInterval } from './archive.ts';
import type { EvidenceStore } from './conflicts/evidence-directory.ts';
import { NumberConflicts, type KeptEvidence } from './conflicts/number-conflicts.ts';
import { openGenesis, type Genesis } from './genesis.ts';
import { Intake } from './intake.ts';
import type { Recovered } from './open.ts';
import {
  Publisher,
  defaultRoundTimes,
  type Publication,
  type PublisherParts,
  type RoundTimes,
} from './publisher.ts';
import { Reader } from './reader.ts';
import { Sequencer, defaultLimits, type SequencerLimits } from './sequencer.ts';
import { Committer } from './store/committer.ts';
import { Failure } from './store/failure.ts';
import { LogStates } from './store/log-states.ts';
import { TileStore } from './store/tile-store.ts';
import { Witnesses, type WitnessStatus } from './witnessing/witness-round.ts';

/** Of a ledger that signs in its own process. */
export interface LedgerOptions extends LedgerSettings {
  readonly anchor: AnchorState;
  /** The log's own signer keys: Ed25519 (type 1), and ML-DSA-44 (type 6) if wanted. */
  readonly logKeys: readonly SignerKey[];
}

/** All but the signer. */
export interface LedgerSettings {
  /** Handed over: the ledger closes it, also when it cannot be opened. */
  readonly storage: Storage;
  /** The bytes of leaf 0. */
  readonly genesis: Uint8Array;
  readonly origin: string;
  /** Whose cosignatures every published checkpoint has; of no witness unless given, or with `quorum none`. */
  readonly policy?: Policy;
  readonly witnessing?: Partial<Witnessing>;
  readonly limits?: Partial<SequencerLimits>;
  /** The Ed25519 rule, on other threads unless given. */
  readonly verify?: VerifySignatureMaybeAsync;
  /** Milliseconds since the epoch, against which deadlines are held and the archive is kept. */
  readonly now?: () => number;
  /** Seconds; of every such stretch of time the last checkpoint is kept. 3600 unless given. */
  readonly archiveInterval?: number;
  /** Where evidence of number conflicts is kept; nowhere unless given. */
  readonly evidence?: {
    readonly store: EvidenceStore;
    /** Told of every file that was written, and of every one that could not be. */
    readonly onKept?: (kept: KeptEvidence) => void;
  };
  /** What an opening found damaged; nothing is then written or signed, and what verifies is served. */
  readonly damage?: LedgerError;
  /** Makes the publisher; a harness that must be able to fail puts a faulty one here. */
  readonly publisher?: (parts: PublisherParts) => Publication;
}

/** How witnesses are dealt with. */
export interface Witnessing {
  /** How long one witness, and so one round, may take. 5 s unless given. */
  readonly timeoutMs: number;
  readonly times: Partial<RoundTimes>;
  /** Told when a witness's state changes. */
  readonly onChange: (status: WitnessStatus) => void;
}

const defaultWitnessTimeoutMs = 5_000;

/** What the options alone make. */
export interface Configured {
  readonly failure: Failure;
  readonly genesis: Genesis;
  readonly signer: Signer;
  /** Undefined, as are the witnesses, where no quorum is asked for. */
  readonly policy: Policy | undefined;
  readonly witnesses: Witnesses | undefined;
}

export interface LedgerParts {
  readonly storage: Storage;
  readonly failure: Failure;
  readonly states: LogStates;
  readonly committer: Committer;
  readonly signer: Signer;
  readonly witnesses: Witnesses | undefined;
  readonly archive: Archive;
  readonly publication: Publication;
  readonly reader: Reader;
  readonly conflicts: NumberConflicts | undefined;
  readonly sequencer: Sequencer;
  readonly intake: Intake;
}

/**
 * Refuses options under which no ledger can be served, before its store is
 * touched. Throws `malformed-policy`, `origin-mismatch` and what else
 * `openGenesis` throws.
 */
export function configure(options: LedgerSettings, signer: Signer): Configured {
  const { origin, now = Date.now } = options;
  const failure = new Failure();
  if (options.damage !== undefined) failure.damaged(options.damage);
  // What it anchored last is not known without it: the next opening finds out.
  void signer.lost.then((error) => failure.stop(error));
  const { keys } = signer;
  const policy = options.policy?.quorum === 'none' ? undefined : options.policy;
  const { timeoutMs = defaultWitnessTimeoutMs, onChange } = options.witnessing ?? {};
  const witnesses =
    policy === undefined
      ? undefined
      : new Witnesses({ policy, origin, keys, failure, now, timeoutMs, ...defined({ onChange }) });
  return { failure, genesis: openGenesis(options.genesis, origin), signer, policy, witnesses };
}

/** Builds the parts from what was recovered; nothing runs yet, and nothing is written. */
export function assemble(options: LedgerSettings, configured: Configured, recovered: Recovered): LedgerParts {
  const { storage, origin, verify = verifyEd25519Async, now = Date.now } = options;
  const { failure, signer, witnesses } = configured;
  const { committed, newest, missing } = recovered;
  const states = new LogStates(recovered);
  const tiles = new TileStore(storage);
  const stored = missing === undefined ? headOf(committed.tree) : undefined;
  const committer = new Committer(storage, stored, failure);
  const archive = new Archive({
    storage,
    committer,
    failure,
    origin,
    states,
    tiles,
    now,
    interval: options.archiveInterval ?? defaultArchiveInterval,
    newest,
  });
  const makePublisher = options.publisher ?? ((parts: PublisherParts) => new Publisher(parts));
  const publication = makePublisher({
    signer,
    tiles,
    archive,
    failure,
    states,
    witnesses,
    times: { ...defaultRoundTimes, ...options.witnessing?.times },
  });
  const reader = new Reader({ storage, tiles, failure, states, signer });
  const conflicts = collectConflicts(options, configured, { reader, publication });
  const sequencer = new Sequencer({
    storage,
    committer,
    tiles,
    failure,
    states,
    limits: { ...defaultLimits, ...options.limits },
    onConflict: (conflict) => conflicts?.refused(conflict),
  });
  const intake = new Intake({ sequencer, states, failure, verify });
  return {
    storage,
    failure,
    states,
    committer,
    signer,
    witnesses,
    archive,
    publication,
    reader,
    conflicts,
    sequencer,
    intake,
  };
}

function collectConflicts(
  { storage, origin, evidence }: LedgerSettings,
  { signer, genesis }: Configured,
  { reader, publication }: Pick<LedgerParts, 'reader' | 'publication'>,
): NumberConflicts | undefined {
  if (evidence === undefined) return undefined;
  return new NumberConflicts({
    store: evidence.store,
    onKept: evidence.onKept ?? (() => {}),
    storage,
    reader,
    reached: (size) => publication.reached(size),
    keys: signer.keys,
    origin,
    genesis: toHex(genesis.attestation.leafHash),
  });
}
