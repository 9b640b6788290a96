/**
 * Keeps what the commands answer:
 *
 *     npx tsc && node dist/test/compat/record.js
 *
 * A verdict that is kept already is never replaced: a command that has none yet
 * gets one, and what differs from a kept one is printed as `deviations.json`
 * takes it, with a reason to be filled in. Words are kept as they are today.
 */
import { answersOf } from './answers.ts';
import { readDeviations, readKept, writeKept, writeWords } from './kept.ts';
import { Site } from './site.ts';
import { differencesOf, isOf } from './verdict.ts';

const sites = { resting: await Site.open(), served: await Site.open() };
try {
  const { verdicts, words } = await answersOf(sites);
  const kept = readKept();
  for (const [group, fresh] of verdicts) {
    const known = new Map((kept.get(group) ?? []).map((one) => [one.id, one]));
    writeKept(
      group,
      fresh.map((one) => known.get(one.id) ?? one),
    );
    const added = fresh.filter(({ id }) => !known.has(id)).length;
    if (added > 0) process.stdout.write(`${group}: ${added} of ${fresh.length} added\n`);
  }
  writeWords(words);
  const deviations = readDeviations();
  for (const difference of differencesOf(kept, verdicts)) {
    if (deviations.some((deviation) => isOf(deviation, difference))) continue;
    process.stdout.write(`${JSON.stringify({ ...difference, reason: '' })}\n`);
  }
} finally {
  await sites.resting.close();
  await sites.served.close();
}
