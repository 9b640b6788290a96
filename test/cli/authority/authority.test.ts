import { expect } from 'chai';
import { toBase64 } from '../../../src/bytes.ts';
import { attest } from '../../../src/cli/attest/commands.ts';
import { authority } from '../../../src/cli/authority/commands.ts';
import { formatPartyKey } from '../../../src/cli/terminal/secret-file.ts';
import { chmod, readFile } from 'node:fs/promises';
import * as fixtures from '../../fixtures/attestations.ts';
import { Desk } from '../desk.ts';
import type { Ran } from '../desk.ts';

const [r1, r2, r3] = ['root 1', 'root 2', 'root 3'].map((name) => fixtures.party(name)) as [
  fixtures.Party,
  fixtures.Party,
  fixtures.Party,
];
const stranger = fixtures.party('stranger');
const conveyor = fixtures.party('conveyor 2');
const genesis = fixtures.genesis({ roots: [r1, r2], threshold: 2 });
const inForce = fixtures.leafHashOf(genesis);
const base64 = ({ publicKey }: fixtures.Party): string => toBase64(publicKey);

describe('isal authority', () => {
  let desk: Desk;
  /** Without a ledger's URL: what needs one there fails. */
  const offline = (...args: string[]): Promise<Ran> => desk.offline(authority, ...args);
  const online = (...args: string[]): Promise<Ran> => desk.online(authority, ...args);
  const fine = async (ran: Promise<Ran>): Promise<string> => {
    const { status, stdout, error } = await ran;
    expect(status, error?.stack).to.equal(0);
    // What is broken for people is one line again.
    return stdout.replaceAll(/\n {6,}/g, ' ');
  };
  const bundle = (): string[] => ['--bundle', desk.path('chain.isal-bundle')];
  const proposal = (): string => desk.path('authority-2.json');
  const envelope = (): string => desk.path('authority-2.dsse.json');
  const propose = (...changes: string[]): Promise<Ran> =>
    offline('propose', ...bundle(), '--out', proposal(), ...changes);
  const sign = (who: fixtures.Party, path = envelope()): Promise<Ran> =>
    offline('sign', path, '--key', desk.path(`${who.name}.pem`), ...bundle());
  const rotation = [
    ['--add-root', base64(r3), '--remove-root', r1.keyid],
    ['--add-signer', `Conveyor 2;${fixtures.vendor};builder;builds,corrections;${base64(conveyor)}`],
    ['--revoke', fixtures.builder.keyid, '--kind', 'superseded', '--reason', 'replaced by conveyor 2'],
  ].flat();

  beforeEach(async () => {
    desk = await Desk.open([fixtures.build({ seq: 1, authority: inForce })], { genesis });
    await desk.write('trust.json', desk.trust({ genesis: inForce }));
    for (const party of [r1, r2, r3, stranger]) {
      await chmod(await desk.write(`${party.name}.pem`, formatPartyKey(party.seed)), 0o600);
    }
    await fine(online('show', '--out', desk.path('chain.isal-bundle')));
  });
  afterEach(() => desk.close());

  it('changes roots, signers and revocations by files, the root keys without a network', async () => {
    const proposed = await fine(propose(...rotation));
    const changes = [
      `+ root key ${r3.keyid}`,
      `- root key ${r1.keyid}`,
      `+ signer Conveyor 2 (${fixtures.vendor}): builder; sources builds, corrections; key ${conveyor.keyid}`,
      `+ revocation of builder (${fixtures.vendor}), ${fixtures.builder.keyid}: superseded from leaf 2 on, “replaced by conveyor 2”`,
    ];
    for (const change of changes) expect(proposed).to.contain(`  ${change}\n`);

    const first = await fine(sign(r1, proposal()));
    for (const change of changes) expect(first).to.contain(`  ${change}\n`);
    expect(first)
      .to.match(/Old roots +1 missing; 2 of 2/)
      .and.to.match(/New roots +2 missing; 2 of 2/);
    const early = await online('submit', envelope());
    expect(early.error).to.include({ code: 'missing-role' });
    expect(desk.ledger.checkpoint()?.checkpoint.size).to.equal(2);
    const second = await fine(sign(r2));
    expect(second)
      .to.match(/Old roots +complete/)
      .and.to.match(/New roots +1 missing/);
    const third = JSON.parse(
      await fine(offline('sign', envelope(), '--key', desk.path('root 3.pem'), ...bundle(), '--json')),
    ) as object;
    expect(third).to.deep.equal({
      keyid: r3.keyid,
      version: 2,
      changes,
      missing: { old: 0, new: 0 },
      out: envelope(),
    });
    const reviewed = await fine(online('show', envelope(), '--json'));
    expect(JSON.parse(reviewed)).to.deep.include({ changes, missing: { old: 0, new: 0 } });

    expect(await fine(online('submit', envelope()))).to.match(/✓ Recorded +leaf 2 of 3\n/);
    expect(desk.ledger.authority()).to.include({ version: 2, index: 2 });
    expect(await fine(online('submit', envelope()))).to.match(/✓ Known +leaf 2 of 3\n/);
    const shown = await fine(online('show'));
    expect(shown)
      .to.match(/✓ Document +version 1, leaf 0/)
      .and.to.match(/✓ Document +version 2, leaf 2/);
    expect(shown)
      .to.match(/✓ In force +version 2/)
      .and.to.match(/\? Later +none shown after leaf 2, as of 3/);
    expect(shown).to.match(/superseded +builder \(Example Security\)/);
    expect(shown).not.to.contain(r1.keyid);
    const { chain, signers, root } = JSON.parse(await fine(online('show', '--json'))) as {
      chain: { version: number }[];
      signers: { keyid: string; status: string }[];
      root: object;
    };
    expect(chain.map((one) => one.version)).to.deep.equal([1, 2]);
    expect(root).to.deep.equal({ threshold: 2, keyids: [r2.keyid, r3.keyid] });
    const statuses = signers.map(({ keyid, status }) => [keyid, status]);
    expect(statuses).to.deep.include([fixtures.builder.keyid, 'superseded']);
    expect(statuses).to.deep.include([conveyor.keyid, 'in-force']);
  });

  it('refuses a document that could not succeed before anybody signs it', async () => {
    const cases: [string[], string, string?][] = [
      [['--remove-root', r1.keyid], 'authority-invalid', '/predicate/root/threshold'],
      [['--add-root', base64(fixtures.builder)], 'authority-invalid', '/predicate/signers/0/publicKey'],
      [['--revoke', r1.keyid, '--reason', 'lost'], 'authority-invalid', '/predicate/revocations/0/keyid'],
      [
        ['--add-signer', `A;B;wizard;builds;${base64(conveyor)}`],
        'schema-violation',
        '/predicate/signers/8/roles/0',
      ],
    ];
    for (const [changes, code, at] of cases) {
      expect((await propose(...changes)).error, changes.join(' ')).to.include({ code, at });
    }
    await fine(propose('--threshold', '1'));
    const statement = JSON.parse(Buffer.from(await desk.read('authority-2.json')).toString());
    for (const [change, code] of [
      [{ previous: fixtures.digest('another') }, 'authority-invalid'],
      [{ version: 3 }, 'authority-invalid'],
      [{ version: 1, previous: null }, 'authority-superseded'],
    ] as const) {
      const predicate = { ...statement.predicate, ...change };
      const path = await desk.write('edited.json', JSON.stringify({ ...statement, predicate }));
      expect((await sign(r1, path)).error).to.include({ code });
    }
  });

  it('refuses a second spelling of an organisation before anybody signs it', async () => {
    const spelt = (organisation: string): string[] => [
      '--add-signer',
      `Conveyor 2;${organisation};builder;builds;${base64(conveyor)}`,
    ];
    const { error } = await propose(...spelt('Ex\u0430mple Security'));
    expect(error).to.include({
      code: 'authority-invalid',
      at: `/predicate/signers/${fixtures.signers.length}/organisation`,
    });
    await fine(propose(...spelt(fixtures.vendor)));
    // A proposal that came by another way is refused by the first root holder who reads it.
    const statement = await readFile(proposal(), 'utf8');
    await desk.write('authority-2.json', statement.replace(fixtures.vendor, 'Example\u00a0Security'));
    expect((await sign(r1, proposal())).error).to.include({ code: 'authority-invalid' });
  });

  it('refuses changes that are a slip of the pen', async () => {
    const cases: [string[], RegExp][] = [
      [['--revoke', stranger.keyid, '--reason', 'gone'], /no document of this ledger lists/],
      [['--revoke', fixtures.builder.keyid], /says why/],
      [['--revoke', fixtures.builder.keyid, '--reason', 'x', '--kind', 'stolen'], /unknown --kind/],
      [['--revoke', fixtures.builder.keyid, '--reason', 'x', '--kind', 'compromised'], /since when/],
      [['--reason', 'x'], /belong to --revoke/],
      [['--remove-signer', stranger.keyid], /no such signer/],
      [['--remove-root', stranger.keyid], /no such root key/],
      [['--add-root', 'AAAA'], /not an Ed25519 public key/],
      [['--add-root', toBase64(new Uint8Array(32))], /not an Ed25519 public key/],
      [['--add-signer', 'A;B;builder'], /five parts/],
      [['--add-promise', 'access;1d'], /three parts, or four/],
      [['--add-promise', 'access;daily;1h'], /no length of time/],
      [['--remove-promise', 'access'], /no such promise/],
      [['--key', 'x'], /no option --key/],
      [['extra'], /options only/],
      [['--url', 'http://127.0.0.1:1'], /from --bundle or from --url/],
    ];
    for (const [changes, message] of cases) {
      const { status, error } = await propose(...changes);
      expect(error?.message, changes.join(' ')).to.match(message);
      expect(status).to.equal(4);
    }
  });

  it('does not write over another proposal of the same version, unless told the name', async () => {
    const before = process.cwd();
    process.chdir(desk.directory);
    try {
      await fine(offline('propose', ...bundle(), ...rotation));
      const first = await desk.read('authority-2.json');
      const again = await offline('propose', ...bundle());
      expect(again.error).to.include({ code: 'store-exists', got: 'authority-2.json' });
      expect(again.status).to.equal(4);
      expect(await desk.read('authority-2.json')).to.deep.equal(first);
      await fine(propose());
      expect(await desk.read('authority-2.json')).to.not.deep.equal(first);
    } finally {
      process.chdir(before);
    }
  });

  it('promises summaries of a source, carries the promise over, and withdraws it in plain words', async () => {
    const promised = await fine(
      propose('--threshold', '1', '--add-promise', 'access;7d;12h;2026-11-01T00:00:00Z'),
    );
    const words = 'promise of access: a summary every 7 days, within 12 hours, from 2026-11-01T00:00:00Z on';
    expect(promised).to.contain(`  + ${words}\n`);
    await fine(sign(r1, proposal()));
    await fine(sign(r2));
    await fine(online('submit', envelope()));
    expect(await fine(online('show'))).to.match(
      /^Promise +access: a summary every 7 days, within 12 hours, /m,
    );
    const { promises } = JSON.parse(await fine(online('show', '--json'))) as { promises: object[] };
    const promise = { source: 'access', from: '2026-11-01T00:00:00Z', summaryEvery: 604_800, grace: 43_200 };
    expect(promises).to.deep.equal([promise]);

    const next = await fine(online('propose', '--out', '-'));
    expect((JSON.parse(next) as { predicate: object }).predicate).to.deep.include({ promises: [promise] });
    const anew = ['--remove-promise', 'access', '--add-promise', 'access;1d;12h'];
    expect(await fine(online('propose', '--out', proposal(), ...anew))).to.contain(
      `  ~ ${words} → a summary every 1 day, within 12 hours, from `,
    );
    const withdrawn = await fine(online('propose', '--out', proposal(), '--remove-promise', 'access'));
    expect(withdrawn).to.contain(`  - ${words}\n`);
    const twice = await online('propose', '--out', proposal(), '--add-promise', 'access;1d;1h');
    expect(twice.error).to.include({ code: 'authority-invalid', at: '/predicate/promises/1/source' });
  });

  it('takes from each key one signature, that a threshold needs', async () => {
    await fine(propose('--threshold', '1'));
    expect((await sign(stranger, proposal())).error).to.include({ code: 'unknown-signer' });
    await fine(sign(r1, proposal()));
    const again = { code: 'duplicate-signature', message: 'this key has signed the document already' };
    expect((await sign(r1)).error).to.include(again);
    await fine(sign(r2));
    // Both thresholds are met now; a third signature would make the ledger refuse them all.
    const three = [...rotation.slice(0, 2), '--threshold', '1'];
    await fine(propose(...three));
    await fine(sign(r3, proposal()));
    await fine(sign(r1));
    expect((await sign(r2)).error).to.include({ code: 'superfluous-signature' });
  });

  it('counts no signature that does not verify, and signs nothing but authority documents', async () => {
    await fine(propose('--threshold', '1'));
    await fine(sign(r1, proposal()));
    const before = JSON.parse(Buffer.from(await desk.read('authority-2.dsse.json')).toString());
    await fine(propose('--threshold', '1', '--remove-signer', fixtures.reviewer.keyid));
    await fine(sign(r1, proposal()));
    const { signatures } = JSON.parse(Buffer.from(await desk.read('authority-2.dsse.json')).toString());
    await desk.write('authority-2.dsse.json', JSON.stringify({ ...before, signatures }));
    expect((await sign(r2)).error).to.include({ code: 'bad-signature' });
    expect((await online('show', envelope())).error).to.include({ code: 'bad-signature' });

    const build = await desk.write('build.json', JSON.stringify(fixtures.buildStatement()));
    expect((await sign(r1, build)).error).to.include({ code: 'unknown-type' });
    const signedBuild = await desk.write('build.dsse.json', fixtures.build({ authority: inForce, seq: 2 }));
    expect((await online('submit', signedBuild)).error).to.include({ code: 'unknown-type' });
    expect(desk.ledger.checkpoint()?.checkpoint.size).to.equal(2);
  });

  it('shows what is signed also where the envelope goes to standard output', async () => {
    await fine(propose('--threshold', '1'));
    const key = desk.path('root 1.pem');
    const { stdout, stderr } = await offline('sign', proposal(), '--key', key, ...bundle(), '--out', '-');
    expect(stderr).to.contain('~ root threshold: 2 of 2 → 1 of 2');
    expect(Object.keys(JSON.parse(stdout))).to.deep.equal(['payload', 'payloadType', 'signatures']);
  });

  it('carries everything over when nothing is changed', async () => {
    const out = await fine(offline('propose', ...bundle(), '--out', '-'));
    const { predicate } = JSON.parse(out) as { predicate: Record<string, unknown> };
    const { document } = desk.ledger.authority();
    const { version, previous, occurredAt } = predicate;
    expect(predicate).to.deep.equal({ ...document, version: 2, previous: inForce, occurredAt });
    expect({ version, previous }).to.deep.equal({ version: 2, previous: inForce });
    expect(await fine(propose())).to.contain('nothing but its version and time');
  });

  it('believes a chain only under the trust file', async () => {
    await desk.write('trust.json', desk.trust({ genesis: fixtures.digest('another') }));
    for (const ran of [await offline('show', ...bundle()), await online('show')]) {
      expect(ran.error).to.include({ code: 'leaf-mismatch' });
      expect(ran.stdout).to.equal('');
    }
    expect((await desk.run(authority, 'show', ...bundle())).error).to.include({ code: 'no-trust-file' });
  });

  it('makes an envelope that attest takes too', async () => {
    await fine(propose('--threshold', '1'));
    await fine(sign(r1, proposal()));
    await fine(desk.run(attest, 'cosign', envelope(), '--key', desk.path('root 2.pem')));
    expect(await fine(online('submit', envelope(), '--json'))).to.contain('"index":2');
  });
});
