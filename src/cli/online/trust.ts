/** The pinned trust file that a command rests on. First use is never silent: without one, it refuses. */
import { join } from 'node:path';
import { lookAlikesAmong } from '../../attestation/names/alike.ts';
import { LedgerError } from '../../errors.ts';
import type { Policy } from '../../note/policy.ts';
import { namesOfSeveralKeys } from '../../note/quorum.ts';
import { maxTrustBytes, parseCheckpointTrust, parseTrust } from '../../verifier/trust.ts';
import type { CheckpointTrust, Trust } from '../../verifier/trust.ts';
import { readSmall } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';

/** --trust FILE, else ISAL_TRUST. Throws `no-trust-file`, `malformed-trust`, `malformed-policy`, `file-unreadable`. */
export async function pinnedTrust(path: string | undefined, io: Io): Promise<Trust> {
  return parseTrust(await readSmall(trustPath(path, io), maxTrustBytes));
}

/** As `pinnedTrust`; a bare tlog-policy will do, where only checkpoints are judged. */
export async function pinnedCheckpointTrust(path: string | undefined, io: Io): Promise<CheckpointTrust> {
  return parseCheckpointTrust(await readSmall(trustPath(path, io), maxTrustBytes));
}

/** --url URL, else the one in the policy's log line. Throws `usage`. */
export function ledgerUrl(url: string | undefined, { policy }: Pick<CheckpointTrust, 'policy'>): string {
  const found = url ?? policy.logs.find((log) => log.url !== undefined)?.url;
  if (found !== undefined) return found;
  throw new LedgerError('usage', 'it is not known where the ledger is', {
    expected: '--url URL, or a URL in the log line of the trust file',
  });
}

/** Where the trust file is: --trust FILE, else ISAL_TRUST. Throws `no-trust-file`. */
export function trustPath(path: string | undefined, io: Io): string {
  const named = path ?? io.env['ISAL_TRUST'];
  if (named !== undefined && named !== '') return named;
  const home = io.env['HOME'] ?? '~';
  throw new LedgerError('no-trust-file', 'no trust file is pinned, so there is nothing to verify against', {
    expected: [
      '--trust FILE, or its path in ISAL_TRUST',
      'to pin one: get the supervisor’s trust file over a channel that you trust, not from',
      'the ledger that you are about to check; compare its SHA-256 with a published one; keep',
      `it, for example as ${join(home, '.config', 'isal', 'trust.json')}, and name it as above`,
    ].join('\n'),
  });
}

/** What in a policy is lawful and may not be what its author counted on, in sentences. */
export function policyWarnings(policy: Policy): string[] {
  const [one, other] = lookAlikesAmong(policy.witnesses.map(({ key }) => key.name)) ?? [];
  return [
    ...namesOfSeveralKeys(policy).map(
      (name) => `It lists several keys of the witness ${name}: they count as one in the quorum.`,
    ),
    ...(one === undefined ? [] : [`The names of the witnesses ${one} and ${other} look alike.`]),
  ];
}
