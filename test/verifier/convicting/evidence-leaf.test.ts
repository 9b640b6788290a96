import { expect } from 'chai';
import { toHex, utf8 } from '../../../src/bytes.ts';
import { proveConsistency } from '../../../src/tlog/consistency.ts';
import { proveInclusion } from '../../../src/tlog/inclusion.ts';
import { collectUnauthorised } from '../../../src/verifier/convicting/evidence-collect.ts';
import {
  equivocationEvidence,
  unauthorisedEvidence,
} from '../../../src/verifier/convicting/evidence-file.ts';
import type { LeavesBelow, ProvenLeaf } from '../../../src/verifier/convicting/evidence-file.ts';
import { evidenceFacts } from '../../../src/verifier/convicting/evidence-finding.ts';
import { verifyEvidence } from '../../../src/verifier/convicting/evidence.ts';
import type { EvidenceFinding } from '../../../src/verifier/convicting/evidence-finding.ts';
import { LogClient } from '../../../src/verifier/proving/log-client.ts';
import { hashLeaf } from '#sha256';
import * as fixtures from '../../fixtures/attestations.ts';
import { refusal } from '../../note/refusal.ts';
import { rejection } from '../rejection.ts';
import { SampleLog } from '../sample-log.ts';

const { authorityDocument, build, builder, dataAccess, databaseUpdate, genesis, leafHashOf, supervisor } =
  fixtures;

const leaf0 = genesis();
const kept = [{ keyid: fixtures.publisher.keyid, kind: 'revoked', fromLeaf: 3, reason: 'a test' }] as const;
const second = authorityDocument({ version: 2, previous: leafHashOf(leaf0), revocations: kept });
const third = authorityDocument({
  version: 3,
  previous: leafHashOf(second),
  revocations: [...kept, { keyid: builder.keyid, kind: 'compromised', fromLeaf: 1, reason: 'a test' }],
});
const [v1, v2, v3] = [leafHashOf(leaf0), leafHashOf(second), leafHashOf(third)];

async function proven(log: SampleLog, index: number, size = log.size): Promise<ProvenLeaf> {
  const hashes = await proveInclusion({ index, size }, log.reader);
  return { index, leaf: log.leaves[index] ?? utf8(''), hashes };
}

async function below(log: SampleLog, index: number, size = log.size): Promise<LeavesBelow> {
  return {
    leafHashes: log.leaves.slice(0, index).map((leaf) => hashLeaf(leaf)),
    proof: await proveConsistency({ from: index, to: size }, log.reader),
  };
}

interface Shown {
  readonly index: number;
  readonly documents?: readonly number[];
  readonly below?: boolean;
  readonly size?: number;
}

async function unauthorised(log: SampleLog, shown: Shown): Promise<Uint8Array> {
  const { index, documents = [], size = log.size } = shown;
  return unauthorisedEvidence({
    checkpoint: await log.note({ size, cosigners: [] }),
    leaf: await proven(log, index, size),
    documents: await Promise.all(documents.map((at) => proven(log, at, size))),
    ...(shown.below === true ? { below: await below(log, index, size) } : {}),
  });
}

async function findingOf(log: SampleLog, shown: Shown): Promise<EvidenceFinding> {
  const finding = verifyEvidence(await unauthorised(log, shown), log.trust());
  expect(finding).to.deep.include({ kind: 'unauthorised-leaf', against: ['log'], indices: [shown.index] });
  return finding;
}

async function codeOf(log: SampleLog, shown: Shown): Promise<string> {
  const bytes = await unauthorised(log, shown);
  return refusal(() => verifyEvidence(bytes, log.trust())).code;
}

const subsetsOf = (items: readonly number[]): number[][] =>
  items.reduce<number[][]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]]);

/** Documents at 0, 3 and 6; all of it in good order. */
const honest = new SampleLog([
  leaf0,
  build({ seq: 1, authority: v1 }),
  databaseUpdate({ seq: 1, authority: v1 }),
  second,
  build({ seq: 2, authority: v2 }),
  dataAccess({ seq: 1, authority: v2 }),
  third,
  dataAccess({ seq: 2, authority: v3 }),
]);

describe('evidence of an unauthorised leaf', () => {
  const after = (...leaves: readonly Uint8Array[]): SampleLog =>
    new SampleLog([leaf0, build({ seq: 1 }), second, ...leaves, build({ seq: 9, authority: v2 })]);

  it('names the leaf and what was wrong with it', async () => {
    const two = [fixtures.root, fixtures.party('another root')];
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['missing-role', build({ seq: 2, authority: v2, signedBy: [supervisor] })],
      ['unknown-signer', build({ seq: 2, authority: v2, signedBy: [fixtures.party('nobody'), supervisor] })],
      ['key-not-in-force', databaseUpdate({ authority: v2 })],
      ['source-not-allowed', dataAccess({ authority: v2, source: 'builds' })],
      ['authority-superseded', build({ seq: 2, authority: v1 })],
      ['wrong-origin', build({ seq: 2, authority: v2, origin: 'other.example' })],
      ['authority-superseded', authorityDocument({ version: 2, previous: v1 })],
      ['authority-invalid', authorityDocument({ version: 3, previous: v2 })],
      [
        'missing-role',
        authorityDocument({
          version: 3,
          previous: v2,
          revocations: kept,
          roots: two,
          signedBy: [fixtures.root],
          threshold: 2,
        }),
      ],
    ];
    for (const [code, leaf] of cases) {
      const finding = await findingOf(after(leaf), { index: 3, documents: [0, 2] });
      expect(evidenceFacts(finding)).to.include({ leafHash: leafHashOf(leaf), code });
      expect(finding).to.deep.include({ sizes: [5], indices: [3] });
    }
  });

  it('of a bad signature rests on the key that the document gives', async () => {
    const good = new TextDecoder().decode(build({ seq: 2, authority: v2 }));
    const sigs = [...good.matchAll(/"sig":"([^"]{10})/g)].map(([, sig = '']) => sig);
    const bad = utf8(
      good.replace(
        sigs[0] ?? '',
        sigs[0]?.startsWith('A') ? `B${sigs[0].slice(1)}` : `A${sigs[0]?.slice(1)}`,
      ),
    );
    expect(evidenceFacts(await findingOf(after(bad), { index: 3, documents: [0, 2] }))['code']).to.equal(
      'bad-signature',
    );
    expect(await codeOf(after(bad), { index: 3 })).to.equal('authority-unproven');
  });

  it('needs nothing but the leaf where that is malformed, of another log, or the wrong beginning', async () => {
    const leaves = [utf8(''), utf8('junk'), Uint8Array.of(0xff, 0xfe), new Uint8Array(65_535), utf8('{}')];
    for (const leaf of leaves) await findingOf(after(leaf), { index: 3 });
    await findingOf(after(build({ seq: 2, origin: 'other.example' })), { index: 3 });
    const wrong = new SampleLog([genesis({ threshold: 1, signers: [] }), build({ seq: 1 })]);
    const bytes = await unauthorised(wrong, { index: 0 });
    expect(evidenceFacts(verifyEvidence(bytes, honest.trust()))['code']).to.equal('leaf-mismatch');
  });

  it('of an entry that names no document at all is had by listing every leaf hash below', async () => {
    const log = after(build({ seq: 2, authority: toHex(hashLeaf(utf8('no such document'))) }));
    expect(await codeOf(log, { index: 3, documents: [0, 2] })).to.equal('authority-unproven');
    const finding = await findingOf(log, { index: 3, documents: [0, 2], below: true });
    expect(evidenceFacts(finding)['code']).to.equal('authority-invalid');
  });

  it('of an entry that names an invalid document, or an entry, shows what it names', async () => {
    const rootless = authorityDocument({ version: 3, previous: v2, signedBy: [builder] });
    const under = build({ seq: 2, authority: leafHashOf(rootless) });
    const log = after(rootless, under, build({ seq: 3, authority: leafHashOf(build({ seq: 1 })) }));
    expect(await codeOf(log, { index: 4, documents: [0, 2], below: true })).to.equal('authority-unproven');
    await findingOf(log, { index: 4, documents: [0, 2, 3] });
    await findingOf(log, { index: 5, documents: [0, 1, 2] });
  });

  it('of a document whose version is taken needs no predecessor shown', async () => {
    const late = authorityDocument({ version: 2, previous: fixtures.digest('nowhere') });
    const finding = await findingOf(after(late), { index: 3, documents: [0, 2] });
    expect(evidenceFacts(finding)['code']).to.equal('authority-superseded');
    expect(await codeOf(after(late), { index: 3, documents: [0] })).to.equal('authority-unproven');
  });

  it('follows a chain of invalid documents down to one that was never there', async () => {
    const floating = authorityDocument({ version: 7, previous: fixtures.digest('nowhere') });
    const upon = authorityDocument({ version: 8, previous: leafHashOf(floating) });
    const log = after(floating, upon, build({ seq: 2, authority: leafHashOf(upon) }));
    expect(await codeOf(log, { index: 5, documents: [0, 2, 3, 4] })).to.equal('authority-unproven');
    await findingOf(log, { index: 5, documents: [0, 2, 3, 4], below: true });
    // A document may name a leaf that was recorded only after it: not below it either.
    const early = new SampleLog([leaf0, upon, floating, build({ seq: 2, authority: leafHashOf(upon) })]);
    await findingOf(early, { index: 3, documents: [0, 1], below: true });
  });

  it('cannot be made against an honest log, whatever documents and sizes its author chooses', async () => {
    const trust = honest.trust();
    for (let index = 0; index < 8; index++) {
      for (const documents of subsetsOf([0, 3, 6])) {
        for (const listed of [false, true]) {
          if (listed && index === 0) continue;
          const bytes = await unauthorised(honest, { index, documents, below: listed, size: 8 });
          const { code } = refusal(() => verifyEvidence(bytes, trust));
          const complete = [0, 3, 6].filter((at) => at < index).join() === documents.join();
          if (complete) expect(code).to.equal('not-evidence');
          expect(code).to.be.oneOf(['not-evidence', 'authority-unproven', 'malformed-evidence']);
        }
      }
    }
  });

  it('does not hold a later revocation against a leaf that came before it', async () => {
    // The document at 6 says that the builder's key was stolen before leaf 1.
    expect(await codeOf(honest, { index: 4, documents: [0, 3, 6], size: 8 })).to.equal('malformed-evidence');
    expect(await codeOf(honest, { index: 4, documents: [0, 3], size: 8 })).to.equal('not-evidence');
  });

  it('cannot be made by changing what is listed below a leaf', async () => {
    const leaf = await proven(honest, 5, 8);
    const documents = [await proven(honest, 0, 8)];
    const checkpoint = await honest.note({ size: 8 });
    const listed = await below(honest, 5, 8);
    const spoilt: readonly (readonly [string, LeavesBelow, string])[] = [
      [
        'the document left out',
        { ...listed, leafHashes: listed.leafHashes.toSpliced(3, 1) },
        'malformed-evidence',
      ],
      [
        'another in its place',
        { ...listed, leafHashes: listed.leafHashes.with(3, hashLeaf(utf8('x'))) },
        'consistency-failed',
      ],
      ['a smaller tree', await below(honest, 3, 8), 'malformed-evidence'],
      ['another proof', { ...listed, proof: [] }, 'consistency-failed'],
    ];
    for (const [name, made, code] of spoilt) {
      const bytes = unauthorisedEvidence({ checkpoint, leaf, documents, below: made });
      expect(refusal(() => verifyEvidence(bytes, honest.trust())).code, name).to.equal(code);
    }
    const good = unauthorisedEvidence({ checkpoint, leaf, documents, below: listed });
    const cut = utf8(new TextDecoder().decode(good).replace(/"leafHashes":"[^"]{4}/, '"leafHashes":"'));
    expect(refusal(() => verifyEvidence(cut, honest.trust())).at).to.equal(
      '/unauthorised-leaf/below/leafHashes',
    );
  });

  it('rests on inclusion, on the pinned leaf 0 and on the order of documents', async () => {
    const log = after(build({ seq: 2, authority: v2, signedBy: [supervisor] }));
    const checkpoint = await log.note();
    const leaf = await proven(log, 3);
    const documents = [await proven(log, 0), await proven(log, 2)];
    const [zero, two] = documents as [ProvenLeaf, ProvenLeaf];
    const forgery = build({ seq: 3, authority: v2, signedBy: [builder] });
    const cases: readonly (readonly [string, Parameters<typeof unauthorisedEvidence>[0], string])[] = [
      ['another leaf', { checkpoint, leaf: { ...leaf, leaf: forgery }, documents }, 'inclusion-failed'],
      ['another index', { checkpoint, leaf: { ...leaf, index: 4 }, documents }, 'inclusion-failed'],
      ['an index beyond the tree', { checkpoint, leaf: { ...leaf, index: 5 }, documents }, 'out-of-range'],
      [
        'a forged document',
        { checkpoint, leaf, documents: [zero, { ...two, leaf: third }] },
        'inclusion-failed',
      ],
      ['a document twice', { checkpoint, leaf, documents: [zero, two, two] }, 'malformed-evidence'],
      ['no leaf 0', { checkpoint, leaf, documents: [two] }, 'malformed-evidence'],
    ];
    for (const [name, parts, code] of cases) {
      const bytes = unauthorisedEvidence(parts);
      expect(refusal(() => verifyEvidence(bytes, log.trust())).code, name).to.equal(code);
    }
    const elsewhere = { ...log.trust(), genesis: fixtures.digest('another') };
    const bytes = unauthorisedEvidence({ checkpoint, leaf, documents });
    expect(verifyEvidence(bytes, log.trust()).kind).to.equal('unauthorised-leaf');
    expect(refusal(() => verifyEvidence(bytes, elsewhere)).code).to.equal('leaf-mismatch');
  });

  it('is silent about a type that this verifier does not know', async () => {
    const unknown = build({
      seq: 2,
      authority: v2,
      change: (statement) => (statement.predicateType = 'urn:isal:predicate:of-tomorrow:v1'),
    });
    expect(await codeOf(after(unknown), { index: 3, documents: [0, 2] })).to.equal('unknown-type');
  });

  it('is gathered from the tiles of a log', async () => {
    const nowhere = authorityDocument({ version: 7, previous: fixtures.digest('nowhere') });
    const log = after(
      build({ seq: 2, authority: v2, signedBy: [supervisor] }),
      build({ seq: 3, authority: fixtures.digest('no such document') }),
      nowhere,
      build({ seq: 4, authority: leafHashOf(nowhere) }),
      utf8('junk'),
    );
    const trust = log.trust();
    const client = new LogClient({ policy: trust.policy, fetchPath: log.serve() });
    const { note: checkpoint, checkpoint: head } = await client.checkpoint();
    const view = client.at(head);
    for (const index of [3, 4, 5, 6, 7]) {
      const bytes = await collectUnauthorised({ checkpoint, view, index, documents: [0, 2] });
      expect(verifyEvidence(bytes, trust).indices).to.deep.equal([index]);
    }
    for (const index of [0, 1, 2, 8]) {
      const bytes = await collectUnauthorised({ checkpoint, view, index, documents: [0, 2] });
      expect(refusal(() => verifyEvidence(bytes, trust)).code).to.equal('not-evidence');
    }
    const error = await rejection(() =>
      collectUnauthorised({ checkpoint, view, index: head.size, documents: [0] }),
    );
    expect(error.code).to.equal('out-of-range');
  });
});

describe('evidence of an equivocation', () => {
  const log = new SampleLog([
    leaf0,
    build({ seq: 1, file: 'a' }),
    build({ seq: 1, file: 'b' }),
    build({ seq: 1, file: 'a' }),
    second,
    build({ seq: 1, file: 'a', authority: v2 }),
    build({ seq: 2, file: 'c', authority: v2 }),
  ]);
  const trust = log.trust();

  async function equivocation(
    recorded: number,
    other: number | Uint8Array,
    documents: readonly number[] = [0, 4],
  ): Promise<Uint8Array> {
    return equivocationEvidence({
      checkpoint: await log.note({ cosigners: [] }),
      documents: await Promise.all(documents.map((at) => proven(log, at))),
      recorded: await proven(log, recorded),
      other: typeof other === 'number' ? await proven(log, other) : { leaf: other },
    });
  }

  it('of two recorded contents is held against the source and the log', async () => {
    const finding = verifyEvidence(await equivocation(1, 2), trust);
    expect(finding).to.deep.include({ kind: 'equivocation', against: ['source', 'log'], indices: [1, 2] });
    if (finding.kind !== 'equivocation') throw new Error(finding.kind);
    expect(finding).to.include({ source: 'builds', seq: 1 });
    expect(finding.signers).to.have.members([builder.keyid, supervisor.keyid]);
  });

  it('of an envelope that was refused is held against the source alone', async () => {
    const finding = verifyEvidence(await equivocation(6, build({ seq: 2, file: 'd', authority: v1 })), trust);
    expect(finding).to.deep.include({ against: ['source'], indices: [6] });
  });

  it('of one content recorded twice is held against the log alone', async () => {
    for (const other of [3, 5]) {
      expect(verifyEvidence(await equivocation(1, other), trust).against).to.deep.equal(['log']);
    }
  });

  it('is not had from an entry signed again for a newer authority document', async () => {
    const again = build({ seq: 2, file: 'c', authority: v1 });
    const bytes = await equivocation(6, again);
    expect(refusal(() => verifyEvidence(bytes, trust)).code).to.equal('not-evidence');
  });

  it('is not had from other numbers, one leaf, or an authority document', async () => {
    for (const other of [1, 4, 6, build({ seq: 1, file: 'a', source: 'builds' })]) {
      const bytes = await equivocation(1, other);
      expect(refusal(() => verifyEvidence(bytes, trust)).code, String(other)).to.equal('not-evidence');
    }
  });

  it('is not had by one of two parties that sign together, nor by a stranger', async () => {
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['missing-role', build({ seq: 1, file: 'e', signedBy: [supervisor] })],
      ['unknown-signer', build({ seq: 1, file: 'e', signedBy: [fixtures.party('nobody'), supervisor] })],
      ['wrong-origin', build({ seq: 1, file: 'e', origin: 'other.example' })],
      ['authority-unproven', build({ seq: 1, file: 'e', authority: v3 })],
      ['source-not-allowed', databaseUpdate({ seq: 1, source: 'builds' })],
    ];
    for (const [code, envelope] of cases) {
      const bytes = await equivocation(1, envelope);
      expect(refusal(() => verifyEvidence(bytes, trust)).code).to.equal(code);
    }
    const text = new TextDecoder().decode(build({ seq: 1, file: 'e' }));
    const unsigned = utf8(text.replace(/"sig":"[^"]{8}/, '"sig":"AAAAAAAA'));
    const bytes = await equivocation(1, unsigned);
    expect(refusal(() => verifyEvidence(bytes, trust)).code).to.equal('bad-signature');
  });

  it('is not had from an entry that stands below the document that it names', async () => {
    const early = new SampleLog([leaf0, build({ seq: 1, authority: v2 }), second]);
    const bytes = equivocationEvidence({
      checkpoint: await early.note(),
      documents: [await proven(early, 0), await proven(early, 2)],
      recorded: await proven(early, 1),
      other: { leaf: build({ seq: 1, file: 'b', authority: v2 }) },
    });
    expect(refusal(() => verifyEvidence(bytes, trust))).to.include({ code: 'authority-unproven', index: 1 });
  });

  it('wants an index and a proof, or neither', async () => {
    const bytes = await equivocation(1, 2);
    const file = JSON.parse(new TextDecoder().decode(bytes)) as {
      equivocation: { other: { proof?: unknown } };
    };
    delete file.equivocation.other.proof;
    expect(refusal(() => verifyEvidence(utf8(JSON.stringify(file)), trust)).code).to.equal(
      'malformed-evidence',
    );
  });

  it('cannot be made from any two leaves of an honest log', async () => {
    const documents = await Promise.all([0, 3, 6].map((at) => proven(honest, at, 8)));
    const checkpoint = await honest.note({ size: 8 });
    for (let recorded = 0; recorded < 8; recorded++) {
      for (let other = 0; other < 8; other++) {
        const bytes = equivocationEvidence({
          checkpoint,
          documents,
          recorded: await proven(honest, recorded, 8),
          other: await proven(honest, other, 8),
        });
        expect(refusal(() => verifyEvidence(bytes, honest.trust())).code).to.equal('not-evidence');
      }
    }
  });
});
