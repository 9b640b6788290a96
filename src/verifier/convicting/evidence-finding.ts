/** What the judgement of an evidence file comes to. */
import type { EvidenceKind } from './evidence-file.ts';

/** Whose word is broken. */
export type Accused = 'log' | 'source' | 'witnesses';

/** What an evidence file proves. */
export interface EvidenceFinding {
  readonly kind: EvidenceKind;
  readonly origin: string;
  readonly against: readonly Accused[];
  /** One line in plain English; may hold text from signed statements, so escape it before it meets a terminal. */
  readonly text: string;
  /** Sizes of the checkpoints that it rests on. */
  readonly sizes: readonly number[];
  /** Indices of the leaves that it speaks of. */
  readonly indices: readonly number[];
  /** The same for machines. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}
