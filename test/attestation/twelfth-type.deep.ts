/**
 * A twelfth attestation type, added to a copy of the repository as a person
 * would add it: one schema, one file, `npm run generate`. Nothing else of the
 * copy is edited, and everything knows the type.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Server } from '../../src/demo/child.ts';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const type = 'vulnerability-notice';
const wire = 'urn:isal:predicate:vulnerability-notice:v1';

const common = (name: string): string => `urn:isal:schema:common:v1#/$defs/${name}`;

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:isal:schema:${type}:v1`,
  title: 'VulnerabilityNoticePredicate',
  description: 'That a build is vulnerable, and from which version on it is mended.',
  type: 'object',
  additionalProperties: false,
  required: ['ledger', 'occurredAt', 'source', 'product', 'version', 'build', 'mendedIn'],
  properties: {
    ledger: { description: 'Its ledger.', $ref: common('LedgerBinding') },
    occurredAt: { description: 'When it was found.', $ref: common('UtcTime') },
    source: { description: 'Who counts it.', $ref: common('EventSource') },
    refs: { description: 'Links.', $ref: common('References') },
    product: { description: 'Product.', $ref: common('Line') },
    version: { description: 'Version that is vulnerable.', $ref: common('Line') },
    build: { description: 'The build.', $ref: common('AttestedArtifact') },
    mendedIn: { description: 'Version that is mended.', $ref: common('Line') },
  },
};

const rule = "  subject: withDigestsOf('build.digest', ({ build }) => build.digest),\n";

const kind = `/** That a build is vulnerable. */
import { contradiction } from './shared/consistency.ts';
import { type Kind, atTop } from './shared/kind.ts';
import { withDigestsOf } from './shared/subject.ts';
import { fileSubject, supervisedBy, zeros } from './shared/template.ts';

export const kind: Kind<'${type}'> = {
  order: 45,
  predicateType: '${wire}',
  usual: { source: 'notices', anyOf: [['vendor', 'supervisor']] },
  supervision: atTop,
${rule}  consistency: {
    refuses: 'a version that is its own mending',
    check: ({ version, mendedIn }) => {
      if (version === mendedIn) throw contradiction('/mendedIn', 'mended in itself', 'another version');
    },
  },
  refs: ({ build }) => [build.leafHash],
  names: ({ product, version }) => ({ product, version }),
  template: (parts) => {
    const subject = fileSubject(parts);
    return {
      subject: [subject],
      predicate: {
        ...supervisedBy(parts),
        product: 'PRODUCT',
        version: 'VERSION',
        build: { leafHash: zeros, digest: subject.digest },
        mendedIn: 'MENDED IN',
      },
    };
  },
};
`;

interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A statement of the type, as far as the test writes it. */
interface Notice {
  readonly predicate: { product: string; version: string; mendedIn: string; build: { leafHash: string } };
}

describe('a twelfth attestation type', function () {
  this.timeout(300_000);
  let copy: string;
  let server: Server | undefined;
  const at = (...names: string[]): string => join(copy, ...names);
  const read = (...names: string[]): Promise<string> => readFile(at(...names), 'utf8');

  function run(program: string, ...args: string[]): Promise<Finished> {
    return new Promise((resolve) => {
      execFile(process.execPath, [program, ...args], { cwd: copy }, (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  const generate = (): Promise<Finished> => run(at('schemas/generate.mjs'));
  const compile = (): Promise<Finished> => run(join(top, 'node_modules/typescript/bin/tsc'), '-p', copy);
  const isal = (...args: string[]): Promise<Finished> => run(at('dist/src/cli/main.js'), ...args);

  async function fine(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await isal(...args);
    expect(status, `isal ${args.join(' ')}\n${stderr}`).to.equal(0);
    return stdout;
  }

  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'isal-twelfth-'));
    for (const name of ['src', 'schemas', 'docs', 'package.json', 'tsconfig.json']) {
      await cp(join(top, name), at(name), { recursive: true });
    }
    await symlink(join(top, 'node_modules'), at('node_modules'));
    const options = JSON.parse(await read('tsconfig.json')) as object;
    await writeFile(at('tsconfig.json'), JSON.stringify({ ...options, include: ['src/**/*.ts'] }));
  });

  after(async () => {
    await server?.stop();
    await rm(copy, { recursive: true, force: true });
  });

  it('is asked for its file when it has a schema only', async () => {
    await writeFile(at('schemas', `${type}.json`), JSON.stringify(schema));
    const { status, stderr } = await generate();
    expect(status).to.equal(1);
    expect(stderr).to.contain(`write src/attestation/kinds/${type}.ts`);
  });

  it('stands in every list and page once it has one', async () => {
    await writeFile(at('src/attestation/kinds', `${type}.ts`), kind);
    expect(await generate()).to.include({ status: 0 });
    expect(await read('schemas/types.json')).to.match(
      /"build",\s+"vulnerability-notice",\s+"rebuild-result"/,
    );
    expect(await read('docs/format.md')).to.match(
      /^\| `vulnerability-notice` +\| `urn:isal:predicate:vulnerability-notice:v1` +\| one with exactly the digests of `build.digest` +\|/m,
    );
    const page = await read('docs/attestations.md');
    const section = page.slice(page.indexOf(`\n## ${type}\n`), page.indexOf('\n## rebuild-result\n'));
    expect(section)
      .to.contain('Signed by vendor + supervisor. Subject: one with exactly the digests of `build.digest`.')
      .and.to.contain('Refused beyond single fields: a version that is its own mending.')
      .and.to.match(/^\| `mendedIn` +\| line +\| Version that is mended. +\|$/m);
  });

  it('does not compile without a rule for its subject, and compiles with it', async () => {
    const file = at('src/attestation/kinds', `${type}.ts`);
    await writeFile(file, kind.replace(rule, ''));
    const { status, stdout } = await compile();
    expect(status).not.to.equal(0);
    expect(stdout)
      .to.match(/vulnerability-notice\.ts.*\n?.*error TS/)
      .and.to.contain("'subject' is missing");
    await writeFile(file, kind);
    expect(await compile()).to.include({ status: 0, stdout: '' });
  });

  it('is written, checked, signed and recorded', async () => {
    await fine('init', 'ledger', '--origin', 'twelfth.example/log', '--no-post-quantum');
    const { serve } = (await import(
      at('dist/src/demo/child.js')
    )) as typeof import('../../src/demo/child.ts');
    server = await serve(at('ledger'), 0);
    await mkdir(at('desk'));
    await writeFile(at('desk/app'), 'MZ');
    const where = ['--url', server.url, '--trust', 'ledger/trust.json'];
    await fine('attest', 'new', type, '--file', 'desk/app', '--url', server.url, '--out', 'desk/n.json');
    const statement = JSON.parse(await read('desk/n.json')) as Notice;
    const write = (): Promise<void> => writeFile(at('desk/n.json'), JSON.stringify(statement));
    const linted = await fine('attest', 'lint', 'desk/n.json', '--json');
    expect(JSON.parse(linted)).to.deep.equal({
      ok: true,
      type,
      unfilled: ['build/leafHash', 'mendedIn', 'product', 'version'].map((field) => `/predicate/${field}`),
    });

    Object.assign(statement.predicate, { product: 'suite', version: '1', mendedIn: '1' });
    statement.predicate.build.leafHash = 'ab'.repeat(32);
    await write();
    expect((await isal('attest', 'lint', 'desk/n.json')).stderr)
      .to.match(/^ {2}at +\/predicate\/mendedIn$/m)
      .and.to.match(/^ {2}code +schema-violation/m);
    statement.predicate.mendedIn = '2';
    await write();
    await writeFile(
      at('desk/other.json'),
      JSON.stringify({ ...statement, subject: [{ digest: { sha256: 'ab'.repeat(32) } }] }),
    );
    expect((await isal('attest', 'lint', 'desk/other.json')).stderr).to.contain('subject-mismatch');

    await fine('attest', 'sign', 'desk/n.json', '--key', 'ledger/keys/vendor.pem', '--out', 'desk/n.dsse');
    expect((await isal('attest', 'submit', 'desk/n.dsse', ...where)).stderr).to.contain('missing-role');
    await fine('attest', 'cosign', 'desk/n.dsse', '--key', 'ledger/keys/supervisor.pem');
    expect(await fine('attest', 'submit', 'desk/n.dsse', ...where)).to.match(/Recorded +leaf 1 of 2/);
  });

  it('is found and shown', async () => {
    const where = ['--url', server?.url ?? '', '--trust', 'ledger/trust.json'];
    const byRef = ['--ref', 'ab'.repeat(32)];
    for (const filter of [['--type', type], ['--product', 'suite'], ['--source', 'notices'], byRef]) {
      const line = await fine('log', 'search', ...filter, ...where);
      expect(line, filter.join(' ')).to.match(/^ +1 +vulnerability-notice +suite 1 /);
    }
    expect(await fine('log', 'search', '--type', 'build', ...where)).to.equal('');
    const shown = await fine('log', 'entry', '1', ...where);
    expect(shown)
      .to.match(/Leaf +1, vulnerability-notice\n/)
      .and.to.match(/Product +suite 1\n/)
      .and.to.match(/Source +notices no\. 1,/)
      .and.to.contain('"mendedIn": "2"');
    expect(await fine('log', 'search', '--help')).to.contain(type);
    const { components } = (await (await fetch(`${server?.url ?? ''}/openapi.json`)).json()) as {
      components: { schemas: Record<string, object> };
    };
    expect(components.schemas).to.have.property('AttestedVulnerabilityNotice');
  });

  it('is watched for', async () => {
    const pinned = ['--trust', 'ledger/trust.json', '--url', server?.url ?? ''];
    await fine('monitor', 'init', 'monitor', ...pinned);
    const list = JSON.parse(await read('monitor/watch.json')) as { logs: { rules: object[] }[] };
    list.logs[0]?.rules.push({ alert: 'type', type, label: 'ours' }, { alert: 'product', product: 'suite' });
    await writeFile(at('monitor/watch.json'), JSON.stringify(list));
    const { status, stdout } = await isal('monitor', 'once', 'monitor', '--json');
    expect(status).to.equal(1);
    const findings = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; index?: number; labels?: string[] });
    expect(findings.find(({ kind: found }) => found === 'type')).to.deep.include({
      index: 1,
      labels: ['ours'],
    });
    expect(findings.find(({ kind: found }) => found === 'product')).to.include({ index: 1 });
    list.logs[0]?.rules.push({ alert: 'type', type: 'horoscope' });
    await writeFile(at('monitor/watch.json'), JSON.stringify(list));
    expect((await isal('monitor', 'once', 'monitor')).stderr).to.contain('malformed-watch');
  });
});
