import { expect } from 'chai';
import { orderedAnswers } from '../../../src/http/exchange/ordered.ts';

/** Questions that are asked, and answers that are given, when the test says so. */
function harness(window: number) {
  const asked: string[] = [];
  const released: string[] = [];
  const resolvers = new Map<string, () => void>();
  const supply: ((result: IteratorResult<string, void> | Error) => void)[] = [];
  let waiting: (() => void) | undefined;
  const rest: AsyncIterator<string, void, void> = {
    next: () =>
      new Promise((resolve, reject) => {
        supply.push((result) => (result instanceof Error ? reject(result) : resolve(result)));
        waiting?.();
      }),
  };
  const answers = orderedAnswers<string>({
    first: 'q0',
    rest,
    window,
    answer: (question) => {
      asked.push(question);
      const answered = { text: `answer to ${question}`, release: () => void released.push(question) };
      return new Promise((resolve) => resolvers.set(question, () => resolve(answered)));
    },
  });
  return {
    asked,
    released,
    answers,
    answer: (question: string) => resolvers.get(question)?.(),
    /** Waits until the reader asks for more, and gives it. */
    async give(result: string | undefined | Error): Promise<void> {
      if (supply.length === 0) await new Promise<void>((resolve) => (waiting = resolve));
      waiting = undefined;
      supply.shift()?.(
        result instanceof Error
          ? result
          : result === undefined
            ? { done: true, value: undefined }
            : { value: result },
      );
      // The reader takes it in a microtask.
      await Promise.resolve();
      await Promise.resolve();
    },
    get readerWaits(): boolean {
      return supply.length > 0;
    },
  };
}

describe('http/ordered', () => {
  it('answers in the order of the questions, whatever is ready first', async () => {
    const h = harness(8);
    const first = h.answers.next();
    await h.give('q1');
    await h.give('q2');
    await h.give(undefined);
    h.answer('q2');
    h.answer('q1');
    h.answer('q0');
    const texts = [(await first).value];
    for await (const text of h.answers) texts.push(text);
    expect(texts).to.deep.equal(['answer to q0', 'answer to q1', 'answer to q2']);
  });

  it('gives an answer that is ready while the next question has not come', async () => {
    const h = harness(8);
    const first = h.answers.next();
    h.answer('q0');
    expect((await first).value).to.equal('answer to q0');
    const second = h.answers.next();
    await h.give('q1');
    h.answer('q1');
    expect((await second).value).to.equal('answer to q1');
  });

  it('stops reading at the window and goes on when an answer has left', async () => {
    const h = harness(2);
    const first = h.answers.next();
    await h.give('q1');
    expect(h.asked).to.deep.equal(['q0', 'q1']);
    expect(h.readerWaits).to.equal(false);
    h.answer('q0');
    await first;
    expect(h.released).to.deep.equal([]);
    // Asking for the next answer says that the first one has left.
    const second = h.answers.next();
    await h.give('q2');
    expect(h.released).to.deep.equal(['q0']);
    h.answer('q1');
    await second;
    expect(h.asked).to.deep.equal(['q0', 'q1', 'q2']);
  });

  it('ends after the last whole question when reading fails', async () => {
    const h = harness(8);
    const first = h.answers.next();
    await h.give(new Error('connection reset'));
    h.answer('q0');
    expect((await first).value).to.equal('answer to q0');
    expect((await h.answers.next()).done).to.equal(true);
  });

  it('gives back what unread answers hold when nobody reads on', async () => {
    const h = harness(8);
    const first = h.answers.next();
    await h.give('q1');
    h.answer('q0');
    await first;
    await h.answers.return();
    h.answer('q1');
    await h.give('q2');
    expect(h.asked).to.deep.equal(['q0', 'q1']);
    expect(h.released).to.deep.equal(['q0', 'q1']);
  });
});
