import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { utf8 } from '../../../src/bytes.ts';
import { explain } from '../../../src/cli/explain/commands.ts';
import { log } from '../../../src/cli/log/commands.ts';
import { verify } from '../../../src/cli/verify/commands.ts';
import { build, correction, leafHashOf } from '../../fixtures/attestations.ts';
import { Desk } from '../desk.ts';
import { hopOf, marksIn, told } from '../told.ts';

const content = utf8('the installer that the vendor shipped');
const sha256 = createHash('sha256').update(content).digest('hex');
const recorded = build({ seq: 1, sha256, file: 'setup.bin' });
const reason = 'The facility was another one.';

describe('a corrected entry', () => {
  let desk: Desk;
  let file: string;
  before(async () => {
    desk = await Desk.open([recorded, build({ seq: 2 }), correction({ target: leafHashOf(recorded) })]);
    file = await desk.write('setup.bin', content);
  });
  after(() => desk.close());

  for (const options of [[], ['--replay']]) {
    it(`is contradicted by isal verify ${options.join(' ')}, which names the correction`, async () => {
      const { status, stdout } = await desk.online(verify, file, ...options);
      expect(status, stdout).to.equal(1);
      expect(marksIn(stdout)).to.include.members(['✗ Corrections', '✓ Recorded']);
      expect(stdout).to.contain(reason);
      expect(stdout).to.contain('isal explain corrected');
      const verdict = told((await desk.online(verify, file, ...options, '--json')).stdout);
      expect(hopOf(verdict, 'corrections')).to.deep.include({
        mark: 'contradicted',
        index: 3,
        facts: { kind: 'retraction', target: 1 },
      });
    });
  }

  it('is shown with its correction by isal log entry, and another one without', async () => {
    const { stdout } = await desk.online(log, 'entry', '1');
    expect(marksIn(stdout)).to.include('✗ Corrected');
    expect(stdout).to.contain(reason);
    expect(marksIn((await desk.online(log, 'entry', '2')).stdout)).to.include('? Corrections');
    const json = async (index: string): Promise<object> =>
      JSON.parse((await desk.online(log, 'entry', index, '--json')).stdout) as object;
    expect(await json('1')).to.deep.include({ corrections: [{ index: 3, kind: 'retraction', reason }] });
    expect(await json('2')).to.deep.include({ corrections: [] });
  });

  it('is listed with its correction by isal log search', async () => {
    const { stdout } = await desk.online(log, 'search', '--type', 'build');
    expect(stdout).to.match(/^ +1 +build .*\n✗ Corrected .*\n +2 +build .*\n$/);
    const [first, second] = (await desk.online(log, 'search', '--type', 'build', '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(first).to.deep.include({ index: 1, corrections: [{ index: 3, kind: 'retraction', reason }] });
    expect(second).to.deep.include({ index: 2, corrections: [] });
  });

  it('is listed with its correction by the API, alone and in a page', async () => {
    const ask = async (path: string): Promise<Record<string, unknown>> =>
      (await fetch(`${desk.server.url}/${path}`)).json() as Promise<Record<string, unknown>>;
    const index = 3;
    const leafHash = leafHashOf(correction({ target: leafHashOf(recorded) }));
    const corrections = [{ index, leafHash, kind: 'retraction', reason }];
    expect(await ask('api/v1/attestations/1')).to.deep.include({ corrections });
    const { items } = (await ask('api/v1/attestations?type=build')) as { items: object[] };
    expect(items[0]).to.deep.include({ index: 1, corrections });
    expect(items[1]).to.deep.include({ index: 2, corrections: [] });
  });

  it('is found by whoever asks what refers to it', async () => {
    const { stdout } = await desk.online(log, 'search', '--ref', leafHashOf(recorded));
    expect(stdout).to.match(/^ +3 +correction/);
  });

  it('has the code corrected for machines, however it is asked, and people are told how to have it explained', async () => {
    const saved = desk.path('saved.isal-bundle');
    await desk.online(verify, file, '--out', saved);
    const asked = async (...options: readonly string[]): Promise<string> => {
      const { status, stdout } = options.includes('--bundle')
        ? await desk.offline(verify, file, ...options)
        : await desk.online(verify, file, ...options);
      expect(status, stdout).to.equal(1);
      return stdout;
    };
    for (const options of [[], ['--replay'], ['--bundle', saved]]) {
      const { answer, exit, failure } = told(await asked(...options, '--json'));
      expect([answer, exit, failure?.code, failure?.index], options.join(' ')).to.deep.equal([
        'contradicted',
        1,
        'corrected',
        3,
      ]);
      expect(await asked(...options)).to.match(/^ {2}code +corrected \(isal explain corrected\)$/m);
    }
    expect((await desk.run(explain, 'corrected')).status).to.equal(0);
  });
});
