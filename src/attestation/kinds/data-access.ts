/** One access to customers' data. Its subject is the event id, so that the public log names no customer. */
import { fromHex, toHex } from '../../bytes.ts';
import { sha256 } from '#sha256';
import type { DataAccessPredicate } from '../types.ts';
import { requireAscending } from './shared/consistency.ts';
import { type Kind, atTop } from './shared/kind.ts';
import { alone } from './shared/subject.ts';
import { disclosureOf, supervisedBy } from './shared/template.ts';

export const kind: Kind<'data-access'> = {
  order: 70,
  predicateType: 'urn:isal:predicate:data-access:v1',
  usual: { source: 'access-gateway', anyOf: [['access-gateway']] },
  supervision: atTop,
  subject: alone('SHA-256 over the 32 bytes of the event id', ({ eventId }) => digestOf(eventId)),
  consistency: {
    refuses: 'digests of disclosures, or customer tags, that do not ascend',
    check: checkAccess,
  },
  template: (parts) => {
    const eventId = toHex(globalThis.crypto.getRandomValues(new Uint8Array(32)));
    return {
      subject: [{ digest: { sha256: digestOf(eventId) } }],
      predicate: {
        ...supervisedBy(parts),
        eventId,
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
          _sd: [disclosureOf('identity')],
        },
        reason: { type: 'support', _sd: [disclosureOf('detail')] },
        approval: { required: true, decision: 'denied' },
        destinationCountry: 'CH',
        safeguards: [],
        customerTags: [],
      },
    };
  },
};

function digestOf(eventId: string): string {
  return toHex(sha256(fromHex(eventId)));
}

function checkAccess({ actor, reason, approval, customerTags }: DataAccessPredicate): void {
  requireAscending(actor._sd, '/actor/_sd');
  requireAscending(reason._sd, '/reason/_sd');
  requireAscending(approval._sd, '/approval/_sd');
  requireAscending(customerTags, '/customerTags');
}
