/** What a replay of the whole log adds to a verdict: only it can say that something is not there. */
import { toBase64 } from '../bytes.ts';
import { assert } from '../errors.ts';
import { correctedFailure, correctedHops, correctionsAmong } from './corrections.ts';
import { grouped } from './hops.ts';
import type { Replay } from './replay.ts';
import type { Entry } from './walk.ts';
import type { Hop, Verdict } from './verdict.ts';

/**
 * The verdict with what a replay showed, to the *same* checkpoint and for the
 * same file. A finding anywhere in the log makes the answer `contradicted`: an
 * operator who let one such leaf in cannot be believed about the rest.
 */
export function withReplay(verdict: Verdict, replay: Replay): Verdict {
  const { entries } = replay;
  assert(entries !== undefined, 'the replay behind a verdict was asked for the file');
  // "None among all leaves" is only true of the tree whose leaves they were.
  assert(
    verdict.checkpoint === undefined ||
      (verdict.checkpoint.size === replay.size && verdict.checkpoint.root === toBase64(replay.root)),
    'a verdict and its replay are of one checkpoint',
  );
  const size = grouped(replay.size);
  const [finding] = replay.findings;
  if (finding !== undefined) {
    const hop: Hop = {
      hop: 'replayed',
      mark: 'contradicted',
      text: `findings at ${grouped(replay.findingCount)} of ${size} leaves, first at leaf ${grouped(finding.index ?? 0)}: ${finding.message}`,
      ...(finding.index === undefined ? {} : { index: finding.index }),
      facts: { size: replay.size, findings: replay.findingCount, code: finding.code },
    };
    return {
      ...verdict,
      answer: 'contradicted',
      hops: [...verdict.hops, hop],
      // That the file is not recorded is no longer what matters, once the log has been caught.
      failure: verdict.answer === 'contradicted' ? (verdict.failure ?? finding) : finding,
    };
  }
  const judged = entries.filter(({ index }) => verdict.entries.includes(index));
  const reached = judged
    .flatMap(({ index, signers }) => signers.map(({ keyid, name }) => ({ index, keyid, name })))
    .find(({ index, keyid }) => replay.authority.statusOf(keyid, index) !== 'in-force');
  if (reached !== undefined) {
    const { index, keyid, name } = reached;
    const status = replay.authority.statusOf(keyid, index);
    const message = `the key of ${name} is ${status} as of this leaf, says a later authority document`;
    const hop: Hop = { hop: 'keys', mark: 'contradicted', text: message, index, facts: { keyid, status } };
    const failure = { code: 'key-not-in-force', message, got: keyid, index } as const;
    // In force by the document that the signers named, which is all that a bundle without the later one shows.
    const hops = verdict.hops.filter((shown) => shown.hop !== 'keys' || shown.index !== index);
    return { ...verdict, answer: 'contradicted', hops: [...hops, hop], failure };
  }
  const corrected = correctedHops(judged, correctionsAmong(replay.corrections));
  // A replay lists the first entries about a file only, and the first corrections; of what is beyond it says nothing.
  const all = judged.length === verdict.entries.length;
  const listedAll = replay.corrections.length === replay.counts.correction;
  const closed = verdict.hops.map((hop): Hop => {
    if (hop.mark !== 'not-shown' || !all) return hop;
    if (hop.hop === 'corrections' && listedAll) {
      return { ...hop, mark: 'proven', text: `none among all ${size} leaves` };
    }
    if (hop.hop !== 'revocations') return hop;
    const { version, index } = replay.authority;
    return {
      ...hop,
      mark: 'proven',
      text: `none that reaches these keys here; authority version ${version} (leaf ${grouped(index)}) is the newest of ${size} leaves`,
      // Nothing of what the server showed: it may have withheld some of it.
      facts: { size: replay.size, newestAuthority: index },
    };
  });
  const others = entries.filter(({ index }) => !verdict.entries.includes(index));
  const hop: Hop = {
    hop: 'replayed',
    mark: 'proven',
    text:
      `all ${size} leaves: root computed again, every signature and authority checked` +
      (others.length === 0
        ? '; no other entry about this file'
        : `; also about this file: ${listed(others)}`),
    facts: { size: replay.size, findings: 0, entries: entries.length },
  };
  const failure = correctedFailure(corrected);
  if (failure === undefined) return { ...verdict, hops: [...closed, hop] };
  const standing = closed.filter((one) => one.hop !== 'corrections');
  return {
    ...verdict,
    answer: 'contradicted',
    hops: [...standing, ...corrected, hop],
    failure: verdict.answer === 'contradicted' ? (verdict.failure ?? failure) : failure,
  };
}

function listed(entries: readonly Entry[]): string {
  const shown = entries.slice(0, 10).map(({ index }) => `leaf ${grouped(index)}`);
  return `${shown.join(', ')}${entries.length > shown.length ? ` and ${entries.length - shown.length} more` : ''}`;
}
