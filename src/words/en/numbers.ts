/** Numbers in English sentences that are written where they are needed, as on a command line. */
import { sayIn } from '../say.ts';

const say = sayIn('en');

/** 48211 → "48,211". */
export const grouped: (value: number) => string = say.number;

/** 2, "entry", "entries" → "2 entries". */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return say.count(count, { one, other: many });
}
