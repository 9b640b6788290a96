/**
 * The Unix socket of a signer that runs on its own: mode 0600, or 0660 for a
 * group. Who may open it can have any extension of the log signed, so its mode
 * is the whole access control.
 */
import { chmod, chown, lstat, rm } from 'node:fs/promises';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { LedgerError } from '../errors.ts';
import { refusePeer, servePeer, type Served } from './serving.ts';

export interface DoorOptions {
  /** The number of the group that may connect as well. */
  readonly group?: number;
  /** How long a server may wait for the one before it to be gone. 2 s unless given. */
  readonly patienceMs?: number;
}

export interface Door {
  /** Lets the server go, ends what is being signed, and removes the socket. */
  close(): Promise<void>;
}

/** Throws `store-locked` where a signer listens already, `file-unreadable` where none can. */
export async function openDoor(path: string, served: Served, options: DoorOptions = {}): Promise<Door> {
  const turnstile = new OneAtATime(served, options.patienceMs ?? 2_000);
  const server = createServer((socket) => void turnstile.admit(socket));
  try {
    await clearAway(path);
    await listen(server, path);
    if (options.group !== undefined) {
      await chown(path, process.getuid?.() ?? 0, options.group);
      await chmod(path, 0o660);
    }
  } catch (cause) {
    server.close();
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError('file-unreadable', 'the signer cannot listen there', {
      expected: 'a path below 100 bytes in a directory that is yours, and a group that you are in',
      got: `${path}: ${cause instanceof Error ? cause.message : 'no'}`,
      cause,
    });
  }
  return {
    async close() {
      server.close();
      await turnstile.close();
    },
  };
}

/**
 * A signer that was killed leaves its socket, to which nobody answers. Of two
 * that start at once and both find it so, the later takes the path; the other
 * is then asked by nobody, and signs nothing.
 */
async function clearAway(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isSocket()) {
    throw new LedgerError('store-exists', 'something that is no socket is in its place', {
      expected: 'a path where nothing is yet',
      got: path,
    });
  }
  const socket = connect(path);
  const answered = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  if (answered) {
    throw new LedgerError('store-locked', `a signer listens on ${path} already`, {
      expected: 'one signer for a ledger',
    });
  }
  await rm(path, { force: true });
}

/** Nobody may connect between the making of the socket and the setting of its mode. */
async function listen(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await once(server, 'listening');
}

class OneAtATime {
  readonly #served: Served;
  readonly #patienceMs: number;
  /** The server that is signed for, until it is gone and all that it asked for has ended. */
  #current: { readonly socket: Socket; readonly done: Promise<void> } | undefined;

  constructor(served: Served, patienceMs: number) {
    this.#served = served;
    this.#patienceMs = patienceMs;
  }

  /** A server that is started again can be here before the end of the last one is noticed. */
  async admit(socket: Socket): Promise<void> {
    // One that gives up in the line.
    socket.on('error', () => undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.#patienceMs)));
    const waited = late.then(() => true);
    let over = false;
    while (this.#current !== undefined && !over) {
      over = await Promise.race([waited, this.#current.done.then(() => false)]);
    }
    clearTimeout(timer);
    if (over) {
      refusePeer(
        socket,
        new LedgerError('store-locked', 'another server is signed for', {
          expected: 'one server for a ledger; stop the other first',
        }),
      );
      return;
    }
    const done = servePeer(socket, this.#served).then(() => (this.#current = undefined));
    this.#current = { socket, done: done.then(() => undefined) };
    await done;
  }

  async close(): Promise<void> {
    this.#current?.socket.destroy();
    await this.#current?.done;
  }
}
