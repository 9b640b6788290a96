/** What binds a new statement to its ledger and counts it: the options that the commands share. */
import { supervisionOf } from '../../attestation/kinds/index.ts';
import type { TypedStatement } from '../../attestation/types.ts';
import { LedgerError, assert } from '../../errors.ts';
import { hexOption, numberOption } from '../terminal/args.ts';
import type { ValuesOf } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { LedgerClient } from '../../client/client.ts';
import type { Io } from '../terminal/io.ts';
import { nextNumber } from '../online/next-number.ts';
import { ledgerUrl, pinnedTrust } from '../online/trust.ts';

/** What stands where no ledger was asked; no statement is right with it. */
const placeholderOrigin = 'ledger.example/origin';
const placeholderAuthority = '0'.repeat(64);

export interface Binding {
  readonly ledger: { readonly origin: string; readonly authority: string };
  readonly occurredAt: string;
  readonly source: { readonly id: string; readonly seq: number };
}

type Values = Pick<
  ValuesOf<typeof described.new>,
  'url' | 'trust' | 'origin' | 'authority' | 'source' | 'seq'
>;

/**
 * Asks the ledger at `--url`, or that of `--trust`, for what is not given: the
 * authority in force and the next number of the source. Both are proposals,
 * which the ledger decides on when the statement is submitted. Without a
 * ledger, placeholders, and standard error says which. A document of authority
 * is of no source: `sourceId` is undefined for it.
 */
export async function binding(values: Values, sourceId: string | undefined, io: Io): Promise<Binding> {
  const seq =
    values.seq === undefined
      ? undefined
      : numberOption('seq', values.seq, { min: 1, max: Number.MAX_SAFE_INTEGER });
  const given = values.authority === undefined ? undefined : hexOption('authority', values.authority);
  const id = values.source ?? sourceId ?? '';
  const client = await ledgerOf(values, io);
  const inForce = await client?.authority();
  const next = client === undefined || sourceId === undefined ? undefined : nextNumber(client, id);
  const bound = {
    ledger: {
      origin: values.origin ?? inForce?.origin ?? placeholderOrigin,
      authority: given ?? inForce?.leafHash ?? placeholderAuthority,
    },
    occurredAt: new Date(io.now()).toISOString(),
    source: { id, seq: seq ?? (await next) ?? 1 },
  };
  if (client === undefined) tellOpen(values, sourceId, io);
  return bound;
}

async function ledgerOf({ url, trust: path }: Values, io: Io): Promise<LedgerClient | undefined> {
  if (path === undefined) return url === undefined ? undefined : new LedgerClient(url);
  const trust = await pinnedTrust(path, io);
  const client = new LedgerClient(ledgerUrl(url, trust));
  const { origin } = await client.authority();
  const pinned = [...new Set(trust.policy.logs.map(({ key }) => key.name))];
  if (pinned.includes(origin)) return client;
  throw new LedgerError('origin-mismatch', 'at that URL is another ledger than the one that is pinned', {
    expected: pinned.join(', '),
    got: origin,
  });
}

/** Nobody is to find out by the ledger's refusal, when all parties have signed, what was never asked for. */
function tellOpen({ origin, authority, seq }: Values, sourceId: string | undefined, io: Io): void {
  const open = [
    ...(origin === undefined ? [`origin: ${placeholderOrigin} stands for it (--origin)`] : []),
    ...(authority === undefined && sourceId !== undefined
      ? ['authority: zeros stand for the leaf hash of the document in force (--authority)']
      : []),
    ...(seq === undefined && sourceId !== undefined
      ? ['number at the source: 1, which is right for the first statement only (--seq)']
      : []),
  ];
  if (open.length === 0) return;
  io.stderr(`isal: no ledger was asked (--url URL or --trust FILE), so this is left to you:\n`);
  for (const line of open) io.stderr(`  ${line}\n`);
}

/**
 * Before anybody signs: throws `placeholder` for a statement that names no
 * ledger, or no document of authority. The ledger would refuse it, when all
 * parties have signed.
 */
export function requireBound(typed: TypedStatement): void {
  if (typed.type === 'authority') {
    if (typed.statement.predicate.origin === placeholderOrigin) throw unbound(['/predicate/origin']);
    return;
  }
  const supervised = supervisionOf(typed);
  assert(supervised !== undefined, 'every statement but an authority document names its ledger');
  const { ledger } = supervised.value;
  const open = [
    ...(ledger.origin === placeholderOrigin ? [`${supervised.pointer}/ledger/origin`] : []),
    ...(ledger.authority === placeholderAuthority ? [`${supervised.pointer}/ledger/authority`] : []),
  ];
  if (open.length > 0) throw unbound(open);
}

function unbound(open: readonly string[]): LedgerError {
  return new LedgerError('placeholder', 'a field that binds the statement to its ledger is not filled in', {
    at: open[0] ?? '',
    expected: 'origin and authority in force of the ledger, which attest new --url or --trust asks for',
    got: `as without a ledger: ${open.join(', ')}`,
  });
}
