/** English: what a monitor has found, one line each. */
import type {
  EntrySaid,
  FindingFacts,
  MatchFacts,
  RefusedFacts,
  ResidencyFacts,
  UnreadFacts,
} from '../findings.ts';
import type { Messages } from '../messages.ts';
import { sayIn } from '../say.ts';
import { linkText } from './chains.ts';

const say = sayIn('en');

export const findings: Messages<FindingFacts, 'kind'> = {
  fork: ({ sizes: [older, newer], witness }) => {
    const by = witness === undefined ? 'the log' : `witness ${witness}`;
    return older === newer
      ? `the log has signed two trees of ${say.number(older)} leaves; the other one was shown by ${by}`
      : `the log has signed two histories: its tree of ${say.number(newer)} leaves does not extend its tree of ${say.number(older)}; shown by ${by}`;
  },
  rollback: (facts) => `${shrunk(facts)}; witnesses cosigned the smaller one later`,
  unauthorised: refused,
  'invalid-authority': refused,
  equivocation: refused,
  'pinned-authority': ({ message, index }) =>
    `${message}${index === undefined ? '' : ` (leaf ${say.number(index)})`}`,
  'bad-checkpoint': ({ message }) => message,
  policy: ({ message }) => message,
  tampered: unread,
  withheld: (facts) => `the log does not serve what it has signed: ${unread(facts)}`,
  unreachable: unread,
  gap: ({ source, from, to }) => {
    const of = `of the stream ${source}`;
    return to - from === 1
      ? `number ${say.number(from)} ${of} is not recorded, and later ones are`
      : `numbers ${say.number(from)} to ${say.number(to - 1)} ${of} are not recorded, and later ones are`;
  },
  'summary-late': ({ source, late: { from, to, due } }) => {
    const begins = say.time(from);
    const what = to === undefined ? `the time from ${begins} on` : `${begins} to ${say.time(to)}`;
    return `no summary of the stream ${source} for ${what}; one was due by ${say.time(due)}`;
  },
  silence: ({ source, last, now, most }) =>
    `nothing from ${source === undefined ? 'any stream' : `the stream ${source}`} for ${say.number(now - last)} s; at most ${say.number(most)} s were promised`,
  stale: ({ age, most }) =>
    `the witnesses’ newest cosignatures are ${say.number(age)} s old; at most ${say.number(most)} s are allowed`,
  behind: shrunk,
  ahead: ({ witness, size }) =>
    `witness ${witness} has cosigned a tree of ${say.number(size)} leaves that the log does not show`,
  'chain-broken': ({ index, family, platform, version, ...link }) =>
    `leaf ${say.number(index)}: ${family} ${version} for ${platform} ${linkText(link)}`,
  'residency-regressed': (facts) => {
    const what = facts.phase === 'corrected' ? 'an earlier statement was WRONG' : 'REGRESSED';
    return `${about(facts)}: ${what}: in ${facts.to.join(', ')} since ${facts.effectiveAt.slice(0, 10)}`;
  },
  'residency-overdue': (facts) =>
    facts.standing === 'overdue'
      ? `${about(facts)}: promised in ${facts.to.join(', ')} for ${facts.effectiveAt.slice(0, 10)}, and no statement says that it is complete`
      : `${about(facts)}: in ${facts.to.join(', ')} since ${facts.effectiveAt.slice(0, 10)}, and no statement says that a copy elsewhere was gone by its date`,
  product: matched,
  digest: matched,
  signer: matched,
  type: matched,
  authority: ({ index, version, revoked, promised }) => {
    const keys = revoked.map(
      ({ keyid, kind, fromLeaf }) => `${keyid} ${kind} from leaf ${say.number(fromLeaf)}`,
    );
    return (
      `leaf ${say.number(index)}: authority document version ${say.number(version)} is in force` +
      (keys.length === 0 ? '' : `; revoked: ${keys.join(', ')}`) +
      `; summaries are promised of ${streams(promised)}`
    );
  },
};

function streams(ids: readonly string[]): string {
  if (ids.length === 0) return 'no stream';
  return `the ${ids.length === 1 ? 'stream' : 'streams'} ${ids.join(', ')}`;
}

function shrunk({ known, shown }: { readonly known: number; readonly shown: number }): string {
  return `the log shows a tree of ${say.number(shown)} leaves and has shown one of ${say.number(known)} before`;
}

function refused({
  index,
  entry,
  message,
}: RefusedFacts<'unauthorised' | 'invalid-authority' | 'equivocation'>): string {
  return `leaf ${say.number(index)}${entry === undefined ? '' : ` (${entryText(entry)})`}: ${message}`;
}

function unread({ message, place }: UnreadFacts<'tampered' | 'withheld' | 'unreachable'>): string {
  return `${message}${place === undefined ? '' : ` (${place})`}`;
}

function matched({ index, entry }: MatchFacts<'product' | 'digest' | 'signer' | 'type'>): string {
  return `leaf ${say.number(index)}: ${entryText(entry)}`;
}

/** An entry in a few words, for example `build of hello 1.2, number 7 of the stream builds`. */
function entryText({ type, of, version, source }: EntrySaid): string {
  const what = `${type}${of === undefined ? '' : ` of ${of}`}${version === undefined ? '' : ` ${version}`}`;
  return source === undefined ? what : `${what}, number ${say.number(source.seq)} of the stream ${source.id}`;
}

function about({
  index,
  region,
  category,
}: Pick<ResidencyFacts<'residency-overdue', 'overdue'>, 'index' | 'region' | 'category'>): string {
  return `leaf ${say.number(index)}: ${region}, ${category}`;
}
