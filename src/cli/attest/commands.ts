/** `isal attest`, described. */
import { command } from '../terminal/command.ts';
import type { Family } from '../terminal/command.ts';

export const described = {
  new: {
    line: 'write a statement to fill in',
    positionals: [{ name: 'TYPE', text: 'what it states', choices: 'types' }],
    options: {
      file: { value: 'FILE', complete: 'file', text: 'its subject: name and digests of FILE' },
      target: { value: 'LEAFHASH', text: 'the leaf hash of the entry that a correction is of' },
      out: { like: 'out', text: 'where to write the statement', unset: 'standard output' },
      trust: { like: 'trust to ask' },
      url: { like: 'url to ask' },
      source: { like: 'source', unset: 'the usual one for the type' },
    },
    shared: ['seq', 'origin', 'authority'],
    notes: [
      'A ledger is asked with --url or --trust, for its origin, the authority document in force and the next number of the source. Without one, --origin, --authority and --seq say them.',
      'What the template cannot know stands in capitals. Replace it before anybody signs: what is recorded cannot be changed.',
    ],
    statuses: [0, 1, 3, 4, 5],
    examples: [
      {
        run: 'isal attest new build --file setup.bin --trust trust.json --out build.json',
        shows: 'a build of setup.bin, with the next number of its source',
      },
      {
        run: 'isal attest new residency --origin example.com/my-ledger --seq 1',
        shows: 'to standard output, with no ledger asked',
      },
    ],
  },
  lint: {
    line: 'check a statement before anybody signs it',
    positionals: [{ name: 'FILE', text: 'a statement, or an envelope around one', complete: 'file' }],
    shared: ['json'],
    notes: ['Who may sign it, only the authority document of a ledger tells.'],
    statuses: [0, 1, 4],
    examples: [{ run: 'isal attest lint build.json', shows: 'is it well-formed, and what does it say?' }],
  },
  sign: {
    line: 'sign a statement; the envelope goes to the next signer',
    positionals: [{ name: 'STATEMENT', text: 'a statement', complete: 'file' }],
    options: { out: { like: 'out', text: 'where to write the envelope', unset: 'STATEMENT.dsse.json' } },
    shared: ['key', 'readable-keys', 'json'],
    notes: [
      'Keys are Ed25519 in PKCS#8 PEM, mode 0600: openssl genpkey -algorithm ed25519 -out KEY.pem',
      '--out - writes to standard output.',
    ],
    statuses: [0, 1, 4],
    examples: [
      {
        run: 'isal attest sign build.json --key builder.pem',
        shows: 'shows what is signed, and writes build.dsse.json',
      },
    ],
  },
  cosign: {
    line: 'show what others signed, and add a signature',
    positionals: [{ name: 'ENVELOPE', text: 'an envelope that others have signed', complete: 'file' }],
    options: { out: { like: 'out', text: 'where to write the envelope', unset: 'ENVELOPE itself' } },
    shared: ['key', 'readable-keys', 'json'],
    notes: ['--out - writes to standard output.'],
    statuses: [0, 1, 4],
    examples: [
      { run: 'isal attest cosign build.dsse.json --key supervisor.pem', shows: 'the second signature' },
    ],
  },
  submit: {
    line: 'record an envelope; its proof is checked before it is believed',
    positionals: [{ name: 'ENVELOPE', text: 'an envelope with all its signatures', complete: 'file' }],
    options: { out: { like: 'out', text: 'where to write the proof', unset: 'ENVELOPE.tlog-proof' } },
    shared: ['trust', 'url', 'json'],
    notes: ['--out - writes to standard output.'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      {
        run: 'isal attest submit release.dsse.json --trust trust.json',
        shows: 'recorded once, however often it is sent',
      },
    ],
  },
  rebuild: {
    line: 'compare a rebuilt artefact with the published one',
    positionals: [
      { name: 'ORIGINAL', text: 'the published artefact', complete: 'file' },
      { name: 'CANDIDATE', text: 'the rebuilt artefact', complete: 'file' },
    ],
    options: {
      out: { like: 'out', text: 'write the rebuild-result too, a statement to sign' },
      build: { value: 'LEAFHASH', text: 'leaf hash of the build that published ORIGINAL' },
      environment: {
        value: 'FILE',
        complete: 'file',
        text: 'description of where CANDIDATE was built: an image, a list of packages',
      },
      from: { value: 'TEXT', text: 'who built CANDIDATE, from what, on what' },
      independence: {
        value: 'KIND',
        choices: ['independent', 'vendor-toolchain', 'vendor-machines', 'vendor'],
        text: 'what CANDIDATE shares with the vendor',
      },
      limitation: { value: 'TEXT', list: 'repeated', text: 'what the rebuild could not do' },
      trust: { like: 'trust to ask' },
      url: { like: 'url to ask' },
      source: { like: 'source', unset: 'rebuilds' },
    },
    shared: ['seq', 'origin', 'authority', 'json'],
    notes: ['--out needs --build, --environment, --from and --independence.'],
    statuses: [0, 1, 3, 4, 5],
    meanings: { 0: 'identical, or equivalent after what is evened out', 1: 'different' },
    examples: [
      { run: 'isal attest rebuild setup.bin rebuilt.bin', shows: 'byte for byte the same' },
      { run: 'isal attest rebuild setup.bin other.bin', shows: 'where they differ', status: 1 },
    ],
  },
  snapshot: {
    line: 'the manifest of a source tree, with its git tree',
    positionals: [
      {
        name: 'DIR',
        text: 'all files of DIR, without .git; with --commit, a git repository',
        complete: 'directory',
      },
    ],
    options: {
      commit: { value: 'REV', text: 'the files of this commit instead; needs the git program' },
      manifest: {
        value: 'FILE',
        complete: 'file',
        text: 'keep the manifest there: it goes into escrow with the source',
      },
      out: { like: 'out', text: 'write the source-snapshot too, a statement to sign' },
      product: { value: 'NAME', text: 'the product' },
      version: { value: 'VERSION', text: 'its version' },
      site: { value: 'SITE', text: 'where the source lies in escrow' },
      country: { value: 'CC', text: 'the country of that site' },
      kind: {
        value: 'KIND',
        choices: ['product', 'cloud', 'rules', 'build-scripts'],
        default: 'product',
        text: 'what the source is of',
      },
      trust: { like: 'trust to ask' },
      url: { like: 'url to ask' },
      source: { like: 'source', unset: 'source-escrow' },
    },
    shared: ['seq', 'origin', 'authority', 'json'],
    notes: ['--out needs --manifest, --product, --version, --site and --country.'],
    statuses: [0, 1, 3, 4, 5],
    examples: [
      {
        run: 'isal attest snapshot source --manifest source.manifest',
        shows: 'the manifest, and its digest',
      },
      {
        run: 'isal attest snapshot source --manifest source.manifest --product setup --version 1.0 --site Vault --country CH --trust trust.json --out snapshot.json',
        shows: 'the statement for the escrow, too',
      },
    ],
  },
  seal: {
    line: 'put an electronic seal over a file into a statement, once it is checked',
    positionals: [{ name: 'STATEMENT', text: 'a build or a database-update', complete: 'file' }],
    options: {
      file: { value: 'FILE', complete: 'file', text: 'the file that the seal is over', required: true },
      cms: { value: 'SEAL', complete: 'file', text: 'the seal (CMS), DER or PEM', required: true },
      timestamp: {
        value: 'TSR',
        complete: 'file',
        text: 'its time-stamp (RFC 3161), unless that stands in the seal',
      },
      out: { like: 'out', text: 'where to write the statement', unset: 'STATEMENT itself' },
    },
    shared: ['seal-anchors', 'timestamp-anchors', 'crl', 'json'],
    notes: ['With --seal-anchors or --timestamp-anchors, a seal that leads to none of them is refused.'],
    statuses: [0, 1, 2, 4],
    meanings: { 2: 'the seal leads to none of the certificates that are named' },
    examples: [
      {
        run: 'isal attest seal sealed.json --file sealed.bin --cms seal.p7s --timestamp seal.tsr',
        shows: 'with its time-stamp; whom the seal leads to is left to verifiers',
      },
    ],
  },
} as const;

export const attest: Family = {
  name: 'attest',
  line: 'write a statement, check it, sign it, record it',
  notes: ['Files go between the signers: new writes a statement, sign and cosign make an envelope of it.'],
  commands: [
    command('new', described.new, async () => (await import('./attest.ts')).create),
    command('lint', described.lint, async () => (await import('./attest.ts')).lint),
    command('sign', described.sign, async () => (await import('./attest.ts')).sign),
    command('cosign', described.cosign, async () => (await import('./attest.ts')).cosign),
    command('submit', described.submit, async () => (await import('./attest.ts')).submit),
    command('rebuild', described.rebuild, async () => (await import('./rebuild.ts')).rebuild),
    command('snapshot', described.snapshot, async () => (await import('./snapshot.ts')).snapshot),
    command('seal', described.seal, async () => (await import('./seal.ts')).seal),
  ],
};
