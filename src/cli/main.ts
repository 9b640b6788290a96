#!/usr/bin/env node
/** The `isal` command as a process. */
import { constants } from 'node:os';
import { exitStatus } from './terminal/exit.ts';
import type { Io } from './terminal/io.ts';
import { main } from './isal.ts';

const processIo: Io = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  env: process.env,
  isTTY: process.stderr.isTTY,
  colours: process.stdout.isTTY,
  now: () => Date.now(),
};

// Node's own status for a crash is 1, which here would say "contradicted".
process.on('uncaughtException', (error) => {
  processIo.stderr(`isal: internal error (a bug in isal)\n${error.stack ?? error.message}\n`);
  process.exit(exitStatus.internal);
});
// A reader that goes away (`isal log search | head`) ends a command as SIGPIPE
// ends others. Never with 0: `isal verify F | head -1` would say "proven" of
// what was not yet verified.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(128 + constants.signals.SIGPIPE);
  throw error;
});
// Nobody is left to be told of it; a ledger goes on serving without its log.
process.stderr.on('error', () => {});
process.exitCode = await main(process.argv.slice(2), processIo);
