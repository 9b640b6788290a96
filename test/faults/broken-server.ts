/**
 * A server like `isal serve`, but with parts of the test's choice:
 *
 *     node broken-server.js DIR [lagging] [forgetful] [eager] [waiting]
 *
 * `waiting` does nothing but start until a line comes on standard input: so two
 * servers can open one database in the same moment.
 */
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openDirectory } from '../../src/cli/serve/directory.ts';
import { openSignerDirectory } from '../../src/cli/serve/log-keys.ts';
import { Anchor } from '../../src/cosigner/anchor.ts';
import { LedgerError } from '../../src/errors.ts';
import { startServer } from '../../src/http/server.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLevel } from '../../src/storage/level.ts';
import { EagerPublisher, ForgetfulAnchor, LaggingStorage } from './broken-parts.ts';

/** Commits that a crash loses: several acknowledged batches, however small, and the checkpoints over them. */
const lag = 64;

const [path = '', ...faults] = process.argv.slice(2);
const broken = new Set(faults);

const directory = await openDirectory(path);
if (broken.has('waiting')) {
  process.stdout.write('Waiting\n');
  await once(process.stdin, 'data');
  process.stdin.destroy();
}
// Two that open at once may both have to stop: the reason is told in the words of `isal serve`.
process.once('uncaughtException', (error) => {
  const code = error instanceof LedgerError ? error.code : 'internal';
  process.stderr.write(`stopped: ${error.message}\n  code      ${code}\n`);
  process.exit(1);
});

const present = await access(join(directory.database, 'CURRENT')).then(
  () => true,
  () => false,
);
const level = await openLevel(directory.database, { create: !present });
const storage = broken.has('lagging') ? await LaggingStorage.over(level, lag) : level;
const anchor = broken.has('forgetful')
  ? new ForgetfulAnchor(await storage.head())
  : await Anchor.open(directory.anchor);
const { genesis, config } = directory;
// In this process, so that the anchor can be one of the broken parts.
const { keys: logKeys } = await openSignerDirectory(path);
const [key] = logKeys;
if (key === undefined) throw new Error('a log has a key');
const ledger = await Ledger.open({
  storage,
  anchor,
  logKeys,
  genesis,
  origin: config.origin,
  ...(broken.has('eager') ? { publisher: (parts) => new EagerPublisher(parts, config.origin, key) } : {}),
});
const { trust } = directory;
const server = await startServer(ledger, { host: '127.0.0.1', port: 0, trust });
process.stdout.write(
  `Serving ${config.origin} at ${server.url}, broken: ${faults.join(', ') || 'nothing'}\n`,
);
const { code, message } = await ledger.failed;
process.stderr.write(`stopped: ${message}\n  code      ${code}\n`);
process.exit(1);
