/** The near side of `reading-worker.ts`: one thread for every ledger in this process; it starts with the first question. */
import type { DescribeItems, DescribeLeaves } from '../../ledger/searching/page.ts';
import { Thread } from '../../platform/thread.node.ts';
import type { JudgeQuestion, JudgedBundle, ReadingQuestion } from './reading-worker.ts';

const thread = new Thread<ReadingQuestion, unknown>({
  worker: new URL('./reading-worker.js', import.meta.url),
  what: 'works for readers',
  // The lines before it bound what it is given; should that fail, it ends alone.
  heapMiB: 192,
});

export function judgeBundle(question: JudgeQuestion): Promise<JudgedBundle> {
  return thread.ask({ kind: 'judge', ...question }) as Promise<JudgedBundle>;
}

export const describeItems: DescribeItems = (filters, items) =>
  thread.ask({ kind: 'describe', filters, items }) as ReturnType<DescribeItems>;

export const describeCorrections: DescribeLeaves = (leaves) =>
  thread.ask({ kind: 'corrections', leaves }) as ReturnType<DescribeLeaves>;
