/** One build: SLSA provenance, with what the supervisor saw in a member of its own. */
import type { Kind } from './shared/kind.ts';
import { artefacts } from './shared/subject.ts';
import { fileSubject, supervisedBy, zeros } from './shared/template.ts';

export const kind: Kind<'build'> = {
  order: 40,
  predicateType: 'https://slsa.dev/provenance/v1',
  usual: { source: 'build-conveyor', anyOf: [['builder', 'supervisor']] },
  supervision: ({ isal_supervision }) => ({
    value: isal_supervision,
    pointer: '/predicate/isal_supervision',
  }),
  subject: artefacts,
  sealable: true,
  names: ({ isal_supervision: { product, version } }) => ({ product, version }),
  template: (parts) => ({
    subject: [fileSubject(parts)],
    predicate: {
      buildDefinition: {
        buildType: 'https://vendor.example/build-types/conveyor/v1',
        externalParameters: { target: 'TARGET' },
        resolvedDependencies: [{ name: 'SOURCE SNAPSHOT', digest: { sha256: zeros } }],
      },
      runDetails: { builder: { id: 'https://vendor.example/builders/zurich-1' } },
      isal_supervision: {
        ...supervisedBy(parts),
        product: 'PRODUCT',
        version: 'VERSION',
        facility: 'FACILITY',
        country: 'CH',
        presence: 'automated',
        hermetic: false,
        deviations: [],
      },
    },
  }),
};
