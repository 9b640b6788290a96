import { expect } from 'chai';
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { witnessReaders } from '../../src/monitor/witnesses.ts';
import type { WitnessReader } from '../../src/monitor/witnesses.ts';
import { verifierOf } from '../../src/note/key.ts';
import type { FetchPath } from '../../src/verifier/proving/tile-reader.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { SampleLog, witnesses } from '../verifier/sample-log.ts';
import { Post } from './post.ts';

const genesis = fixtures.genesis();
const made = Array.from({ length: 20 }, (_, i) => fixtures.build({ seq: i + 1 }));
const path = `${toHex(sha256(utf8(fixtures.origin)))}/checkpoint`;

/** Witness number `at` of the sample log's policy, holding what `note` gives. */
const witness = (at: number, note: () => Promise<Uint8Array>): WitnessReader => ({
  witnesses: [{ name: 'abc'.charAt(at), key: verifierOf(witnesses[at] as (typeof witnesses)[number]) }],
  fetchPath: async (asked) => {
    if (asked === path) return note();
    throw new LedgerError('not-found', asked);
  },
});
const by = (at: number) => ({ cosigners: witnesses.slice(at, at + 1) });

describe('a monitor and the witnesses', () => {
  let log: SampleLog;
  let post: Post;
  beforeEach(async () => {
    log = new SampleLog([genesis, ...made.slice(0, 9)]);
    post = await Post.make(log.trust());
  });
  afterEach(() => post.close());

  const states = async (fetchPath: FetchPath, ...readers: readonly WitnessReader[]): Promise<string[]> => {
    const { witnesses: views } = await post.round(fetchPath, { witnesses: readers });
    return views.map(({ state }) => state);
  };

  it('are asked at their URLs, one with two keys once', () => {
    const [a, b, c] = witnesses.map((key, at) => ({ name: 'abc'.charAt(at), key: verifierOf(key) }));
    const listed = [
      { ...a, url: 'http://one/' },
      { ...b, url: 'http://one/' },
      { ...c, url: 'http://two/' },
    ];
    const asked: string[] = [];
    const readers = witnessReaders(
      {
        logs: [],
        witnesses: [...(listed as never[]), { ...(a as never as object), name: 'd' } as never],
        groups: [],
        quorum: 'none',
      },
      (url) => {
        asked.push(url);
        return () => Promise.reject(new Error('not read'));
      },
    );
    expect(asked).to.deep.equal(['http://one/', 'http://two/']);
    expect(readers.map((reader) => reader.witnesses.map(({ name }) => name).join())).to.deep.equal([
      'a,b',
      'c',
    ]);
  });

  it('agree, or are behind, with nothing to report', async () => {
    const same = witness(0, () => log.note(by(0)));
    const behind = witness(1, () => log.note({ ...by(1), size: 4 }));
    const unknown = witness(2, () => Promise.reject(new LedgerError('not-found', 'no such log')));
    expect(await states(log.serve(), same, behind, unknown)).to.deep.equal(['same', 'behind', 'silent']);
    expect(await post.kinds()).to.deep.equal([]);
  });

  it('count only with their own signature: what anybody can serve is not what they hold', async () => {
    const other = witness(0, () => log.note(by(1)));
    const none = witness(1, () => log.note({ cosigners: [] }));
    const unsigned = witness(2, () => log.note({ ...by(2), keys: [] }));
    expect(await states(log.serve(), other, none, unsigned)).to.deep.equal(['silent', 'silent', 'silent']);
  });

  it('convict the log when they hold another history, smaller, of the same size, or larger', async () => {
    for (const forkSize of [8, 10, 12]) {
      const fork = new SampleLog([
        genesis,
        fixtures.build({ seq: 1, product: 'forged' }),
        ...made.slice(1, forkSize - 1),
      ]);
      const fresh = await Post.make(log.trust());
      const holding = witness(0, () => fork.note(by(0)));
      // A log that plays double serves the tiles of either history to whoever asks for them.
      const double: FetchPath = async (asked, maxBytes) => {
        const own = log.serve();
        return own(asked, maxBytes).catch((error: unknown) => {
          if (error instanceof LedgerError) return fork.serve()(asked, maxBytes);
          throw error;
        });
      };
      const { witnesses: views, contradicted } = await fresh.round(double, { witnesses: [holding] });
      expect(views[0]?.state, `${forkSize}`).to.equal('fork');
      expect(contradicted).to.equal(true);
      expect((await fresh.proven()).map(({ kind }) => kind)).to.deep.equal(['fork']);
      await fresh.round(double, { witnesses: [holding] });
      expect(await fresh.kinds()).to.deep.equal(['fork']);
      await fresh.close();
    }
  });

  it('are ahead until the log reaches what they have signed; a log that never does is reported', async () => {
    post.options = { patience: 300 };
    const larger = new SampleLog([genesis, ...made.slice(0, 14)]);
    const ahead = witness(0, () => larger.note(by(0)));
    expect(await states(log.serve(), ahead)).to.deep.equal(['ahead']);
    // The log grows, and so does what the witness holds: not yet what it was to reach.
    post.time += 299;
    log.append(made[9] as Uint8Array);
    larger.append(made[14] as Uint8Array);
    expect(await states(log.serve(), ahead)).to.deep.equal(['ahead']);
    expect(await post.kinds()).to.deep.equal([]);
    post.time += 1;
    await post.round(log.serve(), { witnesses: [ahead] });
    expect(await post.kinds()).to.deep.equal(['ahead']);
    for (const leaf of made.slice(10, 15)) log.append(leaf);
    expect(await states(log.serve(), ahead)).to.deep.equal(['same']);
    expect(await post.kinds()).to.deep.equal(['ahead', 'ahead over']);
  });

  it('do not hide a fork by being ahead: it shows once the log has grown past them', async () => {
    const fork = new SampleLog([
      genesis,
      fixtures.build({ seq: 1, product: 'forged' }),
      ...made.slice(1, 11),
    ]);
    const holding = witness(0, () => fork.note(by(0)));
    expect(await states(log.serve(), holding)).to.deep.equal(['ahead']);
    for (const leaf of made.slice(9, 12)) log.append(leaf);
    expect(await states(log.serve(), holding)).to.deep.equal(['fork']);
    expect(await post.kinds()).to.deep.equal(['fork']);
  });
});
