/** What is saved of the ledger: files that entries are about, bundles, proofs, statements. */
import { mkdir, readFile } from 'node:fs/promises';
import { digest } from '../../fixtures/attestations.ts';
import { SampleLog } from '../../verifier/sample-log.ts';
import { now } from '../place.ts';
import { bundleOf, damagedProofs } from './bundles.ts';
import { command } from './live.ts';
import type { Live } from './live.ts';
import type { Making } from './making.ts';

export async function saveBundle(making: Making, live: Live, what: string, folder = ''): Promise<void> {
  const { book } = making;
  const content = book.files.get(what);
  const digestOrIndex = content === undefined ? what : `sha256:${digest(content)}`;
  await mkdir(making.path('bundles', folder), { recursive: true });
  const out = making.path('bundles', folder, `${what}.isal-bundle`);
  const online = ['--trust', making.path('trust/trust.json'), '--url', live.url];
  await command(['bundle', 'get', digestOrIndex, '--out', out], online, Math.max(making.time, now - 1));
}

/** What is judged without a network; all files are judged by asking. */
const withBundles: readonly string[] = [
  'whole.bin',
  'findings.bin',
  'differs.bin',
  'own-people.bin',
  'twice.bin',
  'build-corrected.bin',
  'correction-corrected.bin',
  'retracted-twice.bin',
  'stolen-rebuild.bin',
  'threats-4.db',
  'threats-16.db',
  'back-to-recorded-6.db',
  'back-to-unrecorded-6.db',
];

export async function savedFiles(making: Making, live: Live): Promise<void> {
  const { book } = making;
  for (const [name, content] of book.files) await making.write(`artefacts/${name}`, content);
  for (const name of withBundles) await saveBundle(making, live, name);
  await saveBundle(making, live, String(book.place('build mismatch.bin').index));
  await partialBundles(making, live);
  await savedProofs(making, live);
  await savedStatements(making);
}

/** What the ledger has, and less of it than there is. */
async function partialBundles(making: Making, live: Live): Promise<void> {
  const { book } = making;
  const checkpoint = live.ledger.checkpoint()?.note ?? new Uint8Array();
  const log = new SampleLog(book.leaves);
  const index = (label: string): number => book.place(label).index;
  const newest = [book.place('authority 4').leafHash];
  const parts: readonly (readonly [name: string, labels: readonly string[], authorities?: string[]])[] = [
    ['build-alone', ['build whole.bin']],
    ['without-review', ['build whole.bin', 'snapshot whole.bin']],
    ['without-correction', ['build build-corrected.bin'], newest],
    ['without-authority', ['update threats-16.db', 'update threats-1.db']],
    ['with-authority', ['update threats-16.db', 'update threats-1.db'], newest],
    ['second-beginning-alone', ['update twice-begun-11.db', 'update twice-begun-12.db'], newest],
    ['fork-without-the-other', ['update forked-1.db', 'update forked-2.db', 'update forked-3.db'], newest],
    ['step-left-out', ['update threats-4.db', 'update threats-2.db', 'update threats-1.db'], newest],
    ['everything-but-the-file', ['snapshot whole.bin', 'review whole.bin'], newest],
  ];
  for (const [name, labels, authorities = []] of parts) {
    const bytes = await bundleOf({ checkpoint, log, indices: labels.map(index), authorities });
    await making.write(`bundles/parts/${name}.isal-bundle`, bytes);
  }
}

async function savedProofs(making: Making, live: Live): Promise<void> {
  const online = ['--trust', making.path('trust/trust.json'), '--url', live.url];
  const { book } = making;
  for (const label of ['build plain.bin', 'build whole.bin', 'update threats-4.db', 'authority 3']) {
    const out = making.path('proofs', `${label.replace(' ', '-')}.tlog-proof`);
    const { index } = book.place(label);
    await command(['proof', 'inclusion', '--index', `${index}`, '--out', out], online, now);
  }
  const proof = await readFile(making.path('proofs/build-plain.bin.tlog-proof'), 'utf8');
  for (const [name, text] of damagedProofs(proof)) {
    await making.write(`proofs/damaged/${name}.tlog-proof`, text);
  }
}

/** One of each type, as its parties wrote it and as they signed it, and some that nobody would sign. */
async function savedStatements(making: Making): Promise<void> {
  const { book } = making;
  const labels: Readonly<Record<string, string>> = {
    authority: 'authority 4',
    'source-snapshot': 'snapshot whole.bin',
    'source-review': 'review findings.bin',
    build: 'build deviation.bin',
    'rebuild-result': 'rebuild findings.bin',
    'database-update': 'update patched-2.db',
    'data-access': 'access access 1',
    'period-summary': 'summary access 0',
    residency: 'residency 10',
    'supervisor-statement': 'statement 1',
    correction: 'correction of build build-corrected.bin',
  };
  for (const [at, [type, label]] of Object.entries(labels).entries()) {
    const leaf = book.leaves[book.place(label).index] ?? new Uint8Array();
    const statement = statementIn(leaf);
    const laidOut = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
    await making.write(`statements/${type}.json`, laidOut(statement));
    await making.write(`envelopes/${type}.dsse.json`, leaf);
    const { predicate } = statement;
    const bad =
      at % 2 === 0
        ? { ...statement, predicate: { ...predicate, ofTomorrow: true } }
        : { ...statement, subject: [{ digest: { sha256: digest('something else') } }] };
    await making.write(`statements/bad/${type}.json`, laidOut(bad));
  }
}

interface Statement {
  readonly predicate: Readonly<Record<string, unknown>>;
}

export function statementIn(leaf: Uint8Array): Statement {
  const { payload } = JSON.parse(Buffer.from(leaf).toString()) as { readonly payload: string };
  return JSON.parse(Buffer.from(payload, 'base64').toString()) as Statement;
}
