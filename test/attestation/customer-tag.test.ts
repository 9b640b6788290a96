import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import {
  CustomerTags,
  customerTag,
  hmacSha256,
  parseCustomerSecret,
} from '../../src/attestation/customer-tag.ts';
import { dataAccessStatement } from '../fixtures/attestations.ts';

const secret = new Uint8Array(32).fill(7);

describe('customer tags', () => {
  it('are HMAC-SHA-256 as node:crypto computes it, for keys and messages of any length', () => {
    for (const length of [0, 1, 31, 32, 63, 64, 65, 200]) {
      const key = new Uint8Array(length).fill(0xaa);
      for (const message of ['', 'Hi There', 'x'.repeat(300)]) {
        const expected = createHmac('sha256', key).update(message).digest('hex');
        expect(Buffer.from(hmacSha256(key, utf8(message))).toString('hex')).to.equal(expected);
      }
    }
  });

  it('are the first 128 bits over the day, a newline and the category', () => {
    const full = createHmac('sha256', secret).update('2026-11-03\nthreat-statistics').digest('hex');
    const tag = customerTag(secret, { day: '2026-11-03', category: 'threat-statistics' });
    expect(tag).to.equal(full.slice(0, 32));
  });

  it('differ by day, by category and by secret', () => {
    const of = (day: string, category: string, key = secret): string => customerTag(key, { day, category });
    const tags = [
      of('2026-11-03', 'telemetry'),
      of('2026-11-04', 'telemetry'),
      of('2026-11-03', 'mail'),
      of('2026-11-03', 'telemetry', new Uint8Array(32).fill(8)),
    ];
    expect(new Set(tags).size).to.equal(4);
  });

  it('tell one’s own events: a tag of the event’s day and of one of its categories', () => {
    const { predicate } = dataAccessStatement();
    const day = predicate.occurredAt.slice(0, 10);
    const tags = new CustomerTags(secret);
    const carrying = (tag: string): boolean => tags.isMine({ ...predicate, customerTags: [tag] });
    const [category = ''] = predicate.categories;
    expect(carrying(customerTag(secret, { day, category }))).to.equal(true);
    expect(carrying(customerTag(secret, { day: '2020-01-01', category }))).to.equal(false);
    expect(carrying(customerTag(secret, { day, category: 'other' }))).to.equal(false);
    expect(tags.isMine(predicate)).to.equal(false);
    expect(tags.isMine({ ...predicate, customerTags: [] })).to.equal(false);
  });

  it('come from a secret of 64 hexadecimal digits; another is refused and not quoted', () => {
    expect(parseCustomerSecret(`${'07'.repeat(32)}\n`)).to.deep.equal(secret);
    for (const text of ['', 'CANARY', '07'.repeat(31), 'A'.repeat(64), `${'07'.repeat(32)}\n\n`]) {
      try {
        parseCustomerSecret(text);
        expect.fail('not refused');
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        expect(error.code).to.equal('bad-key');
        expect(error.got).to.equal(undefined);
        expect(error.cause).to.equal(undefined);
      }
    }
  });
});
