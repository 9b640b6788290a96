/**
 * What c2sp.org/tlog-witness says of `add-checkpoint`, as requests in order to a
 * witness that knows one log and has cosigned nothing yet.
 */
import { toBase64, utf8 } from '../../src/bytes.ts';
import { formatAddCheckpoint } from '../../src/note/add-checkpoint.ts';
import { formatNote, signNote } from '../../src/note/note.ts';
import { signerKey } from '../../src/note/key.ts';
import { seed } from '../note/make.ts';
import { WitnessedLog, damaged } from './log.ts';

export interface WitnessCase {
  readonly what: string;
  readonly body: Uint8Array;
  readonly status: number;
  /** The body of a 409. */
  readonly remembered?: string;
  /** The text of the checkpoint that a 200 cosigns. */
  readonly cosigns?: string;
  /** litewitness does not check this, or answers 500: the case is for our witness alone. */
  readonly oursAlone?: true;
}

export const caseLog: WitnessedLog = new WitnessedLog({ origin: 'cases.example/log' });
const forked = new WitnessedLog({ origin: 'cases.example/log', history: 1, shared: 3 });

export async function witnessCases(): Promise<WitnessCase[]> {
  const request = async (
    from: number,
    to: number,
    changes: { oldSize?: number; proof?: readonly Uint8Array[]; checkpoint?: Uint8Array } = {},
  ): Promise<Uint8Array> => formatAddCheckpoint({ ...(await caseLog.request(from, to)), ...changes });
  const stranger = signerKey({ name: caseLog.origin, type: 1, seed: seed(77) });
  const strange = utf8(formatNote(signNote(caseLog.text(5), [stranger])));
  const wrongEmpty = caseLog.text(0).replace(toBase64(caseLog.head(0).root), toBase64(caseLog.head(1).root));
  const hash = caseLog.head(1).root;
  const tooMany = utf8(`old 0\n${`${toBase64(hash)}\n`.repeat(64)}\n`);
  return [
    { what: 'nothing', body: utf8('\n'), status: 400 },
    { what: 'no old size', body: caseLog.checkpoint(5), status: 400 },
    { what: 'an old size that is no number', body: utf8('old five\n\nx'), status: 400 },
    { what: 'a proof line that is no hash', body: utf8('old 0\nAAAA\n\nx'), status: 400 },
    { what: '64 proof lines', body: tooMany, status: 400 },
    { what: 'a leading zero', body: utf8('old 00\n\nx'), status: 400, oursAlone: true },
    { what: 'no note', body: utf8('old 0\n\nx'), status: 400, oursAlone: true },
    {
      what: 'an unknown log',
      body: await new WitnessedLog({ origin: 'unknown.example' }).body(0, 5),
      status: 404,
    },
    { what: 'a key that is not trusted', body: await request(0, 5, { checkpoint: strange }), status: 403 },
    {
      what: 'a signature that fails',
      body: await request(0, 5, { checkpoint: damaged(caseLog.checkpoint(5)) }),
      status: 403,
    },
    { what: 'an old size above the new one', body: await request(0, 5, { oldSize: 6 }), status: 400 },
    {
      what: 'an old size where nothing was cosigned',
      body: await request(3, 5),
      status: 409,
      remembered: '0\n',
    },
    {
      what: 'a size 0 that is not empty',
      body: await request(0, 0, { checkpoint: caseLog.checkpoint(0, { text: wrongEmpty }) }),
      status: 422,
      oursAlone: true,
    },
    {
      what: 'a proof from size 0',
      body: await request(0, 5, { proof: [hash] }),
      status: 422,
      oursAlone: true,
    },
    { what: 'a first checkpoint', body: await request(0, 5), status: 200, cosigns: caseLog.text(5) },
    { what: 'a first checkpoint again', body: await request(0, 5), status: 409, remembered: '5\n' },
    { what: 'a proof from too large a size', body: await request(6, 9), status: 409, remembered: '5\n' },
    { what: 'the same checkpoint', body: await request(5, 5), status: 200, cosigns: caseLog.text(5) },
    { what: 'another root of the same size', body: await forked.body(5, 5), status: 422 },
    { what: 'no proof', body: await request(5, 9, { proof: [] }), status: 422 },
    {
      what: 'a proof to another size',
      body: await request(5, 9, { proof: await caseLog.proof(5, 10) }),
      status: 422,
    },
    { what: 'a fork with its own proof', body: await forked.body(5, 9), status: 422 },
    { what: 'a proof where none is needed', body: await request(5, 5, { proof: [hash] }), status: 422 },
    { what: 'a larger checkpoint', body: await request(5, 13), status: 200, cosigns: caseLog.text(13) },
    { what: 'a smaller one after it', body: await request(5, 9), status: 409, remembered: '13\n' },
    { what: 'a smaller one, admitted', body: await request(5, 9, { oldSize: 13 }), status: 400 },
    { what: 'the largest', body: await request(13, 40), status: 200, cosigns: caseLog.text(40) },
  ];
}
