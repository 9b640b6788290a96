import { expect } from 'chai';
import { concat, fromUtf8, utf8 } from '../../src/bytes.ts';
import { signerKey } from '../../src/note/key.ts';
import { formatTrust, maxTrustBytes, parseCheckpointTrust, parseTrust } from '../../src/verifier/trust.ts';
import { genesis, origin } from '../fixtures/attestations.ts';
import { refusal } from '../note/refusal.ts';
import { certificateToPem } from '../../src/seal/pinned.ts';
import { fixtures } from '../seal/fixtures.ts';
import { SampleLog, logKey, policyText, postQuantumKey } from './sample-log.ts';

const log = new SampleLog([genesis()]);
const file = log.trustFile();
const made = fixtures();

function codeOf(content: object | string): string {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return refusal(() => parseTrust(utf8(text))).code;
}

describe('trust file', () => {
  it('gives the policy, the origin, the genesis and the limits', () => {
    const authority = { leafHash: file.genesis, asOfSize: 12 };
    const trust = log.trust({ maxAge: 3_600, minSize: 12, authority });
    expect(trust).to.deep.include({ origin, genesis: file.genesis, maxAge: 3_600, minSize: 12, authority });
    expect(trust.policy.logs[0]?.url).to.equal('https://ledger.example/');
    expect(log.trust().minSize).to.equal(1);
  });

  it('comes back from its own text, with and without the optional members', () => {
    for (const trust of [
      log.trust(),
      log.trust({ maxAge: 5, minSize: 7, authority: { leafHash: file.genesis, asOfSize: 3 } }),
    ]) {
      expect(parseTrust(utf8(formatTrust(trust)))).to.deep.equal(trust);
    }
  });

  it('pins anchors of seals, one certificate in each text', () => {
    const [root = '', tsa = ''] = ['root', 'tsa-root'].map((name) =>
      fromUtf8(made[`${name}.pem`] ?? utf8('')),
    );
    const pinned = {
      anchors: [root],
      timestampAnchors: [tsa, root],
      organisations: ['NTRCH-CHE-123.456.789'],
    };
    const { seals } = log.trust({ seals: pinned });
    expect(seals?.anchors.map(certificateToPem)).to.deep.equal([root]);
    expect(seals?.timestampAnchors).to.have.length(2);
    const text = formatTrust(log.trust({ seals: pinned }));
    expect(JSON.parse(text)).to.deep.include({ seals: pinned });
    expect(formatTrust(parseTrust(utf8(text)))).to.equal(text);
    for (const [seals, at] of [
      [{ ...pinned, anchors: [`${root}${tsa}`] }, '/seals/anchors/0'],
      [{ ...pinned, timestampAnchors: [tsa, tsa.replace('M', 'N')] }, '/seals/timestampAnchors/1'],
      [{ ...pinned, anchors: ['hello'] }, '/seals/anchors/0'],
      [{ ...pinned, anchors: [] }, '/seals/anchors'],
    ] as const) {
      expect(refusal(() => log.trust({ seals }))).to.include({ code: 'malformed-trust', at });
    }
  });

  it('may list two keys of one log, and not the keys of two', () => {
    expect(log.trust({}, { keys: [logKey, postQuantumKey] }).policy.logs).to.have.length(2);
    const stranger = signerKey({ name: 'other.example', type: 1, seed: new Uint8Array(32).fill(9) });
    expect(codeOf({ ...file, policy: policyText({ keys: [logKey, stranger] }) })).to.equal('malformed-trust');
    expect(codeOf({ ...file, policy: policyText({ keys: [] }) })).to.equal('malformed-trust');
  });

  it('refuses a maximum age without witnesses, since nobody’s time would count', () => {
    const error = refusal(() => log.trust({ maxAge: 60 }, { quorum: 'none' }));
    expect(error).to.include({ code: 'malformed-trust', at: '/maxAge' });
    log.trust({}, { quorum: 'none' });
  });

  const faults: readonly (readonly [string, object | string])[] = [
    ['is not JSON', '{'],
    ['has an unknown member', { ...file, extra: 1 }],
    ['lacks the genesis', { format: file.format, policy: file.policy }],
    ['is of another format', { ...file, format: 'isal-trust/v2' }],
    ['pins a genesis in capitals', { ...file, genesis: file.genesis.toUpperCase() }],
    ['has a member twice', JSON.stringify(file).replace('{', `{"genesis":"${'0'.repeat(64)}",`)],
    ['has a minimum size of zero', { ...file, minSize: 0 }],
    ['has a fraction of a second', { ...file, maxAge: 0.5 }],
    ['is larger than any policy', { ...file, policy: ' '.repeat(maxTrustBytes) }],
  ];
  for (const [fault, content] of faults) {
    it(`is refused when it ${fault}`, () => {
      expect(codeOf(content)).to.equal('malformed-trust');
    });
  }

  it('is refused with the fault of its policy', () => {
    expect(codeOf({ ...file, policy: 'quorum nobody\n' })).to.equal('malformed-policy');
  });

  it('gives way to a bare policy where only checkpoints are judged', () => {
    expect(parseCheckpointTrust(utf8(policyText()))).to.deep.include({ minSize: 1 });
    expect(parseCheckpointTrust(utf8(JSON.stringify({ ...file, minSize: 4 })))).to.deep.include({
      minSize: 4,
    });
    expect(parseCheckpointTrust(utf8(`\n ${JSON.stringify(file)}`))).to.deep.include({ minSize: 1 });
    // A policy is a file of octets; a comment in Latin-1 is none of our business.
    const latin1 = concat(utf8('# caf'), Uint8Array.of(0xe9, 0x0a), utf8(policyText()));
    expect(parseCheckpointTrust(latin1)).to.deep.include({ minSize: 1 });
    expect(refusal(() => parseTrust(utf8(policyText()))).code).to.equal('malformed-trust');
    const large = utf8(`# ${' '.repeat(maxTrustBytes)}\n`);
    expect(refusal(() => parseCheckpointTrust(large)).code).to.equal('malformed-trust');
  });
});
