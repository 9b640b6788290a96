/** Databases that are published every day: a signer who is revoked, and an update that was not recorded. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { ed25519PublicKey } from '#ed25519';
import { keyidOf } from '../../attestation/envelope.ts';
import type { Statement } from '../../attestation/types.ts';
import { toBase64 } from '../../bytes.ts';
import { formatPartyKey } from '../../cli/terminal/secret-file.ts';
import { updateStatement } from '../statements.ts';
import type { UpdateRow } from '../statements.ts';
import type { Site } from './site.ts';
import { silent, words } from './stage.ts';

const day = (n: number): string => `2026.11.0${n}`;

/** Writes a database to the disk; its rules are made up. */
async function database({ stage }: Site, family: string, n: number): Promise<UpdateRow> {
  const rules = Array.from({ length: 3 + n }, (_, i) => `rule ${i + 1}: a made-up pattern\n`).join('');
  const content = `${family} ${day(n)}\n${rules}`;
  const file = `${family}-${day(n)}.db`;
  await writeFile(stage.path(file), content);
  const sha512 = createHash('sha512').update(content).digest('hex');
  return { family, version: day(n), file, sha512 };
}

/** The statements about updates that follow each other, numbered from `seq` on. */
async function updates(
  site: Site,
  rows: readonly UpdateRow[],
  options: { seq: number; after?: UpdateRow },
): Promise<Statement[]> {
  const place = await site.place();
  return rows.map((row, i) =>
    updateStatement(row, i === 0 ? options.after : rows[i - 1], { ...place, seq: options.seq + i }),
  );
}

/** Numbers in the stream of updates that the first of the two chapters takes. */
const usedBefore = 3;

export async function revokeSigner(site: Site): Promise<void> {
  const { stage } = site;
  stage.chapter(
    'A signer is revoked',
    `The vendor also publishes a database of threats every day. A program signs and records each one, and
     says which one it follows. Two days have gone by: threats-${day(1)}.db and threats-${day(2)}.db.`,
  );
  const first = await database(site, 'threats', 1);
  const second = await database(site, 'threats', 2);
  const recorded = await site.byProgram(await updates(site, [first, second], { seq: 1 }), [
    'database-publisher',
    'supervisor',
  ]);
  const indices = recorded.map(({ index }) => index);
  await stage.isal(words`update chain threats`, {
    shows: [/^✓ Chain +threats for any: 2 updates, unbroken/],
  });
  await revoke(site);
  await refuseRevoked(site, second);
  await backdate(site, indices[1] ?? 0);
}

/** The ceremony: the second authority document takes the old key out of force and lists a new one. */
async function revoke(site: Site): Promise<void> {
  const { stage } = site;
  const old = keyidOf(ed25519PublicKey(await site.key('database-publisher')));
  const seed = new Uint8Array(randomBytes(32));
  await writeFile(stage.path('ledger/keys/database-publisher-2.pem'), formatPartyKey(seed), { mode: 0o600 });
  stage.tell(
    `The machine that signs them is lost. Who may sign what stands in the ledger itself, in an authority
     document. A new one needs two of the supervisor's three root keys. These are kept offline, so files go
     between the machines: chain.isal-bundle holds all that is needed to see what one signs.`,
  );
  const named = 'publisher 2;Vendor AG;database-publisher;database-release,corrections';
  await stage.isal(words`authority show --out chain.isal-bundle`, { only: /^(✓|Saved)/ });
  await stage.isal(
    words`authority propose --bundle chain.isal-bundle --revoke ${old} --reason ${'The machine is lost'}
          --add-signer ${`${named};${toBase64(ed25519PublicKey(seed))}`}`,
    { shows: [/^Old roots +2 missing/] },
  );
  const sign = words`authority sign --bundle chain.isal-bundle --key`;
  await stage.isal([...sign, 'ledger/keys/root-1.pem', 'authority-2.json'], { only: /^(Signed|Old|New)/ });
  await stage.isal([...sign, 'ledger/keys/root-2.pem', 'authority-2.dsse.json'], {
    only: /^(Signed|Old|New)/,
    shows: [/^Old roots +complete/],
  });
  await stage.isal(words`authority submit authority-2.dsse.json`, { shows: [/^✓ Recorded/] });
}

async function refuseRevoked(site: Site, second: UpdateRow): Promise<void> {
  const { stage } = site;
  stage.tell(
    `The finder of the machine has its key. What the key signs from now on is refused, even with the signature
     of the supervisor beside it:`,
  );
  const third = await database(site, 'threats', 3);
  const [statement] = await updates(site, [third], { seq: usedBefore, after: second });
  if (statement === undefined) throw new Error('broken invariant: one row makes one statement');
  const parties = ['database-publisher', 'supervisor'];
  await writeFile(stage.path('update-3.dsse.json'), await site.signed(statement, parties));
  await stage.isal(words`attest submit update-3.dsse.json`, {
    status: 1,
    shows: [/^ {2}code +key-not-in-force/],
  });
  stage.tell(`What it signed before stays proven, and the answer says that the key is revoked by now:`);
  await stage.isal(words`verify ${second.file}`, {
    shows: [/^✓ Chain +unbroken to the first/, /^✓ Keys/, /^\? Revocations +.* is revoked by now/],
    verdict: 'an update that a key signed before it was revoked',
  });
}

/** It was worse than thought: the key was in wrong hands before the revocation. */
async function backdate(site: Site, from: number): Promise<void> {
  const { stage } = site;
  const old = keyidOf(ed25519PublicKey(await site.key('database-publisher')));
  stage.tell(
    `Then the police find that a thief had got at the key before leaf ${from} was signed. For a stolen key the
     roots name the leaf from which on it is worth nothing, also in the past:`,
  );
  await stage.isal(
    words`authority propose --revoke ${old} --kind compromised --from-leaf ${from}
          --reason ${'Broken into before the machine was lost'}`,
    { shows: [/^Old roots +2 missing/] },
  );
  const sign = words`authority sign --key`;
  await stage.isal([...sign, 'ledger/keys/root-1.pem', 'authority-3.json'], silent);
  await stage.isal([...sign, 'ledger/keys/root-3.pem', 'authority-3.dsse.json'], silent);
  await stage.isal(words`authority submit authority-3.dsse.json`, { shows: [/^✓ Recorded/] });
  await stage.isal(words`verify threats-${day(2)}.db`, {
    status: 1,
    shows: [/key-not-in-force/],
    verdict: 'an update that a stolen key signed, as it turned out later',
  });
  stage.tell(`The update of the day before is not touched:`);
  await stage.isal(words`verify threats-${day(1)}.db`, {
    only: /^(. (Recorded|Keys|Revocations)|ANSWER)/,
    shows: [/^✓ Keys/],
    verdict: 'the update of the day before, signed with the same key',
  });
}

export async function skipUpdate(site: Site): Promise<void> {
  const { stage } = site;
  stage.chapter(
    'An update is skipped',
    `Another database, of bad addresses, signed with the new key. The first two days are recorded. On the
     third day customers get a state that the vendor does not record. On the fourth all goes on as before.`,
  );
  const parties = ['database-publisher-2', 'supervisor'];
  const one = await database(site, 'addresses', 1);
  const two = await database(site, 'addresses', 2);
  const unrecorded = await database(site, 'addresses', 3);
  const four = await database(site, 'addresses', 4);
  await site.byProgram(await updates(site, [one, two], { seq: usedBefore }), parties);
  await stage.isal(words`update chain addresses`, { shows: [/^✓ Chain/] });
  await site.byProgram(await updates(site, [four], { seq: usedBefore + 2, after: unrecorded }), parties);
  stage.tell(
    `The update of the fourth day is recorded. It must say which state it follows, and there is no such one:`,
  );
  await stage.isal(words`update chain addresses`, {
    status: 1,
    shows: [/^✗ Update +2026\.11\.04 .* SKIPS: it follows 2026\.11\.03, which no leaf records/],
    verdict: 'a chain of updates in which one was not recorded',
  });
  stage.tell('A customer who has the database of the fourth day learns of it too, from the whole ledger:');
  await stage.isal(words`verify addresses-${day(4)}.db --replay`, {
    status: 1,
    only: /^(. (Recorded|Updated|Chain)|ANSWER| {2}(got|code))/,
    shows: [/^✗ Chain +broken/, /^ {2}code +chain-broken/],
    verdict: 'the update after the one that was not recorded',
  });
}
