/**
 * Distinguished names (RFC 5280, section 4.1.2.4), as far as people read them:
 *
 *     C=CH, O=Example Security AG, organizationIdentifier=NTRCH-CHE-123.456.789, CN=…
 *
 * Names are compared byte by byte: who issues writes its own name into what it
 * issues as it stands in its own certificate (RFC 5280, section 4.1.2.6).
 */
import { excerpt } from '../errors.ts';
import { fromUtf8 } from '../bytes.ts';
import { Members, malformed, parts, readOid, tags } from './der.ts';
import type { Der } from './der.ts';

export interface Name {
  readonly der: Uint8Array;
  readonly commonName?: string;
  readonly country?: string;
  readonly organisation?: string;
  /** organizationIdentifier (2.5.4.97), by ETSI EN 319 412-1 for example NTRCH-CHE-123.456.789. */
  readonly organisationIdentifier?: string;
}

const attributes: Readonly<Record<string, keyof Omit<Name, 'der'>>> = {
  '2.5.4.3': 'commonName',
  '2.5.4.6': 'country',
  '2.5.4.10': 'organisation',
  '2.5.4.97': 'organisationIdentifier',
};

/** Names that people read are not longer; X.520 ends them at 64 or 128 characters. */
const maxText = 200;

export function readName(value: Der): Name {
  const found: Partial<Record<keyof Omit<Name, 'der'>, string>> = {};
  if (value.tag !== tags.sequence) throw malformed('a name is no sequence');
  for (const set of parts(value)) {
    if (set.tag !== tags.set) throw malformed('a part of a name is no set');
    for (const attribute of parts(set)) {
      const members = new Members(attribute, 'an attribute of a name');
      const key = attributes[readOid(members.next(tags.oid))];
      const text = readText(members.any());
      members.done();
      if (key === undefined || text === undefined) continue;
      // Readers differ in which of two they take, and a person should see what any of them sees.
      found[key] = found[key] === undefined ? text : excerpt(`${found[key]} / ${text}`, maxText);
    }
  }
  return { der: value.bytes, ...found };
}

/** The text of a DirectoryString, in one line; undefined for what is none. */
function readText({ tag, content }: Der): string | undefined {
  const bytes = content.subarray(0, 4 * maxText);
  let text: string;
  switch (tag) {
    case tags.utf8String:
      text = strictUtf8(content);
      break;
    case tags.printableString:
    case tags.ia5String:
    case tags.numericString:
    case tags.teletexString:
      text = Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\u{fffd}')).join('');
      break;
    case tags.bmpString:
      text = Array.from({ length: bytes.length >> 1 }, (_, i) =>
        String.fromCharCode(((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)),
      ).join('');
      break;
    default:
      return undefined;
  }
  // A certificate may hold a newline, and what turns the direction of writing, as well as anything else.
  return excerpt(text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\u{fffd}'), maxText);
}

function strictUtf8(content: Uint8Array): string {
  try {
    return fromUtf8(content);
  } catch {
    throw malformed('a text in a name is not UTF-8');
  }
}

/** For people: the organisation, or else the common name, with its identifier and country. */
export function nameText(name: Name): string {
  const { organisation, commonName, organisationIdentifier, country } = name;
  const more = [organisationIdentifier, country].filter((part) => part !== undefined);
  return `${organisation ?? commonName ?? 'a holder without a name'}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
}
