import { chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { access } from '../../../src/cli/access/commands.ts';
import { bundle } from '../../../src/cli/verify/commands.ts';
import { customerTag } from '../../../src/attestation/customer-tag.ts';
import { commitmentsTo, makeDisclosure } from '../../../src/attestation/disclosure.ts';
import type { StatementOf } from '../../../src/attestation/types.ts';
import { fromHex, toHex } from '../../../src/bytes.ts';
import { sha256 } from '#sha256';
import * as fixtures from '../../fixtures/attestations.ts';
import { genesis } from '../../ledger/site.ts';
import { Desk } from '../desk.ts';

const authority = fixtures.leafHashOf(genesis);
const salt = (seed: number): Uint8Array => new Uint8Array(16).fill(seed);
const identity = makeDisclosure({ salt: salt(1), name: 'identity', value: 'Zoë Kanarienvogel' });
const secret = new Uint8Array(32).fill(7);

const event = (seq: number, change: (statement: StatementOf<'data-access'>) => void = () => undefined) =>
  fixtures.dataAccess({ authority, seq, change });
const tagged = (seq: number): Uint8Array =>
  event(seq, ({ predicate }) => {
    const day = predicate.occurredAt.slice(0, 10);
    const mine = customerTag(secret, { day, category: 'threat-statistics' });
    predicate.customerTags = [...predicate.customerTags, mine].toSorted();
  });

/** Leaf 1: an event that commits to `identity`; leaves 2 to 5: two of the customer's, two of others. */
const committed = event(1, ({ predicate }) => {
  predicate.actor._sd = commitmentsTo([identity], [new Uint8Array(32).fill(9)]);
});
const leaves = [committed, tagged(2), event(3), tagged(4), event(5)];

describe('isal access open', () => {
  let desk: Desk;

  before(async () => {
    desk = await Desk.open(leaves);
    await desk.write('identity', `${identity.text}\n`);
  });

  after(async () => desk.close());

  it('shows the field of the entry that the disclosure proves, by index and by leaf hash', async () => {
    for (const which of [
      ['--index', '1'],
      ['--leaf', fixtures.leafHashOf(committed)],
    ]) {
      const ran = await desk.online(access, 'open', desk.path('identity'), ...which);
      expect(ran.status, ran.error?.message).to.equal(0);
      expect(ran.stdout).to.contain('✓ Disclosed');
      expect(ran.stdout).to.contain('/predicate/actor/identity is Zoë Kanarienvogel');
    }
  });

  it('answers in JSON', async () => {
    const { stdout } = await desk.online(access, 'open', desk.path('identity'), '--index', '1', '--json');
    const answer = JSON.parse(stdout);
    expect(answer.field).to.deep.equal({
      at: '/predicate/actor/identity',
      name: 'identity',
      value: 'Zoë Kanarienvogel',
    });
    expect(answer).to.include({ index: 1, exit: 0, type: 'data-access' });
  });

  it('needs no network with a bundle, nor the place of the entry in it', async () => {
    const saved = await desk.online(bundle, 'get', '1', '--out', desk.path('event.isal-bundle'));
    expect(saved.status, saved.error?.message).to.equal(0);
    const ran = await desk.offline(
      access,
      'open',
      desk.path('identity'),
      '--bundle',
      desk.path('event.isal-bundle'),
    );
    expect(ran.status, ran.error?.message).to.equal(0);
    expect(ran.stdout).to.contain('Zoë Kanarienvogel');
  });

  it('refuses a disclosure that the entry does not commit to, without a word of what it says', async () => {
    const forged = makeDisclosure({ salt: salt(1), name: 'identity', value: 'Somebody Else' });
    await desk.write('forged', forged.text);
    await desk.write('broken', 'Somebody Else');
    for (const [file, index, code] of [
      ['forged', '1', 'disclosure-mismatch'],
      ['identity', '2', 'disclosure-mismatch'],
      ['broken', '1', 'malformed-disclosure'],
    ] as const) {
      const { status, error, stdout, stderr } = await desk.online(
        access,
        'open',
        desk.path(file),
        '--index',
        index,
      );
      expect([status, error?.code]).to.deep.equal([1, code]);
      const said = stdout + stderr + error?.message + error?.expected + error?.got;
      expect(said).not.to.match(/Somebody|Zoë/);
    }
  });

  it('shows the correction of the entry, and is then no proof to rely on', async () => {
    const corrected = await Desk.open([
      committed,
      fixtures.correction({ authority, target: fixtures.leafHashOf(committed) }),
    ]);
    await corrected.write('identity', identity.text);
    const ran = await corrected.online(access, 'open', corrected.path('identity'), '--index', '1');
    expect(ran.status, ran.error?.message).to.equal(1);
    expect(ran.stdout).to.contain('The facility was another one.');
    await corrected.close();
  });

  it('wants the entry to be named', async () => {
    const args = ['open', desk.path('identity')];
    for (const more of [[], ['--index', '1', '--leaf', authority], ['--leaf', 'zz'], ['--index', '-1']]) {
      expect((await desk.online(access, ...args, ...more)).status).to.equal(4);
    }
  });
});

describe('isal access mine', () => {
  let desk: Desk;
  let proxy: Server;
  let url: string;
  /** All that the customer's machine sent. */
  let sent = '';

  before(async () => {
    desk = await Desk.open(leaves);
    await desk.write('secret', `${toHex(secret)}\n`);
    await chmod(desk.path('secret'), 0o600);
    proxy = createServer((request, response) => {
      sent += `${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n`;
      request.on('data', (chunk) => (sent += String(chunk)));
      void fetch(new URL(request.url ?? '/', desk.server.url)).then(async (answer) => {
        response.writeHead(answer.status);
        response.end(new Uint8Array(await answer.arrayBuffer()));
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/log`;
  });

  after(async () => {
    proxy.close();
    proxy.closeAllConnections();
    await desk.close();
  });

  const mine = (from: Desk, ...args: readonly string[]) =>
    from.online(access, 'mine', '--secret', desk.path('secret'), ...args);

  it('finds exactly the events with the customer’s tags', async () => {
    const ran = await mine(desk, '--json');
    expect(ran.status, ran.error?.message).to.equal(0);
    const answer = JSON.parse(ran.stdout);
    expect(answer.events.map(({ index }: { index: number }) => index)).to.deep.equal([2, 4]);
    expect(answer).to.deep.include({ eventCount: 2, accesses: 5, gaps: [], findingCount: 0 });
    const { stdout } = await mine(desk);
    expect(stdout.match(/✓ Leaf \d/g)).to.deep.equal(['✓ Leaf 2', '✓ Leaf 4']);
    expect(stdout).to.match(/^ANSWER .*\b2 of 5\b/m);
  });

  it('sends neither the secret nor a tag, and asks for tiles and bundles alone', async () => {
    sent = '';
    const args = ['mine', '--secret', desk.path('secret'), '--trust', desk.path('trust.json'), '--url', url];
    const ran = await desk.run(access, ...args);
    expect(ran.status, ran.error?.message).to.equal(0);
    const day = '2026-11-03';
    expect(sent).not.to.contain(toHex(secret));
    expect(sent).not.to.contain(customerTag(secret, { day, category: 'threat-statistics' }));
    const asked = sent.split('\n').filter((line) => /^[A-Z]+ \//.test(line));
    expect(asked.length).to.be.greaterThan(2);
    for (const line of asked) expect(line).to.match(/^GET \/log\/(?:checkpoint$|tile\/)/);
  });

  it('says what a recorder skipped: that there is nothing else is then not proven', async () => {
    const gapped = await Desk.open([tagged(1), tagged(4)]);
    const ran = await mine(gapped, '--json');
    expect(ran.status).to.equal(2);
    expect(JSON.parse(ran.stdout).gaps).to.deep.equal([{ source: fixtures.accessSource, from: 2, to: 4 }]);
    expect((await mine(gapped)).stdout).to.match(/^\? Gap /m);
    await gapped.close();
  });

  it('shows a correction of an event', async () => {
    const target = fixtures.leafHashOf(leaves[1] as Uint8Array);
    const corrected = await Desk.open([...leaves, fixtures.correction({ authority, target })]);
    const ran = await mine(corrected, '--json');
    expect(ran.status).to.equal(1);
    const [first, second] = JSON.parse(ran.stdout).events;
    expect(first.corrections).to.have.length(1);
    expect(second.corrections).to.deep.equal([]);
    await corrected.close();
  });

  it('refuses a secret that others may read, and one that is none', async () => {
    await desk.write('open-secret', toHex(secret));
    await chmod(desk.path('open-secret'), 0o644);
    const open = await desk.online(access, 'mine', '--secret', desk.path('open-secret'));
    expect(open.error?.code).to.equal('key-readable-by-others');
    await desk.write('no-secret', 'CANARY');
    await chmod(desk.path('no-secret'), 0o600);
    const none = await desk.online(access, 'mine', '--secret', desk.path('no-secret'));
    expect(none.error?.code).to.equal('bad-key');
    expect((await desk.online(access, 'mine')).status).to.equal(4);
  });

  it('makes the tag that a gateway records', async () => {
    const args = ['tag', '--secret', desk.path('secret'), '--day', '2026-11-03', '--category', 'telemetry'];
    const ran = await desk.run(access, ...args);
    expect(ran.stdout).to.equal(`${customerTag(secret, { day: '2026-11-03', category: 'telemetry' })}\n`);
    for (const day of ['2026-02-30', '2026-1-1', 'today']) {
      expect(
        (await desk.run(access, 'tag', '--secret', desk.path('secret'), '--day', day, '--category', 'a'))
          .status,
      ).to.equal(4);
    }
  });
});

describe('isal access vault', () => {
  let desk: Desk;

  before(async () => {
    desk = await Desk.open([]);
    await mkdir(desk.path('keys'));
  });

  after(async () => desk.close());

  it('keeps a field, prints what the entry commits to, hands the field out, and erases it', async () => {
    const eventId = toHex(new Uint8Array(32).fill(3));
    const where = [desk.path('vault'), '--key', desk.path('keys/vault.key')];
    const run = (verb: string, ...more: string[]) => desk.run(access, 'vault', verb, ...where, ...more);
    expect((await run('init')).status).to.equal(0);
    expect((await run('init')).error?.code).to.equal('store-exists');
    await desk.write('name', 'Zoë Kanarienvogel\n');
    const put = await run('put', '--record', eventId, '--field', 'identity', '--in', desk.path('name'));
    expect(put.status, put.error?.message).to.equal(0);
    expect(put.stdout).to.match(/^[A-Za-z0-9_-]{43}\n$/);

    await desk.ledger.append(event(1, ({ predicate }) => (predicate.actor._sd = [put.stdout.trim()])));
    expect((await run('get', '--record', eventId, '--out', desk.path('handed-out'))).status).to.equal(0);
    const opened = await desk.online(access, 'open', desk.path('handed-out'), '--index', '1');
    expect(opened.stdout).to.contain('/predicate/actor/identity is Zoë Kanarienvogel');

    const erased = await run('erase', '--record', eventId, '--field', 'identity');
    expect(erased.stdout).to.contain('erased 1 disclosure;');
    const gone = await run('get', '--record', eventId);
    expect([gone.status, gone.error?.code, gone.stdout]).to.deep.equal([2, 'erased', '']);
    // What was handed out before still proves, and the entry is as valid as it was.
    expect((await desk.online(access, 'open', desk.path('handed-out'), '--index', '1')).status).to.equal(0);
    const again = await run('put', '--record', eventId, '--in', desk.path('handed-out'));
    expect(again.error?.code).to.equal('erased');
  });

  it('finds the record of an entry by its index or leaf hash, from the ledger or from a bundle', async () => {
    const key = ['--key', desk.path('keys/vault.key')];
    const run = (verb: string, ...more: string[]) =>
      desk.run(access, 'vault', verb, desk.path('vault'), ...key, ...more);
    const asking = ['--trust', desk.path('trust.json'), '--url', desk.server.url];
    const eventId = toHex(new Uint8Array(32).fill(5));
    await desk.write('ticket', 'TICKET-4711\n');
    const put = await run('put', '--record', eventId, '--field', 'detail', '--in', desk.path('ticket'));
    const leaf = event(2, (statement) => {
      statement.predicate.eventId = eventId;
      statement.subject = [{ digest: { sha256: toHex(sha256(fromHex(eventId))) } }];
      statement.predicate.reason._sd = [put.stdout.trim()];
    });
    const { index } = await desk.ledger.append(leaf);
    const saved = desk.path('event.isal-bundle');
    expect((await desk.online(bundle, 'get', String(index), '--out', saved)).status).to.equal(0);
    const { stdout } = await run('get', '--record', eventId);
    for (const which of [
      ['--index', String(index), ...asking],
      ['--leaf', fixtures.leafHashOf(leaf), ...asking],
      ['--index', String(index), '--bundle', saved, '--trust', desk.path('trust.json')],
    ]) {
      const got = await run('get', ...which);
      expect(got.stdout, got.error?.message).to.equal(stdout);
    }
    const erased = await run('erase', '--index', String(index), ...asking);
    expect(erased.stdout).to.contain('erased 1 disclosure;');
    expect((await run('get', '--record', eventId)).error?.code).to.equal('erased');
  });

  it('keeps a reviewer’s name under the leaf hash of the review that commits to it', async () => {
    const key = ['--key', desk.path('keys/vault.key')];
    const made = desk.path('reviewer');
    await desk.write('reviewer-name', 'Kanarienvogel & Söhne\n');
    const disclose = ['disclose', '--field', 'reviewer', '--in', desk.path('reviewer-name'), '--out'];
    const { stdout: digest } = await desk.run(access, ...disclose, made);
    expect((await desk.run(access, ...disclose, made)).error?.code).to.equal('store-exists');
    const target = fixtures.sourceReview({
      authority,
      change: ({ predicate }) => (predicate.reviewers._sd = [digest.trim()]),
    });
    const { index } = await desk.ledger.append(target);
    const which = ['--leaf', fixtures.leafHashOf(target)];
    const put = (...more: string[]) =>
      desk.online(access, 'vault', 'put', desk.path('vault'), ...key, ...more);
    expect((await put(...which, '--in', made)).stdout).to.equal(digest);
    const got = await desk.run(
      access,
      'vault',
      'get',
      desk.path('vault'),
      ...key,
      '--record',
      which[1] ?? '',
    );
    await desk.write('handed-out', got.stdout);
    const opened = await desk.online(access, 'open', desk.path('handed-out'), '--index', String(index));
    expect(opened.stdout).to.contain('/predicate/reviewers/reviewer is Kanarienvogel & Söhne');
    // The vault of a recorded entry takes nothing that the entry does not commit to.
    const stray = await put(
      '--index',
      String(index),
      '--field',
      'reviewer',
      '--in',
      desk.path('reviewer-name'),
    );
    expect([stray.status, stray.error?.code]).to.deep.equal([1, 'disclosure-mismatch']);
    expect((await put('--index', '0', '--leaf', authority, '--in', made)).status).to.equal(4);
    expect((await put(...which, '--record', authority, '--in', made)).status).to.equal(4);
    expect((await put('--record', authority, '--in', made)).status).to.equal(4);
    expect((await put('--index', '999', '--in', made)).error?.code).to.equal('out-of-range');
  });

  it('refuses what is not said in full', async () => {
    const key = ['--key', desk.path('keys/vault.key')];
    const id = toHex(new Uint8Array(32).fill(4));
    for (const args of [
      ['vault'],
      ['vault', 'open', desk.path('vault'), ...key],
      ['vault', 'get', desk.path('vault'), '--record', id],
      ['vault', 'get', desk.path('vault'), ...key],
      ['vault', 'get', desk.path('vault'), ...key, '--record', 'Zoë'],
      ['vault', 'put', desk.path('vault'), ...key, '--record', id],
      ['nothing'],
    ]) {
      const { status, error } = await desk.run(access, ...args);
      expect(status, args.join(' ')).to.equal(4);
      expect(error?.got ?? '').not.to.contain('Zoë');
    }
    const unknown = await desk.run(access, 'vault', 'get', desk.path('vault'), ...key, '--record', id);
    expect([unknown.status, unknown.error?.code]).to.deep.equal([2, 'not-found']);
  });
});
