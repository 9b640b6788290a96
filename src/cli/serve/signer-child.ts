/**
 * The signer's process, as `isal serve` starts it (signer-process.ts): it has
 * the keys and the anchor of the directory that it is given, and signs for the
 * one at the other end of descriptor 3.
 *
 *     node signer-child.js DIR [--readable-keys]
 */
import { Socket } from 'node:net';
import { LedgerError } from '../../errors.ts';
import { refusePeer, servePeer } from '../../signer/serving.ts';
import { closeToOthers } from './close-to-others.ts';
import { openSignerDirectory } from './log-keys.ts';

// It ends with its server, which is at the other end of the descriptor, and never before: Ctrl-C
// and systemd tell both, and the server has answers to sign until it has stopped.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
await closeToOthers();

const [path = '', option] = process.argv.slice(2);
const server = new Socket({ fd: 3 });
try {
  await servePeer(server, await openSignerDirectory(path, { readable: option === '--readable-keys' }));
} catch (error) {
  if (!(error instanceof LedgerError)) throw error;
  refusePeer(server, error);
}
