/** Commands that ask nobody: files of the fixture, and a store that nobody serves yet. */
import { artefact, ask, bundle, placeOf, plain } from './asking.ts';
import type { Command, Contents } from './asking.ts';

export function storeCommands({ event }: Contents): Command[] {
  const key = ['--key', '{dir}/vault/vault.key'];
  return [
    plain(['log', 'fsck', '{dir}/ledger'], 'json'),
    ask(['log', 'fsck', '{dir}/ledger'], { trust: 'post-quantum.json' }),
    ask(['log', 'fsck', '{dir}/ledger'], { trust: 'larger-size.json' }),
    plain(['witness', 'show', '{dir}/witness-1']),
    plain(['witness', 'show', '{dir}/witness-2', '--url', 'https://w2.example']),
    plain(['access', 'vault', 'get', '{dir}/vault/db', ...key, '--record', event]),
    plain(['access', 'vault', 'get', '{dir}/vault/db', ...key, '--record', '0'.repeat(64)]),
  ];
}

/** The file that a bundle of the fixture is about. */
function aboutFile(name: string): string {
  if (name.startsWith('sealed-')) return 'sealed.bin';
  const files: Readonly<Record<string, string>> = {
    'build-alone': 'whole.bin',
    'without-review': 'whole.bin',
    'everything-but-the-file': 'whole.bin',
    'without-correction': 'build-corrected.bin',
    'without-authority': 'threats-16.db',
    'with-authority': 'threats-16.db',
    'second-beginning-alone': 'twice-begun-12.db',
    'fork-without-the-other': 'forked-3.db',
    'step-left-out': 'threats-4.db',
  };
  return files[name] ?? (/^[0-9]+$/.test(name) ? 'mismatch.bin' : name);
}

export function bundleCommands({ bundles, parts, early }: Contents): Command[] {
  const judge = (name: string, file: string, more: readonly string[] = []): Command =>
    ask(['verify', artefact(file), '--bundle', bundle(name), ...more]);
  const ofSeals = (name: string): boolean => name.startsWith('sealed-');
  return [
    ...bundles.map((name) => judge(name, aboutFile(name))),
    ...parts.filter((name) => !ofSeals(name)).map((name) => judge(`parts/${name}`, aboutFile(name))),
    ...early.map((name) => judge(`early/${name}`, name)),
    judge('whole.bin', 'unrecorded.bin'),
    judge('whole.bin', 'findings.bin'),
    judge('threats-4.db', 'threats-3.db'),
    judge('threats-4.db', 'threats-1.db'),
    judge('back-to-unrecorded-6.db', 'back-to-unrecorded-9.db'),
    judge('back-to-recorded-6.db', 'back-to-recorded-2.db'),
    judge('whole.bin', 'whole.bin', ['--offline']),
    judge('whole.bin', 'whole.bin', ['--max-age', '3600']),
    judge('whole.bin', 'whole.bin', ['--max-age', '60']),
    judge('whole.bin', 'whole.bin', ['--proof', '{dir}/proofs/build-whole.bin.tlog-proof']),
    judge('nowhere', 'whole.bin'),
    judge('whole.bin', 'nowhere.bin'),
    ask(['verify', artefact('whole.bin'), '--offline']),
    ...['whole.bin', 'own-people.bin', 'retracted-twice.bin', 'threats-16.db'].map((name) =>
      ask(['verify', artefact(name), '--bundle', bundle(name)], { output: 'text' }),
    ),
    ask(['verify', artefact('back-to-unrecorded-6.db'), '--bundle', bundle('back-to-unrecorded-6.db')], {
      output: 'text',
    }),
  ];
}

export function requireCommands(): Command[] {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'whole.bin': [
      'source,review=full,rebuild=independent,country=CH,presence=onsite',
      'review=full,review=no-findings,rebuild=identical',
      'country=DE',
      'presence=remote',
      'chain',
      'seal',
      'corrections',
      'revocations',
      'nothing',
    ],
    'findings.bin': ['review=targeted', 'review=full', 'review=no-findings', 'rebuild=identical'],
    'differs.bin': ['rebuild'],
    'own-people.bin': ['review=full', 'rebuild=independent'],
    'twice.bin': ['source,review=full,rebuild'],
    'threats-4.db': ['chain,source', 'review=full', 'presence=onsite'],
    'back-to-recorded-6.db': ['chain'],
    'back-to-unrecorded-6.db': ['chain'],
  };
  return Object.entries(cases).flatMap(([name, lists]) =>
    lists.map((list) => ask(['verify', artefact(name), '--bundle', bundle(name), '--require', list])),
  );
}

export function sealCommands({ parts }: Contents): Command[] {
  const sealed = parts.filter((name) => name.startsWith('sealed-'));
  const judge = (name: string, trust: string, more: readonly string[] = []): Command =>
    ask(['verify', artefact('sealed.bin'), '--bundle', bundle(`parts/${name}`), ...more], { trust });
  const lists = ['issuing', 'root', 'tsa-root'].flatMap((name) => ['--crl', `{dir}/seals/${name}.crl`]);
  const sealAnchors = ['--seal-anchors', '{dir}/seals/root.pem'];
  const timestampAnchors = ['--timestamp-anchors', '{dir}/seals/tsa-root.pem'];
  return [
    ...sealed.map((name) => judge(name, 'seals.json')),
    ...['good', 'revoked', 'revoked-later'].map((name) => judge(`sealed-${name}`, 'seals.json', lists)),
    judge('sealed-good', 'trust.json'),
    judge('sealed-good', 'other-organisation.json', lists),
    judge('sealed-good', 'trust.json', [...sealAnchors, ...timestampAnchors]),
    judge('sealed-good', 'trust.json', timestampAnchors),
    judge('sealed-good', 'trust.json', ['--seal-anchors', '{dir}/seals/stranger.pem']),
    judge('sealed-good', 'seals.json', ['--require', 'seal']),
    judge('sealed-good', 'trust.json', ['--require', 'seal']),
    judge('sealed-good', 'seals.json', ['--crl', '{dir}/seals/root.pem']),
  ];
}

export function trustCommands({ trust }: Contents): Command[] {
  const others = trust.filter((name) => name !== 'trust.json');
  return [
    ...others.map((name) =>
      ask(['verify', artefact('threats-16.db'), '--bundle', bundle('threats-16.db')], { trust: name }),
    ),
    ...['larger-size.json', 'all-witnesses.json', 'another-key.json', 'pinned-newest.json'].map((name) =>
      ask(['verify', artefact('whole.bin'), '--bundle', bundle('parts/build-alone')], { trust: name }),
    ),
    ask(['verify', artefact('plain.bin'), '--bundle', bundle('early/plain.bin')], {
      trust: 'all-witnesses.json',
    }),
    ask(['verify', artefact('plain.bin'), '--bundle', bundle('early/plain.bin')], {
      trust: 'pinned-newest.json',
    }),
    ask(['proof', 'inspect', '{dir}/proofs/build-plain.bin.tlog-proof'], { trust: 'policy.txt' }),
    plain(['verify', artefact('whole.bin'), '--bundle', bundle('whole.bin')]),
  ];
}

export function damagedCommands({ damaged }: Contents): Command[] {
  return damaged.flatMap((name) => [
    ask(['verify', artefact('broken-good.bin'), '--bundle', bundle(`damaged/${name}`)]),
    ask(['bundle', 'inspect', bundle(`damaged/${name}`)]),
  ]);
}

export function inspectCommands(): Command[] {
  const names = [
    'correction-corrected.bin',
    'back-to-unrecorded-6.db',
    'parts/build-alone',
    'parts/second-beginning-alone',
    'parts/sealed-good',
  ];
  return [
    ...names.map((name) => ask(['bundle', 'inspect', bundle(name)])),
    ask(['bundle', 'inspect', bundle('whole.bin')], { output: 'text' }),
    ask(['bundle', 'inspect', '{dir}/proofs/build-plain.bin.tlog-proof']),
  ];
}

export function proofFileCommands(contents: Contents): Command[] {
  const { proofs, damagedProofs } = contents;
  const file = (name: string): string => `{dir}/proofs/${name}.tlog-proof`;
  const all = [...proofs, ...damagedProofs.map((name) => `damaged/${name}`)];
  const { leafHash } = placeOf(contents, 'build plain.bin');
  return [
    ...all.map((name) => ask(['proof', 'inspect', file(name)])),
    ask(['proof', 'inspect', file('damaged/no-leaf'), '--leaf', leafHash]),
    ask(['proof', 'inspect', file('build-whole.bin'), '--leaf', leafHash]),
    ask(['proof', 'inspect', file('plain-early'), '--max-age', '3600']),
    ...all.map((name) => ask(['verify', artefact('plain.bin'), '--proof', file(name), '--offline'])),
    ask(['verify', artefact('whole.bin'), '--proof', file('build-whole.bin'), '--offline']),
  ];
}

export function evidenceCommands({ evidence, kept }: Contents): Command[] {
  const file = (name: string): string => `{dir}/evidence/${name}`;
  return [
    ...evidence.map((name) => ask(['verify', '--evidence', file(name)])),
    ask(['verify', '--evidence', `{dir}/ledger/evidence/${kept}`]),
    ask(['verify', '--evidence', file('fork.json')], { trust: 'another-key.json' }),
    ask(['verify', '--evidence', file('unauthorised.json')], { trust: 'another-genesis.json' }),
    ask(['verify', '--evidence', file('rollback.json')], { trust: 'no-witnesses.json' }),
    ask(['verify', '--evidence', bundle('whole.bin')]),
    ask(['verify', '--evidence', file('fork-by-witnesses.json')], { output: 'text' }),
    ask(['verify', '--evidence', file('no-fork.json')], { output: 'text' }),
  ];
}

export function lintCommands({ statements, badStatements, envelopes }: Contents): Command[] {
  return [
    ...statements.map((name) => plain(['attest', 'lint', `{dir}/statements/${name}`], 'json')),
    ...envelopes.map((name) => plain(['attest', 'lint', `{dir}/envelopes/${name}`], 'json')),
    ...badStatements.map((name) => plain(['attest', 'lint', `{dir}/statements/bad/${name}`])),
    plain(['attest', 'lint', '{dir}/statements/build.json']),
    plain(['attest', 'lint', bundle('whole.bin')]),
  ];
}

export function explainCommands({ evidence }: Contents): Command[] {
  return [
    bundle('whole.bin'),
    '{dir}/proofs/build-plain.bin.tlog-proof',
    '{dir}/trust/seals.json',
    '{dir}/trust/policy.txt',
    '{dir}/export/checkpoint',
    '{dir}/envelopes/build.dsse.json',
    '{dir}/statements/build.json',
    '{dir}/monitor/watch.json',
    '{dir}/ledger/config.json',
    '{dir}/disclosures/detail.txt',
    ...evidence.slice(0, 2).map((name) => `{dir}/evidence/${name}`),
  ].map((file) => plain(['explain', file]));
}
