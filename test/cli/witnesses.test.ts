import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseTrust } from '../../src/verifier/trust.ts';
import { vkey, witnessKey } from '../note/make.ts';
import { isal } from './isal.ts';

const witness = (n: number, url = ` https://w${n}.example`): string =>
  `witness w${n} ${vkey(witnessKey(n))}${url}\n`;
const three = witness(1) + witness(2) + witness(3);

/** The post-quantum key of a witness, as another line. */
const secondKey = (n: number): string => `witness w${n}pq ${vkey(witnessKey(n, 6))} https://w${n}.example\n`;

describe('isal init --witnesses', () => {
  let root: string;
  const at = (name: string): string => join(root, name);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'isal-witnesses-'));
  });

  afterEach(() => rm(root, { recursive: true }));

  async function init(lines: string): Promise<{ status: number; stderr: string }> {
    await writeFile(at('witnesses'), lines);
    return isal(['init', at('ledger'), '--origin', 'ledger.example/log', '--witnesses', at('witnesses')]);
  }

  it('puts witnesses and quorum into the trust file, beside the log', async () => {
    const { status } = await init(`# ours\n${three}group most 2 w1 w2 w3\nquorum most\n`);
    expect(status).to.equal(0);
    const { policy, origin } = parseTrust(await readFile(at('ledger/trust.json')));
    expect(origin).to.equal('ledger.example/log');
    expect(policy.witnesses.map(({ name, url }) => [name, url])).to.deep.equal([
      ['w1', 'https://w1.example'],
      ['w2', 'https://w2.example'],
      ['w3', 'https://w3.example'],
    ]);
    expect(policy.quorum).to.equal('most');
    expect(policy.logs).to.have.length(1);
  });

  it('says that two keys of one witness are one voice, now and to whoever asks what the trust file is', async () => {
    const warning = /several keys of the witness witness\.example\/w1: they count as one/;
    const { status, stderr } = await init(`${three}${secondKey(1)}group most 2 w1 w1pq w2 w3\nquorum most\n`);
    expect(status).to.equal(0);
    expect(stderr).to.match(warning);
    const { stdout } = await isal(['explain', at('ledger/trust.json')]);
    expect(stdout.replaceAll(/\s+/g, ' ')).to.match(warning).and.to.contain('3 witnesses');
  });

  for (const [name, lines] of Object.entries({
    'that bring a log of their own': `log ${vkey(witnessKey(9, 6))}\n${three}quorum w1\n`,
    'that cannot be asked in the number that the quorum needs': `${witness(1)}${witness(2, '')}group all all w1 w2\nquorum all\n`,
    'whose quorum counts two keys of one': `${witness(1)}${secondKey(1)}group both all w1 w1pq\nquorum both\n`,
    'without a quorum': three,
    'cut off at the end': `${three}quorum w1`,
  })) {
    it(`refuses witnesses ${name}, and makes nothing`, async () => {
      const { status, stderr } = await init(lines);
      expect(status).to.equal(4);
      expect(stderr).to.match(/malformed-policy/);
      await readFile(at('ledger/trust.json')).then(
        () => expect.fail('a ledger was made'),
        () => undefined,
      );
    });
  }
});
