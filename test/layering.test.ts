import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { violations } from './layering.ts';

const source = fileURLToPath(new URL('../../src/', import.meta.url));

function sources(): Map<string, string> {
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    // What only declares types is gone when anything runs.
    .filter(({ name }) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    files.map((file) => [relative(source, file).split(sep).join('/'), readFileSync(file, 'utf8')]),
  );
}

describe('layering', () => {
  it('lets imports of src/ point down only', () => {
    const files = sources();
    expect([...files.keys()]).to.include('errors.ts');
    expect(violations(files)).to.deep.equal([]);
  });

  it('catches a lower floor that imports an upper one', () => {
    const upward = new Map([['tlog/hash.ts', "import { parseNote } from '../note/note.ts';\n"]]);
    expect(violations(upward)).to.deep.equal([
      'tlog/hash.ts: imports ../note/note.ts from the same floor or a higher one',
    ]);
    const dynamic = new Map([['note/key.ts', "const ledger = await import('../ledger/ledger.ts');\n"]]);
    expect(violations(dynamic)).to.have.length(1);
    const type = new Map([['bytes.ts', "import type {\n  Tile,\n} from './tlog/tile.ts';\n"]]);
    expect(violations(type)).to.have.length(1);
  });

  it('catches a wing of a room that imports one beside or above it, and a file that lies on no floor of it', () => {
    for (const [path, specifier] of [
      ['verifier/proving/bundle.ts', '../judging/verify.ts'],
      ['verifier/collecting/collect.ts', '../convicting/evidence.ts'],
      ['verifier/trust.ts', './index.ts'],
      ['cli/terminal/io.ts', '../online/online.ts'],
      ['cli/terminal/io.ts', '../../demo/child.ts'],
      ['ledger/store/rows.ts', '../new.ts'],
    ] as const) {
      const files = new Map([[path, `import { x } from '${specifier}';\n`]]);
      expect(violations(files), path).to.have.length(1);
    }
    const down = new Map([
      ['verifier/judging/verify.ts', "import { x } from '../proving/bundle.ts';\n"],
      ['demo/child.ts', "import { x } from '../cli/terminal/io.ts';\n"],
      ['cli/demo/demo.ts', "import { x } from '../../demo/child.ts';\n"],
    ]);
    expect(violations(down)).to.deep.equal([]);
  });

  it('catches a node: module, a *.node.ts file and a global of Node in the browser floor', () => {
    for (const line of [
      "import { readFileSync } from 'node:fs';",
      "import { verifyEd25519Async } from '../platform/ed25519.node.ts';",
      "export const text = Buffer.from('x');",
      "export const home = process.env['HOME'];",
    ]) {
      expect(violations(new Map([['verifier/verify.ts', `${line}\n`]])), line).to.have.length(1);
    }
    const node = new Map([['platform/sha256.node.ts', "import { hash } from 'node:crypto';\n"]]);
    expect(violations(node)).to.deep.equal([]);
  });

  it('catches a package in a room that it is not for', () => {
    const line = "import { Registry } from 'prom-client';\n";
    expect(violations(new Map([['ledger/ledger.ts', line]]))).to.deep.equal([
      'ledger/ledger.ts: imports prom-client, which is for metrics alone',
    ]);
    expect(violations(new Map([['metrics/metrics.ts', line]]))).to.deep.equal([]);
  });

  it('catches a room that nobody placed on a floor', () => {
    expect(violations(new Map([['attic/old.ts', '']]))).to.deep.equal([
      'attic/old.ts: the room attic stands on no floor',
    ]);
  });
});
