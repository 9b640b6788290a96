/**
 * What people read of a certificate: whose it is, and when.
 *
 *     Example Security AG (NTRCH-CHE-123.456.789, CH)     2026-11-03T09:12:44Z
 */

/** Of a distinguished name (RFC 5280, section 4.1.2.4), as far as it is told to people. */
export interface Name {
  /** By which names are compared. */
  readonly der: Uint8Array;
  readonly commonName?: string;
  readonly country?: string;
  readonly organisation?: string;
  /** organizationIdentifier (2.5.4.97), by ETSI EN 319 412-1 for example NTRCH-CHE-123.456.789. */
  readonly organisationIdentifier?: string;
}

/** The organisation, or else the common name, with its identifier and country. */
export function nameText(name: Name): string {
  const { organisation, commonName, organisationIdentifier, country } = name;
  const more = [organisationIdentifier, country].filter((part) => part !== undefined);
  return `${organisation ?? commonName ?? 'a holder without a name'}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
}

export const isoTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.000Z$/, 'Z');
