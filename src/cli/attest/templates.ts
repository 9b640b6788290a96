/**
 * Statements to fill in: `isal attest new TYPE`. Valid as they stand, with values that plainly want replacing; but not
 * where digests of disclosures belong: a made-up one would be recorded, and commit to nothing for ever.
 */
import type { Statement } from '../../attestation/types.ts';
import {
  attestationTypes,
  predicateTypes,
  statementType,
  type AttestationType,
} from '../../attestation/types.ts';
import { sha256 } from '#sha256';
import { placeOf } from '../../attestation/canonical.ts';
import { toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { isObject } from '../terminal/members.ts';
import { usualRules } from '../authority/usual-rules.ts';

export interface TemplateContext {
  readonly origin: string;
  readonly authority: string;
  readonly occurredAt: string;
  /** Id of the source; default: one that is usual for the type. */
  readonly source?: string;
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
  `DIGEST OF THE DISCLOSURE OF ${name} (isal access ${name === 'reviewer' ? 'disclose' : 'vault put'} prints it)`;

const zeros = '0'.repeat(64);

const common = (context: TemplateContext, id: string): Record<string, unknown> => ({
  ledger: { origin: context.origin, authority: context.authority },
  occurredAt: context.occurredAt,
  source: { id: context.source ?? id, seq: context.seq },
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
        rollout: { channels: ['stable'], regions: ['global'], percent: 100 },
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

/** All of them, for a usage text: in lines that fit on a terminal. */
export function typeLines(indent: string): string {
  const third = Math.ceil(templateTypes.length / 3);
  return [0, third, 2 * third]
    .map((from) => `${indent}${templateTypes.slice(from, from + third).join(', ')}`)
    .join(',\n');
}

/** Throws `usage` for a type that there is not. */
export function template(type: string, context: TemplateContext): Statement {
  const known = attestationTypes.find((one) => one === type);
  if (known === undefined) {
    throw new LedgerError('usage', 'there is no template of that type', {
      expected: `one of ${templateTypes.join(', ')}`,
    });
  }
  return { _type: statementType, predicateType: predicateTypes[known], ...predicates[known](context) };
}

/** The source that statements of a type are usually counted by; undefined for one that has none. Throws `usage`. */
export function usualSource(type: string): string | undefined {
  const context = { origin: '', authority: '', occurredAt: '2026-01-01T00:00:00Z', seq: 1 };
  const { predicate } = template(type, context);
  const at = isObject(predicate['isal_supervision']) ? predicate['isal_supervision'] : predicate;
  return isObject(at['source']) ? String(at['source']['id']) : undefined;
}

/** What a person must replace: words in capitals, and digests and keys that are nobody's. */
const placeholder = /^(?:[A-Z]{2,}(?:,? [A-Z]{2,})*|0{64}|A{43}=)$/;

const placeholders: ReadonlySet<string> = new Set(
  attestationTypes
    .map((type) =>
      template(type, { origin: '', authority: zeros, occurredAt: '2026-01-01T00:00:00Z', seq: 1 }),
    )
    .flatMap((statement) => texts([statement.subject, statement.predicate], []))
    .map(({ text }) => text)
    .filter((text) => text.length > 2 && placeholder.test(text)),
);

/** Where a statement is still as its template had it: JSON Pointers, which end before a name that no schema has. */
export function unfilled({
  subject,
  predicate,
}: {
  readonly subject: readonly object[];
  readonly predicate: object;
}): string[] {
  return [...texts(subject, ['subject']), ...texts(predicate, ['predicate'])]
    .filter(({ text }) => placeholders.has(text))
    .map(({ steps }) => placeOf(steps).at);
}

function texts(value: unknown, steps: readonly (string | number)[]): { steps: typeof steps; text: string }[] {
  if (typeof value === 'string') return [{ steps, text: value }];
  if (Array.isArray(value)) return value.flatMap((member, i) => texts(member, [...steps, i]));
  if (typeof value !== 'object' || value === null) return [];
  // Without a ledger nothing is signed at all (`requireBound`), so that nobody needs to be warned of it.
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'ledger' ? [] : texts(member, [...steps, name]),
  );
}
