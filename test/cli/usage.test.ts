/** What somebody is told who has mistyped a command: what is wrong, what is near it, how that command is used. */
import { expect } from 'chai';
import { searchFieldNames, searchFields } from '../../src/attestation/search-fields.ts';
import { isal } from './isal.ts';

/** As typed, the command that its first words name, and how that is used. */
const mistyped: readonly (readonly [typed: string, command: string, ...usage: string[]])[] = [
  ['attest', 'attest', 'isal attest new|lint|sign|cosign|submit|rebuild|snapshot|seal …'],
  ['attest frob', 'attest', 'isal attest new|lint|sign|cosign|submit|rebuild|snapshot|seal …'],
  ['attest new', 'attest new', 'isal attest new TYPE [options]'],
  ['attest sign S --kye K', 'attest sign', 'isal attest sign STATEMENT --key PEM [options]'],
  ['attest sign S --seq 4', 'attest sign', 'isal attest sign STATEMENT --key PEM [options]'],
  ['attest snapshot --comit R', 'attest snapshot', 'isal attest snapshot DIR [options]'],
  ['attest rebuild A', 'attest rebuild', 'isal attest rebuild ORIGINAL CANDIDATE [options]'],
  ['authority', 'authority', 'isal authority show|propose|sign|submit …'],
  ['authority propose --frob', 'authority propose', 'isal authority propose [options]'],
  ['authority sign', 'authority sign', 'isal authority sign DOCUMENT --key PEM [options]'],
  ['log frob', 'log', 'isal log checkpoint|entry|search|export|refill|fsck …'],
  ['log --url U entry 1', 'log', 'isal log checkpoint|entry|search|export|refill|fsck …'],
  ['log entry', 'log entry', 'isal log entry INDEX|LEAFHASH [options]'],
  ['proof inclusion', 'proof inclusion', 'isal proof inclusion (--index N|--leaf LEAFHASH) [options]'],
  [
    'proof inclusion --index 1 --leaf 00',
    'proof inclusion',
    'isal proof inclusion (--index N|--leaf LEAFHASH) [options]',
  ],
  ['bundle get', 'bundle get', 'isal bundle get WHAT [options]'],
  ['witness', 'witness', 'isal witness init|run|show …'],
  ['witness run', 'witness run', 'isal witness run DIR [options]'],
  ['monitor once', 'monitor once', 'isal monitor once DIR [options]'],
  ['access frob', 'access', 'isal access open|mine|summary|tag|disclose|vault …'],
  ['access mine', 'access mine', 'isal access mine --secret FILE [options]'],
  ['access vault frob', 'access vault', 'isal access vault init|put|get|erase …'],
  [
    'access vault get --kye K',
    'access vault get',
    'isal access vault get DIR --key FILE (--record RECORD|--index N|--leaf LEAFHASH) [options]',
  ],
  ['update', 'update', 'isal update show|chain …'],
  ['update chain', 'update chain', 'isal update chain FAMILY [options]'],
  ['region frob', 'region', 'isal region status …'],
  ['region status a b', 'region status', 'isal region status [REGION] [options]'],
  ['demo --frob', 'demo', 'isal demo [options]'],
  ['verify', 'verify', 'isal verify FILE [options]', 'isal verify --evidence EVIDENCE [options]'],
  [
    'verify F --evidence E',
    'verify',
    'isal verify FILE [options]',
    'isal verify --evidence EVIDENCE [options]',
  ],
  [
    'verify F --bundle B --url U',
    'verify',
    'isal verify FILE [options]',
    'isal verify --evidence EVIDENCE [options]',
  ],
];

/** As typed, and what is said of it. */
const near: readonly (readonly [typed: string, said: string])[] = [
  ['verfy F', 'isal has no such command; did you mean verify?'],
  ['bundel', 'isal has no such command; did you mean bundle?'],
  ['ver --help', 'isal has no such command; did you mean verify?'],
  ['sign S', 'isal has no such command; did you mean isal attest sign or isal authority sign?'],
  ['bundle inspcet', 'isal bundle has no such command; did you mean inspect?'],
  ['access vault earse V', 'isal access vault has no such command; did you mean erase?'],
  ['help access valt', 'isal access has no such command; did you mean vault?'],
  ['attest sign S --kye K', 'isal attest sign has no option --kye; did you mean --key?'],
  ['log search --typ build', 'isal log search has no option --typ; did you mean --type?'],
  ['log search --hlep', 'isal log search has no option --hlep; did you mean --help?'],
  ['verify F -j', 'isal verify has no option -j'],
  ['log search --type bulid', 'unknown --type; did you mean build?'],
  ['attest new corection', 'unknown TYPE; did you mean correction?'],
  ['attest rebuild A B --independence vendors', 'unknown --independence; did you mean vendor?'],
  ['completion bsh', 'unknown SHELL; did you mean bash?'],
  ['completion powershell', 'unknown SHELL'],
  ['xyzzy', 'isal has no such command'],
];

/** As typed, and what is said of it. */
const refused: readonly (readonly [typed: string, said: string])[] = [
  ['verify F --trust', '--trust needs a value: FILE'],
  ['verify F --trust --json', '--trust needs a value: FILE'],
  ['verify F --json=yes', '--json takes no value'],
  ['verify F --trust a --trust b', '--trust was given more than once, and takes one value'],
  ['verify F --trust a --trust a', '--trust was given more than once, and takes one value'],
  ['verify F G', 'too many arguments: FILE only'],
  ['verify F --evidence E', 'too many arguments: --evidence stands alone'],
  ['attest rebuild A B C', 'too many arguments: ORIGINAL and CANDIDATE only'],
  ['log search F', 'too many arguments: options only'],
  ['attest lint', 'FILE is missing: a statement, or an envelope around one'],
  ['access disclose --in F', 'isal access disclose needs --field NAME, --out FILE'],
  ['proof inclusion', 'isal proof inclusion needs one of --index N, --leaf LEAFHASH'],
  [
    'proof inclusion --index 1 --leaf 00',
    'isal proof inclusion needs only one of --index N, --leaf LEAFHASH',
  ],
  ['bundle', 'isal bundle needs the name of a command'],
  ['bundle --json', 'isal bundle: options come last'],
  ['attest snapshot D --out S --site X', '--out needs --manifest, --product, --version, --country'],
  ['help verify log', 'isal verify has no commands of its own'],
];

describe('a mistyped command', () => {
  for (const [typed, command, ...usage] of mistyped) {
    it(`isal ${typed}: is told how that is used, and where the whole is`, async () => {
      const { status, stdout, stderr } = await isal(typed.split(' '));
      expect(status).to.equal(4);
      expect(stdout).to.equal('');
      const [first = '', ...rest] = stderr.trimEnd().split('\n');
      expect(first).to.match(/^isal: \S/);
      expect(rest).to.deep.equal([
        ...usage.map((line, i) => `  ${i === 0 ? 'usage ' : '      '}    ${line}`),
        `  all of it isal ${command} --help`,
        '  code      usage (isal explain usage)',
      ]);
      for (const line of stderr.split('\n')) expect(line.length).to.be.below(120);
    });
  }

  for (const [typed, said] of near) {
    it(`isal ${typed}: is told the nearest known word, if any is near`, async () => {
      const { status, stderr } = await isal(typed.split(' '));
      expect([status, stderr.split('\n')[0]]).to.deep.equal([4, `isal: ${said}`]);
    });
  }

  for (const [typed, said] of refused) {
    it(`isal ${typed}: is told what is wrong with it`, async () => {
      const { status, stderr } = await isal(typed.split(' '));
      expect([status, stderr.split('\n')[0]]).to.deep.equal([4, `isal: ${said}`]);
    });
  }

  it('is still told what a value must be where only that is wrong', async () => {
    const { stderr } = await isal(['attest', 'new', 'build', '--seq', 'x']);
    expect(stderr).to.contain('  expected  a whole number from 1 to ').and.to.not.contain('--help');
  });

  it('is refused before the ledger is asked, where no ledger could answer', async () => {
    for (const [typed, expected] of [
      ['log search --type builds', 'one of authority, source-snapshot, '],
      ['log search --subject abc', 'sha256: and 64, or sha512: and 128 characters of 0-9 a-f'],
      ['log search --signer abc', '64 characters of 0-9 a-f'],
      ['log search --ref 3', '64 characters of 0-9 a-f'],
      ['log entry abc', 'a whole number, or 64 characters of 0-9 a-f'],
    ] as const) {
      // Without a trust file and a URL, which are asked for next.
      const { status, stderr } = await isal(typed.split(' '));
      expect(status, typed).to.equal(4);
      expect(stderr, typed).to.contain(`  expected  ${expected}`).and.to.contain('isal explain usage');
    }
  });

  it('is refused for every field of a search whose value is malformed, and says its form', async () => {
    for (const name of searchFieldNames) {
      const { status, stderr } = await isal(['log', 'search', `--${name}`, 'a\u0007b']);
      expect(status, name).to.equal(4);
      expect(stderr)
        .to.match(new RegExp(`^isal: (unknown --${name}|--${name} is malformed)$`, 'm'))
        .and.to.contain(`  expected  ${searchFields[name].form.expected.slice(0, 40)}`);
    }
  });
});
