/** Where the signer of a server is: a child that it starts, or one that was started as another user. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { equal } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { SignerLink } from '../../signer/remote.ts';
import type { Trust } from '../../verifier/trust.ts';
import { reasonOf } from '../terminal/hash-file.ts';

const childFile = fileURLToPath(new URL('signer-child.js', import.meta.url));

/**
 * Starts a signer for the directory. It is bound to this process by a pair of
 * sockets that no other can open, and ends when this one does, however that
 * ends. Throws `signer-lost`, and what keeps the signer from its keys.
 */
export function startSigner(directory: string, { readable }: { readable: boolean }): Promise<SignerLink> {
  // NODE_OPTIONS is meant for the server: a debugger's port, say, would be one into the keys.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, [childFile, directory, ...(readable ? ['--readable-keys'] : [])], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  return SignerLink.greet(child.stdio[3] as Socket, { child });
}

/**
 * Reaches a signer by its socket. Throws `signer-lost` where none listens,
 * `store-locked` where it signs for another, and `bad-key` for one whose keys
 * no reader of the trust file knows: somebody else may have taken the path.
 */
export async function reachSigner(path: string, { policy }: Trust): Promise<SignerLink> {
  const stream = connect(path);
  await once(stream, 'connect').catch((cause: unknown) => {
    throw new LedgerError('signer-lost', 'no signer can be reached', {
      expected: `isal signer run DIR --socket ${path}, in a place that this user may open`,
      got: `${path}: ${reasonOf(cause) ?? 'no answer'}`,
      cause,
    });
  });
  const link = await SignerLink.greet(stream);
  const listed = policy.logs.map(({ key }) => key.publicKey);
  if (link.keys.some(({ publicKey }) => listed.some((other) => equal(other, publicKey)))) return link;
  await link.close();
  throw new LedgerError('bad-key', 'the trust file lists no key of this signer', {
    expected: 'the signer of this ledger',
    got: link.keys.map(({ name }) => name).join(', '),
  });
}
