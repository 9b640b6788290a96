/** The limits of what a verifier reads of a file or a command line: exactly at each, and one beyond. */
import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes.ts';
import type { LedgerError } from '../../src/errors.ts';
import { maxWatchBytes, parseWatch } from '../../src/monitor/watch.ts';
import { formatEntryBundle, maxEntryBytes, parseEntryBundle } from '../../src/tlog/bundle.ts';
import { parseRequirements } from '../../src/verifier/judging/requirements.ts';
import { maxBundleBytes, parseBundle } from '../../src/verifier/proving/bundle.ts';
import { maxTrustBytes, parseTrust } from '../../src/verifier/trust.ts';
import { genesis } from '../fixtures/attestations.ts';
import { refusal } from '../note/refusal.ts';
import { SampleLog } from './sample-log.ts';

/** The text with white space behind it, so many bytes in all. */
function padded(value: object, bytes: number): Uint8Array {
  const text = utf8(JSON.stringify(value));
  return concat(text, new Uint8Array(bytes - text.length).fill(0x20));
}

describe('the limits of files', () => {
  it('256 KiB for a trust file', () => {
    const trust = new SampleLog([genesis()]).trustFile();
    expect(parseTrust(padded(trust, maxTrustBytes)).genesis).to.equal(trust.genesis);
    expect(refusal(() => parseTrust(padded(trust, maxTrustBytes + 1)))).to.include({
      code: 'malformed-trust',
      message: 'too large for a trust file',
    });
  });

  it('1 MiB for a watch list', () => {
    const list = {
      format: 'isal-watch/v1',
      logs: [{ trust: 'trust.json', url: 'https://ledger.example/', rules: [] }],
    };
    expect(parseWatch(padded(list, maxWatchBytes)).logs).to.have.length(1);
    const error = refusal(() => parseWatch(padded(list, maxWatchBytes + 1)));
    expect([error.code, (error.cause as LedgerError).code]).to.deep.equal(['malformed-watch', 'too-large']);
  });

  it('4 MiB for a proof bundle', () => {
    // White space is not canonical, so it is looked into, and then refused for that.
    const messageOf = (bytes: number): string => refusal(() => parseBundle(padded({}, bytes))).message;
    expect(messageOf(maxBundleBytes)).not.to.equal('too large for a bundle');
    expect(messageOf(maxBundleBytes + 1)).to.equal('too large for a bundle');
  });

  it('65,535 bytes for an entry in an entry bundle', () => {
    const entry = new Uint8Array(maxEntryBytes).fill(7);
    expect(parseEntryBundle(formatEntryBundle([entry]), 1)).to.deep.equal([entry]);
    expect(refusal(() => formatEntryBundle([new Uint8Array(maxEntryBytes + 1)])).code).to.equal('too-large');
  });
});

describe('the limits of what is asked', () => {
  it('32 requirements', () => {
    const asked = (count: number): string => Array.from({ length: count }, () => 'review').join(',');
    expect(parseRequirements(asked(32))).to.have.length(32);
    expect(refusal(() => parseRequirements(asked(33))).code).to.equal('usage');
  });
});
