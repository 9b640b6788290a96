/** Histories that the ledger never had, under its own keys: what evidence is made of. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { utf8 } from '../../../src/bytes.ts';
import { signerKey } from '../../../src/note/key.ts';
import type { SignerKey } from '../../../src/note/key.ts';
import { formatNote, parseNote } from '../../../src/note/note.ts';
import { cosign } from '../../../src/note/cosignature.ts';
import { formatProof } from '../../../src/note/proof.ts';
import { proveConsistency } from '../../../src/tlog/consistency.ts';
import { proveInclusion } from '../../../src/tlog/inclusion.ts';
import { hashLeaf } from '../../../src/tlog/hash.ts';
import { tilePath, tilesForSize } from '../../../src/tlog/tile.ts';
import {
  brokenPromiseEvidence,
  equivocationEvidence,
  forkEvidence,
  rollbackEvidence,
  unauthorisedEvidence,
} from '../../../src/verifier/index.ts';
import type { FetchPath, ProvenLeaf } from '../../../src/verifier/index.ts';
import {
  build,
  builder,
  dataAccess,
  databaseUpdate,
  digest,
  supervisor,
} from '../../fixtures/attestations.ts';
import { SampleLog } from '../../verifier/sample-log.ts';
import type { SignOptions } from '../../verifier/sample-log.ts';
import { asOf } from '../place.ts';
import { stranger } from './parties.ts';
import { logKeys, thirdWitness, witnessKeys } from './live.ts';

const seconds = asOf / 1_000;
/** By the Ed25519 key alone: the other's signatures are long, and the ledger's own checkpoints have them. */
const honest = (options: SignOptions = {}): SignOptions => ({
  keys: logKeys.slice(0, 1),
  cosigners: witnessKeys.slice(0, 2),
  time: seconds,
  ...options,
});

/** A small log of the same origin that let in what nobody was entitled to record. */
export function brokenLog(genesis: Uint8Array, authority: string): SampleLog {
  const access = (seq: number): Uint8Array => dataAccess({ authority, seq });
  return new SampleLog([
    genesis,
    build({ authority, seq: 1, file: 'broken-good.bin', signedBy: [builder, supervisor] }),
    access(1),
    build({ authority, seq: 2, file: 'broken-alone.bin', signedBy: [builder] }),
    access(2),
    build({ authority, seq: 3, file: 'broken-stranger.bin', signedBy: [stranger, supervisor] }),
    databaseUpdate({ authority, seq: 1, family: 'broken' }),
    build({ authority, seq: 1, file: 'broken-again.bin', signedBy: [builder, supervisor] }),
    build({ authority: digest('no such document'), seq: 4, file: 'broken-nowhere.bin' }),
    utf8('junk'),
    access(4),
  ]);
}

/** The paths at which a log of this size is read. */
export function logPaths(size: number): string[] {
  return [
    'checkpoint',
    ...tilesForSize(size).flatMap((tile) => {
      const path = tilePath(tile);
      return tile.level === 0 ? [path, path.replace('tile/0/', 'tile/entries/')] : [path];
    }),
  ];
}

export async function exportLog(directory: string, size: number, fetchPath: FetchPath): Promise<void> {
  for (const path of logPaths(size)) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, await fetchPath(path, 1 << 24));
  }
}

export function exportBroken(directory: string, log: SampleLog): Promise<void> {
  return exportLog(directory, log.size, log.serve(honest()));
}

/** The newest checkpoint of a log in memory, signed and cosigned as the ledger's own is. */
export function noteOf(log: SampleLog): Promise<Uint8Array> {
  return log.note(honest());
}

/** What the evidence is made of. */
export interface Histories {
  readonly true: SampleLog;
  readonly broken: SampleLog;
  /** Checkpoints of the ledger itself, by size. */
  readonly notes: ReadonlyMap<number, Uint8Array>;
}

/** Files of evidence by name: some hold, some were made of an honest log. */
export async function evidenceFiles(histories: Histories): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  await forks(histories, files);
  await rollbacks(histories, files);
  await unauthorised(histories, files);
  await equivocations(histories, files);
  await promises(histories, files);
  const fork = Buffer.from(files.get('fork.json') ?? '').toString();
  files.set('malformed.json', utf8('{"format":"isal-evidence/v1"}'));
  files.set('of-tomorrow.json', utf8(fork.replace('isal-evidence/v1', 'isal-evidence/v9')));
  files.set('tampered.json', utf8(fork.replace(/(\\n— [^ ]+ .{20})..../, '$1AAAA')));
  return files;
}

async function consistencyOf(log: SampleLog, from: number, to: number) {
  return { fromRoot: await log.root(from), hashes: await proveConsistency({ from, to }, log.reader) };
}

async function proven(log: SampleLog, index: number): Promise<ProvenLeaf> {
  const hashes = await proveInclusion({ index, size: log.size }, log.reader);
  return { index, leaf: log.leaves[index] ?? utf8(''), hashes };
}

/** A history that parts from the ledger's after so many leaves. */
function another({ true: { leaves, size } }: Histories, common: number): SampleLog {
  const others = Array.from({ length: size - common }, (_, at) =>
    utf8(`another history, leaf ${common + at}`),
  );
  return new SampleLog([...leaves.slice(0, common), ...others]);
}

async function forks(histories: Histories, files: Map<string, Uint8Array>): Promise<void> {
  const { true: log, notes } = histories;
  const [early = 0, late = 0] = [...notes.keys()].slice(-2);
  const [older, newest] = [notes.get(early) ?? utf8(''), notes.get(late) ?? utf8('')];
  const two = another(histories, early - 10);
  const logAlone = honest({ cosigners: [] });
  files.set(
    'fork.json',
    forkEvidence({
      older,
      newer: await two.note(logAlone),
      consistency: await consistencyOf(two, early, two.size),
    }),
  );
  files.set(
    'fork-of-one-size.json',
    forkEvidence({
      older: newest,
      newer: await two.note({ ...logAlone, size: late }),
      consistency: { fromRoot: await two.root(late), hashes: [] },
    }),
  );
  files.set(
    'fork-by-witnesses.json',
    forkEvidence({
      older,
      newer: await two.note(honest()),
      consistency: await consistencyOf(two, early, two.size),
    }),
  );
  const consistency = await consistencyOf(log, early, late);
  files.set('no-fork.json', forkEvidence({ older, newer: newest, consistency }));
  const key = signerKey({ name: (logKeys[0] as SignerKey).name, type: 1, seed: new Uint8Array(32).fill(99) });
  files.set(
    'fork-by-a-stranger.json',
    forkEvidence({
      older,
      newer: await two.note({ keys: [key], cosigners: [] }),
      consistency: await consistencyOf(two, early, two.size),
    }),
  );
}

async function rollbacks({ true: log }: Histories, files: Map<string, Uint8Array>): Promise<void> {
  const cosigned = async (size: number, times: readonly number[]): Promise<Uint8Array> => {
    const { text, signatures } = parseNote(await log.note(honest({ size, cosigners: [] })));
    const lines = times.map((time, at) => cosign({ key: witnessKeys[at] ?? thirdWitness, text, time }));
    return utf8(formatNote({ text, signatures: [...signatures, ...lines] }));
  };
  const larger = await cosigned(200, [seconds - 2_000, seconds - 2_000]);
  const pairs: readonly (readonly [name: string, times: readonly number[]])[] = [
    ['rollback.json', [seconds - 1_000, seconds - 1_000]],
    ['rollback-by-one.json', [seconds - 1_000, seconds - 3_000]],
    ['no-rollback.json', [seconds - 3_000, seconds - 3_000]],
    ['rollback-below-quorum.json', [seconds - 1_000]],
  ];
  for (const [name, times] of pairs) {
    files.set(name, rollbackEvidence({ larger, smaller: await cosigned(150, times) }));
  }
}

async function unauthorised({ broken }: Histories, files: Map<string, Uint8Array>): Promise<void> {
  const checkpoint = await broken.note(honest({ cosigners: [] }));
  const documents = [await proven(broken, 0)];
  const cases: readonly (readonly [name: string, index: number])[] = [
    ['unauthorised.json', 3],
    ['unauthorised-stranger.json', 5],
    ['unauthorised-malformed.json', 9],
    ['no-unauthorised.json', 1],
    ['unauthorised-not-shown.json', 8],
  ];
  for (const [name, index] of cases) {
    files.set(name, unauthorisedEvidence({ checkpoint, documents, leaf: await proven(broken, index) }));
  }
  const below = {
    leafHashes: broken.leaves.slice(0, 8).map((leaf) => hashLeaf(leaf)),
    proof: await proveConsistency({ from: 8, to: broken.size }, broken.reader),
  };
  files.set(
    'unauthorised-nowhere.json',
    unauthorisedEvidence({ checkpoint, documents, leaf: await proven(broken, 8), below }),
  );
}

async function equivocations({ broken }: Histories, files: Map<string, Uint8Array>): Promise<void> {
  const checkpoint = await broken.note(honest({ cosigners: [] }));
  const documents = [await proven(broken, 0)];
  const recorded = await proven(broken, 1);
  files.set(
    'equivocation-recorded.json',
    equivocationEvidence({ checkpoint, documents, recorded, other: await proven(broken, 7) }),
  );
  files.set(
    'no-equivocation.json',
    equivocationEvidence({ checkpoint, documents, recorded, other: await proven(broken, 2) }),
  );
}

async function promises(histories: Histories, files: Map<string, Uint8Array>): Promise<void> {
  const { true: log, notes } = histories;
  const [early = 0, late = 0] = [...notes.keys()].slice(-2);
  const index = early - 5;
  const two = another(histories, early - 10);
  const receipt = utf8(
    formatProof({
      extra: log.leaves[index] ?? utf8(''),
      index,
      hashes: await proveInclusion({ index, size: early }, log.reader),
      checkpoint: notes.get(early) ?? utf8(''),
    }),
  );
  const of = async (shown: SampleLog): Promise<Uint8Array> =>
    brokenPromiseEvidence({
      receipt,
      checkpoint: await shown.note(honest({ size: late })),
      leafHash: shown.node(0, index),
      proof: await proveInclusion({ index, size: late }, shown.reader),
    });
  files.set('broken-promise.json', await of(two));
  files.set('kept-promise.json', await of(log));
}
