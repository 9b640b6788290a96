/** `isal witness`: makes a witness (c2sp.org/tlog-witness) and runs it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Anchor } from '../../cosigner/anchor.ts';
import { startWitnessServer } from '../../http/witness.ts';
import { signerKey } from '../../note/key.ts';
import { parsePolicy, type PolicyLog } from '../../note/policy.ts';
import type { SignerKey } from '../../note/key.ts';
import { openLevel } from '../../storage/level.ts';
import { parseCheckpointTrust } from '../../verifier/trust.ts';
import { Witness, requireFewLogs, witnessPolicyBounds } from '../../witness/witness.ts';
import { counted } from '../../words/en/numbers.ts';
import { misused, numberOption } from '../terminal/args.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { exitStatus } from '../terminal/exit.ts';
import { readSmall } from '../terminal/files.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { cannotListen } from '../serve/listening.ts';
import { ForkFolder, forkLines } from './forks.ts';
import { createWitnessDirectory, openWitnessDirectory, policyLines, policyLinesFile } from './directory.ts';

/** Logs that `init` names one by one. */
const maxNamed = 20;

export async function show(
  { values, positionals: [path] }: Given<typeof described.show>,
  io: Io,
): Promise<number> {
  const { keys, forks } = await openWitnessDirectory(path, { readable: values['readable-keys'] });
  io.stdout(policyLines(keys, values.url));
  // As comments: what is printed is also copied into policies.
  for (const line of await forkLines(forks))
    io.stdout(`# ${printable(line)}
`);
  return 0;
}

export async function init(
  { values, positionals: [path] }: Given<typeof described.init>,
  io: Io,
): Promise<number> {
  const { name, policy } = values;
  const types = [...(values['no-ed25519'] ? [] : [4]), ...(values['no-post-quantum'] ? [] : [6])];
  if (types.length === 0) throw misused('a witness needs a key: leave out one of the two options');
  const logs = await readLogs(policy);
  // Two keys of their own: a seed that served two algorithms would tie their fates together.
  const keys = types.map((type) => signerKey({ name, type, seed: new Uint8Array(randomBytes(32)) }));
  await createWitnessDirectory(path, {
    policy: { logs, witnesses: [], groups: [], quorum: 'none' },
    keys,
    url: values.url,
  });
  const origins = [...new Set(logs.map(({ key }) => key.name))];
  const cosigned =
    origins.length > maxNamed ? counted(origins.length, 'log') : origins.join(', ') || 'no log yet';
  io.stdout(
    `Made the witness ${name} in ${path}.\n\nIt cosigns ${cosigned}.\n` +
      `${handOn(keys, path, values.url)}\nNext: isal witness run ${path}\n`,
  );
  return 0;
}

/** The logs of a trust file, or of a policy as long as a witness takes it. */
async function readLogs(path: string): Promise<readonly PolicyLog[]> {
  const bytes = await readSmall(path, witnessPolicyBounds.bytes);
  // As for every policy; a trust file begins with a brace, and is one log's.
  const isTrust = /^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 1_024)));
  const { logs } = isTrust ? parseCheckpointTrust(bytes).policy : parsePolicy(bytes, witnessPolicyBounds);
  requireFewLogs({ logs });
  return logs;
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
  const forks = await ForkFolder.open(directory.forks, log);
  const anchor = await Anchor.open(directory.anchor);
  const witness = await Witness.open({
    storage: await openLevel(directory.database, { create: false }),
    anchor,
    keys: directory.keys,
    policy: directory.policy,
    now: () => io.now(),
    keepRefused: (refused) => forks.keep(refused),
    onCosigned: (origin, head) => forks.cosigned(origin, head),
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
  await forks.close();
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
