import { expect } from 'chai';
import { utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { formatWatch, maxAgeOf, parseWatch } from '../../src/monitor/watch.ts';
import { gapAfter } from '../../src/monitor/rules.ts';
import type { WatchList } from '../../src/attestation/types.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { SampleLog } from '../verifier/sample-log.ts';

const list: WatchList = {
  format: 'isal-watch/v1',
  logs: [
    {
      trust: 'trust.json',
      url: 'https://ledger.example/',
      rules: [
        { alert: 'product', product: 'hello', label: 'ours' },
        { alert: 'digest', digest: { sha256: fixtures.digest('a') } },
        { alert: 'signer', keyid: fixtures.builder.keyid },
        { alert: 'type', type: 'data-access' },
        { alert: 'unauthorised', label: 'call somebody' },
        { alert: 'gap', source: 'builds', after: 0 },
        { alert: 'gap', after: 60 },
        { alert: 'silence', source: 'access', seconds: 86_400 },
      ],
    },
  ],
  webhook: { url: 'https://alerts.example/hook?token=1', authorization: 'Bearer x' },
  interval: 30,
};

const code = (change: (copy: Record<string, unknown>) => void): { code: string; at: string | undefined } => {
  const copy = structuredClone(list) as unknown as Record<string, unknown>;
  change(copy);
  try {
    parseWatch(utf8(JSON.stringify(copy)));
  } catch (error) {
    if (error instanceof LedgerError) return { code: error.code, at: error.at };
    throw error;
  }
  return { code: 'accepted', at: undefined };
};
const rule = (value: object) =>
  code((copy) => (((copy['logs'] as { rules: unknown[] }[])[0] as { rules: unknown[] }).rules = [value]));

describe('a watch list', () => {
  it('reads as it was written', () => {
    expect(parseWatch(utf8(formatWatch(list)))).to.deep.equal(list);
  });

  it('is refused with the place that is wrong', () => {
    expect(code((copy) => delete copy['logs'])).to.deep.equal({ code: 'malformed-watch', at: '/logs' });
    expect(code((copy) => (copy['logs'] = []))).to.deep.equal({ code: 'malformed-watch', at: '/logs' });
    expect(code((copy) => (copy['extra'] = 1))).to.deep.equal({ code: 'malformed-watch', at: '' });
    expect(code((copy) => (copy['interval'] = 0)).code).to.equal('malformed-watch');
    expect(code((copy) => (copy['webhook'] = { url: 'file:///etc/passwd' })).at).to.equal('/webhook/url');
    for (const url of ['http://:', 'https://[', 'http://a:99999/', 'https://me:secret@alerts.example/']) {
      expect(code((copy) => (copy['webhook'] = { url }))).to.deep.equal({
        code: 'malformed-watch',
        at: '/webhook/url',
      });
    }
    // Beyond 2^31 ms a timer would not wait at all.
    expect(code((copy) => (copy['interval'] = 2_147_484)).at).to.equal('/interval');
    expect(rule({ alert: 'product' }).code).to.equal('malformed-watch');
    expect(rule({ alert: 'nonsense' }).code).to.equal('malformed-watch');
    expect(rule({ alert: 'silence', seconds: -1 }).code).to.equal('malformed-watch');
    expect(rule({ alert: 'signer', keyid: 'AB' }).code).to.equal('malformed-watch');
    expect(rule({ alert: 'gap', after: 0 }).code).to.equal('accepted');
  });

  it('gives a source its own rule for gaps, then the one for all, then an hour', () => {
    const rules = list.logs[0]?.rules ?? [];
    expect(gapAfter(rules, 'builds')).to.equal(0);
    expect(gapAfter(rules, 'access')).to.equal(60);
    expect(gapAfter([], 'access')).to.equal(3_600);
  });

  it('cannot ask for an age where nobody vouches for a time', () => {
    const log = new SampleLog([fixtures.genesis()]);
    expect(maxAgeOf({ maxAge: 60 }, log.trust({ maxAge: 3_600 }))).to.equal(60);
    expect(maxAgeOf({}, log.trust({ maxAge: 3_600 }))).to.equal(3_600);
    expect(maxAgeOf({}, log.trust({}, { quorum: 'none' }))).to.equal(undefined);
    expect(() => maxAgeOf({ maxAge: 60 }, log.trust({}, { quorum: 'none' }))).to.throw(LedgerError);
  });
});
