/** The kept verdicts on disk: a file for each group, a line for each command. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture } from './place.ts';
import type { Deviation, Kept, Words } from './verdict.ts';

const expected = join(fixture, 'expected');

/** Group → its verdicts, in the order in which the commands are run. */
export function readKept(): Map<string, readonly Kept[]> {
  mkdirSync(expected, { recursive: true });
  const files = readdirSync(expected).filter((name) => name.endsWith('.json'));
  return new Map(files.map((name) => [name.replace('.json', ''), readJson(join(expected, name)) as Kept[]]));
}

export function readWords(): Readonly<Record<string, Words>> {
  return readJson(join(fixture, 'words.json')) as Record<string, Words>;
}

export function readDeviations(): readonly Deviation[] {
  return readJson(join(fixture, 'deviations.json')) as Deviation[];
}

export function writeKept(group: string, verdicts: readonly Kept[]): void {
  mkdirSync(expected, { recursive: true });
  const lines = verdicts.map((one) => JSON.stringify(one));
  writeFileSync(join(expected, `${group}.json`), `[\n${lines.join(',\n')}\n]\n`);
}

export function writeWords(words: Readonly<Record<string, Words>>): void {
  const lines = Object.entries(words).map(([id, of]) => `${JSON.stringify(id)}:${JSON.stringify(of)}`);
  writeFileSync(join(fixture, 'words.json'), `{\n${lines.join(',\n')}\n}\n`);
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
