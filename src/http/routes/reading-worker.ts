/**
 * The thread on which readers' long work is done: a page of entries, each of
 * which must be decoded, and the judgement of a bundle, hundreds of signatures
 * and proofs for a long chain of updates. Done beside the event loop, it holds up
 * no commit and no checkpoint.
 */
import { sharedDigests } from '../../attestation/digests.ts';
import { unmetFilter } from '../../attestation/search-fields.ts';
import type { SearchFilters } from '../../attestation/search-fields.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { fromUtf8, utf8 } from '../../bytes.ts';
import type { PageLeaf, PlacedLeaf } from '../../ledger/searching/page.ts';
import { answerQuestions } from '../../platform/thread.node.ts';
import { formatBundle } from '../../verifier/proving/bundle.ts';
import type { Bundle } from '../../verifier/proving/bundle.ts';
import { judgeFile } from '../../verifier/judging/judge-file.ts';
import { touches } from '../../verifier/folds/subject.ts';
import type { Digests } from '../../verifier/folds/subject.ts';
import { parseTrust } from '../../verifier/trust.ts';
import type { Trust } from '../../verifier/trust.ts';
import { verdictJson } from '../../words/index.ts';
import type { VerdictJson } from '../../words/index.ts';
import { correctionOf, summaryOf } from './summary.ts';

/** Of a thread that is asked for both. */
export type ReadingQuestion =
  | ({ readonly kind: 'judge' } & JudgeQuestion)
  | ({ readonly kind: 'describe' } & DescribeQuestion)
  | { readonly kind: 'corrections'; readonly leaves: readonly PlacedLeaf[] };

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
  /** The algorithms by which the entries about the file name it. */
  readonly namedBy: readonly string[];
}

/** The items of a page: see `DescribeItems`. */
export interface DescribeQuestion {
  readonly filters: SearchFilters;
  readonly items: readonly PageLeaf[];
}

/** The last trust file and what it says: one server asks with the same one for ever. */
let last: { readonly text: string; readonly trust: Trust } | undefined;

function trustOf(text: string): Trust {
  if (last?.text !== text) last = { text, trust: parseTrust(utf8(text)) };
  return last.trust;
}

async function judge({ trust: trustFile, digests, bundle }: JudgeQuestion): Promise<JudgedBundle> {
  const text = fromUtf8(formatBundle(bundle));
  const decoded = bundle.leaves
    .map(({ index, leaf }) => ({ index, attestation: decodeAttestation(decodeEnvelope(leaf)) }))
    .filter(({ attestation }) => attestation.type !== 'authority');
  const entries = decoded.map(({ index, attestation }) => summaryOf(index, attestation));
  const namedBy = decoded
    .filter(({ attestation }) => touches(attestation, digests))
    .flatMap(({ attestation }) => attestation.statement.subject)
    .filter(({ digest }) => sharedDigests(digest, digests).equal.length > 0)
    .flatMap(({ digest }) => Object.keys(digest));
  const trust = trustOf(trustFile);
  const verdict = verdictJson(await judgeFile({ digests, bundle, trust }));
  return { text, verdict, entries, namedBy: [...new Set(namedBy)] };
}

function describe({ filters, items }: DescribeQuestion): (string | undefined)[] {
  return items.map(({ index, leaf, corrections }) => {
    const attestation = decodeAttestation(decodeEnvelope(leaf));
    if (unmetFilter(filters, attestation) !== undefined) return undefined;
    const correcting = corrections.flatMap(({ index: at, leaf: by }) =>
      correctionOf(at, decodeAttestation(decodeEnvelope(by))),
    );
    return JSON.stringify({ ...summaryOf(index, attestation), corrections: correcting });
  });
}

function describeCorrections(leaves: readonly PlacedLeaf[]): (string | undefined)[] {
  return leaves.map(({ index, leaf }) => {
    const [correction] = correctionOf(index, decodeAttestation(decodeEnvelope(leaf)));
    return correction === undefined ? undefined : JSON.stringify(correction);
  });
}

answerQuestions((question: ReadingQuestion): Promise<JudgedBundle> | (string | undefined)[] => {
  if (question.kind === 'judge') return judge(question);
  return question.kind === 'describe' ? describe(question) : describeCorrections(question.leaves);
});
