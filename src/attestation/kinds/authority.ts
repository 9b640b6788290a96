/** Who may record what, from the next leaf on. Its own rules are those of ../authority-document.ts. */
import type { Kind } from './shared/kind.ts';
import { ofOrigin } from './shared/subject.ts';
import { originSubject } from './shared/template.ts';

export const kind: Kind<'authority'> = {
  order: 10,
  predicateType: 'urn:isal:predicate:authority:v1',
  usual: null,
  supervision: null,
  subject: ofOrigin(({ origin }) => origin),
  names: ({ version }) => ({ version: String(version) }),
  template: (parts) => ({
    subject: [originSubject(parts)],
    predicate: {
      origin: parts.ledger.origin,
      version: 1,
      previous: null,
      occurredAt: parts.occurredAt,
      root: { threshold: 1, keys: [`${'A'.repeat(43)}=`] },
      signers: [],
      rules: parts.rules,
      revocations: [],
    },
  }),
};
