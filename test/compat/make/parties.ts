/**
 * Who signs in the fixture ledger, and its authority documents: a rotation, a
 * revocation, and a theft that is noticed late.
 *
 *   version 1   everybody with a first key
 *   version 2   the builder has a new key, the old one is superseded; one root key is replaced
 *   version 3   the publisher's key is revoked, and it has a new one
 *   version 4   it turns out that the publisher's old key was stolen before, and a rebuilder's too
 */
import {
  accessSource,
  authorityDocument,
  builder,
  compliance,
  correctionSource,
  custodian,
  databaseSource,
  gateway,
  party,
  publisher,
  rebuildSource,
  rebuilder,
  residencySource,
  reviewSource,
  reviewer,
  signer,
  summarySource,
  supervisor,
  supervisorOrganisation,
  buildSource,
  escrowSource,
  supervisionSource,
} from '../../fixtures/attestations.ts';
import type { AuthorityOptions, Party } from '../../fixtures/attestations.ts';

const root = (number: number): Party => party(`compat root ${number}`, supervisorOrganisation);

export const builder2: Party = party('builder-2');
export const publisher2: Party = party('database-publisher-2');
/** Whose key is stolen. */
export const rebuilder2: Party = party('rebuilder-2', 'Rebuild House');
export const vendorRebuilder: Party = party('vendor-rebuilder');
export const vendorReviewer: Party = party('vendor-reviewer');
/** Nobody whom the ledger knows. */
export const stranger: Party = party('stranger', 'Nobody');

/** Counts its events apart from the first one, and nothing is promised of it. */
export const secondAccessSource = 'access-2';

const everySource = [
  buildSource,
  databaseSource,
  escrowSource,
  reviewSource,
  residencySource,
  supervisionSource,
  correctionSource,
];

const builderWith = (key: Party) => signer(key, ['builder'], [buildSource, correctionSource]);
const publisherWith = (key: Party) => signer(key, ['database-publisher'], [databaseSource, correctionSource]);

const others = [
  signer(supervisor, ['supervisor'], everySource),
  signer(gateway, ['access-gateway'], [accessSource, secondAccessSource, summarySource, correctionSource]),
  signer(custodian, ['source-custodian'], [escrowSource, correctionSource]),
  signer(compliance, ['vendor'], [summarySource, residencySource, correctionSource]),
  signer(reviewer, ['reviewer'], [reviewSource, correctionSource]),
  signer(vendorReviewer, ['reviewer'], [reviewSource, correctionSource]),
  signer(rebuilder, ['rebuilder'], [rebuildSource, correctionSource]),
  signer(vendorRebuilder, ['rebuilder'], [rebuildSource, correctionSource]),
];

const common: AuthorityOptions = {
  threshold: 2,
  signedBy: [root(1), root(2)],
  promises: [{ source: accessSource, from: '2026-11-01T00:00:00Z', summaryEvery: 86_400, grace: 21_600 }],
};

export function firstAuthority(): Uint8Array {
  return authorityDocument({
    ...common,
    roots: [root(1), root(2), root(3)],
    signers: [
      builderWith(builder),
      publisherWith(publisher),
      signer(rebuilder2, ['rebuilder'], [rebuildSource]),
      ...others,
    ],
  });
}

const superseded = {
  keyid: builder.keyid,
  kind: 'superseded',
  fromLeaf: 0,
  reason: 'A new key of the build conveyor.',
} as const;

/** The builder's key is rotated. */
export function secondAuthority(previous: string): Uint8Array {
  return authorityDocument({
    ...common,
    version: 2,
    previous,
    roots: [root(1), root(2), root(4)],
    signers: [
      builderWith(builder2),
      publisherWith(publisher),
      signer(rebuilder2, ['rebuilder'], [rebuildSource]),
      ...others,
    ],
    revocations: [superseded],
  });
}

/** The publisher's key is revoked from the document on. */
export function thirdAuthority(previous: string, fromLeaf: number): Uint8Array {
  return authorityDocument({
    ...common,
    version: 3,
    previous,
    roots: [root(1), root(2), root(4)],
    signers: [
      builderWith(builder2),
      publisherWith(publisher2),
      signer(rebuilder2, ['rebuilder'], [rebuildSource]),
      ...others,
    ],
    revocations: [
      superseded,
      { keyid: publisher.keyid, kind: 'revoked', fromLeaf, reason: 'The machine was lost.' },
    ],
  });
}

/** Two thefts that reach back below the document. */
export function fourthAuthority(
  previous: string,
  stolen: { readonly publisher: number; readonly rebuilder: number },
): Uint8Array {
  return authorityDocument({
    ...common,
    version: 4,
    previous,
    roots: [root(1), root(2), root(4)],
    signers: [builderWith(builder2), publisherWith(publisher2), ...others],
    revocations: [
      superseded,
      {
        keyid: publisher.keyid,
        kind: 'compromised',
        fromLeaf: stolen.publisher,
        reason: 'Broken into before the machine was lost.',
      },
      {
        keyid: rebuilder2.keyid,
        kind: 'compromised',
        fromLeaf: stolen.rebuilder,
        reason: 'The key was copied.',
      },
    ],
  });
}
