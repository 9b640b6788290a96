/**
 * Whether a checkpoint satisfies a policy (c2sp.org/tlog-policy, and
 * c2sp.org/tlog-proof, "Verifying a tlog proof", steps 2 and 3): signed by a
 * listed log under its own origin, and cosigned by the quorum of witnesses.
 * Pure: the time comes in, and nothing is remembered between calls.
 */
import { LedgerError, assert, excerpt } from '../errors.ts';
import { defined } from '../defined.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { sameSignature, verifyCosignature, verifyLogSignature } from './cosignature.ts';
import { matchesKey, type VerifierKey } from './key.ts';
import { parseNote, type Note } from './note.ts';
import type { Policy, PolicyGroup } from './policy.ts';

export interface VerifiedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The note text that was signed. */
  readonly text: string;
  /** The listed keys of this log whose signatures the note carries; one at least. */
  readonly log: readonly VerifierKey[];
  /**
   * Lines of the policy whose keys have cosigned and count, each once, with the
   * newest time in seconds; see `oneOfEachName`.
   */
  readonly witnesses: readonly Witnessed[];
  /**
   * The newest time, in seconds, that a whole quorum vouches for: witnesses
   * that suffice say that they had then seen no larger tree. Absent where the
   * policy asks for no witness.
   */
  readonly asOf?: number;
}

interface Witnessed {
  readonly name: string;
  readonly key: VerifierKey;
  readonly time: number;
}

/** Seconds by which a witness's clock may be ahead of ours. */
export const futureTolerance = 300;

/**
 * Verifies a checkpoint under a policy: form, signatures, origin, age, quorum,
 * in this order. `now` and `maxAge` are in seconds. With `now`, cosignatures
 * from more than five minutes ahead do not count; with `maxAge` too, neither
 * do those older than it. The log's own time never counts.
 *
 * Throws `malformed-note`, `malformed-checkpoint`, `too-large`;
 * `bad-signature` when a listed key's signature fails; `no-known-signature`
 * when no listed log key signed; `origin-mismatch` when one signed for another
 * origin than its name; `stale-checkpoint` when only age keeps the quorum
 * from being met, else `quorum-not-met`; `malformed-policy` for a `maxAge`
 * where no witness vouches for a time (`quorum none`).
 */
export function verifyCheckpoint(parts: {
  note: Uint8Array;
  policy: Policy;
  now?: number | undefined;
  maxAge?: number | undefined;
}): VerifiedCheckpoint {
  const { policy, now, maxAge } = parts;
  assert(maxAge === undefined || now !== undefined, 'an age is measured from a given time');
  if (maxAge !== undefined && policy.quorum === 'none') {
    throw new LedgerError(
      'malformed-policy',
      'a maximum age needs witnesses: the log’s own time proves nothing',
      {
        expected: 'a policy with a quorum, or no maximum age',
        got: 'quorum none',
      },
    );
  }
  const note = parseNote(parts.note);
  const checkpoint = parseCheckpoint(note.text);
  const { log, witnesses } = verifyKnown(note, policy);
  if (log.length === 0) {
    throw new LedgerError('no-known-signature', 'no log that the policy lists has signed this checkpoint', {
      expected: excerpt(`a signature by ${policy.logs.map(({ key }) => key.name).join(' or ')}`, 300),
      got: excerpt(note.signatures.map(({ name }) => name).join(', '), 300),
    });
  }
  const ofOrigin = log.filter((key) => key.name === checkpoint.origin);
  if (ofOrigin.length === 0) {
    throw new LedgerError('origin-mismatch', 'the log has signed a checkpoint of another origin', {
      expected: excerpt(log.map((key) => key.name).join(' or '), 300),
      got: excerpt(checkpoint.origin),
    });
  }

  // Newest cosignature by each key: two by one are one voice.
  const newest = new Map<string, Witnessed>();
  for (const seen of witnesses) {
    if (now !== undefined && seen.time > now + futureTolerance) continue;
    if (seen.time > (newest.get(seen.name)?.time ?? 0)) newest.set(seen.name, seen);
  }
  const present = [...newest.values()];
  const fresh = present.filter(
    ({ time }) => maxAge === undefined || now === undefined || time >= now - maxAge,
  );
  if (!quorumMet(policy, fresh)) {
    const stale = quorumMet(policy, present);
    throw new LedgerError(
      stale ? 'stale-checkpoint' : 'quorum-not-met',
      stale ? 'the witnesses’ cosignatures are too old' : 'too few witnesses have cosigned this checkpoint',
      {
        expected: stale ? `cosignatures at most ${maxAge} s old` : excerpt(`quorum ${policy.quorum}`),
        got: excerpt(
          (stale ? present : fresh).map(({ name, time }) => `${name} at ${time}`).join(', ') || 'none',
          300,
        ),
        facts: { size: checkpoint.size },
      },
    );
  }
  const asOf = quorumTime(policy, fresh);
  return {
    checkpoint,
    text: note.text,
    log: ofOrigin,
    witnesses: fresh,
    ...defined({ asOf }),
  };
}

/**
 * The newest time at which those who had cosigned by then, or since, meet the
 * quorum. One dishonest witness may write any time it likes, and a quorum is
 * there to outvote it, so the newest time of all says nothing.
 */
function quorumTime(policy: Policy, witnesses: readonly Witnessed[]): number | undefined {
  if (policy.quorum === 'none') return undefined;
  return witnesses
    .map(({ time }) => time)
    .toSorted((a, b) => b - a)
    .find((oldest) =>
      quorumMet(
        policy,
        witnesses.filter(({ time }) => time >= oldest),
      ),
    );
}

/**
 * Whether the witnesses given (by their names in the policy) meet its quorum.
 *
 * A quorum counts witnesses, and a witness is known by the name of its key. Two
 * keys of one name, an Ed25519 and an ML-DSA-44 one, are one operator's: in a
 * group their lines are one member, and of several groups below the quorum the
 * first that lists a name is the one where it counts. That depends on the
 * policy alone, so a further cosignature never undoes a quorum.
 */
export function quorumMet(policy: Policy, witnesses: readonly { readonly name: string }[]): boolean {
  if (policy.quorum === 'none') return true;
  const present = new Set(witnesses.map(({ name }) => name));
  const keyNames = new Map(policy.witnesses.map(({ name, key }) => [name, key.name]));
  /** Key names that have their place already. */
  const placed = new Set<string>();
  // Members are defined before their group, so one pass settles nested ones.
  for (const { name, threshold, members } of groupsBelow(policy)) {
    const own = members.flatMap((member) => {
      const keyName = keyNames.get(member);
      return keyName === undefined || placed.has(keyName) ? [] : [{ member, keyName }];
    });
    const voices = new Set(own.filter(({ member }) => present.has(member)).map(({ keyName }) => keyName));
    const groups = members.filter((member) => !keyNames.has(member) && present.has(member));
    if (voices.size + groups.length >= threshold) present.add(name);
    for (const { keyName } of own) placed.add(keyName);
  }
  return present.has(policy.quorum);
}

/** The groups that the quorum rests on, in the order of the policy. */
function groupsBelow({ quorum, groups }: Policy): readonly PolicyGroup[] {
  const below = new Set([quorum]);
  for (const { name, members } of groups.toReversed()) {
    if (below.has(name)) for (const member of members) below.add(member);
  }
  return groups.filter(({ name }) => below.has(name));
}

/** One of each witness, the first of its name: of several keys that it signs with, it is one all the same. */
export function oneOfEachName<T extends { readonly key: Pick<VerifierKey, 'name'> }>(
  witnesses: readonly T[],
): T[] {
  return witnesses.filter(
    ({ key }, at) => witnesses.findIndex((other) => other.key.name === key.name) === at,
  );
}

/** Names of witnesses that a policy lists with several keys. */
export function namesOfSeveralKeys({ witnesses }: Policy): string[] {
  const names = witnesses.map(({ key }) => key.name);
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}

/** Every signature by a listed key, verified; unknown ones are ignored. Throws `bad-signature`. */
function verifyKnown(note: Note, policy: Policy): { log: VerifierKey[]; witnesses: Witnessed[] } {
  const log = new Set<VerifierKey>();
  const witnesses: Witnessed[] = [];
  for (const [index, signature] of note.signatures.entries()) {
    // A server that relays a note may repeat its lines to make verification dear.
    if (note.signatures.slice(0, index).some((earlier) => sameSignature(earlier, signature))) continue;
    // Key IDs have 32 bits, so an attacker can make a key whose ID collides with
    // a known one: every key that could be meant is tried, and only if none fits
    // has a known key failed.
    const attempts = [
      ...policy.logs
        .filter(({ key }) => matchesKey(key, signature))
        .map(({ key }) => () => {
          verifyLogSignature(key, note.text, signature);
          log.add(key);
        }),
      ...policy.witnesses
        .filter(({ key }) => matchesKey(key, signature))
        .map(({ name, key }) => () => {
          const { time } = verifyCosignature(key, note.text, signature);
          witnesses.push({ name, key, time });
        }),
    ];
    firstThatHolds(attempts);
  }
  return { log: [...log], witnesses };
}

function firstThatHolds(attempts: readonly (() => void)[]): void {
  let failure: LedgerError | undefined;
  for (const attempt of attempts) {
    try {
      attempt();
      return;
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}
