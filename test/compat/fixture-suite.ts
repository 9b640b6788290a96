/**
 * A ledger that was opened stays readable, and its verdicts stay what they
 * were: the fixture ledger, made by an earlier release, is opened, served and
 * judged by this one. See `test/fixtures/ledger/README.md`. How many groups of
 * its commands are asked, the extent says.
 */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { build, supervisor } from '../fixtures/attestations.ts';
import { answersOf } from './answers.ts';
import type { Answers } from './answers.ts';
import { groups } from './commands.ts';
import { readDeviations, readKept, readWords } from './kept.ts';
import type { Extent } from '../extent.ts';
import { builder2 } from './make/parties.ts';
import { fixture, restingWitness } from './place.ts';
import { runCommand } from './run.ts';
import type { Ran } from './run.ts';
import { Process, Site } from './site.ts';
import { differencesOf, isOf } from './verdict.ts';
import type { Difference, Kept } from './verdict.ts';

const allKept = readKept();

/** Names them all, one to a line; a comparison of the lists would be cut off where there are many. */
function expectNone(found: readonly object[], what: string): void {
  const lines = found.map((one) => `\n  ${JSON.stringify(one)}`);
  expect(found.length, `${what}:${lines.join('')}\n`).to.equal(0);
}

export function fixtureSuite(extent: Extent): void {
  describe(`the fixture ledger of an earlier release: ${extent.name}`, function () {
    this.timeout(120_000);
    const kept = new Map(extent.cases(allKept, 7, 'fixture'));
    const ofThese = (id: string): boolean => kept.has(id.slice(0, id.indexOf(': ')));
    const deviations = readDeviations().filter(({ id }) => ofThese(id));
    let resting: Site;
    let served: Site;
    let answers: Answers;
    let found: readonly Difference[];

    before(async () => {
      resting = await Site.open();
      served = await Site.open();
      answers = await answersOf({ resting, served }, [...kept.keys()]);
      found = differencesOf(kept, answers.verdicts);
    });

    after(async () => {
      await resting?.close();
      await served?.close();
    });

    it('is asked all that was asked then', async () => {
      const commands = new Map(
        (await groups()).map(({ name, commands: own }) => [name, own.map(({ argv }) => argv)]),
      );
      const asked = (verdicts: readonly Kept[] = []): readonly (readonly string[])[] =>
        verdicts.map(({ argv }) => argv);
      expect([...commands.keys()]).to.have.members([...allKept.keys()]);
      for (const [name, argvs] of commands) expect(argvs, name).to.deep.equal(asked(allKept.get(name)));
    });

    for (const group of kept.keys()) {
      it(`keeps its verdicts: ${group}`, () => {
        const changed = found
          .filter(({ id }) => id.startsWith(`${group}: `))
          .filter((difference) => !deviations.some((deviation) => isOf(deviation, difference)));
        expectNone(changed, 'not in deviations.json');
      });
    }

    it('differs in all that is listed as a deviation, and each has a reason', () => {
      const stale = deviations.filter(
        (deviation) => !found.some((difference) => isOf(deviation, difference)),
      );
      expectNone(stale, 'no such difference');
      for (const { reason } of deviations) expect(reason).to.match(/\w+ \w+/);
    });

    it('is told of in the words that are kept, which record.js brings up to date', () => {
      const words = readWords();
      const changed = Object.entries(answers.words).flatMap(([id, said]) =>
        [...new Set([...Object.keys(said), ...Object.keys(words[id] ?? {})])]
          .filter((pointer) => said[pointer] !== words[id]?.[pointer])
          .map((pointer) => ({ id, pointer, was: words[id]?.[pointer], is: said[pointer] })),
      );
      expectNone(changed, 'other words');
    });

    it('serves its tree and its checkpoint byte for byte', async () => {
      const paths = (await readdir(join(fixture, 'export'), { recursive: true, withFileTypes: true }))
        .filter((one) => one.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(join(fixture, 'export').length));
      expect(paths).to.have.length(6);
      for (const path of paths) {
        const answer = await fetch(`${served.url}${path}`);
        const bytes = Buffer.from(await answer.arrayBuffer());
        expect(bytes.equals(await readFile(join(fixture, 'export', path))), path).to.equal(true);
      }
    });

    it('goes on: it takes an entry, its witnesses cosign that, and the store is sound', async () => {
      expect(await served.rest()).to.equal(0);
      await goesOn(served);
    });
  });
}

/** As of today, since a witness whose clock went back would not sign. */
function today(argv: readonly string[]): Promise<Ran> {
  return runCommand(argv, {}, { at: Date.now() });
}

async function goesOn(site: Site): Promise<void> {
  const ledger = site.path('fixture/ledger');
  const trust = ['--trust', site.path('fixture/trust/trust.json')];
  const places = JSON.parse(await readFile(join(fixture, 'places.json'), 'utf8')) as Readonly<
    Record<string, { readonly leafHash: string }>
  >;
  const authority = places['authority 4']?.leafHash ?? '';
  const entry = build({ authority, seq: 4711, file: 'after.bin', signedBy: [builder2, supervisor] });
  const [leaf, file] = [site.path('out/after.dsse.json'), site.path('out/after.bin')];
  await writeFile(leaf, entry);
  await writeFile(file, 'after.bin');
  const running: Process[] = [];
  try {
    for (const number of [1, 2]) {
      const witness = await Process.start(['witness', 'run', site.path(`fixture/witness-${number}`)]);
      running.push(witness);
      await site.replace('ledger/trust.json', `${restingWitness}/w${number}`, witness.url);
    }
    const serving = await Process.start(['serve', ledger]);
    running.push(serving);
    const online = [...trust, '--url', serving.url, '--json'];
    for (const argv of [
      ['attest', 'submit', leaf],
      ['verify', file],
      ['verify', site.path('fixture/artefacts/whole.bin')],
    ]) {
      const { exit, stdout, stderr } = await today([...argv, ...online]);
      expect(exit, `${argv.join(' ')}: ${stdout}${stderr}`).to.equal(0);
    }
  } finally {
    for (const one of running.toReversed()) expect(await one.stop()).to.equal(0);
  }
  const { exit, stdout, stderr } = await today(['log', 'fsck', ledger, '--json']);
  expect(exit, `${stdout}${stderr}`).to.equal(0);
  const { size } = JSON.parse(stdout) as { readonly size: number };
  expect(size).to.equal(Object.keys(places).length + 1);
}
