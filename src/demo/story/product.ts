/** The first half of the story: from source in escrow to a file at a customer, and two bad ends. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { formatPartyKey } from '../../cli/terminal/secret-file.ts';
import { commitment } from '../statements.ts';
import type { Site } from './site.ts';
import { buildPath, layOutSource, sabotage } from './source-tree.ts';
import { silent, words } from './stage.ts';
import type { RecordedLeaf } from './stage.ts';

const packageName = 'tlog-1.0.0.tar.gz';

/** The leaves of the first half. */
export interface Shipped {
  readonly snapshot: RecordedLeaf;
  readonly review: RecordedLeaf;
  readonly build: RecordedLeaf;
  readonly rebuild: RecordedLeaf;
}

export async function shipProduct(site: Site): Promise<Shipped> {
  const { stage } = site;
  stage.env['PATH'] = buildPath(process.env['PATH']);
  // Colours, signed commits or other line ends of the user's own git would make it another story.
  stage.env['GIT_CONFIG_GLOBAL'] = devNull;
  stage.env['GIT_CONFIG_NOSYSTEM'] = '1';
  const files = await layOutSource(stage.path('source'));
  const { snapshot, manifest } = await escrow(site, files);
  const review = await reviewed(site, { snapshot, files });
  const build = await built(site, manifest);
  const rebuild = await rebuilt(site, build);
  return { snapshot, review, build, rebuild };
}

async function escrow(site: Site, files: number): Promise<{ snapshot: RecordedLeaf; manifest: string }> {
  const { stage, url } = site;
  stage.chapter(
    'The source goes into escrow',
    `The vendor's product is called tlog: ${files} files in a git repository. A copy of them goes to an
     escrow site. The source itself is not published. What is recorded is its manifest: the digest of a
     list of all files, each with its own digest.`,
  );
  const git = ['-C', 'source', '-c', 'user.name=Vendor', '-c', 'user.email=vendor@vendor.example'];
  await stage.hidden('git', ['init', '--quiet', '-b', 'main', 'source']);
  await stage.hidden('git', [...git, 'add', '.']);
  await stage.hidden('git', [...git, 'commit', '--quiet', '-m', 'tlog 1.0.0']);
  const output = await stage.isal(
    words`attest snapshot source --commit HEAD --manifest source.manifest --product tlog --version 1.0.0
          --site ${'Escrow Zurich'} --country CH --url ${url} --out snapshot.json`,
  );
  stage.tell(
    `Two parties sign: the custodian of the source, and the supervisor, who saw it arrive. (All keys lie in
     one place here. In earnest each party has its own, and the file travels between them.)`,
  );
  const snapshot = await stage.record('snapshot', ['source-custodian', 'supervisor'], { aloud: true });
  stage.tell(
    `Leaf ${snapshot.index} is its place in the ledger, for ever. The answer carried a proof of that, and the line
     above was printed only after that proof had been checked.`,
  );
  return { snapshot, manifest: /sha256 ([0-9a-f]{64})/.exec(output)?.[1] ?? '' };
}

async function reviewed(site: Site, about: { snapshot: RecordedLeaf; files: number }): Promise<RecordedLeaf> {
  const { stage, url } = site;
  const { snapshot, files } = about;
  stage.chapter(
    'A reviewer reads it, in part',
    `Two reviewers from outside come to the escrow site. Their time is enough for the part that matters
     most, not for everything, and what they sign says so: targeted, 4 of ${files} files. Their names are not
     published: salted digests stand in their place, from which they cannot be guessed. A command writes
     the statement with gaps, and the reviewers fill it in.`,
  );
  await stage.isal(words`attest new source-review --file source.manifest --url ${url} --out review.json`, {});
  await stage.edit('review.json', {
    snapshot: { leafHash: snapshot.leafHash },
    depth: 'targeted',
    scope: ['Proofs of inclusion and of consistency, src/tlog'],
    coverage: { filesCovered: 4, filesTotal: files },
    activities: ['code-reading', 'build-observation'],
    presence: 'onsite',
    result: 'no-findings',
    reviewers: {
      count: 2,
      _sd: [
        commitment('reviewer', 'made-up person 1'),
        commitment('reviewer', 'made-up person 2'),
      ].toSorted(),
    },
  });
  return stage.record('review', ['reviewer', 'supervisor']);
}

async function built(site: Site, manifest: string): Promise<RecordedLeaf> {
  const { stage, url } = site;
  stage.chapter(
    'The vendor builds, and the supervisor watches',
    `The source is compiled and packed. The statement about the package names the digest of the manifest
     that it was built from. That is the link from the file to the source that was reviewed.`,
  );
  await stage.program('sh', ['source/build.sh', packageName]);
  await stage.isal(words`attest new build --file ${packageName} --url ${url} --out build.json`);
  await stage.edit('build.json', {
    buildDefinition: {
      buildType: 'https://vendor.example/build-types/script/v1',
      externalParameters: { script: 'build.sh' },
      resolvedDependencies: [{ name: 'source.manifest', digest: { sha256: manifest } }],
    },
    isal_supervision: {
      product: 'tlog',
      version: '1.0.0',
      facility: 'Zurich 1',
      country: 'CH',
      presence: 'onsite',
    },
  });
  return stage.record('build', ['builder', 'supervisor']);
}

async function rebuilt(site: Site, build: RecordedLeaf): Promise<RecordedLeaf> {
  const { stage, url } = site;
  stage.chapter(
    'A third party builds it again',
    `Is the package really made of that source? The rebuilder takes the source out of escrow, builds it
     on a machine of its own, and compares. Some differences mean nothing, such as the times of the files
     in a package. Each kind is named, and then no byte may be left that is not explained.`,
  );
  await stage.hidden('git', ['clone', '--quiet', 'source', 'elsewhere']);
  await stage.program('sh', ['elsewhere/build.sh', 'rebuilt.tar.gz']);
  await writeFile(
    stage.path('environment.txt'),
    `node ${process.version}\n${await stage.hidden('tsc', ['--version'])}`,
  );
  await stage.isal(
    words`attest rebuild ${packageName} rebuilt.tar.gz --build ${build.leafHash}
          --environment environment.txt --from ${'Built from the escrowed commit'}
          --independence independent --url ${url} --out rebuild.json`,
    { shows: [/^✓ Rebuilt +(identical|equivalent): /] },
  );
  return stage.record('rebuild', ['rebuilder']);
}

/** The file is at a customer, who has nothing but it and the trust file. */
export async function verifyProduct({ stage }: Site): Promise<void> {
  stage.chapter(
    'The package is shipped, and a customer checks it',
    `A customer has downloaded ${packageName} and wants to know. Each line of the answer is one fact,
     checked on the customer's own machine: ✓ proven, ✗ contradicted, ? not shown. Nothing is taken on the
     server's word.`,
  );
  await stage.isal(words`verify ${packageName}`, {
    shows: [
      /^✓ Recorded +leaf 3 of 5; [23] of 3 witnesses/,
      /^✓ Built +.*Zurich 1 CH, /,
      /^✓ Source +.* is the escrowed snapshot of tlog 1\.0\.0/,
      /^! Reviewed +targeted: 4 of [0-9]+ files, not full/,
      /^✓ Rebuilt +(identical|equivalent).*; independent of the vendor \(leaf 4\)$/,
      /^✓ Keys/,
      /^\? Revocations/,
      /^\? Corrections/,
      /^ANSWER +recorded and supervised; source only partly reviewed\.$/,
    ],
    verdict: 'the file as it was built and supervised',
  });
  stage.tell(
    `! is proven too, and less than one may take it for: the line says how much. The proofs were saved beside
     the file. From now on no network is needed:`,
  );
  await stage.isal(words`verify ${packageName} --offline`, {
    only: /^(. (Recorded|Reviewed|Rebuilt)|ANSWER)/,
    shows: [/^! Reviewed/],
  });
  stage.tell(
    `Two lines are left with a ?. Only the whole ledger can show that nothing was taken back. So the customer
     reads all of it, every entry and every signature:`,
  );
  await stage.isal(words`verify ${packageName} --replay`, {
    only: /^(. (Replayed|Revocations|Corrections)|ANSWER)/,
    shows: [/^✓ Revocations/, /^✓ Corrections/],
  });
  stage.tell(
    `A customer who lets a script decide writes down what a file must have. One is content with this file,
     another wants every file of the source to have been read:`,
  );
  await stage.isal(words`verify ${packageName} --require country=CH,review=targeted,rebuild=independent`, {
    only: /^ANSWER/,
    verdict: 'the same, where some review and a rebuild are asked for',
  });
  await stage.isal(words`verify ${packageName} --require review=full`, {
    status: 3,
    only: /^(ANSWER| {2}(reason|expected|got|code) )/,
    shows: [/^ {2}code +requirement-not-met/],
    verdict: 'the same, where a full review is asked for',
  });
}

/** What a review said is taken back; the entry stays, and every reader sees both. */
export async function retractReview({ stage, url }: Site, { review }: Shipped): Promise<void> {
  stage.chapter(
    'The review is taken back',
    `Months later it comes out that a machine at the escrow site had shown the reviewers other files than
     those of the manifest. Nothing can be deleted from the ledger or edited in it. So those who signed the
     review record a correction, which names it by the hash of its leaf.`,
  );
  await stage.isal(
    words`attest new correction --target ${review.leafHash} --url ${url} --out correction.json`,
  );
  await stage.edit('correction.json', {
    kind: 'retraction',
    reason: 'The files that were shown to the reviewers were not those of the manifest.',
  });
  await stage.record('correction', ['reviewer', 'supervisor']);
  stage.tell(`The same customer, the same file, the same command:`);
  await stage.isal(words`verify ${packageName}`, {
    status: 1,
    shows: [/^✗ Reviewed/, /^✗ Corrections +.*retraction/, /^ {2}code +corrected/],
    verdict: 'the review behind a file was taken back',
  });
  stage.tell(
    `Both stay in the ledger, the review and the correction. A server that showed the one and hid the other
     would be found out by --replay, and by every monitor. Proofs that were saved before cannot know of
     the correction: they speak as of their time. A customer who must know the newest asks the ledger.`,
  );
}

/** Another file under the same name: a back door, built by the same script and put on a mirror. */
export async function swapFile(site: Site): Promise<void> {
  const { stage } = site;
  stage.chapter(
    'A file is swapped',
    `An attacker breaks into a mirror that many download from, takes the same source, puts in one line that
     turns off a check, builds it with the same script, and leaves it there under the same name.`,
  );
  await stage.hidden('git', ['clone', '--quiet', 'source', 'attacker']);
  await sabotage(stage.path('attacker'));
  await stage.program('git', ['-C', 'attacker', '--no-pager', 'diff', '--unified=0'], {
    only: /^[+-]/,
    shows: [/^\+ {2}return;/],
  });
  await mkdir(stage.path('mirror'));
  await stage.program('sh', ['attacker/build.sh', `mirror/${packageName}`]);
  stage.tell(
    `A customer who got it from there asks the ledger, or holds it against the proofs of the true file:`,
  );
  const swapped = `mirror/${packageName}`;
  await stage.isal(words`verify ${swapped}`, {
    status: 2,
    shows: [/not-recorded/],
    verdict: 'another file under its name, from a mirror',
  });
  await stage.isal(words`verify ${swapped} --bundle ${packageName}.isal-bundle`, {
    status: 2,
    shows: [/not-recorded/],
  });
  await forgeRecord(site, swapped);
}

/** The last resort of the attacker who swapped it: to have it recorded. */
async function forgeRecord({ stage, url }: Site, swapped: string): Promise<void> {
  stage.tell(
    `Exit status 2 and not 1: no party ever said anything about this file, so there is nothing to contradict.
     A customer who installs on 0 alone is safe from it. And if the attacker has it recorded? Making a key
     and signing is easy, but who may sign builds stands in the ledger:`,
  );
  await writeFile(stage.path('attacker.pem'), formatPartyKey(new Uint8Array(randomBytes(32))), {
    mode: 0o600,
  });
  await stage.isal(words`attest new build --file ${swapped} --url ${url} --seq 2 --out forged.json`);
  await stage.isal(words`attest sign forged.json --key attacker.pem`, silent);
  await stage.isal(words`attest submit forged.dsse.json`, {
    status: 1,
    shows: [/^ {2}code +unknown-signer/],
  });
}
