/** What somebody is told who has mistyped a command: what is wrong, how that verb is used, where the whole is. */
import { expect } from 'chai';
import { searchFieldNames, searchFields } from '../../src/attestation/search-fields.ts';
import { isal } from './isal.ts';

/** As typed, and the lines of usage that belong to it. */
const mistyped: readonly (readonly [typed: string, ...usage: string[]])[] = [
  ['attest', 'isal attest new|lint|sign|cosign|submit|rebuild|snapshot|seal …'],
  ['attest frob', 'isal attest new|lint|sign|cosign|submit|rebuild|snapshot|seal …'],
  ['attest new', 'isal attest new TYPE [options]'],
  ['attest sign S --kye K', 'isal attest sign STATEMENT --key PEM [--out ENVELOPE]'],
  ['attest sign S --seq 4', 'isal attest sign STATEMENT --key PEM [--out ENVELOPE]'],
  ['attest snapshot --comit R', 'isal attest snapshot DIR', 'isal attest snapshot GIT --commit REV'],
  ['attest rebuild A', 'isal attest rebuild ORIGINAL CANDIDATE'],
  ['authority', 'isal authority show|propose|sign|submit …'],
  ['authority propose --frob', 'isal authority propose [changes]'],
  ['authority sign', 'isal authority sign DOCUMENT --key PEM'],
  ['log frob', 'isal log checkpoint|entry|search|export|fsck …'],
  ['log entry', 'isal log entry INDEX|LEAFHASH'],
  ['proof inclusion', 'isal proof inclusion --index N | --leaf HEX [options]'],
  ['bundle get', 'isal bundle get FILE|sha256:HEX|sha512:HEX|INDEX [options]'],
  ['witness', 'isal witness init|run|show …'],
  ['witness run', 'isal witness run DIR'],
  ['monitor once', 'isal monitor once DIR'],
  ['access frob', 'isal access open|mine|summary|tag|disclose|vault …'],
  ['access mine', 'isal access mine --secret FILE'],
  ['access vault frob', 'isal access vault init|put|get|erase …'],
  ['access vault get --kye K', 'isal access vault get DIR --key FILE RECORD [--field NAME] [--out FILE]'],
  ['update', 'isal update show|chain …'],
  ['update chain', 'isal update chain FAMILY [options]'],
  ['region frob', 'isal region status [REGION] [options]'],
  ['demo --frob', 'isal demo [options]', 'isal demo --story [--dir DIR]'],
  ['verify', 'isal verify FILE [options]', 'isal verify --evidence F'],
];

describe('a mistyped command', () => {
  for (const [typed, ...usage] of mistyped) {
    it(`isal ${typed}: is told how that is used, and where the whole is`, async () => {
      const args = typed.split(' ');
      const { status, stdout, stderr } = await isal(args);
      expect(status).to.equal(4);
      expect(stdout).to.equal('');
      const [first = '', ...rest] = stderr.trimEnd().split('\n');
      expect(first).to.match(/^isal: \S/);
      expect(rest).to.deep.equal([
        ...usage.map((line, i) => `  ${i === 0 ? 'usage ' : '      '}    ${line}`),
        `  all of it isal ${args[0] ?? ''} --help`,
        '  code      usage (isal explain usage)',
      ]);
      for (const line of stderr.split('\n')) expect(line.length).to.be.below(120);
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
        .to.contain(`--${name} is malformed`)
        .and.to.contain(`  expected  ${searchFields[name].form.expected.slice(0, 40)}`);
    }
  });
});
