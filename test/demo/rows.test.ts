import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readRows, shippedRows } from '../../src/demo/rows.ts';
import { updateColumns } from '../../src/demo/statements.ts';
import { LedgerError } from '../../src/errors.ts';

describe('rows of a demonstration', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-rows-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const all = async (path: string): Promise<unknown[]> => {
    const rows: unknown[] = [];
    for await (const row of readRows(path, updateColumns)) rows.push(row);
    return rows;
  };
  const row = { family: 'f', version: '1', file: 'f-1.tgz', sha512: '00' };

  it('are read plain or compressed, past empty lines', async () => {
    const text = `${JSON.stringify(row)}\n\n${JSON.stringify(row)}`;
    await writeFile(join(directory, 'plain.jsonl'), text);
    await writeFile(join(directory, 'small.jsonl.gz'), gzipSync(text));
    for (const name of ['plain.jsonl', 'small.jsonl.gz'])
      expect(await all(join(directory, name)), name).to.deep.equal([row, row]);
    expect(await all(shippedRows('updates.jsonl'))).to.have.length(60);
  });

  it('that cannot be used are refused with the line', async () => {
    const path = join(directory, 'rows.jsonl');
    const cases: [text: string, code: string, words: string][] = [
      [`${JSON.stringify(row)}\n{`, 'not-json', 'line 2'],
      [`${JSON.stringify(row)}\n${JSON.stringify({ ...row, version: 1 })}`, 'schema-violation', 'line 2'],
      ['null', 'schema-violation', 'line 1'],
    ];
    for (const [text, code, words] of cases) {
      await writeFile(path, text);
      const error: unknown = await all(path).catch((refusal: unknown) => refusal);
      expect(error).to.be.instanceOf(LedgerError).and.to.include({ code });
      expect((error as LedgerError).message).to.contain(words);
    }
    await writeFile(join(directory, 'broken.gz'), 'not gzip');
    for (const name of ['broken.gz', 'nowhere']) {
      const error: unknown = await all(join(directory, name)).catch((refusal: unknown) => refusal);
      expect(error, name).to.include({ code: 'file-unreadable' });
    }
  });
});
