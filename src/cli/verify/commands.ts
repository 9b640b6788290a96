/** `isal verify`, `isal bundle` and `isal proof`, described. */
import { command } from '../terminal/command.ts';
import type { Command, Family } from '../terminal/command.ts';

export const described = {
  verify: {
    line: 'is this file recorded and supervised?',
    positionals: [{ name: 'FILE', text: 'the file to check', complete: 'file', unless: 'evidence' }],
    options: {
      bundle: {
        value: 'BUNDLE',
        complete: 'file',
        text: 'judge by this .isal-bundle (a proof bundle), with no network',
      },
      proof: {
        value: 'PROOF',
        complete: 'file',
        text: 'judge by this .tlog-proof; what it lacks is asked of the ledger',
      },
      offline: {
        text: 'open no socket; without --bundle or --proof, the proofs are taken from FILE.isal-bundle',
      },
      evidence: {
        value: 'EVIDENCE',
        complete: 'file',
        text: 'judge an evidence file against a log, a signer or witnesses by the trust file alone; 0 means that it holds',
      },
      replay: { text: 'read the whole log, so that what is not there is proven too' },
      require: {
        value: 'LIST',
        list: 'commas',
        words: [
          'source',
          'review',
          'review=overview',
          'review=targeted',
          'review=full',
          'review=no-findings',
          'rebuild',
          'rebuild=identical',
          'rebuild=independent',
          'chain',
          'country=',
          'presence=onsite',
          'presence=remote',
          'presence=automated',
          'seal',
          'corrections',
          'revocations',
        ],
        text: 'refuse a file that lacks one of these: source, review[=overview|targeted|full|no-findings], rebuild[=identical|independent], chain, country=CC, presence=onsite|remote|automated, seal, corrections, revocations (the last two need --replay)',
      },
      out: { like: 'out', text: 'where to save the proof bundle', unset: 'FILE.isal-bundle' },
    },
    shared: ['trust', 'url', 'max-age', 'seal-anchors', 'timestamp-anchors', 'crl', 'json'],
    notes: [
      'The answer comes hop by hop. The proofs that it rests on are saved beside the file, and verify offline from then on.',
    ],
    marked: true,
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal verify setup.bin', shows: 'ask the ledger, and save the proofs beside the file' },
      {
        run: 'isal verify setup.bin --trust trust.json --offline',
        shows: 'the same again, with no network',
      },
      {
        run: 'isal verify setup.bin --require country=CH,presence=automated --replay',
        shows: 'refuse a file that was built elsewhere or otherwise; read the whole log',
      },
      {
        run: 'isal verify --evidence evidence.json',
        shows: 'does this file prove that one number was used twice?',
      },
    ],
  },
  bundleGet: {
    line: 'fetch all that an answer rests on, verify it, save it',
    positionals: [
      { name: 'WHAT', text: 'a file, sha256:HEX, sha512:HEX, or the index of an entry', complete: 'file' },
    ],
    options: { out: { like: 'out', text: 'where to save the proof bundle', unset: 'WHAT.isal-bundle' } },
    shared: ['trust', 'url', 'json'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal bundle get setup.bin', shows: 'saves setup.bin.isal-bundle' },
      { run: 'isal bundle get 1 --out first.isal-bundle', shows: 'about the entry at index 1' },
    ],
  },
  bundleInspect: {
    line: 'verify a proof bundle, list what is in it, judge it hop by hop',
    positionals: [{ name: 'BUNDLE', text: 'an .isal-bundle', complete: 'file' }],
    shared: ['trust', 'json'],
    statuses: [0, 1, 3, 4],
    examples: [
      {
        run: 'isal bundle inspect setup.bin.isal-bundle',
        shows: 'without the file that it is about, and without a network',
      },
    ],
  },
  proofInclusion: {
    line: 'the entry is in the tree of the newest checkpoint',
    options: {
      trust: { like: 'trust or policy' },
      out: { like: 'out', text: 'save the .tlog-proof there' },
    },
    shared: ['index', 'leaf', 'url', 'max-age', 'json'],
    oneOf: ['index', 'leaf'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      {
        run: 'isal proof inclusion --index 1 --out entry.tlog-proof',
        shows: 'prove entry 1, keep the proof',
      },
    ],
  },
  proofConsistency: {
    line: 'a later tree extends an earlier one: nothing changed, nothing dropped',
    options: {
      from: { value: 'N', text: 'the size of the earlier tree', required: true },
      to: { value: 'N', text: 'the size of the later tree', unset: 'that of the newest checkpoint' },
      trust: { like: 'trust or policy' },
    },
    shared: ['url', 'max-age', 'json'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal proof consistency --from 1', shows: 'today’s tree extends the tree of size 1' },
      { run: 'isal proof consistency --from 1 --to 2', shows: 'and so does the tree of size 2' },
    ],
  },
  proofInspect: {
    line: 'verify a .tlog-proof, and show what it proves',
    positionals: [{ name: 'PROOF', text: 'a .tlog-proof', complete: 'file' }],
    options: {
      leaf: { like: 'leaf', text: 'the leaf hash that it is of, for a proof that does not carry its leaf' },
      trust: { like: 'trust or policy' },
    },
    shared: ['max-age', 'json'],
    statuses: [0, 1, 3, 4],
    examples: [{ run: 'isal proof inspect entry.tlog-proof', shows: 'with no network' }],
  },
} as const;

export const verify: Command = command(
  'verify',
  described.verify,
  async () => (await import('./verify.ts')).run,
);

export const bundle: Family = {
  name: 'bundle',
  line: 'everything an answer rests on, in one file',
  commands: [
    command('get', described.bundleGet, async () => (await import('./bundle.ts')).get),
    command('inspect', described.bundleInspect, async () => (await import('./bundle.ts')).inspect),
  ],
};

export const proof: Family = {
  name: 'proof',
  line: 'what the tree itself proves',
  commands: [
    command('inclusion', described.proofInclusion, async () => (await import('./proof.ts')).inclusion),
    command('consistency', described.proofConsistency, async () => (await import('./proof.ts')).consistency),
    command('inspect', described.proofInspect, async () => (await import('./proof.ts')).inspect),
  ],
};
