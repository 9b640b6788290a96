/**
 * What each error code means and what to do about it: a paragraph for people,
 * printed by `isal explain CODE`. Total over the codes, so none can be added
 * without its words.
 */
import type { ErrorCode } from '../../errors.ts';

export const explanations: Readonly<Record<ErrorCode, string>> = {
  'bad-hex':
    'A digest, key identifier or leaf hash was not lowercase hexadecimal of the right length. Leaf hashes and SHA-256 digests have 64 characters, SHA-512 digests 128; capitals are not accepted, so that one value has one spelling.',
  'bad-base64':
    'A field was not strict standard base64 (RFC 4648, section 4): full padding, no white space, no URL alphabet, and zero in the bits that the padding leaves over. Loose base64 would let one signature be spelled in several ways, and each spelling would be a new leaf.',
  'bad-utf8':
    'The bytes are not valid UTF-8. Text in the ledger is always valid UTF-8; nothing is replaced or repaired.',
  'bad-number':
    'A number was not a plain decimal without leading zeros, or is larger than 2^53 - 1, which is the largest integer that every reader represents exactly.',
  'byte-order-mark':
    'The text begins with a byte order mark (U+FEFF). Some parsers drop it and some keep it, so two readers could disagree on what was signed. Save the file without it.',
  'not-json':
    'The text is not JSON. Check that the file is what you think it is; an HTML error page from a proxy is a usual cause.',
  'too-deep':
    'The JSON is nested more deeply than the ledger accepts. The limit is checked before the text is parsed.',
  'duplicate-key':
    'An object has the same member twice. Parsers disagree on which one counts, so a signature over it would mean different things to different readers.',
  'lone-surrogate':
    'A string holds half of a surrogate pair. It has no UTF-8 form; two different strings would become the same bytes.',
  'unsafe-number':
    'A number cannot be represented exactly by every reader (it is infinite, or an integer beyond 2^53 - 1). Use a smaller number or a string.',
  'payload-not-canonical':
    'The signed payload is JSON, but not in the canonical form of RFC 8785: members sorted, no white space, shortest numbers and escapes. `isal attest sign` writes canonical payloads; if another tool signed it, that tool must canonicalise before it signs, because the signed bytes are kept as they are.',
  'envelope-not-canonical':
    'The DSSE envelope must be exactly {"payload":…,"payloadType":…,"signatures":[{"keyid":…,"sig":…}]}, in this order, without white space, with the signatures sorted by keyid. The leaf is hashed as it stands, so there is one spelling only. `isal attest sign` and `cosign` write it.',
  'unknown-member':
    'An object has a member that its schema does not know. Nothing unknown is recorded, or it would be signed without having been understood. The pointer names it.',
  'too-large':
    'The input is larger than the stated limit. A leaf has at most 32 KiB; refer to larger things by their digest.',
  empty: 'There was nothing where something is required. An empty success is treated as a failure.',
  'bad-key':
    'A key could not be read. Log keys are the one-line texts of signed notes (PRIVATE+KEY+…, or name+id+base64 for the public part); parties’ keys are Ed25519 in PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` makes them.',
  'weak-key':
    'The Ed25519 public key is of small order, or not in its canonical encoding. A key of small order verifies signatures that were never made; it is refused wherever keys enter.',
  'key-readable-by-others':
    'The key file can be read by others on this machine. Run `chmod 600` on it; if others had access, replace the key. Where keys are mounted so that they cannot be closed, as in some containers and on Windows, `--readable-keys` takes them as they are.',
  'file-writable-by-others':
    'A file or a directory that is relied on can be changed by others on this machine: who may write the trust file or the configuration decides what is served, and who may write the directory may put another file in its place. Run the `chmod go-w` that the message names, after making sure that nothing was changed.',
  'malformed-note':
    'The text is not a signed note (c2sp.org/signed-note): text, an empty line, then signature lines that begin with an em dash. Control characters, a missing last newline or too many signatures are refused.',
  'malformed-checkpoint':
    'The note is not a checkpoint (c2sp.org/tlog-checkpoint): origin, size in decimal, root hash in base64, one to a line.',
  'malformed-policy':
    'The policy text does not follow c2sp.org/tlog-policy. Names must be defined before they are used, no public key may be listed twice, no name may be in two groups, and there is exactly one quorum line. A maximum age needs a quorum: the time of a checkpoint is that of its witnesses.',
  'malformed-proof':
    'The document does not follow c2sp.org/tlog-proof: first line, optional `extra`, `index`, at most 63 hashes, an empty line, and the checkpoint.',
  'malformed-tile':
    'A tile or entry bundle has the wrong length or shape (c2sp.org/tlog-tiles). If it came from a server, something between you and the ledger changed it, or the ledger is damaged.',
  'malformed-bundle':
    'The .isal-bundle is not canonical JSON of the published schema, or it is larger than 4 MiB. A bundle is written once and never edited: a changed byte anywhere makes it malformed or makes a proof in it fail.',
  'malformed-evidence':
    'The file is not canonical JSON of schemas/evidence.json, is larger than 4 MiB, or contradicts itself, for example by showing documents out of order. Evidence is written once and never edited.',
  'malformed-disclosure':
    'A disclosure is one line of base64url, without padding, of a JSON list: a random salt of at least 128 bits, the name of the field, its value (RFC 9901). The file holds something else. What it holds is not repeated here, since it may name a person.',
  'malformed-trust':
    'The trust file does not follow schemas/trust.json. It comes from the supervisor, out of band; do not repair it by hand from what a server says.',
  'malformed-watch':
    'The watch list of a monitor does not follow schemas/watch.json, names one log twice, or asks for an age where the trust file has no witnesses. `isal monitor init` writes one to start from; docs/operations.md says what each rule does.',
  'malformed-anchor':
    'A file in the anchor directory is not an anchor generation. The anchor remembers the largest tree this ledger has committed itself to; restore the directory from the same moment as the database, or treat the ledger as lost: serve what is there (`isal serve --read-only DIR`) and open a new origin.',
  'malformed-add-checkpoint':
    'What was sent to the witness does not follow c2sp.org/tlog-witness: a line `old` with the size that the witness remembers, at most 63 hashes in base64, an empty line, and the signed checkpoint.',
  'malformed-seal':
    'A seal, its time-stamp, a certificate or a revocation list is not in the form in which it is accepted: strict DER (definite, shortest lengths, nothing after the end), a detached CMS signature of one signer over attributes, an RFC 3161 token, certificates of version 3. CMS in BER, with indefinite lengths, is turned into DER by `openssl cms -cmsout -inform DER -outform DER`.',
  'bad-signature':
    'A signature by a known key does not verify. Either the signed bytes or the signature were changed. A note with one bad signature of a known key is refused whole.',
  'no-known-signature':
    'None of the log keys in your trust file has signed this checkpoint. It may be of another log, or the signature line was removed or renamed.',
  'quorum-not-met':
    'Too few of the witnesses in your trust file have cosigned this checkpoint. Without the quorum nothing says that everybody is shown the same history.',
  'stale-checkpoint':
    'The checkpoint is older than the maximum age that you allow, by the time of its witnesses. The server may be hiding newer entries, or it may be unable to reach its witnesses.',
  'checkpoint-too-small':
    'The checkpoint is smaller than a size that you already know. A ledger only grows; an older view is no answer.',
  'origin-mismatch':
    'The checkpoint names another log than the key that signed it, or than the log that you asked for.',
  'unknown-log':
    'The witness does not know this log. It cosigns only logs whose keys its operator has put into its policy; ask the operator to add the `log` line.',
  'size-conflict':
    'The witness remembers another size of this log than the one that the proof starts from. It says which; a log then proves from that size. If it cannot, its history is not the one that the witness saw.',
  'clock-behind':
    'The clock of this machine is more than five minutes behind the time of a cosignature that the witness has given. A cosignature says that no larger tree was known at its time, so times may not go back. Set the clock right. If it was the earlier time that was wrong, the witness can sign again when that time has passed.',
  'out-of-range': 'An index or size lies outside the tree. Indices begin at 0 and end below the size.',
  'inclusion-failed':
    'The inclusion proof does not lead from this leaf to the signed root. The leaf, its index, the proof or the checkpoint was changed: this entry is not shown to be in the ledger.',
  'consistency-failed':
    'The larger tree is not shown to contain the smaller one unchanged. If both checkpoints carry valid signatures of the log, keep them: together they are evidence that history was rewritten.',
  'root-mismatch':
    'The tree does not have the root that was signed or stored for it. Something below the root was changed.',
  'leaf-mismatch': 'The bytes of an entry do not have the leaf hash that the tree holds in its place.',
  'unknown-type':
    'The predicate type is not one that this ledger records, or the authority document in force has no rule for it. `isal attest new` lists the types.',
  'schema-violation':
    'A field does not follow the schema of its type, or holds a character that prints as nothing; the pointer names it. `isal attest lint FILE` shows the same before you sign.',
  placeholder:
    'The statement names no ledger, or no document of authority: the values that stand there when no ledger was asked. It would be refused when all parties have signed, so isal refuses to sign it. `isal attest new --url` or `--trust` asks the ledger for both; by hand, `isal authority show` prints them.',
  'subject-mismatch':
    'The subject of the statement is not what its type requires: artefacts are named by SHA-256 or SHA-512, ledger-wide statements by the SHA-256 of the origin, an access event by the SHA-256 of its event id.',
  'wrong-origin':
    'The statement was signed for another ledger. Entries carry the origin inside the signed bytes so that they cannot be replayed elsewhere.',
  'authority-superseded':
    'The statement names an authority document that is no longer in force. Fetch the new one (its leaf hash is in the answer), sign again under it, and submit that. If the same bytes had been recorded before, they would have been answered with their old place.',
  'authority-invalid':
    'The authority document may not take effect: a threshold is missing, it names the wrong predecessor or version, drops a revocation, spells one organisation or signer in two ways that look alike, or contradicts itself. An invalid document changes nothing.',
  'authority-unproven':
    'The authority document that an entry names is not shown to be in force where the entry stands. Who was allowed to record it is therefore not proven.',
  'unknown-signer':
    'A signature is by a key that the authority document in force does not list. The keyid is the SHA-256 of the raw public key.',
  'key-not-in-force':
    'A signature is by a key that was superseded, revoked or compromised at this place in the log.',
  'missing-role':
    'The rule for this type asks for roles that no signature fills. A build, for example, needs the vendor’s builder and the supervisor. Have the missing party cosign with `isal attest cosign`.',
  'same-organisation':
    'Two required roles are filled by keys of one organisation, or of two whose names nobody can tell apart: they differ in case, in white space, in characters that print as nothing or in letters that look alike. Dual control needs different organisations. Where one organisation is listed in two spellings, propose a document that spells it in one (`isal authority propose`).',
  'superfluous-signature':
    'The envelope carries a signature that the rule does not ask for. Extra signatures are refused, or an attacker could make new leaves out of old ones.',
  'duplicate-signature': 'The same key has signed the envelope twice.',
  'source-not-allowed':
    'The statement uses a stream (`source`) that the authority document does not give to each of its signers.',
  'source-conflict':
    'This stream (`source`) already has an entry with the same number and other content. A stream numbers its events once; a second content for a number is a number conflict. The ledger refuses it and keeps evidence that convicts the signers of the stream (`isal verify --evidence`). If your system has lost count, look up the last number of the stream (`isal log search --source ID`) and continue with the next number; do not sign anything else under this one.',
  'summary-late':
    'The authority document promises a summary of this stream (`source`) for every period, and none is recorded for the time named although it was due. Nothing that is recorded is wrong; what is missing is the word of the recorder and the vendor that nothing was left out. Ask them for it: a summary that comes later is recorded as any other, and says by its own time how late it was made.',
  'unknown-target':
    'A correction names a leaf that is not recorded below it. Correct only what is recorded and published: the receipt of the target says its leaf hash. A correction sent together with its target may come too early; send it again.',
  'already-recorded':
    'The same signed payload is already in the ledger with other signatures; its index is in the answer. It is not recorded twice.',
  'store-exists': 'There is already something in that place. Nothing was changed; choose another one.',
  'store-missing':
    'There is no ledger in that directory, or its database is not there. `isal init DIR` makes a new ledger; a database that is lost is made anew by `isal log refill DIR --from URL|FILE|DIR`.',
  'store-locked':
    'Another process has this database open, or its lock file was replaced while we ran. Only one server may write: this one has stopped, and nothing it did since was signed or acknowledged. See that one process runs, then start it again. Where the lock file has a second name (`cp -al`), the copy shares its files with the original: remove the copy, start again, and copy a ledger with `isal store backup DIR --to BACKUP`. A signer that runs on its own signs for one server at a time, too.',
  'store-unreadable':
    'The files of the database, or those beside it, could not be read: access was denied, or the disk failed. Nothing was learnt of what they hold, so nothing is said against it. See that the one who runs the command may read them, and that the disk works. What a disk no longer gives back is lost: make the store anew from a copy of the log, `isal log refill DIR --from URL|FILE|DIR`.',
  'store-corrupt':
    'The database holds something that contradicts itself or the tree, or a file of it is not what was written. `isal store check DIR` names what is damaged. A server that meets it records nothing more and serves what verifies. Do not delete the anchor. Make the store anew from another copy of the log, up to the highest size that was signed: `isal log refill DIR --from URL|FILE|DIR`. Until then, or where there is no copy, `isal serve --read-only DIR` serves what is left; without a copy, open a new origin.',
  'store-failed':
    'A write to the database failed, so whether it took effect is unknown. The server stops rather than guess; at the next start it reads what is truly there. Check the disk first.',
  'store-behind-anchor':
    'The database is older than the anchor: it was restored from a backup, or writes were lost. Signing on would fork the log, so the ledger refuses. Make the store anew from a mirror, an export or a newer backup, up to the anchored size: `isal log refill DIR --from URL|FILE|DIR`; never delete the anchor to get past this. A witness that says this has no mirror to refill it: make a new one, with new keys, and have the policies changed.',
  'anchor-missing':
    'The anchor directory is missing or empty. It is the memory of what this ledger has signed; without it nothing may be signed. Restore it together with the database from the same moment; if it is lost, serve what is there (`isal serve --read-only DIR`) and open a new origin.',
  'anchor-taken':
    'Another process moved the anchor. Two servers run on one ledger; this one has stopped, and nothing that it did since was acknowledged.',
  'signer-lost':
    'The process that holds the log’s keys and its anchor has ended, does not answer, or was never reached, so nothing can be signed. The server has ended too, and nothing that was acknowledged is lost: start it again. With `isal serve --signer`, start `isal signer run` first.',
  'head-conflict': 'Another writer changed the tree head. This process has stopped; start one server only.',
  'queue-full':
    'The ledger is receiving more than it can commit. Nothing was recorded; try again after the time in Retry-After.',
  'too-many-requests':
    'Too much was asked from this address: too many requests at once, or too much work in a minute. Nothing is learnt of what is recorded. Wait as long as `Retry-After` says. Who reads the whole log asks for its tiles, which cost little; an operator whose readers come through a proxy lists it under `trustedProxies`, so that each of them is counted alone.',
  'shutting-down': 'The server is stopping and takes nothing new. Try again in a moment.',
  'recorded-not-published':
    'The entry is committed at the index given, but no checkpoint that covers it is published yet. Submit the same bytes again later: the answer will be its proof, and nothing is recorded twice.',
  'read-only':
    'The ledger is served from a store that is only read: its operator has started it with `isal serve --read-only`, after a loss or from a copy. Everything that it shows can be proven as always. Nothing was recorded; keep the entry and send it again when the ledger takes entries, which it does under the same URL once its store is whole (`isal log refill`).',
  'below-quorum':
    'The ledger cannot get the cosignatures of enough witnesses, so nothing new would be published. Nothing was recorded; send the same bytes again later. What was published before can be read as always. The operator finds in the server’s log which witnesses fail, and why.',
  'behind-witnesses':
    'Witnesses hold, or claim, a larger tree of this ledger than it remembers to have signed. It was restored from an old copy, or a copy of it is running elsewhere. Signing on would fork the log, so the ledger has stopped. Stop the other copy; make the store anew from the newest one, or from a mirror, up to the size that the witnesses hold: `isal log refill DIR --from URL|FILE|DIR`, which moves the anchor as well. Never take the witnesses out of the policy to get past this.',
  'fork-witnessed':
    'A witness holds a checkpoint that this ledger’s own key has signed and that is not of its history: the key was used by someone other than the operator, or a copy of the ledger signs on its own. The ledger has stopped. Keep that checkpoint, it is evidence; find out who has the key; serve what is there (`isal serve --read-only DIR`) and open a new origin.',
  'not-ready': 'The ledger has not published a checkpoint yet. Try again in a moment.',
  'not-found': 'There is nothing under that name, index, hash or path, as far as the published tree goes.',
  'method-not-allowed': 'That route exists, but not with this HTTP method.',
  'bad-request': 'A parameter is missing, unknown, repeated or out of its range; the answer says which.',
  'wrong-media-type':
    'The request body has a type that this route does not take. Send application/json for one envelope, application/x-ndjson for several, and no content encoding.',
  'not-acceptable': 'The route cannot answer in any of the types that the Accept header allows.',
  timeout:
    'The request took longer than its limit. An append that was already accepted goes on; submit the same bytes again to learn its place.',
  internal:
    'The server met an internal error: a bug in isal. The operator finds the details in the server’s log; nothing about them is sent out.',
  usage: 'The command line was not understood. Run the command with --help.',
  'no-trust-file':
    'No trust file is pinned, so there is nothing to verify against. Get the supervisor’s trust file over a channel that you trust (not from the server you are checking), keep it, and pass it with --trust FILE or in ISAL_TRUST.',
  'file-unreadable':
    'The file cannot be read or written: it is missing, is not a plain file, or access is denied.',
  unreachable:
    'The server did not answer. With a saved .isal-bundle you can verify without it: `isal verify FILE --offline --bundle F`.',
  'server-error':
    'The server answered in a way that its interface does not allow. Nothing was concluded from it.',
  'digest-mismatch':
    'The file agrees with the record in one digest and differs in another. It is not the recorded file.',
  'not-recorded':
    'No entry for this file is shown. Either it was never recorded, or what you have is not the file that was recorded; even one changed byte makes another digest.',
  'not-evidence':
    'Everything in the file holds, and it proves no fault of a party: the histories agree, the leaf was allowed where it stands, or the two contents are one. A file that proves less than it claims proves nothing; ask its author for what is missing.',
  corrected:
    'An entry that the answer rests on (the one about the file, its source snapshot, a review, a rebuild, an update before it) is recorded as shown, and a later entry corrects it: by an erratum, a dispute or a retraction of those who signed it or of the supervisor. The entry was not changed, but it is not to be relied on as it stands; read the correction (isal log entry INDEX), and look for what stands in its place.',
  'seal-invalid':
    'The electronic seal speaks against itself: it is over another file, its signature or its time-stamp does not verify, a certificate was not valid or was revoked at the time of the time-stamp, is meant for something else than seals, or an algorithm in it is too weak. The reason says which. Its signers recorded something that is not so.',
  'seal-untrusted':
    'The electronic seal leads to none of the certificates that are pinned, so no authority that you trust says whose it is. Pin the root of the certification service and that of the time-stamping authority, obtained from them and not from the sealer: in the trust file (`seals`), or with --seal-anchors and --timestamp-anchors.',
  'rebuild-differs':
    'A rebuilder built the artefact again from its source and signed for the comparison, and the result is another artefact: bytes are left that no declared normalisation explains, or a rebuild that is called identical has a digest that is not the file’s. Read the entry (isal log entry INDEX), and ask the vendor what the file was built from. isal attest rebuild repeats the comparison.',
  'chain-broken':
    'The updates of a database name the state that each of them follows, and the chain behind this one does not hold: a state was delivered that no leaf records, two updates follow one state, or the state before is recorded as another one. Endpoints may have been given something that was never recorded, or different things. isal update chain FAMILY shows every link.',
  'requirement-not-met':
    'The file is recorded, nothing contradicts it, and what you asked for with --require is not among what was proven. The line that lacks says what there is instead: a hop marked ? is not shown, and with --replay the whole log is read for it. The exit status is 3, as for any other policy that is not met.',
  'disclosure-mismatch':
    'The disclosure is well-formed, and the entry does not commit to it: no _sd array of the entry holds its digest, or the digest stands there in a way that would give a field two meanings. The disclosure was changed, belongs to another entry, or was made up.',
  erased:
    'The vault held this disclosure and it was erased: salt and value are gone, and what is left is the digest that the entry holds, and the time of the erasure. The entry and its proofs stay valid; what the field said can no longer be shown by the vault.',
};
