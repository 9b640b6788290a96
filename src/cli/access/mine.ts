/**
 * `isal access mine`: the accesses to one customer's data. The tags are derived
 * here and the whole log is read, every leaf alike, so that the ledger learns
 * neither the secret nor a tag nor which events were looked for. Only a replay
 * also shows that there are no others.
 */
import { CustomerTags, parseCustomerSecret } from '../../attestation/customer-tag.ts';
import { ownAccessAnswer, ownAccessPoints, ownAccessRemarks } from '../../verifier/answering/own-accesses.ts';
import type { JudgedAccess, OwnAccessAnswer } from '../../verifier/answering/own-accesses.ts';
import { answerMark } from '../../verifier/answering/point.ts';
import { OwnAccesses } from '../../verifier/folds/own-accesses.ts';
import type { Replay } from '../../verifier/folds/replay.ts';
import { hopText, pointText } from '../../words/index.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { plainLine } from '../terminal/marks.ts';
import { readSecret } from '../terminal/secret-file.ts';
import { exits, pointLine, readLog } from '../online/whole-log.ts';

export async function mine({ values }: Given<typeof described.mine>, io: Io): Promise<ExitStatus> {
  const secret = await readSecret(values.secret, { readable: values['readable-keys'] });
  const fold = new OwnAccesses(new CustomerTags(parseCustomerSecret(secret)));
  const { checkpoint, replay } = await readLog(values, [fold], io);
  const answer = ownAccessAnswer(fold.result(), replay);
  const points = ownAccessPoints(answer, replay);
  const exit = exits[answerMark(points)];
  if (values.json) {
    io.stdout(`${JSON.stringify({ ...answerJson(answer, replay), exit, checkpoint })}\n`);
    return exit;
  }
  for (const point of points) io.stdout(pointLine(point, io));
  for (const [at, remark] of ownAccessRemarks(answer, replay).entries()) {
    io.stdout(plainLine(at === 0 ? 'ANSWER' : '', pointText(remark)));
  }
  return exit;
}

function answerJson(
  { accesses, count, all, gaps }: OwnAccessAnswer,
  { findings, findingCount }: Replay,
): object {
  const events = accesses.map(accessJson);
  return { events, eventCount: count, accesses: all, gaps, findings, findingCount };
}

function accessJson({ access: { entry, predicate }, corrections, keys }: JudgedAccess): object {
  const { eventId, occurredAt, activity, outcome, initiation, categories, destinationCountry } = predicate;
  const { employer, role, physicalCountry } = predicate.actor;
  return {
    index: entry.index,
    leafHash: entry.leafHash,
    eventId,
    occurredAt,
    activity,
    outcome,
    initiation,
    categories,
    reason: predicate.reason.type,
    employer,
    role,
    physicalCountry,
    destinationCountry,
    corrections: corrections.map((correction) => ({
      index: correction.index,
      text: hopText(correction),
    })),
    keys,
  };
}
