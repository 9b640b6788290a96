/** A signer at the other end of a stream: it signs what the one in the process would, and nothing else. */
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LedgerError } from '../../src/errors.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { verifyCheckpoint } from '../../src/note/quorum.ts';
import { openDoor, type Door, type DoorOptions } from '../../src/signer/door.ts';
import { SignerLink } from '../../src/signer/remote.ts';
import type { Served } from '../../src/signer/serving.ts';
import { LocalSigner } from '../../src/signer/signer.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import type { Head } from '../../src/tlog/head.ts';
import { hashNode, type Hash } from '../../src/tlog/hash.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { MemoryAnchor, ed25519Key, genesis, mldsaKey, origin, policy } from '../ledger/site.ts';

const leaf = (n: number): Hash => new Uint8Array(32).fill(n);
const one: Head = { size: 1, root: leaf(1) };
const two: Head = { size: 2, root: hashNode(leaf(1), leaf(2)) };
const otherTwo: Head = { size: 2, root: hashNode(leaf(3), leaf(2)) };

/** An anchor whose moves are let through one by one. */
class GatedAnchor extends MemoryAnchor {
  readonly asked: Promise<void>;
  release: () => void = () => undefined;
  #ask: () => void = () => undefined;
  readonly #released: Promise<void>;

  constructor() {
    super();
    this.asked = new Promise((resolve) => (this.#ask = resolve));
    this.#released = new Promise((resolve) => (this.release = resolve));
  }

  override async advance(next: Head): Promise<void> {
    this.#ask();
    await this.#released;
    await super.advance(next);
  }
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
}

describe('a signer in another process', () => {
  let directory: string;
  let path: string;
  const doors: Door[] = [];
  const links: SignerLink[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-signer-'));
    path = join(directory, 'signer.sock');
  });

  afterEach(async () => {
    for (const link of links.splice(0)) link.abandon();
    for (const door of doors.splice(0)) await door.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function listening(anchor: MemoryAnchor, options: DoorOptions = {}): Promise<void> {
    const served: Served = { origin, keys: [ed25519Key, mldsaKey], openAnchor: async () => anchor };
    doors.push(await openDoor(path, served, options));
  }

  async function stream(): Promise<Socket> {
    const socket = connect(path);
    await once(socket, 'connect');
    return socket;
  }

  async function linked(): Promise<SignerLink> {
    const link = await SignerLink.greet(await stream(), { patienceMs: 10_000 });
    links.push(link);
    return link;
  }

  it('signs what extends the anchored head, as one in the same process does', async () => {
    await listening(new MemoryAnchor());
    const remote = await (await linked()).open();
    const local = new LocalSigner({ anchor: new MemoryAnchor(), origin, keys: [ed25519Key, mldsaKey] });
    expect(remote.keys).to.deep.equal(local.keys);
    for (const [head, proof] of [
      [one, []],
      [two, [leaf(2)]],
      [two, []],
    ] as const) {
      const note = await remote.sign(head, proof);
      const { checkpoint } = verifyCheckpoint({ note, policy });
      expect([checkpoint.size, checkpoint.root]).to.deep.equal([head.size, head.root]);
      expect(note).to.deep.equal(await local.sign(head, proof));
      expect(remote.anchored).to.deep.equal(head);
    }
    await local.close();
  });

  it('refuses a fork, a rollback and a false proof, and goes on from what it had signed', async () => {
    await listening(new MemoryAnchor());
    const signer = await (await linked()).open();
    await signer.sign(one, []);
    expect(await codeOf(signer.sign(otherTwo, [leaf(2)]))).to.equal('consistency-failed');
    expect(await codeOf(signer.sign({ size: 1, root: leaf(9) }, []))).to.equal('root-mismatch');
    await signer.sign(two, [leaf(2)]);
    expect(await codeOf(signer.sign(one, []))).to.equal('consistency-failed');
    expect(signer.anchored).to.deep.equal(two);
  });

  it('lets no signature out before its anchor has moved', async () => {
    const anchor = new GatedAnchor();
    await listening(anchor);
    const socket = await stream();
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
    const root = Buffer.from(one.root).toString('base64');
    socket.write(`{"do":"open"}\n{"do":"sign","head":{"size":1,"root":"${root}"},"proof":[]}\n`);
    await anchor.asked;
    expect(heard).to.not.contain('note');
    anchor.release();
    while (!heard.includes('"note"')) await once(socket, 'data');
    expect(anchor.head).to.deep.equal(one);
    socket.destroy();
  });

  it('signs nothing before its anchor is open, and ends with whoever sends what no server sends', async () => {
    await listening(new MemoryAnchor(), { patienceMs: 10_000 });
    const link = await linked();
    const answer = await link.ask({ do: 'sign', head: one, proof: [] });
    expect('error' in answer && answer.error.code).to.equal('bad-request');
    await link.close();
    for (const text of ['rubbish\n', '{"do":"sign"}\n', 'x'.repeat(200_000)]) {
      const socket = await stream();
      socket.on('error', () => undefined).resume();
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(text);
      await closed;
    }
    await (await (await linked()).open()).sign(one, []);
  });

  it('that is gone is lost: who waits is told, and the ledger stops', async () => {
    const anchor = new MemoryAnchor();
    await listening(anchor);
    const ledger = await Ledger.openWith(await (await linked()).open(), {
      storage: new MemoryStorage(),
      genesis,
      origin,
    });
    await ledger.append(fixtures.dataAccess({ seq: 1 }));
    await doors.pop()?.close();
    expect((await ledger.failed).code).to.equal('signer-lost');
    expect(await codeOf(ledger.append(fixtures.dataAccess({ seq: 2 })))).to.equal('signer-lost');
    expect(ledger.ready).to.equal(false);
  });

  it('that is gone while it signs refuses that signature', async () => {
    const anchor = new GatedAnchor();
    await listening(anchor);
    const link = await linked();
    const signing = codeOf((await link.open()).sign(one, []));
    await anchor.asked;
    const closing = doors.pop()?.close();
    expect(await signing).to.equal('signer-lost');
    expect((await link.lost).code).to.equal('signer-lost');
    expect(await codeOf(link.open())).to.equal('signer-lost');
    anchor.release();
    await closing;
  });

  it('that does not greet, or greets as something else, is lost', async () => {
    await listening(new MemoryAnchor(), { patienceMs: 60_000 });
    await linked();
    expect(await codeOf(SignerLink.greet(await stream(), { patienceMs: 1 }))).to.equal('signer-lost');
  });

  it('is closed by its server without being lost', async () => {
    await listening(new MemoryAnchor());
    const link = await linked();
    const signer = await link.open();
    await signer.sign(one, []);
    await signer.close();
    const next = linked();
    // What was to be heard of a loss would have been heard before the next server was let in.
    const first = await Promise.race([link.lost, next]);
    expect(first).to.equal(await next);
  });

  it('lets the next server in only when the signature for the last one has ended', async () => {
    const anchor = new GatedAnchor();
    await listening(anchor, { patienceMs: 60_000 });
    const first = await linked();
    const signing = codeOf((await first.open()).sign(one, []));
    await anchor.asked;
    first.abandon();
    expect(await signing).to.equal('signer-lost');
    const second = linked();
    let early = true;
    void second.then(() => expect(early, 'let in too early').to.equal(false));
    // More than a round trip through the socket takes.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    early = false;
    anchor.release();
    expect((await (await second).open()).anchored).to.deep.equal(one);
  });

  it('refuses a second server while the first is there', async () => {
    await listening(new MemoryAnchor(), { patienceMs: 1 });
    const first = await (await linked()).open();
    expect(await codeOf(linked())).to.equal('store-locked');
    await first.sign(one, []);
  });

  it('has a socket for its user alone, or for a group as well', async () => {
    const before = process.umask(0);
    try {
      await listening(new MemoryAnchor());
    } finally {
      process.umask(before);
    }
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    await doors.pop()?.close();
    const group = process.getgid?.() ?? 0;
    await listening(new MemoryAnchor(), { group });
    const status = await stat(path);
    expect([status.mode & 0o777, status.gid]).to.deep.equal([0o660, group]);
  });

  it('takes no other’s place: not that of one that listens, nor that of a file', async () => {
    await listening(new MemoryAnchor());
    expect(await codeOf(listening(new MemoryAnchor()))).to.equal('store-locked');
    const file = join(directory, 'file');
    await writeFile(file, 'kept');
    await chmod(file, 0o600);
    path = file;
    expect(await codeOf(listening(new MemoryAnchor()))).to.equal('store-exists');
    expect((await stat(file)).size).to.equal(4);
    path = join(directory, 'no', 'where');
    expect(await codeOf(listening(new MemoryAnchor()))).to.equal('file-unreadable');
  });
});
