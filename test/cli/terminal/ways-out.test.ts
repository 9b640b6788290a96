import { expect } from 'chai';
import { table } from '../../../src/cli/commands.ts';
import { explanations } from '../../../src/cli/explain/explanations.ts';
import { describe as told } from '../../../src/cli/isal.ts';
import { isFamily } from '../../../src/cli/terminal/command.ts';
import { parse } from '../../../src/cli/terminal/parse.ts';
import { resolve } from '../../../src/cli/terminal/resolve.ts';
import { leadingOn, waysOut } from '../../../src/cli/terminal/ways-out.ts';
import { LedgerError, errorCodes, errorTable } from '../../../src/errors.ts';
import { problemOf } from '../../../src/http/exchange/problem.ts';
import { refusal } from '../../ledger/site.ts';

const directory = "/var/lib/an operator's ledger";

/** Words as a shell would make them of a line. */
function wordsOf(line: string): string[] {
  const [command = ''] = line.split('  #');
  return [...command.matchAll(/(?:'[^']*'|\\'|[^\s'])+/g)].map(([word]) =>
    word.replaceAll("'\\''", '\u0000').replaceAll("'", '').replaceAll('\u0000', "'"),
  );
}

/** Every way out there is, also of the one refusal whose code alone does not tell. */
const refusals = [
  ...errorCodes.map((code) => new LedgerError(code, 'refused')),
  new LedgerError('store-locked', 'refused', { facts: { links: 2 } }),
];

describe('what leads on from a refusal', () => {
  it('is a command line that is taken, with the directory as one word of it', () => {
    let lines = 0;
    for (const error of refusals) {
      for (const line of waysOut(error, directory)) {
        lines += 1;
        const words = wordsOf(line);
        expect(words[0], line).to.equal('isal');
        expect(words, line).to.include(directory);
        const { node, rest, words: name } = resolve(table.root, words.slice(1));
        if (isFamily(node)) throw new Error(`${line} names no command`);
        parse(node, rest, name.join(' '));
      }
    }
    expect(lines).to.be.above(8);
  });

  it('is there for whatever keeps a ledger from going on that its operator can mend', () => {
    // A second process, a full disk: nothing that a command mends.
    const without = ['store-locked', 'store-failed', 'anchor-taken', 'head-conflict'];
    const stopping = errorCodes.filter((code) => errorTable[code].class === 'own-store');
    const silent = stopping.filter((code) => waysOut(new LedgerError(code, 'x'), '/x').length === 0);
    expect(silent).to.have.members(without);
    for (const code of stopping) {
      if (!without.includes(code)) expect(explanations[code], code).to.match(/`isal /);
    }
  });

  it('stands in what is printed, and in nothing that is sent', async () => {
    const error = await refusal(
      leadingOn('/x', () => Promise.reject(new LedgerError('store-behind-anchor', 'refused'))),
    );
    const lines = told(error, resolve(table.root, ['serve'])).split('\n');
    expect(lines.find((line) => line.startsWith('  to go on'))).to.match(
      /^ {2}to go on {2}isal log refill \/x /,
    );
    expect(JSON.stringify(problemOf(error))).not.to.include('refill');
  });

  it('is not the command that was just refused', async () => {
    const error = await refusal(
      leadingOn('/x', () => Promise.reject(new LedgerError('store-corrupt', 'refused')), {
        but: 'isal serve --read-only',
      }),
    );
    expect(error.wayOut).to.have.length(1);
  });
});
