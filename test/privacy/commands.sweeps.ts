/**
 * Canaries through every command: as the file that it reads, whatever it takes
 * that file for, and as its arguments. Only two commands may repeat one, to
 * whoever holds it: `access open` and `access vault get`.
 */
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { formatPolicy } from '../../src/note/policy.ts';
import { toHex } from '../../src/bytes.ts';
import type { Extent } from '../extent.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { Desk } from '../cli/desk.ts';
import { isal } from '../cli/isal.ts';
import type { Ran } from '../cli/isal.ts';
import { genesis, policy } from '../ledger/site.ts';
import { canaries, canarySecret, texts, wordsIn } from './canaries.ts';
import { rubbish, spoiltStatements } from './rubbish.ts';

const authority = fixtures.leafHashOf(genesis);
const eventId = toHex(new Uint8Array(32).fill(8));

/** A command by its words; FILE is a file of rubbish, NEW a path where nothing is, the others are good files. */
const reading: readonly string[] = [
  'verify FILE',
  'verify GOOD --bundle FILE',
  'verify GOOD --proof FILE',
  'verify GOOD --trust FILE',
  'verify --evidence FILE',
  'explain FILE',
  'bundle get FILE',
  'bundle inspect FILE',
  'proof inspect FILE',
  'proof inclusion --index 1 --trust FILE',
  'log checkpoint --trust FILE',
  'attest lint FILE',
  'attest sign FILE --key KEY --out NEW',
  'attest sign STATEMENT --key FILE --out NEW',
  'attest cosign FILE --key KEY --out NEW',
  'attest submit FILE --url URL --out NEW',
  'attest rebuild FILE GOOD',
  'attest rebuild GOOD FILE',
  'attest snapshot TREE --manifest NEW',
  'access open FILE --index 1',
  'access open FILE --bundle BUNDLE',
  'access open DISCLOSURE --bundle FILE',
  'access mine --secret FILE',
  'access tag --secret FILE --day 2026-11-03 --category telemetry',
  'access disclose --field identity --in FILE --out NEW',
  'access vault init NEW --key FILE',
  `access vault put VAULT --key VAULTKEY --record ${eventId} --in FILE`,
  'access vault put VAULT --key VAULTKEY --index 1 --in FILE',
  `access vault put VAULT --key VAULTKEY --record ${eventId} --field detail --in FILE`,
  `access vault get VAULT --key FILE --record ${eventId}`,
  'access vault get VAULT --key VAULTKEY --index 1 --bundle FILE',
  'access summary --trust FILE',
  'update chain threats --trust FILE',
  'update show FILE',
  'region status --trust FILE',
  'authority show FILE',
  'authority sign FILE --key KEY --bundle BUNDLE',
  'authority submit FILE --url URL',
  'monitor init NEW --trust FILE',
  'monitor once MONITOR',
  'monitor status MONITOR',
  'witness init NEW --name witness.example/w --policy FILE',
  'witness run WITNESS',
  'init NEW --origin ledger.example/new --genesis FILE',
  'init NEW --origin ledger.example/new --witnesses FILE',
  'witness show WITNESS',
  'serve LEDGER --port 0',
  'serve --read-only LEDGER --port 0',
  'signer run LEDGER',
  'log refill LEDGER --from FILE',
  'log refill LEDGER --from FILE --checkpoint FILE',
  'log fsck STORE --trust FILE',
  'store check STORE',
  'store check STORE --trust FILE',
  'store backup LEDGER --to NEW',
  'store backup STORE --to NEW',
  'store restore STORE NEW',
];

/** What a command reads by itself, and finds rubbish in. */
const ownFiles: Readonly<Record<string, string>> = {
  'monitor once MONITOR': 'monitor/watch.json',
  'monitor status MONITOR': 'monitor/status.json',
  'witness run WITNESS': 'witness/policy.txt',
  'witness show WITNESS': 'witness/policy.txt',
  'serve LEDGER --port 0': 'ledger/config.json',
  'serve --read-only LEDGER --port 0': 'ledger/config.json',
  'signer run LEDGER': 'ledger/config.json',
  'store check STORE': 'store/db/CURRENT',
  'store backup LEDGER --to NEW': 'ledger/config.json',
  'store backup STORE --to NEW': 'store/db/000005.ldb',
  'store restore STORE NEW': 'store/trust.json',
  'attest snapshot TREE --manifest NEW': 'tree/file',
};

/** A command with CANARY where an argument stands that is no path and no public name. */
const asking: readonly string[] = [
  'CANARY',
  ...[
    'access',
    'attest',
    'authority',
    'bundle',
    'log',
    'monitor',
    'proof',
    'region',
    'signer',
    'store',
    'update',
    'witness',
  ].map((command) => `${command} CANARY`),
  'explain CANARY',
  'help CANARY',
  'completion CANARY',
  'serve LEDGER --metrics CANARY',
  'serve --read-only LEDGER --metrics CANARY',
  'signer run LEDGER --group CANARY',
  'verify GOOD --max-age CANARY',
  'verify GOOD --require CANARY',
  'verify GOOD --url CANARY',
  'log entry CANARY',
  'log checkpoint --at CANARY',
  ...['type', 'signer', 'subject', 'ref', 'limit', 'after'].map((filter) => `log search --${filter} CANARY`),
  'proof inclusion --index CANARY',
  'proof inclusion --leaf CANARY',
  'proof consistency --from CANARY',
  'proof consistency --from 1 --to CANARY',
  'attest new CANARY',
  'attest new build --seq CANARY',
  'attest new correction --target CANARY',
  'access open DISCLOSURE --index CANARY',
  'access open DISCLOSURE --leaf CANARY',
  'access tag --secret SECRET --day CANARY --category telemetry',
  'access tag --secret SECRET --day 2026-11-03 --category CANARY',
  'access vault CANARY VAULT --key VAULTKEY',
  'access vault get VAULT --key VAULTKEY --record CANARY',
  'access vault get VAULT --key VAULTKEY --index CANARY',
  'access vault get VAULT --key VAULTKEY --leaf CANARY',
  `access vault get VAULT --key VAULTKEY --record ${eventId} --field CANARY`,
  `access vault erase VAULT --key VAULTKEY --record ${eventId} --field CANARY`,
  'access summary --from CANARY',
  'update chain threats --last CANARY',
  'region status --as-of CANARY',
  'authority propose --threshold CANARY --out NEW',
  'authority propose --revoke CANARY --out NEW',
  'authority propose --remove-root CANARY --out NEW',
  'authority propose --add-signer CANARY --out NEW',
  'authority propose --add-promise CANARY --out NEW',
];

/** Registers them as a suite. */
export function sweepCommands({ name, cases, upTo }: Extent): void {
  describe(`privacy: canaries through every command, ${name}`, function () {
    this.timeout(upTo(1_200_000, 60_000));
    let desk: Desk;
    let places: Record<string, string>;
    let turn = 0;
    const used = new Set<string>();
    const leaks: { readonly words: readonly string[]; readonly args: string; readonly ran: Ran }[] = [];

    const run = async (command: string, more: Record<string, string> = {}): Promise<Ran> => {
      turn += 1;
      const words: Record<string, string> = { ...places, NEW: desk.path(`new-${turn}`), ...more };
      const args = command.split(' ').map((word) => words[word] ?? word);
      used.add(args[0] ?? '');
      const ran = await isal(args, { ISAL_TRUST: desk.path('trust.json') });
      const found = wordsIn(ran.stdout + ran.stderr);
      if (found.length > 0) leaks.push({ words: found, args: args.join(' '), ran });
      return ran;
    };

    before(async () => {
      const leaf = fixtures.dataAccess({ authority });
      desk = await Desk.open([leaf, fixtures.databaseUpdate({ authority })]);
      const logs = policy.logs.map((log) => ({ ...log, url: desk.server.url }));
      await desk.write('trust.json', desk.trust({ policy: formatPolicy({ ...policy, logs }) }));
      await mkdir(desk.path('tree'));
      places = { URL: desk.server.url };
      const good: Record<string, string | Uint8Array> = {
        GOOD: 'a file of no interest',
        STATEMENT: fixtures.payloadOf(fixtures.buildStatement({ authority })),
        SECRET: canarySecret,
      };
      for (const [name, content] of Object.entries(good)) {
        places[name] = await desk.write(`${name.toLowerCase()}.json`, content);
        await chmod(places[name], 0o600);
      }
      for (const name of [
        'VAULT',
        'VAULTKEY',
        'MONITOR',
        'WITNESS',
        'LEDGER',
        'STORE',
        'TREE',
        'DISCLOSURE',
        'BUNDLE',
      ]) {
        places[name] = desk.path(name.toLowerCase());
      }
      const key = await isal([
        'init',
        desk.path('ledger'),
        '--origin',
        'ledger.example/it',
        '--no-post-quantum',
      ]);
      expect(key.status, key.stderr).to.equal(0);
      // As a ledger that has a database; what is in that, the sweep says.
      await cp(desk.path('ledger'), desk.path('store'), { recursive: true });
      await mkdir(desk.path('store/db'), { recursive: true });
      await writeFile(desk.path('store/db/CURRENT'), 'MANIFEST-000004\n');
      places['KEY'] = desk.path('ledger/keys/supervisor.pem');
      for (const command of [
        'access vault init VAULT --key VAULTKEY',
        'monitor init MONITOR',
        'witness init WITNESS --name witness.example/w --policy TRUST --no-post-quantum',
        'bundle get 1 --out BUNDLE',
      ]) {
        const { status, stderr } = await run(command, { TRUST: desk.path('trust.json') });
        expect(status, `${command}\n${stderr}`).to.equal(0);
      }
      await desk.write('name', canaries.name);
      expect(
        (
          await run('access disclose --field identity --in NAME --out DISCLOSURE', {
            NAME: desk.path('name'),
          })
        ).status,
      ).to.equal(0);
    });

    after(async () => desk.close());

    it('reads them from files of every kind, in the place of every other kind', async () => {
      const spoilt = spoiltStatements().filter(({ by }) => by.every(({ name }) => name !== 'a stranger'));
      const contents = [
        ...rubbish(),
        ...spoilt.filter((_, at) => at % 40 === 0).map(({ text }) => new Uint8Array(Buffer.from(text))),
      ];
      let refusals = 0;
      for (const [at, content] of contents.entries()) {
        const path = await desk.write(`rubbish-${at}`, content);
        await chmod(path, 0o600);
        for (const command of cases(reading, 1, String(at))) {
          const own = ownFiles[command];
          if (own !== undefined) await writeFile(desk.path(own), content);
          if ((await run(command, { FILE: path })).status !== 0) refusals++;
        }
      }
      expect(refusals).to.be.greaterThan(contents.length / 2);
      expect(leaks.slice(0, 5)).to.deep.equal([]);
    });

    it('is asked for them where numbers, hashes, times and words of its own belong', async () => {
      let refusals = 0;
      for (const text of texts.filter((one) => one !== canarySecret)) {
        for (const command of asking) {
          if ((await run(command, { CANARY: text })).status !== 0) refusals++;
        }
      }
      // A login makes a category.
      expect(refusals).to.equal(asking.length * (texts.length - 1) - 1);
      expect(leaks.slice(0, 5)).to.deep.equal([]);
    });

    it('leaves out no command', async () => {
      const { stdout } = await isal(['--help']);
      const all = [...stdout.matchAll(/^ {2}isal ([a-z]+)/gm)].map(([, command]) => command ?? '');
      expect(all.length).to.be.greaterThan(12);
      // The demonstration takes no input.
      expect(all.filter((command) => command !== 'demo' && !used.has(command))).to.deep.equal([]);
    });

    it('would be found out: to the holder of a disclosure two commands do repeat it', async () => {
      leaks.length = 0;
      const identity = await run('access disclose --field identity --in NAME --out OWN', {
        NAME: desk.path('name'),
        OWN: desk.path('own'),
      });
      const leaf = fixtures.dataAccess({
        authority,
        seq: 2,
        change: ({ predicate }) => (predicate.actor._sd = [identity.stdout.trim()]),
      });
      const { index } = await desk.ledger.append(leaf);
      const which = `--index ${index}`;
      expect(
        (await run(`access vault put VAULT --key VAULTKEY ${which} --in OWN`, { OWN: desk.path('own') }))
          .status,
      ).to.equal(0);
      expect(leaks).to.deep.equal([]);
      await run(`access open OWN ${which}`, { OWN: desk.path('own') });
      await run(`access vault get VAULT --key VAULTKEY ${which}`);
      expect(leaks.map(({ args }) => args.split(' ').slice(0, 3).join(' '))).to.deep.equal([
        `access open ${desk.path('own')}`,
        'access vault get',
      ]);
    });
  });
}
