/** What every code comes to, as literal values: none of them may change, and none be added without them. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { LedgerError, errorCodes, errorTable, isErrorCode } from '../src/errors.ts';
import type { ErrorRow } from '../src/errors.ts';
import { explanations } from '../src/cli/explain/explanations.ts';
import { exitStatus } from '../src/cli/terminal/exit.ts';
import { problemOf } from '../src/http/exchange/problem.ts';
import { statusOf, witnessStatusOf } from '../src/http/exchange/status.ts';
import { answerOf } from '../src/verifier/judging/answer.ts';

/** Code, exit status, HTTP status, that of a witness, seconds of Retry-After, a verifier's answer. */
const golden = `
  bad-hex                  1 400 400  - contradicted
  bad-base64               1 400 400  - contradicted
  bad-utf8                 1 400 400  - contradicted
  bad-number               1 400 400  - contradicted
  byte-order-mark          1 400 400  - contradicted
  not-json                 1 400 400  - contradicted
  too-deep                 1 400 400  - contradicted
  duplicate-key            1 400 400  - contradicted
  lone-surrogate           1 400 400  - contradicted
  unsafe-number            1 400 400  - contradicted
  payload-not-canonical    1 400 400  - contradicted
  envelope-not-canonical   1 400 400  - contradicted
  unknown-member           1 400 400  - contradicted
  too-large                1 413 413  - contradicted
  empty                    1 400 400  - contradicted
  bad-key                  4 422 422  - contradicted
  weak-key                 1 422 422  - contradicted
  key-readable-by-others   4 500 500  - contradicted
  file-writable-by-others  4 500 500  - contradicted
  malformed-note           1 500 400  - contradicted
  malformed-checkpoint     1 500 400  - contradicted
  malformed-policy         4 500 500  - contradicted
  malformed-proof          1 500 500  - contradicted
  malformed-tile           1 500 500  - contradicted
  malformed-bundle         1 500 500  - contradicted
  malformed-evidence       1 500 500  - contradicted
  malformed-disclosure     1 500 500  - contradicted
  malformed-trust          4 500 500  - contradicted
  malformed-watch          4 500 500  - contradicted
  malformed-anchor         1 500 500  - contradicted
  malformed-add-checkpoint 1 500 400  - contradicted
  malformed-seal           1 500 500  - contradicted
  bad-signature            1 403 403  - contradicted
  no-known-signature       3 500 403  - policy
  quorum-not-met           3 503 503 30 policy
  stale-checkpoint         3 500 500  - policy
  checkpoint-too-small     3 500 500  - policy
  origin-mismatch          1 500 500  - contradicted
  unknown-log              2 500 404  - contradicted
  size-conflict            1 500 409  - contradicted
  clock-behind             5 500 503  - contradicted
  out-of-range             4 400 400  - contradicted
  inclusion-failed         1 500 500  - contradicted
  consistency-failed       1 500 422  - contradicted
  root-mismatch            1 500 422  - contradicted
  leaf-mismatch            1 500 500  - contradicted
  unknown-type             1 422 422  - contradicted
  schema-violation         1 422 422  - contradicted
  placeholder              4 500 500  - contradicted
  subject-mismatch         1 422 422  - contradicted
  wrong-origin             1 422 422  - contradicted
  authority-superseded     1 409 409  - contradicted
  authority-invalid        1 422 422  - contradicted
  authority-unproven       2 500 500  - not-proven
  unknown-signer           1 403 403  - contradicted
  key-not-in-force         1 403 403  - contradicted
  missing-role             1 403 403  - contradicted
  same-organisation        1 403 403  - contradicted
  superfluous-signature    1 403 403  - contradicted
  duplicate-signature      1 400 400  - contradicted
  source-not-allowed       1 403 403  - contradicted
  source-conflict          1 409 409  - contradicted
  summary-late             2 500 500  - not-proven
  unknown-target           1 409 409  - contradicted
  already-recorded         1 409 409  - contradicted
  store-exists             4 500 500  - contradicted
  store-missing            4 503 503 30 contradicted
  store-locked             4 503 503 30 contradicted
  store-corrupt            1 503 503 30 contradicted
  store-unreadable         5 503 503 30 contradicted
  store-failed             1 503 503 30 contradicted
  store-behind-anchor      1 503 503 30 contradicted
  anchor-missing           1 503 503 30 contradicted
  anchor-taken             1 503 503 30 contradicted
  signer-lost              5 503 503 30 contradicted
  head-conflict            1 503 503 30 contradicted
  queue-full               5 503 503  1 contradicted
  too-many-requests        5 429 429  1 contradicted
  shutting-down            5 503 503  5 contradicted
  recorded-not-published   5 503 503  5 contradicted
  read-only                5 503 503 300 contradicted
  below-quorum             5 503 503 10 contradicted
  behind-witnesses         1 503 503 30 contradicted
  fork-witnessed           1 503 503 30 contradicted
  not-ready                5 503 503  5 contradicted
  not-found                2 404 404  - contradicted
  method-not-allowed       5 405 405  - contradicted
  bad-request              5 400 400  - contradicted
  wrong-media-type         5 415 415  - contradicted
  not-acceptable           5 406 406  - contradicted
  timeout                  5 503 503  5 contradicted
  internal                 5 500 500  - contradicted
  usage                    4 500 500  - contradicted
  no-trust-file            4 500 500  - contradicted
  file-unreadable          4 500 500  - contradicted
  unreachable              5 500 500  - contradicted
  server-error             5 500 500  - contradicted
  digest-mismatch          1 500 500  - contradicted
  not-recorded             2 404 404  - not-proven
  not-evidence             2 500 500  - not-proven
  corrected                1 500 500  - contradicted
  seal-invalid             1 500 500  - contradicted
  seal-untrusted           2 500 500  - not-proven
  rebuild-differs          1 500 500  - contradicted
  chain-broken             1 500 500  - contradicted
  requirement-not-met      3 500 500  - policy
  disclosure-mismatch      1 500 500  - contradicted
  erased                   2 500 500  - not-proven
`;

/** What a column or a class tells apart, and where that is asked. */
const sets: Readonly<Record<string, readonly [(row: ErrorRow) => boolean, string]>> = {
  'bytes that are not those of the signed tree, to a monitor and to fsck': [
    ({ tree = false }) => tree,
    'malformed-tile inclusion-failed consistency-failed root-mismatch leaf-mismatch',
  ],
  'what a server may say to one who reads': [
    ({ relayed = false }) => relayed,
    'out-of-range queue-full too-many-requests shutting-down recorded-not-published not-ready not-found bad-request timeout',
  ],
  'what alerts watch': [
    ({ alerts = false }) => alerts,
    'source-conflict queue-full too-many-requests below-quorum',
  ],
  'what stops a ledger or a monitor': [
    (row) => row.class === 'own-store',
    'malformed-anchor store-missing store-locked store-corrupt store-failed store-behind-anchor anchor-missing anchor-taken signer-lost head-conflict behind-witnesses fork-witnessed',
  ],
  'what is the caller’s own, and no verdict': [
    (row) => row.class === 'caller',
    'key-readable-by-others file-writable-by-others malformed-policy malformed-trust malformed-watch placeholder store-exists usage no-trust-file file-unreadable',
  ],
  'what teaches nothing about a log': [
    (row) => row.class === 'transport',
    'unknown-log clock-behind store-unreadable queue-full too-many-requests shutting-down recorded-not-published read-only below-quorum not-ready not-found method-not-allowed bad-request wrong-media-type not-acceptable timeout internal unreachable server-error',
  ],
};

/** Three words or more in a row, as an array or a set lists them, or a chain of comparisons. */
const listed = /'[a-z0-9-]+'(?:(?:\s*,\s*|\s*\|\|[^'|&]*===\s*)'[a-z0-9-]+'){2,}/g;

const rows = golden
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/));

describe('errors', () => {
  it('have the exit status, HTTP statuses and answer that they always had', () => {
    const today = errorCodes.map((code) => {
      const { retryAfter = '-' } = problemOf(new LedgerError(code, 'x'));
      const statuses = [exitStatus[code], statusOf[code], witnessStatusOf[code]];
      return [code, ...statuses.map(String), String(retryAfter), answerOf(code)];
    });
    expect(today).to.deep.equal(rows);
  });

  for (const [name, [belongs, codes]] of Object.entries(sets)) {
    it(`tell apart ${name}`, () => {
      const told = errorCodes.filter((code) => belongs(errorTable[code]));
      expect(told).to.have.members(codes.split(' '));
    });
  }

  it('are listed nowhere else: a set of codes is a column, or follows from a class', async () => {
    for (const path of await sourceFiles('src')) {
      if (path.includes('/generated/') || path === join('src', 'errors.ts')) continue;
      const lists = (await readFile(path, 'utf8')).match(listed) ?? [];
      for (const list of lists) {
        const names = [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
        expect(names.every(isErrorCode), `${path}: ${list}`).to.equal(false);
      }
    }
  });

  it('are each explained, at more length than a title', () => {
    expect(Object.keys(explanations)).to.have.members(errorCodes);
    for (const code of errorCodes) expect(explanations[code].length, code).to.be.above(40);
  });
});

async function sourceFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}
