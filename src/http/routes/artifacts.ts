/**
 * All about one artefact in one answer: the bundle that a verdict rests on,
 * and the verdict that the same verifier gives on it under the ledger's own
 * trust file. A customer who relies on it judges the bundle under the trust file
 * that they pinned; what this server thinks of it proves nothing.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { LedgerError, lengthOf } from '../../errors.ts';
import { grouped } from '../../words/en/numbers.ts';
import { assembleBundle } from '../../verifier/collecting/assemble.ts';
import { maxBundleBytes } from '../../verifier/proving/bundle.ts';
import { collectEntries } from '../../verifier/collecting/collect.ts';
import type { EntrySearch } from '../../verifier/collecting/collect.ts';
import { LeafCache } from '../../verifier/proving/leaf-cache.ts';
import type { Digests } from '../../verifier/folds/subject.ts';
import { formatTrust } from '../../verifier/trust.ts';
import type { Trust } from '../../verifier/trust.ts';
import { Thread } from '../../platform/thread.node.ts';
import { briefly, matchesTag } from '../exchange/headers.ts';
import { PublishedTree } from './published-tree.ts';
import type { JudgeQuestion, JudgedBundle } from './judge-worker.ts';
import { digestForm, parseSubjectDigest } from '../../attestation/search-fields.ts';
import { badParameter, parseQuery } from '../exchange/query.ts';
import { Recent } from '../exchange/recent.ts';
import type { Route, Service } from '../exchange/route.ts';
import { jsonResponse, problemResponses, queryParameter, sendText } from '../exchange/route.ts';
import { Turns } from '../exchange/turns.ts';

const json = 'application/json';
const bundleMediaType = 'application/vnd.isal.bundle+json';

/** What making one answer may hold in memory: leaves and proofs, the bundle's text, and what verifying it decodes. */
const workBytes = 3 * maxBundleBytes;
/** Finished answers that are kept until the next checkpoint: on a day of release all ask for one file. */
const keptBytes = 16 << 20;

/** One thread judges for every ledger in this process; it starts with the first question. */
const judge = new Thread<JudgeQuestion, JudgedBundle>({
  worker: new URL('./judge-worker.js', import.meta.url),
  what: 'judges bundles',
});

/** What is answered about an artefact, in both forms. */
interface ArtifactAnswer {
  readonly bundle: string;
  /** The JSON answer but for the bundle, which it ends with. */
  readonly head: string;
}

export function artifactRoutes(service: Service): readonly Route[] {
  const { ledger, limits, trust, reading } = service;
  const turns = new Turns({ running: limits.artifactsAtOnce, waiting: limits.artifactsInLine });
  const recent = new Recent<ArtifactAnswer>(keptBytes, ({ bundle, head }) => bundle.length + head.length);
  // The same tree may be answered in other words by the next version of this program.
  const instance = randomBytes(16);
  const make = (tree: PublishedTree, digests: Digests): Promise<ArtifactAnswer> =>
    turns.take(async () => {
      const release = reading.take(workBytes);
      try {
        return await answerFrom(tree, digests, trust);
      } finally {
        release();
      }
    });
  return [
    {
      method: 'get',
      path: '/api/v1/artifacts/{digest}',
      operation: {
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
          ...problemResponses(400, 404, 406, 503),
        },
      },
      handle: async (context, { digest = '' }) => {
        const { format, also } = parseQuery(context.querystring, ['format', 'also']);
        const form = formOf(context, format);
        const digests = digestsOf(digest, also);
        const tree = new PublishedTree(ledger);
        const asked = `${digest} ${also ?? ''}`;
        const tag = tagOf(instance, tree, form, asked);
        const answer = await recent.get(tree.checkpoint, asked, () => make(tree, digests));
        context.vary('Accept');
        context.set('Cache-Control', briefly);
        context.set('ETag', tag);
        if (matchesTag(context.req, tag)) context.status = 304;
        else send(context, { form, digest, answer });
      },
    },
  ];
}

type Form = 'json' | 'bundle';

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
  if (indices.length === 0) {
    throw new LedgerError('not-recorded', 'the ledger has no entry about this artefact', {
      expected: 'a build or a database update that names the digest',
      got: `none as of ${grouped(size)}; that there is none, only a replay of the log proves`,
      facts: { size },
    });
  }
  const bundle = await assembleBundle({
    checkpoint: tree.checkpoint,
    source,
    indices,
    authorities: [...(trust.authority === undefined ? [] : [trust.authority.leafHash]), tree.authority],
  });
  const shown = new Set(bundle.leaves.map(({ index }) => index));
  const whole = all && indices.every((index) => shown.has(index));
  const { text, verdict, entries } = await judge.ask({ trust: formatTrust(trust), digests, bundle });
  const [[alg, hex] = ['', '']] = Object.entries(digests);
  return {
    bundle: text,
    head: JSON.stringify({ artifact: `${alg}:${hex}`, size, all: whole, verdict, entries }),
  };
}

function send(
  context: Context,
  { form, digest, answer }: { readonly form: Form; readonly digest: string; readonly answer: ArtifactAnswer },
): void {
  if (form === 'json') {
    // The bundle's own canonical text, so that it is the file byte for byte when it is written canonically again.
    sendText(context, 200, json, `${answer.head.slice(0, -1)},"bundle":${answer.bundle}}`);
    return;
  }
  const name = digest.replace(':', '-').slice(0, 23);
  context.set('Content-Disposition', `attachment; filename="${name}.isal-bundle"`);
  sendText(context, 200, bundleMediaType, answer.bundle);
}
