/** `isal update chain`: every update of a family back to the first, and where the chain breaks. */
import { chainMark, linkMark, wholeChainVerdict } from '../folds/chain-verdict.ts';
import type { UpdateChain, UpdateLink } from '../folds/update-chain.ts';
import type { Mark } from '../mark.ts';
import type { Marked } from './point.ts';

export type ChainPoint = ChainItselfPoint | LinkPoint | NoChainPoint;

export interface ChainItselfPoint extends Marked {
  readonly about: 'chain';
  readonly family: string;
  readonly platform: string;
  readonly updates: number;
  /** Links that are not proven. */
  readonly breaks: number;
  readonly rollbacks: number;
}

/** One update of the chain, and what it follows. */
export interface LinkPoint extends Marked {
  readonly about: 'link';
  readonly update: UpdateLink;
}

export interface NoChainPoint extends Marked {
  readonly about: 'no-chain';
  readonly mark: 'not-shown';
  readonly family: string;
  readonly platform?: string;
  readonly size: number;
}

/** What a chain of which every leaf was read comes to, link by link. */
export interface JudgedChain {
  readonly chain: UpdateChain;
  readonly mark: Mark;
  /** In the order of the chain's updates. */
  readonly marks: readonly Mark[];
}

export function judgedChain(chain: UpdateChain): JudgedChain {
  const { mark } = chainMark(wholeChainVerdict(chain.updates));
  return { chain, mark, marks: chain.updates.map(linkMark) };
}

/** The chain, its last `last` updates, and every one before them that is not proven. */
export function chainPoints({ chain, mark, marks }: JudgedChain, last: number): ChainPoint[] {
  const { family, platform, updates } = chain;
  const links = updates.map((update, at): LinkPoint => ({ about: 'link', mark: marks[at] ?? mark, update }));
  return [
    {
      about: 'chain',
      mark,
      family,
      platform,
      updates: updates.length,
      breaks: links.filter((link) => link.mark !== 'proven').length,
      rollbacks: updates.filter(({ predicate }) => predicate.kind === 'rollback').length,
    },
    ...links.filter((link, at) => at >= updates.length - last || link.mark !== 'proven'),
  ];
}
