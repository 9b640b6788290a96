import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { normalisations } from '../../src/rebuild/normalisations.ts';

describe('the page about rebuilds', () => {
  it('lists every normalisation with its words, and no other', async () => {
    const page = await readFile(new URL('../../../docs/rebuild.md', import.meta.url), 'utf8');
    const section = page.slice(page.indexOf('### What is evened out'), page.indexOf('### How bytes'));
    const rows = [...section.matchAll(/^\| ([a-z-]+) +\| (.+?) +\|$/gm)].map(([, name = '', words = '']) => [
      name,
      words.replaceAll('\\', ''),
    ]);
    expect(rows.filter(([name]) => name !== 'name' && !/^-+$/.test(name ?? ''))).to.deep.equal(
      Object.entries(normalisations),
    );
  });
});
