/** `isal authority`, described. */
import { command } from '../terminal/command.ts';
import type { Family } from '../terminal/command.ts';

export const described = {
  show: {
    line: 'the authority document in force, its chain proven',
    positionals: [
      {
        name: 'DOCUMENT',
        text: 'show what this proposal, signed or not, changes',
        complete: 'file',
        optional: true,
      },
    ],
    options: {
      out: { like: 'out', text: 'save the proven chain, for machines without a network' },
      bundle: { like: 'bundle', text: 'the proven chain from this file, with no network' },
    },
    shared: ['trust', 'url', 'json'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal authority show --out authority.isal-bundle', shows: 'roots, signers, rules, revocations' },
      {
        run: 'isal authority show proposal.json --bundle authority.isal-bundle',
        shows: 'what a proposal changes, with no network',
      },
    ],
  },
  propose: {
    line: 'write the next document, to be edited and signed',
    options: {
      'add-signer': {
        value: "'NAME;ORGANISATION;ROLE,…;SOURCE,…;KEY'",
        list: 'repeated',
        text: 'a signer, with its roles and sources, either of which may be left empty',
      },
      'remove-signer': { value: 'KEYID', list: 'repeated', text: 'the signer with this key' },
      'add-root': { value: 'KEY', list: 'repeated', text: 'a root key' },
      'remove-root': { value: 'KEYID', list: 'repeated', text: 'the root key with this id' },
      threshold: { value: 'N', text: 'how many root keys must sign', unset: 'as before' },
      revoke: { value: 'KEYID', text: 'a key that is not to count any more; it needs --reason' },
      kind: {
        value: 'KIND',
        choices: ['superseded', 'revoked', 'compromised'],
        text: 'how the key is revoked',
        unset: 'revoked',
      },
      reason: { value: 'TEXT', text: 'why the key is revoked' },
      'from-leaf': {
        value: 'N',
        text: 'from which leaf on the key does not count; a compromise names it',
        unset: 'the next leaf',
      },
      'add-promise': {
        value: "'SOURCE;EVERY;GRACE[;FROM]'",
        list: 'repeated',
        text: 'the source is summarised every EVERY, such as 7d, and each summary is recorded within GRACE, such as 12h; from the time FROM on (default: now)',
      },
      'remove-promise': { value: 'SOURCE', list: 'repeated', text: 'the promise about this source' },
      out: {
        like: 'out',
        text: 'where to write the document; - is standard output',
        unset: 'authority-VERSION.json',
      },
      bundle: { like: 'bundle', text: 'the proven chain from this file, with no network' },
    },
    shared: ['trust', 'url', 'json'],
    notes: ['A KEY is a public key in base64.'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      { run: 'isal authority propose --threshold 1', shows: 'writes authority-2.json' },
      {
        run: "isal authority propose --add-promise 'access-gateway;7d;12h' --bundle authority.isal-bundle --out proposal.json",
        shows: 'with no network',
      },
    ],
  },
  sign: {
    line: 'show what a document changes, and add the signature of a root key',
    positionals: [{ name: 'DOCUMENT', text: 'a proposal, or an envelope around one', complete: 'file' }],
    options: {
      out: {
        like: 'out',
        text: 'where to write the envelope; - is standard output',
        unset: 'the same name, ending in .dsse.json',
      },
      bundle: { like: 'bundle', text: 'the proven chain from this file, with no network' },
    },
    shared: ['key', 'readable-keys', 'trust', 'url', 'json'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [
      {
        run: 'isal authority sign proposal.json --key root-1.pem --bundle authority.isal-bundle',
        shows: 'on a machine without a network',
      },
    ],
  },
  submit: {
    line: 'check a signed document once more, record it, verify the proof',
    positionals: [
      { name: 'ENVELOPE', text: 'a document with the signatures of enough root keys', complete: 'file' },
    ],
    options: {
      out: {
        like: 'out',
        text: 'where to write the proof; - is standard output',
        unset: 'ENVELOPE.tlog-proof',
      },
    },
    shared: ['trust', 'url', 'json'],
    statuses: [0, 1, 2, 3, 4, 5],
    examples: [{ run: 'isal authority submit signed.dsse.json', shows: 'in force from then on' }],
  },
} as const;

export const authority: Family = {
  name: 'authority',
  line: 'who may record what: the authority document',
  notes: [
    'Root keys are kept offline. Their holders read and sign with a proof bundle and the trust file alone; only fetching the bundle and submitting need the network.',
  ],
  commands: [
    command('show', described.show, async () => (await import('./authority.ts')).show),
    command('propose', described.propose, async () => (await import('./authority.ts')).propose),
    command('sign', described.sign, async () => (await import('./authority.ts')).sign),
    command('submit', described.submit, async () => (await import('./authority.ts')).submit),
  ],
};
