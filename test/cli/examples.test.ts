/** What the help shows by example is true: each is typed in a directory where its files are. */
import { expect } from 'chai';
import { table } from '../../src/cli/commands.ts';
import { main } from '../../src/cli/isal.ts';
import type { Example } from '../../src/cli/terminal/command.ts';
import { commandsBelow } from './table.ts';
import { Workshop } from './workshop.ts';

/** Commands that run until they are told to stop; they take any free port here. */
const staying: ReadonlyMap<string, readonly string[]> = new Map([
  ['isal serve', ['--port', '0']],
  ['isal witness run', ['--port', '0']],
  ['isal monitor run', []],
  ['isal signer run', []],
]);

describe('the examples in the help', function () {
  this.timeout(60_000);
  const started = process.cwd();
  let workshop: Workshop;

  before(async () => {
    workshop = await Workshop.open();
  });

  after(async () => {
    await workshop.close();
    process.chdir(started);
  });

  for (const node of table.root.commands) {
    // Its example takes as long as all others together, and is run in demo.test.ts.
    if (node.name === 'demo') continue;
    const commands = commandsBelow(['isal', node.name], node);
    it(`isal ${node.name}: do what they say`, async () => {
      await workshop.enter(node.name);
      for (const { words, description } of commands) {
        for (const example of description.examples) await run(words.join(' '), example);
      }
    });
  }

  async function run(command: string, { run: typed, status = 0 }: Example): Promise<void> {
    const more = staying.get(command);
    if (more !== undefined) return untilStopped(typed, more);
    const ran = await workshop.run(typed);
    expect(ran.status, `${typed}\n${ran.stdout}${ran.stderr}`).to.equal(status);
  }

  /** Until it says how it is stopped, and is. */
  async function untilStopped(typed: string, more: readonly string[]): Promise<void> {
    let said = '';
    let stop = (): void => undefined;
    const up = new Promise<void>((resolve) => (stop = resolve));
    const hear = (text: string): void => {
      said += text;
      if (said.includes('Ctrl-C')) stop();
    };
    const args = [...typed.split(' ').slice(1), ...more];
    const ended = main(args, { stdout: hear, stderr: hear, env: {}, isTTY: false, now: () => Date.now() });
    await Promise.race([up, ended]);
    process.emit('SIGTERM');
    expect(await ended, said).to.equal(0);
  }
});
