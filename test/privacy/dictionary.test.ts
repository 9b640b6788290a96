/**
 * A dictionary of likely values against a log whose personal fields are all in
 * that dictionary; every row that plants one carelessly must be found. All of
 * the dictionary is tried in test/faults/privacy.faults.ts.
 */
import { createHash, createHmac } from 'node:crypto';
import { expect } from 'chai';
import { sha256 } from '#sha256';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import type { Attestation } from '../../src/attestation/statement.ts';
import type { StatementOf } from '../../src/attestation/types.ts';
import { toHex } from '../../src/bytes.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { genesis } from '../ledger/site.ts';
import { category, committedEvents, day, persons, tickets } from './committed.ts';
import type { Hit } from './dictionary.ts';
import { attack, digestsIn, likelyValues } from './dictionary.ts';

const authority = fixtures.leafHashOf(genesis);

const event = (
  seq: number,
  change: (predicate: StatementOf<'data-access'>['predicate']) => void,
): Uint8Array => fixtures.dataAccess({ authority, seq, change: ({ predicate }) => change(predicate) });

const decoded = (leaf: Uint8Array): Attestation => decodeAttestation(decodeEnvelope(leaf));

describe('privacy: a dictionary attack', function () {
  this.timeout(60_000);
  let attestations: Attestation[];

  before(async () => {
    attestations = await committedEvents();
  });

  it('finds none of what was committed to, though all of it is in the dictionary', () => {
    expect(attestations).to.have.length(persons.length);
    // Two digests of each event, its tag, its id, its subject, its leaf hash.
    expect(digestsIn(attestations).size).to.be.greaterThan(12);
    const values = new Set(likelyValues(100_000));
    expect(values.size).to.equal(100_000);
    const committed = [...persons, ...tickets];
    for (const value of committed) expect(values.has(value), value).to.equal(true);
    const some = [...values].filter((_, at) => at % 50 === 0);
    const { tried, hits } = attack(attestations, { values: [...committed, ...some], saltedCount: 100 });
    expect(tried).to.be.at.least(2_000);
    expect(hits).to.deep.equal([]);
  });

  const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
  const disclosed = (salt: string, name: string, value: string): string =>
    digest(Buffer.from(JSON.stringify([salt, name, value])).toString('base64url'));
  const tag = (secret: string | Buffer): string =>
    createHmac('sha256', secret).update(`${day}\n${category}`).digest('hex').slice(0, 32);
  const planted: readonly (readonly [
    what: string,
    value: string,
    at: string,
    change: (predicate: StatementOf<'data-access'>['predicate']) => void,
  ])[] = [
    [
      'a bare hash of a name',
      'Anna Müller',
      '/predicate/actor/_sd/0',
      ({ actor }) => (actor._sd = [digest('Anna Müller')]),
    ],
    [
      'a bare hash of a staff number',
      '10005',
      '/predicate/reason/_sd/0',
      ({ reason }) => (reason._sd = [digest('10005')]),
    ],
    [
      'a disclosure under an empty salt',
      'jgerber',
      '/predicate/actor/_sd/0',
      ({ actor }) => (actor._sd = [disclosed('', 'identity', 'jgerber')]),
    ],
    [
      'a disclosure under its own event id',
      'TICKET-12',
      '/predicate/actor/_sd/0',
      ({ actor, eventId }) => (actor._sd = [disclosed(eventId, 'identity', 'TICKET-12')]),
    ],
    [
      'a hash salted by the event id',
      'Anna Müller',
      '/predicate/actor/_sd/0',
      ({ actor, eventId }) => (actor._sd = [digest(`${eventId}Anna Müller`)]),
    ],
    [
      'an HMAC under the origin',
      'Anna Müller',
      '/predicate/actor/_sd/0',
      ({ actor, ledger }) =>
        (actor._sd = [createHmac('sha256', ledger.origin).update('Anna Müller').digest('base64url')]),
    ],
    [
      'a tag under a name',
      'Anna Müller',
      '/predicate/customerTags/0',
      (predicate) => (predicate.customerTags = [tag('Anna Müller')]),
    ],
    [
      'a tag under the hash of a name',
      'jgerber',
      '/predicate/customerTags/0',
      (predicate) => (predicate.customerTags = [tag(createHash('sha256').update('jgerber').digest())]),
    ],
    ['an event id made of a ticket', 'TICKET-12', '/predicate/eventId', () => {}],
  ];
  for (const [what, value, at, change] of planted) {
    it(`would find ${what}`, () => {
      const careless = event(9, change);
      const leaf =
        at === '/predicate/eventId'
          ? fixtures.dataAccess({
              authority,
              change: (statement) => {
                const id = createHash('sha256').update(value).digest();
                statement.predicate.eventId = toHex(id);
                statement.subject = [{ digest: { sha256: toHex(sha256(id)) } }];
              },
            })
          : careless;
      const values = [...new Set([...persons, ...tickets])];
      const { hits } = attack([...attestations, decoded(leaf)], { values, saltedCount: values.length });
      expect(hits.map((hit: Hit) => [hit.value, hit.at])).to.deep.include([value, at]);
    });
  }
});
