/** `isal witness`: makes a witness (c2sp.org/tlog-witness) and runs it. */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../bytes.ts';
import { Anchor } from '../../cosigner/anchor.ts';
import { startWitnessServer } from '../../http/witness.ts';
import { parseCheckpoint } from '../../note/checkpoint.ts';
import { signerKey } from '../../note/key.ts';
import type { SignerKey } from '../../note/key.ts';
import { parseNote } from '../../note/note.ts';
import { sha256 } from '#sha256';
import { openLevel } from '../../storage/level.ts';
import { forkEvidence } from '../../verifier/convicting/evidence-file.ts';
import { maxTrustBytes, parseCheckpointTrust } from '../../verifier/trust.ts';
import { Witness } from '../../witness/witness.ts';
import type { RefusedFork } from '../../witness/witness.ts';
import { counted } from '../../words/en/numbers.ts';
import { misused, numberOption } from '../terminal/args.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { exitStatus } from '../terminal/exit.ts';
import { readSmall, writeWhole } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { cannotListen } from '../serve/listening.ts';
import { createWitnessDirectory, openWitnessDirectory, policyLines, policyLinesFile } from './directory.ts';

/** Files of evidence that are kept; a log that forks without end fills no disk. */
const maxForks = 100;

export async function show(
  { values, positionals: [path] }: Given<typeof described.show>,
  io: Io,
): Promise<number> {
  const { keys } = await openWitnessDirectory(path, { readable: values['readable-keys'] });
  io.stdout(policyLines(keys, values.url));
  return 0;
}

export async function init(
  { values, positionals: [path] }: Given<typeof described.init>,
  io: Io,
): Promise<number> {
  const { name, policy } = values;
  const types = [...(values['no-ed25519'] ? [] : [4]), ...(values['no-post-quantum'] ? [] : [6])];
  if (types.length === 0) throw misused('a witness needs a key: leave out one of the two options');
  const { logs } = parseCheckpointTrust(await readSmall(policy, maxTrustBytes)).policy;
  // Two keys of their own: a seed that served two algorithms would tie their fates together.
  const keys = types.map((type) => signerKey({ name, type, seed: new Uint8Array(randomBytes(32)) }));
  await createWitnessDirectory(path, {
    policy: { logs, witnesses: [], groups: [], quorum: 'none' },
    keys,
    url: values.url,
  });
  const cosigned = [...new Set(logs.map(({ key }) => key.name))].join(', ') || 'no log yet';
  io.stdout(
    `Made the witness ${name} in ${path}.\n\nIt cosigns ${cosigned}.\n` +
      `${handOn(keys, path, values.url)}\nNext: isal witness run ${path}\n`,
  );
  return 0;
}

/** A line with an ML-DSA key has 1,800 characters: nobody reads it, and it is copied from the file. */
function handOn(keys: readonly SignerKey[], path: string, url: string | undefined): string {
  const file = join(path, policyLinesFile);
  const short = keys.filter(({ type }) => type !== 6);
  const long = `with its ML-DSA-44 key (post-quantum, 1,800 characters) is in ${file}`;
  if (short.length === 0)
    return `Those who count on it take its line into their policies: the one\n${long}.\n`;
  const shown = `Those who count on it take this line into their policies:\n\n${policyLines(short, url)}`;
  if (short.length === keys.length) return shown;
  return `${shown}\nThe line ${long};\na policy takes one of the two.\n`;
}

export async function serve(
  { values, positionals: [path] }: Given<typeof described.run>,
  io: Io,
): Promise<number> {
  const port = numberOption('port', values.port, { min: 0, max: 65535 });
  const directory = await openWitnessDirectory(path, { readable: values['readable-keys'] });
  const log = (entry: Readonly<Record<string, unknown>>): void => io.stderr(`${JSON.stringify(entry)}\n`);
  const keep = forkKeeper(directory.forks, log);
  const anchor = await Anchor.open(directory.anchor);
  const witness = await Witness.open({
    storage: await openLevel(directory.database, { create: false }),
    anchor,
    keys: directory.keys,
    policy: directory.policy,
    now: () => io.now(),
    onFork: keep,
  });
  // Listened for before anybody can be answered, so that no signal cuts an answer off.
  const stopped = new Promise<'stopped'>((resolve) => {
    process.once('SIGTERM', () => resolve('stopped'));
    process.once('SIGINT', () => resolve('stopped'));
  });
  const { host } = values;
  const server = await startWitnessServer(witness, {
    host,
    port,
    ...(values.quiet ? {} : { log }),
  }).catch(async (cause: unknown) => {
    await witness.close();
    throw cannotListen(port, cause);
  });
  const name = directory.keys[0]?.name ?? '';
  io.stdout(
    `Witness ${name} at ${server.url}, ${counted(witness.origins.length, 'log')}. Stop with Ctrl-C.\n`,
  );
  const end = await Promise.race([stopped, witness.failed]);
  await server.close();
  if (end === 'stopped') {
    await witness.close();
    log({ event: 'stopped', peakMemoryKiB: process.resourceUsage().maxRSS });
    return 0;
  }
  // Going on after an ambiguous write would be a guess; the next start reads what is truly there.
  log({ event: 'failed', code: end.code, message: end.message });
  io.stderr(`isal: stopped: ${end.message}\n  code      ${end.code} (isal explain ${end.code})\n`);
  return exitStatus[end.code];
}

/**
 * Says that a log has forked, and keeps what shows it: an evidence file, or the
 * refused checkpoint alone where the cosigned one was not kept. The file is
 * named by what is in it, so that the same fork shown twice is kept once.
 */
function forkKeeper(
  dir: string,
  log: (entry: Readonly<Record<string, unknown>>) => void,
): (fork: RefusedFork) => void {
  const begun = new Set<string>();
  const keep = async ({ origin, size, cosigned, refused }: RefusedFork): Promise<void> => {
    const consistency = { fromRoot: rootOf(refused), hashes: [] };
    const [bytes, ending] =
      cosigned === undefined
        ? [refused, 'txt']
        : [forkEvidence({ older: cosigned, newer: refused, consistency }), 'json'];
    const file = join(dir, `${size}-${toHex(sha256(bytes)).slice(0, 32)}.${ending}`);
    log({ event: 'fork', time: new Date().toISOString(), origin, size, file });
    if (begun.has(file) || begun.size >= maxForks) return;
    begun.add(file);
    if ((await readdir(dir)).length < maxForks) await writeWhole(file, bytes);
  };
  return (fork) => {
    keep(fork).catch((error: unknown) => log({ event: 'error', error: String(error) }));
  };
}

function rootOf(note: Uint8Array): Uint8Array {
  return parseCheckpoint(parseNote(note).text).root;
}
