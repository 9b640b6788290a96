/**
 * The thread that judges bundles: hundreds of signatures, schemas and proofs
 * for a long chain of updates, which would otherwise hold up every commit.
 */
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { fromUtf8, utf8 } from '../../bytes.ts';
import { answerQuestions } from '../../platform/thread.node.ts';
import { formatBundle } from '../../verifier/proving/bundle.ts';
import type { Bundle } from '../../verifier/proving/bundle.ts';
import { judgeFile } from '../../verifier/judging/judge-file.ts';
import type { Digests } from '../../verifier/folds/subject.ts';
import { parseTrust } from '../../verifier/trust.ts';
import type { Trust } from '../../verifier/trust.ts';
import { verdictJson } from '../../words/index.ts';
import type { VerdictJson } from '../../words/index.ts';
import { summaryOf } from './summary.ts';

export interface JudgeQuestion {
  /** A trust file. */
  readonly trust: string;
  readonly digests: Digests;
  readonly bundle: Bundle;
}

export interface JudgedBundle {
  /** The bundle as a file. */
  readonly text: string;
  readonly verdict: VerdictJson;
  /** What stands in the bundle beside the authority documents. */
  readonly entries: readonly object[];
}

/** The last trust file and what it says: one server asks with the same one for ever. */
let last: { readonly text: string; readonly trust: Trust } | undefined;

function trustOf(text: string): Trust {
  if (last?.text !== text) last = { text, trust: parseTrust(utf8(text)) };
  return last.trust;
}

answerQuestions(async ({ trust: trustFile, digests, bundle }: JudgeQuestion): Promise<JudgedBundle> => {
  const text = fromUtf8(formatBundle(bundle));
  const entries = bundle.leaves
    .map(({ index, leaf }) => ({ index, attestation: decodeAttestation(decodeEnvelope(leaf)) }))
    .filter(({ attestation }) => attestation.type !== 'authority')
    .map(({ index, attestation }) => summaryOf(index, attestation));
  const trust = trustOf(trustFile);
  const verdict = verdictJson(await judgeFile({ digests, bundle, trust }));
  return { text, verdict, entries };
});
