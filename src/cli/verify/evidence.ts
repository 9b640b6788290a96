/** `isal verify --evidence FILE`: does this file prove that somebody has broken their word? Opens no socket. */
import { LedgerError } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import { answerOf } from '../../verifier/judging/answer.ts';
import type { Answer } from '../../verifier/judging/answer.ts';
import { maxEvidenceBytes } from '../../verifier/convicting/evidence-file.ts';
import { verifyEvidence } from '../../verifier/convicting/evidence.ts';
import { evidenceFacts } from '../../verifier/convicting/evidence-finding.ts';
import type { EvidenceFinding } from '../../verifier/convicting/evidence-finding.ts';
import { failureOf } from '../../verifier/proving/failure.ts';
import { exitStatusOf } from '../terminal/exit.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { failureText, markLine, plainLine } from '../terminal/marks.ts';
import { pinnedTrust } from '../online/trust.ts';
import { againstText, evidenceText } from '../../words/index.ts';

/** Exit status 0 if the evidence holds: what a script asks is whether the file proves what it says. */
export async function verifyEvidenceFile(
  path: string,
  { trust: file, json }: { readonly trust: string | undefined; readonly json: boolean },
  io: Io,
): Promise<ExitStatus> {
  const trust = await pinnedTrust(file, io);
  const bytes = await readSmall(path, maxEvidenceBytes);
  try {
    const finding = verifyEvidence(bytes, trust);
    io.stdout(
      json
        ? `${JSON.stringify({ exit: 0, holds: true, evidence: path, ...findingJson(finding) })}\n`
        : findingText(finding, io),
    );
    return exitStatusOf.proven;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    const answer = evidenceAnswer(error.code);
    const exit = exitStatusOf[answer];
    const failure = failureOf(error);
    io.stdout(
      json
        ? `${JSON.stringify({ exit, holds: false, evidence: path, failure })}\n`
        : markLine(answer === 'contradicted' ? 'contradicted' : 'not-shown', 'Evidence', error.message, io) +
            plainLine('ANSWER', `${answers[answer]} It convicts nobody.`) +
            failureText(failure),
    );
    return exit;
  }
}

/** Its members keep the names and the order that they have always had. */
function findingJson(finding: EvidenceFinding): object {
  const { kind, origin, against, sizes, indices } = finding;
  const facts = evidenceFacts(finding);
  return { kind, origin, against, text: evidenceText(finding), sizes, indices, facts };
}

function findingText(finding: EvidenceFinding, io: Io): string {
  const { kind, origin } = finding;
  return [
    markLine('proven', 'Evidence', `${kind}: ${evidenceText(finding)}`, io),
    plainLine('Ledger', origin),
    plainLine('Against', againstText(finding)),
    ...Object.entries(evidenceFacts(finding)).map(
      ([name, value]) => `  ${plainLine(name, value === '' ? 'none' : String(value))}`,
    ),
    plainLine(
      'ANSWER',
      'the evidence holds. Whoever pins this trust file can check it without asking anybody.',
    ),
  ].join('');
}

const answers: Readonly<Record<Exclude<Answer, 'proven'>, string>> = {
  contradicted: 'the file is malformed, or was changed.',
  'not-proven': 'all that is shown holds, and it proves no broken word.',
  policy: 'a signature or a quorum that the trust file asks for is missing.',
};

/** What does not decide is no more than not proven, whatever the same code means of a file. */
function evidenceAnswer(code: ErrorCode): Exclude<Answer, 'proven'> {
  return code === 'unknown-type' ? 'not-proven' : answerOf(code);
}
