/**
 * `npm run test:shuffled -- [SEED]`: the files of `npm test`, one after the
 * other in one process, in an order that the seed decides. What one file
 * leaves behind must not matter to any other.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Random } from './random.ts';

const [given = String(randomInt(2 ** 32))] = process.argv.slice(2);
if (!/^[0-9]{1,10}$/.test(given)) throw new Error(`a seed is a whole number, not ${given}`);

const here = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.js'))
  .toSorted();
const random = new Random(Number(given));
const order: string[] = [];
while (files.length > 0) order.push(...files.splice(random.below(files.length), 1));

console.log(`${order.length} files; the same order again: npm run test:shuffled -- ${given}`);
const mocha = fileURLToPath(new URL('../../node_modules/mocha/bin/mocha.js', import.meta.url));
const args = ['--no-package', '--timeout', '20000', ...order.map((name) => here + name)];
const [status] = await once(spawn(process.execPath, [mocha, ...args], { stdio: 'inherit' }), 'close');
process.exitCode = Number(status ?? 1);
