/** One answer for every combination of what is shown, replayed, sealed and required. */
import { expect } from 'chai';
import { utf8 } from '../../../src/bytes.ts';
import { LedgerError } from '../../../src/errors.ts';
import { formatProof } from '../../../src/note/proof.ts';
import { chainMark, wholeChainVerdict } from '../../../src/verifier/folds/chain-verdict.ts';
import type { Replay } from '../../../src/verifier/folds/replay.ts';
import { UpdateChains, wholeUpdate } from '../../../src/verifier/folds/update-chain.ts';
import { judgeFile } from '../../../src/verifier/judging/judge-file.ts';
import type { FileQuestion, Shown } from '../../../src/verifier/judging/judge-file.ts';
import { parseRequirements } from '../../../src/verifier/judging/requirements.ts';
import type { Verdict } from '../../../src/verifier/judging/verdict.ts';
import { verifyBundle } from '../../../src/verifier/judging/verify-bundle.ts';
import {
  build,
  databaseUpdate,
  digest,
  genesis,
  leafHashOf,
  rebuildResult,
} from '../../fixtures/attestations.ts';
import { digests } from '../../seal/suite.ts';
import { rejection } from '../rejection.ts';
import { ledgerOf } from '../sample-ledger.ts';
import { SampleLog, witnesses } from '../sample-log.ts';
import { at, logOf, time, trustOf } from '../sealed-log.ts';
import type { Sealed } from '../sealed-log.ts';
import { hopsNamed, marksOf, onlyHop, replayOf } from '../supervised-log.ts';

/** The log as each of the three that may be shown of it. */
const ways: Readonly<Record<'bundle' | 'source' | 'proof', (log: SampleLog) => Promise<Shown>>> = {
  bundle: async (log) => ({ bundle: await log.bundle([1, 2, at, 4], { time }) }),
  source: async (log) => ({ source: ledgerOf(log, { time }) }),
  proof: async (log) => {
    const { leaf: extra, proof: hashes } = await log.source().byIndex(at);
    return {
      proof: utf8(
        formatProof({ index: at, hashes: [...hashes], checkpoint: await log.note({ time }), extra }),
      ),
    };
  },
};
type Way = keyof typeof ways;

/** A replay that had no room for all reviews and rebuilds. */
function incomplete(whole: Replay): Replay {
  const { file } = whole;
  if (file === undefined) throw new Error('a replay for a file');
  return { ...whole, file: { ...file, complete: { ...file.complete, reviews: false, rebuilds: false } } };
}

const replays = {
  none: async () => undefined,
  clean: (log: SampleLog) => replayOf(log, digests),
  caught: (log: SampleLog) => replayOf(log, digests),
  incomplete: async (log: SampleLog) => incomplete(await replayOf(log, digests)),
} as const;
type Replayed = keyof typeof replays;

const requirements = { met: 'source,review=targeted,rebuild', 'not met': 'rebuild=identical' } as const;
type Required = keyof typeof requirements;

async function judged(way: Way, replayed: Replayed, sealed: Sealed, required: Required): Promise<Verdict> {
  const log = logOf(sealed, { caught: replayed === 'caught' });
  return judgeFile({
    digests,
    trust: trustOf(log),
    ...(await ways[way](log)),
    replay: await replays[replayed](log),
    require: parseRequirements(requirements[required]),
  });
}

const proven = ['proven', undefined] as const;
const lacking = ['policy', 'requirement-not-met'] as const;
const bySeal = ['contradicted', 'seal-invalid'] as const;
const byLog = ['contradicted', 'missing-role'] as const;
const noAuthority = ['not-proven', 'authority-unproven'] as const;

/** Of a bundle and of a ledger that is asked. */
const table: Readonly<
  Record<
    Sealed,
    Readonly<Record<Required, Readonly<Record<Replayed, readonly [string, string | undefined]>>>>
  >
> = {
  fine: {
    met: { none: proven, clean: proven, caught: byLog, incomplete: proven },
    'not met': { none: lacking, clean: lacking, caught: byLog, incomplete: lacking },
  },
  open: {
    met: { none: proven, clean: proven, caught: byLog, incomplete: proven },
    'not met': { none: lacking, clean: lacking, caught: byLog, incomplete: lacking },
  },
  contradicted: {
    met: { none: bySeal, clean: bySeal, caught: byLog, incomplete: bySeal },
    'not met': { none: bySeal, clean: bySeal, caught: byLog, incomplete: bySeal },
  },
};

const sealMark = { fine: 'proven', open: 'not-shown', contradicted: 'contradicted' } as const;

describe('judgeFile, by all that it may be given at once', () => {
  for (const way of ['bundle', 'source'] as const) {
    for (const sealed of ['fine', 'open', 'contradicted'] as const) {
      for (const required of ['met', 'not met'] as const) {
        for (const replayed of ['none', 'clean', 'caught', 'incomplete'] as const) {
          const [answer, code] = table[sealed][required][replayed];
          it(`is ${answer} by a ${way}, a seal ${sealed}, what is required ${required}, replay: ${replayed}`, async () => {
            const verdict = await judged(way, replayed, sealed, required);
            expect([verdict.answer, verdict.failure?.code]).to.deep.equal([answer, code]);
            expect(verdict.entries).to.deep.equal([at]);
            expect(onlyHop(verdict, 'sealed').mark).to.equal(sealMark[sealed]);
            expect(onlyHop(verdict, 'rebuilt')).to.include({ mark: 'proven', verdict: 'equivalent' });
            const log = hopsNamed(verdict, 'replayed').map(({ state }) => state);
            expect(log).to.deep.equal(
              replayed === 'none' ? [] : [replayed === 'caught' ? 'findings' : 'clean'],
            );
          });
        }
      }
    }
  }

  it('is not proven by a proof, whatever else is known, and contradicted where the log was caught', async () => {
    for (const sealed of ['fine', 'open', 'contradicted'] as const) {
      for (const required of ['met', 'not met'] as const) {
        for (const replayed of ['none', 'clean', 'caught', 'incomplete'] as const) {
          const { answer, failure, hops } = await judged('proof', replayed, sealed, required);
          const expected = replayed === 'caught' ? byLog : noAuthority;
          expect([answer, failure?.code], `${sealed} ${required} ${replayed}`).to.deep.equal(expected);
          expect(hops.slice(0, 2).map(({ hop, mark }) => `${hop} ${mark}`)).to.deep.equal([
            'recorded proven',
            'authority not-shown',
          ]);
        }
      }
    }
  });

  it('keeps a contradicted seal contradicted, though a replay of the whole log finds nothing', async () => {
    const verdict = await judged('bundle', 'clean', 'contradicted', 'met');
    expect(verdict.answer).to.equal('contradicted');
    expect(verdict.failure).to.include({ code: 'seal-invalid', index: at });
    expect(marksOf(verdict)).to.include.members(['sealed contradicted', 'replayed proven']);
  });
});

describe('judgeFile, of a rollback to a state that nothing records', () => {
  const state = (name: string) => ({ sha256: digest(`state ${name}`) });
  const update = (seq: number, name: string, after: string | null, to = name): Uint8Array =>
    databaseUpdate({
      seq,
      version: name,
      change: (statement) => {
        const { predicate } = statement;
        predicate.kind = to === name ? 'full' : 'rollback';
        predicate.previous = after === null ? null : { version: after, result: state(after) };
        predicate.result = state(to);
        statement.subject = [{ digest: state(to) }];
      },
    });
  const log = new SampleLog([
    genesis(),
    update(1, 'a', null),
    update(2, 'b', 'a'),
    update(3, 'c', 'b', 'never'),
  ]);
  const own = state('never');

  it('does not show its chain, with a replay or without, as update chain does', async () => {
    const bundle = await log.bundle([1, 2, 3]);
    const question = { digests: own, trust: log.trust(), bundle };
    for (const replay of [undefined, await replayOf(log, own)]) {
      const verdict = await judgeFile({ ...question, replay });
      expect(verdict.answer).to.equal('proven');
      expect(onlyHop(verdict, 'chain'))
        .to.deep.include({ mark: 'not-shown', end: 'first', lost: { version: 'c', index: 3 } })
        .and.not.have.property('qualified');
    }
    const chains = new UpdateChains({ family: 'threats', fields: wholeUpdate });
    for (const entry of verifyBundle(question).walk.entries) chains.add(entry);
    const [chain] = chains.result();
    expect(chain && chainMark(wholeChainVerdict(chain.updates)).mark).to.equal('not-shown');
  });

  it('lacks what --require chain asks for', async () => {
    const question = { digests: own, trust: log.trust(), bundle: await log.bundle([1, 2, 3]) };
    for (const replay of [undefined, await replayOf(log, own)]) {
      const require = parseRequirements('chain');
      const { answer, failure } = await judgeFile({ ...question, replay, require });
      expect([answer, failure?.code]).to.deep.equal(['policy', 'requirement-not-met']);
      expect(failure?.lacking?.[0]?.instead).to.include({ hop: 'chain', mark: 'not-shown' });
    }
  });
});

describe('judgeFile, of a ledger that is asked', () => {
  const log = logOf('fine');
  const question = { digests, trust: trustOf(log) };

  it('gives the bundle that the answers come to, which proves the same offline', async () => {
    const { bundle, ...verdict } = await judgeFile({ ...question, source: ledgerOf(log, { time }) });
    if (bundle === undefined) throw new Error('a bundle');
    expect(bundle.leaves.map(({ index }) => index)).to.deep.equal([0, 1, 2, 3, 4]);
    expect(await judgeFile({ ...question, bundle })).to.deep.equal(verdict);
  });

  it('says whose word it is that nothing is recorded', async () => {
    const other = { ...question, digests: { sha256: digest('another file') } };
    const replay = await replayOf(log, other.digests);
    const cases: readonly (readonly [string, FileQuestion])[] = [
      ['bundle', { ...other, bundle: await log.bundle([at], { time }) }],
      ['bundle', { ...other, bundle: await log.bundle([at], { time }), replay }],
      ['ledger', { ...other, source: ledgerOf(log, { time }) }],
      ['all-leaves', { ...other, source: ledgerOf(log, { time }), replay }],
      ['proof', { ...other, ...(await ways.proof(log)) }],
    ];
    for (const [among, asked] of cases) {
      const verdict = await judgeFile(asked);
      expect([verdict.answer, verdict.failure?.code]).to.deep.equal(['not-proven', 'not-recorded']);
      expect(onlyHop(verdict, 'file')).to.include({ mark: 'not-shown', state: 'absent', among });
      expect(verdict.entries).to.deep.equal([]);
    }
  });

  it('asks nothing of one whose checkpoint is refused', async () => {
    const at = (): never => {
      throw new Error('asked');
    };
    const source = { checkpoint: () => log.note({ time, cosigners: witnesses.slice(0, 1) }), at };
    const verdict = await judgeFile({ ...question, source });
    expect([verdict.answer, verdict.failure?.code]).to.deep.equal(['policy', 'quorum-not-met']);
    expect(marksOf(verdict)).to.deep.equal(['checkpoint not-shown']);
  });

  it('gives no verdict where it fails, or where the question has a fault of its own', async () => {
    const source = {
      ...ledgerOf(log, { time }),
      at: (): never => {
        throw new LedgerError('unreachable', 'down');
      },
    };
    expect((await rejection(() => judgeFile({ ...question, source }))).code).to.equal('unreachable');
    const unwitnessed = { ...question, trust: log.trust({}, { quorum: 'none' }) };
    const old = { ...unwitnessed, source: ledgerOf(log, { time }), now: time, maxAge: 60 };
    expect((await rejection(() => judgeFile(old))).code).to.equal('malformed-policy');
  });

  it('begins at entries that are known, also where a search finds nothing', async () => {
    const blind = ledgerOf(log, { time });
    const source = {
      ...blind,
      at: (size: number) => ({ ...blind.at(size), search: () => Promise.resolve([]) }),
    };
    expect((await judgeFile({ ...question, source })).answer).to.equal('not-proven');
    expect((await judgeFile({ ...question, source, known: [at] })).entries).to.deep.equal([at]);
  });
});

describe('judgeFile, of what is not all', () => {
  const log = logOf('fine');
  const question = { digests, trust: trustOf(log) };

  it('says that there is more wherever the judging ended', async () => {
    const bundle = await log.bundle([at], { time });
    const without = { ...bundle, leaves: bundle.leaves.map((leaf) => ({ ...leaf, proof: [] })) };
    const other = { sha256: digest('another file') };
    for (const [asked, before] of [
      [{ ...question, bundle }, 'corrections'],
      [{ ...question, bundle: without }, 'recorded'],
      [{ ...question, bundle, digests: other }, 'file'],
    ] as const) {
      const all = await judgeFile(asked);
      const more = await judgeFile({ ...asked, more: true });
      expect(all.hops.at(-1)?.hop).to.equal(before);
      expect(more).to.deep.equal({ ...all, hops: [...all.hops, { hop: 'more', mark: 'not-shown' }] });
    }
  });
});

describe('judgeFile, of a replay', () => {
  const log = logOf('fine');

  it('takes none of another tree, whatever is shown, and none that did not look for the file', async () => {
    const other = await replayOf(new SampleLog([...log.leaves, build({ seq: 7 })]), digests);
    for (const way of ['bundle', 'source', 'proof'] as const) {
      const asked = { digests, trust: trustOf(log), ...(await ways[way](log)) };
      const thrown = await judgeFile({ ...asked, replay: other }).catch((error: unknown) => error);
      expect(thrown, way).to.be.an('error').with.property('message').that.contains('of one checkpoint');
      const { file: _, entries: __, ...blind } = await replayOf(log, digests);
      const lost = await judgeFile({ ...asked, replay: blind }).catch((error: unknown) => error);
      expect(lost, way).to.be.an('error').with.property('message').that.contains('asked for the file');
    }
  });

  it('that kept not all is told beside what the bundle shows against the file, each once', async () => {
    const made = log.leaves[at] as Uint8Array;
    const differs = (seq: number): Uint8Array =>
      rebuildResult({
        seq,
        build: { leafHash: leafHashOf(made), sha256: digests.sha256 },
        change: ({ predicate }) => {
          predicate.verdict = 'different';
          predicate.unexplainedBytes = 1;
        },
      });
    const spoilt = new SampleLog([...log.leaves, differs(2), differs(3)]);
    const whole = incomplete(await replayOf(spoilt, digests));
    const { file } = whole;
    if (file === undefined) throw new Error('a replay for a file');
    // No room for the last of the rebuilds.
    const supporting = { ...file.supporting, rebuilds: file.supporting.rebuilds.slice(0, -1) };
    const bundle = await spoilt.bundle([at, 5, 6], { time });
    const verdict = await judgeFile({
      digests,
      trust: trustOf(spoilt),
      bundle,
      replay: { ...whole, file: { ...file, supporting } },
    });
    expect(verdict.failure).to.include({ code: 'rebuild-differs', index: 5 });
    expect(hopsNamed(verdict, 'rebuilt').map(({ index, mark }) => [index, mark])).to.deep.equal([
      [4, 'proven'],
      [5, 'contradicted'],
      [6, 'contradicted'],
    ]);
  });
});

describe('judgeFile, of a proof', () => {
  const log = logOf('fine');
  const question = { digests, trust: trustOf(log) };

  it('refuses one that does not check, which rests on no leaf', async () => {
    const { leaf, proof: hashes } = await log.source().byIndex(at);
    const checkpoint = await log.note({ time });
    const proof = { index: at, hashes: [...hashes], checkpoint, extra: leaf };
    const cases = [
      [{ ...proof, index: 2 }, 'contradicted', 'inclusion-failed'],
      [{ ...proof, extra: utf8('no leaf') }, 'contradicted', 'inclusion-failed'],
      [{ ...proof, checkpoint: await log.note({ time, cosigners: [] }) }, 'policy', 'quorum-not-met'],
    ] as const;
    for (const [shown, answer, code] of cases) {
      const verdict = await judgeFile({ ...question, proof: shown });
      expect([verdict.answer, verdict.failure?.code]).to.deep.equal([answer, code]);
      expect(onlyHop(verdict, 'checkpoint'))
        .to.include({ state: 'refused', code })
        .and.not.have.property('index');
      expect(verdict).not.to.have.property('checkpoint');
    }
    const { extra: _, ...bare } = proof;
    expect((await judgeFile({ ...question, proof: bare })).failure?.code).to.equal('malformed-proof');
    expect((await judgeFile({ ...question, proof: utf8('x') })).failure?.code).to.equal('malformed-proof');
  });
});
