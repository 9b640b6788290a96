/** A monitor over memory that watches a `SampleLog`, one process after the other on the same store. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvidenceFolder } from '../../src/monitor/evidence.ts';
import type { Finding } from '../../src/monitor/finding.ts';
import { Follower } from '../../src/monitor/follow.ts';
import type { FollowerOptions, Round } from '../../src/monitor/follow.ts';
import { MonitorStore } from '../../src/monitor/store.ts';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { verifyEvidence } from '../../src/verifier/convicting/evidence.ts';
import type { EvidenceFinding } from '../../src/verifier/convicting/evidence-finding.ts';
import type { FetchPath } from '../../src/verifier/proving/tile-reader.ts';
import type { Trust } from '../../src/verifier/trust.ts';
import { cosignedAt } from '../verifier/sample-log.ts';

export class Post {
  image: MemoryImage = new MemoryImage();
  /** Seconds; a minute after the sample log's cosignatures. */
  time: number = cosignedAt + 60;
  readonly trust: Trust;
  readonly directory: string;
  options: Partial<FollowerOptions> = {};

  private constructor(trust: Trust, directory: string) {
    this.trust = trust;
    this.directory = directory;
  }

  static async make(trust: Trust): Promise<Post> {
    return new Post(trust, await mkdtemp(join(tmpdir(), 'isal-monitor-')));
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }

  /** Opens the store, looks once, closes it again. */
  async round(
    fetchPath: FetchPath,
    options: Partial<FollowerOptions & { storage: Storage; signal: AbortSignal }> = {},
  ): Promise<Round> {
    const { storage = new MemoryStorage(this.image), signal, ...rest } = options;
    const store = await this.store(storage);
    try {
      const follower = new Follower({
        store,
        trust: this.trust,
        rules: [],
        fetchPath,
        witnesses: [],
        evidence: new EvidenceFolder(this.directory),
        now: () => this.time * 1_000,
        ...this.options,
        ...rest,
      });
      return await follower.round(signal);
    } finally {
      await store.close();
    }
  }

  store(storage: Storage = new MemoryStorage(this.image)): Promise<MonitorStore> {
    return MonitorStore.open(storage, { trust: this.trust, now: this.time });
  }

  async position(): Promise<number> {
    const store = await this.store();
    await store.close();
    return store.position;
  }

  async findings(): Promise<Finding[]> {
    const store = await this.store();
    const findings = await store.findings(0, 100_000);
    await store.close();
    return findings;
  }

  /** Kinds of all findings in order, those that are over marked. */
  async kinds(): Promise<string[]> {
    return (await this.findings()).map(({ kind, state }) => (state === 'over' ? `${kind} over` : kind));
  }

  /** What each evidence file proves to somebody with the trust file. */
  async proven(): Promise<EvidenceFinding[]> {
    const names = (await readdir(this.directory)).toSorted();
    const files = await Promise.all(names.map((name) => readFile(join(this.directory, name))));
    return files.map((bytes) => verifyEvidence(new Uint8Array(bytes), this.trust));
  }
}

/** Answers from `honest`, but for what `change` makes of it; undefined leaves it as it is. */
export function spoiled(
  honest: FetchPath,
  change: (path: string, bytes: () => Promise<Uint8Array>) => Promise<Uint8Array> | undefined,
): FetchPath {
  return (path, maxBytes) => change(path, () => honest(path, maxBytes)) ?? honest(path, maxBytes);
}
