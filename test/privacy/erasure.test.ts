/** What an erasure leaves behind: an entry and proofs as valid as before, and no byte of what was erased. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { sha256 } from '#sha256';
import { fromHex, toHex } from '../../src/bytes.ts';
import { access } from '../../src/cli/access/commands.ts';
import { bundle, proof } from '../../src/cli/verify/commands.ts';
import { log } from '../../src/cli/log/commands.ts';
import { openLevel } from '../../src/storage/level.ts';
import { traces } from '../../src/vault/seal.ts';
import { Desk } from '../cli/desk.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { genesis } from '../ledger/site.ts';
import { canaries, wordsIn } from './canaries.ts';

const authority = fixtures.leafHashOf(genesis);
const eventId = toHex(new Uint8Array(32).fill(0xe5));

describe('privacy: after an erasure', () => {
  let desk: Desk;
  let vault: string[];
  /** Pieces of the sealed row of each field, as they stood in the files. */
  const sealed: Record<string, Uint8Array[]> = {};
  let files: Buffer;

  const run = async (...args: readonly string[]): Promise<string> => {
    const ran = await desk.run(access, 'vault', ...args);
    if (ran.error !== undefined) throw ran.error;
    return ran.stdout.trim();
  };

  /** Every byte of the closed vault. */
  const bytes = async (): Promise<Buffer> => {
    const names = await readdir(desk.path('vault'));
    return Buffer.concat(await Promise.all(names.map((name) => readFile(join(desk.path('vault'), name)))));
  };

  const sealedRows = async (): Promise<Uint8Array[]> => {
    const storage = await openLevel(desk.path('vault'), { create: false, compression: false });
    const rows: Uint8Array[] = [];
    for await (const [, row] of storage.range({ gte: Uint8Array.of(2), lt: Uint8Array.of(3) }))
      rows.push(row);
    await storage.close();
    return rows;
  };

  const holds = (some: Buffer, pieces: readonly Uint8Array[] = []): boolean =>
    pieces.some((piece) => some.includes(Buffer.from(piece)));

  before(async () => {
    desk = await Desk.open([]);
    vault = [desk.path('vault'), '--key', desk.path('vault.key')];
    await run('init', ...vault);
    const digests: Record<string, string> = {};
    for (const [field, value] of [
      ['identity', canaries.name],
      ['detail', canaries.ticket],
    ] as const) {
      const before = (await sealedRows()).map(toHex);
      const path = await desk.write('value', value);
      digests[field] = await run('put', ...vault, '--record', eventId, '--field', field, '--in', path);
      const row = (await sealedRows()).find((one) => !before.includes(toHex(one)));
      sealed[field] = traces(row ?? new Uint8Array(0));
    }
    const leaf = fixtures.dataAccess({
      authority,
      change: (statement) => {
        statement.subject = [{ digest: { sha256: toHex(sha256(fromHex(eventId))) } }];
        statement.predicate.eventId = eventId;
        statement.predicate.actor._sd = [digests['identity'] ?? ''];
        statement.predicate.reason._sd = [digests['detail'] ?? ''];
      },
    });
    await desk.ledger.append(leaf);
    for (const [command, ...args] of [
      [bundle, 'get', '1', '--out', desk.path('before.isal-bundle')],
      [proof, 'inclusion', '--index', '1', '--out', desk.path('before.tlog-proof')],
    ] as const) {
      expect((await desk.online(command, ...args)).status).to.equal(0);
    }
    await run('get', ...vault, '--record', eventId, '--field', 'identity', '--out', desk.path('handed-out'));
    files = await bytes();
    for (const field of ['identity', 'detail']) expect(holds(files, sealed[field]), field).to.equal(true);
    expect(wordsIn(files)).to.deep.equal([]);
    await run('erase', ...vault, '--record', eventId, '--field', 'identity');
    files = await bytes();
  });

  after(async () => desk.close());

  it('the disclosure is gone from every file of the vault, and the other field is not', async () => {
    expect(holds(files, sealed['identity'])).to.equal(false);
    expect(holds(files, sealed['detail'])).to.equal(true);
    const gone = await desk.run(access, 'vault', 'get', ...vault, '--record', eventId, '--field', 'identity');
    expect([gone.status, gone.error?.code, gone.stdout]).to.deep.equal([2, 'erased', '']);
    const kept = await desk.run(access, 'vault', 'get', ...vault, '--record', eventId, '--field', 'detail');
    expect(kept.status).to.equal(0);
  });

  it('the entry, its old proof, its old bundle and the whole log verify as before', async () => {
    for (const [command, ...args] of [
      [proof, 'inspect', desk.path('before.tlog-proof')],
      [bundle, 'inspect', desk.path('before.isal-bundle')],
    ] as const) {
      const ran = await desk.offline(command, ...args);
      expect(ran.status, ran.error?.message).to.equal(0);
    }
    expect((await desk.online(log, 'entry', '1')).status).to.equal(0);
    const fsck = await desk.offline(log, 'fsck', desk.server.url);
    expect(fsck.status, fsck.error?.message).to.equal(0);
  });

  it('what was handed out before still proves what it says', async () => {
    const opened = await desk.offline(
      access,
      'open',
      desk.path('handed-out'),
      '--bundle',
      desk.path('before.isal-bundle'),
    );
    expect(opened.stdout).to.contain(`/predicate/actor/identity is ${canaries.name}`);
  });
});
