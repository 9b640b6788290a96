/**
 * Judges a batch of leaves and commits what follows from it, all in one step:
 * position, findings, numbers of sources, authority documents.
 */
import { hashLeaf } from '#sha256';
import { concat, toHex, uint64, utf8 } from '../bytes.ts';
import { defined } from '../defined.ts';
import type { LedgerError } from '../errors.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import type { Attestation } from '../attestation/statement.ts';
import type { Supervision } from '../attestation/types.ts';
import type { VerifySignatureMaybeAsync } from '../attestation/authority.ts';
import type { Row } from '../storage/storage.ts';
import type { RightEdge } from '../tlog/right-edge.ts';
import { Audit } from '../verifier/authorising/audit.ts';
import type { Audited } from '../verifier/authorising/audit.ts';
import { collectEquivocation, collectUnauthorised } from '../verifier/convicting/evidence-collect.ts';
import type { LogView } from '../verifier/proving/log-client.ts';
import { Coverage, coveredBy } from '../verifier/folds/promises.ts';
import type { Trust } from '../verifier/trust.ts';
import type { EvidenceFolder } from './evidence.ts';
import type { Found } from './finding.ts';
import { historyRows } from './histories.ts';
import { coverageKey, documentKey, numberKey, peaksKey, sourceKey } from './rows.ts';
import { entrySaid, labelsOf, matchRules } from './rules.ts';
import { StoredSigners } from './signers.ts';
import type { MonitorStore, Resumed, SourceRow } from './store.ts';
import type { Rule } from './watch.ts';

export interface JudgeOptions {
  readonly store: MonitorStore;
  readonly trust: Trust;
  readonly rules: readonly Rule[];
  readonly evidence: EvidenceFolder;
  readonly verify?: VerifySignatureMaybeAsync;
  /** The verified checkpoint whose tree the leaves are in: the signed note, and its reader. */
  readonly note: Uint8Array;
  readonly view: LogView;
}

interface Leaf {
  readonly index: number;
  readonly leaf: Uint8Array;
}

export class Judge {
  readonly #options: JudgeOptions;
  readonly #audit: Audit;
  readonly #edge: RightEdge;
  readonly #heard: Map<string, number>;
  readonly #coverage: Map<string, Coverage>;
  /** Indices of the authority documents that were in force. */
  readonly #documents: number[];

  readonly #signers: StoredSigners;

  private constructor(options: JudgeOptions, { edge, documents, sequences, heard, coverage }: Resumed) {
    const { trust, verify, store } = options;
    this.#signers = new StoredSigners((leafHash) => store.signedLeaf(leafHash));
    this.#options = options;
    this.#audit = new Audit({
      trust,
      ...defined({ verify }),
      resume: { documents, sequences, signers: this.#signers },
    });
    this.#edge = edge;
    this.#heard = heard;
    this.#coverage = coverage;
    this.#documents = documents.map(({ index }) => index);
  }

  /** Takes up where the last commit left off; after a crash or an error there is no other way. */
  static async resume(options: JudgeOptions): Promise<Judge> {
    return new Judge(options, await options.store.resume());
  }

  /**
   * The leaves that follow the position, in order; `time` in seconds. Throws as
   * `Audit.take` for leaf 0, what the log answers while evidence is gathered,
   * and what a store throws. After any of these this judge is of no use.
   */
  async take(leaves: readonly Leaf[], time: number): Promise<number> {
    const { store } = this.#options;
    for (const { index, leaf } of leaves) this.#audit.take(index, leaf);
    const puts: Row[] = [];
    const raised: Found[] = [];
    const noted: Found[] = [];
    const touched = new Set<string>();
    /** Sources of which a summary has come. */
    const covered = new Set<string>();
    /** Numbers used for the first time in this batch, which the store does not know yet. */
    const used = new Map<string, number>();
    let heard = store.known.heard ?? 0;
    for (const result of await this.#audit.settle()) {
      const { index, leaf } = result;
      this.#edge.append(hashLeaf(leaf));
      if (result.kind === 'document') {
        this.#documents.push(index);
        puts.push([documentKey(index), leaf]);
        noted.push(...this.#document(result));
        if (result.disagreement !== undefined) raised.push(pinned(result.disagreement));
      } else if (result.kind === 'entry') {
        const { attestation } = result.entry;
        const { source, occurredAt } = attestation.supervision as Supervision;
        puts.push([numberKey(source.id, source.seq), uint64(index)], ...historyRows(result.entry));
        used.set(`${source.id}/${source.seq}`, index);
        // A source that dates its entries ahead cannot cover a later silence by it.
        const at = Math.min(time, Math.floor(Date.parse(occurredAt) / 1_000));
        this.#heard.set(source.id, Math.max(at, this.#heard.get(source.id) ?? 0));
        heard = Math.max(at, heard);
        touched.add(source.id);
        const summarised = this.#cover(attestation, time);
        if (summarised !== undefined) covered.add(summarised);
        noted.push(...matchRules(this.#options.rules, index, attestation));
      } else {
        raised.push(await this.#refused(result, used, store.known.evidenceFiles + raised.length));
      }
    }
    const size = this.#edge.size;
    const missing = this.#audit.missingDocument(size);
    if (missing !== undefined) raised.push(pinned(missing));
    for (const source of touched) {
      const row: SourceRow = {
        ranges: this.#audit.sequences.rangesOf(source).map(({ from, to }) => [from, to]),
        heard: this.#heard.get(source) ?? 0,
      };
      puts.push([sourceKey(source), utf8(JSON.stringify(row))]);
    }
    for (const source of covered) {
      const ranges = this.#coverage.get(source)?.ranges.map(({ from, to }) => [from, to]) ?? [];
      puts.push([coverageKey(source), utf8(JSON.stringify(ranges))]);
    }
    puts.push(...this.#signers.drain());
    puts.push([peaksKey, concat(...this.#edge.peaks)]);
    const head = { size, root: this.#edge.root() };
    // Where leaves below are still to be read for the histories, these will be read once more.
    const folded = store.folded === store.position ? size : undefined;
    const known = defined({ folded, heard: heard === 0 ? undefined : heard });
    // A crash before this leaves evidence files at most; the same leaves are judged again.
    const findings = await store.commit({ time, puts, raised, noted, head, known });
    return findings.length;
  }

  /**
   * Takes the period that a summary covers; gives the source that it is about.
   * Of sources that nobody may use there could be any number, so they are not kept.
   */
  #cover(attestation: Attestation, time: number): string | undefined {
    if (attestation.type !== 'period-summary') return undefined;
    const { predicate } = attestation.statement;
    const { source } = predicate.summarised;
    const { signers = [] } = this.#audit.authority?.document ?? {};
    // Who reads an old log late, or by a clock that is behind, takes the witnesses' word.
    const now = Math.max(time, this.#options.store.known.asOf ?? 0);
    const period = coveredBy(predicate, now * 1_000);
    if (period === undefined || !signers.some(({ sources }) => sources.includes(source))) return undefined;
    const coverage = this.#coverage.get(source) ?? new Coverage();
    this.#coverage.set(source, coverage);
    coverage.add(period);
    return source;
  }

  #document({ index, leaf, snapshot }: Audited & { kind: 'document' }): Found[] {
    const attestation = decodeAttestation(decodeEnvelope(leaf));
    const found = matchRules(this.#options.rules, index, attestation);
    if (index === 0) return found;
    const { version, leafHash, document } = snapshot;
    const revoked = document.revocations.map(({ keyid, kind, fromLeaf }) => ({ keyid, kind, fromLeaf }));
    const promised = (document.promises ?? []).map((promise) => promise.source);
    const about = { kind: 'authority', index, version, leafHash, revoked, promised } as const;
    return [...found, { key: `authority/${index}`, about, index }];
  }

  async #refused(
    { index, leaf, error, attestation }: Audited & { kind: 'refused' },
    used: ReadonlyMap<string, number>,
    kept: number,
  ): Promise<Found> {
    const { evidence, trust, rules, note, view } = this.#options;
    const { code, message } = error;
    const source = attestation?.supervision?.source;
    const kind =
      code === 'source-conflict'
        ? 'equivocation'
        : attestation?.type === 'authority'
          ? 'invalid-authority'
          : 'unauthorised';
    const key = `${kind}/${index}`;
    const file = await evidence.keep({ kind, key, trust, kept }, async () => {
      if (kind !== 'equivocation' || source === undefined) {
        return collectUnauthorised({ checkpoint: note, view, index, documents: this.#documents });
      }
      const first =
        used.get(`${source.id}/${source.seq}`) ?? (await this.#options.store.indexOf(source.id, source.seq));
      if (first === undefined) throw new Error('broken invariant: a number that was used has an index');
      return collectEquivocation({
        checkpoint: note,
        inclusion: (at) => view.inclusion(at),
        indexOf: (leafHash) => this.#signers.indexOf(leafHash),
        documents: this.#documents,
        recorded: first,
        other: index,
      });
    });
    const entry = attestation === undefined ? undefined : entrySaid(attestation);
    return {
      key,
      about: { kind, index, leafHash: toHex(hashLeaf(leaf)), ...defined({ entry }), message },
      index,
      code,
      ...(kind === 'unauthorised' ? labelsOf(rules, 'unauthorised') : {}),
      ...defined({ evidence: file }),
    };
  }
}

/** The trust file pins a later authority document, and the log does not agree with it. */
function pinned({ code, message, expected, got, index }: LedgerError): Found {
  return {
    key: `pinned-authority/${index ?? 'missing'}`,
    about: { kind: 'pinned-authority', message, ...defined({ index, expected, got }) },
    ...defined({ index }),
    code,
  };
}
