/**
 * The story of the demonstration as a test: the same script, with real
 * witnesses and a real ledger as processes, and the commands in this process.
 * Beside what the script itself demands of each command, its answers are read
 * here once more, as JSON where a customer's program would read them.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { program } from '../../../src/demo/child.ts';
import type { Finished, Where } from '../../../src/demo/child.ts';
import { Children } from '../../../src/demo/children.ts';
import type { Props, Verdict } from '../../../src/demo/story/stage.ts';
import { tellStory } from '../../../src/demo/story/story.ts';
import { inProcess } from '../../cli/in-process.ts';
import { isal } from '../../cli/isal.ts';

interface Ran extends Finished {
  readonly command: string;
  /** What the same command says with --json, for commands that only ask. */
  readonly json?: unknown;
}

interface Hop {
  readonly hop: string;
  readonly mark: string;
  readonly qualified?: boolean;
  readonly index?: number;
}

const asks = (args: readonly string[]): boolean =>
  args[0] === 'verify' || args[0] === 'update' || (args[0] === 'access' && args[1] === 'summary');

/** Runs a command as the story wants it, and asks once more for the answer as JSON. */
async function twice(args: readonly string[], where: Where): Promise<Ran> {
  const finished = await inProcess(args, where);
  const ran = { command: args.join(' '), ...finished };
  if (!asks(args)) return ran;
  const saved = args[0] === 'verify' && !args.includes('--bundle') && !args.includes('--offline');
  const again = await inProcess([...args, '--json', ...(saved ? ['--out', 'again.isal-bundle'] : [])], where);
  expect(again.status, `${ran.command} --json\n${again.output}`).to.equal(finished.status);
  return { ...ran, json: JSON.parse(again.output) };
}

async function reachable(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

describe('the story', function () {
  this.timeout(60_000);
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-story-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  function props(ran: Ran[], text: string[], change: (one: Finished, command: string) => Finished): Props {
    return {
      directory,
      children: new Children(),
      say: (line) => void text.push(line),
      isal: async (args, where) => {
        const one = await twice(args, where);
        ran.push(one);
        return change(one, one.command);
      },
      program,
    };
  }

  const urlsIn = (text: readonly string[]): string[] => [
    ...new Set(text.join('\n').match(/http:\/\/127\.0\.0\.1:[0-9]+/g)),
  ];

  it('comes out as told, each command with the exit status that it must have', async () => {
    const ran: Ran[] = [];
    const text: string[] = [];
    const telling = tellStory({ props: props(ran, text, (one) => one), now: () => Date.now() });
    const verdicts = await telling.catch((error: unknown) => {
      throw new Error(`${String(error)}\n${text.slice(-30).join('\n')}`);
    });
    expect(statuses(verdicts)).to.deep.equal(told);
    checkAnswers(ran);
    const urls = urlsIn(text);
    expect(urls).to.have.length(4);
    expect(await Promise.all(urls.map(reachable))).to.deep.equal([false, false, false, false]);
  });

  it('ends at the first command that says anything else, and stops what it has started', async () => {
    const ran: Ran[] = [];
    const text: string[] = [];
    const lie = (one: Finished, command: string): Finished =>
      command.startsWith('attest submit') ? { ...one, status: 0, output: 'Recorded, trust me\n' } : one;
    const telling = tellStory({ props: props(ran, text, lie), now: () => Date.now() });
    const error: unknown = await telling.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('message').that.contains('attest submit snapshot.dsse.json');
    expect(ran.at(-1)?.command).to.contain('attest submit');
    expect(await Promise.all(urlsIn(text).map(reachable))).to.deep.equal([false, false, false, false]);
  });

  it('is told in an empty directory, and takes no option of the other demonstration', async () => {
    const kept = await isal(['demo', '--story', '--keep']);
    expect(kept.status).to.equal(4);
    expect(kept.stderr).to.contain('--story takes --dir alone');
    await writeFile(join(directory, 'notes'), 'mine');
    const full = await isal(['demo', '--story', '--dir', directory]);
    expect(full.status).to.equal(4);
    expect(full.stderr).to.contain('--story needs an empty directory');
  });
});

const statuses = (verdicts: readonly Verdict[]): [number, string][] =>
  verdicts.map(({ status, what }) => [status, what]);

const told: [number, string][] = [
  [0, 'the file as it was built and supervised'],
  [0, 'the same, where some review and a rebuild are asked for'],
  [3, 'the same, where a full review is asked for'],
  [1, 'the review behind a file was taken back'],
  [0, 'an update that a key signed before it was revoked'],
  [1, 'an update that a stolen key signed, as it turned out later'],
  [0, 'the update of the day before, signed with the same key'],
  [2, 'another file under its name, from a mirror'],
  [1, 'a chain of updates in which one was not recorded'],
  [1, 'the update after the one that was not recorded'],
  [0, 'a day of accesses to data, counted again'],
  [1, 'a day of which one access was left out'],
];

/** What programs read from the answers that people have seen. */
function checkAnswers(ran: readonly Ran[]): void {
  const of = (command: string): Ran[] => ran.filter((one) => one.command === command);
  const hops = (one: Ran | undefined): readonly Hop[] =>
    (one?.json as { hops: Hop[] } | undefined)?.hops ?? [];
  const marks = (one: Ran | undefined): Record<string, string> =>
    Object.fromEntries(hops(one).map(({ hop, mark }) => [hop, mark]));

  const [shipped, retracted] = of('verify tlog-1.0.0.tar.gz');
  const all = ['recorded', 'built', 'source', 'reviewed', 'rebuilt', 'keys', 'revocations', 'corrections'];
  const open = ['revocations', 'corrections'];
  expect(marks(shipped)).to.deep.equal(
    Object.fromEntries(all.map((hop) => [hop, open.includes(hop) ? 'not-shown' : 'proven'])),
  );
  const leaves = hops(shipped).flatMap(({ hop, index }) => (index === undefined ? [] : [[hop, index]]));
  expect(leaves).to.deep.include.members([
    ['recorded', 3],
    ['source', 1],
    ['reviewed', 2],
    ['rebuilt', 4],
  ]);
  expect(
    hops(shipped)
      .filter(({ qualified }) => qualified)
      .map(({ hop }) => hop),
  ).to.deep.equal(['reviewed']);
  expect(marks(of('verify tlog-1.0.0.tar.gz --offline')[0])).to.deep.equal(marks(shipped));
  expect(marks(of('verify tlog-1.0.0.tar.gz --replay')[0])).to.deep.equal(
    Object.fromEntries([...all, 'replayed'].map((hop) => [hop, 'proven'])),
  );

  expect(retracted?.status).to.equal(1);
  expect(marks(retracted)).to.deep.equal({
    ...marks(shipped),
    reviewed: 'contradicted',
    corrections: 'contradicted',
  });

  const [before, after] = of('verify threats-2026.11.02.db');
  expect(before?.status).to.equal(0);
  expect(marks(before)).to.include({ updated: 'proven', chain: 'proven', keys: 'proven' });
  expect(after?.status).to.equal(1);
  expect(marks(after)).to.include({ keys: 'contradicted' });
  expect(of('verify threats-2026.11.01.db')[0]?.status).to.equal(0);
  const refused = of('attest submit update-3.dsse.json')[0];
  expect(refused?.output).to.match(/^isal: the key is revoked$/m);

  for (const swapped of ran.filter(({ command }) => command.startsWith('verify mirror/'))) {
    expect(swapped.status, swapped.command).to.equal(2);
    expect(marks(swapped)).to.not.have.property('recorded');
  }
  expect(of('attest submit forged.dsse.json')[0]?.output).to.contain('unknown-signer');

  const [whole, broken] = of('update chain addresses').map(
    ({ json }) => (json as { chains: { updates: { version: string; link: string }[] }[] }).chains[0]?.updates,
  );
  expect(whole?.map(({ link }) => link)).to.deep.equal(['first', 'follows']);
  expect(broken?.map(({ version, link }) => [version, link])).to.deep.equal([
    ['2026.11.01', 'first'],
    ['2026.11.02', 'follows'],
    ['2026.11.04', 'skips'],
  ]);

  expect(marks(of('verify addresses-2026.11.04.db --replay')[0])).to.include({
    updated: 'proven',
    chain: 'contradicted',
    keys: 'proven',
  });

  const [agreed, withheld] = of('access summary').map(
    ({ json }) =>
      (json as { sources: { events: number; gaps: object[]; summaries: { differences: object[] }[] }[] })
        .sources[0],
  );
  expect(agreed).to.deep.include({ events: 5, gaps: [] });
  expect(agreed?.summaries.map(({ differences }) => differences)).to.deep.equal([[]]);
  const gap = { source: 'access-gateway', from: 8, to: 9 };
  expect(withheld).to.deep.include({ events: 9, gaps: [gap] });
  expect(withheld?.summaries[1]?.differences).to.deep.include({ field: 'gatewayCount', summary: 5, log: 4 });
}
