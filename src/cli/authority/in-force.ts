/** The authority in force as a bundle shows it, and how it is told. */
import { type AuthoritySnapshot } from '../../attestation/authority.ts';
import type { AttestationOf } from '../../attestation/statement.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { toHex } from '../../bytes.ts';
import { maxBundleBytes, parseBundle } from '../../verifier/proving/bundle.ts';
import type { Bundle } from '../../verifier/proving/bundle.ts';
import type { Trust } from '../../verifier/trust.ts';
import type { CheckpointSummary } from '../../verifier/judging/verdict.ts';
import { verifyBundle } from '../../verifier/judging/verify-bundle.ts';
import { misused } from '../terminal/args.ts';
import { keyidOfText, namesIn, promiseText, revocationText, signerText } from './changes.ts';
import { readSmall } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { markLine, plainLine } from '../terminal/marks.ts';
import { connect, bundleOf } from '../online/online.ts';
import { wrapLine } from '../terminal/wrap.ts';

/** What every command here takes; the chain comes from `--bundle`, which `submit` has not, or from the ledger. */
export interface Values {
  readonly trust: string | undefined;
  readonly url: string | undefined;
  readonly bundle?: string | undefined;
}

/** The authority in force as far as the bundle shows, verified under the trust file. */
export interface InForce {
  readonly bundle: Bundle;
  readonly summary: CheckpointSummary;
  readonly snapshot: AuthoritySnapshot;
  /** Every document up to it, from leaf 0. */
  readonly chain: readonly { readonly index: number; readonly document: AttestationOf<'authority'> }[];
}

/** Whether a server or a stick brought the bundle makes no difference: it is verified here. */
export async function inForce(values: Values, trust: Trust, io: Io): Promise<InForce> {
  if (values.bundle !== undefined && values.url !== undefined) {
    throw misused('the chain comes from --bundle or from --url');
  }
  const bundle =
    values.bundle === undefined
      ? (await bundleOf(await connect({ url: values.url, trust, io }), trust, { found: { indices: [] } }))
          .bundle
      : parseBundle(await readSmall(values.bundle, maxBundleBytes));
  const { summary, walk } = verifyBundle({ bundle, trust });
  const chain = bundle.leaves.flatMap(({ index, leaf }) => {
    const document = decodeAttestation(decodeEnvelope(leaf));
    return document.type === 'authority' ? [{ index, document }] : [];
  });
  return { bundle, summary, snapshot: walk.newest, chain };
}

export function inForceJson({ summary, snapshot, chain }: InForce): object {
  const { index, leafHash, version, document } = snapshot;
  const { size } = summary;
  return {
    checkpoint: summary,
    index,
    leafHash,
    version,
    size,
    root: { threshold: document.root.threshold, keyids: document.root.keys.map(keyidOfText) },
    signers: document.signers.map((signer) => {
      const keyid = keyidOfText(signer.publicKey);
      return { keyid, ...signer, status: snapshot.statusOf(keyid, size) };
    }),
    rules: document.rules,
    revocations: document.revocations,
    promises: document.promises ?? [],
    chain: chain.map((one) => ({
      index: one.index,
      leafHash: toHex(one.document.leafHash),
      version: one.document.statement.predicate.version,
      occurredAt: one.document.statement.predicate.occurredAt,
    })),
  };
}

/** The column of the texts. */
const setIn = ' '.repeat(15);

export function inForceText({ summary, snapshot, chain }: InForce, io: Io): string {
  const { index, leafHash, version, document } = snapshot;
  const { size, origin } = summary;
  const names = namesIn(...chain.map((one) => one.document.statement.predicate));
  return [
    markLine('proven', 'Checkpoint', `${origin}, size ${size}`, io),
    ...chain.map((one) => {
      const { version: its, occurredAt } = one.document.statement.predicate;
      return markLine('proven', 'Document', `version ${its}, leaf ${one.index}, made ${occurredAt}`, io);
    }),
    markLine('proven', 'In force', `version ${version}, leaf hash ${leafHash}`, io),
    markLine(
      'not-shown',
      'Later',
      `none shown after leaf ${index}, as of ${size} (isal log fsck proves it)`,
      io,
    ),
    plainLine('Roots', `${document.root.threshold} of ${document.root.keys.length} must sign`),
    ...document.root.keys.map((key) => plainLine('Root key', keyidOfText(key))),
    ...document.signers.map((signer) => {
      const status = snapshot.statusOf(keyidOfText(signer.publicKey), size);
      return wrapLine(plainLine(status === 'in-force' ? 'Signer' : status, signerText(signer)), setIn);
    }),
    ...document.rules.map(({ predicateType, anyOf }) =>
      plainLine('Rule', `${predicateType}: ${anyOf.map((roles) => roles.join(' + ')).join(', or ')}`),
    ),
    ...document.revocations.map((one) =>
      wrapLine(plainLine('Revocation', revocationText(names)(one)), setIn),
    ),
    ...(document.promises ?? []).map((one) => plainLine('Promise', promiseText(one))),
  ].join('');
}
