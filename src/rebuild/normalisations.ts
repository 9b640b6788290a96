/** What may be evened out on both sides before they are compared, by name; each with what it does in words. */
export const normalisations = {
  'ar-times': 'times in the member headers of ar archives',
  'ar-owners': 'users and groups in the member headers of ar archives',
  'tar-order':
    'order of the entries of tar archives, where no name is there twice, no entry lies below a symbolic link and every hard link stands behind its file',
  'tar-times': 'times of the entries of tar archives',
  'tar-owners': 'users and groups of the entries of tar archives, but not of set-uid and set-gid ones',
  'tar-format': 'dialect of the headers of tar archives, and the zeros at their end',
  'gzip-header': 'headers of gzip streams: time, name, comment, operating system',
  compression: 'the packed form of streams with the same content (gzip, xz, zstd)',
  'signature-block': 'detached signatures that lie in a package as members named _gpg…',
  authenticode: 'certificate table, its directory entry and the checksum of Windows programs',
} as const;

export type Normalisation = keyof typeof normalisations;
