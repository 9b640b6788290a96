import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes.ts';
import {
  formatAddCheckpoint,
  maxAddCheckpointBytes,
  parseAddCheckpoint,
} from '../../src/note/add-checkpoint.ts';
import { parseCheckpoint } from '../../src/note/checkpoint.ts';
import { parseNote } from '../../src/note/note.ts';
import { refusal } from './refusal.ts';

/** c2sp.org/tlog-witness, the example of add-checkpoint. */
const example = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;
const hashLine = 'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n';
const codeOf = (text: string): string => refusal(() => parseAddCheckpoint(utf8(text))).code;

describe('the request to a witness', () => {
  it('reads the example of the specification and writes it again to the byte', () => {
    const request = parseAddCheckpoint(utf8(example));
    expect(request.oldSize).to.equal(20852014);
    expect(request.proof).to.have.length(4);
    const note = parseNote(request.checkpoint);
    expect(parseCheckpoint(note.text).size).to.equal(20852163);
    expect(note.signatures).to.have.length(2);
    expect(Buffer.from(formatAddCheckpoint(request)).toString()).to.equal(example);
  });

  it('has no hash line from size 0', () => {
    const request = parseAddCheckpoint(utf8('old 0\n\ncheckpoint'));
    expect(request).to.deep.equal({ oldSize: 0, proof: [], checkpoint: utf8('checkpoint') });
    expect(formatAddCheckpoint(request)).to.deep.equal(utf8('old 0\n\ncheckpoint'));
  });

  it('takes 63 hashes and no more', () => {
    const longest = parseAddCheckpoint(utf8(`old 9007199254740991\n${hashLine.repeat(63)}\n`));
    expect(longest.proof).to.have.length(63);
    expect(parseAddCheckpoint(formatAddCheckpoint(longest))).to.deep.equal(longest);
    expect(codeOf(`old 1\n${hashLine.repeat(64)}\n`)).to.equal('malformed-add-checkpoint');
  });

  const mutations: readonly (readonly [what: string, text: string])[] = [
    ['nothing', ''],
    ['only a newline', '\n'],
    ['an empty first line', `\n${example}`],
    ['no old size line', example.slice(example.indexOf('\n') + 1)],
    ['a capital', example.replace('old', 'Old')],
    ['two spaces', example.replace('old ', 'old  ')],
    ['a tab for the space', example.replace('old ', 'old\t')],
    ['a space behind the size', example.replace('20852014\n', '20852014 \n')],
    ['a carriage return', example.replace('20852014\n', '20852014\r\n')],
    ['a leading zero', example.replace('20852014', '020852014')],
    ['a sign', example.replace('20852014', '+20852014')],
    ['a negative size', example.replace('20852014', '-1')],
    ['no size', example.replace('20852014', '')],
    ['a hexadecimal size', example.replace('20852014', '0x1')],
    ['a size beyond 2^53 - 1', example.replace('20852014', '9007199254740992')],
    ['a hash of 31 bytes', example.replace(hashLine, `${'A'.repeat(40)}AA==\n`)],
    ['a hash of 33 bytes', example.replace(hashLine, `${'A'.repeat(44)}\n`)],
    ['a hash without padding', example.replace('kaw=\n', 'kaw\n')],
    ['loose padding bits', example.replace('kaw=\n', 'kax=\n')],
    ['a base64url hash', example.replace('/6WV', '_6WV')],
    ['two old size lines', `old 1\n${example}`],
    ['no empty line', 'old 0\nexample.com/behind-the-sofa'],
    ['a byte order mark', `\ufeff${example}`],
  ];
  for (const [what, text] of mutations) {
    it(`refuses ${what}`, () => {
      expect(codeOf(text)).to.equal('malformed-add-checkpoint');
    });
  }

  it('refuses bytes that are not UTF-8', () => {
    const bytes = concat(utf8('old 1'), Uint8Array.of(0xff), utf8('\n\n'));
    expect(refusal(() => parseAddCheckpoint(bytes)).code).to.equal('malformed-add-checkpoint');
  });

  it('refuses too many bytes before it looks at any', () => {
    const bytes = new Uint8Array(maxAddCheckpointBytes + 1);
    expect(refusal(() => parseAddCheckpoint(bytes)).code).to.equal('too-large');
  });
});
