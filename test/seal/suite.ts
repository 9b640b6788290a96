/** What holds of seals, whoever made them: those of `fixtures.json`, and those that openssl makes anew. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { fromUtf8, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { certificatesInPem, readCrl } from '../../src/seal/pinned.ts';
import type { SealAnchors } from '../../src/seal/pinned.ts';
import { judgeSeal, readPinned } from '../../src/seal/seal.ts';
import type { ProvenSeal, SealJudgement, SealRequest } from '../../src/seal/seal.ts';
import { tokenOf } from '../../src/seal/timestamp.ts';
import { asData, withCertificates } from './edit.ts';
import { content } from './make.ts';
import type { Fixtures } from './make.ts';

export const digests: { readonly sha256: string; readonly sha512: string } = {
  sha256: createHash('sha256').update(content).digest('hex'),
  sha512: createHash('sha512').update(content).digest('hex'),
};

export interface Asked {
  readonly cms?: string | Uint8Array;
  /** The time-stamp over that seal, unless another is named; `null` for none. */
  readonly timestamp?: string | Uint8Array | null;
  readonly crls?: readonly string[];
  readonly pinned?: Partial<SealAnchors>;
  readonly digests?: SealRequest['digests'];
}

export class Seals {
  readonly #fixtures: Fixtures;

  constructor(fixtures: Fixtures) {
    this.#fixtures = fixtures;
  }

  bytes(name: string): Uint8Array {
    const bytes = this.#fixtures[name];
    if (bytes === undefined) throw new Error(`there is no ${name}`);
    return bytes;
  }

  anchors(...names: readonly string[]): SealAnchors['anchors'] {
    return names.flatMap((name) => certificatesInPem(fromUtf8(this.bytes(`${name}.pem`))));
  }

  get pinned(): SealAnchors {
    return { anchors: this.anchors('root'), timestampAnchors: this.anchors('tsa-root') };
  }

  judge(asked: Asked = {}): Promise<SealJudgement> {
    const { cms = 'good', crls = [], pinned } = asked;
    const { timestamp = typeof cms === 'string' && cms !== 'inside' ? cms : null } = asked;
    const bytesOf = (value: string | Uint8Array, ending: string): Uint8Array =>
      typeof value === 'string' ? this.bytes(`${value}.${ending}`) : value;
    return judgeSeal({
      cms: bytesOf(cms, 'p7s'),
      ...(timestamp === null ? {} : { timestamp: bytesOf(timestamp, 'tst') }),
      digests: asked.digests ?? digests,
      pinned: readPinned(
        { ...this.pinned, ...pinned },
        crls.map((name) => readCrl(this.bytes(`${name}.crl`))),
      ),
    });
  }

  async proven(asked: Asked = {}): Promise<ProvenSeal> {
    const judgement = await this.judge(asked);
    if (judgement.open !== undefined) throw new Error(`open: ${judgement.open.text}`);
    return judgement;
  }

  /** The code and message of a refusal. */
  async refusal(asked: Asked): Promise<string> {
    try {
      const { open } = await this.judge(asked);
      return open === undefined ? 'proven' : `${open.reason}: ${open.text}`;
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      return `${error.code}: ${error.message}`;
    }
  }
}

/** What is asked, and how it must come out. */
const table: readonly (readonly [string, Asked, RegExp])[] = [
  // The file
  [
    'another file',
    { digests: { sha256: createHash('sha256').update('x').digest('hex') } },
    /^seal-invalid: .*another file/,
  ],
  ['a seal over another file', { cms: 'other', timestamp: null }, /^seal-invalid: .*another file/],
  ['a file that is known by SHA-512 only', { digests: { sha512: digests.sha512 } }, /^digest: .*SHA-256/],
  ['a digest by SHA-384', { cms: 'sha384' }, /^seal-invalid: .*SHA-256 or the SHA-512/],
  ['a digest by SHA-1', { cms: 'sha1-digest' }, /^seal-invalid: a hash/],
  // The form
  ['no signed attributes', { cms: 'no-attributes' }, /^malformed-seal: .*no attributes/],
  ['the content inside', { cms: 'attached' }, /^malformed-seal: not a detached signature/],
  ['a content of another type', { cms: 'other-type' }, /^malformed-seal: not a detached signature over data/],
  ['indefinite lengths', { cms: 'streamed' }, /^malformed-seal: .*BER/],
  ['two signers', { cms: 'two-signers' }, /^malformed-seal: .*one signer/],
  ['no certificate', { cms: 'no-certificate' }, /^seal-invalid: .*neither in the message nor pinned/],
  ['RSA-PSS with a mask by SHA-1', { cms: 'pss-sha1-mask' }, /^seal-invalid: RSASSA-PSS/],
  // The certificate
  ['a certificate that had expired', { cms: 'expired' }, /^seal-invalid: .*not valid at the time/],
  ['a certificate that was not valid yet', { cms: 'future' }, /^seal-invalid: .*not valid at the time/],
  ['a certificate for encipherment', { cms: 'encipher' }, /^seal-invalid: .*may not sign a seal/],
  ['a certificate without key usage', { cms: 'no-usage' }, /^seal-invalid: .*may not sign a seal/],
  ['a certificate for web servers', { cms: 'server' }, /^seal-invalid: .*other purposes/],
  ['an unknown critical extension', { cms: 'critical' }, /^seal-invalid: .*not worked out here/],
  ['RSA of 1024 bits', { cms: 'short' }, /^seal-invalid: an RSA key of a size/],
  ['a curve that is not known', { cms: 'k1' }, /^seal-invalid: an elliptic curve/],
  [
    'a certificate signed by SHA-1',
    { cms: 'sha1-certificate' },
    /^(seal-invalid: a signature algorithm|untrusted)/,
  ],
  ['a root of the same name', { cms: 'stranger' }, /^untrusted: .*no pinned trust anchor/],
  ['an issuer that is no CA', { cms: 'by-seal' }, /^seal-invalid: .*is no CA/],
  ['a CA below one that admits none', { cms: 'too-deep' }, /^seal-invalid: .*so long a path/],
  [
    'a CA that may not sign certificates',
    { cms: 'without-sign' },
    /^seal-invalid: .*may not sign certificates/,
  ],
  ['a CA without key usage', { cms: 'without-usage' }, /^seal-invalid: .*may not sign certificates/],
  ['a CA that has certified itself in circles', { cms: 'mesh' }, /^malformed-seal: .*too many signatures/],
  ['a CA with constraints on names', { cms: 'constrained' }, /^seal-invalid: .*not worked out here/],
  ['a CA for web servers', { cms: 'for-servers' }, /^seal-invalid: .*may not issue certificates for a seal/],
  ['a CA that had expired', { cms: 'ca-expired' }, /^seal-invalid: .*not valid at the time/],
  // Revocation
  [
    'a certificate revoked before',
    { cms: 'revoked', crls: ['issuing'] },
    /^seal-invalid: .*was revoked as of 2021/,
  ],
  ['a CA revoked before', { crls: ['root-revoked'] }, /^seal-invalid: .*was revoked as of 2021/],
  [
    'a time-stamping certificate that lost its key',
    { timestamp: 'good-tsa-revoked', crls: ['tsa-root'] },
    /^seal-invalid: .*was revoked as of 2049/,
  ],
  [
    'a certificate revoked by a list of only some',
    { cms: 'revoked', crls: ['issuing-partial'] },
    /^seal-invalid: .*was revoked as of 2021/,
  ],
  [
    'a certificate for web servers, with nothing pinned',
    { cms: 'server', pinned: { anchors: [] } },
    /^seal-invalid: .*other purposes/,
  ],
  // The time-stamp
  [
    'a time-stamp by the sealer, with nothing pinned',
    { timestamp: 'good-signed-by-seal', pinned: { timestampAnchors: [] } },
    /^seal-invalid: .*other purposes/,
  ],
  ['no time-stamp', { timestamp: null }, /^undated: /],
  [
    'a time-stamp over another seal',
    { timestamp: 'rsa' },
    /^seal-invalid: the time-stamp is over something else/,
  ],
  [
    'a time-stamp that names another authority',
    { timestamp: 'good-other-name' },
    /^seal-invalid: .*another authority/,
  ],
  [
    'a time-stamp without its certificate',
    { timestamp: 'good-plain' },
    /^seal-invalid: .*neither in the message/,
  ],
  ['a time-stamp of a stranger', { timestamp: 'good-tsa-stranger' }, /^untrusted-time: /],
  ['a time-stamp for which nothing is pinned', { pinned: { timestampAnchors: [] } }, /^untrusted-time: /],
  ['a seal for which nothing is pinned', { pinned: { anchors: [] } }, /^untrusted: /],
  [
    'a time-stamping purpose that is not critical',
    { timestamp: 'good-signed-by-tsa-loosely' },
    /^seal-invalid: .*other purposes than a time-stamp/,
  ],
  [
    'a time-stamping purpose among others',
    { timestamp: 'good-signed-by-tsa-and-more' },
    /^seal-invalid: .*other purposes than a time-stamp/,
  ],
  ['a time-stamp by the sealer', { timestamp: 'good-signed-by-seal' }, /^seal-invalid: .*other purposes/],
  [
    'a time-stamp that names no certificate',
    { timestamp: 'good-unnamed' },
    /^seal-invalid: no signed attribute/,
  ],
  [
    'another organisation than those pinned',
    { pinned: { organisations: ['NTRCH-CHE-999'] } },
    /^untrusted: .*organisation/,
  ],
];

export function sealSuite(fixtures: () => Fixtures): void {
  let seals: Seals;
  before(() => {
    seals = new Seals(fixtures());
  });

  it('are proven with a time-stamp, by the organisation that the anchors vouch for', async () => {
    const { sealer, time, authority, covered, key, hash } = await seals.proven();
    expect(sealer.subject).to.include({
      organisation: 'Muster Software AG',
      organisationIdentifier: 'NTRCH-CHE-123.456.789',
      commonName: 'Muster Software AG Siegel',
      country: 'CH',
    });
    expect(sealer.extensions).to.deep.include({ legislation: ['CH'], forSeals: true });
    expect(authority.subject.commonName).to.equal('Test TSA');
    expect(time).to.be.within(Date.parse('2026-01-01'), Date.now() + 1_000);
    expect({ covered, key, hash }).to.deep.equal({ covered: false, key: 'ECDSA P-256', hash: 'SHA-256' });
  });

  it('are proven by RSA, RSA-PSS, ECDSA, SHA-256 and SHA-512, a key identifier, and each kind of time-stamp', async () => {
    for (const asked of [
      { cms: 'rsa' },
      { cms: 'pss' },
      { cms: 'p384' },
      { cms: 'inside' },
      { timestamp: 'signature' },
      { cms: 'inside', timestamp: 'signature' },
      { timestamp: 'good-tsa-rsa' },
      { timestamp: 'good-sha512' },
      { timestamp: 'good-old-style' },
      { timestamp: 'good-signed-by-tsa' },
      { timestamp: 'good-plain', pinned: { timestampAnchors: seals.anchors('tsa') } },
      { timestamp: tokenOf(seals.bytes('good.tsr')) },
    ]) {
      expect(await seals.refusal(asked), JSON.stringify(asked)).to.equal('proven');
    }
  });

  it('are proven by a certificate that is pinned itself, also where the seal does not bring it along', async () => {
    const pinned = { anchors: seals.anchors('seal') };
    for (const cms of ['good', 'no-certificate'])
      expect(await seals.refusal({ cms, pinned })).to.equal('proven');
    expect(await seals.refusal({ cms: 'rsa', pinned })).to.match(/^untrusted: /);
    const both = { ...pinned, timestampAnchors: seals.anchors('tsa') };
    expect((await seals.proven({ pinned: both })).covered, 'no list was looked up').to.equal(false);
  });

  it('are not proven by another certificate of the same key than the one that they name', async () => {
    const keyid = seals.bytes('keyid.p7s');
    const [renewed, issuing] = [seals.anchors('seal-renewed'), seals.anchors('issuing')].map(
      ([one]) => one?.der,
    );
    if (renewed === undefined || issuing === undefined) throw new Error('there are no certificates');
    const timestamp = null;
    expect(await seals.refusal({ cms: keyid, timestamp })).to.match(/^undated: /);
    const swapped = withCertificates(keyid, renewed, issuing);
    expect(await seals.refusal({ cms: swapped, timestamp })).to.match(
      /^seal-invalid: .*names another certificate/,
    );
    const [own] = seals.anchors('seal').map((one) => one.der);
    const both = withCertificates(keyid, own ?? renewed, renewed, issuing);
    expect(await seals.refusal({ cms: both, timestamp })).to.match(/^seal-invalid: two certificates/);
  });

  it('are not proven by a signature over another type of content, called data', async () => {
    const cms = asData(seals.bytes('other-type.p7s'));
    expect(await seals.refusal({ cms, timestamp: null })).to.match(/^seal-invalid: the signed content type/);
  });

  it('of an organisation that is pinned are proven', async () => {
    const pinned = { organisations: ['NTRCH-CHE-123.456.789'] };
    expect(await seals.refusal({ pinned })).to.equal('proven');
  });

  it('say whether revocation lists covered everybody, and pass over lists that are not their issuer’s', async () => {
    const all = ['issuing', 'root', 'tsa-root'];
    expect((await seals.proven({ crls: all })).covered).to.equal(true);
    for (const left of all) {
      expect((await seals.proven({ crls: all.filter((name) => name !== left) })).covered, left).to.equal(
        false,
      );
    }
    // From before the time in question, it says nothing of that time.
    expect((await seals.proven({ crls: ['issuing-early', 'root', 'tsa-root'] })).covered).to.equal(false);
    // A list of only some says nothing of those who are not on it, and one from after the end of a certificate neither.
    expect((await seals.proven({ crls: ['issuing-partial', 'root', 'tsa-root'] })).covered).to.equal(false);
    const ended = { cms: 'until-2050', crls: ['root', 'tsa-root'] };
    expect((await seals.proven({ ...ended, crls: [...ended.crls, 'issuing-2049'] })).covered).to.equal(true);
    expect((await seals.proven({ ...ended, crls: [...ended.crls, 'issuing'] })).covered).to.equal(false);
    // By a root of the same name, whose word does not count.
    expect(await seals.refusal({ crls: ['stranger'] })).to.equal('proven');
  });

  it('stand when their certificate was revoked only later, and say so', async () => {
    const { revokedLater } = await seals.proven({ cms: 'revoked-later', crls: ['issuing'] });
    expect(revokedLater).to.equal(Date.parse('2049-01-01'));
    const superseded = { timestamp: 'good-tsa-revoked', crls: ['tsa-superseded'] };
    expect(await seals.refusal(superseded)).to.equal('proven');
  });

  for (const [what, asked, expected] of table) {
    it(`are not proven with ${what}`, async () => {
      expect(await seals.refusal(asked)).to.match(expected);
    });
  }

  it('are refused with anything after their end, cut off, or empty', async () => {
    const good = seals.bytes('good.p7s');
    const stamp = seals.bytes('good.tst');
    for (const spoil of [
      (bytes: Uint8Array) => Uint8Array.from([...bytes, 0]),
      (bytes: Uint8Array) => bytes.subarray(0, -1),
      () => new Uint8Array(),
      () => utf8('-----BEGIN CMS-----'),
      () => new Uint8Array(20_000),
    ]) {
      expect(await seals.refusal({ cms: spoil(good), timestamp: 'good' })).to.match(/^malformed-seal: /);
      expect(await seals.refusal({ timestamp: spoil(stamp) })).to.match(/^malformed-seal: /);
    }
    expect(await seals.refusal({ timestamp: seals.bytes('attached.p7s') })).to.match(
      /^malformed-seal: .*not a time-stamp/,
    );
  });
}
