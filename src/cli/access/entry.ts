/** The one entry that a disclosure belongs to, named by its index or its leaf hash, and proven before it is used. */
import { hashLeaf } from '#sha256';
import { fromHex, toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { maxBundleBytes, parseBundle } from '../../verifier/proving/bundle.ts';
import type { Bundle } from '../../verifier/proving/bundle.ts';
import type { Trust } from '../../verifier/trust.ts';
import { verifyBundle } from '../../verifier/judging/verify-bundle.ts';
import type { VerifiedBundle } from '../../verifier/judging/verify-bundle.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import { misused, numberOption } from '../terminal/args.ts';
import { readSmall } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { connect, bundleOf, provenLeaf } from '../online/online.ts';

export type Which = { readonly index: number } | { readonly leafHash: string };

export interface EntryOptions {
  readonly index?: string | undefined;
  readonly leaf?: string | undefined;
  readonly bundle?: string | undefined;
  readonly url?: string | undefined;
  readonly 'max-age'?: string | undefined;
}

/** The most corrections of one entry that are asked for. */
const maxCorrections = 16;

/** Which entry --index or --leaf names; undefined for neither. Throws `usage`. */
export function whichEntry({ index, leaf, bundle, url }: EntryOptions): Which | undefined {
  if (index !== undefined && leaf !== undefined) throw misused('--index and --leaf exclude each other');
  if (bundle !== undefined && url !== undefined) throw misused('--bundle judges without the ledger');
  if (index !== undefined) {
    return { index: numberOption('index', index, { min: 0, max: Number.MAX_SAFE_INTEGER }) };
  }
  if (leaf === undefined) return undefined;
  if (!/^[0-9a-f]{64}$/.test(leaf)) throw misused('--leaf is a leaf hash: 64 lowercase hexadecimal digits');
  return { leafHash: leaf };
}

/**
 * The bundle of --bundle, or one from the ledger with this entry and its
 * corrections, verified. Only the number or the hash of the leaf goes to the
 * ledger. Without a bundle the entry must be named.
 */
export async function provenBundle(
  which: Which | undefined,
  options: EntryOptions,
  { trust, io }: { readonly trust: Trust; readonly io: Io },
): Promise<VerifiedBundle> {
  if (options.bundle !== undefined) {
    const bundle = parseBundle(await readSmall(options.bundle, maxBundleBytes));
    const age =
      options['max-age'] === undefined
        ? {}
        : {
            now: Math.floor(io.now() / 1_000),
            maxAge: numberOption('max-age', options['max-age'], { min: 1, max: 10 * 366 * 86_400 }),
          };
    return verifyBundle({ bundle, trust, ...age });
  }
  if (which === undefined) throw new Error('broken invariant: without a bundle the entry is named');
  return verifyBundle({ bundle: await fetched(which, options, trust, io), trust });
}

async function fetched(which: Which, options: EntryOptions, trust: Trust, io: Io): Promise<Bundle> {
  const online = await connect({ url: options.url, maxAge: options['max-age'], trust, io });
  const { index, leaf } = await provenLeaf(online, which);
  const filters = { subject: `sha256:${toHex(hashLeaf(leaf))}`, type: 'correction' };
  const corrections = await online.client.search(filters, { limit: maxCorrections });
  const { bundle } = await bundleOf(online, trust, { found: { indices: [index, ...corrections] } });
  return bundle;
}

/** The entry that was named. Throws `not-recorded` if the bundle has others only. */
export function namedEntry({ walk }: VerifiedBundle, which: Which): Entry {
  const found = walk.entries.find(({ index, attestation }) =>
    'index' in which ? index === which.index : toHex(attestation.leafHash) === which.leafHash,
  );
  if (found !== undefined) return found;
  throw new LedgerError('not-recorded', 'the bundle holds no such entry', {
    expected: 'the entry that was named',
  });
}

/** Under what the vault keeps the entry's disclosures: the event id of an access event, another entry's leaf hash. */
export function recordOfEntry({ attestation }: Entry): Uint8Array {
  if (attestation.type !== 'data-access') return attestation.leafHash;
  return fromHex(attestation.statement.predicate.eventId, 32);
}
