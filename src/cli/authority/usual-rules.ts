/** Who usually signs what, as a first authority document says it; a real ledger's own document may differ. */
import type { AuthorityPredicate, RuleRole } from '../../attestation/types.ts';
import { attestationTypes, predicateTypes, type AttestationType } from '../../attestation/types.ts';

/** Alternatives of roles by type; `authority` is ruled by the roots alone. */
const roles: Readonly<Record<Exclude<AttestationType, 'authority'>, readonly (readonly RuleRole[])[]>> = {
  'source-snapshot': [['source-custodian', 'supervisor']],
  'source-review': [['reviewer', 'supervisor']],
  build: [['builder', 'supervisor']],
  'rebuild-result': [['rebuilder']],
  'database-update': [['database-publisher', 'supervisor']],
  'data-access': [['access-gateway']],
  'period-summary': [['access-gateway', 'vendor']],
  residency: [['vendor', 'supervisor']],
  'supervisor-statement': [['supervisor']],
  correction: [['target-signers'], ['supervisor']],
};

/** The rules of a first authority document. */
export function usualRules(): AuthorityPredicate['rules'] {
  return attestationTypes.flatMap((type) =>
    type === 'authority'
      ? []
      : [{ predicateType: predicateTypes[type], anyOf: roles[type].map((together) => [...together]) }],
  );
}
