/** Which rules of a watch list an entry meets. Only entries that were authorised get here. */
import { type FoldedName, alike, foldName } from '../attestation/names/alike.ts';
import { digestName } from '../attestation/digests.ts';
import type { Attestation } from '../attestation/statement.ts';
import type { EntrySaid } from '../words/findings.ts';
import type { FactsOf, Found } from './finding.ts';
import { defaultGapAfter } from './watch.ts';
import type { Rule } from './watch.ts';

/** What the rules find in an entry: one finding for each thing that was looked for, with the labels of all rules that did. */
export function matchRules(rules: readonly Rule[], index: number, attestation: Attestation): Found[] {
  const found = new Map<string, Found>();
  const { product } = attestation;
  const watchesProducts = rules.some(({ alert }) => alert === 'product');
  const folded = product === undefined || !watchesProducts ? undefined : foldName(product);
  for (const rule of rules) {
    const met = matchOf(rule, attestation, folded);
    if (met === undefined) continue;
    const key = `${met.kind}/${met.match}/${index}`;
    const labels = [...(found.get(key)?.labels ?? []), ...(rule.label === undefined ? [] : [rule.label])];
    found.set(key, {
      key,
      about: { ...met, index, entry: entrySaid(attestation) },
      index,
      ...(labels.length === 0 ? {} : { labels }),
    });
  }
  return [...found.values()];
}

type Met = Pick<FactsOf<'product' | 'digest' | 'signer' | 'type'>, 'kind' | 'match'>;

/** The products of rules, which are asked of every entry. */
const watched = new WeakMap<Rule, FoldedName>();

/** Compared folded: a vendor could keep a build from those who watch for it by a name that only looks the same. */
function isWatched(rule: Rule & { alert: 'product' }, product: FoldedName): boolean {
  const folded = watched.get(rule) ?? foldName(rule.product);
  watched.set(rule, folded);
  return alike(folded, product);
}

/** What of the rule the entry meets; undefined where it does not, or where the rule is about something else. */
function matchOf(
  rule: Rule,
  { type, envelope, subjects }: Attestation,
  product: FoldedName | undefined,
): Met | undefined {
  switch (rule.alert) {
    case 'product':
      return product !== undefined && isWatched(rule, product)
        ? { kind: 'product', match: rule.product }
        : undefined;
    case 'digest': {
      const met = subjects.find(({ alg, hex }) => rule.digest[alg] === hex);
      return met === undefined ? undefined : { kind: 'digest', match: digestName(met) };
    }
    case 'signer':
      return envelope.signatures.some(({ keyid }) => keyid === rule.keyid)
        ? { kind: 'signer', match: rule.keyid }
        : undefined;
    case 'type':
      return rule.type === type ? { kind: 'type', match: rule.type } : undefined;
    case 'unauthorised':
    case 'gap':
    case 'silence':
    default:
      return undefined;
  }
}

/** What an entry is, in a few words. */
export function entrySaid({ type, product, family, version, supervision }: Attestation): EntrySaid {
  return { type, of: product ?? family, version, source: supervision?.source };
}

/** Labels of the rules of a kind, as a member of a finding. */
export function labelsOf(rules: readonly Rule[], alert: Rule['alert']): { labels?: readonly string[] } {
  const labels = rules.flatMap((rule) =>
    rule.alert === alert && rule.label !== undefined ? [rule.label] : [],
  );
  return labels.length === 0 ? {} : { labels };
}

/** Seconds for which a number of this source may be missing. */
export function gapAfter(rules: readonly Rule[], source: string): number {
  const gaps = rules.filter((rule) => rule.alert === 'gap');
  const own = gaps.find((rule) => rule.source === source) ?? gaps.find((rule) => rule.source === undefined);
  return own?.after ?? defaultGapAfter;
}
