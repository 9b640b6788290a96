/** A progress line on standard error, for work that takes more than a second, and only on a terminal. */
import type { Io } from './io.ts';

const quietMs = 1_000;
const stepMs = 200;

export interface Progress {
  update(done: number): void;
  /** Takes the line away. */
  end(): void;
}

export function progress(io: Io, label: string, total: number): Progress {
  const began = io.now();
  let drawn = 0;
  return {
    update(done) {
      const now = io.now();
      if (!io.isTTY || now - began < quietMs || now - drawn < stepMs) return;
      drawn = now;
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const bar = '█'.repeat(Math.round(share * 24)).padEnd(24, '·');
      io.stderr(`\r${label} ${bar} ${Math.floor(share * 100)} %`);
    },
    end() {
      if (drawn > 0) io.stderr('\r\u001b[K');
    },
  };
}
