/**
 * The options that several commands take, each described here and nowhere else.
 * A name with a space is a variant: what an option means to some of them, which
 * say so by `like`.
 */
export const sharedOptions = {
  trust: {
    value: 'FILE',
    complete: 'file',
    text: 'the pinned trust file',
    unset: '$ISAL_TRUST',
  },
  url: { value: 'URL', text: 'where the ledger answers', unset: 'the URL in the trust file' },
  'max-age': {
    value: 'SECONDS',
    text: 'refuse witness cosignatures that are older',
    unset: 'the age in the trust file, if it names one',
  },
  json: { text: 'print the answer as JSON' },
  out: { value: 'FILE', complete: 'file', text: 'where to write it' },
  key: { value: 'PEM', complete: 'file', text: 'the private key to sign with', required: true },
  index: { value: 'N', text: 'the entry with this index' },
  leaf: { value: 'LEAFHASH', text: 'the entry with this leaf hash' },
  bundle: {
    value: 'BUNDLE',
    complete: 'file',
    text: 'take the entry from this .isal-bundle, with no network',
  },
  source: { value: 'ID', text: 'the source in whose stream it is numbered' },
  seq: {
    value: 'N',
    text: 'its number in the stream; each number is used once',
    unset: 'the next one, where a ledger is asked',
  },
  origin: {
    value: 'ORIGIN',
    text: 'the origin of the ledger',
    unset: 'that of the ledger, where one is asked',
  },
  authority: {
    value: 'LEAFHASH',
    text: 'the leaf hash of the authority document in force',
    unset: 'that of the ledger, where one is asked',
  },
  'seal-anchors': {
    value: 'PEM',
    complete: 'file',
    list: 'repeated',
    text: 'certificates that a seal must lead to, beside those in the trust file',
  },
  'timestamp-anchors': {
    value: 'PEM',
    complete: 'file',
    list: 'repeated',
    text: 'certificates that a time-stamp must lead to, beside those in the trust file',
  },
  crl: {
    value: 'LIST',
    complete: 'file',
    list: 'repeated',
    text: 'a revocation list, DER or PEM, for seals and their time-stamps',
  },
  platform: { value: 'PLATFORM', text: 'updates for this platform alone' },
  'readable-keys': { text: 'take key files that others may read, as they are mounted in some containers' },
  host: { value: 'HOST', text: 'the address to listen on' },
  port: { value: 'PORT', text: 'the port to listen on; 0 is any free one' },
  'trust or policy': {
    value: 'FILE',
    complete: 'file',
    text: 'the pinned trust file, or a tlog-policy',
    unset: '$ISAL_TRUST',
  },
  'trust to ask': {
    value: 'FILE',
    complete: 'file',
    text: 'ask the ledger of this trust file for what is not given',
  },
  'url to ask': {
    value: 'URL',
    text: 'ask the ledger that answers there',
    unset: 'with --trust, the URL in that',
  },
  record: {
    value: 'RECORD',
    text: 'under this record: the event id of an access event, the leaf hash of another entry; nothing is asked',
  },
  'vault key': { value: 'FILE', complete: 'file', text: 'the key of the vault', required: true },
  secret: {
    value: 'FILE',
    complete: 'file',
    text: '64 hexadecimal digits that the customer shares with the gateway, mode 0600',
    required: true,
  },
  quiet: { text: 'no line for each request on standard error' },
  'no-post-quantum': { text: 'sign with Ed25519 alone, not with ML-DSA-44 too' },
} as const;
