/**
 * A ledger, files of which it says different things, and the judgement whether
 * a lie made a verdict better: for every size that the log ever had, what an
 * honest server would have had proven at that size is kept, and no answer of a
 * liar may prove more than that.
 */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { fromUtf8, utf8 } from '../../src/bytes.ts';
import { exitStatusOf } from '../../src/cli/terminal/exit.ts';
import { verify } from '../../src/cli/verify/commands.ts';
import { cosign } from '../../src/note/cosignature.ts';
import { formatNote, parseNote } from '../../src/note/note.ts';
import { en } from '../../src/words/index.ts';
import type { VerdictJson } from '../../src/words/index.ts';
import * as fixtures from '../fixtures/attestations.ts';
import type { Ran } from '../cli/desk.ts';
import { Desk } from '../cli/desk.ts';
import { ed25519Key, genesis } from '../ledger/site.ts';
import { policyText, witnesses } from '../verifier/sample-log.ts';
import { Network } from './answers.ts';
import type { Reply, Spoil } from './answers.ts';
import type { Pool } from './changes.ts';

type Replies = ReadonlyMap<string, Reply>;

export interface Scenario {
  readonly name: string;
  readonly file: 'recorded' | 'stranger' | 'stolen';
  readonly replay: boolean;
  /** Whether the server has one answer for everything about a file; else it is asked entry by entry. */
  readonly atOnce?: boolean;
  /** Name of the trust file. */
  readonly trust: 'any-age.json' | 'fresh.json' | 'pinned.json';
  readonly honest: VerdictJson['answer'];
}

const scenarios: readonly Scenario[] = [
  { name: 'a recorded file', file: 'recorded', replay: false, trust: 'any-age.json', honest: 'proven' },
  {
    name: 'a recorded file, old checkpoints refused',
    file: 'recorded',
    replay: false,
    trust: 'fresh.json',
    honest: 'proven',
  },
  {
    name: 'a file that nobody recorded',
    file: 'stranger',
    replay: false,
    trust: 'any-age.json',
    honest: 'not-proven',
  },
  {
    name: 'a file signed with a stolen key, the revocation pinned',
    file: 'stolen',
    replay: false,
    trust: 'pinned.json',
    honest: 'contradicted',
  },
  {
    name: 'a recorded file, all at once',
    file: 'recorded',
    replay: false,
    atOnce: true,
    trust: 'fresh.json',
    honest: 'proven',
  },
  {
    name: 'a file that nobody recorded, all at once',
    file: 'stranger',
    replay: false,
    atOnce: true,
    trust: 'any-age.json',
    honest: 'not-proven',
  },
  {
    name: 'a file signed with a stolen key, the revocation pinned, all at once',
    file: 'stolen',
    replay: false,
    atOnce: true,
    trust: 'pinned.json',
    honest: 'contradicted',
  },
  {
    name: 'a recorded file, by replay',
    file: 'recorded',
    replay: true,
    trust: 'fresh.json',
    honest: 'proven',
  },
  {
    name: 'a file that nobody recorded, by replay',
    file: 'stranger',
    replay: true,
    trust: 'any-age.json',
    honest: 'not-proven',
  },
  {
    name: 'a file signed with a stolen key, by replay',
    file: 'stolen',
    replay: true,
    trust: 'fresh.json',
    honest: 'contradicted',
  },
];

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const start = Date.UTC(2026, 10, 3, 12) / 1000;
const hour = 3600;

/** The log's entries after leaf 0: the builder's key is stolen before leaf 3, which leaf 4 makes known. */
function entries(): Uint8Array[] {
  const second = fixtures.authorityDocument({
    version: 2,
    previous: fixtures.leafHashOf(genesis),
    revocations: [
      {
        keyid: fixtures.builder.keyid,
        kind: 'compromised',
        fromLeaf: 3,
        reason: 'found on a stranger’s disk',
      },
    ],
  });
  const authority = fixtures.leafHashOf(second);
  const source = sha256('the source of what is recorded');
  const recorded = fixtures.build({
    seq: 1,
    sha256: sha256('recorded'),
    file: 'recorded',
    sourceSha256: source,
  });
  const snapshot = fixtures.sourceSnapshot({ manifestSha256: source, authority });
  return [
    recorded,
    fixtures.databaseUpdate({ seq: 1 }),
    fixtures.build({ seq: 2, sha256: sha256('stolen'), file: 'stolen' }),
    second,
    fixtures.dataAccess({ seq: 1, authority }),
    fixtures.databaseUpdate({ seq: 2, authority }),
    snapshot,
    fixtures.sourceReview({
      authority,
      snapshot: { leafHash: fixtures.leafHashOf(snapshot), sha256: source },
    }),
    fixtures.rebuildResult({
      authority,
      build: { leafHash: fixtures.leafHashOf(recorded), sha256: sha256('recorded') },
    }),
  ];
}

/** Well signed, about the file that nobody recorded, and in no tree. */
function neverRecorded(): Uint8Array[] {
  const about = { seq: 9, sha256: sha256('stranger'), file: 'stranger' };
  return [fixtures.build(about), fixtures.build({ ...about, signedBy: [fixtures.builder] })];
}

/** What an honest server had proven at one size. */
interface Truth {
  readonly answer: VerdictJson['answer'];
  readonly proven: ReadonlySet<string>;
}

/** What is marked as proven, one text for each hop. */
const claimsOf = ({ hops, entries: judged }: VerdictJson): string[] =>
  hops
    .filter(({ mark }) => mark === 'proven')
    .map((hop) => {
      if (hop.hop !== 'replayed') return JSON.stringify(hop);
      // Which entries the verdict has not judged is said too, and depends on the liar.
      const { text, facts } = hop;
      const [size, found] = [Number(facts['size']), Number(facts['entries'])];
      const isAlone = text === en.hops.replayed({ ...clean, size, entries: found });
      return isAlone === (found === judged.length) ? replayed(size, found) : JSON.stringify(hop);
    });

/** Said where no other entry is about the file. */
const clean = { hop: 'replayed', mark: 'proven', state: 'clean', others: [] } as const;

/** No leaf of this log is a finding, at any size. */
const replayed = (size: number, about: number): string => `replayed ${size} leaves, ${about} about the file`;

/** How many entries are about the file at a size. */
const about: Readonly<Record<Scenario['file'], (size: number) => number>> = {
  recorded: (size) => (size > 1 ? 1 : 0),
  stranger: () => 0,
  stolen: (size) => (size > 3 ? 1 : 0),
};

export class Liars {
  static readonly scenarios: readonly Scenario[] = scenarios;
  readonly #desk: Desk;
  readonly #network: Network;
  /** By size: what the honest server answered when the log had it. */
  readonly #replies = new Map<number, Replies>();
  readonly #truths = new Map<string, Truth>();

  private constructor(desk: Desk) {
    this.#desk = desk;
    this.#network = new Network(desk.server.url, cosigned);
  }

  static async open(): Promise<Liars> {
    const liars = new Liars(await Desk.open([]));
    await liars.#prepare();
    return liars;
  }

  close(): Promise<void> {
    return this.#desk.close();
  }

  /** The honest answers of today that a scenario asks for. */
  async replies(scenario: Scenario): Promise<Replies> {
    this.#network.take();
    const { verdict } = await this.#verdict(scenario, (path) => this.#at(this.#size, path));
    expect(verdict?.answer, scenario.name).to.equal(scenario.honest);
    const asked = new Map<string, Reply>();
    await this.#verdict(scenario, (path) => {
      const reply = this.#at(this.#size, path);
      asked.set(path, reply);
      return reply;
    });
    return asked;
  }

  /** Everything that any honest answer ever held. */
  get pool(): Pool {
    const seen = new Map<string, readonly [string, Reply]>();
    for (const replies of this.#replies.values()) {
      for (const [path, reply] of replies)
        seen.set(Buffer.from(reply.body).toString('latin1'), [path, reply]);
    }
    return { replies: [...seen.values()], leaves: [...entries(), ...neverRecorded()] };
  }

  /** Runs a scenario against a liar, and says what is better than the truth; empty if nothing is. */
  async better(scenario: Scenario, lies: ReadonlyMap<string, Reply>): Promise<string[]> {
    const spoil: Spoil = (path, honest) => lies.get(path) ?? honest;
    const { ran, verdict } = await this.#verdict(scenario, (path, honest) =>
      spoil(path, this.#replies.get(this.#size)?.get(path) ?? honest),
    );
    if (verdict === undefined) return ran.status === 0 ? ['status 0 without a verdict'] : [];
    const found: string[] = [];
    const size = verdict.checkpoint?.size;
    const truth = size === undefined ? undefined : this.#truths.get(`${scenario.name} ${size}`);
    for (const claim of claimsOf(verdict)) {
      if (truth?.proven.has(claim) !== true) found.push(`untrue at size ${size}: ${claim}`);
    }
    if (verdict.answer === 'proven') {
      if (truth?.answer !== 'proven') found.push(`proven at size ${size}`);
      const hops = verdict.hops.filter(({ mark }) => mark === 'proven').map(({ hop }) => hop);
      if (!hops.includes('recorded') || !hops.includes('keys')) found.push('proven without a reason');
    }
    if (ran.status !== exitStatusOf[verdict.answer]) found.push(`status ${ran.status}`);
    return found;
  }

  get #size(): number {
    return Math.max(...this.#replies.keys());
  }

  #at(size: number, path: string): Reply {
    return this.#replies.get(size)?.get(path) ?? { status: 404, body: utf8('{}') };
  }

  async #prepare(): Promise<void> {
    const desk = this.#desk;
    for (const name of ['recorded', 'stranger', 'stolen']) await desk.write(name, name);
    const [, , , second = genesis] = entries();
    const policy = policyText({ keys: [ed25519Key] });
    const fresh = { policy, maxAge: hour + 60 };
    const authority = { leafHash: fixtures.leafHashOf(second), asOfSize: 5 };
    await desk.write('any-age.json', desk.trust({ policy }));
    await desk.write('fresh.json', desk.trust(fresh));
    await desk.write('pinned.json', desk.trust({ ...fresh, authority, minSize: 5 }));
    const sizes = entries().length + 1;
    for (let size = 1; size <= sizes; size++) {
      if (size > 1) await desk.ledger.append(entries()[size - 2] as Uint8Array);
      desk.now = cosignedAt(size) * 1000;
      for (const scenario of scenarios) await this.#verdict(scenario);
      this.#replies.set(size, this.#network.take());
    }
    // What was true at each size is judged as of today, when some of it is old.
    for (const size of this.#replies.keys()) {
      for (const scenario of scenarios) {
        const { verdict } = await this.#verdict(scenario, (path) => this.#at(size, path));
        if (verdict === undefined) continue;
        const { answer } = verdict;
        const proven = new Set(claimsOf(verdict));
        // Where a later revocation contradicts an entry, an honest verdict goes no further.
        if (scenario.replay) proven.add(replayed(size, about[scenario.file](size)));
        this.#truths.set(`${scenario.name} ${size}`, { answer, proven });
      }
    }
  }

  async #verdict(
    { file, replay, atOnce = false, trust }: Scenario,
    spoil: Spoil = (_, honest) => honest,
  ): Promise<{ ran: Ran; verdict: VerdictJson | undefined }> {
    const desk = this.#desk;
    const args = [desk.path(file), '--json', '--trust', desk.path(trust), '--url', desk.server.url];
    if (replay) args.push('--replay');
    const answers: Spoil = (path, honest) =>
      isArtifact(path) && !atOnce ? { status: 404, body: utf8('{}') } : spoil(path, honest);
    const ran = await this.#network.run(() => desk.run(verify, ...args), answers);
    return { ran, verdict: ran.stdout === '' ? undefined : (JSON.parse(ran.stdout) as VerdictJson) };
  }
}

const cosignedAt = (size: number): number => start + size * hour;

const isArtifact = (path: string): boolean => path.startsWith('api/v1/artifacts/');

/** The ledger's checkpoint, also inside a bundle, with the cosignatures of as many witnesses as the quorum needs, an hour later for each entry. */
function cosigned(path: string, { status, body }: Reply): Reply {
  if (path === 'checkpoint') return { status, body: utf8(cosignedNote(body)) };
  if (!isArtifact(path) || status !== 200) return { status, body };
  const answer = JSON.parse(fromUtf8(body)) as { bundle: { checkpoint: string } };
  const bundle = { ...answer.bundle, checkpoint: cosignedNote(utf8(answer.bundle.checkpoint)) };
  return { status, body: utf8(JSON.stringify({ ...answer, bundle })) };
}

function cosignedNote(note: Uint8Array): string {
  const { text, signatures } = parseNote(note);
  const time = cosignedAt(Number(text.split('\n')[1]));
  const more = witnesses.slice(0, 2).map((key) => cosign({ key, text, time }));
  return formatNote({ text, signatures: [...signatures, ...more] });
}
