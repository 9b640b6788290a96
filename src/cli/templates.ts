/**
 * Statements to fill in: `isal attest new TYPE`. Valid as they stand, with values that plainly want replacing; but not
 * where digests of disclosures belong: a made-up one would be recorded, and commit to nothing for ever.
 */
import type { Statement } from '../attestation/types.ts';
import {
  attestationTypes,
  predicateTypes,
  statementType,
  type AttestationType,
} from '../attestation/types.ts';
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { usualRules } from './usual-rules.ts';

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
  /** Leaf hash of the leaf that a correction is of. */
  readonly target?: string;
}

type Filled = Pick<Statement, 'subject' | 'predicate'>;

/** No schema takes it, so that nobody signs it by mistake. */
const digestOf = (name: string): string =>
  `DIGEST OF THE DISCLOSURE OF ${name} (isal access vault put prints it)`;

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

const ofOrigin = ({ origin }: TemplateContext): Statement['subject'][0] => ({
  digest: { sha256: toHex(sha256(utf8(origin))) },
});

const dayBefore = ({ occurredAt }: TemplateContext): { from: string; to: string } => ({
  from: new Date(Date.parse(occurredAt) - 86_400_000).toISOString(),
  to: occurredAt,
});

const predicates: Readonly<Record<AttestationType, (context: TemplateContext) => Filled>> = {
  build: (context) => ({
    subject: [artifact(context)],
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
          _sd: [digestOf('identity')],
        },
        reason: { type: 'support', _sd: [digestOf('detail')] },
        approval: { required: true, decision: 'denied' },
        destinationCountry: 'CH',
        safeguards: [],
        customerTags: [],
      },
    };
  },
  authority: (context) => ({
    subject: [ofOrigin(context)],
    predicate: {
      origin: context.origin,
      version: 1,
      previous: null,
      occurredAt: context.occurredAt,
      root: { threshold: 1, keys: [`${'A'.repeat(43)}=`] },
      signers: [],
      rules: usualRules(),
      revocations: [],
    },
  }),
  'source-snapshot': (context) => {
    const subject = artifact(context);
    return {
      subject: [subject],
      predicate: {
        ...common(context, 'source-escrow'),
        product: 'PRODUCT',
        version: 'VERSION',
        kind: 'product',
        manifest: subject.digest,
        files: 1,
        escrow: { site: 'SITE', country: 'CH', receivedAt: context.occurredAt },
      },
    };
  },
  'source-review': (context) => {
    const subject = artifact(context);
    return {
      subject: [subject],
      predicate: {
        ...common(context, 'source-reviews'),
        snapshot: { leafHash: zeros, digest: subject.digest },
        depth: 'overview',
        scope: ['SCOPE'],
        coverage: { filesCovered: 0, filesTotal: 1 },
        activities: ['code-reading'],
        presence: 'onsite',
        result: 'inconclusive',
        findings: { critical: 0, high: 0, medium: 0, low: 0 },
        limitations: [],
        reviewers: { count: 1, _sd: [digestOf('reviewer')] },
      },
    };
  },
  'rebuild-result': (context) => {
    const subject = artifact(context);
    return {
      subject: [subject],
      predicate: {
        ...common(context, 'rebuilds'),
        build: { leafHash: zeros, digest: subject.digest },
        candidate: { digest: { sha256: zeros }, obtainedFrom: 'WHO BUILT IT, FROM WHAT, ON WHAT' },
        environment: { sha256: zeros },
        independence: 'independent',
        verdict: 'different',
        normalisations: [],
        unexplainedBytes: 1,
        limitations: [],
      },
    };
  },
  'period-summary': (context) => ({
    subject: [ofOrigin(context)],
    predicate: {
      ...common(context, 'access-summaries'),
      period: dayBefore(context),
      summarised: { source: 'access-gateway', seqFrom: 1, seqTo: 1 },
      counts: {
        byActivity: { store: 0, alter: 0, read: 0, disclose: 0, delete: 0, destroy: 0 },
        byCountry: [],
        byReason: { support: 0, service: 0, review: 0, 'legal-request': 0, alert: 0 },
      },
      gatewayCount: 0,
      vendorCount: 0,
      unexplained: 0,
      remarks: [],
    },
  }),
  residency: (context) => ({
    subject: [ofOrigin(context)],
    predicate: {
      ...common(context, 'residency'),
      region: 'europe',
      categories: ['telemetry'],
      from: ['CH'],
      to: ['CH'],
      phase: 'announced',
      effectiveAt: context.occurredAt,
      residualCopies: [],
      exceptions: [],
    },
  }),
  'supervisor-statement': (context) => ({
    subject: [ofOrigin(context)],
    predicate: {
      ...common(context, 'supervision'),
      kind: 'periodic',
      period: dayBefore(context),
      scope: ['SCOPE'],
      conclusion: 'unable',
      limitations: [],
    },
  }),
  correction: (context) => {
    const target = context.target ?? zeros;
    return {
      subject: [{ digest: { sha256: target } }],
      predicate: { ...common(context, 'corrections'), target, kind: 'erratum', reason: 'REASON' },
    };
  },
};

export const templateTypes: readonly AttestationType[] = attestationTypes;

/** Throws `unknown-type`. */
export function template(type: string, context: TemplateContext): Statement {
  const known = attestationTypes.find((one) => one === type);
  if (known === undefined) {
    throw new LedgerError('unknown-type', 'there is no template of that type', {
      expected: templateTypes.join(', '),
    });
  }
  return { _type: statementType, predicateType: predicateTypes[known], ...predicates[known](context) };
}
