/**
 * Conditions that hold for a time. Each is noted when it begins and raised as
 * a finding once it has lasted for its patience; when it no longer holds, the
 * finding is over. Where a round could not look (the log does not answer), what
 * held before is taken to hold still.
 */
import type { ConditionKind, Found } from './finding.ts';
import type { KeptCondition } from './store.ts';

/** Its key begins with the kind: `gap/builds/7`. */
export interface Condition extends Found<ConditionKind> {
  /** Seconds that it may last before it is a finding. */
  readonly patience: number;
}

/** What one round has seen. */
export class Conditions {
  readonly #held = new Map<string, Condition>();
  readonly #looked = new Set<ConditionKind>();

  /** The round has looked for these: what is not added does not hold. */
  looked(...kinds: readonly ConditionKind[]): void {
    for (const kind of kinds) this.#looked.add(kind);
  }

  add(condition: Condition): void {
    this.#held.set(condition.key, condition);
  }

  holds(...kinds: readonly ConditionKind[]): boolean {
    return [...this.#held.values()].some(({ about }) => kinds.includes(about.kind));
  }

  /** What to raise, what is over, and what to keep for the next round. */
  settle(
    before: Readonly<Record<string, KeptCondition>>,
    now: number,
  ): { raised: Found[]; over: string[]; kept: Record<string, KeptCondition> } {
    const raised: Found[] = [];
    const over: string[] = [];
    const kept: Record<string, KeptCondition> = {};
    for (const [key, condition] of Object.entries(before)) {
      if (this.#held.has(key)) continue;
      if (!this.#looked.has(key.split('/')[0] as ConditionKind)) kept[key] = condition;
      else if (condition.raised) over.push(key);
    }
    for (const [key, { patience, ...found }] of this.#held) {
      const since = before[key]?.since ?? now;
      const wasRaised = before[key]?.raised ?? false;
      const due = now - since >= patience;
      if (due && !wasRaised) raised.push(found);
      kept[key] = { since, raised: wasRaised || due };
    }
    return { raised, over, kept };
  }
}
