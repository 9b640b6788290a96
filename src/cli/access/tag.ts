/** `isal access tag`: one customer tag, for a gateway that records, or a customer who looks by hand. */
import { customerTag, parseCustomerSecret } from '../../attestation/customer-tag.ts';
import { LedgerError } from '../../errors.ts';
import { parseCommand } from '../terminal/args.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { readSecret } from '../terminal/secret-file.ts';

export const usage: string = `isal access tag --secret FILE --day YYYY-MM-DD --category NAME    one tag, for the gateway`;

const options = {
  secret: { type: 'string' },
  day: { type: 'string' },
  category: { type: 'string' },
} as const;

export async function tag(args: readonly string[], io: Io): Promise<ExitStatus> {
  const { values, positionals } = parseCommand(args, options, usage);
  const { secret, day, category } = values;
  if (secret === undefined || day === undefined || category === undefined || positionals.length > 0) {
    throw new LedgerError('usage', 'name the secret, the day and the category', { expected: usage });
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) !== day) {
    throw new LedgerError('usage', '--day is no day', { expected: 'YYYY-MM-DD, in UTC', got: day });
  }
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(category)) {
    throw new LedgerError('usage', '--category is no category', {
      expected: 'an identifier of a-z 0-9 . _ -',
      got: category,
    });
  }
  io.stdout(`${customerTag(parseCustomerSecret(await readSecret(secret)), { day, category })}\n`);
  return 0;
}
