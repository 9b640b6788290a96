import { expect } from 'chai';
import { decodeAttestation, decodeEnvelope } from '../../../src/attestation/statement.ts';
import { parseRequirements } from '../../../src/verifier/judging/requirements.ts';
import { SupportingEntries } from '../../../src/verifier/folds/supporting.ts';
import type { HopName } from '../../../src/verifier/judging/hops/hop.ts';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
import { shortcomingsOf } from '../../../src/words/index.ts';
import {
  authorityDocument,
  build,
  builder,
  correction,
  custodian,
  dataAccess,
  databaseUpdate,
  digest,
  genesis,
  leafHashOf,
  party,
  rebuildResult,
  rebuildSource,
  rebuilder,
  reviewSource,
  reviewer,
  signer,
  signers,
  sourceReview,
  sourceSnapshot,
  supervisor,
} from '../../fixtures/attestations.ts';
import type { Party } from '../../fixtures/attestations.ts';
import { SampleLog } from '../sample-log.ts';
import {
  Supervised,
  digests,
  file,
  hopsNamed,
  manifest,
  marksOf,
  onlyHop,
  replayOf,
  replayedVerdict,
  verdictOf,
} from '../supervised-log.ts';

const supervised = new Supervised();
const other = digest('something else');
const sha512 = (text: string): string => digest(`${text} a`) + digest(`${text} b`);

/** Judged by a bundle that holds everything, and by a replay that was shown the build alone. */
async function bothWays(log: SampleLog, at = 4): Promise<Verdict[]> {
  return [await verdictOf(log), await replayedVerdict(log, [at])];
}

describe('the supervision of a build', () => {
  it('is told hop by hop, each with its leaf', async () => {
    const log = supervised.log();
    const verdict = await verdictOf(log);
    expect(verdict.answer).to.equal('proven');
    expect(marksOf(verdict)).to.deep.equal([
      'recorded proven',
      'built proven',
      'source proven',
      'reviewed proven !',
      'rebuilt proven',
      'keys proven',
      'revocations not-shown',
      'corrections not-shown',
    ]);
    expect(onlyHop(verdict, 'source')).to.deep.include({ index: 1, entry: 4 });
    for (const { hop, index, leafHash } of verdict.hops) {
      if (['recorded', 'built', 'source', 'reviewed', 'rebuilt'].includes(hop))
        expect(leafHash, hop).to.equal(leafHashOf(log.leaves[index ?? 0] as Uint8Array));
    }
    expect(onlyHop(verdict, 'reviewed')).to.deep.include({
      state: 'review',
      index: 3,
      depth: 'targeted',
      whole: false,
      filesCovered: 412,
      filesTotal: 9310,
      result: 'findings',
      findings: 4,
      severities: { critical: 0, high: 0, medium: 1, low: 3 },
    });
    expect(onlyHop(verdict, 'rebuilt')).to.deep.include({
      state: 'rebuild',
      index: 5,
      verdict: 'equivalent',
      normalisations: ['signature-block'],
      unexplainedBytes: 0,
      independence: 'independent',
    });
    expect(shortcomingsOf(verdict)).to.deep.equal(['partly-reviewed', 'review-findings']);
  });

  it('is not shown where its entries are not, and shown by whoever read every leaf', async () => {
    const log = supervised.log();
    const bare = await verdictOf(log, [4]);
    expect(bare.answer).to.equal('proven');
    for (const name of ['source', 'reviewed', 'rebuilt'] as const) {
      expect(onlyHop(bare, name))
        .to.deep.include({ mark: 'not-shown', state: 'none', size: 6 })
        .and.not.have.property('absent');
    }
    expect(shortcomingsOf(bare)).to.deep.equal(['no-source', 'no-rebuild']);
    expect(marksOf(await replayedVerdict(log, [4]))).to.deep.equal([
      'recorded proven',
      'built proven',
      'source proven',
      'reviewed proven !',
      'rebuilt proven',
      'keys proven',
      'revocations proven',
      'corrections proven',
      'replayed proven',
    ]);
  });

  it('is none at all where every leaf was read and none is there; that is no tick either', async () => {
    const log = new SampleLog([genesis(), supervised.build]);
    const verdict = await replayedVerdict(log, [1]);
    expect(verdict.answer).to.equal('proven');
    for (const name of ['source', 'reviewed', 'rebuilt'] as const) {
      expect(onlyHop(verdict, name)).to.deep.include({
        mark: 'not-shown',
        state: 'none',
        absent: true,
        size: 2,
      });
    }
  });

  it('is "none shown" again where a replay had no room to keep all', async () => {
    const log = new SampleLog([genesis(), supervised.snapshot, supervised.build]);
    const replayed = await replayOf(log);
    if (replayed.file === undefined) throw new Error('a replay for a file');
    const complete = { ...replayed.file.complete, reviews: false, corrections: false };
    const partly = await verdictOf(log, [2], digests, {
      replay: { ...replayed, file: { ...replayed.file, complete } },
    });
    expect(onlyHop(partly, 'reviewed'))
      .to.deep.include({ state: 'none', snapshot: 1, size: 3 })
      .and.not.have.property('absent');
    expect(onlyHop(partly, 'corrections').mark).to.equal('not-shown');
    expect(onlyHop(partly, 'rebuilt')).to.deep.include({ state: 'none', absent: true, size: 3 });
  });

  it('is kept by a replay as far as there is room, and the replay knows when there was none', () => {
    const attestation = decodeAttestation(decodeEnvelope(supervised.review()));
    const entry = { index: 1, attestation, signers: [], authority: { index: 0, version: 1 } };
    const kept = new SupportingEntries(digests);
    for (let count = 0; count < 10_000; count++) kept.add(entry);
    expect(kept.complete.reviews).to.equal(true);
    kept.add(entry);
    expect(kept.complete).to.deep.include({ reviews: false, snapshots: true });
    expect(kept.entries.reviews).to.have.length(10_000);
  });

  it('is cleared by a replay of what only a bundle with less in it speaks against', async () => {
    const state = (name: string) => ({ sha256: digest(`state ${name}`) });
    const first = (seq: number, name: string, percent = 5) =>
      databaseUpdate({
        seq,
        version: name,
        change: (statement) => {
          const { predicate } = statement;
          Object.assign(predicate, { previous: null, result: state(name) });
          predicate.rollout.percent = percent;
          statement.subject = [{ digest: state(name) }];
        },
      });
    // The first one again, for more endpoints; without the first one, the one between seems to be the first.
    const log = new SampleLog([genesis(), first(1, 'a'), first(2, 'b'), first(3, 'a', 100)]);
    const replayed = await replayOf(log, state('a'));
    const accused = await verdictOf(log, [2, 3], state('a'));
    expect(accused.failure).to.deep.include({ code: 'chain-broken', index: 3 });
    const cleared = await verdictOf(log, [2, 3], state('a'), { replay: replayed });
    expect(cleared).to.deep.include({ answer: 'proven' }).and.not.have.property('failure');
    if (replayed.file === undefined) throw new Error('a replay for a file');
    const complete = { ...replayed.file.complete, updates: false };
    const partly = await verdictOf(log, [2, 3], state('a'), {
      replay: { ...replayed, file: { ...replayed.file, complete } },
    });
    expect(partly.failure?.code).to.equal('chain-broken');
  });

  it('is each of several, all with their own lines, and no more than somebody can read', async () => {
    const many = Array.from({ length: 40 }, (_, at) => supervised.review({ seq: at + 2 }));
    const spoilt = supervised.rebuild({
      seq: 2,
      change: ({ predicate }) => {
        predicate.verdict = 'different';
        predicate.unexplainedBytes = 7;
      },
    });
    const [verdict] = await bothWays(supervised.log(...many, spoilt));
    if (verdict === undefined) return;
    const reviewed = hopsNamed(verdict, 'reviewed');
    expect(reviewed).to.have.length(17);
    expect(reviewed.at(-1)).to.deep.include({ mark: 'not-shown', index: 21 });
    expect(hopsNamed(verdict, 'rebuilt').map(({ mark }) => mark)).to.deep.equal(['proven', 'contradicted']);
  });

  const leaves: readonly (readonly [number, HopName, Party])[] = [
    [1, 'source', custodian],
    [3, 'reviewed', reviewer],
    [4, 'built', builder],
    [5, 'rebuilt', rebuilder],
  ];
  for (const [index, name, signedBy] of leaves) {
    it(`loses the tick of ${name} when leaf ${index} is corrected, and contradicts the answer`, async () => {
      const log = supervised.log();
      log.append(correction({ target: leafHashOf(log.leaves[index] as Uint8Array) }));
      for (const verdict of await bothWays(log)) {
        expect(verdict.answer).to.equal('contradicted');
        expect(verdict.failure).to.deep.include({ code: 'corrected', index: 6 });
        expect(onlyHop(verdict, name)).to.deep.include({ mark: 'contradicted', index });
        expect(onlyHop(verdict, 'corrections')).to.deep.include({ mark: 'contradicted', index: 6 });
        const contradicted = verdict.hops.filter(({ mark }) => mark === 'contradicted');
        expect(contradicted).to.have.length(2);
      }
      expect((await verdictOf(log, [1, 3, 4, 5])).answer, 'the correction withheld').to.equal('proven');
    });

    it(`loses the tick of what leaf ${index} shows when its key was stolen by then`, async () => {
      const stolen = { keyid: signedBy.keyid, kind: 'compromised', reason: 'a test' } as const;
      const revoking = (fromLeaf: number) =>
        authorityDocument({
          version: 2,
          previous: leafHashOf(genesis()),
          signers,
          revocations: [{ ...stolen, fromLeaf }],
        });
      const document = revoking(index);
      const log = supervised.log(document);
      const hop = name === 'built' ? 'keys' : name;
      const bundle = { authorities: [leafHashOf(document)] };
      for (const verdict of [
        await verdictOf(log, undefined, digests, bundle),
        await replayedVerdict(log, [4]),
      ]) {
        expect(verdict.answer).to.equal('contradicted');
        expect(verdict.failure).to.deep.include({ code: 'key-not-in-force', index });
        expect(onlyHop(verdict, hop)).to.deep.include({ mark: 'contradicted', index });
        expect(verdict.hops.filter(({ mark }) => mark === 'contradicted')).to.have.length(1);
      }
      const after = supervised.log(revoking(index + 1));
      expect((await replayedVerdict(after, [4])).answer, 'stolen after it').to.equal('proven');
      expect((await verdictOf(log, [4])).answer, 'the document withheld').to.equal('proven');
    });
  }

  it('tells corrections of corrections, and believes neither', async () => {
    const log = supervised.log();
    const first = correction({ target: leafHashOf(log.leaves[3] as Uint8Array) });
    log.append(first);
    log.append(correction({ seq: 2, target: leafHashOf(first), kind: 'erratum' }));
    for (const verdict of await bothWays(log)) {
      expect(hopsNamed(verdict, 'corrections').map(({ index }) => index)).to.deep.equal([6, 7]);
      expect(verdict.failure?.got).to.equal('retraction at leaf 6 and 1 more');
    }
  });

  describe('a rebuild that differed', () => {
    const mistaken = rebuildResult({
      seq: 2,
      build: { leafHash: leafHashOf(supervised.build), sha256: digest(file) },
      change: ({ predicate }) => {
        predicate.verdict = 'different';
        predicate.unexplainedBytes = 1;
      },
    });
    const taken = correction({ target: leafHashOf(mistaken) });

    it('says nothing once it is retracted, and the retraction is told', async () => {
      for (const verdict of await bothWays(supervised.log(mistaken, taken))) {
        expect(verdict.answer).to.equal('proven');
        const rebuilt = hopsNamed(verdict, 'rebuilt');
        expect(rebuilt.map(({ index, mark }) => [index, mark])).to.deep.equal([
          [5, 'proven'],
          [6, 'not-shown'],
        ]);
        expect(rebuilt[1]).to.deep.include({ verdict: 'different', unexplainedBytes: 1, retractedBy: 7 });
        expect(onlyHop(verdict, 'corrections')).to.deep.include({ mark: 'not-shown', index: 7 });
      }
      expect((await verdictOf(supervised.log(mistaken, taken), [4, 6])).answer, 'withheld').to.equal(
        'contradicted',
      );
    });

    it('says nothing either when it is retracted twice, or one retraction stands and another was corrected', async () => {
      const again = correction({ seq: 2, target: leafHashOf(mistaken) });
      const back = correction({ seq: 3, target: leafHashOf(again) });
      for (const more of [[again], [again, back]]) {
        for (const verdict of await bothWays(supervised.log(mistaken, taken, ...more))) {
          expect(verdict.answer).to.equal('proven');
          expect(hopsNamed(verdict, 'corrections').map(({ mark }) => mark)).to.deep.equal(
            [taken, ...more].map(() => 'not-shown'),
          );
        }
      }
    });

    it('speaks against the file when it is disputed only', async () => {
      const dispute = correction({ target: leafHashOf(mistaken), kind: 'dispute' });
      for (const verdict of await bothWays(supervised.log(mistaken, dispute))) {
        expect(verdict.failure).to.deep.include({ code: 'rebuild-differs', index: 6 });
        expect(hopsNamed(verdict, 'rebuilt')[1]).to.deep.include({ mark: 'contradicted', correctedBy: 7 });
      }
    });

    it('speaks against the file again when its retraction is corrected', async () => {
      const back = correction({ seq: 2, target: leafHashOf(taken) });
      for (const verdict of await bothWays(supervised.log(mistaken, taken, back))) {
        expect(verdict.failure).to.deep.include({ code: 'rebuild-differs', index: 6 });
      }
    });
  });

  it('is contradicted by what contradicts another entry about the same file, shown or found by a replay', async () => {
    const again = build({ seq: 2, file, sourceSha256: manifest });
    const spoilt = rebuildResult({
      seq: 2,
      build: { leafHash: leafHashOf(again), sha256: digest(file) },
      change: ({ predicate }) => {
        predicate.verdict = 'different';
        predicate.unexplainedBytes = 1;
      },
    });
    for (const verdict of await bothWays(supervised.log(again, spoilt))) {
      expect(verdict.failure).to.deep.include({ code: 'rebuild-differs', index: 7 });
      const contradicted = verdict.hops.filter(({ mark }) => mark === 'contradicted');
      expect(contradicted.map(({ hop, entry }) => [hop, entry])).to.deep.equal([['rebuilt', 6]]);
    }
  });

  it('is contradicted by an entry with one digest of the file and another’s, also if only a replay finds it', async () => {
    const named = (seq: number, own: string): Uint8Array =>
      build({
        seq,
        change: (statement) => {
          statement.subject = [{ digest: { sha256: digest(file), sha512: sha512(own) } }];
        },
      });
    const log = new SampleLog([genesis(), named(1, 'own'), named(2, 'not its own')]);
    const own = { ...digests, sha512: sha512('own') };
    expect((await verdictOf(log, [1], own)).answer).to.equal('proven');
    for (const shown of [[1], [1, 2]]) {
      const verdict = await replayedVerdict(log, shown, own);
      expect(verdict.answer).to.equal('contradicted');
      expect(verdict.failure).to.deep.include({ code: 'subject-mismatch', index: 2 });
      expect(onlyHop(verdict, 'file')).to.deep.include({ mark: 'contradicted', index: 2 });
      expect(onlyHop(verdict, 'replayed').mark).to.equal('proven');
    }
  });

  it('takes no notice of what is about another file', async () => {
    const theirs = new Supervised({
      snapshot: { seq: 2, manifestSha256: other },
      build: { seq: 2, file: 'other.exe', sourceSha256: other },
    });
    const spoilt = theirs.rebuild({
      seq: 2,
      build: { leafHash: leafHashOf(theirs.build), sha256: digest('other.exe') },
      change: ({ predicate }) => {
        predicate.verdict = 'different';
        predicate.unexplainedBytes = 1;
      },
    });
    const review = sourceReview({
      seq: 2,
      snapshot: { leafHash: leafHashOf(theirs.snapshot), sha256: other },
    });
    const wrong = correction({ target: leafHashOf(theirs.build) });
    const log = supervised.log(theirs.snapshot, theirs.build, review, spoilt, wrong);
    const alone = await verdictOf(supervised.log());
    const [verdict] = await bothWays(log);
    expect(verdict && marksOf(verdict)).to.deep.equal(marksOf(alone));
    expect((await replayedVerdict(log, [4])).answer).to.equal('proven');
  });
});

describe('the source of a build', () => {
  const sourceOf = async (log: SampleLog) => {
    const [verdict, replayed] = await bothWays(log, log.leaves.length - 1);
    if (verdict === undefined || replayed === undefined) throw new Error('two verdicts');
    const source = onlyHop(verdict, 'source');
    expect(onlyHop(replayed, 'source').mark).to.equal(source.mark);
    expect(replayed.answer).to.equal(verdict.answer);
    return { verdict, source };
  };
  const logOf = (snapshot: Uint8Array, make = supervised.build): SampleLog =>
    new SampleLog([genesis(), snapshot, make]);

  it('is the snapshot whose manifest is one of many inputs', async () => {
    const make = build({
      file,
      change: ({ predicate }) => {
        predicate.buildDefinition.resolvedDependencies = [
          { uri: 'pkg:deb/zlib' },
          { digest: { gitCommit: 'a'.repeat(40) } },
          { digest: { sha256: other } },
          { digest: { sha256: manifest } },
        ];
      },
    });
    const { source } = await sourceOf(logOf(supervised.snapshot, make));
    expect(source).to.deep.include({ mark: 'proven', state: 'snapshot', index: 1, value: manifest });
  });

  it('is not shown by a snapshot of something else, or by one that no digest of the build compares with', async () => {
    const strange = sourceSnapshot({ manifestSha256: other });
    const { source } = await sourceOf(logOf(strange));
    expect(source).to.deep.include({ mark: 'not-shown', state: 'none' });
    const long = sourceSnapshot({
      change: ({ predicate, subject }) => {
        predicate.manifest = { sha512: sha512('manifest') };
        subject[0] = { digest: { sha512: sha512('manifest') } };
      },
    });
    const found = await sourceOf(logOf(long));
    expect(found.source).to.deep.include({ mark: 'not-shown', state: 'none' });
    expect(onlyHop(found.verdict, 'reviewed').mark).to.equal('not-shown');
  });

  it('is contradicted when one digest of the manifest is that of the input and another is not', async () => {
    const both = (own: string) => ({ sha256: manifest, sha512: sha512(own) });
    const snapshot = (own: string) =>
      sourceSnapshot({
        change: ({ predicate, subject }) => {
          predicate.manifest = both(own);
          subject[0] = { digest: both(own) };
        },
      });
    const make = build({
      file,
      change: ({ predicate }) => {
        predicate.buildDefinition.resolvedDependencies = [{ digest: both('this') }];
      },
    });
    expect((await sourceOf(logOf(snapshot('this'), make))).source.mark).to.equal('proven');
    const { verdict, source } = await sourceOf(logOf(snapshot('that'), make));
    expect(source).to.deep.include({ mark: 'contradicted', state: 'conflict', index: 1 });
    expect(verdict.failure).to.deep.include({ code: 'subject-mismatch', index: 1 });
  });

  it('is less than it seems when recorded later, of another product, or not the source of a product', async () => {
    const late = new SampleLog([genesis(), supervised.build, supervised.snapshot]);
    for (const verdict of await bothWays(late, 1)) {
      expect(onlyHop(verdict, 'source')).to.deep.include({
        qualified: true,
        of: 'build',
        recordedAfter: true,
        suits: true,
        ofProduct: true,
      });
    }
    const library = sourceSnapshot({ product: 'zlib', manifestSha256: manifest });
    expect((await sourceOf(logOf(library))).source).to.deep.include({
      qualified: true,
      ofProduct: false,
      own: false,
      recordedAfter: false,
    });
    const scripts = sourceSnapshot({
      manifestSha256: manifest,
      change: ({ predicate }) => (predicate.kind = 'build-scripts'),
    });
    const { source, verdict } = await sourceOf(logOf(scripts));
    expect(source).to.deep.include({ qualified: true, kind: 'build-scripts', suits: false, own: false });
    expect(shortcomingsOf(verdict)).to.include('no-source');
  });
});

describe('the review of a source', () => {
  const reviewedBy = async (review: Uint8Array) => {
    const log = new SampleLog([genesis(), supervised.snapshot, dataAccess(), review, supervised.build]);
    const [verdict, replayed] = await bothWays(log);
    if (verdict === undefined || replayed === undefined) throw new Error('two verdicts');
    const reviewed = onlyHop(verdict, 'reviewed');
    expect(onlyHop(replayed, 'reviewed').mark).to.equal(reviewed.mark);
    return { verdict, reviewed };
  };
  const none = { critical: 0, high: 0, medium: 0, low: 0 };

  it('is a tick only when it is full, of all files, and found nothing', async () => {
    const full = (filesTotal: number) =>
      supervised.review({
        change: ({ predicate }) => {
          predicate.depth = 'full';
          predicate.coverage = { filesCovered: filesTotal, filesTotal };
          predicate.result = 'no-findings';
          predicate.findings = { ...none };
        },
      });
    const { reviewed: whole } = await reviewedBy(full(9310));
    expect(whole)
      .to.deep.include({ mark: 'proven', index: 3, depth: 'full', whole: true, findings: 0 })
      .and.not.have.property('qualified');
    const { reviewed: part } = await reviewedBy(full(100));
    expect(part).to.deep.include({
      mark: 'proven',
      qualified: true,
      depth: 'full',
      whole: false,
      filesCovered: 100,
      filesTotal: 100,
      snapshotFiles: 9310,
    });
  });

  it('is less than it seems when the organisation that built signed it', async () => {
    const own = party('own reviewer', builder.organisation);
    const document = genesis({ signers: [...signers, signer(own, ['reviewer'], [reviewSource])] });
    const authority = leafHashOf(document);
    const made = new Supervised({ snapshot: { authority }, build: { authority } });
    const review = made.review({
      authority,
      signedBy: [own, supervisor],
      change: ({ predicate }) => {
        predicate.depth = 'full';
        predicate.coverage = { filesCovered: 9310, filesTotal: 9310 };
        predicate.result = 'no-findings';
        predicate.findings = { ...none };
      },
    });
    for (const verdict of await bothWays(new SampleLog([document, made.snapshot, review, made.build]), 3)) {
      expect(onlyHop(verdict, 'reviewed')).to.deep.include({
        index: 2,
        qualified: true,
        whole: true,
        findings: 0,
        byMaker: true,
      });
    }
  });

  it('is less than it seems when one signed it whose organisation looks like the one that built', async () => {
    const own = party('look-alike reviewer', 'Example\u00a0Security');
    const document = genesis({ signers: [...signers, signer(own, ['reviewer'], [reviewSource])] });
    const authority = leafHashOf(document);
    const made = new Supervised({ snapshot: { authority }, build: { authority } });
    const review = made.review({
      authority,
      signedBy: [own, supervisor],
      change: ({ predicate }) => {
        predicate.depth = 'full';
        predicate.coverage = { filesCovered: 9310, filesTotal: 9310 };
        predicate.result = 'no-findings';
        predicate.findings = { ...none };
      },
    });
    for (const verdict of await bothWays(new SampleLog([document, made.snapshot, review, made.build]), 3)) {
      expect(verdict.answer).to.equal('proven');
      expect(onlyHop(verdict, 'reviewed')).to.deep.include({
        mark: 'proven',
        qualified: true,
        whole: true,
        byMaker: false,
        likeMaker: true,
      });
    }
  });

  it('is not shown when it was refused or came to no result, and its leaf says so', async () => {
    const { reviewed: refused } = await reviewedBy(
      supervised.review({
        change: ({ predicate }) => {
          predicate.result = 'refused';
          predicate.findings = { ...none };
        },
      }),
    );
    expect(refused).to.deep.include({ mark: 'not-shown', index: 3, result: 'refused' });
    const { reviewed: open } = await reviewedBy(
      supervised.review({ change: ({ predicate }) => (predicate.result = 'inconclusive') }),
    );
    expect(open).to.deep.include({
      mark: 'not-shown',
      result: 'inconclusive',
      depth: 'targeted',
      filesCovered: 412,
    });
  });

  it('is not shown by one that names another leaf with the same manifest', async () => {
    const twin = sourceSnapshot({ seq: 2, manifestSha256: manifest });
    const review = supervised.review({ snapshot: { leafHash: leafHashOf(twin), sha256: manifest } });
    const { reviewed } = await reviewedBy(review);
    expect(reviewed)
      .to.deep.include({ mark: 'not-shown', state: 'none', snapshot: 1, size: 5 })
      .and.not.have.property('absent');
  });

  it('is not shown by one that names the leaf with other digests, and contradicted by a half right one', async () => {
    const naming = (digests: { sha256?: string; sha512?: string }) =>
      supervised.review({
        change: ({ predicate, subject }) => {
          predicate.snapshot.digest = digests;
          subject[0] = { digest: digests };
        },
      });
    for (const [named, agreement] of [
      [{ sha256: other }, 'different'],
      [{ sha512: sha512('x') }, 'incomparable'],
    ] as const) {
      const { reviewed } = await reviewedBy(naming(named));
      expect(reviewed).to.deep.include({ mark: 'not-shown', state: 'review', index: 3, agreement });
    }
    const twoDigests = sourceSnapshot({
      change: ({ predicate, subject }) => {
        predicate.manifest = { sha256: manifest, sha512: sha512('this') };
        subject[0] = { digest: { sha256: manifest, sha512: sha512('this') } };
      },
    });
    const half = sourceReview({
      snapshot: { leafHash: leafHashOf(twoDigests), sha256: manifest },
      change: ({ predicate, subject }) => {
        predicate.snapshot.digest = { sha256: manifest, sha512: sha512('that') };
        subject[0] = { digest: { sha256: manifest, sha512: sha512('that') } };
      },
    });
    for (const verdict of await bothWays(new SampleLog([genesis(), twoDigests, half, supervised.build]), 3)) {
      expect(verdict.failure).to.deep.include({ code: 'subject-mismatch', index: 2 });
      expect(onlyHop(verdict, 'reviewed')).to.deep.include({ mark: 'contradicted', agreement: 'conflict' });
    }
  });
});

describe('the rebuild of a build', () => {
  const rebuiltBy = async (rebuild: Uint8Array, make = supervised.build, own = digests) => {
    const log = new SampleLog([genesis(), make, rebuild]);
    const verdict = await verdictOf(log, undefined, own);
    const replayed = await replayedVerdict(log, [1], own);
    const rebuilt = onlyHop(verdict, 'rebuilt');
    expect(onlyHop(replayed, 'rebuilt').mark).to.equal(rebuilt.mark);
    expect(replayed.answer).to.equal(verdict.answer);
    return { verdict, rebuilt };
  };
  const identical = (sha256 = digest(file)) =>
    supervised.rebuild({
      change: ({ predicate }) => {
        predicate.verdict = 'identical';
        predicate.normalisations = [];
        if (predicate.candidate !== undefined) predicate.candidate.digest = { sha256 };
      },
    });

  it('is no independent one when the organisation that built signed it, whatever it calls itself', async () => {
    const own = party('own rebuilder', builder.organisation);
    const document = genesis({ signers: [...signers, signer(own, ['rebuilder'], [rebuildSource])] });
    const authority = leafHashOf(document);
    const make = build({ authority, file });
    const rebuild = rebuildResult({
      authority,
      build: { leafHash: leafHashOf(make), sha256: digest(file) },
      signedBy: [own],
    });
    const log = new SampleLog([document, make, rebuild]);
    const require = parseRequirements('rebuild=independent');
    for (const replay of [undefined, await replayOf(log)]) {
      expect((await verdictOf(log, undefined, digests, { require, replay })).answer).to.equal('policy');
    }
    for (const verdict of await bothWays(log, 1)) {
      expect(onlyHop(verdict, 'rebuilt')).to.deep.include({
        qualified: true,
        independence: 'vendor',
        stated: 'independent',
      });
      expect(shortcomingsOf(verdict)).to.include('rebuilt-by-vendor');
    }
  });

  it('is less than it seems when one signed it whose organisation looks like the one that built', async () => {
    const own = party('look-alike rebuilder', 'Ex\u0430mple Security');
    const document = genesis({ signers: [...signers, signer(own, ['rebuilder'], [rebuildSource])] });
    const authority = leafHashOf(document);
    const make = build({ authority, file });
    const rebuild = rebuildResult({
      authority,
      build: { leafHash: leafHashOf(make), sha256: digest(file) },
      signedBy: [own],
    });
    const log = new SampleLog([document, make, rebuild]);
    const require = parseRequirements('rebuild=independent');
    // Recorded under rules that took it for another one: told, and nobody is convicted by it.
    expect((await verdictOf(log, undefined, digests, { require })).answer).to.equal('proven');
    for (const verdict of await bothWays(log, 1)) {
      expect(onlyHop(verdict, 'rebuilt')).to.deep.include({
        mark: 'proven',
        qualified: true,
        independence: 'independent',
        likeMaker: true,
      });
    }
  });

  it('is a tick when identical or equivalent, and less than it seems by the vendor’s own hand', async () => {
    const { rebuilt: equal } = await rebuiltBy(identical());
    expect(equal)
      .to.deep.include({ mark: 'proven', index: 2, verdict: 'identical', independence: 'independent' })
      .and.not.have.property('qualified');
    for (const independence of ['vendor-toolchain', 'vendor-machines', 'vendor'] as const) {
      const { rebuilt } = await rebuiltBy(
        supervised.rebuild({ change: ({ predicate }) => (predicate.independence = independence) }),
      );
      expect(rebuilt).to.deep.include({
        mark: 'proven',
        qualified: true,
        verdict: 'equivalent',
        independence,
      });
    }
  });

  it('contradicts the file when it came out different', async () => {
    const { verdict, rebuilt } = await rebuiltBy(
      supervised.rebuild({
        change: ({ predicate }) => {
          predicate.verdict = 'different';
          predicate.unexplainedBytes = 12_345;
        },
      }),
    );
    expect(rebuilt).to.deep.include({
      mark: 'contradicted',
      verdict: 'different',
      unexplainedBytes: 12_345,
    });
    expect(verdict).to.deep.include({ answer: 'contradicted' });
    expect(verdict.failure).to.deep.include({ code: 'rebuild-differs', index: 2 });
  });

  it('contradicts the file when it is called identical and has another digest', async () => {
    const make = build({
      file,
      change: ({ subject }) => (subject[0] = { digest: { sha256: digest(file), sha512: sha512(file) } }),
    });
    const claim = (own: string) =>
      rebuildResult({
        build: { leafHash: leafHashOf(make), sha256: digest(file) },
        change: ({ predicate }) => {
          predicate.verdict = 'identical';
          predicate.normalisations = [];
          if (predicate.candidate !== undefined)
            predicate.candidate.digest = { sha256: digest(file), sha512: sha512(own) };
        },
      });
    expect((await rebuiltBy(claim(file), make)).rebuilt.mark).to.equal('proven');
    const { verdict, rebuilt } = await rebuiltBy(claim('another'), make);
    expect(verdict.failure).to.deep.include({ code: 'rebuild-differs' });
    expect(rebuilt).to.deep.include({ mark: 'contradicted', verdict: 'identical', wrong: 'sha512' });
  });

  it('is not shown when nothing could be rebuilt', async () => {
    const { rebuilt } = await rebuiltBy(
      supervised.rebuild({
        change: ({ predicate }) => {
          predicate.verdict = 'not-rebuildable';
          predicate.normalisations = [];
          delete predicate.candidate;
          delete predicate.environment;
        },
      }),
    );
    expect(rebuilt).to.deep.include({ mark: 'not-shown', index: 2, verdict: 'not-rebuildable' });
  });

  it('counts for its own artefact and its own build alone', async () => {
    const two = build({
      file,
      change: (statement) => {
        statement.subject = [{ digest: { sha256: digest(file) } }, { digest: { sha256: other } }];
      },
    });
    const spoilt = (sha256: string) =>
      rebuildResult({
        build: { leafHash: leafHashOf(two), sha256 },
        change: ({ predicate }) => {
          predicate.verdict = 'different';
          predicate.unexplainedBytes = 1;
        },
      });
    expect((await rebuiltBy(spoilt(digest(file)), two)).rebuilt.mark).to.equal('contradicted');
    const { rebuilt } = await rebuiltBy(spoilt(other), two);
    expect(rebuilt)
      .to.deep.include({ mark: 'not-shown', state: 'none', size: 3 })
      .and.not.have.property('absent');
    const long = (name: string) => digest(`${name} a`) + digest(`${name} b`);
    const both = build({
      file,
      change: (statement) => {
        statement.subject = [
          { digest: { sha256: digest(file), sha512: long(file) } },
          { digest: { sha512: long('other') } },
        ];
      },
    });
    const ofOther = rebuildResult({
      build: { leafHash: leafHashOf(both), sha256: other },
      change: ({ predicate, subject }) => {
        predicate.build.digest = { sha512: long('other') };
        subject[0] = { digest: { sha512: long('other') } };
      },
    });
    expect((await rebuiltBy(ofOther, both)).rebuilt).to.deep.include({ mark: 'not-shown', state: 'none' });
    const elsewhere = rebuildResult({
      build: { leafHash: leafHashOf(supervised.build), sha256: digest(file) },
    });
    expect((await rebuiltBy(elsewhere, two)).rebuilt.mark).to.equal('not-shown');
  });

  it('is contradicted when it names the build with one digest right and another wrong', async () => {
    const own = { sha256: digest(file), sha512: sha512(file) };
    const half = supervised.rebuild({
      change: ({ predicate, subject }) => {
        predicate.build.digest = { sha256: digest(file), sha512: sha512('x') };
        subject[0] = { digest: { sha256: digest(file), sha512: sha512('x') } };
      },
    });
    const { verdict, rebuilt } = await rebuiltBy(half, supervised.build, own);
    expect(verdict.failure).to.deep.include({ code: 'subject-mismatch', index: 2 });
    expect(rebuilt).to.deep.include({ mark: 'contradicted', agreement: 'conflict' });
  });
});
