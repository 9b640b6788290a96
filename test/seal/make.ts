/**
 * Seals, time-stamps, certificates and revocation lists, good and bad, made by
 * openssl 3: a certification service with a root and an issuing CA, an
 * organisation with certificates for seals, a time-stamping service.
 *
 *     npx tsc && node dist/test/seal/make.js > test/seal/fixtures.json
 *
 * writes what `npm test` reads; the interop test makes everything anew.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signatureOf, withTokens } from './edit.ts';

/** Name → bytes. */
export type Fixtures = Readonly<Record<string, Uint8Array>>;

export const content = 'the installer that is sealed\n';
export const otherContent = 'another installer\n';

const config = `
[ca]
default_ca = any
[any]
dir = .
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = names
copy_extensions = none
[names]
countryName = optional
organizationName = optional
organizationIdentifier = optional
commonName = supplied
[req]
distinguished_name = empty
[empty]

[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
certificatePolicies = 2.16.756.1.1.1
[ca-without-sign]
basicConstraints = critical,CA:TRUE
keyUsage = critical,cRLSign,digitalSignature
[ca-without-usage]
basicConstraints = critical,CA:TRUE
[ca-constrained]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
nameConstraints = permitted;dirName:permitted
[permitted]
C = CH
[ca-for-servers]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
extendedKeyUsage = serverAuth
[seal]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
extendedKeyUsage = 1.3.6.1.5.5.7.3.36
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
1.3.6.1.5.5.7.1.3 = ASN1:SEQUENCE:statements
[statements]
type = SEQUENCE:type
law = SEQUENCE:law
[type]
id = OID:0.4.0.1862.1.6
kinds = SEQUENCE:kinds
[kinds]
seal = OID:0.4.0.1862.1.6.2
[law]
id = OID:0.4.0.1862.1.7
countries = SEQUENCE:countries
[countries]
ch = PRINTABLESTRING:CH
[plain]
keyUsage = critical,digitalSignature
[encipher]
keyUsage = critical,keyEncipherment
[no-usage]
basicConstraints = CA:FALSE
[server]
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
[critical]
keyUsage = critical,digitalSignature
1.2.3.4 = critical,ASN1:UTF8String:what this means nobody knows
[stamp]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[stamp-loosely]
keyUsage = critical,digitalSignature
extendedKeyUsage = timeStamping
[stamp-and-more]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping,codeSigning

[partial]
issuingDistributionPoint = critical,@users
[users]
onlyuser = TRUE

[tsa]
default_tsa = usual
[usual]
serial = tsa-serial
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
signer_digest = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
accuracy = secs:1
[old-style]
serial = tsa-serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha1
tsa_name = yes
ordering = yes
`;

const muster =
  '/C=CH/O=Muster Software AG/organizationIdentifier=NTRCH-CHE-123.456.789/CN=Muster Software AG Siegel';
const service = (name: string): string => `/C=CH/O=Test Trust AG/CN=${name}`;

interface Certified {
  readonly subject: string;
  readonly by?: string;
  readonly as: string;
  readonly key?: string;
  /** Has the key of that certificate. */
  readonly like?: string;
  readonly from?: string;
  readonly to?: string;
  readonly md?: string;
}

const certificates: Readonly<Record<string, Certified>> = {
  root: { subject: service('Test Root'), as: 'root' },
  issuing: { subject: service('Test Issuing CA'), by: 'root', as: 'issuing' },
  'tsa-root': { subject: service('Test TSA Root'), as: 'root' },
  stranger: { subject: service('Test Root'), as: 'root' },
  seal: { subject: muster, by: 'issuing', as: 'seal' },
  'seal-renewed': { subject: muster, by: 'issuing', as: 'seal', like: 'seal' },
  'seal-rsa': { subject: muster, by: 'issuing', as: 'seal', key: 'rsa:2048' },
  'seal-p384': { subject: muster, by: 'issuing', as: 'plain', key: 'P-384' },
  'seal-revoked': { subject: muster, by: 'issuing', as: 'seal' },
  'seal-revoked-later': { subject: muster, by: 'issuing', as: 'seal' },
  'seal-expired': { subject: muster, by: 'issuing', as: 'seal', to: '20210101000000Z' },
  'seal-until-2050': { subject: muster, by: 'issuing', as: 'seal', to: '20500101000000Z' },
  'seal-future': { subject: muster, by: 'issuing', as: 'seal', from: '20490101000000Z' },
  'seal-encipher': { subject: muster, by: 'issuing', as: 'encipher' },
  'seal-no-usage': { subject: muster, by: 'issuing', as: 'no-usage' },
  'seal-server': { subject: muster, by: 'issuing', as: 'server' },
  'seal-critical': { subject: muster, by: 'issuing', as: 'critical' },
  'seal-short': { subject: muster, by: 'issuing', as: 'seal', key: 'rsa:1024' },
  'seal-k1': { subject: muster, by: 'issuing', as: 'seal', key: 'secp256k1' },
  'seal-sha1': { subject: muster, by: 'issuing', as: 'seal', md: 'sha1' },
  'seal-stranger': { subject: muster, by: 'stranger', as: 'seal' },
  'seal-by-seal': { subject: muster, by: 'seal', as: 'seal' },
  mesh: { subject: service('Test Mesh'), as: 'root' },
  'seal-mesh': { subject: muster, by: 'mesh', as: 'seal' },
  deeper: { subject: service('Test Deeper CA'), by: 'issuing', as: 'root' },
  'seal-too-deep': { subject: muster, by: 'deeper', as: 'seal' },
  'ca-without-sign': { subject: service('Test CA 1'), by: 'root', as: 'ca-without-sign' },
  'seal-without-sign': { subject: muster, by: 'ca-without-sign', as: 'seal' },
  'ca-without-usage': { subject: service('Test CA 2'), by: 'root', as: 'ca-without-usage' },
  'seal-without-usage': { subject: muster, by: 'ca-without-usage', as: 'seal' },
  'ca-constrained': { subject: service('Test CA 3'), by: 'root', as: 'ca-constrained' },
  'seal-constrained': { subject: muster, by: 'ca-constrained', as: 'seal' },
  'ca-for-servers': { subject: service('Test CA 4'), by: 'root', as: 'ca-for-servers' },
  'seal-for-servers': { subject: muster, by: 'ca-for-servers', as: 'seal' },
  'ca-expired': { subject: service('Test CA 5'), by: 'root', as: 'root', to: '20210101000000Z' },
  'seal-ca-expired': { subject: muster, by: 'ca-expired', as: 'seal' },
  tsa: { subject: service('Test TSA'), by: 'tsa-root', as: 'stamp' },
  'tsa-rsa': { subject: service('Test TSA 1'), by: 'tsa-root', as: 'stamp', key: 'rsa:2048' },
  'tsa-revoked': { subject: service('Test TSA 2'), by: 'tsa-root', as: 'stamp' },
  'tsa-loosely': { subject: service('Test TSA 3'), by: 'tsa-root', as: 'stamp-loosely' },
  'tsa-and-more': { subject: service('Test TSA 4'), by: 'tsa-root', as: 'stamp-and-more' },
  'tsa-stranger': { subject: service('Test TSA 5'), by: 'stranger', as: 'stamp' },
};

/** Seals by name: who signs, and further arguments of `openssl cms`. */
const seals: Readonly<
  Record<string, { readonly by: string; readonly args?: readonly string[]; readonly chain?: string }>
> = {
  good: { by: 'seal', args: ['-cades'] },
  rsa: { by: 'seal-rsa', args: ['-cades', '-md', 'sha512'] },
  pss: { by: 'seal-rsa', args: ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:32'] },
  'pss-sha1-mask': {
    by: 'seal-rsa',
    args: ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_mgf1_md:sha1'],
  },
  keyid: { by: 'seal', args: ['-cades', '-keyid'] },
  p384: { by: 'seal-p384', args: ['-keyid', '-md', 'sha512'] },
  sha384: { by: 'seal-p384', args: ['-md', 'sha384'] },
  'sha1-digest': { by: 'seal', args: ['-md', 'sha1'] },
  'no-attributes': { by: 'seal', args: ['-noattr'] },
  attached: { by: 'seal', args: ['-nodetach'] },
  streamed: { by: 'seal', args: ['-stream'] },
  'no-certificate': { by: 'seal', args: ['-nocerts'] },
  'other-type': { by: 'seal', args: ['-econtent_type', '1.2.840.113549.1.9.16.1.4'] },
  revoked: { by: 'seal-revoked' },
  'revoked-later': { by: 'seal-revoked-later' },
  expired: { by: 'seal-expired' },
  'until-2050': { by: 'seal-until-2050' },
  future: { by: 'seal-future' },
  encipher: { by: 'seal-encipher' },
  'no-usage': { by: 'seal-no-usage' },
  server: { by: 'seal-server' },
  critical: { by: 'seal-critical' },
  short: { by: 'seal-short' },
  k1: { by: 'seal-k1' },
  'sha1-certificate': { by: 'seal-sha1' },
  stranger: { by: 'seal-stranger', chain: 'stranger' },
  'by-seal': { by: 'seal-by-seal', chain: 'seal issuing' },
  'too-deep': { by: 'seal-too-deep', chain: 'deeper issuing' },
  'without-sign': { by: 'seal-without-sign', chain: 'ca-without-sign' },
  'without-usage': { by: 'seal-without-usage', chain: 'ca-without-usage' },
  constrained: { by: 'seal-constrained', chain: 'ca-constrained' },
  'for-servers': { by: 'seal-for-servers', chain: 'ca-for-servers' },
  'ca-expired': { by: 'seal-ca-expired', chain: 'ca-expired' },
};

/** Makes everything in a directory of its own, which it removes again. */
export function makeFixtures(): Fixtures {
  const directory = mkdtempSync(join(tmpdir(), 'isal-seal-'));
  try {
    return new Maker(directory).all();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

class Maker {
  readonly #directory: string;
  readonly #made: Record<string, Uint8Array> = {};

  constructor(directory: string) {
    this.#directory = directory;
  }

  all(): Fixtures {
    this.#write('any.cnf', config);
    this.#write('tsa-serial', '01\n');
    this.#write('content', content);
    this.#write('other', otherContent);
    for (const [name, certified] of Object.entries(certificates)) this.#certify(name, certified);
    for (const name of ['root', 'issuing', 'tsa-root', 'stranger', 'seal', 'seal-renewed', 'tsa']) {
      this.#made[`${name}.pem`] = this.#read(`${name}.pem`);
    }
    for (const [name, { by, args = [], chain = 'issuing' }] of Object.entries(seals)) {
      this.#seal(name, 'content', by, args, chain);
    }
    this.#seal('other', 'other', 'seal', [], 'issuing');
    this.#sealTwice();
    this.#sealInMesh();
    for (const name of Object.keys(seals)) this.#stamp(name, name, 'tsa');
    this.#stamp('good-plain', 'good', 'tsa', { cert: false });
    this.#stamp('good-old-style', 'good', 'tsa', { section: 'old-style' });
    this.#stamp('good-sha512', 'good', 'tsa', { md: 'sha512' });
    for (const name of ['tsa-rsa', 'tsa-revoked', 'tsa-stranger']) this.#stamp(`good-${name}`, 'good', name);
    for (const name of ['tsa', 'tsa-loosely', 'tsa-and-more', 'seal']) {
      this.#restamp(`good-signed-by-${name}`, name, ['-cades']);
    }
    this.#restamp('good-unnamed', 'tsa', []);
    this.#restamp('good-other-name', 'tsa-rsa', ['-cades'], 'good-old-style');
    writeFileSync(join(this.#directory, 'signature.p7s'), signatureOf(this.#read('good.p7s')));
    this.#stamp('signature', 'signature', 'tsa');
    this.#made['inside.p7s'] = withTokens(this.#read('good.p7s'), this.#read('signature.tst'));
    this.#stamp('two-signers', 'two-signers', 'tsa');
    this.#lists();
    return this.#made;
  }

  #openssl(...args: readonly (string | readonly string[])[]): void {
    execFileSync('openssl', args.flat(), { cwd: this.#directory, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#directory, name), text);
  }

  #read(name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.#directory, name)));
  }

  #certify(
    name: string,
    { subject, by = name, as, key = 'P-256', like, from, to, md = 'sha256' }: Certified,
  ): void {
    const algorithm = key.startsWith('rsa')
      ? ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${key.slice(4)}`]
      : ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${key}`];
    if (like === undefined) this.#openssl('genpkey', ...algorithm, '-out', `${name}.key`);
    else this.#write(`${name}.key`, Buffer.from(this.#read(`${like}.key`)).toString());
    this.#openssl(
      'req',
      '-new',
      '-config',
      'any.cnf',
      '-key',
      `${name}.key`,
      '-subj',
      subject,
      '-out',
      `${name}.csr`,
    );
    this.#write('index.txt', '');
    const signer = by === name ? ['-selfsign'] : ['-cert', `${by}.pem`];
    this.#openssl(
      ['ca', '-config', 'any.cnf', '-batch', '-notext', '-preserveDN', '-extensions', as],
      ['-startdate', from ?? '20200101000000Z', '-enddate', to ?? '20991231235959Z', '-md', md],
      ['-keyfile', `${by}.key`, ...signer, '-in', `${name}.csr`, '-out', `${name}.pem`],
    );
  }

  #chain(names: string): string {
    const path = `${names.replaceAll(' ', '+')}.chain.pem`;
    this.#write(
      path,
      names
        .split(' ')
        .map((name) => Buffer.from(this.#read(`${name}.pem`)).toString())
        .join(''),
    );
    return path;
  }

  #seal(name: string, file: string, by: string, args: readonly string[], chain: string): void {
    this.#openssl(
      ['cms', '-sign', '-binary', '-nosmimecap', '-in', file, '-outform', 'DER', '-out', `${name}.p7s`],
      ['-signer', `${by}.pem`, '-inkey', `${by}.key`, '-certfile', this.#chain(chain), ...args],
    );
    this.#made[`${name}.p7s`] = this.#read(`${name}.p7s`);
  }

  #sealTwice(): void {
    this.#openssl(
      ['cms', '-resign', '-binary', '-inform', 'DER', '-in', 'good.p7s', '-outform', 'DER'],
      ['-signer', 'seal-rsa.pem', '-inkey', 'seal-rsa.key', '-out', 'two-signers.p7s'],
    );
    this.#made['two-signers.p7s'] = this.#read('two-signers.p7s');
  }

  /** A CA that has certified itself many times over, so that a path may go round and round. */
  #sealInMesh(): void {
    const names = Array.from({ length: 12 }, (_, i) => `mesh-${i}`);
    const again = { subject: service('Test Mesh'), by: 'mesh', as: 'root', like: 'mesh' };
    for (const name of names) this.#certify(name, again);
    this.#seal('mesh', 'content', 'seal-mesh', [], names.join(' '));
    this.#stamp('mesh', 'mesh', 'tsa');
  }

  /** A time-stamp over the file of a seal, as a response and as a token. */
  #stamp(
    name: string,
    over: string,
    by: string,
    { cert = true, section = 'usual', md = 'sha256' }: { cert?: boolean; section?: string; md?: string } = {},
  ): void {
    this.#openssl([
      'ts',
      '-query',
      '-data',
      `${over}.p7s`,
      `-${md}`,
      ...(cert ? ['-cert'] : []),
      '-out',
      `${name}.tsq`,
    ]);
    this.#openssl(
      ['ts', '-reply', '-config', 'any.cnf', '-section', section, '-queryfile', `${name}.tsq`],
      ['-signer', `${by}.pem`, '-inkey', `${by}.key`, '-out', `${name}.tsr`],
    );
    this.#openssl('ts', '-reply', '-in', `${name}.tsr`, '-token_out', '-out', `${name}.tst`);
    this.#made[`${name}.tst`] = this.#read(`${name}.tst`);
    if (name === 'good') this.#made['good.tsr'] = this.#read('good.tsr');
  }

  /** What a time-stamp says, signed by `openssl cms`, which does not mind by whom. */
  #restamp(name: string, by: string, args: readonly string[], from = 'good'): void {
    this.#openssl('cms', '-verify', '-noverify', '-inform', 'DER', '-in', `${from}.tst`, '-out', 'info');
    this.#openssl(
      ['cms', '-sign', '-binary', '-nodetach', '-nosmimecap', '-econtent_type', '1.2.840.113549.1.9.16.1.4'],
      [
        '-signer',
        `${by}.pem`,
        '-inkey',
        `${by}.key`,
        '-in',
        'info',
        '-outform',
        'DER',
        '-out',
        `${name}.tst`,
      ],
      ...args,
    );
    this.#made[`${name}.tst`] = this.#read(`${name}.tst`);
  }

  #lists(): void {
    const line = (name: string, date: string): string => {
      const text = execFileSync('openssl', ['x509', '-in', `${name}.pem`, '-noout', '-serial'], {
        cwd: this.#directory,
        encoding: 'utf8',
      });
      return `R\t491231235959Z\t${date}\t${text.trim().replace('serial=', '')}\tunknown\t/CN=any\n`;
    };
    const list = (
      name: string,
      by: string,
      lines: string,
      last: string,
      extensions: readonly string[] = [],
    ): void => {
      this.#write('index.txt', lines);
      const dates = ['-crl_lastupdate', last];
      this.#openssl(
        [
          'ca',
          '-config',
          'any.cnf',
          '-gencrl',
          '-keyfile',
          `${by}.key`,
          '-cert',
          `${by}.pem`,
          ...dates,
          ...extensions,
        ],
        ['-crl_nextupdate', '20991231000000Z', '-out', `${name}.crl.pem`],
      );
      this.#openssl('crl', '-in', `${name}.crl.pem`, '-outform', 'DER', '-out', `${name}.crl`);
      this.#made[`${name}.crl`] = this.#read(`${name}.crl`);
    };
    const revoked = line('seal-revoked', '210101000000Z,keyCompromise');
    list('issuing', 'issuing', revoked + line('seal-revoked-later', '490101000000Z'), '20970101000000Z');
    list('issuing-early', 'issuing', '', '20200601000000Z');
    list('root', 'root', '', '20970101000000Z');
    list('root-revoked', 'root', line('issuing', '210101000000Z,CACompromise'), '20970101000000Z');
    list('tsa-root', 'tsa-root', line('tsa-revoked', '490101000000Z,keyCompromise'), '20970101000000Z');
    list('tsa-superseded', 'tsa-root', line('tsa-revoked', '490101000000Z,superseded'), '20970101000000Z');
    list('stranger', 'stranger', line('issuing', '210101000000Z'), '20970101000000Z');
    const partial = ['-crlexts', 'partial'];
    list('issuing-partial', 'issuing', revoked, '20970101000000Z', partial);
    list('issuing-2049', 'issuing', '', '20490101000000Z');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = Object.entries(makeFixtures()).map(([name, bytes]) => [
    name,
    Buffer.from(bytes).toString('base64'),
  ]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(made), null, 2)}\n`);
}
