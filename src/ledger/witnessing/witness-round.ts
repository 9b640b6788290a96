/**
 * The witnesses of a policy, asked together. A round takes one signed
 * checkpoint to all of them at once and ends as soon as the quorum has
 * cosigned it, or when every witness has answered or used up the time.
 *
 *   checkpoint ─┬─► A  cosigned ─┐
 *               ├─► B  …slow     ├─► 2 of 3: the round is over; B goes on for itself
 *               └─► C  cosigned ─┘
 *
 * A cosignature says "I have seen no larger tree", so a quorum of them outvotes
 * a witness that claims one. Two things cannot be outvoted, and stop the ledger:
 *
 *   - a checkpoint that our own key signed and that we did not make: a copy of
 *     this ledger is running somewhere, or this one was put back in time
 *   - so many who claim a larger tree that the others are no quorum
 *
 * Everything else is a failed round, which may be tried again.
 */
import { equal } from '../../bytes.ts';
import { LedgerError, excerpt } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { parseCheckpoint, type Checkpoint } from '../../note/checkpoint.ts';
import { verifyLogSignature } from '../../note/cosignature.ts';
import { matchesKey, type VerifierKey } from '../../note/key.ts';
import { formatNote, maxSignatures, parseNote, type Note, type NoteSignature } from '../../note/note.ts';
import { type Policy, type PolicyWitness } from '../../note/policy.ts';
import { quorumMet } from '../../note/quorum.ts';
import { describeHead, type Head } from '../../tlog/head.ts';
import type { Hash } from '../../tlog/hash.ts';
import type { Failure } from '../store/failure.ts';
import { WitnessClient, type Cosignature, type Submission, type WitnessAnswer } from './witness-client.ts';

export interface WitnessesOptions {
  readonly policy: Policy;
  readonly origin: string;
  /** The log's own keys. */
  readonly keys: readonly VerifierKey[];
  readonly failure: Failure;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** For one witness, and so for a round. */
  readonly timeoutMs: number;
  /** Told when a witness's state changes. */
  readonly onChange?: (status: WitnessStatus) => void;
}

/** A checkpoint to be cosigned, and our own tree to judge claims by. */
export interface RoundSubmission extends Submission {
  /** What is signed by now: `head`, or more when an answer comes after its round. */
  readonly signed: () => Head;
  /** The root of our tree at a size from 1 to that of `signed`. */
  readonly rootAt: (size: number) => Promise<Hash>;
}

export interface WitnessStatus {
  readonly url: string;
  /** Its names in the policy. */
  readonly names: readonly string[];
  /** `faulty`: it claims a larger tree or another history, without proof, against the others. */
  readonly state: 'unasked' | 'cosigning' | 'failing' | 'faulty';
  readonly error?: LedgerError;
}

/** The cosignatures of a quorum, or why there is none. */
export type RoundOutcome =
  { readonly cosignatures: readonly NoteSignature[] } | { readonly quorumUnavailable: LedgerError };

export class Witnesses {
  readonly #options: WitnessesOptions;
  readonly #clients: readonly WitnessClient[];
  /** The witnesses that can be asked. */
  readonly #askable: readonly PolicyWitness[];
  readonly #status = new Map<WitnessClient, WitnessStatus>();

  /**
   * Throws `malformed-policy` when the witnesses that have a URL cannot meet the
   * quorum, for a URL that cannot be asked, and where the log is not ours.
   */
  constructor(options: WitnessesOptions) {
    const { policy, origin, keys, timeoutMs, now } = options;
    this.#options = options;
    requireOwnLog(policy, keys);
    requireAskable(policy);
    const byUrl = new Map<string, PolicyWitness[]>();
    for (const witness of policy.witnesses) {
      if (witness.url === undefined) continue;
      byUrl.set(witness.url, [...(byUrl.get(witness.url) ?? []), witness]);
    }
    this.#clients = [...byUrl].map(
      ([url, witnesses]) => new WitnessClient({ url, witnesses, origin, timeoutMs, now }),
    );
    this.#askable = this.#clients.flatMap((client) => client.witnesses);
    for (const client of this.#clients) {
      this.#status.set(client, { ...placeOf(client), state: 'unasked' });
    }
  }

  get status(): readonly WitnessStatus[] {
    return [...this.#status.values()];
  }

  /**
   * One round. With `hearAll` it waits for every witness, also when the quorum
   * is met before. Stops the ledger, and throws why, for what cannot be
   * outvoted; so does what comes to light after the round was over.
   */
  async round(
    submission: RoundSubmission,
    { hearAll }: { readonly hearAll: boolean },
  ): Promise<RoundOutcome> {
    const { failure, timeoutMs } = this.#options;
    const over = new AbortController();
    const round = new Round(this.#options.policy);
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
      const asked = this.#clients.map(async (client) => {
        try {
          const answer = await client.ask(submission, over.signal);
          await this.#take(client, answer, submission, round);
        } catch (error) {
          failure.met(error);
        }
        if (failure.error !== undefined || failure.damage !== undefined || (round.met && !hearAll)) resolve();
      });
      void Promise.all(asked).then(() => resolve());
    });
    clearTimeout(timer);
    over.abort();
    failure.checkWriting();
    if (round.met) {
      for (const client of round.ahead.keys()) this.#outvoted(client, round);
      return { cosignatures: round.cosignatures };
    }
    this.#requireOutvotable(round, submission);
    return { quorumUnavailable: this.#quorumUnavailable(round) };
  }

  /** Breaks off what is running. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #take(
    client: WitnessClient,
    answer: WitnessAnswer,
    submission: RoundSubmission,
    round: Round,
  ): Promise<void> {
    if (answer.kind === 'skipped') return;
    if (answer.kind === 'cosigned') {
      round.add(answer.cosignatures);
      this.#set(client, 'cosigning');
      return;
    }
    if (answer.kind === 'failed') {
      this.#set(client, 'failing', answer.error);
      return;
    }
    if (answer.held !== undefined) await this.#requireOwn(answer.held, submission);
    // A late answer may be about a checkpoint that we have signed since, and that
    // a third party may have brought to the witness: that is no claim against us.
    if (answer.kind === 'ahead' && answer.size <= submission.signed().size) {
      this.#set(client, 'failing', claimsMore(answer.size, submission));
      return;
    }
    if (answer.kind === 'ahead') {
      round.ahead.set(client, answer.size);
      if (round.met) this.#outvoted(client, round);
      else this.#set(client, 'failing', claimsMore(answer.size, submission));
      return;
    }
    this.#set(client, 'faulty', claimsOther(submission));
  }

  /**
   * Throws when the note is a checkpoint that our own key signed and that is
   * not of our history. A witness can claim what it likes; this it cannot make.
   */
  async #requireOwn(held: Uint8Array, { signed, rootAt }: RoundSubmission): Promise<void> {
    const ours = signedByUs(held, this.#options);
    if (ours === undefined) return;
    const { checkpoint, text } = ours;
    const details = {
      expected: `nothing signed beyond ${describeHead(signed())}`,
      got: describeHead(checkpoint),
      facts: { checkpoint: text },
    };
    if (checkpoint.size > signed().size) {
      throw new LedgerError(
        'behind-witnesses',
        'a witness holds a larger checkpoint with this log’s own signature; this ledger is an old copy, or a copy of it is running elsewhere',
        details,
      );
    }
    if (checkpoint.size < 1 || equal(await rootAt(checkpoint.size), checkpoint.root)) return;
    throw new LedgerError(
      'fork-witnessed',
      'a witness holds a checkpoint of another history with this log’s own signature; a copy of this ledger was running elsewhere',
      details,
    );
  }

  /** A witness that claims a larger tree may be right as long as no quorum says otherwise. */
  #requireOutvotable(round: Round, submission: Submission): void {
    const claiming = new Set([...round.ahead.keys()].flatMap(({ witnesses }) => witnesses));
    if (claiming.size === 0) return;
    if (
      quorumMet(
        this.#options.policy,
        this.#askable.filter((witness) => !claiming.has(witness)),
      )
    )
      return;
    const names = this.#askable.filter((witness) => claiming.has(witness)).map(({ name }) => name);
    const { failure } = this.#options;
    throw failure.stop(
      new LedgerError(
        'behind-witnesses',
        'the witnesses that claim a larger tree leave no quorum of the others; this ledger may be an old copy',
        {
          expected: describeHead(submission.head),
          got: `size ${[...round.ahead.values()].join(', ')}, by ${names.join(', ')}`,
        },
      ),
    );
  }

  #outvoted(client: WitnessClient, round: Round): void {
    const size = round.ahead.get(client) ?? 0;
    this.#set(
      client,
      'faulty',
      new LedgerError('size-conflict', 'the witness claims a larger tree, against a quorum of the others', {
        got: `size ${size}`,
      }),
    );
  }

  #quorumUnavailable(round: Round): LedgerError {
    const missing = this.status.filter(({ names }) => !names.every((name) => round.has(name)));
    const reasons = missing.map(
      ({ names, error }) => `${names.join(' and ')}: ${error?.code ?? 'no answer yet'}`,
    );
    return new LedgerError(
      'below-quorum',
      'the quorum of witnesses is unavailable; nothing was recorded: send the same bytes again later',
      { expected: excerpt(`quorum ${this.#options.policy.quorum}`), got: excerpt(reasons.join(', '), 300) },
    );
  }

  #set(client: WitnessClient, state: WitnessStatus['state'], error?: LedgerError): void {
    const before = this.#status.get(client);
    const status = { ...placeOf(client), state, ...defined({ error }) };
    this.#status.set(client, status);
    if (before?.state !== state || before.error?.code !== error?.code) this.#options.onChange?.(status);
  }
}

/** What came of one round so far. */
class Round {
  readonly ahead = new Map<WitnessClient, number>();
  readonly #policy: Policy;
  readonly #cosigned = new Map<string, NoteSignature>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** A name counts once, however many keys answer for it and however often. */
  add(cosignatures: readonly Cosignature[]): void {
    for (const { name, signature } of cosignatures) this.#cosigned.set(name, signature);
  }

  has(name: string): boolean {
    return this.#cosigned.has(name);
  }

  get met(): boolean {
    return quorumMet(
      this.#policy,
      [...this.#cosigned.keys()].map((name) => ({ name })),
    );
  }

  get cosignatures(): readonly NoteSignature[] {
    return [...this.#cosigned.values()];
  }
}

/** A note's checkpoint, if it is of this log and one of its own keys signed it; and the note with those signatures alone. */
function signedByUs(
  held: Uint8Array,
  { origin, keys }: Pick<WitnessesOptions, 'origin' | 'keys'>,
): { checkpoint: Checkpoint; text: string } | undefined {
  let note: Note;
  let checkpoint: Checkpoint;
  try {
    note = parseNote(held);
    checkpoint = parseCheckpoint(note.text);
  } catch {
    return undefined;
  }
  if (checkpoint.origin !== origin) return undefined;
  const ours: NoteSignature[] = [];
  for (const key of keys) {
    const signature = note.signatures.find((candidate) => matchesKey(key, candidate));
    if (signature === undefined) continue;
    try {
      verifyLogSignature(key, note.text, signature);
      ours.push(signature);
    } catch {
      // Forged, and so no proof of anything.
    }
  }
  if (ours.length === 0) return undefined;
  return { checkpoint, text: formatNote({ text: note.text, signatures: ours }) };
}

/** Throws `malformed-policy` when those witnesses of a policy that have a URL cannot meet its quorum. */
export function requireAskable(policy: Policy): void {
  const askable = policy.witnesses.filter(({ url }) => url !== undefined);
  if (!quorumMet(policy, askable)) {
    throw new LedgerError('malformed-policy', 'the witnesses that have a URL cannot meet the quorum', {
      expected: 'witness <name> <vkey> <url>, for a quorum of them; keys of one name are one witness',
      got: `${askable.length} with a URL, quorum ${policy.quorum}`,
    });
  }
}

/** A ledger that collected cosignatures under a policy that does not list it would publish what no reader accepts. */
function requireOwnLog(policy: Policy, keys: readonly VerifierKey[]): void {
  const listed = policy.logs.some(({ key }) =>
    keys.some((own) => own.name === key.name && equal(own.publicKey, key.publicKey)),
  );
  if (!listed) {
    throw new LedgerError('malformed-policy', 'the policy lists none of this log’s keys', {
      expected: 'a log line with the key of this ledger',
      got: excerpt(policy.logs.map(({ key }) => key.name).join(', ')),
    });
  }
  if (policy.witnesses.length + keys.length > maxSignatures) {
    throw new LedgerError(
      'malformed-policy',
      'the policy has more witnesses than one checkpoint has room for',
      {
        expected: `at most ${maxSignatures - keys.length}`,
        got: `${policy.witnesses.length}`,
      },
    );
  }
}

function placeOf(client: WitnessClient): Pick<WitnessStatus, 'url' | 'names'> {
  return { url: client.url, names: client.witnesses.map(({ name }) => name) };
}

function claimsMore(size: number, { head }: Submission): LedgerError {
  return new LedgerError('size-conflict', 'the witness remembers a larger tree than it was asked about', {
    expected: `a size of at most ${head.size}`,
    got: `size ${size}`,
  });
}

function claimsOther({ head }: Submission): LedgerError {
  return new LedgerError('consistency-failed', 'the witness says that it holds another history', {
    expected: `a cosignature at size ${head.size}`,
    got: 'status 422',
  });
}
