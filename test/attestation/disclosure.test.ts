import { expect } from 'chai';
import { utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import type { JsonValue } from '../../src/attestation/canonical.ts';
import {
  commitmentsIn,
  commitmentsTo,
  disclosureDigest,
  makeDisclosure,
  maxDisclosureChars,
  openDisclosure,
  parseDisclosure,
  parseDisclosures,
} from '../../src/attestation/disclosure.ts';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import type { Attestation } from '../../src/attestation/statement.ts';
import type { StatementOf } from '../../src/attestation/types.ts';
import * as fixtures from '../fixtures/attestations.ts';

const salt = (seed: number): Uint8Array => new Uint8Array(16).fill(seed);
const encode = (json: string): string => Buffer.from(json).toString('base64url');
const access = (change: (statement: StatementOf<'data-access'>) => void): Attestation =>
  decodeAttestation(decodeEnvelope(fixtures.dataAccess({ change })));

function refusal(work: () => unknown): LedgerError {
  try {
    work();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('disclosures', () => {
  it('have the digest of the example in RFC 9901, white space in the JSON included', () => {
    const text = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0';
    const { salt, name, value, digest } = parseDisclosure(text);
    expect({ salt, name, value }).to.deep.equal({
      salt: '_26bc4LT-ac6q2KI6cBW5es',
      name: 'family_name',
      value: 'Möbius',
    });
    expect(digest).to.equal('X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0');
  });

  it('are read as they were made, for every kind of value', () => {
    for (const value of ['Zoë', '', 7, null, true, ['a', 'b'], { given: 'Zoë' }] as JsonValue[]) {
      const made = makeDisclosure({ salt: salt(1), name: 'identity', value });
      expect(parseDisclosure(made.text)).to.deep.equal(made);
      expect(made.value).to.deep.equal(value);
      expect(made.digest).to.equal(disclosureDigest(made.text));
    }
  });

  it('of one value under two salts have nothing in common', () => {
    const [one, two] = [1, 2].map((seed) =>
      makeDisclosure({ salt: salt(seed), name: 'identity', value: 'Zoë' }),
    );
    expect(one?.digest).not.to.equal(two?.digest);
  });

  it('are refused in any other form, and what they hold is never quoted', () => {
    const secret = 'Zoë Kanarienvogel';
    const s = 'A'.repeat(22);
    const wrong: Record<string, string> = {
      'no JSON': encode(`[ ${secret}`),
      'JSON that is no list': encode(JSON.stringify({ secret })),
      'two members': encode(JSON.stringify([s, secret])),
      'four members': encode(JSON.stringify([s, 'identity', secret, 1])),
      'a salt of 126 bits': encode(JSON.stringify([s.slice(1), 'identity', secret])),
      'a salt that is no text': encode(JSON.stringify([7, 'identity', secret])),
      'an empty name': encode(JSON.stringify([s, '', secret])),
      'a name of RFC 9901': encode(JSON.stringify([s, '_sd', secret])),
      'another name of RFC 9901': encode(JSON.stringify([s, '...', secret])),
      'a name twice': encode(`["${s}","identity",{"a":"${secret}","a":1}]`),
      padding: Buffer.from(JSON.stringify([s, 'identity', `${secret}!`])).toString('base64'),
      'plain text': secret,
      nothing: '',
      'deep nesting': encode(`["${s}","identity",${'['.repeat(20)}"${secret}"${']'.repeat(20)}]`),
    };
    for (const [why, text] of Object.entries(wrong)) {
      const error = refusal(() => parseDisclosure(text));
      expect(error.code, why).to.equal('malformed-disclosure');
      expect(error.cause, why).to.equal(undefined);
      expect(`${error.message} ${error.expected} ${error.got}`, why).not.to.match(/Zoë|Kanarien|Wm/);
    }
    const long = 'A'.repeat(maxDisclosureChars + 1);
    expect(refusal(() => parseDisclosure(long)).code).to.equal('too-large');
  });

  it('have one spelling: leftover bits in the last character are refused', () => {
    const { text } = ['a', 'ab', 'abc']
      .map((value) => makeDisclosure({ salt: salt(1), name: 'identity', value }))
      .find(({ text }) => text.length % 4 === 2) ?? { text: '' };
    const last = text.at(-1) ?? '';
    const next = String.fromCharCode(last.charCodeAt(0) + 1);
    expect(refusal(() => parseDisclosure(text.slice(0, -1) + next)).code).to.equal('malformed-disclosure');
  });

  it('are committed to in ascending order, so that a decoy cannot be told', () => {
    const made = [1, 2, 3].map((seed) =>
      makeDisclosure({ salt: salt(seed), name: 'identity', value: 'Zoë' }),
    );
    const digests = commitmentsTo(made, [new Uint8Array(32).fill(9)]);
    expect(digests).to.have.length(4);
    expect(digests).to.deep.equal(digests.toSorted());
    for (const { digest } of made) expect(digests).to.include(digest);
    for (const digest of digests) expect(digest).to.have.length(43);
  });

  it('stand one a line in a file', () => {
    const made = [1, 2].map((seed) => makeDisclosure({ salt: salt(seed), name: 'identity', value: 'Zoë' }));
    const file = utf8(made.map(({ text }) => `${text}\n`).join(''));
    expect(parseDisclosures(file)).to.deep.equal(made);
  });
});

describe('opening a disclosure', () => {
  const identity = makeDisclosure({ salt: salt(1), name: 'identity', value: 'Zoë' });

  it('names the field that the entry commits to', () => {
    const attestation = access(({ predicate }) => {
      predicate.actor._sd = commitmentsTo([identity], [new Uint8Array(32)]);
    });
    expect(openDisclosure(identity, attestation)).to.equal('/predicate/actor/identity');
  });

  it('finds every _sd array of an access and of a review', () => {
    const places = new Set(commitmentsIn(access(() => undefined)).map(({ at }) => at));
    expect([...places].toSorted()).to.deep.equal([
      '/predicate/actor',
      '/predicate/approval',
      '/predicate/reason',
    ]);
    const review = decodeAttestation(decodeEnvelope(fixtures.sourceReview()));
    expect(new Set(commitmentsIn(review).map(({ at }) => at))).to.deep.equal(
      new Set(['/predicate/reviewers']),
    );
  });

  it('is refused for an entry that does not commit to it, with no word of what it says', () => {
    const error = refusal(() =>
      openDisclosure(
        identity,
        access(() => undefined),
      ),
    );
    expect(error.code).to.equal('disclosure-mismatch');
    expect(JSON.stringify(error)).not.to.contain('Zoë');
  });

  it('is refused for a changed value, name or salt', () => {
    const attestation = access(({ predicate }) => void (predicate.actor._sd = [identity.digest]));
    for (const changed of [
      makeDisclosure({ salt: salt(1), name: 'identity', value: 'Zoé' }),
      makeDisclosure({ salt: salt(1), name: 'identiti', value: 'Zoë' }),
      makeDisclosure({ salt: salt(2), name: 'identity', value: 'Zoë' }),
    ]) {
      expect(refusal(() => openDisclosure(changed, attestation)).code).to.equal('disclosure-mismatch');
    }
  });

  it('is refused where the digest stands in two places', () => {
    const attestation = access(({ predicate }) => {
      predicate.actor._sd = [identity.digest];
      predicate.reason._sd = [identity.digest];
    });
    expect(refusal(() => openDisclosure(identity, attestation)).code).to.equal('disclosure-mismatch');
  });

  it('is refused for a field that the entry says openly', () => {
    const country = makeDisclosure({ salt: salt(1), name: 'physicalCountry', value: 'DE' });
    const attestation = access(({ predicate }) => void (predicate.actor._sd = [country.digest]));
    expect(refusal(() => openDisclosure(country, attestation)).code).to.equal('disclosure-mismatch');
  });
});
