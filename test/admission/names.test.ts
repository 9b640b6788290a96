/**
 * Two organisations that nobody can tell apart: one for dual control at
 * admission, refused in a new authority document, and for what was recorded
 * before, what they always were.
 */
import { verifyEd25519 } from '#ed25519';
import { expect } from 'chai';
import { admit, reauthorise } from '../../src/admission/admit.ts';
import type { Candidate } from '../../src/admission/admit.ts';
import { decodeNewStatement } from '../../src/admission/names.ts';
import { AuthoritySnapshot } from '../../src/attestation/authority.ts';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import type { Attestation } from '../../src/attestation/statement.ts';
import { LedgerError } from '../../src/errors.ts';
import { judgeFile } from '../../src/verifier/judging/judge-file.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { SampleLog } from '../verifier/sample-log.ts';

const decode = (leaf: Uint8Array): Attestation => decodeAttestation(decodeEnvelope(leaf));

async function admitted(leaf: Uint8Array, authority: AuthoritySnapshot): Promise<Candidate | LedgerError> {
  try {
    const outcome = await admit(leaf, {
      authority,
      lookup: () => Promise.resolve(undefined),
      leafOf: () => Promise.resolve(undefined),
      verify: verifyEd25519,
    });
    if ('candidate' in outcome) return outcome.candidate;
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error('was known');
}

/** How an organisation that is the vendor may be spelt to count as another one. */
const spellings: readonly (readonly [how: string, organisation: string])[] = [
  ['case', 'EXAMPLE security'],
  ['a no-break space', 'Example\u00a0Security'],
  ['a doubled space', 'Example  Security'],
  ['an ideographic space', 'Example\u3000Security'],
  ['a variation selector', 'Example\ufe0f Security'],
  ['a combining grapheme joiner', 'Ex\u034fample Security'],
  ['a Hangul filler', 'Example Security\u3164'],
  ['an invisible tag', 'Example Security\u{e0020}'],
  ['an empty braille pattern', '\u2800Example Security'],
  ['a Cyrillic letter', 'Exampl\u0435 Security'],
  ['a Greek letter', '\u0395xample Security'],
  ['fullwidth letters', '\uff25xample Security'],
  ['a capital I for a small L', 'ExampIe Security'],
];

/** Those that no schema ever admitted. */
const neverAdmitted: readonly (readonly [how: string, organisation: string])[] = [
  ['a trailing space', 'Example Security '],
  ['a zero width space', 'Example\u200b Security'],
  ['a soft hyphen', 'Exam\u00adple Security'],
  ['an override of direction', '\u202eExample Security'],
];

/** The vendor's builder, and a supervisor of an organisation that is spelt like this. */
function listing(organisation: string): {
  signers: ReturnType<typeof fixtures.signer>[];
  both: fixtures.Party[];
} {
  const inspector = fixtures.party('look-alike inspector', organisation);
  const supervises = fixtures.signer(inspector, ['supervisor'], [fixtures.buildSource]);
  return { signers: [...fixtures.signers, supervises], both: [fixtures.builder, inspector] };
}

function refusalOf(run: () => unknown): LedgerError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  return undefined;
}

const recorded = AuthoritySnapshot.genesis(decode(fixtures.genesis()));

describe('two organisations whose names differ by', () => {
  for (const [how, organisation] of spellings) {
    it(`${how} are one for dual control at admission, and two in what was recorded before`, async () => {
      const { signers, both } = listing(organisation);
      const leaf0 = fixtures.genesis({ signers });
      const authority = AuthoritySnapshot.genesis(decode(leaf0));
      const build = fixtures.build({ authority: authority.leafHash, signedBy: both, file: 'hello_1.1.deb' });
      expect(await admitted(build, authority)).to.include({ code: 'same-organisation', at: '/signatures/1' });

      const log = new SampleLog([leaf0, build]);
      const { answer, hops } = await judgeFile({
        digests: { sha256: fixtures.digest('hello_1.1.deb') },
        bundle: await log.bundle([1]),
        trust: log.trust(),
      });
      expect(answer).to.equal('proven');
      expect(hops.find(({ hop }) => hop === 'keys')).to.deep.include({
        mark: 'proven',
        qualified: true,
        lookAlikes: [fixtures.vendor, organisation],
      });
    });

    it(`${how} are refused in a new authority document, and stand in one that was recorded`, async () => {
      const { signers } = listing(organisation);
      const next = { version: 2, previous: recorded.leafHash, signers };
      const refused = await admitted(fixtures.authorityDocument(next), recorded);
      const at = `/predicate/signers/${signers.length - 1}/organisation`;
      expect(refused).to.be.instanceOf(LedgerError).and.to.have.property('at', at);
      expect(refused).to.have.property('code').that.is.oneOf(['authority-invalid', 'schema-violation']);
      const payload = fixtures.payloadOf(fixtures.authorityStatement(next));
      expect(
        refusalOf(() => decodeNewStatement(payload)),
        'before anybody signs',
      ).to.include({ at });
      recorded.succeed(decode(fixtures.authorityDocument(next)), { index: 1 });
    });
  }

  for (const [how, organisation] of neverAdmitted) {
    it(`${how} never came into an authority document`, () => {
      const { signers } = listing(organisation);
      expect(refusalOf(() => decode(fixtures.genesis({ signers })))).to.include({ code: 'schema-violation' });
    });
  }

  it('a letter that nobody confuses are two', async () => {
    const { signers, both } = listing('Example Securities');
    const authority = AuthoritySnapshot.genesis(decode(fixtures.genesis({ signers })));
    const build = fixtures.build({ authority: authority.leafHash, signedBy: both });
    expect(await admitted(build, authority)).to.have.property('admittedUnder', authority.leafHash);
    const next = { version: 2, previous: recorded.leafHash, signers };
    expect(await admitted(fixtures.authorityDocument(next), recorded)).to.have.property('admittedUnder');
  });
});

describe('admission/names', () => {
  it('compares organisations again when another document came into force meanwhile', async () => {
    // Under the first the inspector is of an organisation of its own, under the second of one that looks like the vendor.
    const before = listing('Swiss Inspection');
    const after = listing('Example\u00a0Security');
    const authority = AuthoritySnapshot.genesis(decode(fixtures.genesis({ signers: before.signers })));
    const second = authority.succeed(
      decode(
        fixtures.authorityDocument({ version: 2, previous: authority.leafHash, signers: after.signers }),
      ),
      { index: 1 },
    );
    const build = decode(fixtures.build({ authority: second.leafHash, signedBy: after.both }));
    const candidate = { attestation: build, admittedUnder: authority.leafHash, target: undefined };
    expect(refusalOf(() => reauthorise(candidate, second, { index: 2 }))).to.include({
      code: 'same-organisation',
    });
  });

  it('refuses two spellings of one signer, and takes one name for its keys and for signers elsewhere', async () => {
    const withName = (name: string, organisation: string): Uint8Array => {
      const other = fixtures.signer(fixtures.party(`${name} of ${organisation}`, organisation), ['builder']);
      return fixtures.authorityDocument({
        version: 2,
        previous: recorded.leafHash,
        signers: [...fixtures.signers, { ...other, name }],
      });
    };
    expect(await admitted(withName('Builder', fixtures.vendor), recorded)).to.include({
      code: 'authority-invalid',
      at: `/predicate/signers/${fixtures.signers.length}/name`,
    });
    expect(await admitted(withName('builder', fixtures.vendor), recorded)).to.have.property('admittedUnder');
    expect(await admitted(withName('builder', 'Elsewhere'), recorded)).to.have.property('admittedUnder');
  });

  it('refuses a character that prints as nothing wherever it stands in a new entry, and names the place', async () => {
    const places: readonly (readonly [
      at: string,
      change: (s: ReturnType<typeof fixtures.buildStatement>) => void,
    ])[] = [
      ['/subject/0/name', ({ subject }) => subject.forEach((one) => (one.name = 'hello\ufe0f.deb'))],
      [
        '/predicate/isal_supervision/product',
        ({ predicate }) => (predicate.isal_supervision.product = 'hel\u034flo'),
      ],
      [
        '/predicate/isal_supervision/facility',
        ({ predicate }) => (predicate.isal_supervision.facility = 'Zurich\u{e0031} 1'),
      ],
      [
        '/predicate/buildDefinition/externalParameters',
        ({ predicate }) => (predicate.buildDefinition.externalParameters = { 'tar\u200bget': 'x' }),
      ],
    ];
    for (const [at, change] of places) {
      const leaf = fixtures.build({ change });
      expect(await admitted(leaf, recorded), at).to.include({ code: 'schema-violation', at });
      // What was recorded keeps its decode.
      expect(decode(leaf).type).to.equal('build');
    }
    const leaf = fixtures.build({
      change: ({ predicate }) => (predicate.isal_supervision.product = 'Gerät 雪'),
    });
    expect(await admitted(leaf, recorded)).to.have.property('admittedUnder');
  });
});
