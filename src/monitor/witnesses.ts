/**
 * What the witnesses hold of a log (c2sp.org/tlog-witness, monitoring
 * retrieval): `GET <prefix>/<hex sha256(origin)>/checkpoint`. A log that shows
 * one history to its monitors and another to its witnesses is found out here.
 *
 *   same      the checkpoint that the monitor has
 *   behind    an earlier one, of the same history
 *   ahead     a larger one; not (yet) shown to contradict, as the log publishes
 *             only after its witnesses have signed
 *   fork      another history: the two checkpoints convict the log
 *   silent    no answer, or none that this witness has signed
 */
import { sha256 } from '#sha256';
import { equal, toHex, utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import { maxNoteBytes } from '../note/note.ts';
import { verifyCheckpoint } from '../note/quorum.ts';
import type { Policy, PolicyWitness } from '../note/policy.ts';
import type { LogClient } from '../verifier/proving/log-client.ts';
import type { FetchPath } from '../verifier/proving/tile-reader.ts';
import type { Fork } from './fork.ts';

/** A witness of the policy that has a URL; one that signs with two keys is two lines with one URL. */
export interface WitnessReader {
  readonly witnesses: readonly PolicyWitness[];
  readonly fetchPath: FetchPath;
}

export interface WitnessView {
  /** Names in the policy. */
  readonly name: string;
  readonly state: 'same' | 'behind' | 'ahead' | 'fork' | 'silent';
  readonly size?: number;
  /** Why it is silent. */
  readonly reason?: string;
  readonly fork?: Fork;
}

/** The witnesses of a policy that can be asked, with the given way to their URLs. */
export function witnessReaders(policy: Policy, fetchFrom: (url: string) => FetchPath): WitnessReader[] {
  const byUrl = new Map<string, PolicyWitness[]>();
  for (const witness of policy.witnesses) {
    if (witness.url !== undefined) byUrl.set(witness.url, [...(byUrl.get(witness.url) ?? []), witness]);
  }
  return [...byUrl].map(([url, witnesses]) => ({ witnesses, fetchPath: fetchFrom(url) }));
}

/** Compares what one witness holds with a verified checkpoint. Throws nothing that the witness or the log causes. */
export async function askWitness(
  { witnesses, fetchPath }: WitnessReader,
  {
    policy,
    client,
    note,
    checkpoint,
    now,
  }: {
    readonly policy: Policy;
    readonly client: LogClient;
    /** Ours, newest and verified. */
    readonly note: Uint8Array;
    readonly checkpoint: Checkpoint;
    readonly now: number;
  },
): Promise<WitnessView> {
  const name = witnesses.map((witness) => witness.name).join(', ');
  try {
    const path = `${toHex(sha256(utf8(checkpoint.origin)))}/checkpoint`;
    const held = await fetchPath(path, maxNoteBytes);
    // Signed by the log and by this very witness, so that neither the network
    // nor a witness alone can make a history up.
    const own: Policy = {
      logs: policy.logs,
      witnesses,
      groups: [{ name: 'this witness', threshold: 1, members: witnesses.map((witness) => witness.name) }],
      quorum: 'this witness',
    };
    const theirs = verifyCheckpoint({ note: held, policy: own, now }).checkpoint;
    return { name, size: theirs.size, ...(await compare(theirs, held)) };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return { name, state: 'silent', reason: `${error.message} (${error.code})` };
  }

  async function compare(theirs: Checkpoint, held: Uint8Array): Promise<Pick<WitnessView, 'state' | 'fork'>> {
    const { size } = checkpoint;
    if (theirs.size === size) {
      if (equal(theirs.root, checkpoint.root)) return { state: 'same' };
      const consistency = { fromRoot: theirs.root, hashes: [] };
      return { state: 'fork', fork: { older: note, newer: held, consistency } };
    }
    const isBehind = theirs.size < size;
    const [older, newer] = isBehind ? [theirs, checkpoint] : [checkpoint, theirs];
    try {
      const consistency = await client.at(newer).consistency(older.size);
      if (equal(consistency.fromRoot, older.root)) return { state: isBehind ? 'behind' : 'ahead' };
      const [olderNote, newerNote] = isBehind ? [held, note] : [note, held];
      return { state: 'fork', fork: { older: olderNote, newer: newerNote, consistency } };
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      // The log does not serve the tree of the larger checkpoint, or not to us.
      return { state: isBehind ? 'behind' : 'ahead' };
    }
  }
}
