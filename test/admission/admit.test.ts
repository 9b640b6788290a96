import { expect } from 'chai';
import { verifyEd25519 } from '#ed25519';
import { equal, toBase64, toHex, utf8 } from '../../src/bytes.ts';
import { type ErrorCode, LedgerError } from '../../src/errors.ts';
import { type AdmissionContext, type Candidate, admit, reauthorise } from '../../src/admission/admit.ts';
import { AuthoritySnapshot } from '../../src/attestation/authority.ts';
import {
  formatEnvelope,
  maxLeafBytes,
  parseEnvelope,
  payloadType,
  signPayload,
} from '../../src/attestation/envelope.ts';
import { type Attestation, decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import { hashLeaf } from '../../src/tlog/hash.ts';
import * as fixtures from '../fixtures/attestations.ts';

const decode = (leaf: Uint8Array): Attestation => decodeAttestation(decodeEnvelope(leaf));

const leaf0 = fixtures.genesis();
const snapshot = AuthoritySnapshot.genesis(decode(leaf0));

interface Recorded extends AdmissionContext {
  /** What was asked of the context, in order. */
  readonly asked: string[];
}

/** A context in which these leaves are recorded, from index 0 on. */
function context(under: AuthoritySnapshot = snapshot, recorded: readonly Uint8Array[] = [leaf0]): Recorded {
  const asked: string[] = [];
  return {
    asked,
    authority: under,
    lookup: (leafHash, leaf) => {
      expect(toHex(leafHash)).to.equal(fixtures.leafHashOf(leaf));
      asked.push('lookup');
      const index = recorded.findIndex((other) => equal(other, leaf));
      return Promise.resolve(index < 0 ? undefined : index);
    },
    leafOf: async (leafHash) => {
      asked.push('leafOf');
      return recorded.find((other) => toHex(leafHash) === fixtures.leafHashOf(other));
    },
    verify: (...signed) => {
      asked.push('verify');
      return verifyEd25519(...signed);
    },
  };
}

async function candidateOf(leaf: Uint8Array, under?: AuthoritySnapshot): Promise<Candidate> {
  const admitted = await admit(leaf, context(under));
  if (!('candidate' in admitted)) throw new Error('was known');
  expect(admitted.leafHash).to.deep.equal(hashLeaf(leaf));
  return admitted.candidate;
}

async function refusal(leaf: Uint8Array, under: AdmissionContext = context()): Promise<LedgerError> {
  const outcome: unknown = await admit(leaf, under).catch((error: unknown) => error);
  expect(outcome, 'a coded refusal').to.be.instanceOf(LedgerError);
  return outcome as LedgerError;
}

/** A leaf around any payload, signed by builder and supervisor. */
function around(payload: Uint8Array, signers = [fixtures.builder, fixtures.supervisor]): Uint8Array {
  return formatEnvelope({
    payloadType,
    payload,
    signatures: signers.map(({ seed }) => signPayload(payload, seed)),
  });
}

const text = (leaf: Uint8Array): string => new TextDecoder().decode(leaf);

describe('admission', () => {
  const leaves: [string, Uint8Array][] = [
    ['a build', fixtures.build()],
    ['a database update', fixtures.databaseUpdate()],
    ['a data-access event', fixtures.dataAccess()],
    [
      'a succeeding authority document',
      fixtures.authorityDocument({ version: 2, previous: snapshot.leafHash }),
    ],
  ];
  for (const [name, leaf] of leaves) {
    it(`admits ${name}`, async () => {
      const { attestation, admittedUnder } = await candidateOf(leaf);
      expect(attestation.leaf).to.equal(leaf);
      expect(toHex(attestation.leafHash)).to.equal(fixtures.leafHashOf(leaf));
      expect(admittedUnder).to.equal(snapshot.leafHash);
    });
  }

  it('knows a leaf that is recorded, whatever the authority says today', async () => {
    const build = fixtures.build();
    const next = snapshot.succeed(
      decode(fixtures.authorityDocument({ version: 2, previous: snapshot.leafHash, signers: [] })),
      { index: 2 },
    );
    const ctx = context(next, [leaf0, build]);
    expect(await admit(build, ctx)).to.deep.equal({ leafHash: hashLeaf(build), known: 1 });
    expect(await admit(leaf0, ctx)).to.deep.equal({ leafHash: hashLeaf(leaf0), known: 0 });
    expect(ctx.asked, 'nothing was verified again').to.deep.equal(['lookup', 'lookup']);
    expect((await refusal(fixtures.build({ seq: 2 }), ctx)).code).to.equal('authority-superseded');
  });

  it('knows no leaf that differs in one signature bit', async () => {
    const build = fixtures.build();
    const { payload, signatures } = parseEnvelope(build);
    const bent = signatures.map(({ keyid, sig }, at) => ({
      keyid,
      sig: at === 0 ? sig.with(63, 0x0f) : sig,
    }));
    const leaf = formatEnvelope({ payloadType, payload, signatures: bent });
    const error = await refusal(leaf, context(snapshot, [leaf0, build]));
    expect(error).to.include({ code: 'bad-signature', at: '/signatures/0' });
  });

  const build = fixtures.build();
  const envelope = text(build);
  const payload = text(parseEnvelope(build).payload);
  const big = { name: 'x'.repeat(maxLeafBytes) };
  const stranger = fixtures.party('stranger', 'Elsewhere');
  const inspector = fixtures.party('inspector', fixtures.vendor);
  const withInspector = AuthoritySnapshot.genesis(
    decode(
      fixtures.genesis({
        signers: [...fixtures.signers, fixtures.signer(inspector, ['supervisor'], [fixtures.buildSource])],
      }),
    ),
  );
  const superseded = snapshot.succeed(
    decode(
      fixtures.authorityDocument({
        version: 2,
        previous: snapshot.leafHash,
        revocations: [{ keyid: fixtures.builder.keyid, kind: 'superseded', fromLeaf: 0, reason: 'a test' }],
      }),
    ),
    { index: 1 },
  );
  const under = (authority: AuthoritySnapshot): { authority: string } => ({ authority: authority.leafHash });
  const both = [fixtures.builder, fixtures.supervisor];

  const refused: [string, ErrorCode, () => Uint8Array, AuthoritySnapshot?][] = [
    ['no bytes', 'not-json', () => new Uint8Array()],
    ['bytes that are not JSON', 'not-json', () => utf8('hello')],
    ['bytes that are not UTF-8', 'bad-utf8', () => Uint8Array.of(0x22, 0xff, 0x22)],
    ['a byte order mark', 'byte-order-mark', () => utf8(`\uFEFF${envelope}`)],
    ['an oversized leaf', 'too-large', () => new Uint8Array(maxLeafBytes + 1)],
    ['an envelope nested too deep', 'too-deep', () => utf8('['.repeat(100) + ']'.repeat(100))],
    ['an envelope with white space', 'envelope-not-canonical', () => utf8(envelope.replace(',', ', '))],
    ['an envelope with a member more', 'unknown-member', () => utf8(`{"a":1,${envelope.slice(1)}`)],
    ['a duplicate member', 'duplicate-key', () => utf8(`{"payload":"",${envelope.slice(1)}`)],
    ['loose base64', 'bad-base64', () => utf8(envelope.replace(/=="\}/, '"}'))],
    ['a payload with white space', 'payload-not-canonical', () => around(utf8(payload.replace(',', ', ')))],
    [
      'a payload with a duplicate key',
      'duplicate-key',
      () => around(utf8(`{"_type":"",${payload.slice(1)}`)),
    ],
    [
      'a payload with a lone surrogate',
      'lone-surrogate',
      () => around(utf8(payload.replace('"hello', '"\\ud800hello'))),
    ],
    ['a payload with a byte order mark', 'byte-order-mark', () => around(utf8(`\uFEFF${payload}`))],
    ['a payload that is too deep', 'too-deep', () => around(utf8('['.repeat(500) + ']'.repeat(500)))],
    [
      'an unknown predicate type',
      'unknown-type',
      () => fixtures.build({ change: (s) => (s.predicateType = 'urn:x:y') }),
    ],
    [
      'a field against its schema',
      'schema-violation',
      () =>
        fixtures.build({ change: ({ predicate }) => (predicate.isal_supervision.country = 'Switzerland') }),
    ],
    [
      'a subject that is not the result',
      'subject-mismatch',
      () =>
        fixtures.databaseUpdate({
          change: ({ subject }) => (subject[0] = { digest: { sha256: fixtures.digest('x') } }),
        }),
    ],
    ['another origin', 'wrong-origin', () => fixtures.build({ origin: 'ledger.example/other' })],
    [
      'another authority',
      'authority-superseded',
      () => fixtures.build({ authority: fixtures.digest('other') }),
    ],
    ['an unknown signer', 'unknown-signer', () => fixtures.build({ signedBy: [...both, stranger] })],
    [
      'a root among the signers',
      'unknown-signer',
      () => fixtures.build({ signedBy: [...both, fixtures.root] }),
    ],
    ['a key that is not in force', 'key-not-in-force', () => fixtures.build(under(superseded)), superseded],
    [
      'a source that is not the signers’',
      'source-not-allowed',
      () => fixtures.build({ source: fixtures.accessSource }),
    ],
    ['a missing role', 'missing-role', () => fixtures.build({ signedBy: [fixtures.builder] })],
    [
      'two roles by one organisation',
      'same-organisation',
      () => fixtures.build({ ...under(withInspector), signedBy: [fixtures.builder, inspector] }),
      withInspector,
    ],
    [
      'a superfluous signature',
      'superfluous-signature',
      () => fixtures.build({ ...under(withInspector), signedBy: [...both, inspector] }),
      withInspector,
    ],
    [
      'a first authority document again, with other bytes',
      'authority-superseded',
      () => fixtures.genesis({ rules: [] }),
    ],
    [
      'an authority document that skips a version',
      'authority-invalid',
      () => fixtures.authorityDocument({ version: 3, previous: snapshot.leafHash }),
    ],
    [
      'an authority document for another log',
      'wrong-origin',
      () =>
        fixtures.authorityDocument({
          version: 2,
          previous: snapshot.leafHash,
          origin: 'ledger.example/other',
        }),
    ],
    [
      'an authority document without the new quorum',
      'missing-role',
      () =>
        fixtures.authorityDocument({
          version: 2,
          previous: snapshot.leafHash,
          roots: [stranger],
          signedBy: [fixtures.root],
        }),
    ],
    [
      'an authority document without the old quorum',
      'missing-role',
      () => fixtures.authorityDocument({ version: 2, previous: snapshot.leafHash, roots: [stranger] }),
    ],
    [
      'an authority document with a key of small order',
      'weak-key',
      () =>
        fixtures.authorityDocument({
          version: 2,
          previous: snapshot.leafHash,
          change: ({ predicate }) => predicate.root.keys.push(toBase64(new Uint8Array(32).with(0, 1))),
          signedBy: [fixtures.root],
        }),
    ],
  ];
  for (const [name, code, make, authority] of refused) {
    it(`refuses ${name}: ${code}`, async () => {
      const ctx = context(authority);
      const error = await refusal(make(), ctx);
      expect(error.code).to.equal(code);
      expect(error.expected, 'what was expected').to.be.a('string');
      expect(ctx.asked, 'no signature was verified for it').to.not.include('verify');
    });
  }

  it('points at the field that its schema refuses', async () => {
    const leaf = fixtures.build({ change: (s) => (s.predicate.isal_supervision.country = 'Switzerland') });
    expect((await refusal(leaf)).at).to.equal('/predicate/isal_supervision/country');
  });

  it('refuses a payload that cannot fit its envelope before anything is asked', async () => {
    const ctx = context();
    await refusal(utf8(JSON.stringify(big)), ctx);
    expect(ctx.asked).to.deep.equal([]);
  });

  it('asks for the look-up before it reads the payload', async () => {
    const ctx = context();
    expect((await refusal(around(utf8('not json')), ctx)).code).to.equal('not-json');
    expect(ctx.asked).to.deep.equal(['lookup']);
    const recorded = around(utf8('not json'));
    expect(await admit(recorded, context(snapshot, [leaf0, recorded]))).to.include({ known: 1 });
  });

  it('refuses a signature that does not verify, and names the key', async () => {
    const other = parseEnvelope(fixtures.build({ seq: 2 }));
    const mine = parseEnvelope(fixtures.build({ seq: 1 }));
    for (const position of [0, 1]) {
      const signatures = mine.signatures.map((signature, at) =>
        at === position ? (other.signatures[at] ?? signature) : signature,
      );
      const error = await refusal(formatEnvelope({ ...mine, signatures }));
      expect(error).to.include({ code: 'bad-signature', at: `/signatures/${position}` });
      expect(error.facts).to.deep.equal({ keyid: signatures[position]?.keyid });
    }
  });

  it('verifies an authority document by the old roots and by those that it brings', async () => {
    const next = fixtures.party('next root', 'Swiss Supervision');
    const options = { version: 2, previous: snapshot.leafHash, roots: [next] };
    const leaf = fixtures.authorityDocument({ ...options, signedBy: [fixtures.root, next] });
    const ctx = context();
    expect(await admit(leaf, ctx)).to.have.property('candidate');
    expect(ctx.asked).to.deep.equal(['lookup', 'verify', 'verify']);
    const other = parseEnvelope(
      fixtures.authorityDocument({ ...options, signedBy: [fixtures.root, next], rules: [] }),
    );
    for (const keyid of [fixtures.root.keyid, next.keyid]) {
      const mine = parseEnvelope(leaf);
      const signatures = mine.signatures.map((signature, at) =>
        signature.keyid === keyid ? (other.signatures[at] ?? signature) : signature,
      );
      const error = await refusal(formatEnvelope({ ...mine, signatures }));
      expect(error).to.deep.include({ code: 'bad-signature', facts: { keyid } });
    }
  });

  it('waits for a verify function that answers later', async () => {
    const later = (value: boolean): AdmissionContext => ({
      ...context(),
      verify: () => Promise.resolve(value),
    });
    expect(await admit(fixtures.build(), later(true))).to.have.property('candidate');
    expect((await refusal(fixtures.build(), later(false))).code).to.equal('bad-signature');
  });

  it('holds on to the authority document that it began with', async () => {
    let inForce = snapshot;
    const base = context();
    const ctx: AdmissionContext = {
      get authority() {
        return inForce;
      },
      lookup: (...asked) => {
        inForce = superseded;
        return base.lookup(...asked);
      },
      leafOf: (leafHash) => base.leafOf(leafHash),
      verify: base.verify,
    };
    const admitted = await admit(fixtures.build(), ctx);
    expect(admitted).to.have.nested.property('candidate.admittedUnder', snapshot.leafHash);
  });
});

describe('admission, once more by the sequencer', () => {
  const document = (options: fixtures.AuthorityOptions = {}): Uint8Array =>
    fixtures.authorityDocument({ version: 2, previous: snapshot.leafHash, ...options });
  const succeedWith = (leaf: Uint8Array, index = 1): AuthoritySnapshot =>
    snapshot.succeed(decode(leaf), { index });
  const codeOf = (run: () => void): string => {
    try {
      run();
    } catch (error) {
      if (error instanceof LedgerError) return error.code;
      throw error;
    }
    return 'none';
  };

  it('lets a candidate pass under the document that it was admitted under', async () => {
    reauthorise(await candidateOf(fixtures.build()), snapshot, { index: 5 });
    reauthorise(await candidateOf(document()), snapshot, { index: 5 });
  });

  it('refuses an entry once another document is in force', async () => {
    const candidate = await candidateOf(fixtures.build());
    const next = succeedWith(document());
    expect(codeOf(() => reauthorise(candidate, next, { index: 2 }))).to.equal('authority-superseded');
  });

  it('refuses the second of two documents that succeed the same one', async () => {
    const second = await candidateOf(document({ rules: [] }));
    const next = succeedWith(document());
    expect(codeOf(() => reauthorise(second, next, { index: 2 }))).to.equal('authority-superseded');
  });

  it('refuses a key from the leaf on for which its revocation is set, under an unchanged document', async () => {
    const revocations = [
      { keyid: fixtures.builder.keyid, kind: 'superseded' as const, fromLeaf: 9, reason: 'a test' },
    ];
    const next = succeedWith(document({ revocations }));
    const candidate = await candidateOf(fixtures.build({ authority: next.leafHash }), next);
    reauthorise(candidate, next, { index: 8 });
    expect(codeOf(() => reauthorise(candidate, next, { index: 9 }))).to.equal('key-not-in-force');
  });
});
