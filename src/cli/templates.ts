/** Statements to fill in: `isal attest new TYPE`. Valid as they stand, with values that plainly want replacing. */
import type { Statement } from '../attestation/types.ts';
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';

export interface TemplateContext {
  readonly origin: string;
  readonly authority: string;
  readonly occurredAt: string;
  /** Number of the event at its source. */
  readonly seq: number;
  readonly subject?: {
    readonly name: string;
    readonly digests: { readonly sha256: string; readonly sha512: string };
  };
}

const zeros = '0'.repeat(64);

const common = (context: TemplateContext, id: string): Record<string, unknown> => ({
  ledger: { origin: context.origin, authority: context.authority },
  occurredAt: context.occurredAt,
  source: { id, seq: context.seq },
});

const artifact = (context: TemplateContext): Statement['subject'][0] => {
  if (context.subject === undefined) return { name: 'FILE', digest: { sha256: zeros } };
  const { name, digests } = context.subject;
  return { name, digest: { sha256: digests.sha256, sha512: digests.sha512 } };
};

const predicates: Readonly<Record<string, (context: TemplateContext) => Omit<Statement, '_type'>>> = {
  build: (context) => ({
    subject: [artifact(context)],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://vendor.example/build-types/conveyor/v1',
        externalParameters: { target: 'TARGET' },
        resolvedDependencies: [{ name: 'SOURCE SNAPSHOT', digest: { sha256: zeros } }],
      },
      runDetails: { builder: { id: 'https://vendor.example/builders/zurich-1' } },
      isal_supervision: {
        ...common(context, 'build-conveyor'),
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
  'database-update': (context) => {
    const subject = artifact(context);
    return {
      subject: [subject],
      predicateType: 'urn:isal:predicate:database-update:v1',
      predicate: {
        ...common(context, 'database-release'),
        family: 'family',
        platform: 'any',
        version: 'VERSION',
        kind: 'full',
        previous: null,
        result: subject.digest,
        urgency: 'routine',
        containsExecutable: false,
        rollout: { channels: ['stable'], regions: ['all'], percent: 100 },
        facility: 'FACILITY',
        country: 'CH',
        review: 'automated',
      },
    };
  },
  'data-access': (context) => {
    const eventId = globalThis.crypto.getRandomValues(new Uint8Array(32));
    return {
      subject: [{ digest: { sha256: toHex(sha256(eventId)) } }],
      predicateType: 'urn:isal:predicate:data-access:v1',
      predicate: {
        ...common(context, 'access-gateway'),
        eventId: toHex(eventId),
        activity: 'read',
        outcome: 'denied',
        initiation: 'human',
        store: { id: 'store', country: 'CH' },
        categories: ['telemetry'],
        dataRegion: 'europe',
        volume: 'none',
        actor: {
          employer: 'EMPLOYER',
          role: 'role',
          officeCountry: 'CH',
          physicalCountry: 'CH',
          _sd: ['A'.repeat(43)],
        },
        reason: { type: 'support', _sd: ['A'.repeat(43)] },
        approval: { required: true, decision: 'denied' },
        destinationCountry: 'CH',
        safeguards: [],
        customerTags: [],
      },
    };
  },
  authority: (context) => ({
    subject: [{ digest: { sha256: toHex(sha256(utf8(context.origin))) } }],
    predicateType: 'urn:isal:predicate:authority:v1',
    predicate: {
      origin: context.origin,
      version: 1,
      previous: null,
      occurredAt: context.occurredAt,
      root: { threshold: 1, keys: [`${'A'.repeat(43)}=`] },
      signers: [],
      rules: [
        { predicateType: 'https://slsa.dev/provenance/v1', anyOf: [['builder', 'supervisor']] },
        {
          predicateType: 'urn:isal:predicate:database-update:v1',
          anyOf: [['database-publisher', 'supervisor']],
        },
        { predicateType: 'urn:isal:predicate:data-access:v1', anyOf: [['access-gateway']] },
      ],
      revocations: [],
    },
  }),
};

export const templateTypes: readonly string[] = Object.keys(predicates);

/** Throws `unknown-type`. */
export function template(type: string, context: TemplateContext): Statement {
  const make = Object.hasOwn(predicates, type) ? predicates[type] : undefined;
  if (make === undefined) {
    throw new LedgerError('unknown-type', 'there is no template of that type', {
      expected: templateTypes.join(', '),
      got: type,
    });
  }
  return { _type: 'https://in-toto.io/Statement/v1', ...make(context) };
}
