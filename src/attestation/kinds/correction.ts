/** That a leaf below is not to be taken as it stands. Whose target is not recorded, the ledger refuses. */
import { contradiction } from './shared/consistency.ts';
import { type Kind, atTop } from './shared/kind.ts';
import { alone } from './shared/subject.ts';
import { supervisedBy, zeros } from './shared/template.ts';

export const kind: Kind<'correction'> = {
  order: 110,
  predicateType: 'urn:isal:predicate:correction:v1',
  usual: { source: 'corrections', anyOf: [['target-signers'], ['supervisor']] },
  supervision: atTop,
  subject: alone('leaf hash of the target', ({ target }) => target),
  consistency: {
    refuses: 'a correction that replaces a leaf by itself, or whose target is not recorded below it',
    check: ({ target, replacement }) => {
      if (replacement !== target) return;
      throw contradiction('/replacement', 'a leaf cannot stand in its own place', 'another leaf', target);
    },
  },
  refs: ({ target, replacement }) => (replacement === undefined ? [target] : [target, replacement]),
  template: (parts) => {
    const target = parts.target ?? zeros;
    return {
      subject: [{ digest: { sha256: target } }],
      predicate: { ...supervisedBy(parts), target, kind: 'erratum', reason: 'REASON' },
    };
  },
};
