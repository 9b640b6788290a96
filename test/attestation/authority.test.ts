import { expect } from 'chai';
import { verifyEd25519 } from '#ed25519';
import { fromBase64 } from '../../src/bytes.ts';
import { missingRoots } from '../../src/attestation/authority-document.ts';
import type { ErrorCode } from '../../src/errors.ts';
import {
  AuthoritySnapshot,
  verifySignatures,
  verifySignaturesAsync,
} from '../../src/attestation/authority.ts';
import type { Attestation } from '../../src/attestation/statement.ts';
import {
  authority,
  entry,
  expectRefusal,
  firstDocument,
  nextDocument,
  origin,
  party,
  signer,
  someKeyid,
} from './authority-parts.ts';
import type { Document, EntryOptions } from './authority-parts.ts';

const genesis = AuthoritySnapshot.genesis(authority(firstDocument()));

function withSignatures(
  attestation: Attestation,
  change: (signatures: Attestation['envelope']['signatures']) => Attestation['envelope']['signatures'],
): Attestation {
  const { envelope } = attestation;
  return {
    ...attestation,
    envelope: { ...envelope, signatures: change(envelope.signatures) },
  };
}

/** The same with one bit of one signature turned. */
function withBadSignature(attestation: Attestation, position: number): Attestation {
  return withSignatures(attestation, (signatures) =>
    signatures.map((signature, at) => {
      if (at !== position) return signature;
      const sig = Uint8Array.from(signature.sig);
      sig[0] = (sig[0] ?? 0) ^ 1;
      return { ...signature, sig };
    }),
  );
}

describe('attestation/authority: the first document', () => {
  it('is in force from leaf 0 on, with its keys', () => {
    expect(genesis).to.include({ index: 0, version: 1, origin });
    expect(genesis.leafHash).to.match(/^[0-9a-f]{64}$/);
    const { keyid, publicKey } = party('builder');
    expect(genesis.publicKeyOf(keyid)).to.deep.equal(fromBase64(publicKey));
    expect(genesis.signerOf(keyid)?.organisation).to.equal('Vendor');
    expect(genesis.publicKeyOf(party('r1').keyid), 'a root is no signer').to.equal(undefined);
    expect(genesis.statusOf(keyid, 1)).to.equal('in-force');
  });

  const refused: [string, () => Attestation, ErrorCode, string?][] = [
    ['an entry of another type', () => entry({ inForce: genesis }), 'unknown-type', '/predicateType'],
    ['version 2', () => authority(firstDocument({ version: 2 })), 'authority-invalid', '/predicate/version'],
    [
      'a predecessor',
      () => authority(firstDocument({ previous: someKeyid(1) })),
      'authority-invalid',
      '/predicate/previous',
    ],
    [
      'a document that contradicts itself',
      () => authority(firstDocument({ root: { threshold: 2, keys: [party('r1').publicKey] } })),
      'authority-invalid',
    ],
    ['too few of its roots', () => authority(firstDocument(), ['r1']), 'missing-role'],
    [
      'more of its roots than asked for',
      () => authority(firstDocument(), ['r1', 'r2', 'r3']),
      'superfluous-signature',
    ],
    [
      'a signature of no root',
      () => authority(firstDocument(), ['r1', 'builder']),
      'unknown-signer',
      '/signatures/1',
    ],
    [
      'one root who signs twice',
      () => authority(firstDocument(), ['r1', 'r1']),
      'duplicate-signature',
      '/signatures/1',
    ],
    [
      'a root signature that does not verify',
      () => withBadSignature(authority(firstDocument()), 1),
      'bad-signature',
      '/signatures/1',
    ],
  ];
  for (const [name, make, code, at] of refused) {
    it(`refuses ${name}`, () => {
      expectRefusal(() => AuthoritySnapshot.genesis(make()), code, at);
    });
  }
});

describe('attestation/authority: ordinary entries', () => {
  it('lets in what the rule of its type asks for, and says who signed', () => {
    const build = entry({ inForce: genesis });
    const { signers, keys } = genesis.authorise(build);
    expect(signers.map(({ name }) => name)).to.deep.equal(['builder', 'supervisor']);
    expect([...keys.keys()]).to.deep.equal([party('builder').keyid, party('supervisor').keyid]);
    verifySignatures(build, keys);
  });

  const refused: [string, Partial<EntryOptions>, ErrorCode, string?][] = [
    [
      'another origin',
      { origin: 'isal.example/other' },
      'wrong-origin',
      '/predicate/isal_supervision/ledger/origin',
    ],
    [
      'another origin, of a type that carries it itself',
      { origin: 'isal.example/other', type: 'database-update' },
      'wrong-origin',
      '/predicate/ledger/origin',
    ],
    [
      'another authority',
      { inForce: { leafHash: someKeyid(1) } },
      'authority-superseded',
      '/predicate/isal_supervision/ledger/authority',
    ],
    [
      'another authority, of a type that carries it itself',
      { inForce: { leafHash: someKeyid(1) }, type: 'database-update' },
      'authority-superseded',
      '/predicate/ledger/authority',
    ],
    [
      'a type without a rule',
      { predicateType: 'urn:isal:predicate:data-access:v1' },
      'unknown-type',
      '/predicateType',
    ],
    ['a key that is not listed', { names: ['builder', 'stranger'] }, 'unknown-signer', '/signatures/1'],
    ['a root key', { names: ['builder', 'r1'] }, 'unknown-signer', '/signatures/1'],
    ['one key twice', { names: ['builder', 'builder'] }, 'duplicate-signature', '/signatures/1'],
    ['a source that one signer may not use', { source: 's2' }, 'source-not-allowed', '/signatures/0'],
    ['a source that nobody may use', { source: 's3' }, 'source-not-allowed', '/signatures/0'],
    ['a missing role', { names: ['builder'] }, 'missing-role'],
    ['nobody', { names: [] }, 'missing-role'],
    [
      'two roles by one organisation',
      { names: ['builder', 'vendor-supervisor'] },
      'same-organisation',
      '/signatures/1',
    ],
    [
      'a superfluous signature',
      { names: ['builder', 'publisher', 'supervisor'] },
      'superfluous-signature',
      '/signatures/1',
    ],
  ];
  for (const [name, options, code, at] of refused) {
    it(`refuses ${name}`, () => {
      expectRefusal(() => genesis.authorise(entry({ inForce: genesis, ...options })), code, at);
    });
  }

  it('names the authority in force to one who comes with another', () => {
    const error = expectRefusal(
      () => genesis.authorise(entry({ inForce: { leafHash: someKeyid(1) } })),
      'authority-superseded',
    );
    expect(error.facts).to.deep.equal({ authority: genesis.leafHash, version: 1 });
  });

  it('says what an authority without any rule takes', () => {
    const none = AuthoritySnapshot.genesis(authority(firstDocument({ rules: [] })));
    const error = expectRefusal(() => none.authorise(entry({ inForce: none })), 'unknown-type');
    expect(error.expected).to.equal('no entries at all');
  });

  it('names the signer and the sources that it has, when it uses another', () => {
    const error = expectRefusal(
      () => genesis.authorise(entry({ inForce: genesis, source: 's2' })),
      'source-not-allowed',
    );
    expect(error.facts).to.deep.equal({ keyid: party('builder').keyid });
    expect(error.expected).to.equal('builder signs for s1');
    const mute = AuthoritySnapshot.genesis(
      authority(firstDocument({ signers: [signer('builder', 'V', ['builder'], [])] })),
    );
    const nothing = expectRefusal(
      () => mute.authorise(entry({ inForce: mute, names: ['builder'] })),
      'source-not-allowed',
    );
    expect(nothing.expected).to.equal('builder signs for no stream');
  });

  it('takes a correction by all who signed its target, where the caller says who they were', () => {
    const names = ['publisher', 'supervisor'];
    const correction = entry({ inForce: genesis, type: 'database-update', names: ['supervisor'] });
    const keyids = (list: readonly string[]): Set<string> => new Set(list.map((name) => party(name).keyid));
    genesis.authorise(correction, { target: keyids(['supervisor']) });
    expectRefusal(() => genesis.authorise(correction, { target: keyids(names) }), 'missing-role');
    expectRefusal(() => genesis.authorise(correction), 'missing-role');
  });

  it('refuses a key from the leaf on at which its revocation counts', () => {
    const { keyid } = party('builder');
    const revocations = [{ keyid, kind: 'superseded', fromLeaf: 20, reason: 'a test' }] as const;
    const rotated = genesis.succeed(authority(nextDocument(genesis, { revocations: [...revocations] })), {
      index: 10,
    });
    const build = entry({ inForce: rotated });
    rotated.authorise(build, { index: 19 });
    rotated.authorise(build);
    const error = expectRefusal(
      () => rotated.authorise(build, { index: 20 }),
      'key-not-in-force',
      '/signatures/0',
    );
    expect(error.facts).to.deep.equal({ keyid, status: 'superseded' });
    expect(error.got).to.equal(`${keyid}, superseded from leaf 20 on`);
    rotated.requireInForce(build, { index: 19 });
    expectRefusal(() => rotated.requireInForce(build, { index: 20 }), 'key-not-in-force');
  });

  it('is asked only about leaves above its document', () => {
    expect(() => genesis.authorise(entry({ inForce: genesis }), { index: 0 })).to.throw('broken invariant');
  });
});

describe('attestation/authority: succession', () => {
  const v2 = (changes: Partial<Document> = {}): Document => nextDocument(genesis, changes);
  const newRoots = { threshold: 2, keys: ['r2', 'r3', 'r4'].map((name) => party(name).publicKey) };
  const strangers = { threshold: 1, keys: [party('n1').publicKey] };

  it('puts the successor in force and leaves the predecessor as it was', () => {
    const successor = authority(v2({ signers: [signer('builder', 'Vendor', ['builder'])] }));
    const snapshot = genesis.succeed(successor, { index: 7 });
    expect(snapshot).to.include({ index: 7, version: 2, origin });
    expect(snapshot.publicKeyOf(party('supervisor').keyid)).to.equal(undefined);
    expect(genesis.publicKeyOf(party('supervisor').keyid)).to.be.instanceOf(Uint8Array);
    expectRefusal(() => snapshot.authorise(entry({ inForce: genesis })), 'authority-superseded');
    expectRefusal(() => snapshot.authorise(entry({ inForce: snapshot })), 'unknown-signer');
  });

  it('changes roots when both quorums sign', () => {
    const shared = genesis.succeed(authority(v2({ root: newRoots }), ['r2', 'r3']), { index: 3 });
    expect(shared.document.root).to.deep.equal(newRoots);
    genesis.succeed(authority(v2({ root: strangers }), ['r1', 'r2', 'n1']), { index: 3 });
    const third = nextDocument(shared);
    shared.succeed(authority(third, ['r3', 'r4']), { index: 4 });
    expectRefusal(() => shared.succeed(authority(third, ['r1', 'r2']), { index: 4 }), 'unknown-signer');
  });

  const refused: [string, () => Attestation, ErrorCode, string?][] = [
    ['an entry of another type', () => entry({ inForce: genesis }), 'unknown-type', '/predicateType'],
    [
      'another origin',
      () => authority(v2({ origin: 'isal.example/other' })),
      'wrong-origin',
      '/predicate/origin',
    ],
    [
      'the same version with other bytes',
      () => authority(firstDocument({ occurredAt: '2026-01-01T00:00:01Z' })),
      'authority-superseded',
      '/predicate/version',
    ],
    ['a skipped version', () => authority(v2({ version: 3 })), 'authority-invalid', '/predicate/version'],
    [
      'another predecessor',
      () => authority(v2({ previous: someKeyid(1) })),
      'authority-invalid',
      '/predicate/previous',
    ],
    ['no predecessor', () => authority(v2({ previous: null })), 'authority-invalid', '/predicate/previous'],
    [
      'a document that contradicts itself',
      () => authority(v2({ root: { ...newRoots, threshold: 4 } })),
      'authority-invalid',
      '/predicate/root/threshold',
    ],
    ['no old quorum', () => authority(v2({ root: strangers }), ['r1', 'n1']), 'missing-role'],
    ['no new quorum', () => authority(v2({ root: strangers }), ['r1', 'r2']), 'missing-role'],
    [
      'a signature that neither quorum needs',
      () => authority(v2({ root: newRoots }), ['r1', 'r2', 'r3']),
      'superfluous-signature',
    ],
    [
      'a signer beside the roots',
      () => authority(v2(), ['r1', 'r2', 'supervisor']),
      'unknown-signer',
      '/signatures/2',
    ],
    [
      'one old root who signs twice',
      () => authority(v2(), ['r1', 'r1']),
      'duplicate-signature',
      '/signatures/1',
    ],
    [
      'an old signature that does not verify',
      () => withBadSignature(authority(v2()), 0),
      'bad-signature',
      '/signatures/0',
    ],
    [
      'a new signature that does not verify',
      () => withBadSignature(authority(v2({ root: strangers }), ['r1', 'r2', 'n1']), 2),
      'bad-signature',
      '/signatures/2',
    ],
  ];
  for (const [name, make, code, at] of refused) {
    it(`refuses ${name}`, () => {
      expectRefusal(() => genesis.succeed(make(), { index: 3 }), code, at);
    });
  }

  it('says which quorum is missing', () => {
    const old = expectRefusal(
      () => genesis.succeed(authority(v2({ root: strangers }), ['r1', 'n1']), { index: 3 }),
      'missing-role',
    );
    expect(old.facts).to.deep.equal({ role: 'root', roots: 'old' });
    const next = expectRefusal(
      () => genesis.succeed(authority(v2({ root: strangers }), ['r1', 'r2']), { index: 3 }),
      'missing-role',
    );
    expect(next.facts).to.deep.equal({ role: 'root', roots: 'new' });
  });

  it('keeps revocations: none dropped, none raised, a lower one taken', () => {
    const { keyid } = party('publisher');
    const revoked = (fromLeaf: number): Document['revocations'] => [
      { keyid, kind: 'revoked', fromLeaf, reason: 'a test' },
    ];
    const second = genesis.succeed(authority(v2({ revocations: revoked(40) })), { index: 10 });
    const third = (revocations: Document['revocations']): Attestation =>
      authority(nextDocument(second, { revocations }));
    expectRefusal(
      () => second.succeed(third([]), { index: 20 }),
      'authority-invalid',
      '/predicate/revocations',
    );
    expectRefusal(
      () => second.succeed(third(revoked(41)), { index: 20 }),
      'authority-invalid',
      '/predicate/revocations/0/fromLeaf',
    );
    const lowered = second.succeed(third(revoked(30)), { index: 20 });
    expect(lowered.statusOf(keyid, 29)).to.equal('in-force');
    expect(lowered.statusOf(keyid, 30)).to.equal('revoked');
    expect(second.statusOf(keyid, 30), 'the predecessor is as it was').to.equal('in-force');
  });

  it('knows a compromise that reaches back below the document that says so', () => {
    const { keyid } = party('builder');
    const revocations: Document['revocations'] = [
      { keyid, kind: 'compromised', fromLeaf: 4, reason: 'a test' },
    ];
    const next = genesis.succeed(authority(v2({ revocations })), { index: 10 });
    expect(genesis.statusOf(keyid, 5)).to.equal('in-force');
    expect(next.statusOf(keyid, 3)).to.equal('in-force');
    expect(next.statusOf(keyid, 4)).to.equal('compromised');
  });

  it('is checked without signatures by authorise, which returns the keys of both quorums', () => {
    const successor = authority(v2({ root: strangers }), ['r1', 'r2', 'n1']);
    const { signers, keys } = genesis.authorise(withBadSignature(successor, 0));
    expect(signers).to.deep.equal([]);
    expect([...keys.keys()]).to.deep.equal(['r1', 'r2', 'n1'].map((name) => party(name).keyid));
    verifySignatures(successor, keys);
    expectRefusal(() => genesis.authorise(authority(v2({ version: 3 }))), 'authority-invalid');
  });

  it('says before anybody signed whose signatures a successor needs', () => {
    const document = v2({ root: strangers });
    const quorums = genesis.quorums(document);
    const lacking = (...names: string[]): [string, number][] =>
      missingRoots(
        names.map((name) => party(name).keyid),
        quorums,
      ).map(({ whose, missing }) => [whose, missing]);
    expect(lacking()).to.deep.equal([
      ['old', 2],
      ['new', 1],
    ]);
    expect(lacking('r1', 'n1')).to.deep.equal([
      ['old', 1],
      ['new', 0],
    ]);
    expect(lacking('r1', 'r2', 'r3', 'builder')).to.deep.equal([
      ['old', 0],
      ['new', 1],
    ]);
    expectRefusal(() => genesis.quorums(v2({ version: 3 })), 'authority-invalid', '/predicate/version');
    expectRefusal(() => genesis.quorums(firstDocument()), 'authority-superseded');
    expect(() => genesis.quorums(document, { index: 0 })).to.throw('broken invariant');
  });

  it('has no successor at or below its own leaf', () => {
    expect(() => genesis.succeed(authority(v2()), { index: 0 })).to.throw('broken invariant');
  });
});

describe('attestation/signatures', () => {
  const build = entry({ inForce: genesis });
  const { keys } = genesis.authorise(build);

  it('names the key whose signature does not verify', async () => {
    for (const position of [0, 1]) {
      const bad = withBadSignature(build, position);
      const { keyid } = bad.envelope.signatures[position] ?? {};
      const error = expectRefusal(
        () => verifySignatures(bad, keys),
        'bad-signature',
        `/signatures/${position}`,
      );
      expect(error.facts).to.deep.equal({ keyid });
      const later = await verifySignaturesAsync(bad, keys, verifyEd25519).catch((thrown: unknown) => thrown);
      expect(later).to.deep.include({ code: 'bad-signature', facts: { keyid } });
    }
  });

  it('refuses a signature of the same payload by another listed key', () => {
    const other = entry({ inForce: genesis, names: ['publisher', 'supervisor'] });
    const swapped = withSignatures(build, ([first, second]) => [
      { keyid: first?.keyid ?? '', sig: other.envelope.signatures[0]?.sig ?? new Uint8Array() },
      second ?? { keyid: '', sig: new Uint8Array() },
    ]);
    expectRefusal(() => verifySignatures(swapped, keys), 'bad-signature', '/signatures/0');
  });

  it('refuses a signature that no key was expected for', async () => {
    const one = new Map([...keys].slice(0, 1));
    expectRefusal(() => verifySignatures(build, one), 'unknown-signer', '/signatures/1');
    const later = await verifySignaturesAsync(build, one, verifyEd25519).catch((thrown: unknown) => thrown);
    expect(later).to.have.property('code', 'unknown-signer');
  });

  it('hands out all signatures at once where the function is asynchronous', async () => {
    const waiting: (() => void)[] = [];
    const verdict = verifySignaturesAsync(
      build,
      keys,
      (...signed) => new Promise((resolve) => waiting.push(() => resolve(verifyEd25519(...signed)))),
    );
    expect(waiting).to.have.length(2);
    for (const answer of waiting) answer();
    await verdict;
  });

  it('takes nothing but true for a valid signature', async () => {
    const truthy = (() => 1) as unknown as typeof verifyEd25519;
    const later = await verifySignaturesAsync(build, keys, truthy).catch((thrown: unknown) => thrown);
    expect(later).to.have.property('code', 'bad-signature');
  });

  it('passes on the failure of the function', async () => {
    const broken = (): Promise<boolean> => Promise.reject(new Error('no threads'));
    const later = await verifySignaturesAsync(build, keys, broken).catch((thrown: unknown) => thrown);
    expect(later).to.have.property('message', 'no threads');
  });
});
