/** Input that holds a canary where none belongs: of every type of statement, spoilt in every place, and worse. */
import { decodeStatement } from '../../src/attestation/statement.ts';
import type { JsonValue } from '../../src/attestation/canonical.ts';
import { canonicalize } from '../../src/attestation/canonical.ts';
import { makeDisclosure } from '../../src/attestation/disclosure.ts';
import { formatEnvelope, signEnvelope } from '../../src/attestation/envelope.ts';
import { toHex, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { canaries, canaryNumber, canarySecret, texts } from './canaries.ts';

/** A statement as anybody may write one: any member anywhere. */
type Loose = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any

const { builder, supervisor, publisher, gateway, custodian, compliance, reviewer, rebuilder, root, party } =
  fixtures;

interface Kind {
  readonly make: () => object;
  readonly by: readonly fixtures.Party[];
}

/** How a statement of each type is made, and who may sign it. */
export const kinds: readonly Kind[] = [
  { make: fixtures.authorityStatement, by: [root] },
  { make: fixtures.buildStatement, by: [builder, supervisor] },
  { make: fixtures.databaseUpdateStatement, by: [publisher, supervisor] },
  { make: fixtures.dataAccessStatement, by: [gateway] },
  { make: fixtures.sourceSnapshotStatement, by: [custodian, supervisor] },
  { make: fixtures.sourceReviewStatement, by: [reviewer, supervisor] },
  { make: fixtures.rebuildResultStatement, by: [rebuilder] },
  { make: fixtures.periodSummaryStatement, by: [gateway, compliance] },
  { make: fixtures.residencyStatement, by: [compliance, supervisor] },
  { make: fixtures.supervisorStatementStatement, by: [supervisor] },
  { make: fixtures.correctionStatement, by: [supervisor] },
];

const stranger = party('a stranger', 'Elsewhere');

/** Statements that hold a canary, each with those whose signatures do not get it recorded. */
export function spoiltStatements(): { readonly text: string; readonly by: readonly fixtures.Party[] }[] {
  let turn = 0;
  const next = (): JsonValue => {
    turn += 1;
    return turn % 5 === 0 ? canaryNumber : (Object.values(canaries)[turn % 6] ?? '');
  };
  return kinds.flatMap(({ make, by }) =>
    placesOf(make()).flatMap((path) => {
      const replaced: Loose = structuredClone(make());
      const holder = holderOf(replaced, path);
      const last = path.at(-1) ?? '';
      holder[last] = next();
      const beside: Loose = structuredClone(make());
      const other = holderOf(beside, path);
      if (!Array.isArray(other)) other[texts[turn % texts.length] ?? ''] = next();
      return [replaced, beside].map((statement) => {
        const text = canonicalize(statement);
        // What a schema takes is signed by somebody whom the ledger does not know: a name in a public field is public.
        return { text, by: isTaken(text) ? [stranger] : by };
      });
    }),
  );
}

function isTaken(text: string): boolean {
  try {
    decodeStatement(utf8(text));
    return true;
  } catch (error) {
    if (error instanceof LedgerError) return false;
    throw error;
  }
}

function holderOf(statement: Loose, path: readonly string[]): Loose {
  return path.slice(0, -1).reduce((part: Loose, name) => part[name] as Loose, statement);
}

/** Every place in a value, as the steps that lead there. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inside = Object.entries(value).flatMap(([name, part]) => placesOf(part, [...path, name]));
  return path.length === 0 ? inside : [path, ...inside];
}

/** Leaves that the schemas take and the authority refuses, though its own parties signed them. */
export function refusedLeaves(authority: string): Uint8Array[] {
  const access = (change: (statement: Loose) => void): Uint8Array =>
    fixtures.dataAccess({ authority, change: change });
  return [
    access(({ predicate }) => (predicate.source.id = canaries.login)),
    access(({ predicate }) => (predicate.ledger.origin = canaries.mail)),
    access(({ predicate }) => (predicate.ledger.authority = canarySecret)),
    access(({ predicate }) => (predicate.eventId = canarySecret)),
    access((statement) => (statement['subject'][0].name = canaries.name)),
    access((statement) => (statement['predicateType'] = `urn:${canaries.badge}`)),
    access(({ predicate }) => (predicate.actor._sd = [canarySecret.slice(0, 42) + 'A', 'A'.repeat(43)])),
    fixtures.correction({ authority, target: canarySecret }),
    fixtures.build({ authority, signedBy: [builder, stranger], file: canaries.address }),
    fixtures.build({ authority, signedBy: [builder], product: canaries.name }),
    fixtures.authorityDocument({
      version: 9,
      previous: authority,
      signers: [fixtures.signer({ ...stranger, name: canaries.name }, ['builder'], [canaries.login])],
      roots: [root],
    }),
  ];
}

/** The leaf of any text as payload, whatever it is. */
export function leafOf(text: string, by: readonly fixtures.Party[]): Uint8Array {
  return signEnvelope(
    utf8(text),
    by.map(({ seed }) => seed),
  );
}

/** Bytes that are no leaf: what people paste into the wrong window. */
export function rubbish(): Uint8Array[] {
  const good = fixtures.dataAccess();
  const { payload, payloadType, signatures } = JSON.parse(Buffer.from(good).toString()) as Record<
    string,
    never
  >;
  const salt = new Uint8Array(16).fill(9);
  return texts.flatMap((text) => {
    const value = JSON.stringify(text);
    const disclosure = makeDisclosure({ salt, name: 'identity', value: text }).text;
    return [
      text,
      value,
      `{"identity":${value}`,
      `{"identity":${value}}`,
      `{"payload":${value},"payload":${value}}`,
      `{${value}:1,${value}:2}`,
      `{"payload":{"sig":{${value}:1,${value}:2}}}`,
      `[${value},\u0001]`,
      `{"payload": ${value}}`,
      `{"payload":1e999,"identity":${value}}`,
      `{"identity":${value},"payload":"\\ud800"}`,
      `\ufeff${value}`,
      `${text}\n`.repeat(2),
      `${'['.repeat(99)}${value}`,
      `{"digest":9007199254740993,"identity":${value}}`,
      '1'.repeat(99) + text,
      disclosure,
      `${disclosure}\n${text}\n`,
      JSON.stringify({ payload, payloadType: text, signatures }),
      JSON.stringify({ payload, payloadType, signatures: text }),
      JSON.stringify({ payload, payloadType, signatures: [{ keyid: text, sig: text }] }),
      JSON.stringify({ payload, payloadType, signatures: [{ keyid: toHex(salt).repeat(2), sig: text }] }),
      JSON.stringify({ payload: text, payloadType, signatures }),
      JSON.stringify({ [text]: 1, payload, payloadType, signatures }),
      JSON.stringify({ payload, payloadType, signatures: [{ [text]: 1, keyid: '', sig: '' }] }),
      `${text}\n5\nAAAA\n\n— ${text} AAAA\n`,
      `old ${text}\n\n${text}\n5\nAAAA\n`,
      `c2sp.org/tlog-proof@v1\nextra ${text}\nindex ${text}\n`,
      `log ${text}\nwitness ${text}\nquorum ${text}\n`,
      `${text}\nquorum none\n`,
      JSON.stringify({ format: 'isal-trust/v1', policy: `log ${text}\n`, genesis: text }),
      JSON.stringify({
        format: 'isal-bundle/v1',
        checkpoint: text,
        leaves: [{ index: 0, leaf: text, proof: [] }],
      }),
      JSON.stringify({ format: 'isal-evidence/v1', fork: { older: text, newer: text, proof: [text] } }),
      JSON.stringify({ format: text, [text]: text }),
      fromLatin1(text),
    ].map((some) => (typeof some === 'string' ? utf8(some) : some));
  });
}

/** The text in a coding that is not UTF-8. */
function fromLatin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`"${text}ü"`, 'latin1'));
}

/** Payloads that are no statement, well signed. */
export function rubbishPayloads(): Uint8Array[] {
  return rubbish()
    .filter((bytes) => bytes.length > 0)
    .map((payload) =>
      formatEnvelope({
        payloadType: 'application/vnd.in-toto+json',
        payload,
        signatures: [{ keyid: gateway.keyid, sig: new Uint8Array(64) }],
      }),
    );
}
