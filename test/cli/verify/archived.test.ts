import { expect } from 'chai';
import { utf8, fromUtf8 } from '../../../src/bytes.ts';
import { log } from '../../../src/cli/log/commands.ts';
import { formatCheckpoint } from '../../../src/note/checkpoint.ts';
import { cosign } from '../../../src/note/cosignature.ts';
import { formatNote, signNote } from '../../../src/note/note.ts';
import { dataAccess } from '../../fixtures/attestations.ts';
import { ed25519Key, origin } from '../../ledger/site.ts';
import { policyText, witnesses } from '../../verifier/sample-log.ts';
import { Network } from '../../hostile/answers.ts';
import type { Reply } from '../../hostile/answers.ts';
import { Desk } from '../desk.ts';

const noon = Date.UTC(2026, 10, 3, 12) / 1000;

describe('isal log checkpoint --at', () => {
  let now = noon;
  let desk: Desk;
  let network: Network;

  before(async () => {
    desk = await Desk.open([], { now: () => now * 1000 });
    for (const hours of [1, 2, 3, 4]) {
      now = noon + hours * 3600;
      await desk.ledger.append(dataAccess({ seq: hours }));
    }
    network = new Network(desk.server.url);
  });
  after(() => desk.close());

  const at = (...args: readonly string[]) => desk.online(log, 'checkpoint', '--at', ...args);

  /** With another answer from the archive: its first item changed. */
  function withItem(change: (item: { time: number; size: number; checkpoint: string }) => object) {
    return network.run(
      () => at('2026-11-03T14:30:00Z'),
      (path, honest): Reply => {
        if (!path.startsWith('api/v1/checkpoints')) return honest;
        const { items } = JSON.parse(fromUtf8(honest.body)) as { items: [never] };
        return { status: 200, body: utf8(JSON.stringify({ items: [change(items[0])], next: null })) };
      },
    );
  }

  it('shows the checkpoint of that time and the newest, and proves that one extends the other', async () => {
    for (const time of ['2026-11-03T14:30:00Z', '2026-11-03T15:30:00+01:00', String(noon + 9000)]) {
      const { status, stdout } = await at(time);
      expect(status, stdout).to.equal(0);
      expect(stdout.match(/^✓ Checkpoint .*$/gm)).to.deep.equal([
        `✓ Checkpoint   ${origin}, size 3`,
        `✓ Checkpoint   ${origin}, size 5`,
      ]);
      expect(stdout).to.match(/^\? Time +published 2026-11-03T14:00:00Z by the ledger's clock/m);
      expect(stdout).to.match(/^✓ Consistent +the tree of size 5 extends that of size 3$/m);
    }
    const newest = await at('2030-01-01T00:00:00Z');
    expect(newest.stdout).to.match(/^✓ Consistent +the tree of size 5 extends that of size 5$/m);
  });

  it('gives the note as it was published, or JSON', async () => {
    expect((await at(String(noon), '--raw')).stdout).to.match(new RegExp(`^${origin}\n1\n.*\n\n— `));
    const { stdout } = await at(String(noon), '--json');
    expect(JSON.parse(stdout)).to.deep.include({ at: noon, time: noon, size: 1 });
    expect(stdout).to.contain('"newest":{').and.to.contain('"size":5');
  });

  it('is not found before the log began, and takes no other form of time', async () => {
    expect((await at(String(noon - 1))).error?.code).to.equal('not-found');
    for (const time of ['yesterday', '2026-02-30T00:00:00Z']) {
      expect((await at(time)).error?.code).to.equal('usage');
    }
  });

  it('believes none of it: form, signature, time, and the tree', async () => {
    const forked = (size: number): string =>
      formatNote(
        signNote(formatCheckpoint({ origin, size, root: new Uint8Array(32), extensions: [] }), [ed25519Key]),
      );
    for (const [code, change] of [
      ['server-error', () => ({})],
      ['server-error', ({ size, checkpoint }) => ({ time: '1', size, checkpoint })],
      ['server-error', (item) => ({ ...item, time: noon + 9001 })],
      ['malformed-note', (item) => ({ ...item, checkpoint: 'x' })],
      ['bad-signature', (item) => ({ ...item, checkpoint: item.checkpoint.replace('\n3\n', '\n2\n') })],
      ['no-known-signature', (item) => ({ ...item, checkpoint: item.checkpoint.replaceAll(origin, 'o') })],
      ['consistency-failed', (item) => ({ ...item, checkpoint: forked(3) })],
      ['consistency-failed', (item) => ({ ...item, checkpoint: forked(5) })],
    ] as readonly (readonly [string, Parameters<typeof withItem>[0]])[]) {
      const { error, stdout } = await withItem(change);
      expect(error?.code, code).to.equal(code);
      expect(stdout).to.equal('');
    }
  });

  it('refuses a checkpoint that the witnesses cosigned later than the time asked for', async () => {
    const { items } = await desk.ledger.checkpoints({});
    const trust = await desk.write(
      'witnessed.json',
      desk.trust({ policy: policyText({ keys: [ed25519Key] }) }),
    );
    const cosigned = ({ note }: { note: Uint8Array }, time: number): string => {
      const text = fromUtf8(note).split('\n\n')[0] + '\n';
      const { signatures } = signNote(text, [ed25519Key]);
      return formatNote({
        text,
        signatures: [...signatures, ...witnesses.map((key) => cosign({ key, text, time }))],
      });
    };
    const asked = noon + 9000;
    const [newest, , then] = items;
    for (const [time, code] of [
      [asked + 300, undefined],
      [asked + 301, 'server-error'],
    ] as const) {
      const { error } = await network.run(
        () => desk.run(log, 'checkpoint', '--at', String(asked), '--trust', trust, '--url', desk.server.url),
        (path, honest) => {
          if (path === 'checkpoint') return { status: 200, body: utf8(cosigned(newest!, noon)) };
          if (!path.startsWith('api/v1/checkpoints')) return honest;
          const item = { time: then!.time, size: 3, checkpoint: cosigned(then!, time) };
          return { status: 200, body: utf8(JSON.stringify({ items: [item], next: null })) };
        },
      );
      expect(error?.code).to.equal(code);
    }
  });
});
