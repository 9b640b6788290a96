/**
 * The outside checker, a process of its own:
 *
 *     node checker.js JOURNAL POLICY URL
 *
 * It knows the journal of what a ledger has told, the pinned policy and a URL.
 * It reads the whole log over HTTP, computes everything again, and prints a
 * report as JSON. What it holds a ledger to:
 *
 *     I1  every acknowledged leaf stands at its index under the newest checkpoint
 *     I2  all checkpoints ever seen are of one history, and never become smaller
 *     I3  the entry bundles make the root and every tile
 *     I4  the same leaf always has the same index
 *
 * Of the ledger's own code it uses what any verifier uses: notes and tree maths.
 */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { hashLeaf } from '#sha256';
import { equal, fromBase64, fromHex, toHex } from '../../src/bytes.ts';
import { parsePolicy } from '../../src/note/policy.ts';
import { verifyCheckpoint } from '../../src/note/quorum.ts';
import type { Checkpoint } from '../../src/note/checkpoint.ts';
import { parseEntryBundle } from '../../src/tlog/bundle.ts';
import { verifyConsistency } from '../../src/tlog/consistency.ts';
import { verifyInclusion } from '../../src/tlog/inclusion.ts';
import { RightEdge } from '../../src/tlog/right-edge.ts';
import { bundlePath, tilePath, tileWidth, tilesForSize } from '../../src/tlog/tile.ts';
import { HttpClient } from './client.ts';
import { Journal, type Ack, type Line } from './journal.ts';

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4';

export interface Report {
  /** The newest checkpoint's; 0 when there is none. */
  readonly size: number;
  /** Different acknowledged leaves. */
  readonly acknowledged: number;
  /** Different checkpoints seen. */
  readonly checkpoints: number;
  /** The first few of each kind. */
  readonly violations: readonly { readonly invariant: Invariant; readonly reason: string }[];
}

/** Reasons of one kind that are written out. */
const maxReasons = 3;
/** Proofs asked of the server in one run; everything else is computed from the bundles. */
const askedProofs = 16;

class Findings {
  readonly violations: { invariant: Invariant; reason: string }[] = [];
  readonly #counts = new Map<string, number>();

  add(invariant: Invariant, reason: string): void {
    const kind = `${invariant} ${reason.replaceAll(/[0-9a-f]{64}|[0-9]+/g, '')}`;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= maxReasons) this.violations.push({ invariant, reason });
  }
}

/** The log as its bundles make it. */
interface Rebuilt {
  readonly leafHashes: readonly Uint8Array[];
  /** Root by size, for the sizes that were asked for. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
}

/** The entries of the log from its bundles, not yet compared with anything. */
export async function readEntries(client: HttpClient, size: number): Promise<Uint8Array[]> {
  const entries: Uint8Array[] = [];
  for (let index = 0; entries.length < size; index++) {
    const width = Math.min(tileWidth, size - entries.length);
    entries.push(...parseEntryBundle(await client.read(bundlePath({ index, width })), width));
  }
  return entries;
}

export async function check(lines: readonly Line[], policyText: string, url: string): Promise<Report> {
  const client = new HttpClient(url);
  const findings = new Findings();
  const acks = lines.filter((line) => line.kind === 'ack');
  try {
    checkWords(lines, findings);
    const newest = await newestCheckpoint(client, policyText, findings);
    if (newest !== undefined) {
      const rebuilt = await checkTree(client, newest, sizesIn(lines), findings);
      if (rebuilt !== undefined) {
        checkAcks(acks, rebuilt, newest, findings);
        checkHistory(lines, rebuilt, newest, findings);
        await checkServedProofs(client, acks, rebuilt, newest, findings);
      }
    }
    return {
      size: newest?.size ?? 0,
      acknowledged: new Set(acks.map(({ leafHash }) => leafHash)).size,
      checkpoints: sizesIn(lines).size,
      violations: findings.violations,
    };
  } finally {
    client.close();
  }
}

/** What needs no tree: the words of the ledger against each other, in the order in which it spoke. */
function checkWords(lines: readonly Line[], findings: Findings): void {
  const indices = new Map<string, number>();
  const roots = new Map<number, string>();
  for (const line of lines) {
    if (line.kind === 'false-ack') {
      findings.add('I1', `acknowledged without a proof that holds: index ${line.index}, ${line.reason}`);
      continue;
    }
    if (line.kind === 'false-checkpoint') {
      findings.add('I2', `a checkpoint that the policy refuses: ${line.reason}`);
      continue;
    }
    const { size, root, floor } = line;
    if (size < floor.size) findings.add('I2', `size ${size} after size ${floor.size} had been seen`);
    const other = roots.get(size) ?? root;
    if (other !== root) findings.add('I2', `two roots at size ${size}`);
    roots.set(size, other);
    if (size < floor.acknowledged) {
      findings.add(
        'I1',
        `index ${floor.acknowledged - 1} was acknowledged, and then size ${size} was served`,
      );
    }
    if (line.kind === 'ack') {
      const index = indices.get(line.leafHash) ?? line.index;
      if (index !== line.index)
        findings.add('I4', `leaf ${line.leafHash} got index ${index}, then ${line.index}`);
      indices.set(line.leafHash, index);
    }
  }
}

async function newestCheckpoint(
  client: HttpClient,
  policyText: string,
  findings: Findings,
): Promise<Checkpoint | undefined> {
  const note = await client.read('checkpoint');
  try {
    return verifyCheckpoint({ note, policy: parsePolicy(policyText) }).checkpoint;
  } catch (error) {
    findings.add('I2', `the policy refuses the newest checkpoint: ${String(error)}`);
    return undefined;
  }
}

async function checkTree(
  client: HttpClient,
  newest: Checkpoint,
  sizes: ReadonlyMap<number, string>,
  findings: Findings,
): Promise<Rebuilt | undefined> {
  const nodes = new Map<string, Uint8Array>();
  const roots = new Map<number, Uint8Array>();
  const edge = RightEdge.empty();
  let leafHashes: Uint8Array[];
  try {
    leafHashes = (await readEntries(client, newest.size)).map(hashLeaf);
  } catch (error) {
    findings.add('I3', `the entries of the newest checkpoint are not all there: ${String(error)}`);
    return undefined;
  }
  for (const leafHash of leafHashes) {
    edge.append(
      leafHash,
      (level, index, hash) => void (level % 8 === 0 && nodes.set(`${level / 8} ${index}`, hash)),
    );
    if (sizes.has(edge.size) || edge.size === newest.size) roots.set(edge.size, edge.root());
  }
  if (!equal(edge.root(), newest.root)) {
    findings.add('I3', `the entries have root ${toHex(edge.root())}, the checkpoint ${toHex(newest.root)}`);
  }
  for (const tile of tilesForSize(newest.size)) {
    const expected = Array.from({ length: tile.width }, (_, i) =>
      nodes.get(`${tile.level} ${tile.index * tileWidth + i}`),
    );
    const served = await client.get(tilePath(tile));
    const same =
      served.status === 200 && Buffer.compare(served.body, Buffer.concat(expected as Uint8Array[])) === 0;
    if (!same) findings.add('I3', `${tilePath(tile)} is not what the entries make (status ${served.status})`);
  }
  return { leafHashes, roots };
}

function checkAcks(
  acks: readonly Ack[],
  { leafHashes }: Rebuilt,
  newest: Checkpoint,
  findings: Findings,
): void {
  const hashes = leafHashes.map(toHex);
  for (const { index, leafHash } of acks) {
    if (hashes[index] === leafHash) continue;
    const instead = index < hashes.length ? 'another leaf is there' : `the log has ${newest.size} entries`;
    findings.add('I1', `leaf ${leafHash} was acknowledged at index ${index}: ${instead}`);
  }
}

/** Every root that was ever seen is a root of this very log: so all of them are consistent, pair by pair. */
function checkHistory(
  lines: readonly Line[],
  { roots }: Rebuilt,
  newest: Checkpoint,
  findings: Findings,
): void {
  for (const [size, root] of sizesIn(lines)) {
    const now = roots.get(size);
    if (now === undefined)
      findings.add('I2', `size ${size} had been seen, the newest checkpoint has ${newest.size}`);
    else if (toHex(now) !== root)
      findings.add('I2', `the checkpoint seen at size ${size} is not of this history`);
  }
}

/** That the server can show it too, for some of them. */
async function checkServedProofs(
  client: HttpClient,
  acks: readonly Ack[],
  { roots, leafHashes }: Rebuilt,
  { size, root }: Checkpoint,
  findings: Findings,
): Promise<void> {
  // What is not there was found before; here it would only be found again.
  const there = acks.filter(({ index, leafHash }) => toHex(leafHashes[index] ?? root) === leafHash);
  for (const { index, leafHash } of spread(there)) {
    const answer = await proof(client, `inclusion?index=${index}&size=${size}`);
    try {
      verifyInclusion({ index, size, leafHash: fromHex(leafHash), root, proof: answer });
    } catch (error) {
      findings.add('I1', `the server cannot prove index ${index}: ${String(error)}`);
    }
  }
  for (const [from, fromRoot] of spread([...roots])) {
    const answer = await proof(client, `consistency?from=${from}&to=${size}`);
    try {
      verifyConsistency({ from, fromRoot, to: size, toRoot: root, proof: answer });
    } catch (error) {
      findings.add('I2', `the server cannot prove that size ${from} came before: ${String(error)}`);
    }
  }
}

async function proof(client: HttpClient, query: string): Promise<Uint8Array[]> {
  const body = await client.read(`api/v1/proofs/${query}`);
  const { hashes } = JSON.parse(new TextDecoder().decode(body)) as { hashes: string[] };
  return hashes.map((hash) => fromBase64(hash, 32));
}

/** A bounded number of them, over the whole length; the last one always. */
function spread<T>(all: readonly T[]): T[] {
  const step = Math.max(1, Math.ceil(all.length / askedProofs));
  return all.filter((_, i) => (all.length - 1 - i) % step === 0);
}

/** Every size that a checkpoint was seen of, with its first root. */
function sizesIn(lines: readonly Line[]): Map<number, string> {
  const sizes = new Map<number, string>();
  for (const line of lines) {
    if ((line.kind === 'ack' || line.kind === 'checkpoint') && !sizes.has(line.size))
      sizes.set(line.size, line.root);
  }
  return sizes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [journal = '', policy = '', url = ''] = process.argv.slice(2);
  const report = await check(await Journal.read(journal), await readFile(policy, 'utf8'), url);
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
