import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ForkFolder, forkLines } from '../../../src/cli/witness/forks.ts';
import { parseAddCheckpoint } from '../../../src/note/add-checkpoint.ts';
import { parsePolicy } from '../../../src/note/policy.ts';
import { verifyEvidence } from '../../../src/verifier/convicting/evidence.ts';
import type { RefusedCheckpoint } from '../../../src/witness/refused.ts';
import { WitnessedLog } from '../../witness/log.ts';

const log = new WitnessedLog();
const forked = new WitnessedLog({ history: 1, shared: 3 });
const other = new WitnessedLog({ origin: 'other.example/log' });

describe('the forks that a witness keeps', () => {
  let dir: string;
  let said: Readonly<Record<string, unknown>>[];
  const open = (): Promise<ForkFolder> => ForkFolder.open(dir, (entry) => said.push(entry));
  const kept = async (ending: string): Promise<string[]> =>
    (await readdir(dir)).filter((name) => name.endsWith(ending)).toSorted();

  /** As a witness that has cosigned `log` at size 5 refuses the other history at a size. */
  async function refusal(
    shows: RefusedCheckpoint['shows'],
    size: number,
    of = forked,
  ): Promise<RefusedCheckpoint> {
    const request = await of.request(Math.min(5, size), size);
    const fork = { consistency: { fromRoot: forked.head(5).root, hashes: request.proof } };
    return {
      origin: of.origin,
      head: of.head(size),
      request,
      cosigned: log.checkpoint(5),
      shows,
      ...(shows === 'fork' ? fork : {}),
    };
  }

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isal-forks-'));
    said = [];
  });

  afterEach(() => rm(dir, { recursive: true }));

  it('are evidence where the pieces convict, and the request with what was cosigned where they do not', async () => {
    const folder = await open();
    await folder.keep(await refusal('fork', 9));
    const [evidence = ''] = await kept('.json');
    const trust = {
      policy: parsePolicy(`${log.line}quorum none\n`),
      origin: log.origin,
      genesis: '00'.repeat(32),
    };
    expect(verifyEvidence(new Uint8Array(await readFile(join(dir, evidence))), trust)).to.deep.include({
      kind: 'fork',
      sizes: [5, 9],
      against: ['log'],
    });

    const unproven = await refusal('unproven', 12);
    await folder.keep(unproven);
    const [refused = ''] = await kept('.refused');
    expect(parseAddCheckpoint(new Uint8Array(await readFile(join(dir, refused))))).to.deep.equal(
      unproven.request,
    );
    const [cosigned = ''] = await kept('.cosigned');
    expect(new Uint8Array(await readFile(join(dir, cosigned)))).to.deep.equal(log.checkpoint(5));
    expect(said.map(({ event, size }) => [event, size])).to.deep.equal([
      ['fork', 9],
      ['refused', 12],
    ]);
    expect(await forkLines(dir)).to.satisfy((lines: string[]) => {
      expect(lines).to.have.length(2);
      expect(lines.find((line) => line.includes('.json'))).to.match(/two histories, of sizes 5 and 9/);
      expect(lines.find((line) => line.includes('.refused'))).to.match(/signed size 12.*convicts nobody/);
      return true;
    });
  });

  it('are kept once, however often they are shown, also after a restart', async () => {
    for (let run = 0; run < 2; run++) {
      const folder = await open();
      for (const shows of ['unproven', 'smaller', 'fork'] as const) {
        for (let time = 0; time < 3; time++) await folder.keep(await refusal(shows, 9));
      }
    }
    // What convicts takes the place of what did not, and is not replaced by it.
    expect(await kept('.json')).to.have.length(1);
    expect(said.filter(({ event }) => event === 'fork')).to.have.length(1);
  });

  it('are a few of each log and kind, and what convicts nobody takes no room from what does', async () => {
    for (let run = 0; run < 2; run++) {
      const folder = await open();
      const asked: Promise<void>[] = [];
      for (const shows of ['smaller', 'unproven', 'fork'] as const) {
        for (let i = 0; i < 13; i++) {
          const size = { smaller: 0, unproven: 14, fork: 27 }[shows] + i;
          asked.push(folder.keep(await refusal(shows, size)), folder.keep(await refusal(shows, size, other)));
        }
      }
      await Promise.all(asked);
    }
    expect((await kept('.json')).length).to.equal(16);
    expect((await kept('.refused')).length).to.equal(8);
    expect((await kept('.smaller')).length).to.equal(4);
  });

  it('are none of what is cosigned after all, as somebody had sent a false proof for it', async () => {
    const folder = await open();
    await folder.keep(await refusal('unproven', 9, log));
    await folder.keep(await refusal('fork', 12));
    folder.cosigned(log.origin, log.head(9));
    folder.cosigned(forked.origin, forked.head(12));
    await folder.close();
    expect(await readdir(dir)).to.deep.equal(await kept('.json'));
    await folder.keep(await refusal('unproven', 9, log));
    expect(await kept('.refused')).to.have.length(1);
  });

  it('that cannot be written are said, and the refusal goes on', async () => {
    const folder = await open();
    await rm(dir, { recursive: true });
    await folder.keep(await refusal('fork', 9));
    expect(said.map(({ event }) => event)).to.deep.equal(['error']);
    await open();
  });

  it('of an earlier release, and damaged ones, are listed too', async () => {
    await writeFile(join(dir, '5-0011.txt'), log.checkpoint(5));
    await writeFile(join(dir, '5-0022.json'), '{}');
    await writeFile(join(dir, 'note.md'), 'mine');
    const lines = await forkLines(dir);
    expect(lines).to.have.length(2);
    expect(lines[0]).to.contain(`5-0011.txt: ${log.origin} has signed size 5`);
    expect(lines[1]).to.contain('5-0022.json: cannot be read (malformed-evidence)');
  });
});
