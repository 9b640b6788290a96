/** All that help, completion and manual pages are made of. */
import type { Family } from '../terminal/command.ts';
import type { Group } from './page.ts';

export interface Table {
  /** `isal` itself, and every command below it. */
  readonly root: Family;
  /** Its commands by whom they are for. */
  readonly groups: readonly Group[];
}
