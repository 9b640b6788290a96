#!/usr/bin/env node
/** The `isal` command as a process. */
import type { Io } from './io.ts';
import { main } from './isal.ts';

const processIo: Io = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  env: process.env,
  isTTY: process.stderr.isTTY,
  colours: process.stdout.isTTY,
  now: () => Date.now(),
};

// A reader that goes away (`isal log search | head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await main(process.argv.slice(2), processIo);
