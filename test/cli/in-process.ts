/** Runs a command as a shell would, but in this process: starting Node takes longer than most commands. */
import { main } from '../../src/cli/isal.ts';
import type { Finished, Where } from '../../src/demo/child.ts';

/** Paths are relative to `cwd`, so this process goes there meanwhile: one command at a time. */
export async function inProcess(args: readonly string[], { cwd, env }: Where): Promise<Finished> {
  const home = process.cwd();
  let output = '';
  const print = (text: string): void => void (output += text);
  process.chdir(cwd);
  try {
    const status = await main(args, {
      stdout: print,
      stderr: print,
      env: { ...process.env, ...env },
      isTTY: false,
      now: () => Date.now(),
    });
    return { status, output };
  } finally {
    process.chdir(home);
  }
}
