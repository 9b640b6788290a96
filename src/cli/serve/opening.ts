/** Opens what `isal serve` serves: the signer's process, the store, and the ledger on both. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import type { KeptEvidence } from '../../ledger/conflicts/number-conflicts.ts';
import { EvidenceDirectory } from '../../ledger/conflicts/evidence-directory.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { defaultRoundTimes } from '../../ledger/publisher.ts';
import type { WitnessStatus } from '../../ledger/witnessing/witness-round.ts';
import { openLevel } from '../../storage/level.ts';
import { DamagedStore } from '../../storage/leveldb/damaged-store.ts';
import type { SignerLink } from '../../signer/remote.ts';
import type { Signer } from '../../signer/signer.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Trust } from '../../verifier/trust.ts';
import type { Given } from '../terminal/command.ts';
import type { Io } from '../terminal/io.ts';
import type { described } from './commands.ts';
import type { LedgerDirectory } from './directory.ts';
import type { Log } from './server-options.ts';
import { now } from './time.ts';
import { reachSigner, startSigner } from './signer-process.ts';

/** Fresh enough for the readers that the trust file is for, with time to spare for two rounds that fail. */
function refreshMs({ maxAge }: Trust): number {
  return Math.min(defaultRoundTimes.refreshMs, maxAge === undefined ? Infinity : (maxAge * 1000) / 3);
}

/**
 * The database first and the anchor after it, which is read only when nobody
 * else can move it any more. A server that is started twice by mistake stops at
 * the database, and the one that runs does not notice.
 */
async function openStore({ database }: LedgerDirectory, link: SignerLink): Promise<OpenStore> {
  const present = await access(join(database, 'CURRENT')).then(
    () => true,
    () => false,
  );
  // A database is made only for a ledger that has committed itself to nothing
  // yet; a missing one is otherwise refused, not replaced by an empty one.
  const create = !present && (await link.open()).anchored.size === 0;
  const opened = await openSound(database, create);
  try {
    return { ...opened, signer: await link.open() };
  } catch (error) {
    await opened.storage.close();
    throw error;
  }
}

interface OpenStore {
  readonly storage: Storage;
  /** What is wrong with it: nothing is then recorded, and what verifies is served. */
  readonly damage?: LedgerError;
  readonly signer: Signer;
}

/**
 * Of a damaged database what is left is served, without LevelDB and for reading alone. So a supervisor that
 * starts the server again and again meets a server that is up, and not the same end each time.
 */
async function openSound(database: string, create: boolean): Promise<Omit<OpenStore, 'signer'>> {
  try {
    return { storage: await openLevel(database, { create }) };
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'store-corrupt') throw error;
    return { storage: await DamagedStore.open(database, error), damage: error };
  }
}

/** The signer's process: a child of this one, or one that runs already. */
export function linkSigner(
  { path, trust }: LedgerDirectory,
  { signer, 'readable-keys': readable }: Given<typeof described.serve>['values'],
): Promise<SignerLink> {
  return signer === undefined ? startSigner(path, { readable }) : reachSigner(signer, trust);
}

/** Closes the link when the ledger cannot be opened. */
export async function openLedger(
  directory: LedgerDirectory,
  link: SignerLink,
  told: { readonly log: Log; readonly io: Io },
): Promise<{ readonly ledger: Ledger; readonly evidence: EvidenceDirectory }> {
  try {
    return await openSigned(directory, link, told);
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function openSigned(
  directory: LedgerDirectory,
  link: SignerLink,
  { log, io }: { readonly log: Log; readonly io: Io },
): Promise<{ readonly ledger: Ledger; readonly evidence: EvidenceDirectory }> {
  const { storage, damage, signer } = await openStore(directory, link);
  const evidence = await EvidenceDirectory.open(directory.evidence).catch(async (error: unknown) => {
    await storage.close();
    throw error;
  });
  const ledger = await Ledger.openWith(signer, {
    storage,
    genesis: directory.genesis,
    origin: directory.config.origin,
    policy: directory.trust.policy,
    witnessing: {
      times: { refreshMs: refreshMs(directory.trust) },
      onChange: (status) => log({ event: 'witness', time: now(io), ...wordsOf(status) }),
    },
    evidence: {
      store: evidence,
      onKept: (kept) => log({ event: 'equivocation', time: now(io), ...factsOf(kept) }),
    },
    ...defined({ archiveInterval: directory.config.archiveInterval, damage }),
  });
  return { ledger, evidence };
}

/** Which number was used twice, and where the evidence is; what was signed stays in the file. */
function factsOf({ error, ...kept }: KeptEvidence): Readonly<Record<string, unknown>> {
  if (error === undefined) return { ...kept };
  const code = error instanceof LedgerError ? error.code : 'internal';
  return { ...kept, code, message: error instanceof Error ? error.message : 'evidence was not kept' };
}

function wordsOf({ names, url, state, error }: WitnessStatus): Readonly<Record<string, unknown>> {
  return { names, url, state, ...defined({ code: error?.code, message: error?.message, got: error?.got }) };
}
