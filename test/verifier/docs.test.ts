/** The examples of docs/verifier.md compile against the package's own export, and do what they say. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { formatProof } from '../../src/note/proof.ts';
import type * as Verifier from '../../src/verifier/index.ts';
import type { Checkpoint, FetchPath, FileQuestion, Verdict } from '../../src/verifier/index.ts';
import { forkEvidence, formatBundle } from '../../src/verifier/index.ts';
import {
  build,
  dataAccess,
  databaseUpdate,
  digest,
  genesis,
  periodSummary,
} from '../fixtures/attestations.ts';
import { SampleLog, cosignedAt, policyText } from './sample-log.ts';
import { Supervised, digests } from './supervised-log.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Inside the package, so that its own name leads to its own exports. */
const folder = join(root, 'dist', 'test', 'examples');

interface Examples {
  isRecorded(trustFile: Uint8Array, bundle: Uint8Array, sha256: string): Promise<Verdict>;
  reviewsOf(verdict: Verdict): string[];
  accepted(question: FileQuestion): Promise<boolean>;
  whoseSeal(
    trustFile: Uint8Array,
    bundle: Uint8Array,
    sha256: string,
    lists: readonly Uint8Array[],
  ): Promise<Verdict>;
  surely(
    digests: { sha256: string },
    bundle: Uint8Array,
    how: { trustFile: Uint8Array; fetchPath: FetchPath },
  ): Promise<Verdict>;
  sizeOf(note: Uint8Array, policyText: string, now: number): number;
  indexOf(receipt: Uint8Array, leaf: Uint8Array, trustFile: Uint8Array): number;
  over(baseUrl: string): FetchPath;
  visit(trustFile: Uint8Array, fetchPath: FetchPath, known: Checkpoint, now: number): Promise<Checkpoint>;
  audit(trustFile: Uint8Array, fetchPath: FetchPath, now: number): Promise<number>;
  untrue(trustFile: Uint8Array, fetchPath: FetchPath): Promise<string[]>;
  convicts(evidence: Uint8Array, trustFile: Uint8Array): string;
}

async function compiled(text: string): Promise<Examples> {
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files = blocks.map((_, at) => `example-${at}.ts`);
  for (const [at, block] of blocks.entries()) await writeFile(join(folder, files[at] as string), block);
  const options = {
    module: 'nodenext',
    target: 'es2023',
    // As in a browser: nothing of Node is known.
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
    (error: { stdout?: string; message?: string }) => ({ stdout: error.stdout ?? error.message ?? 'failed' }),
  );
  expect(stdout, 'what the compiler says of docs/verifier.md').to.equal('');
  const modules = await Promise.all(
    files.map(
      (name) => import(pathToFileURL(join(folder, name.replace('.ts', '.js'))).href) as Promise<object>,
    ),
  );
  return Object.assign({}, ...modules) as Examples;
}

describe('the examples of docs/verifier.md', function () {
  this.timeout(60_000);
  const file = 'hello_1.1.deb';
  const log = new SampleLog([
    genesis(),
    build({ seq: 1, file }),
    databaseUpdate(),
    dataAccess({ seq: 1 }),
    dataAccess({ seq: 3 }),
  ]);
  const trustFile = utf8(JSON.stringify(log.trustFile()));
  const now = cosignedAt + 60;
  const { log: print } = console;
  let examples: Examples;
  let printed: string[];

  before(async () => {
    examples = await compiled(await readFile(join(root, 'docs', 'verifier.md'), 'utf8'));
  });
  beforeEach(() => {
    printed = [];
    console.log = (...words: unknown[]) => void printed.push(words.join(' '));
  });
  afterEach(() => {
    console.log = print;
  });

  it('judge a file by a bundle', async () => {
    const bundle = formatBundle(await log.bundle([1]));
    expect((await examples.isRecorded(trustFile, bundle, digest(file))).answer).to.equal('proven');
    expect(printed.join('\n')).to.contain('recorded proven leaf 1 of 5');
    const other = await examples.isRecorded(trustFile, bundle, digest('another'));
    expect(other.answer).to.equal('not-proven');
    expect(printed.at(-1)).to.contain('not-recorded');
  });

  it('judge a file by a bundle and the whole log, and by what is required', async () => {
    const supervised = new Supervised();
    const whole = supervised.log();
    const pinned = utf8(JSON.stringify(whole.trustFile()));
    const bundle = formatBundle(await whole.bundle([4]));
    const question = { digests, trust: whole.trust() };
    expect(await examples.accepted({ ...question, bundle })).to.equal(false);
    expect(printed).to.deep.equal(['source not-shown', 'review=targeted not-shown', 'rebuild not-shown']);
    expect(await examples.accepted({ ...question, bundle: await whole.bundle([1, 3, 4, 5]) })).to.equal(true);
    const { sha256 = '' } = digests;
    const how = { trustFile: pinned, fetchPath: whole.serve() };
    const verdict = await examples.surely({ sha256 }, bundle, how);
    expect(verdict.answer).to.equal('proven');
    expect(examples.reviewsOf(verdict)).to.deep.equal(['proven: targeted, 412 of 9310 files']);
    const unsealed = await examples.whoseSeal(pinned, bundle, sha256, []);
    expect(unsealed.hops.map(({ hop }) => hop)).not.to.include('sealed');
  });

  it('say where a period summary differs from the log', async () => {
    const summarised = new SampleLog([
      genesis(),
      dataAccess({ seq: 1 }),
      dataAccess({ seq: 3 }),
      periodSummary(),
    ]);
    const found = await examples.untrue(utf8(JSON.stringify(summarised.trustFile())), summarised.serve());
    expect(found).to.include('access, leaf 3: gatewayCount 3, not 2');
    expect(await examples.untrue(trustFile, log.serve())).to.deep.equal([]);
  });

  it('judge a checkpoint and a receipt', async () => {
    const note = await log.note();
    expect(examples.sizeOf(note, policyText(), now)).to.equal(5);
    expect(() => examples.sizeOf(note, policyText(), now + 86_401))
      .to.throw()
      .with.property('code');
    const { leaf, proof: hashes } = await log.source().byIndex(2);
    const receipt = utf8(formatProof({ index: 2, hashes: [...hashes], checkpoint: note, extra: leaf }));
    expect(examples.indexOf(receipt, leaf, trustFile)).to.equal(2);
    expect(() => examples.indexOf(receipt, log.leaves[1]!, trustFile))
      .to.throw()
      .with.property('code', 'inclusion-failed');
  });

  it('read a log, and see that it extends what was known', async () => {
    const known = { origin: '', size: 3, root: await log.root(3), extensions: [] };
    const { size } = await examples.visit(trustFile, log.serve(), known, now);
    expect(size).to.equal(5);
    expect(printed[0]).to.match(/^leaf 1 has \d+ bytes and 3 hashes above it$/);
    const forked = { ...known, root: await log.root(2) };
    const refused = await examples
      .visit(trustFile, log.serve(), forked, now)
      .catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'consistency-failed');
  });

  it('audit a log to its last leaf, over a socket too', async () => {
    expect(await examples.audit(trustFile, log.serve(), now)).to.equal(5);
    expect(printed).to.deep.equal(['5 leaves', 'access skipped 2 to 2']);
    const serve = log.serve();
    const server = createServer((request, response) => {
      serve((request.url ?? '').slice(1), 0).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fetchPath = examples.over(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      expect(await examples.audit(trustFile, fetchPath, now)).to.equal(5);
      const refused = async (path: string, maxBytes: number): Promise<unknown> =>
        fetchPath(path, maxBytes).catch((error: unknown) => error);
      expect(await refused('tile/0/001', 8192))
        .to.be.instanceOf(LedgerError)
        .with.property('code', 'not-found');
      expect(await refused('checkpoint', 10)).to.have.property('code', 'too-large');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('check evidence', async () => {
    const other = new SampleLog([...log.leaves.slice(0, 2), dataAccess({ seq: 9 }), ...log.leaves.slice(3)]);
    const evidence = forkEvidence({
      older: await log.note(),
      newer: await other.note(),
      consistency: { fromRoot: await other.root(), hashes: [] },
    });
    expect(examples.convicts(evidence, trustFile)).to.match(/^fork: /);
    expect(examples.convicts(utf8('{}'), trustFile)).to.equal('nothing is shown: malformed-evidence');
  });

  it('name only what the package exports', async () => {
    const name: string = 'isal/verifier';
    const exported = (await import(name)) as typeof Verifier;
    expect(exported).to.include.keys(
      'verifyProof',
      'verifyCheckpoint',
      'verifyConsistency',
      'LogClient',
      'verifyLog',
    );
  });
});
