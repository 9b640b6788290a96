/**
 * Rules: which roles must sign together.
 *
 * A rule lists alternatives, and an alternative lists roles:
 *
 *   { "predicateType": "https://slsa.dev/provenance/v1",
 *     "anyOf": [["builder", "supervisor"]] }
 *
 * The signers of an entry satisfy an alternative when roles and signers can be
 * paired off one to one, each signer holding the role it is paired with, and no
 * two signers belong to one organisation. So a build needs two keys of two
 * organisations even if one key holds both roles, and a signature that no role
 * asks for is refused: otherwise anybody who holds a listed key could mint new
 * leaves from old ones.
 *
 * The pseudo-role `target-signers` stands for all who signed the leaf that a
 * correction names: exactly those keys, each of them.
 */
import { LedgerError, assert } from '../errors.ts';

/** A party that the authority document lists, with what it may do. */
export interface Signer {
  /** Lowercase hex SHA-256 of the public key. */
  readonly keyid: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly name: string;
  readonly organisation: string;
  readonly roles: readonly string[];
  /** The `source.id`s it may sign for. */
  readonly sources: readonly string[];
}

/** Stands for all signers of the leaf that a correction names. */
const targetSigners = 'target-signers';

type Alternative = readonly string[];

export interface RuleMatch {
  /** Distinct keys, in the order of the envelope. */
  readonly signers: readonly Signer[];
  readonly anyOf: readonly Alternative[];
  /** The keyids on the leaf that a correction names; absent for every other entry. */
  readonly target?: ReadonlySet<string> | undefined;
}

/** What keeps the signers from satisfying one alternative; both empty when only organisations can. */
interface Gap {
  /** Roles that no signer is left for. */
  readonly missing: readonly string[];
  /** Positions of signers that no role is left for. */
  readonly superfluous: readonly number[];
}

/**
 * Requires that the signers satisfy one of the alternatives. What is thrown
 * speaks of the alternative that came nearest: `same-organisation` where only
 * that is wrong, then `superfluous-signature` where every role is held, then
 * `missing-role`, which names the first role that no signer holds.
 */
export function requireRoles({ signers, anyOf, target }: RuleMatch): void {
  const [nearest] = anyOf.map((roles) => gapOf(roles, signers, target)).toSorted(compareGaps);
  assert(nearest !== undefined, 'a rule has an alternative');
  const [role] = nearest.missing;
  const [position] = nearest.superfluous;
  if (role === undefined && position === undefined) return requireDistinctOrganisations(signers);

  const expected = anyOf.map((alternative) => alternative.join(' + ')).join(', or ');
  const got =
    signers.map((signer) => `${signer.name} (${signer.roles.join(', ')})`).join(' + ') || 'no signer';
  if (role !== undefined) {
    throw new LedgerError('missing-role', `no signer has the role ${role}`, {
      expected,
      got,
      facts: { role },
    });
  }
  const keyid = signers[position ?? 0]?.keyid ?? '';
  throw new LedgerError('superfluous-signature', 'a signature that no role asks for', {
    expected,
    got,
    at: `/signatures/${position}`,
    facts: { keyid },
  });
}

/** Dual control by one organisation is no control: every signer answers to another one. */
function requireDistinctOrganisations(signers: readonly Signer[]): void {
  const seen = new Map<string, Signer>();
  for (const [position, signer] of signers.entries()) {
    const other = seen.get(signer.organisation);
    if (other !== undefined) {
      throw new LedgerError('same-organisation', 'two signers of one organisation', {
        expected: 'every signer of another organisation',
        got: `${other.name} and ${signer.name}, both of ${signer.organisation}`,
        at: `/signatures/${position}`,
        facts: { organisation: signer.organisation },
      });
    }
    seen.set(signer.organisation, signer);
  }
}

/** Fewest missing roles first, then fewest superfluous signatures. */
function compareGaps(a: Gap, b: Gap): number {
  return a.missing.length - b.missing.length || a.superfluous.length - b.superfluous.length;
}

function gapOf(alternative: Alternative, signers: readonly Signer[], target?: ReadonlySet<string>): Gap {
  const roles = alternative.filter((role) => role !== targetSigners);
  const missing: string[] = [];
  let free = signers.map((_, position) => position);
  if (roles.length < alternative.length) {
    const present = free.filter((position) => target?.has(signers[position]?.keyid ?? ''));
    if (target === undefined || target.size === 0 || present.length < target.size)
      missing.push(targetSigners);
    free = free.filter((position) => !present.includes(position));
  }
  const paired = pairOff(roles, signers, free);
  for (const [at, role] of roles.entries()) if (!paired.has(at)) missing.push(role);
  const taken = new Set(paired.values());
  return { missing, superfluous: free.filter((position) => !taken.has(position)) };
}

/**
 * A largest pairing of roles with signers that hold them, as role index →
 * signer position, by augmenting paths: taking roles in order would give a
 * builder who may also supervise to the wrong role and refuse a lawful entry.
 */
function pairOff(
  roles: readonly string[],
  signers: readonly Signer[],
  free: readonly number[],
): Map<number, number> {
  const roleOf = new Map<number, number>();
  const seat = (role: number, tried: Set<number>): boolean => {
    const name = roles[role] ?? '';
    for (const position of free) {
      if (tried.has(position) || !signers[position]?.roles.includes(name)) continue;
      tried.add(position);
      const holder = roleOf.get(position);
      if (holder === undefined || seat(holder, tried)) {
        roleOf.set(position, role);
        return true;
      }
    }
    return false;
  };
  for (const role of roles.keys()) seat(role, new Set());
  return new Map([...roleOf].map(([position, role]) => [role, position]));
}
