/** Commands that ask the ledger of the fixture, or a static copy of its tree. */
import { restingWitness } from '../place.ts';
import { artefact, ask, bundle, placeOf, plain, trustFile } from './asking.ts';
import type { Asked, Command, Contents } from './asking.ts';

/** Of each kind one; what a bundle of the fixture is about is judged by that. */
const judged: readonly string[] = [
  'plain.bin',
  'whole.bin',
  'overview.bin',
  'refused.bin',
  'inconclusive.bin',
  'deviation.bin',
  'two-sources.bin',
  'remote.bin',
  'late-source.bin',
  'other-product.bin',
  'by-commit.bin',
  'pair-b.bin',
  'twice.bin',
  'mismatch.bin',
  'astray.bin',
  'unrecorded.bin',
  'review-corrected.bin',
  'snapshot-corrected.bin',
  'correction-corrected.bin',
  'rebuild-retracted.bin',
  'retracted-twice.bin',
  'stolen-rebuild.bin',
  'new-key.bin',
  'threats-14.db',
  'threats-16.db',
  'threats-linux-3.db',
  'patched-2.db',
  'swapped-3.db',
  'regions-2.db',
  'corrected-3.db',
  'forked-4.db',
  'skipped-4.db',
  'twice-begun-12.db',
  'other-state-2.db',
  'other-version-2.db',
  'incomparable-2.db',
  'two-states-2.db',
  'back-to-recorded-2.db',
  'back-to-unrecorded-9.db',
  'back-to-unrecorded-5.db',
  'back-to-unrecorded-6.db',
];

export function onlineCommands(): Command[] {
  const online = (file: string, more: readonly string[] = [], asked: Asked = {}): Command =>
    ask(['verify', artefact(file), '--url', '{url}', '--out', '{out}/bundle', ...more], asked);
  const proof = (name: string): readonly string[] => ['--proof', `{dir}/proofs/${name}.tlog-proof`];
  return [
    ...judged.map((name) => online(name)),
    online('build-corrected.bin', proof('build-whole.bin')),
    online('whole.bin', proof('build-whole.bin')),
    online('plain.bin', proof('plain-early')),
    online('whole.bin', ['--require', 'source,review=full,rebuild=independent,country=CH']),
    online('refused.bin', ['--require', 'source']),
    online('refused.bin', ['--require', 'review']),
    online('refused.bin', ['--require', 'rebuild']),
    online('inconclusive.bin', ['--require', 'rebuild=independent']),
    online('two-sources.bin', ['--require', 'review=full']),
    online('whole.bin', ['--max-age', '3600']),
    online('whole.bin', ['--max-age', '60']),
    ...[
      'post-quantum.json',
      'max-age.json',
      'short-age.json',
      'larger-size.json',
      'another-genesis.json',
    ].map((trust) => online('whole.bin', [], { trust })),
    online('sealed.bin', [], { trust: 'seals.json' }),
    ask(['verify', artefact('plain.bin'), '--url', '{url}']),
    ask(['verify', artefact('plain.bin'), '--offline']),
    online('whole.bin', [], { output: 'text' }),
    online('unrecorded.bin', [], { output: 'text' }),
    ask(['verify', artefact('whole.bin'), '--url', restingWitness]),
  ];
}

export function replayCommands(): Command[] {
  const names = [
    'whole.bin',
    'unrecorded.bin',
    'retracted-twice.bin',
    'stolen-rebuild.bin',
    'corrected-2.db',
    'forked-4.db',
    'swapped-3.db',
    'skipped-4.db',
    'twice-begun-12.db',
    'incomparable-2.db',
    'back-to-recorded-2.db',
    // Called proven in spite of a rollback to a state that no leaf records, which `update chain` does not.
    'back-to-unrecorded-9.db',
    'back-to-unrecorded-5.db',
    'back-to-unrecorded-6.db',
  ];
  const replayed = (file: string, more: readonly string[] = [], asked: Asked = {}): Command =>
    ask(['verify', artefact(file), '--replay', '--url', '{url}', '--out', '{out}/bundle', ...more], asked);
  const broken = (file: string): Command =>
    ask(['verify', artefact(file), '--replay', '--url', '{broken}', '--out', '{out}/bundle']);
  return [
    ...names.map((name) => replayed(name)),
    replayed('back-to-unrecorded-6.db', ['--require', 'chain'], { output: 'text' }),
    replayed('sealed.bin', [], { trust: 'seals.json' }),
    broken('broken-good.bin'),
    broken('broken-alone.bin'),
  ];
}

export function bundleGetCommands(): Command[] {
  const get = (what: string, out = '{out}/got.isal-bundle'): Command =>
    ask(['bundle', 'get', what, '--url', '{url}', '--out', out]);
  const names = ['correction-corrected.bin', 'back-to-unrecorded-6.db'];
  return [
    ...names.flatMap((name) => [
      get(artefact(name), `{out}/${name}.isal-bundle`),
      ask(['verify', artefact(name), '--bundle', `{out}/${name}.isal-bundle`]),
    ]),
    ask(['bundle', 'inspect', '{out}/correction-corrected.bin.isal-bundle']),
    get(artefact('unrecorded.bin')),
    get('0'),
    get('40'),
    get('100000'),
    get(`sha256:${'0'.repeat(64)}`),
  ];
}

export function proofCommands(contents: Contents): Command[] {
  const { leafHash } = placeOf(contents, 'build whole.bin');
  const online = ['--url', '{url}'];
  const consistency = (from: number, ...to: readonly string[]): Command =>
    ask(['proof', 'consistency', '--from', `${from}`, ...to, ...online]);
  return [
    ...[40, 4711].map((index) => ask(['proof', 'inclusion', '--index', `${index}`, ...online])),
    ask(['proof', 'inclusion', '--leaf', leafHash, ...online]),
    ask(['proof', 'inclusion', '--leaf', '0'.repeat(64), ...online]),
    ...[1, 256].map((from) => consistency(from)),
    consistency(17, '--to', '256'),
    consistency(17, '--to', '4711'),
  ];
}

export function logCommands(contents: Contents): Command[] {
  const { leafHash } = placeOf(contents, 'build build-corrected.bin');
  const { places } = contents;
  const online = ['--url', '{url}'];
  const log = (argv: readonly string[], asked: Asked = {}): Command =>
    ask(['log', ...argv, ...online], asked);
  const search = (...filters: readonly string[]): Command => log(['search', ...filters], { output: 'lines' });
  const labels = [
    'snapshot whole.bin',
    'review findings.bin',
    'build deviation.bin',
    'rebuild findings.bin',
    'update patched-2.db',
    'access access 3',
    'summary access 1',
    'residency 13',
    'statement 1',
    'correction of build correction-corrected.bin',
  ];
  const reviewed = placeOf(contents, 'snapshot whole.bin');
  return [
    log(['checkpoint']),
    log(['checkpoint'], { trust: 'short-age.json' }),
    log(['checkpoint'], { trust: 'all-witnesses.json' }),
    log(['checkpoint', '--raw'], { output: 'text' }),
    ...['2026-11-12T00:00:00Z', '2026-11-01T00:00:00Z'].map((at) => log(['checkpoint', '--at', at])),
    ...labels.map((label) => log(['entry', `${places[label]?.index ?? 0}`])),
    log(['entry', leafHash]),
    log(['entry', '4711']),
    log(['entry', `${places['build build-corrected.bin']?.index ?? 0}`], { output: 'text' }),
    search('--type', 'correction'),
    search('--type', 'authority'),
    search('--type', 'build', '--limit', '5', '--after', '20'),
    search('--product', 'sealed setup'),
    search('--family', 'chains', '--limit', '3'),
    search('--source', 'access-2'),
    search('--ref', reviewed.leafHash),
    search('--signer', contents.stolen),
    search('--subject', `sha256:${'0'.repeat(64)}`),
    ask(['log', 'export', '--out', '{out}/leaves.jsonl', ...online]),
    ...['{export}', '{broken}'].map((url) => ask(['log', 'fsck', url])),
    ask(['log', 'fsck', '{broken}'], { output: 'text' }),
  ];
}

export function updateCommands(): Command[] {
  const online = ['--url', '{export}'];
  const show = (...what: readonly string[]): Command => ask(['update', 'show', ...what, ...online]);
  return [
    ask(['update', 'chain', 'threats', ...online]),
    // Every short chain, broken or whole, each for a platform of its own.
    ask(['update', 'chain', 'chains', ...online]),
    ask(['update', 'chain', 'chains', '--platform', 'back-to-unrecorded', ...online]),
    ask(['update', 'chain', 'no-such-family', ...online]),
    ask(['update', 'chain', 'broken', '--url', '{broken}']),
    show('threats', '2026.14', '--platform', 'any'),
    // The chain of each of these has another mark in `verify --replay`.
    show(artefact('corrected-2.db')),
    show(artefact('forked-4.db')),
    show(artefact('swapped-3.db')),
    show(artefact('back-to-unrecorded-6.db')),
  ];
}

export function regionCommands(): Command[] {
  const online = ['--url', '{export}'];
  return [
    ask(['region', 'status', ...online]),
    ask(['region', 'status', ...online, '--as-of', '2020-05-01T00:00:00Z']),
  ];
}

export function accessCommands(contents: Contents): Command[] {
  const online = ['--url', '{export}'];
  const { index } = placeOf(contents, 'access access 1');
  const corrected = placeOf(contents, 'access access 3');
  const firstDay = ['--from', '2026-11-01T00:00:00Z', '--to', '2026-11-02T00:00:00Z'];
  const open = (file: string, at: number): Command =>
    ask(['access', 'open', `{dir}/disclosures/${file}`, '--index', `${at}`, '--url', '{url}']);
  return [
    ask(['access', 'summary', ...online]),
    ask(['access', 'summary', '--source', 'access', ...firstDay, ...online]),
    ask(['access', 'summary', ...online], { trust: 'no-witnesses.json' }),
    open('detail.txt', index),
    open('another.txt', index),
    open('detail.txt', corrected.index),
  ];
}

export function authorityCommands(): Command[] {
  const online = ['--url', '{url}'];
  return [
    ask(['authority', 'show', ...online]),
    ask(['authority', 'show', ...online, '--out', '{out}/chain.isal-bundle']),
    ask(['authority', 'show', '--bundle', '{out}/chain.isal-bundle']),
    ask(['authority', 'show', '--bundle', bundle('early/plain.bin')]),
    ask(['authority', 'show', '{dir}/envelopes/authority.dsse.json', '--bundle', bundle('early/plain.bin')]),
    ask(['authority', 'show', ...online], { output: 'text' }),
  ];
}

export function monitorCommands(): Command[] {
  const init = (directory: string, url: string): Command =>
    plain(['monitor', 'init', directory, '--trust', trustFile('trust.json'), '--url', url]);
  return [
    plain(['monitor', 'status', '{dir}/monitor'], 'json'),
    plain(['monitor', 'once', '{dir}/monitor'], 'lines'),
    plain(['monitor', 'status', '{dir}/monitor'], 'json'),
    plain(['monitor', 'once', '{dir}/monitor'], 'lines'),
    init('{out}/monitor', '{export}'),
    plain(['monitor', 'once', '{out}/monitor'], 'lines'),
    init('{out}/monitor-broken', '{broken}'),
    plain(['monitor', 'once', '{out}/monitor-broken'], 'lines'),
    plain(['monitor', 'status', '{out}/monitor-broken'], 'json'),
  ];
}
