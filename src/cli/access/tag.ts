/** `isal access tag`: one customer tag, for a gateway that records, or a customer who looks by hand. */
import { customerTag, parseCustomerSecret } from '../../attestation/customer-tag.ts';
import { LedgerError } from '../../errors.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { readSecret } from '../terminal/secret-file.ts';

export async function tag({ values }: Given<typeof described.tag>, io: Io): Promise<ExitStatus> {
  const { secret, day, category, 'readable-keys': readable } = values;
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) !== day) {
    throw new LedgerError('usage', '--day is no day', { expected: 'YYYY-MM-DD, in UTC', got: day });
  }
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(category)) {
    throw new LedgerError('usage', '--category is no category', {
      expected: 'an identifier of a-z 0-9 . _ -',
      got: category,
    });
  }
  const text = await readSecret(secret, { readable });
  io.stdout(`${customerTag(parseCustomerSecret(text), { day, category })}\n`);
  return 0;
}
