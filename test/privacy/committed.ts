/** A log of events whose personal fields were committed to by the commands that a gateway uses. */
import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { sha256 } from '#sha256';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import type { Attestation } from '../../src/attestation/statement.ts';
import { toHex } from '../../src/bytes.ts';
import { access } from '../../src/cli/access/commands.ts';
import { log } from '../../src/cli/log/commands.ts';
import { Desk } from '../cli/desk.ts';
import type { Ran } from '../cli/desk.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { genesis } from '../ledger/site.ts';

const authority = fixtures.leafHashOf(genesis);
export const day = '2026-11-03';
export const category = 'threat-statistics';

/** Who and why, event by event; all of them are among the likely values of dictionary.ts. */
export const persons: readonly string[] = ['Anna Müller', 'Daniel von Steiner', 'jgerber'];
export const tickets: readonly string[] = ['Bahnhofstrasse 7, 8001 Zürich', 'TICKET-12', '10005'];

/** The events, read back from the ledger by `isal log export`. */
export async function committedEvents(): Promise<Attestation[]> {
  const desk = await Desk.open([]);
  const done = ({ status, stdout, error }: Ran): string => {
    if (status !== 0) throw error ?? new Error(`exit status ${status}`);
    return stdout.trim();
  };
  try {
    await desk.write('secret', toHex(randomBytes(32)));
    await chmod(desk.path('secret'), 0o600);
    const vault = [desk.path('vault'), '--key', desk.path('vault.key')];
    done(await desk.run(access, 'vault', 'init', ...vault));
    for (const [at, person] of persons.entries()) {
      const eventId = randomBytes(32);
      const put = async (field: string, value: string): Promise<string> => {
        const path = await desk.write('value', `${value}\n`);
        const words = ['vault', 'put', ...vault, '--record', toHex(eventId), '--field', field, '--in', path];
        return done(await desk.run(access, ...words));
      };
      const [identity, detail] = [await put('identity', person), await put('detail', tickets[at] ?? '')];
      const tagged = ['tag', '--secret', desk.path('secret'), '--day', day, '--category', category];
      const tag = done(await desk.run(access, ...tagged));
      const leaf = fixtures.dataAccess({
        authority,
        seq: at + 1,
        change: (statement) => {
          statement.subject = [{ digest: { sha256: toHex(sha256(eventId)) } }];
          statement.predicate.eventId = toHex(eventId);
          statement.predicate.actor._sd = [identity];
          statement.predicate.reason._sd = [detail];
          statement.predicate.customerTags = [tag];
          delete statement.predicate.approval._sd;
        },
      });
      await desk.ledger.append(leaf);
    }
    const out = desk.path('leaves');
    done(await desk.online(log, 'export', '--out', out));
    const lines = (await readFile(out)).toString().trimEnd().split('\n');
    return lines.slice(1).map((line) => decodeAttestation(decodeEnvelope(new Uint8Array(Buffer.from(line)))));
  } finally {
    await desk.close();
  }
}
