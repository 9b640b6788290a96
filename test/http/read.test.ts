/** Search, entries, proofs and the authority, over a socket. */
import { expect } from 'chai';
import { fromBase64, fromHex, fromUtf8, toBase64, toHex, utf8 } from '../../src/bytes.ts';
import { parseCheckpoint } from '../../src/note/checkpoint.ts';
import { parseNote } from '../../src/note/note.ts';
import { parseProof, verifyProof } from '../../src/note/proof.ts';
import { verifyConsistency } from '../../src/tlog/consistency.ts';
import { emptyRoot, hashLeaf } from '../../src/tlog/hash.ts';
import { verifyInclusion } from '../../src/tlog/inclusion.ts';
import { LedgerError } from '../../src/errors.ts';
import * as fixtures from '../fixtures/attestations.ts';
import type { Running } from './harness.ts';
import { ask, run, submit } from './harness.ts';

interface Item {
  readonly index: number;
  readonly leafHash: string;
}

const genesis = fixtures.genesis();
const leaves: readonly Uint8Array[] = [
  genesis,
  fixtures.build({ seq: 1, product: 'hello' }),
  fixtures.build({ seq: 2, product: 'other', sha256: fixtures.digest('shared file') }),
  fixtures.databaseUpdate({ seq: 1 }),
  fixtures.databaseUpdate({ seq: 2 }),
  fixtures.dataAccess({ seq: 1 }),
  fixtures.build({ seq: 3, product: 'hello', sha256: fixtures.digest('shared file') }),
];

describe('http: reading', () => {
  let running: Running;

  before(async () => {
    running = await run();
    for (const leaf of leaves.slice(1)) expect((await submit(running, leaf)).status).to.equal(201);
  });

  after(() => running.close());

  async function refused(path: string): Promise<unknown[]> {
    const answer = await ask(running, path);
    return [answer.status, answer.json['code']];
  }

  async function indices(query: string): Promise<number[]> {
    const answer = await ask(running, `/api/v1/attestations${query}`);
    expect(answer.status, answer.text).to.equal(200);
    return (answer.json['items'] as Item[]).map(({ index }) => index);
  }

  it('finds entries by each filter, and by filters together', async () => {
    expect(await indices('')).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    expect(await indices(`?subject=sha256:${fixtures.digest('shared file')}`)).to.deep.equal([2, 6]);
    expect(await indices(`?subject=sha256:${fixtures.digest('no file')}`)).to.deep.equal([]);
    expect(await indices('?type=database-update')).to.deep.equal([3, 4]);
    expect(await indices('?type=authority')).to.deep.equal([0]);
    expect(await indices('?product=hello')).to.deep.equal([1, 6]);
    expect(await indices('?family=threats')).to.deep.equal([3, 4]);
    expect(await indices(`?signer=${fixtures.gateway.keyid}`)).to.deep.equal([5]);
    expect(await indices(`?source=${fixtures.buildSource}`)).to.deep.equal([1, 2, 6]);
    expect(await indices(`?product=hello&subject=sha256:${fixtures.digest('shared file')}`)).to.deep.equal([
      6,
    ]);
    expect(await indices('?after=4')).to.deep.equal([5, 6]);
  });

  it('says of each entry what a list needs', async () => {
    const { json } = await ask(running, '/api/v1/attestations?family=threats&limit=1');
    const { keyid } = fixtures.publisher;
    expect(json).to.deep.equal({
      size: 7,
      items: [
        {
          index: 3,
          leafHash: fixtures.leafHashOf(leaves[3]!),
          type: 'database-update',
          subject: [{ name: 'threats-2026.1.db', digest: { sha256: fixtures.digest('threats 1') } }],
          family: 'threats',
          version: '2026.1',
          occurredAt: '2026-11-03T09:30:00Z',
          source: { id: 'databases', seq: 1 },
          signers: [keyid, fixtures.supervisor.keyid].toSorted(),
          corrections: [],
        },
      ],
      next: 3,
    });
  });

  it('pages without gap or repetition while the log grows', async () => {
    const growing = await run();
    try {
      for (let seq = 1; seq <= 4; seq++) await submit(growing, fixtures.build({ seq }));
      const seen: number[] = [];
      let after = '';
      for (let seq = 5; ; seq++) {
        const { json } = await ask(growing, `/api/v1/attestations?type=build&limit=2${after}`);
        seen.push(...(json['items'] as Item[]).map(({ index }) => index));
        if (json['next'] === null) break;
        after = `&after=${Number(json['next'])}`;
        if (seq <= 7) await submit(growing, fixtures.build({ seq }));
      }
      expect(seen).to.deep.equal(seen.map((_, i) => i + 1));
      expect(seen.length).to.be.greaterThanOrEqual(6);
    } finally {
      await growing.close();
    }
  });

  for (const query of [
    'subject=sha256:abc',
    `subject=sha256:${'A'.repeat(64)}`,
    `subject=md5:${'0'.repeat(32)}`,
    `subject=sha512:${'0'.repeat(64)}`,
    'type=builds',
    'product=',
    `product=${'x'.repeat(257)}`,
    'family=%00',
    'signer=abc',
    'source=a%0ab',
    'after=-1',
    'after=1.5',
    'limit=0',
    'limit=257',
    'limit=1e1',
    'limit=1&limit=2',
    'colour=red',
  ]) {
    it(`refuses the search ${query.slice(0, 30)}`, async () => {
      expect(await refused(`/api/v1/attestations?${query}`)).to.deep.equal([400, 'bad-request']);
    });
  }

  it('gives an entry by index and by leaf hash, with its envelope as it is', async () => {
    for (const [index, leaf] of leaves.entries()) {
      const byIndex = await ask(running, `/api/v1/attestations/${index}`);
      const byHash = await ask(running, `/api/v1/attestations/${fixtures.leafHashOf(leaf)}`);
      expect(byIndex.status).to.equal(200);
      expect(byHash.json).to.deep.equal(byIndex.json);
      const { envelope, statement, ...place } = byIndex.json;
      expect(JSON.stringify(envelope)).to.equal(fromUtf8(leaf));
      expect(place).to.deep.equal({
        index,
        leafHash: fixtures.leafHashOf(leaf),
        size: 7,
        type: ['authority', 'build', 'build', 'database-update', 'database-update', 'data-access', 'build'][
          index
        ],
        corrections: [],
      });
      const payload = fromBase64((envelope as { payload: string }).payload);
      expect(statement).to.deep.equal(JSON.parse(fromUtf8(payload)));
    }
  });

  it('has no entry beyond the published size, nor by another hash or name', async () => {
    expect(await refused('/api/v1/attestations/7')).to.deep.equal([404, 'not-found']);
    expect(await refused('/api/v1/attestations/9007199254740991')).to.deep.equal([404, 'not-found']);
    expect(await refused(`/api/v1/attestations/${'0'.repeat(64)}`)).to.deep.equal([404, 'not-found']);
    for (const id of [
      '01',
      '-1',
      '9007199254740992',
      'latest',
      '0'.repeat(63),
      fixtures.leafHashOf(genesis).toUpperCase(),
    ]) {
      expect(await refused(`/api/v1/attestations/${id}`), id).to.deep.equal([400, 'bad-request']);
    }
    expect(await refused('/api/v1/attestations/0/')).to.deep.equal([404, 'not-found']);
    expect(await refused('/api/v1/attestations/0?size=1')).to.deep.equal([400, 'bad-request']);
  });

  it('proves inclusion of every entry in every published size', async () => {
    for (let size = 1; size <= leaves.length; size++) {
      for (let index = 0; index < size; index++) {
        const { json } = await ask(running, `/api/v1/proofs/inclusion?index=${index}&size=${size}`);
        expect(json).to.include({ index, size, leafHash: fixtures.leafHashOf(leaves[index]!) });
        expect(json['leaf']).to.equal(toBase64(leaves[index]!));
        expect('checkpoint' in json).to.equal(size === leaves.length);
        verifyInclusion({
          index,
          size,
          leafHash: hashLeaf(leaves[index]!),
          root: fromBase64(String(json['root'])),
          proof: (json['hashes'] as string[]).map((hash) => fromBase64(hash)),
        });
      }
    }
  });

  it('gives proof and checkpoint of one size', async () => {
    const { json } = await ask(running, '/api/v1/proofs/inclusion?index=2');
    const checkpoint = parseCheckpoint(parseNote(utf8(String(json['checkpoint']))).text);
    expect([checkpoint.size, toBase64(checkpoint.root)]).to.deep.equal([json['size'], json['root']]);
  });

  it('gives the tlog-proof to whoever accepts it', async () => {
    const leafHash = fixtures.leafHashOf(leaves[3]!);
    for (const [accept, type] of [
      ['text/plain', 'text/plain; charset=utf-8'],
      ['application/vnd.c2sp.tlog-proof', 'application/vnd.c2sp.tlog-proof'],
      ['text/*, application/json;q=0.5', 'text/plain; charset=utf-8'],
    ] as const) {
      const answer = await ask(running, `/api/v1/proofs/inclusion?leafHash=${leafHash}`, {
        headers: { accept },
      });
      expect([answer.status, answer.headers['content-type'], answer.headers.vary]).to.deep.equal([
        200,
        type,
        'Accept',
      ]);
      const proof = parseProof(answer.body);
      expect([proof.index, toHex(proof.extra ?? new Uint8Array())]).to.deep.equal([3, toHex(leaves[3]!)]);
      verifyProof({ proof, leafHash: fromHex(leafHash), policy: running.policy });
    }
    const json = await ask(running, `/api/v1/proofs/inclusion?index=0`, {
      headers: { accept: 'application/*' },
    });
    expect(json.headers['content-type']).to.equal('application/json');
  });

  it('has no tlog-proof but of the published size, and no other forms', async () => {
    const path = '/api/v1/proofs/inclusion?index=0';
    const smaller = await ask(running, `${path}&size=2`, { headers: { accept: 'text/plain' } });
    expect([smaller.status, smaller.json['code']]).to.deep.equal([406, 'not-acceptable']);
    const image = await ask(running, path, { headers: { accept: 'image/png' } });
    expect([image.status, image.json['code']]).to.deep.equal([406, 'not-acceptable']);
    expect((await ask(running, `${path}&size=7`, { headers: { accept: 'text/plain' } })).status).to.equal(
      200,
    );
  });

  it('refuses proofs that make no sense', async () => {
    for (const query of ['index=7', 'index=0&size=8', 'index=2&size=2', 'index=9007199254740991']) {
      expect(await refused(`/api/v1/proofs/inclusion?${query}`), query).to.deep.equal([400, 'out-of-range']);
    }
    for (const query of [
      '',
      'index=0&size=0',
      'index=-1',
      'leafHash=00',
      `index=0&leafHash=${'0'.repeat(64)}`,
      'index=0&x=1',
    ]) {
      expect(await refused(`/api/v1/proofs/inclusion?${query}`), query).to.deep.equal([400, 'bad-request']);
    }
    expect(await refused(`/api/v1/proofs/inclusion?leafHash=${'0'.repeat(64)}`)).to.deep.equal([
      404,
      'not-found',
    ]);
    for (const query of [
      '',
      'from=1',
      'to=1',
      'from=2&to=1',
      'from=0&to=0',
      'from=1&to=8',
      'from=1&to=1&to=1',
    ]) {
      expect(await refused(`/api/v1/proofs/consistency?${query}`), query).to.deep.equal([400, 'bad-request']);
    }
  });

  it('proves consistency of every pair of sizes', async () => {
    for (let to = 1; to <= leaves.length; to++) {
      for (let from = 0; from <= to; from++) {
        const { json } = await ask(running, `/api/v1/proofs/consistency?from=${from}&to=${to}`);
        expect(json, JSON.stringify(json)).to.include({ from, to });
        const fromRoot = fromBase64(String(json['fromRoot']));
        if (from === 0) expect(toHex(fromRoot)).to.equal(toHex(emptyRoot));
        const proof = (json['hashes'] as string[]).map((hash) => fromBase64(hash));
        const toRoot = fromBase64(String(json['toRoot']));
        verifyConsistency({ from, fromRoot, to, toRoot, proof });
        if (from > 0 && from < to) {
          const wrong = { from, fromRoot: toRoot, to, toRoot, proof };
          expect(() => verifyConsistency(wrong)).to.throw(LedgerError);
        }
      }
    }
  });

  it('gives the authority document in force', async () => {
    const { json } = await ask(running, '/api/v1/authority');
    expect(json).to.deep.equal({
      index: 0,
      leafHash: fixtures.leafHashOf(genesis),
      version: 1,
      size: 7,
      document: fixtures.authorityStatement().predicate,
    });
    expect(await refused('/api/v1/authority?at=0')).to.deep.equal([400, 'bad-request']);
  });

  it('gives the new authority as soon as its document is published', async () => {
    const replaced = await run();
    try {
      const previous = fixtures.leafHashOf(genesis);
      const next = fixtures.authorityDocument({ version: 2, previous });
      expect((await submit(replaced, next)).status).to.equal(201);
      const { json } = await ask(replaced, '/api/v1/authority');
      expect(json).to.include({ index: 1, version: 2, leafHash: fixtures.leafHashOf(next) });
      const old = await submit(replaced, fixtures.build());
      expect([old.status, old.json['code'], old.json['authority']]).to.deep.equal([
        409,
        'authority-superseded',
        fixtures.leafHashOf(next),
      ]);
      const again = await submit(replaced, next);
      expect([again.status, again.json['index']]).to.deep.equal([200, 1]);
    } finally {
      await replaced.close();
    }
  });
});
