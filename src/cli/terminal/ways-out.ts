/**
 * What leads on from a refusal, as command lines: a ledger that may not go on
 * says what its operator can type. The rooms below know neither the directory
 * nor the commands, and what they say may be sent to strangers, so it is put
 * together here.
 */
import { LedgerError } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';

type Way = (directory: string) => string;

const refill: Way = (directory) =>
  `isal log refill ${directory} --from URL|FILE|DIR  # makes the store anew, from a ledger, an export, a mirror or a backup`;
const readOnly: Way = (directory) =>
  `isal serve --read-only ${directory}  # serves what is left, and signs nothing`;
const backup: Way = (directory) =>
  `isal store backup ${directory} --to BACKUP  # copies a ledger that runs, without stopping it`;
const again: Way = (directory) =>
  `isal serve ${directory}  # starts it again, with a signer of its own; one that it is told by --signer is started first`;

/** Where the store is at fault, a copy of the log mends it; where the memory of what was signed is, nothing does. */
const ways: Readonly<Partial<Record<ErrorCode, readonly Way[]>>> = {
  'store-corrupt': [refill, readOnly],
  'store-behind-anchor': [refill, readOnly],
  'store-missing': [refill],
  'root-mismatch': [refill, readOnly],
  'leaf-mismatch': [refill, readOnly],
  'behind-witnesses': [refill, readOnly],
  'fork-witnessed': [readOnly],
  'signer-lost': [again],
  'anchor-missing': [readOnly],
  'malformed-anchor': [readOnly],
};

function waysFrom({ code, facts }: LedgerError): readonly Way[] {
  // Of all that `store-locked` says, this alone is mended by a command: the operator who made links wanted a copy.
  if (code === 'store-locked' && facts['links'] !== undefined) return [backup];
  return ways[code] ?? [];
}

/** The command lines that lead on from a refusal about the ledger in `directory`. */
export function waysOut(error: LedgerError, directory: string): readonly string[] {
  return waysFrom(error).map((way) => way(shellWord(directory)));
}

/** Runs `work` on the ledger in `directory`; what it refuses says what leads on, `but` for a command that begins so. */
export async function leadingOn<T>(
  directory: string,
  work: () => Promise<T>,
  { but }: { readonly but?: string } = {},
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LedgerError) || error.wayOut.length > 0) throw error;
    const { code, message, expected, got, at, index, facts, cause } = error;
    const wayOut = waysOut(error, directory).filter((line) => but === undefined || !line.startsWith(but));
    throw new LedgerError(code, message, { expected, got, at, index, facts, cause, wayOut });
  }
}

/** One word to a shell, whatever is in it. */
function shellWord(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
