/**
 * Evidence that a monitor has found, one file each in its evidence directory:
 * `fork-<id>.json`, with the id of the finding. A file is on the disk before
 * the finding that names it; a crash in between leaves a file that the next
 * round writes again under the same name.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerError, errorTable } from '../errors.ts';
import type { ErrorClass } from '../errors.ts';
import { writeWhole } from '../storage/write-whole.ts';
import { verifyEvidence } from '../verifier/convicting/evidence.ts';
import type { Trust } from '../verifier/trust.ts';
import { findingId } from './finding.ts';
import type { Contradiction } from './finding.ts';

/**
 * Evidence files about leaves, of up to 4 MiB. Somebody who floods a log with
 * unauthorised leaves must not fill the monitor's disk; findings go on without
 * a file. Two histories are always kept: there is one such file in a round.
 */
export const maxLeafEvidence = 200;

/** What a file cannot hold or does not show. Of a log that does not answer the next round asks again. */
const unprovable: ReadonlySet<ErrorClass> = new Set<ErrorClass>(['input', 'missing']);

export class EvidenceFolder {
  readonly #directory: string;
  readonly #limit: number;

  constructor(directory: string, { limit = maxLeafEvidence }: { readonly limit?: number } = {}) {
    this.#directory = directory;
    this.#limit = limit;
  }

  /**
   * Makes, judges and keeps evidence for the finding with this key. Undefined
   * where what was seen convinces only who has seen it: the finding stands
   * without a file. Throws `file-unreadable` if the file cannot be written, and
   * what the log answers while the evidence is gathered.
   */
  async keep(
    { kind, key, trust, kept }: { kind: Contradiction; key: string; trust: Trust; kept: number },
    make: () => Uint8Array | Promise<Uint8Array>,
  ): Promise<string | undefined> {
    if (kept >= this.#limit && kind !== 'fork' && kind !== 'rollback') return undefined;
    let bytes: Uint8Array;
    try {
      bytes = await make();
    } catch (error) {
      if (error instanceof LedgerError && unprovable.has(errorTable[error.code].class)) return undefined;
      throw error;
    }
    try {
      // What leaves this house must verify in another one.
      verifyEvidence(bytes, trust);
    } catch (error) {
      if (error instanceof LedgerError) return undefined;
      throw error;
    }
    const name = `${kind}-${findingId(trust.origin, key)}.json`;
    await this.#write(name, bytes);
    return name;
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#directory, name);
    try {
      await mkdir(this.#directory, { recursive: true });
      await writeWhole(path, bytes);
    } catch (cause) {
      throw new LedgerError('file-unreadable', 'evidence cannot be written', {
        got: `${path}${cause instanceof Error ? `: ${cause.message}` : ''}`,
        cause,
      });
    }
  }
}
