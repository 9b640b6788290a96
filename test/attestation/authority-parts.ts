/**
 * Attestations built by hand with real keys and signatures, past envelope
 * parsing and schema, so that the rules of authority can be tested also on
 * what those would have refused.
 */
import { expect } from 'chai';
import { ed25519PublicKey, signEd25519 } from '#ed25519';
import { hashLeaf, sha256 } from '#sha256';
import { toBase64, toHex, utf8 } from '../../src/bytes.ts';
import { type ErrorCode, LedgerError } from '../../src/errors.ts';
import { keyidOf, pae } from '../../src/attestation/envelope.ts';
import type { Attestation } from '../../src/attestation/statement.ts';
import type { AuthorityPredicate } from '../../src/attestation/types.ts';

export interface Party {
  readonly seed: Uint8Array;
  readonly publicKey: string;
  readonly keyid: string;
}

const parties = new Map<string, Party>();

/** The key that belongs to a name, always the same. */
export function party(name: string): Party {
  const known = parties.get(name);
  if (known !== undefined) return known;
  const seed = sha256(utf8(`test key of ${name}`));
  const publicKey = ed25519PublicKey(seed);
  const made = { seed, publicKey: toBase64(publicKey), keyid: keyidOf(publicKey) };
  parties.set(name, made);
  return made;
}

export const origin: string = 'isal.example/test';
export const buildType = 'https://slsa.dev/provenance/v1';
export const updateType = 'urn:isal:predicate:database-update:v1';

export type Document = AuthorityPredicate;
export type SignerEntry = Document['signers'][number];

export function signer(
  name: string,
  organisation: string,
  roles: string[],
  sources: string[] = ['s1'],
): SignerEntry {
  return { name, organisation, publicKey: party(name).publicKey, roles, sources } as SignerEntry;
}

/** Version 1: roots r1 r2 r3, threshold 2; a builder and a publisher of the vendor, two supervisors. */
export function firstDocument(changes: Partial<Document> = {}): Document {
  return {
    origin,
    version: 1,
    previous: null,
    occurredAt: '2026-01-01T00:00:00Z',
    root: { threshold: 2, keys: ['r1', 'r2', 'r3'].map((name) => party(name).publicKey) },
    signers: [
      signer('builder', 'Vendor', ['builder']),
      signer('publisher', 'Vendor', ['database-publisher']),
      signer('supervisor', 'Supervisor', ['supervisor'], ['s1', 's2']),
      signer('vendor-supervisor', 'Vendor', ['supervisor']),
    ],
    rules: [
      { predicateType: buildType, anyOf: [['builder', 'supervisor']] },
      { predicateType: updateType, anyOf: [['database-publisher', 'supervisor'], ['target-signers']] },
    ],
    revocations: [],
    ...changes,
  };
}

/** A successor of the document that `previous` is in force by. */
export function nextDocument(
  previous: { readonly document: Document; readonly leafHash: string },
  changes: Partial<Document> = {},
): Document {
  const { document, leafHash } = previous;
  return { ...document, version: document.version + 1, previous: leafHash, ...changes };
}

function signed(
  predicateType: string,
  predicate: object,
  names: readonly string[],
): Pick<Attestation, 'leaf' | 'leafHash' | 'envelope' | 'payloadHash' | 'statement'> {
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject: [], predicateType, predicate };
  const payload = utf8(JSON.stringify(statement));
  const payloadType = 'application/vnd.in-toto+json';
  const message = pae(payloadType, payload);
  const signatures = names.map((name) => {
    const { keyid, seed } = party(name);
    return { keyid, sig: signEd25519(seed, message) };
  });
  const leaf = utf8(JSON.stringify({ statement, names }));
  return {
    leaf,
    leafHash: hashLeaf(leaf),
    envelope: { payloadType, payload, signatures },
    payloadHash: sha256(message),
    statement: statement as unknown as Attestation['statement'],
  };
}

/** An authority document, signed by the named parties. */
export function authority(document: Document, names: readonly string[] = ['r1', 'r2']): Attestation {
  const parts = signed('urn:isal:predicate:authority:v1', document, names);
  return { ...parts, type: 'authority' } as unknown as Attestation;
}

export interface EntryOptions {
  readonly inForce: { readonly leafHash: string };
  readonly names?: readonly string[];
  readonly type?: 'build' | 'database-update';
  readonly predicateType?: string;
  readonly origin?: string;
  readonly source?: string;
}

/** An entry under the authority in force, signed by the named parties. */
export function entry(options: EntryOptions): Attestation {
  const { inForce, names = ['builder', 'supervisor'], type = 'build', source = 's1' } = options;
  const predicateType = options.predicateType ?? (type === 'build' ? buildType : updateType);
  const supervision = {
    ledger: { origin: options.origin ?? origin, authority: inForce.leafHash },
    occurredAt: '2026-01-02T00:00:00Z',
    source: { id: source, seq: 1 },
  };
  const predicate = type === 'build' ? { isal_supervision: supervision } : supervision;
  const parts = signed(predicateType, predicate, names);
  return { ...parts, type, supervision } as unknown as Attestation;
}

/** Runs and returns the coded error; fails the test if there is none. */
export function refusal(run: () => unknown): LedgerError {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, 'a coded refusal').to.be.instanceOf(LedgerError);
  return thrown as LedgerError;
}

export function expectRefusal(run: () => unknown, code: ErrorCode, at?: string): LedgerError {
  const error = refusal(run);
  expect(error.code).to.equal(code);
  if (at !== undefined) expect(error.at).to.equal(at);
  expect(error.expected, 'what was expected').to.be.a('string');
  expect(error.got, 'what was got').to.be.a('string');
  return error;
}

/** A keyid that belongs to nobody, for revocations. */
export function someKeyid(n: number): string {
  return toHex(sha256(utf8(`keyid ${n}`)));
}
