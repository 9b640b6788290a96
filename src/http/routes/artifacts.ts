/**
 * All about one artefact in one answer: the bundle that a verdict rests on,
 * and the verdict that the same verifier gives on it under the ledger's own
 * trust file. A customer who relies on it judges the bundle under the trust file
 * that they pinned; what this server thinks of it proves nothing.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { LedgerError, lengthOf } from '../../errors.ts';
import type { PublishedLog } from '../../ledger/published-log.ts';
import { grouped } from '../../words/en/numbers.ts';
import { assembleBundle } from '../../verifier/collecting/assemble.ts';
import { collectEntries } from '../../verifier/collecting/collect.ts';
import type { EntrySearch } from '../../verifier/collecting/collect.ts';
import { LeafCache } from '../../verifier/proving/leaf-cache.ts';
import type { Digests } from '../../verifier/folds/subject.ts';
import { formatTrust } from '../../verifier/trust.ts';
import type { Trust } from '../../verifier/trust.ts';
import { briefly, matchesTag, namesTag } from '../exchange/headers.ts';
import { PublishedTree } from './published-tree.ts';
import { judgeBundle } from './reading-thread.ts';
import { digestForm, parseSubjectDigest } from '../../attestation/search-fields.ts';
import { badParameter, parseQuery } from '../exchange/query.ts';
import { Recent } from '../exchange/recent.ts';
import type { Plan } from '../bounds/gate.ts';
import type { Operation, Route, Service } from '../exchange/route.ts';
import { jsonResponse, problemResponses, queryParameter, sendBytes, sendHead } from '../exchange/route.ts';

const json = 'application/json';
const bundleMediaType = 'application/vnd.isal.bundle+json';

/** Finished answers that are kept until the next checkpoint: on a day of release all ask for one file. */
const keptBytes = 32 << 20;

/** What is answered about an artefact, in both forms; shared by all who ask. */
interface ArtifactAnswer {
  readonly bundle: Buffer;
  /** The JSON answer, whose first member is the digest that was asked for. */
  readonly json: (digest: string) => Buffer;
  /** The algorithms by which the entries about it name it. */
  readonly namedBy: ReadonlySet<string>;
}

export function artifactRoutes(service: Service): readonly Route[] {
  const { ledger, trust } = service;
  // With the bundle, and with one JSON answer for each digest.
  const recent = new Recent<ArtifactAnswer>(keptBytes, ({ bundle }) => 3 * bundle.length);
  // The same tree may be answered in other words by the next version of this program.
  const instance = randomBytes(16);

  /** The stage that makes the answer for these digests, unless one is at hand. */
  const making = (asked: Asked, digests: Digests, then: (answer: ArtifactAnswer) => Plan | void): Plan => {
    const { checkpoint } = asked.tree;
    const name = JSON.stringify(digests);
    const run = async (): Promise<Plan | void> =>
      then(await recent.get(checkpoint, name, () => answerFrom(asked.tree, digests, trust)));
    return recent.has(checkpoint, name)
      ? { line: 'lookups', units: 2, run }
      : { line: 'long', units: unitsToMake, run };
  };

  /**
   * What was asked for and leads nowhere changes no answer, unless an entry that
   * is found names another digest of that kind: so whoever asks with ever new
   * digests beside one that is recorded is answered with what is at hand.
   */
  const look = async (context: Context, asked: Asked): Promise<Plan> => {
    const recorded = await recordedOf(asked);
    const absent = Object.keys(asked.digests).find((alg) => !Object.hasOwn(recorded, alg));
    return making(asked, recorded, (answer) => {
      if (absent === undefined || !answer.namedBy.has(absent)) return send(context, asked, answer);
      return making(asked, asked.digests, (own) => send(context, asked, own));
    });
  };

  return [
    {
      method: 'get',
      path: '/api/v1/artifacts/{digest}',
      operation: artifactOperation,
      plan: (context, { digest = '' }) => {
        const asked = askedOf(context, ledger, instance, digest);
        const { tag } = asked;
        setHeaders(context, asked);
        // It was ours, of this very tree: nothing has to be made to know that it still is.
        if (namesTag(context.req, tag)) return { units: 1, run: () => void (context.status = 304) };
        return { line: 'lookups', units: 4, run: () => look(context, asked) };
      },
      head: (context, { digest = '' }) => {
        const asked = askedOf(context, ledger, instance, digest);
        return {
          line: 'lookups',
          units: 4,
          run: async () => {
            await recordedOf(asked);
            setHeaders(context, asked);
            sendHead(context, asked.form === 'json' ? json : bundleMediaType);
          },
        };
      },
    },
  ];
}

const artifactOperation: Operation = {
  operationId: 'getArtifact',
  summary: 'Everything about one artefact: a bundle that verifies offline, and a verdict hop by hop',
  parameters: [
    {
      name: 'digest',
      in: 'path',
      required: true,
      description: 'Digest of the artefact, sha256:HEX or sha512:HEX',
      schema: { ...digestForm.schema },
    },
    queryParameter('also', 'Digest of the same artefact by the other algorithm', {
      ...digestForm.schema,
    }),
    queryParameter('format', 'The bundle alone, also against Accept', {
      type: 'string',
      enum: ['json', 'bundle'],
    }),
  ],
  responses: {
    200: {
      ...jsonResponse('The verdict and the bundle, or the bundle alone', 'Artifact'),
      content: {
        [json]: { schema: { $ref: '#/components/schemas/Artifact' } },
        [bundleMediaType]: { schema: { $ref: '#/components/schemas/AttestedBundle' } },
      },
    },
    304: { description: 'As the client has it already (If-None-Match)' },
    ...problemResponses(400, 404, 406, 429, 503),
  },
};

/** CPU of a bundle of as many entries as go into one. */
const unitsToMake = 150;

type Form = 'json' | 'bundle';

/** What a request asks for, of one tree. */
interface Asked {
  /** As it stands in the path. */
  readonly digest: string;
  readonly digests: Digests;
  readonly form: Form;
  readonly tree: PublishedTree;
  readonly tag: string;
}

function askedOf(context: Context, ledger: PublishedLog, instance: Uint8Array, digest: string): Asked {
  const { format, also } = parseQuery(context.querystring, ['format', 'also']);
  const form = formOf(context, format);
  const digests = digestsOf(digest, also);
  const tree = new PublishedTree(ledger);
  return { digest, digests, form, tree, tag: tagOf(instance, tree, form, `${digest} ${also ?? ''}`) };
}

/** The digests that entries name it by. Throws `not-recorded` where nothing in this tree names the artefact. */
async function recordedOf({ digests, tree }: Asked): Promise<Digests> {
  const named = await Promise.all(
    Object.entries(digests).map(async ([alg, hex]: [string, string]) => {
      const subject = `${alg}:${hex}`;
      const places = await Promise.all(
        (['build', 'database-update'] as const).map((type) => tree.search({ subject, type }, { limit: 1 })),
      );
      return places.flat().length === 0 ? [] : [[alg, hex] as const];
    }),
  );
  if (named.flat().length === 0) throw notRecorded(tree.size);
  return Object.fromEntries(named.flat());
}

function notRecorded(size: number): LedgerError {
  return new LedgerError('not-recorded', 'the ledger has no entry about this artefact', {
    expected: 'a build or a database update that names the digest',
    got: `none as of ${grouped(size)}; that there is none, only a replay of the log proves`,
    facts: { size },
  });
}

function setHeaders(context: Context, { tag }: Asked): void {
  context.vary('Accept');
  context.set('Cache-Control', briefly);
  context.set('ETag', tag);
}

/** Some entries name an artefact by one algorithm and some by the other: who knows both is shown all of them. */
function digestsOf(digest: string, also: string | undefined): Digests {
  const { alg, hex } = parseSubjectDigest(digest);
  if (also === undefined) return { [alg]: hex };
  const other = parseSubjectDigest(also);
  if (other.alg === alg) throw badParameter('also', 'a digest by the other algorithm', alg);
  return { [alg]: hex, [other.alg]: other.hex };
}

function formOf(context: Context, format: string | undefined): Form {
  if (format === 'json' || format === 'bundle') return format;
  if (format !== undefined) throw badParameter('format', 'json or bundle', lengthOf(format));
  const accepted = context.accepts(json, bundleMediaType);
  if (accepted === json) return 'json';
  if (accepted === bundleMediaType) return 'bundle';
  throw new LedgerError('not-acceptable', 'no form of the answer is acceptable to the client', {
    expected: `${json} or ${bundleMediaType}`,
  });
}

/** A hash of all that the answer is made from. */
function tagOf(instance: Uint8Array, { checkpoint }: PublishedTree, form: Form, asked: string): string {
  const hash = createHash('sha256').update(instance).update(checkpoint).update(`${form} ${asked}`);
  return `"${hash.digest('hex').slice(0, 32)}"`;
}

/** Throws `not-recorded` where nothing in this tree names the digest. */
async function answerFrom(tree: PublishedTree, digests: Digests, trust: Trust): Promise<ArtifactAnswer> {
  const { size } = tree;
  const source = new LeafCache(tree);
  const search: EntrySearch = {
    search: (filters, page) => tree.search(filters, page),
    byIndex: (index) => source.byIndex(index),
  };
  const { indices, all } = await collectEntries({ source: search, digests, size });
  if (indices.length === 0) throw notRecorded(size);
  const bundle = await assembleBundle({
    checkpoint: tree.checkpoint,
    source,
    indices,
    authorities: [...(trust.authority === undefined ? [] : [trust.authority.leafHash]), tree.authority],
  });
  const shown = new Set(bundle.leaves.map(({ index }) => index));
  const whole = all && indices.every((index) => shown.has(index));
  const { text, verdict, entries, namedBy } = await judgeBundle({
    trust: formatTrust(trust),
    digests,
    bundle,
  });
  const facts = JSON.stringify({ size, all: whole, verdict, entries }).slice(1, -1);
  const asked = new Map<string, Buffer>();
  return {
    bundle: Buffer.from(text),
    // The bundle's own canonical text, so that it is the file byte for byte when it is written canonically again.
    json: (digest) => {
      const bytes = asked.get(digest) ?? Buffer.from(`{"artifact":"${digest}",${facts},"bundle":${text}}`);
      asked.set(digest, bytes);
      return bytes;
    },
    namedBy: new Set(namedBy),
  };
}

function send(context: Context, { form, digest, tag }: Asked, answer: ArtifactAnswer): void {
  if (matchesTag(context.req, tag)) {
    context.status = 304;
    return;
  }
  if (form === 'json') {
    sendBytes(context, json, answer.json(digest));
    return;
  }
  const name = digest.replace(':', '-').slice(0, 23);
  context.set('Content-Disposition', `attachment; filename="${name}.isal-bundle"`);
  sendBytes(context, bundleMediaType, answer.bundle);
}
