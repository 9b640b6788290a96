/**
 * Makes the fixture ledger, all of it but the verdicts:
 *
 *     npx tsc && node dist/test/compat/make.js
 *
 * It was made once, by the release that its README names. Made by a later one
 * it would be no witness of what that release wrote.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { LedgerError } from '../../src/errors.ts';
import { build, buildSource, digest, supervisor } from '../fixtures/attestations.ts';
import { besides } from './make/besides.ts';
import type { Book } from './make/book.ts';
import { brokenChains, rollbacks, rules, threats, wholeChains } from './make/databases.ts';
import { exportLog } from './make/histories.ts';
import { command, makeDirectories } from './make/live.ts';
import type { Live } from './make/live.ts';
import { Making } from './make/making.ts';
import { builder2, fourthAuthority, secondAuthority, thirdAuthority } from './make/parties.ts';
import {
  firstBuilds,
  laterBuilds,
  sealedBuilds,
  sourcesAndSubjects,
  stolenRebuild,
  toBeCorrected,
} from './make/products.ts';
import { saveBundle, savedFiles } from './make/saved.ts';
import {
  accessDays,
  corrections,
  correctionsOfCorrections,
  residencies,
  supervisorStatements,
} from './make/statements.ts';
import { trustFiles } from './make/trust.ts';
import { fixture, restingUrl } from './place.ts';

/** Directories of the fixture; what is beside them is written by hand, or by `record.ts`. */
const made = [
  'artefacts',
  'broken',
  'bundles',
  'disclosures',
  'envelopes',
  'evidence',
  'export',
  'ledger',
  'monitor',
  'proofs',
  'seals',
  'statements',
  'trust',
  'vault',
  'witness-1',
  'witness-2',
] as const;

/** What a process leaves in a database's directory for itself. */
const ofAProcess: ReadonlySet<string> = new Set(['LOCK', 'LOG', 'LOG.old']);

async function beginnings(making: Making): Promise<void> {
  await making.during(true, async (live, book) => {
    rules(book);
    threats(book, 1, 6);
    firstBuilds(book);
    await making.record(live);
    sourcesAndSubjects(book);
    toBeCorrected(book);
    sealedBuilds(book);
    await making.record(live, 26);
    accessDays(book);
    await making.record(live, 150);
  });
}

/** Bundles and a proof that speak as of a time when nothing was taken back yet, and a monitor that knows as much. */
async function middle(making: Making): Promise<void> {
  await making.during(true, async (live, book) => {
    await book.succeed(2, secondAuthority(book.authority));
    stolenRebuild(book);
    wholeChains(book);
    threats(book, 7, 12);
    residencies(book);
    supervisorStatements(book);
    await making.record(live);
    for (const name of ['build-corrected.bin', 'stolen-rebuild.bin', 'plain.bin'])
      await saveBundle(making, live, name, 'early/');
    const { index } = book.place('build plain.bin');
    const online = ['--trust', making.path('trust/trust.json'), '--url', live.url];
    const proof = making.path('proofs/plain-early.tlog-proof');
    await mkdir(making.path('proofs'));
    await command(['proof', 'inclusion', '--index', `${index}`, '--out', proof], online, making.time);
    await watch(making, live);
  });
}

async function watch(making: Making, live: Live): Promise<void> {
  const directory = making.path('monitor');
  const trust = making.path('trust/trust.json');
  await command(['monitor', 'init', directory, '--trust', trust, '--url', live.url], [], making.time);
  const rulesOf = [
    { alert: 'product', product: 'sealed setup', label: 'sealed ones' },
    { alert: 'digest', digest: { sha256: digest('newest.bin') } },
    { alert: 'signer', keyid: builder2.keyid, label: 'the new key' },
    { alert: 'type', type: 'correction' },
    { alert: 'gap', after: 60 },
    { alert: 'silence', seconds: 86_400 },
  ];
  const list = (url: string): string =>
    `${JSON.stringify({ format: 'isal-watch/v1', logs: [{ trust: 'trust.json', url, rules: rulesOf }] })}\n`;
  await writeFile(join(directory, 'watch.json'), list(live.url));
  // Exit status 1: it finds the number that an event of the second day has used for nothing.
  await command(['monitor', 'once', directory], [], making.time).catch(() => undefined);
  await writeFile(join(directory, 'watch.json'), list(restingUrl));
}

async function troubles(making: Making): Promise<void> {
  await making.during(false, async (live, book) => {
    corrections(book);
    await making.record(live);
    correctionsOfCorrections(book);
    threats(book, 13, 18);
    await making.record(live);
    await book.succeed(3, thirdAuthority(book.authority, book.size));
    threats(book, 19, 24);
    laterBuilds(book);
    await making.record(live);
    brokenChains(book);
    rollbacks(book);
    await making.record(live);
  });
}

async function endings(making: Making): Promise<void> {
  await making.during(false, async (live, book) => {
    const stolen = {
      publisher: book.place('update threats-15.db').index,
      rebuilder: book.place('rebuild stolen-rebuild.bin').index,
    };
    await book.succeed(4, fourthAuthority(book.authority, stolen));
    threats(book, 25, 30);
    await making.record(live, 10_000);
    await conflict(live, book);
    await exportLog(making.path('export'), book.size, async (path) => {
      const response = await fetch(`${live.url}/${path}`);
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    });
    await savedFiles(making, live);
  });
}

/** A number that is used again: refused, and evidence of it kept. */
async function conflict({ ledger }: Live, book: Book): Promise<void> {
  const leaf = build({
    authority: book.authority,
    source: buildSource,
    seq: 1,
    file: 'again.bin',
    signedBy: [builder2, supervisor],
  });
  const code = await ledger.append(leaf).then(
    () => 'recorded',
    (error: unknown) => (error instanceof LedgerError ? error.code : String(error)),
  );
  if (code !== 'source-conflict') throw new Error(`a number that was used twice: ${code}`);
}

/** Where each entry stands, by the name that the story gives it: `record.ts` and people look it up. */
async function index(making: Making): Promise<void> {
  const places = Object.fromEntries(making.book.places());
  await making.write('places.json', `${JSON.stringify(places, null, 1)}\n`);
}

async function keep(making: Making): Promise<void> {
  for (const name of made) {
    await rm(join(fixture, name), { recursive: true, force: true });
    await cp(making.path(name), join(fixture, name), {
      recursive: true,
      filter: (path) => !ofAProcess.has(basename(path)),
    });
  }
  await cp(making.path('places.json'), join(fixture, 'places.json'));
}

/** Under it the first commands are run, when the other trust files cannot be written yet. */
async function firstTrust(making: Making): Promise<void> {
  const genesis = making.book.place('authority 1');
  const files = trustFiles(genesis.leafHash, { size: 1, authorities: [genesis] });
  await making.write('trust/trust.json', files.get('trust.json') ?? '');
}

const root = await mkdtemp(join(tmpdir(), 'isal-fixture-'));
try {
  const making = new Making(root);
  await makeDirectories(root, making.genesis);
  await beginnings(making);
  await firstTrust(making);
  await middle(making);
  await troubles(making);
  await endings(making);
  await besides(making);
  await index(making);
  await keep(making);
  process.stdout.write(`${making.book.size} entries in ${fixture}\n`);
} finally {
  await rm(root, { recursive: true });
}
