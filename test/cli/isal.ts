/** Runs commands in this process, with everything that they print kept. */
import type { Io } from '../../src/cli/terminal/io.ts';
import { main } from '../../src/cli/isal.ts';

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function isal(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const io: Io = {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    env,
    isTTY: false,
    colours: false,
    now: () => Date.UTC(2026, 10, 3, 12),
  };
  const status = await main(args, io);
  return { status, stdout, stderr };
}
