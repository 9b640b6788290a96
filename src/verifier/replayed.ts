/** What a replay of the whole log adds to a verdict: only it can say that something is not there. */
import { grouped } from './hops.ts';
import type { Replay } from './replay.ts';
import type { Hop, Verdict } from './verdict.ts';

/**
 * The verdict with what a replay to the *same* checkpoint showed. A finding
 * anywhere in the log makes the answer `contradicted`: an operator who let one
 * such leaf in cannot be believed about the rest.
 */
export function withReplay(verdict: Verdict, replay: Replay): Verdict {
  const size = grouped(replay.size);
  const [finding] = replay.findings;
  if (finding !== undefined) {
    const hop: Hop = {
      hop: 'replayed',
      mark: 'contradicted',
      text: `${grouped(replay.findingCount)} of ${size} leaves were not entitled to stand where they stand; first leaf ${grouped(finding.index ?? 0)}: ${finding.message}`,
      ...(finding.index === undefined ? {} : { index: finding.index }),
      facts: { size: replay.size, findings: replay.findingCount, code: finding.code },
    };
    return {
      ...verdict,
      answer: 'contradicted',
      hops: [...verdict.hops, hop],
      failure: verdict.failure ?? finding,
    };
  }
  const reached = replay.entries
    .filter(({ index }) => verdict.entries.includes(index))
    .flatMap(({ index, signers }) => signers.map(({ keyid, name }) => ({ index, keyid, name })))
    .find(({ index, keyid }) => replay.authority.statusOf(keyid, index) !== 'in-force');
  if (reached !== undefined) {
    const { index, keyid, name } = reached;
    const status = replay.authority.statusOf(keyid, index);
    const message = `the key of ${name} is ${status} as of this leaf, says a later authority document`;
    const hop: Hop = { hop: 'keys', mark: 'contradicted', text: message, index, facts: { keyid, status } };
    const failure = { code: 'key-not-in-force', message, got: keyid, index } as const;
    return { ...verdict, answer: 'contradicted', hops: [...verdict.hops, hop], failure };
  }
  const closed = verdict.hops.map((hop): Hop => {
    if (hop.mark !== 'not-shown') return hop;
    if (hop.hop === 'corrections') {
      return { ...hop, mark: 'proven', text: `none among all ${size} leaves` };
    }
    if (hop.hop !== 'revocations') return hop;
    const { version, index } = replay.authority;
    return {
      ...hop,
      mark: 'proven',
      text: `none that reaches these keys here; authority version ${version} (leaf ${grouped(index)}) is the newest of ${size} leaves`,
      facts: { ...hop.facts, newestAuthority: index },
    };
  });
  const others = replay.entries.filter(({ index }) => !verdict.entries.includes(index));
  const hop: Hop = {
    hop: 'replayed',
    mark: 'proven',
    text:
      `all ${size} leaves: root computed again, every signature and authority checked` +
      (others.length === 0
        ? '; no other entry about this file'
        : `; also about this file: ${listed(others)}`),
    facts: { size: replay.size, findings: 0, entries: replay.entries.length },
  };
  return { ...verdict, hops: [...closed, hop] };
}

function listed(entries: Replay['entries']): string {
  const shown = entries.slice(0, 10).map(({ index }) => `leaf ${grouped(index)}`);
  return `${shown.join(', ')}${entries.length > shown.length ? ` and ${entries.length - shown.length} more` : ''}`;
}
