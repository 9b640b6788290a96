/**
 * Two ledgers on which a request costs as much as the format lets it: one of
 * entries of 29 KiB, one of thousands of ordinary entries that hang together.
 *
 *   heavy      builds of many subjects, a chain of sealed updates; some corrected again and again
 *   ordinary   256 accesses with 16 corrections each; the last of a chain of updates, each corrected;
 *              accesses and corrections by turns, so that two filters without a common entry read every row
 *
 * The clock of the one who fills them moves on by hours, so that the archive of checkpoints is full too.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openDirectory } from '../../../src/cli/serve/directory.ts';
import { openSignerDirectory } from '../../../src/cli/serve/log-keys.ts';
import { Anchor } from '../../../src/cosigner/anchor.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { openLevel } from '../../../src/storage/level.ts';
import * as fixtures from '../../fixtures/attestations.ts';

/** What the costliest requests name. */
export interface Places {
  /** Entries when it was filled, at least as many now. */
  readonly size: number;
  /** An artefact about which there is as much as a bundle holds, SHA-256 in hex. */
  readonly artefact: string;
  /** An entry with as many corrections as a view of it lists: index and leaf hash in hex. */
  readonly corrected: { readonly index: number; readonly leafHash: string };
  /** Filters of the page that takes the most work, and of one that looks at every row in vain. */
  readonly page: string;
  readonly vain: string;
  /** Entries that are recorded, for batches of what is known. */
  readonly known: readonly Uint8Array[];
  /** The longest entry, in bytes. */
  readonly longest: number;
}

export type StoreName = 'heavy' | 'ordinary';

/** As many corrections as a view of one entry lists. */
const listedCorrections = 16;
const pageItems = 256;
/** More updates than a bundle follows. */
const chain = 70;
/** Batches of one filling: each publishes, and the archive lists a hundred at once. */
const publications = 120;
const hourMs = 3_600_000;

interface Planned {
  readonly leaf: Uint8Array;
  /** It can be recorded only when its target is. */
  readonly corrects: boolean;
}

/** Leaves in the order in which they are recorded; numbers in a stream go up by one. */
class Plan {
  readonly entries: Planned[] = [];
  #corrections = 0;

  add(leaf: Uint8Array): string {
    this.entries.push({ leaf, corrects: false });
    return fixtures.leafHashOf(leaf);
  }

  correct(target: string, times: number): void {
    for (let i = 0; i < times; i++) {
      this.#corrections += 1;
      const leaf = fixtures.correction({ target, seq: this.#corrections });
      this.entries.push({ leaf, corrects: true });
    }
  }

  get leaves(): Uint8Array[] {
    return this.entries.map(({ leaf }) => leaf);
  }
}

type Filling = Omit<Places, 'size' | 'longest' | 'corrected'> & { readonly corrected: string };

/** Both digests of artefact `n` of heavy build `seq`, under a name of some length. */
function heavySubject(seq: number, n: number) {
  const sha256 = fixtures.digest(`artefact ${seq} ${n}`);
  return { name: `package-${seq}-${n}.deb`, digest: { sha256, sha512: sha256 + sha256 } };
}

const heavySubjects = 68;
const heavyBuilds = 320;
/** What brings a sealed update to 29 KiB: nobody looks into a seal before a verifier does. */
const sealCharacters = 20_480;

/** A build of 29 KiB about 68 artefacts. */
export function heavyBuild(seq: number): Uint8Array {
  return fixtures.build({
    seq,
    change: (statement) => {
      statement.subject = Array.from({ length: heavySubjects }, (_, n) => heavySubject(seq, n)) as [
        ReturnType<typeof heavySubject>,
      ];
    },
  });
}

function heavyUpdate(seq: number): Uint8Array {
  return fixtures.databaseUpdate({
    seq,
    change: ({ predicate }) => {
      predicate.seals = [{ subject: predicate.result, cms: 'A'.repeat(sealCharacters) }];
    },
  });
}

function planHeavy(plan: Plan): Filling {
  const builds = Array.from({ length: heavyBuilds }, (_, i) => plan.add(heavyBuild(i + 1)));
  const updates = Array.from({ length: pageItems + chain }, (_, i) => plan.add(heavyUpdate(i + 1)));
  for (const update of updates.slice(-chain)) plan.correct(update, 3);
  for (const build of builds.slice(0, pageItems)) plan.correct(build, 1);
  const corrected = builds[0] ?? '';
  plan.correct(corrected, listedCorrections);
  return {
    artefact: fixtures.digest(`threats ${updates.length}`),
    corrected,
    page: 'type=build',
    vain: `type=database-update&signer=${fixtures.supervisor.keyid}&source=${fixtures.buildSource}`,
    known: plan.leaves.slice(0, pageItems),
  };
}

function planOrdinary(plan: Plan): Filling {
  for (let seq = 1; seq <= chain; seq++) plan.correct(plan.add(fixtures.databaseUpdate({ seq })), 3);
  let corrected = '';
  for (let seq = 1; seq <= pageItems; seq++) {
    corrected = plan.add(fixtures.dataAccess({ seq }));
    plan.correct(corrected, listedCorrections);
  }
  const { length } = plan.entries;
  for (let seq = pageItems + 1; seq <= pageItems + 1_000; seq++) {
    plan.correct(plan.add(fixtures.dataAccess({ seq })), 1);
  }
  return {
    artefact: fixtures.digest(`threats ${chain}`),
    corrected,
    page: `source=${fixtures.accessSource}`,
    vain: `type=data-access&signer=${fixtures.gateway.keyid}&source=${fixtures.correctionSource}`,
    known: plan.leaves.slice(length, length + 1_000),
  };
}

/** Fills the directory that `isal init` made for these fixtures and nothing has served yet. */
export async function fillStore(path: string, name: StoreName): Promise<Places> {
  const plan = new Plan();
  const { corrected, ...filling } = name === 'heavy' ? planHeavy(plan) : planOrdinary(plan);
  const { entries } = plan;
  let now = Date.now() - (publications + 1) * hourMs;
  const ledger = await openAt(path, () => now);
  try {
    const perBatch = Math.ceil(entries.length / publications);
    for (let at = 0; at < entries.length; at += perBatch) {
      const batch = entries.slice(at, at + perBatch);
      for (const turn of [false, true]) {
        const leaves = batch.filter(({ corrects }) => corrects === turn);
        await Promise.all(leaves.map(({ leaf }) => ledger.append(leaf)));
      }
      now += hourMs;
    }
    const index = await ledger.indexOf(corrected);
    if (index === undefined) throw new Error('the entry that is corrected most was not recorded');
    return {
      ...filling,
      size: entries.length + 1,
      longest: Math.max(...entries.map(({ leaf }) => leaf.length)),
      corrected: { index, leafHash: corrected },
    };
  } finally {
    await ledger.close();
  }
}

async function openAt(path: string, now: () => number): Promise<Ledger> {
  const directory = await openDirectory(path);
  const made = await access(join(directory.database, 'CURRENT')).then(
    () => true,
    () => false,
  );
  if (made) throw new Error(`${path} has a database already`);
  return Ledger.open({
    storage: await openLevel(directory.database, { create: true }),
    anchor: await Anchor.open(directory.anchor),
    logKeys: (await openSignerDirectory(path)).keys,
    genesis: directory.genesis,
    origin: directory.config.origin,
    policy: directory.trust.policy,
    now,
  });
}
