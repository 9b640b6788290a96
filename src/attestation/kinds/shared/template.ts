/**
 * Parts of statements to fill in (`isal attest new`). Values plainly want
 * replacing; where digests of disclosures belong stands what no schema takes,
 * because a made-up one would be recorded, and commit to nothing for ever.
 */
import type {
  ArtifactDigest,
  AuthorityRule,
  EventSource,
  LedgerBinding,
  Period,
  Subject,
} from '../../types.ts';
import { originDigest } from './subject.ts';

export interface TemplateContext {
  readonly ledger: Readonly<LedgerBinding>;
  readonly occurredAt: string;
  readonly source: Readonly<EventSource>;
  /** The file that it is about. */
  readonly subject?: {
    readonly name: string;
    readonly digests: { readonly sha256: string; readonly sha512: string };
  };
  /** Leaf hash of the leaf that a correction is of. */
  readonly target?: string;
}

/** What a template is made of: the rules are those of a first authority document. */
export interface TemplateParts extends TemplateContext {
  readonly rules: AuthorityRule[];
}

/** A digest or leaf hash that belongs to nothing. */
export const zeros: string = '0'.repeat(64);

/** What every predicate but `authority` carries. */
export function supervisedBy({ ledger, occurredAt, source }: TemplateContext): {
  ledger: LedgerBinding;
  occurredAt: string;
  source: EventSource;
} {
  return { ledger: { ...ledger }, occurredAt, source: { ...source } };
}

/** The file that the statement is about, as its subject. */
export function fileSubject({ subject }: TemplateContext): { name: string; digest: ArtifactDigest } {
  if (subject === undefined) return { name: 'FILE', digest: { sha256: zeros } };
  const { sha256, sha512 } = subject.digests;
  return { name: subject.name, digest: { sha256, sha512 } };
}

/** The subject of what is said of the ledger as a whole. */
export function originSubject({ ledger }: TemplateContext): Subject {
  return { digest: { sha256: originDigest(ledger.origin) } };
}

export function dayBefore({ occurredAt }: TemplateContext): Period {
  const dayMs = 86_400_000;
  return { from: new Date(Date.parse(occurredAt) - dayMs).toISOString(), to: occurredAt };
}

/** What stands for the digest of a disclosure. No schema takes it, so that a signer cannot sign it by mistake. */
export function disclosureOf(name: 'identity' | 'detail' | 'reviewer'): string {
  const command = name === 'reviewer' ? 'disclose' : 'vault put';
  return `DIGEST OF THE DISCLOSURE OF ${name} (isal access ${command} prints it)`;
}
