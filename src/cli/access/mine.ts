/**
 * `isal access mine`: the accesses to one customer's data. The tags are derived
 * here and the whole log is read, every leaf alike, so that the ledger learns
 * neither the secret nor a tag nor which events were looked for. Only a replay
 * also shows that there are no others.
 */
import { verifyEd25519Async } from '../../platform/ed25519.node.ts';
import { CustomerTags, parseCustomerSecret } from '../../attestation/customer-tag.ts';
import type { DataAccessPredicate } from '../../attestation/types.ts';
import { toHex } from '../../bytes.ts';
import { hopText } from '../../words/index.ts';
import { replay } from '../../verifier/folds/replay.ts';
import type { Replay } from '../../verifier/folds/replay.ts';
import { correctedHops, correctionsAmong } from '../../verifier/judging/corrections.ts';
import { leafOf } from '../../verifier/folds/supporting.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import { summarise } from '../../verifier/judging/verify-bundle.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { markLine, plainLine } from '../terminal/marks.ts';
import { connect } from '../online/online.ts';
import { progress } from '../terminal/progress.ts';
import { readSecret } from '../terminal/secret-file.ts';
import { pinnedTrust } from '../online/trust.ts';

/** Events that are listed; beyond, they are counted. */
const maxListed = 100_000;
const maxFindingsPrinted = 16;

export async function mine({ values }: Given<typeof described.mine>, io: Io): Promise<ExitStatus> {
  const tags = new CustomerTags(parseCustomerSecret(await readSecret(values.secret)));
  const trust = await pinnedTrust(values.trust, io);
  const { view, signed } = await connect({ url: values.url, maxAge: values['max-age'], trust, io });
  const found = new Found(tags);
  const bar = progress(io, 'reading the log', view.size);
  const result = await replay({
    size: view.size,
    root: view.root,
    leaves: view.leaves(),
    trust,
    verify: verifyEd25519Async,
    onEntry: (entry) => found.take(entry),
    onProgress: (done) => bar.update(done),
  });
  bar.end();
  const answer = found.answer(result);
  const exit = exitOf(answer);
  const checkpoint = summarise(signed, trust.policy);
  if (values.json) io.stdout(`${JSON.stringify({ ...answer, exit, checkpoint })}\n`);
  else print(answer, checkpoint.size, io);
  return exit;
}

interface Event extends Pick<
  DataAccessPredicate,
  'occurredAt' | 'activity' | 'outcome' | 'initiation' | 'categories' | 'destinationCountry' | 'eventId'
> {
  readonly index: number;
  readonly leafHash: string;
  readonly reason: string;
  readonly employer: string;
  readonly role: string;
  readonly physicalCountry: string;
  readonly corrections: readonly { readonly index: number; readonly text: string }[];
  /** What a later authority document says of the recorder's key as of this leaf. */
  readonly keys: string;
}

interface Answer {
  readonly events: readonly Event[];
  /** Events with a tag, listed or not. */
  readonly eventCount: number;
  /** Data-access events of everybody. */
  readonly accesses: number;
  /** Numbers that recorders of accesses skipped. */
  readonly gaps: Replay['gaps'];
  readonly findings: Replay['findings'];
  readonly findingCount: number;
}

/** What the replay meets, until it has shown that all of it stands in the tree. */
class Found {
  readonly #tags: CustomerTags;
  readonly #entries: Entry[] = [];
  #count = 0;
  /** Sources of data-access events, bounded by the authority documents, which name them. */
  readonly #sources = new Set<string>();

  constructor(tags: CustomerTags) {
    this.#tags = tags;
  }

  take(entry: Entry): void {
    const { attestation } = entry;
    if (attestation.type !== 'data-access') return;
    this.#sources.add(attestation.statement.predicate.source.id);
    if (!this.#tags.isMine(attestation.statement.predicate)) return;
    this.#count++;
    if (this.#entries.length < maxListed) this.#entries.push(entry);
  }

  answer({ gaps, findings, findingCount, counts, corrections, authority }: Replay): Answer {
    const byTarget = correctionsAmong(corrections);
    const statusOf = ({ signers, index }: Entry): string =>
      signers.map(({ keyid }) => authority.statusOf(keyid, index)).find((status) => status !== 'in-force') ??
      'in-force';
    return {
      events: this.#entries.map((entry) => ({
        ...eventOf(entry),
        corrections: correctedHops([leafOf(entry)], byTarget).map((hop) => ({
          index: hop.index,
          text: hopText(hop),
        })),
        keys: statusOf(entry),
      })),
      eventCount: this.#count,
      accesses: counts['data-access'],
      gaps: gaps.filter(({ source }) => this.#sources.has(source)),
      findings,
      findingCount,
    };
  }
}

function eventOf({ index, attestation }: Entry): Omit<Event, 'corrections' | 'keys'> {
  if (attestation.type !== 'data-access') throw new Error('broken invariant: only accesses are kept');
  const {
    occurredAt,
    activity,
    outcome,
    initiation,
    categories,
    destinationCountry,
    eventId,
    reason,
    actor,
  } = attestation.statement.predicate;
  const { employer, role, physicalCountry } = actor;
  return {
    index,
    leafHash: toHex(attestation.leafHash),
    eventId,
    occurredAt,
    activity,
    outcome,
    initiation,
    categories,
    reason: reason.type,
    employer,
    role,
    physicalCountry,
    destinationCountry,
  };
}

function exitOf({ events, gaps, findingCount }: Answer): ExitStatus {
  const doubted = events.some(({ corrections, keys }) => corrections.length > 0 || keys !== 'in-force');
  if (findingCount > 0 || doubted) return 1;
  return gaps.length > 0 ? 2 : 0;
}

function print(answer: Answer, size: number, io: Io): void {
  for (const event of answer.events) {
    const { index, occurredAt, activity, outcome, categories, reason, employer, role, physicalCountry } =
      event;
    const who = `${employer}, ${role}, in ${physicalCountry}`;
    const what = `${activity} of ${categories.join(', ')}, ${outcome}, for ${reason}`;
    io.stdout(markLine('proven', `Leaf ${index}`, `${occurredAt} ${what}; ${who}`, io));
    for (const { text } of event.corrections) io.stdout(markLine('contradicted', 'Corrections', text, io));
    if (event.keys !== 'in-force') {
      io.stdout(
        markLine('contradicted', 'Keys', `the recorder's key is ${event.keys} as of leaf ${index}`, io),
      );
    }
  }
  for (const { code, message, index } of answer.findings.slice(0, maxFindingsPrinted)) {
    const where = index === undefined ? '' : `leaf ${index}: `;
    io.stdout(markLine('contradicted', 'Finding', `${where}${message} (${code})`, io));
  }
  for (const { source, from, to } of answer.gaps) {
    const numbers = to - from === 1 ? `number ${from}` : `numbers ${from} to ${to - 1}`;
    io.stdout(markLine('not-shown', 'Gap', `${source} has not recorded ${numbers}`, io));
  }
  const count = `${answer.eventCount} of ${answer.accesses} accesses carry a tag of this secret`;
  io.stdout(plainLine('ANSWER', `${count}; all ${size} leaves were read`));
  if (answer.eventCount > answer.events.length) {
    io.stdout(plainLine('', `only the first ${answer.events.length} are listed`));
  }
}
